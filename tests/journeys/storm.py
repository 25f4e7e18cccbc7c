"""A thousand webhooks for twenty numbers, and a sender that repeats them as the Evolution API does."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2

from navalha.whatsapp.models import WhatsAppInstance

GIVEN_UP = (400, 401, 403, 404, 422)  # the codes after which the Evolution API never tries again
CUSTOMERS, TEXTS, SENT, OWN, ECHOES, UNKNOWN = 5, 5, 8, 4, 2, 2

Webhook = dict[str, Any]


def webhooks_of(number: WhatsAppInstance, now: datetime) -> Iterator[Webhook]:
    """Fifty: what people wrote, what the shop typed, ticks of eight messages, a connection, noise."""
    yield envelope(number, "connection.update", {"state": "open", "statusReason": 200}, now)
    for customer in range(CUSTOMERS):
        for nth in range(TEXTS):
            yield envelope(number, "messages.upsert", text(number, customer, nth, now), now)
    for sent in range(SENT):
        for status in ("DELIVERY_ACK", "READ"):
            data = {"keyId": sent_id(number, sent), "fromMe": True, "status": status, "remoteJid": jid(0)}
            yield envelope(number, "messages.update", data, now)
    for own in range(OWN):
        yield envelope(number, "messages.upsert", typed(number, f"OWN{own}", now), now)
    for echo in range(ECHOES):
        yield envelope(number, "send.message", typed(number, f"ECHO{echo}", now), now)
    for noise in range(UNKNOWN):
        yield envelope(number, "presence.update", {"id": jid(0), "nth": noise}, now)


def envelope(number: WhatsAppInstance, event: str, data: object, now: datetime) -> Webhook:
    told = f"{now:%Y-%m-%dT%H:%M:%S}.000Z"
    return {"event": event, "instance": number.remote_name, "data": data, "date_time": told, "apikey": "A1B2C3D4E5F6"}


def text(number: WhatsAppInstance, customer: int, nth: int, now: datetime) -> dict[str, Any]:
    """By turns addressed by phone, by LID with the phone beside it, and without the ninth digit."""
    addresses = [
        {"remoteJid": jid(customer), "addressingMode": "pn"},
        {"remoteJid": f"99{customer:010d}@lid", "remoteJidAlt": jid(customer), "addressingMode": "lid"},
        {"remoteJid": jid(customer, ninth=False), "addressingMode": "pn"},
    ]
    key = {**addresses[nth % 3], "fromMe": False, "id": f"3AIN{number.pk}X{customer}X{nth}", "participant": ""}
    return _message(key, f"cheguei na esquina {nth}", f"Cliente {customer}", now)


def typed(number: WhatsAppInstance, name: str, now: datetime) -> dict[str, Any]:
    key = {"remoteJid": jid(0), "fromMe": True, "id": f"3A{name}X{number.pk}", "participant": ""}
    return _message(key, f"da barbearia {name}", "Você", now)


def _message(key: dict[str, Any], words: str, name: str, now: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "pushName": name,
        "message": {"conversation": words},
        "messageType": "conversation",
        "messageTimestamp": int((now - timedelta(minutes=1)).timestamp()),
        "source": "android",
    }


def jid(customer: int, *, ninth: bool = True) -> str:
    return f"5531{'9' if ninth else ''}8888000{customer}@s.whatsapp.net"


def sent_id(number: WhatsAppInstance, sent: int) -> str:
    return f"3EB0SENT{number.pk}X{sent}"


@dataclass
class Sender:
    """Posts each webhook until it is taken or given up, as the Evolution API does, only with shorter waits."""

    url: str
    rate: float
    answers: Counter[int | str] = field(default_factory=Counter)
    given_up: list[Webhook] = field(default_factory=list)

    async def send(self, webhooks: Sequence[Webhook]) -> None:
        limits = httpx2.Limits(max_connections=40)
        async with (
            httpx2.AsyncClient(timeout=30, limits=limits, trust_env=False) as client,
            asyncio.TaskGroup() as all_,
        ):
            for webhook in webhooks:
                all_.create_task(self._deliver(client, webhook))
                await asyncio.sleep(random.uniform(0, 2) / self.rate)

    async def _deliver(self, client: httpx2.AsyncClient, webhook: Webhook) -> None:
        for attempt in range(60):
            answer = await self._post(client, webhook)
            self.answers[answer] += 1
            if isinstance(answer, int) and 200 <= answer < 300:
                return
            if answer in GIVEN_UP:
                break
            await asyncio.sleep(min(0.2 * 2**attempt, 1.5) * random.uniform(0.8, 1.2))
        self.given_up.append(webhook)

    async def _post(self, client: httpx2.AsyncClient, webhook: Webhook) -> int | str:
        headers = {"x-api-key": f"secret-of-{webhook['instance']}"}
        try:
            return (await client.post(self.url, json=webhook, headers=headers)).status_code
        except httpx2.TransportError as error:
            return type(error).__name__
