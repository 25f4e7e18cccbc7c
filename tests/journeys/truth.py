"""One shop, one number, one customer under a fault of the pretend server: what happens, and what the pages say of it.

The real parts are driven by hand instead of by their processes: webhooks become rows as at the door, and the
worker's rounds are called one by one. No browser, so that every switch can have its story.
"""

import json
import re
from datetime import timedelta
from html import unescape

from django.test import Client
from django.utils import timezone

from navalha.accounts.models import Shop, User
from navalha.customers.models import Customer
from navalha.messaging import work as outbox
from navalha.messaging.actions import queue_text
from navalha.simulator.testing import RunningSimulator, wait_until
from navalha.web.badges import MESSAGE
from navalha.whatsapp import actions, health_work, picture_work, work
from navalha.whatsapp.models import WebhookEvent, WhatsAppInstance
from navalha.whatsapp.tests.ear import Ear
from navalha.whatsapp.webhook_rows import Delivery, KnownInstance, Verdict, judge, row_of
from navalha.worker import inbox

PHONE = "5511988887777"  # the customer's
OWN = "5511999990001"  # the shop's
SAID = "Seu horário é amanhã."
ASKED = "Vocês abrem no feriado?"
BADGE = re.compile(r'class="badge-state tone-([\w-]+)')
TICK = re.compile(r'class="tick tone-([\w-]+)"')


class Scene:
    """The people and rows of one story. `now` is the story's clock; pages are read on the real one."""

    def __init__(
        self, shop: Shop, customer: Customer, people: tuple[User, User], ear: Ear, simulator: RunningSimulator
    ) -> None:
        self.shop, self.customer, self.ear, self.simulator = shop, customer, ear, simulator
        self.owner, self.operator = Client(), Client()
        self.owner.force_login(people[0])
        self.operator.force_login(people[1])
        self.now = timezone.now()
        self.number = actions.add_number(shop, name="Recepção", now=self.now)
        self.seen = 0

    # ---- what happens

    def pass_time(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)

    def fresh(self) -> WhatsAppInstance:
        self.number.refresh_from_db()
        return self.number

    def show_code(self, phone: str = "") -> None:
        self.number = actions.start_pairing(self.number, now=self.now, phone=phone)

    def read(self) -> None:
        """The owner's phone reads the QR; whatever comes of it."""
        who = {"number": OWN, "profileName": "Barbearia do Zé"}
        self.simulator.post(f"instances/{self.fresh().remote_name}/scan", **who)

    def hear(self, event: str = "", times: int = 1, **data: object) -> None:
        """Wait for a webhook, let those that have come in by the door, and work them off."""
        if event:
            found = lambda: sum(_is(body, event, data) for body in self.ear.bodies[self.seen :]) >= times  # noqa: E731
            wait_until(found, what=f"{event} {data}")
        while self.seen < len(self.ear.bodies):
            self._store(self.ear.bodies[self.seen], self.ear.keys[self.seen])
            self.seen += 1
        inbox.drain(self.number.pk, now=self.now)

    def _store(self, body: dict[str, object], key: str) -> None:
        number = WhatsAppInstance.across_shops.filter(remote_name=body["instance"]).first()
        known = number and KnownInstance(number.pk, number.shop_id, number.webhook_secret_hash, number.state)
        delivery = Delivery(str(body["instance"]), key, body, self.now)
        if known is None or judge(delivery, known) is not Verdict.STORED:
            return
        row = row_of(delivery, known)
        rest = {"event": row.event, "shop_id": row.shop_id, "received_at": self.now, "due_at": self.now}
        WebhookEvent.across_shops.get_or_create(
            instance_id=row.instance_id,
            dedupe_key=row.dedupe_key,
            defaults={**rest, "payload": json.loads(row.payload)},
        )

    def pair(self) -> None:
        self.show_code()
        self.hear("qrcode.updated")
        self.read()
        self.hear("connection.update", state="open")
        picture_work.fetch_pictures(self.now)

    def send(self, text: str = SAID) -> None:
        queue_text(self.shop, to=self.customer, text=text, purpose="reply", dedupe_key=None, now=self.now)
        outbox.send_due(self.shop.pk, self.now)

    def round(self) -> None:
        """All that the worker looks after by itself, once."""
        outbox.report_unacked(self.now)
        health_work.prove_life(self.now)
        work.check_connections(self.now)
        work.check_servers(self.now)
        work.expire_pairings(self.now)

    def rounds(self, count: int, **between: float) -> None:
        for turn in range(count):
            self.pass_time(**between) if turn else None
            self.round()

    # ---- what people see

    def owner_sees(self, path: str) -> str:
        return _text(self.owner, path)

    def operator_sees(self, path: str) -> str:
        return _text(self.operator, path)

    def conversation(self) -> str:
        return self.owner_sees(f"/conversas/{self.customer.pk}/")

    def server_row(self) -> str:
        """What the list of servers says of the one server."""
        return _cut(self.operator_sees("/servidores/"), "<tr data-server=", "</tr>")

    def places(self) -> dict[str, str]:
        """Each place that says how the number stands: the part of the page that does."""
        pk, server = self.number.pk, self.number.server_id
        own_page = self.owner_sees(f"/whatsapp/{pk}/")
        said = {
            "the owner's card": _cut(
                self.owner_sees("/whatsapp/"), f'<article class="card number-card" data-number="{pk}"', "</article>"
            ),
            "the owner's page": _cut(own_page, '<p class="number-badge">', "</p>"),
            "the owner's page, beside": _cut(own_page, "<dt>Status</dt>", "</dd>"),
            "the operator's list": _cut(self.operator_sees("/instancias/"), f'<tr data-number="{pk}"', "</tr>"),
            "the operator's page": _cut(
                self.operator_sees(f"/instancias/{pk}/"), 'aria-labelledby="state-title"', "</p>"
            ),
            "the shop's page": _cut(
                self.operator_sees(f"/lojas/{self.shop.pk}/"), "<strong>Recepção</strong>", "</li>"
            ),
            "the server's page": _cut(self.operator_sees(f"/servidores/{server}/"), '<ul class="state-list">', "</ul>"),
        }
        if self.number.is_primary:  # another one has no place there
            said["beside every page"] = _cut(self.owner_sees("/whatsapp/saude/"), "health-link", "</a>")
            said["the owner's first page"] = _cut(self.owner_sees("/inicio/"), '<p class="home-number">', "</p>")
        return said


def _is(body: dict, event: str, data: dict[str, object]) -> bool:
    said = body["data"] if isinstance(body["data"], dict) else {}
    return body["event"] == event and all(said.get(name) == value for name, value in data.items())


def _text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return unescape(answer.content.decode())


def _cut(page: str, begins: str, ends: str) -> str:
    assert begins in page, begins
    return begins + page.partition(begins)[2].partition(ends)[0]


def tones(html: str) -> list[str]:
    """The colours of the badges in a part of a page."""
    return BADGE.findall(html)


def ticks(html: str) -> list[str]:
    return TICK.findall(html)


def tick_tone(state: str) -> str:
    return MESSAGE[state].tone
