"""Whatever a batch holds, it leaves the rows that its events leave one by one."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import make_customer, make_number
from navalha.customers.models import Customer, CustomerMerge, Identity
from navalha.messaging.models import MessageChange, PendingDelivery, WhatsAppMessage
from navalha.scheduling.models import (
    Appointment,
    AppointmentChange,
    OfferChange,
    Opener,
    WaitlistChange,
    WaitlistEntry,
    WaitlistOffer,
)
from navalha.scheduling.openers.codes import hash_of
from navalha.whatsapp.models import EvolutionServer, WebhookEvent, WhatsAppInstance
from navalha.worker import inbox

pytestmark = pytest.mark.django_db
TABLES = (
    Customer, Identity, WhatsAppMessage, MessageChange, PendingDelivery, Appointment, AppointmentChange,
    WhatsAppInstance, WebhookEvent, WaitlistEntry, WaitlistChange, WaitlistOffer, OfferChange, Opener, CustomerMerge,
)  # fmt: skip
# Nobody knows Caio yet; and whose the LID is comes out in the middle.
RAFA, BIA, CAIO = "5511988887777", "553188887766", "5511977776666"
LID = "249876543210987@lid"
# Davi has just booked, and who sends this may be him.
CODE = "K7Q2MX4"
ADDRESSES = [
    {"remoteJid": f"{RAFA}@s.whatsapp.net"},
    {"remoteJid": f"{BIA}@s.whatsapp.net"},
    {"remoteJid": f"{BIA[:4]}9{BIA[4:]}@s.whatsapp.net"},
    {"remoteJid": f"{CAIO}@s.whatsapp.net"},
    {"remoteJid": LID},
    {"remoteJid": LID, "remoteJidAlt": f"{CAIO}@s.whatsapp.net"},
    {"remoteJid": LID, "remoteJidAlt": f"{BIA}@s.whatsapp.net"},
    {"remoteJid": "120363041234567890@g.us", "participant": f"{BIA}@s.whatsapp.net"},
]
CONTENTS: list[tuple[str, dict[str, Any]]] = [
    ("conversation", {"conversation": "1"}),
    ("conversation", {"conversation": "2"}),
    ("conversation", {"conversation": "cheguei na esquina"}),
    ("conversation", {"conversation": "sair"}),
    ("conversation", {"conversation": f"Olá! Meu código é {CODE}."}),
    ("imageMessage", {"imageMessage": {"caption": "olha"}}),
    ("extendedTextMessage", {"extendedTextMessage": {"text": "2", "contextInfo": {"stanzaId": "OUT-asked"}}}),
    ("reactionMessage", {"reactionMessage": {"text": "👍", "key": {"id": "OUT-asked"}}}),
]
# Two more than there are messages: for those ids nobody has a row.
KEY_IDS = ["OUT-asked", "OUT-asking", "OUT-failed", "OUT-read", "OUT-nobodys", "IN-1"]
STATUSES = ["PENDING", "SERVER_ACK", "DELIVERY_ACK", "READ", "PLAYED", "ERROR", "DELETED", "?"]

acks = st.tuples(st.just("ack"), st.sampled_from(KEY_IDS), st.sampled_from(STATUSES))


def said(key_ids: list[str], *, from_me: bool):
    contents, names = st.sampled_from(CONTENTS), st.sampled_from(["", "Rafa", "Bia"])
    ids = st.sampled_from(key_ids)
    return st.tuples(st.just("message"), ids, st.sampled_from(ADDRESSES), contents, names, st.just(from_me))


messages = said(["IN-1", "IN-2", "IN-3", "IN-4"], from_me=False)
own = said(["OUT-nobodys", "OUT-own"], from_me=True)
echoes = st.tuples(st.just("echo"), st.sampled_from(["OUT-sending", "OUT-nobodys"]), st.sampled_from(["Oi!", "Tchau"]))
others = st.tuples(st.just("other"), st.sampled_from(["presence.update", "messages.edited", "connection.update"]))
batches = st.lists(
    st.tuples(st.one_of(acks, acks, messages, messages, messages, own, echoes, others), st.integers(0, 90)), max_size=12
)


@pytest.fixture
def number(shop, ze, now):
    """A number from which messages in every state have gone out.

    Rafa was told of his visit; Bia is just being told, and a time of the waitlist is offered to her.
    """
    server = EvolutionServer.objects.create(name="Um", url="http://127.0.0.1:1", encrypted_api_key="")
    number = make_number(shop, server, "ze-1")
    rafa, bia = make_customer(shop, "Rafa", f"+{RAFA}"), make_customer(shop, "", f"+{BIA[:4]}9{BIA[4:]}")
    shop.identities.create(customer=shop.customers.create(), kind="lid", value=LID)
    booked = {customer: f"booked:{visit(ze, customer, now).pk}" for customer in (rafa, bia)}
    hour_ago = now - timedelta(hours=1)
    out(number, rafa, "OUT-asked", "sent", now=now, dedupe_key=booked[rafa], sent_at=hour_ago)
    out(number, bia, "OUT-asking", "sending", now=now, dedupe_key=booked[bia])
    just_booked(ze, now)
    made = offer(ze, bia, now)
    offered = f"waitlist_offer:w{made.entry_id}:{made.pk}"
    out(number, bia, "OUT-offered", "sent", now=now, dedupe_key=offered, sent_at=hour_ago)
    for state in ("failed", "read"):
        out(number, bia, f"OUT-{state}", state, now=now, sent_at=hour_ago)
    out(number, bia, None, "queued", now=now, hold_code="unanswered")
    out(number, bia, None, "sending", now=now, attempts=1, attempted_at=now, remote_name="ze-1")
    return number


def visit(professional, customer: Customer, now: datetime) -> Appointment:
    starts_at = now + timedelta(days=customer.pk % 5 + 1, hours=customer.pk % 7)
    ends_at = starts_at + timedelta(minutes=30)
    shop = professional.shop
    return shop.appointments.create(customer=customer, professional=professional, starts_at=starts_at, ends_at=ends_at)


def just_booked(professional, now: datetime) -> None:
    shop = professional.shop
    davi = make_customer(shop, "Davi", "+5511966665555")
    booked = visit(professional, davi, now)
    shop.customers.filter(pk=davi.pk).update(created_at=booked.created_at)
    shop.openers.create(
        appointment=booked, code_hash=hash_of(shop.pk, CODE), created_at=now, expires_at=now + timedelta(days=1)
    )
    shop.messages.create(
        customer=davi, direction="out", address=davi.phone, text="Olá, Davi! Oi!", state="queued", due_at=now,
        dedupe_key=f"booked:{booked.pk}", created_at=now, state_changed_at=now, hold_code="customer_first",
    )  # fmt: skip


def offer(professional, customer: Customer, now: datetime) -> WaitlistOffer:
    """Open for another hour."""
    shop, starts_at = professional.shop, now + timedelta(days=8)
    entry = shop.waitlist.create(
        customer=customer, first_day=starts_at.date(), last_day=starts_at.date(), state="offered"
    )
    entry.services.set(professional.services.all()[:1])
    return entry.offers.create(
        shop=shop, professional=professional, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30),
        state="open", minutes=60, holder="oferta:1", told_at=now, expires_at=now + timedelta(hours=1),
    )  # fmt: skip


def out(number: WhatsAppInstance, customer: Customer, wa_id: str | None, state: str, *, now: datetime, **more: Any):
    hour_ago = now - timedelta(hours=1)
    number.shop.messages.create(
        instance=number, customer=customer, direction="out", address=customer.phone, text="Oi!", state=state,
        wa_id=wa_id, created_at=hour_ago, state_changed_at=hour_ago, due_at=hour_ago, **more,
    )  # fmt: skip


@settings(max_examples=50, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=batches)
def test_any_batch_leaves_the_rows_that_its_events_leave_one_by_one(number, now, batch):
    def together():
        inbox._locked(number.pk, lambda instance: inbox._together(instance, now))

    def one_by_one():
        for row in number.webhook_events.order_by("pk"):
            inbox._alone(number.pk, row, now)
        failed = number.webhook_events.exclude(state="processed").values_list("error", flat=True)
        assert list(failed) == []

    found, wanted = left_by(together, number, batch, now), left_by(one_by_one, number, batch, now)
    assert {name: (found[name], wanted[name]) for name in wanted if found[name] != wanted[name]} == {}


def left_by(act, number, batch, now):
    """The rows of every table and the ticks after `act`; then all is as before, but for the sequences."""
    with transaction.atomic():
        for nth, (event, seconds) in enumerate(batch):
            write_down(number, event, nth, now + timedelta(seconds=seconds))
        _restart_sequences()
        with CaptureQueriesContext(connection) as seen:
            act()
        ticks = {tick for query in seen if "pg_notify" in query["sql"] for tick in re.findall(r"\d+:\w+", query["sql"])}
        rows = {table.__name__: rows_of(table) for table in TABLES}
        transaction.set_rollback(True)
    return {"ticks": ticks, **rows}


def rows_of(table):
    """Without what the clock of the process wrote, and without the ids of the events, which are new in each run."""
    rows = list(table._base_manager.order_by("pk").values())
    for row in rows:
        if table is WebhookEvent:
            del row["id"]
        elif table is WhatsAppInstance:
            del row["updated_at"]
        elif row.get("direction") == "in" or row.get("purpose") == "own":
            del row["due_at"]
    return rows


def write_down(number, event, nth, at):
    match event:
        case "ack", key_id, status:
            data = {"keyId": key_id, "remoteJid": "x", "fromMe": True, "status": status}
            make(number, "messages.update", data, nth, at)
        case "message", key_id, address, (kind, content), name, from_me:
            key = {**address, "fromMe": from_me, "id": key_id}
            make(number, "messages.upsert", message(key, kind, content, name, at), nth, at)
        case "echo", key_id, text:
            key = {**ADDRESSES[1], "fromMe": True, "id": key_id}
            make(number, "send.message", message(key, "conversation", {"conversation": text}, "", at), nth, at)
        case "other", name:
            make(number, name, {"state": "open", "statusReason": 200}, nth, at)


def message(key, kind, content, name, at):
    sent_at = int(at.timestamp())
    return {"key": key, "pushName": name, "message": content, "messageType": kind, "messageTimestamp": sent_at}


def make(number, name, data, nth, at):
    body = {
        "event": name,
        "instance": number.remote_name,
        "data": data,
        "date_time": f"2026-11-24T10:00:{nth:02d}.000Z",
    }
    number.webhook_events.create(
        shop_id=number.shop_id, event=name, dedupe_key=f"nth:{nth}", payload=body, received_at=at, due_at=at
    )


def _restart_sequences():
    """The next ids are the same in each run."""
    with connection.cursor() as cursor:
        for table in TABLES:
            name = table._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence(%s, 'id'), coalesce(max(id), 1)) FROM {name}", [name])  # noqa: S608 - its own name
