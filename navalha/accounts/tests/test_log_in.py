import pytest

from conftest import PASSWORD

WRONG = "E-mail ou senha não conferem"


def log_in(client, email, password=PASSWORD, **more):
    return client.post("/entrar/", {"login": email, "password": password}, **more)


def test_the_right_password_leads_to_the_first_page(client, owner):
    answer = log_in(client, owner.email, follow=False)
    assert answer.status_code == 302
    assert client.get(answer["Location"])["Location"] == "/inicio/"


def test_the_e_mail_may_be_typed_in_any_case(client, owner):
    assert log_in(client, owner.email.upper()).status_code == 302


def test_it_leads_back_to_the_page_that_asked_for_it(client, owner):
    answer = client.post("/entrar/?next=/whatsapp/", {"login": owner.email, "password": PASSWORD, "next": "/whatsapp/"})
    assert answer["Location"] == "/whatsapp/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_never_leads_to_another_site(client, owner, elsewhere):
    answer = client.post("/entrar/", {"login": owner.email, "password": PASSWORD, "next": elsewhere})
    assert answer["Location"] == "/"


def test_a_wrong_password_keeps_the_e_mail_and_says_what_to_do(client, owner):
    page = log_in(client, owner.email, "errada-errada").content.decode()
    assert WRONG in page
    assert f'value="{owner.email}"' in page
    assert "errada-errada" not in page


def test_the_page_does_not_tell_whether_an_e_mail_exists(client, owner):
    known = log_in(client, owner.email, "errada-errada").content.decode()
    unknown = log_in(client, "ninguem@navalha.example", "errada-errada").content.decode()
    assert WRONG in known
    assert without_what_differs(unknown, "ninguem@navalha.example") == without_what_differs(known, owner.email)


def without_what_differs(page: str, email: str) -> str:
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page).replace(email, "")


def test_the_session_gets_a_new_key(client, owner):
    client.get("/entrar/")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key

    log_in(client, owner.email)

    assert client.session.session_key != before


def test_the_sixth_wrong_password_for_one_e_mail_is_locked_out(client, owner):
    for _ in range(5):
        assert WRONG in log_in(client, owner.email, "errada-errada").content.decode()

    locked = log_in(client, owner.email, PASSWORD)

    assert "Muitas tentativas seguidas" in locked.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_locked_e_mail_does_not_lock_another(client, owner, barber):
    for _ in range(6):
        log_in(client, owner.email, "errada-errada")
    assert log_in(client, barber.email).status_code == 302


def test_a_whole_team_logs_in_from_one_address(client, owner):
    for _ in range(40):
        assert log_in(client, owner.email).status_code == 302
        client.logout()


def test_too_many_log_ins_from_one_address_get_a_page_in_portuguese(client, owner, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    answers = [log_in(client, f"a{number}@navalha.example") for number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Espere alguns minutos" in answers[-1].content.decode()


def test_a_deactivated_person_is_told_so(client, owner):
    owner.is_active = False
    owner.save(update_fields=["is_active"])
    page = log_in(client, owner.email, follow=True).content.decode()
    assert "Conta desativada" in page
    assert "_auth_user_id" not in client.session


def test_log_out_needs_a_post_and_ends_the_session(as_owner):
    assert "Sair do Navalha?" in as_owner.get("/sair/").content.decode()
    assert "_auth_user_id" in as_owner.session

    answer = as_owner.post("/sair/")

    assert answer["Location"] == "/entrar/"
    assert "_auth_user_id" not in as_owner.session


def test_the_log_in_needs_the_csrf_token(owner):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    answer = log_in(strict, owner.email)
    assert answer.status_code == 403
    assert "Esta página ficou velha" in answer.content.decode()


def test_the_admin_uses_the_same_log_in_and_its_limits(client):
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/entrar/?next=")


def test_the_operator_lands_on_the_page_of_all_shops(client, operator):
    client.force_login(operator)
    assert "/instancias/" in client.get("/").content.decode()


def test_somebody_without_a_shop_is_told_what_to_do(client, db):
    from conftest import make_user

    client.force_login(make_user("sozinha@navalha.example"))
    assert "Peça ao dono" in client.get("/").content.decode()


def test_anonymous_people_are_sent_to_the_log_in(client, db):
    assert client.get("/")["Location"] == "/entrar/?next=/"


@pytest.mark.parametrize("path", ["/accounts/login/", "/entrar/codigo/", "/email/", "/confirmar/", "/accounts/signup/"])
def test_no_page_of_allauth_is_mounted_that_is_not_ours(client, db, path):
    assert client.get(path).status_code == 404
