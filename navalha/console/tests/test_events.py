"""The event monitor: filters, pages by key, the tail, masked contents, trying again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from conftest import make_number
from navalha.accounts.models import OperatorAct, OperatorAction
from navalha.booking.tests.helpers import text_of
from navalha.console.events import SHOWN
from navalha.messaging.models import Direction
from navalha.whatsapp.models import EventState, WebhookEvent
from navalha.worker import inbox, tidy

pytestmark = pytest.mark.django_db
SECRET = {
    "event": "messages.upsert",
    "instance": "ze",
    "data": {
        "key": {"remoteJid": "5511988887777@s.whatsapp.net", "fromMe": False, "id": "3A5F"},
        "pushName": "Rafael",
        "message": {"conversation": "confirmo sim"},
        "messageType": "conversation",
        "messageTimestamp": 1772446504,
    },
}


@pytest.fixture
def as_operator(client, operator):
    client.force_login(operator)
    return client


@pytest.fixture
def number(shop, server):
    return make_number(shop, server, "ze")


def event(number, *, at=None, key="", **fields):
    at = at or timezone.now()
    values = {"event": "messages.upsert", "payload": SECRET, "received_at": at, "due_at": at, **fields}
    return number.webhook_events.create(
        shop=number.shop, dedupe_key=key or f"k{WebhookEvent.across_shops.count()}", **values
    )


def shown(page) -> list[int]:
    return [row.pk for row in page.context["page"].events]


def test_every_filter_stands_in_the_address_and_finds_its_events(as_operator, number, other_shop, server, now):
    other = make_number(other_shop, server, "bela", name="Recepção", number="+5531977770002")
    first = event(number, at=now)
    second = event(other, at=now + timedelta(hours=2), event="connection.update", state=EventState.QUARANTINED)

    assert shown(as_operator.get("/eventos/")) == [second.pk, first.pk]
    for query, found in {
        "estado=quarantined": second,
        "evento=connection": second,
        "evento=MESSAGES_UPSERT": first,
        "loja=studio": second,
        "numero=recep": second,
        "numero=ze": first,
        "numero=(31)+97777-0002": second,
        "ate=2026-11-24T11:00": first,
        "de=2026-11-24T11:00": second,
    }.items():
        assert shown(as_operator.get(f"/eventos/?{query}")) == [found.pk], query
    assert shown(as_operator.get(f"/eventos/?servidor={server.pk}")) == [second.pk, first.pk]
    assert "Nenhum evento com estes filtros." in text_of(as_operator.get("/eventos/?loja=nada"))
    wrong = as_operator.get("/eventos/?de=ontem&loja=studio")
    assert "Não entendemos este horário." in text_of(wrong)
    assert shown(wrong) == [second.pk], "the other filters count"


def test_pages_go_on_from_a_key_although_new_rows_come_in(as_operator, number):
    rows = [event(number, key=f"k{place}").pk for place in range(SHOWN + 5)]
    first = as_operator.get("/eventos/?evento=messages")
    older = first.context["page"].older
    event(number, key="new")

    second = as_operator.get(f"/eventos/?evento=messages&antes={older}")

    assert shown(first) + shown(second) == rows[::-1]
    assert second.context["page"].older is None
    assert f"evento=messages&amp;antes={older}" in first.content.decode()


def test_the_page_costs_the_same_for_one_event_and_for_many(
    as_operator, number, other_shop, server, django_assert_max_num_queries, django_assert_num_queries
):
    event(number)
    with django_assert_max_num_queries(10) as first:
        as_operator.get("/eventos/")
    for place in range(3):
        event(make_number(other_shop, server, f"n-{place}", is_primary=False), key=f"n{place}")
    with django_assert_num_queries(len(first)):
        as_operator.get("/eventos/")


def test_the_tail_says_how_many_came_since_and_no_more_than_a_page(as_operator, number):
    newest = event(number).pk
    assert 'data-fresh="0"' in as_operator.get(f"/eventos/novos/?depois={newest}").content.decode()
    event(number, key="a")
    event(number, key="b", event="connection.update")

    assert "2 eventos novos" in text_of(as_operator.get(f"/eventos/novos/?depois={newest}"))
    assert "1 evento novo" in text_of(as_operator.get(f"/eventos/novos/?depois={newest}&evento=connection"))
    for place in range(SHOWN):
        event(number, key=f"m{place}")
    assert "Muitos eventos novos" in text_of(as_operator.get(f"/eventos/novos/?depois={newest}"))


def test_what_people_wrote_is_shown_only_for_a_reason_that_is_kept(as_operator, number, operator, shop):
    row = event(number)
    address = f"/eventos/{row.pk}/"
    masked = as_operator.get(address).content.decode()
    for private in ("confirmo", "Rafael", "88887777"):
        assert private not in masked
    assert "messageType" in masked

    refused = as_operator.post(f"{address}mostrar/", {"reason": ""})
    assert refused.status_code == 422
    assert "confirmo" not in refused.content.decode()
    whole = as_operator.post(f"{address}mostrar/", {"reason": "O dono diz que a resposta sumiu"})

    assert "confirmo sim" in text_of(whole)
    assert "no-store" in whole["Cache-Control"]
    act = OperatorAction.objects.get()
    assert (act.act, act.by, act.shop, act.subject) == (
        OperatorAct.REVEALED,
        operator,
        shop,
        f"messages.upsert #{row.pk}",
    )
    assert "confirmo" not in as_operator.get(address).content.decode(), "once"


def test_an_event_in_quarantine_is_tried_again_and_goes_through(as_operator, number, shop):
    row = event(number, state=EventState.QUARANTINED, attempts=8, error="KeyError: nada\nhandle (inbound.py:1)")
    assert "KeyError: nada" in text_of(as_operator.get(f"/eventos/{row.pk}/"))

    answer = as_operator.post("/eventos/processar/", {"id": row.pk, "volta": f"/eventos/{row.pk}/"})

    assert answer["Location"] == f"/eventos/{row.pk}/"
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == (EventState.STORED, 0, "")
    assert inbox.drain(number.pk, now=timezone.now()) == 1
    row.refresh_from_db()
    assert row.state == EventState.PROCESSED
    assert shop.messages.get(direction=Direction.IN).text == "confirmo sim"
    assert OperatorAction.objects.get().subject == f"1: #{row.pk}"


def test_an_event_that_went_well_can_be_applied_again_and_changes_nothing(as_operator, number, shop):
    row = event(number)
    inbox.drain(number.pk, now=timezone.now())
    before = list(shop.messages.values_list("pk", "text"))

    as_operator.post("/eventos/processar/", {"id": row.pk})
    inbox.drain(number.pk, now=timezone.now())

    row.refresh_from_db()
    assert row.state == EventState.PROCESSED
    assert list(shop.messages.values_list("pk", "text")) == before
    assert len(before) == 1


def test_a_whole_quarantine_is_tried_again_within_the_filters(as_operator, number, other_shop, server):
    mine = [event(number, key=f"k{place}", state=EventState.QUARANTINED) for place in range(3)]
    theirs = event(make_number(other_shop, server, "bela"), state=EventState.QUARANTINED)

    as_operator.post("/eventos/processar/?estado=quarantined&loja=barbearia", {"todos": "1"})

    states = WebhookEvent.across_shops.filter(pk__in=[row.pk for row in mine]).values_list("state", flat=True)
    assert set(states) == {EventState.STORED}
    theirs.refresh_from_db()
    assert theirs.state == EventState.QUARANTINED


def test_nothing_ticked_and_nonsense_are_said_and_do_nothing(as_operator, number):
    event(number)
    for ids in ([], ["x", "9" * 30], ["-1"]):
        answer = as_operator.post("/eventos/processar/", {"id": ids, "volta": "https://evil.example/"}, follow=True)
        assert "marque ao menos um" in text_of(answer)
        assert answer.request["PATH_INFO"] == "/eventos/"
    assert not OperatorAction.objects.exists()


def test_what_is_kept_for_how_long_is_said_and_done(as_operator, number, settings, now):
    settings.EVENTS_KEPT_DAYS, settings.QUARANTINED_EVENTS_KEPT_DAYS = 3, 10
    ages = {
        "done": (EventState.PROCESSED, 4, "messages.upsert"),
        "chatter": (EventState.PROCESSED, 2, "connection.update"),
        "stuck": (EventState.QUARANTINED, 11, "messages.upsert"),
        "fresh": (EventState.PROCESSED, 2, "messages.upsert"),
        "looked at": (EventState.QUARANTINED, 9, "messages.upsert"),
        "waits": (EventState.STORED, 99, "messages.upsert"),
    }
    for key, (state, days, name) in ages.items():
        event(number, key=key, at=now - timedelta(days=days), state=state, event=name)

    tidy.forget_old_rows(now)

    assert set(number.webhook_events.values_list("dedupe_key", flat=True)) == {"fresh", "looked at", "waits"}
    said = text_of(as_operator.get("/eventos/"))
    assert "eventos processados por 3 dias (os de conexão e QR, por 1), a quarentena por 10" in said


def test_a_list_of_the_quarantine_reads_its_own_small_index(number):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT * FROM whatsapp_webhookevent WHERE state = 'quarantined' ORDER BY id DESC LIMIT 50"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "webhooks_that_failed" in plan
