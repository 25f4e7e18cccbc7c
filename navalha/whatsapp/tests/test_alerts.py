"""A drop is told once, and its end once; whatever the connection, the mail server and the workers do meanwhile."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import make_member, make_number
from navalha.accounts.models import Role
from navalha.whatsapp import alert_work, alerts, records
from navalha.whatsapp.models import Alert, AlertState, ConnectionIncident, ServerOutage
from navalha.whatsapp.models import ConnectionState as S
from navalha.whatsapp.states import stop

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def number(shop, server, now, owner):
    """A number that has been connected for long."""
    return make_number(
        shop,
        server,
        "ze-0001",
        name="Recepção",
        connected_at=now - timedelta(days=9),
        state_changed_at=now - timedelta(days=9),
        raw_status="open",
    )


def drop(number, now, code="no_contact", to=S.UNSTABLE):
    number = number.locked()
    stop(number, code, {"unanswered_since": now} if code == "server_down" else None, to=to, now=now)


def back(number, now):
    number = number.locked()
    number.unanswered_since = None
    number.save(update_fields=["unanswered_since"])
    records.connect(number, records.Who(), now=now)


def pass_time(since, until, *, step=MINUTE):
    """Everything that the worker does about drops, from minute to minute."""
    while since <= until:
        alert_work.watch(since)
        alert_work.send_alerts(since)
        since += step


def to(user):
    return [sent for sent in mail.outbox if sent.to == [user.email]]


def test_a_drop_that_lasts_is_told_once_and_its_end_once(number, now, owner):
    drop(number, now)
    pass_time(now, now + 4 * MINUTE)
    assert mail.outbox == []

    pass_time(now + 4 * MINUTE, now + 12 * MINUTE)
    [down] = to(owner)
    assert down.subject == "Navalha: O WhatsApp “Recepção” está sem conexão"
    assert "está sem conexão desde 10:00 de 24/11/2026" in down.body  # the shop's clock
    assert "O WhatsApp deste número está tentando reconectar." in down.body
    assert f"/whatsapp/{number.pk}/" in down.body

    back(number, now + 12 * MINUTE)
    pass_time(now + 12 * MINUTE, now + 60 * MINUTE)
    [_down, returned] = to(owner)
    assert returned.subject == "Navalha: O WhatsApp “Recepção” voltou"
    assert "Ficou 12 min fora." in returned.body
    assert ConnectionIncident.across_shops.get().ended_at is not None


def test_a_short_drop_tells_nobody(number, now):
    drop(number, now)
    pass_time(now, now + 2 * MINUTE)
    back(number, now + 2 * MINUTE)
    pass_time(now + 2 * MINUTE, now + 20 * MINUTE)

    assert mail.outbox == []
    assert ConnectionIncident.across_shops.get().told_at is None


def test_a_connection_that_comes_and_goes_is_one_incident(number, now, owner):
    for turn in range(10):
        at = now + 4 * turn * MINUTE
        drop(number, at)
        pass_time(at, at + 2 * MINUTE)
        back(number, at + 2 * MINUTE)
        pass_time(at + 2 * MINUTE, at + 4 * MINUTE)
    pass_time(now + 40 * MINUTE, now + 60 * MINUTE)

    assert len(to(owner)) == 2
    assert ConnectionIncident.across_shops.count() == 1


def test_no_number_fills_a_mailbox(number, now, owner):
    for turn in range(6):
        at = now + turn * timedelta(hours=1)
        drop(number, at)
        pass_time(at, at + 10 * MINUTE)
        back(number, at + 10 * MINUTE)
        pass_time(at + 10 * MINUTE, at + 20 * MINUTE)

    assert len(to(owner)) == 2 * 3
    assert ConnectionIncident.across_shops.filter(told_at__isnull=False).count() == 6  # the page tells of each


def test_what_cannot_mend_itself_is_told_sooner(number, now, owner):
    drop(number, now, code="401", to=S.DISCONNECTED)
    pass_time(now, now + MINUTE)

    [down] = to(owner)
    assert "O WhatsApp foi desconectado pelo celular." in down.body
    assert "Gere um novo código" in down.body


@pytest.mark.parametrize("code", ["by_person", "pairing_expired", "pairing_failed", "qr_limit", "used_here"])
def test_what_somebody_did_or_stands_before_is_no_drop(number, now, code):
    drop(number, now, code=code, to=S.DISCONNECTED)
    pass_time(now, now + 10 * MINUTE)

    assert not ConnectionIncident.across_shops.exists()


def test_who_disconnects_during_a_drop_is_not_told_that_it_is_over(number, now, owner):
    drop(number, now)
    pass_time(now, now + 6 * MINUTE)
    drop(number, now + 7 * MINUTE, code="by_person", to=S.DISCONNECTED)
    pass_time(now + 7 * MINUTE, now + 20 * MINUTE)

    assert len(to(owner)) == 1
    assert ConnectionIncident.across_shops.get().ended_at is not None


def test_owners_are_told_managers_who_asked_are_and_nobody_else(number, now, owner, shop, stranger, barber):
    manager = make_member(shop, "gerente@navalha.example", Role.MANAGER)
    tired = make_member(shop, "socio@navalha.example", Role.OWNER)
    make_member(shop, "gerente2@navalha.example", Role.MANAGER)
    alerts.set_preference(shop, manager, by_email=True)
    alerts.set_preference(shop, tired, by_email=False)
    drop(number, now)
    pass_time(now, now + 10 * MINUTE)

    assert sorted(sent.to[0] for sent in mail.outbox) == ["dono@navalha.example", "gerente@navalha.example"]


def test_a_mail_server_that_is_away_costs_a_delay(number, now, owner, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens
    drop(number, now)
    pass_time(now, now + 6 * MINUTE)
    alert = Alert.across_shops.get()
    assert (alert.state, alert.attempts > 0) == (AlertState.QUEUED, True)

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    pass_time(now + 6 * MINUTE, now + 12 * MINUTE)

    assert len(to(owner)) == 1
    assert [change.to_state for change in alert.changes.order_by("pk")][-2:] == ["sending", "sent"]


def test_a_drop_that_ended_before_its_mail_could_go_out_is_told_by_the_return_alone(number, now, owner, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    drop(number, now)
    pass_time(now, now + 6 * MINUTE)
    back(number, now + 90 * MINUTE)
    pass_time(now + 90 * MINUTE, now + 95 * MINUTE)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    pass_time(now + 95 * MINUTE, now + 160 * MINUTE)

    [only] = to(owner)
    assert "Ficou 1 h 30 min fora." in only.body


def test_a_worker_that_died_between_sending_and_writing_sends_at_most_once_more(number, now, owner):
    drop(number, now)
    alert_work.watch(now)
    alert_work.watch(now + 5 * MINUTE)
    [taken] = alerts.take(Alert.across_shops.all(), now + 5 * MINUTE)  # and then nothing more of that worker
    alert_work.send_alerts(now + 6 * MINUTE)
    assert mail.outbox == []

    pass_time(now + 7 * MINUTE, now + 30 * MINUTE)

    [once] = to(owner)
    assert once.extra_headers["Message-ID"].startswith(f"<alert-{taken.pk}@")


def test_two_workers_never_take_the_same_mail(number, now, owner):
    drop(number, now)
    alert_work.watch(now)
    alert_work.watch(now + 5 * MINUTE)

    taken = [alerts.take(Alert.across_shops.filter(state=AlertState.QUEUED), now + 5 * MINUTE) for _worker in range(2)]

    assert [len(rows) for rows in taken] == [1, 0]


def test_a_server_that_is_down_is_one_mail_for_each_shop_and_one_for_the_operator(
    shop, other_shop, stranger, server, number, now, owner, operator
):
    fields = {"connected_at": now - timedelta(days=1), "state_changed_at": now - timedelta(days=1)}
    second = make_number(shop, server, "ze-0002", name="Loja 2", number="+5511999990002", is_primary=False, **fields)
    third = make_number(other_shop, server, "bela-0001", number="+5511999990003", **fields)
    for row in (number, second, third):
        drop(row, now, code="server_down")
    pass_time(now, now + 10 * MINUTE)

    assert [len(to(person)) for person in (owner, stranger, operator)] == [1, 1, 1]
    assert "Não precisa fazer nada" in to(owner)[0].body
    assert to(operator)[0].subject == "Navalha: Servidor “Simulador” não responde"
    assert "Números atingidos: 3. Barbearias: 2." in to(operator)[0].body

    for row in (number, second, third):
        back(row, now + 10 * MINUTE)
    pass_time(now + 10 * MINUTE, now + 30 * MINUTE)

    assert [len(to(person)) for person in (owner, stranger, operator)] == [2, 2, 2]
    assert ServerOutage.objects.get().ended_at is not None


def test_the_alert_is_on_every_page_until_it_is_closed_and_comes_back_with_the_return(as_owner, number, owner):
    now = timezone.now() - 20 * MINUTE
    drop(number, now)
    pass_time(now, now + 6 * MINUTE)
    part = as_owner.get("/whatsapp/saude/").content.decode()
    assert 'hx-swap-oob="true"' in part
    assert "está sem conexão desde" in part
    incident = ConnectionIncident.across_shops.get()

    as_owner.post(f"/whatsapp/avisos/{incident.pk}/fechar/")
    assert "está sem conexão desde" not in as_owner.get("/whatsapp/saude/").content.decode()

    back(number, now + 8 * MINUTE)
    pass_time(now + 8 * MINUTE, now + 19 * MINUTE)
    part = as_owner.get("/whatsapp/saude/").content.decode()
    assert "voltou às" in part
    assert "Ficou 8 min fora." in part


def test_a_return_is_no_news_any_more_once_the_number_is_out_again(as_owner, number):
    now = timezone.now() - 40 * MINUTE
    drop(number, now, code="server_down")
    pass_time(now, now + 6 * MINUTE)
    back(number, now + 7 * MINUTE)
    pass_time(now + 7 * MINUTE, now + 12 * MINUTE)
    assert "voltou às" in as_owner.get("/whatsapp/saude/").content.decode()

    drop(number, now + 13 * MINUTE)
    pass_time(now + 13 * MINUTE, now + 20 * MINUTE)
    part = as_owner.get("/whatsapp/saude/").content.decode()
    assert (part.count("está sem conexão desde"), part.count("voltou às")) == (1, 0)

    as_owner.post(f"/whatsapp/avisos/{number.incidents.get(ended_at=None).pk}/fechar/")
    assert "voltou às" not in as_owner.get("/whatsapp/saude/").content.decode()


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_health_needs_the_same_queries_for_one_drop_and_for_three(as_owner, shop, server, now, how_many):
    for place in range(how_many):
        row = make_number(shop, server, f"ze-{place}", name=f"N{place}", is_primary=place == 0, state=S.UNSTABLE)
        shop.incidents.create(instance=row, began_at=now, told_at=now, code="no_contact")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert as_owner.get("/whatsapp/saude/").content.decode().count("data-incident") == how_many
    assert len(queries) == 5  # session, person, memberships, drops, number


def test_a_barber_is_not_bothered(client, barber, shop, number, now):
    shop.incidents.create(instance=number, began_at=now, told_at=now)
    client.force_login(barber)

    assert "data-incident" not in client.get("/whatsapp/saude/").content.decode()


def test_everybody_decides_on_their_own_mails(as_owner, shop, owner, number, now):
    shop.incidents.create(instance=number, began_at=now, told_at=now, returned_at=now + 12 * MINUTE, code="401")
    page = as_owner.get("/whatsapp/avisos/").content.decode()
    assert "ficou 12 min fora" in page
    assert "checked" in page

    as_owner.post("/whatsapp/avisos/", {})

    assert "checked" not in as_owner.get("/whatsapp/avisos/").content.decode()
    assert shop.alert_preferences.get().user == owner
