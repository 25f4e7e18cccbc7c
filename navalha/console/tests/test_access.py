"""The shell of the operator's pages: its menu, the way in and out, what its licence asks for."""

from navalha.accounts.models import Membership, Role


def test_the_operators_menu_has_only_pages_that_exist(client, operator):
    client.force_login(operator)

    page = client.get("/servidores/").content.decode()

    assert '<a href="/servidores/" aria-current="page">' in page
    assert '<a href="/instancias/">' in page
    assert '<a href="/admin/">' in page
    assert 'href="/agenda/"' not in page


def test_the_operators_pages_say_that_the_system_uses_the_evolution_api(client, operator):
    client.force_login(operator)

    assert "Este sistema usa a Evolution API." in client.get("/instancias/").content.decode()


def test_an_operators_page_watches_every_shop(client, operator):
    client.force_login(operator)

    assert 'data-shop="0"' in client.get("/instancias/").content.decode()


def test_an_operator_who_also_works_in_a_shop_finds_the_way_there_and_back(client, operator, shop):
    Membership.objects.create(shop=shop, user=operator, role=Role.OWNER)
    client.force_login(operator)

    assert f'action="/loja/{shop.pk}/"' in client.get("/servidores/").content.decode()
    assert '<a class="account-item" href="/">' in client.get("/whatsapp/").content.decode()


def test_an_owner_sees_nothing_of_the_operators_menu(as_owner):
    page = as_owner.get("/whatsapp/").content.decode()

    assert "/servidores/" not in page
    assert "/instancias/" not in page
