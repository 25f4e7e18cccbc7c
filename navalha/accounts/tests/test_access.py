"""`@shop_view`: whose page it is."""

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from conftest import make_member
from navalha.accounts.access import SESSION_KEY, shop_view
from navalha.accounts.models import Membership, Role


@shop_view(Role.MANAGER)
def page(request):
    return HttpResponse(f"{request.shop.pk} {request.membership.role} {len(request.memberships)}")


def visit(user, chosen=None):
    request = RequestFactory().get("/pagina/")
    request.user = user
    request.session = {SESSION_KEY: chosen} if chosen else {}
    return page(request)


def test_a_member_gets_their_shop(owner, shop):
    assert visit(owner).content.decode() == f"{shop.pk} {Role.OWNER} 1"


@pytest.mark.parametrize(("role", "may"), [(Role.BARBER, False), (Role.RECEPTION, False), (Role.MANAGER, True)])
def test_a_lower_role_sees_no_page(shop, role, may):
    member = make_member(shop, "alguem@navalha.example", role)
    if may:
        assert visit(member).status_code == 200
    else:
        with pytest.raises(Http404):
            visit(member)


def test_the_session_cannot_choose_a_shop_of_others(owner, shop, other_shop):
    assert visit(owner, chosen=other_shop.pk).content.decode().startswith(f"{shop.pk} ")


def test_who_is_in_two_shops_is_at_the_chosen_one_with_its_role(owner, shop, other_shop):
    Membership.objects.create(shop=other_shop, user=owner, role=Role.MANAGER)
    assert visit(owner, chosen=other_shop.pk).content.decode() == f"{other_shop.pk} {Role.MANAGER} 2"


def test_switching_the_shop_is_remembered(as_owner, owner, other_shop):
    Membership.objects.create(shop=other_shop, user=owner, role=Role.BARBER)
    assert as_owner.post(f"/loja/{other_shop.pk}/").status_code == 302
    assert as_owner.session[SESSION_KEY] == other_shop.pk


def test_switching_to_a_shop_of_others_is_404(as_owner, other_shop, shop):
    assert as_owner.post(f"/loja/{other_shop.pk}/").status_code == 404
    assert SESSION_KEY not in as_owner.session
    assert as_owner.post("/loja/999999/").status_code == 404


def test_switching_needs_a_post_and_a_log_in(as_owner, client, shop):
    assert as_owner.get(f"/loja/{shop.pk}/").status_code == 405
    client.logout()
    assert client.post(f"/loja/{shop.pk}/")["Location"].startswith("/entrar/")
