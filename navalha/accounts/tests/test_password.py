import re
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from conftest import PASSWORD

NEW = "tesoura afiada 27"


class BrokenServer(BaseEmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages):
        raise SMTPServerDisconnected("gone")


def link_in(message) -> str:
    return re.search(r"https?://\S+", message.body).group()


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def asked(client, email):
    return client.post("/senha/", {"email": email}, follow=True)


def set_password(client, link, password=NEW, again=None):
    form = client.get(path_of(link), follow=True)
    action = form.redirect_chain[-1][0] if form.redirect_chain else path_of(link)
    return client.post(action, {"password1": password, "password2": again or password}, follow=True)


def test_the_whole_way_back_in_by_e_mail(client, owner, settings):
    settings.SITE_URL = "https://navalha.example"
    assert "Veja seu e-mail" in asked(client, owner.email).content.decode()
    (message,) = mail.outbox
    assert message.to == [owner.email]
    assert message.subject == "Navalha: Crie sua nova senha"
    assert link_in(message).startswith("https://navalha.example/senha/nova/")

    done = set_password(client, link_in(message))

    assert "Senha trocada" in done.content.decode()
    owner.refresh_from_db()
    assert owner.check_password(NEW)
    assert client.post("/entrar/", {"login": owner.email, "password": NEW}).status_code == 302


def test_the_link_works_once(client, owner):
    asked(client, owner.email)
    link = link_in(mail.outbox[0])
    set_password(client, link)
    assert "Este link não vale mais" in client.get(path_of(link), follow=True).content.decode()


@pytest.mark.parametrize(
    "link", ["/senha/nova/1-abc-def/", "/senha/nova/zzzzzzzzzzzzzzz-x/", "/senha/nova/1-set-password/"]
)
def test_a_made_up_link_says_what_to_do(client, owner, link):
    page = client.get(link, follow=True)
    assert page.status_code == 200
    assert "Pedir outro link" in page.content.decode()


def test_the_new_password_must_be_good_and_equal(client, owner):
    asked(client, owner.email)
    link = link_in(mail.outbox[0])
    assert "muito curta" in set_password(client, link, "curta").content.decode()
    assert "mesma senha" in set_password(client, link, NEW, "outra senha longa").content.decode()
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_the_answer_is_the_same_for_an_unknown_e_mail(client, owner):
    known, unknown = asked(client, owner.email), asked(client, "ninguem@navalha.example")
    assert known.redirect_chain == unknown.redirect_chain
    assert without_token(known) == without_token(unknown)
    assert "não há conta com este e-mail" in mail.outbox[1].body
    assert mail.outbox[1].subject == "Navalha: Não achamos sua conta"


def without_token(answer) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def test_a_forged_host_does_not_get_into_the_link(client, owner, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.post("/senha/", {"email": owner.email}, headers={"host": "evil.example"})
    assert "evil.example" not in mail.outbox[0].body


def test_the_fourth_request_for_one_e_mail_has_to_wait(client, owner):
    answers = [client.post("/senha/", {"email": owner.email}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert len(mail.outbox) == 3


def test_a_mail_server_that_is_down_is_said_and_keeps_the_e_mail(client, owner, settings):
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"
    answer = client.post("/senha/", {"email": owner.email})
    assert answer.status_code == 503
    assert "Não conseguimos enviar o e-mail agora" in answer.content.decode()
    assert f'value="{owner.email}"' in answer.content.decode()


def change(client, old=PASSWORD, new=NEW):
    return client.post("/senha/trocar/", {"oldpassword": old, "password1": new, "password2": new})


def test_who_is_logged_in_changes_the_password_and_stays_in(as_owner, owner):
    assert change(as_owner)["Location"] == "/"
    owner.refresh_from_db()
    assert owner.check_password(NEW)
    assert as_owner.get("/senha/trocar/").status_code == 200
    assert mail.outbox[0].subject == "Navalha: Sua senha foi trocada"
    assert mail.outbox[0].to == [owner.email]


def test_other_sessions_end_when_the_password_changes(as_owner, owner):
    from django.test import Client

    elsewhere = Client()
    elsewhere.force_login(owner)
    change(as_owner)
    assert elsewhere.get("/senha/trocar/").status_code == 302


def test_the_change_stands_when_its_mail_cannot_go_out(as_owner, owner, settings):
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"
    assert change(as_owner).status_code == 302
    owner.refresh_from_db()
    assert owner.check_password(NEW)


def test_the_old_password_is_needed(as_owner, owner):
    assert "Esta não é a sua senha atual" in change(as_owner, old="errada-errada").content.decode()


def test_who_has_no_password_makes_one_by_e_mail(as_owner, owner, client):
    owner.set_unusable_password()
    owner.save()
    as_owner.force_login(owner)
    assert as_owner.get("/senha/trocar/")["Location"] == "/senha/"
