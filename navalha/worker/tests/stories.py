"""Webhooks as the worker finds them: rows of the inbox, made from the words of real ones."""

import itertools
from datetime import datetime

from navalha.evolution.events import dedupe_key
from navalha.whatsapp.models import WebhookEvent, WhatsAppInstance

numbers = itertools.count(1)


def make_event(
    instance: WhatsAppInstance, event: str, data: object, *, now: datetime, told_at: str = ""
) -> WebhookEvent:
    body = {
        "event": event,
        "instance": instance.remote_name,
        "data": data,
        "date_time": told_at or f"2026-11-24T10:00:00.{next(numbers):03d}Z",
    }
    return instance.webhook_events.create(
        shop_id=instance.shop_id, event=event, dedupe_key=dedupe_key(body), payload=body, received_at=now, due_at=now
    )


def connection(instance, state, *, now, reason=200, told_at=""):
    data = {"instance": instance.remote_name, "state": state, "statusReason": reason}
    if state == "open":
        data |= {"wuid": "5511999990001@s.whatsapp.net", "profileName": "Barbearia"}
    return make_event(instance, "connection.update", data, now=now, told_at=told_at)


def message(instance, text, *, now, phone="5511988887777", name="Rafa", key_id=""):
    return make_event(
        instance,
        "messages.upsert",
        {
            "key": {
                "remoteJid": f"{phone}@s.whatsapp.net",
                "fromMe": False,
                "id": key_id or f"3A{next(numbers):06d}",
                "participant": "",
                "addressingMode": "pn",
            },
            "pushName": name,
            "status": "DELIVERY_ACK",
            "message": {"conversation": text},
            "messageType": "conversation",
            "messageTimestamp": int(now.timestamp()),
            "source": "ios",
        },
        now=now,
    )


def ack(instance, key_id, status, *, now):
    data = {"keyId": key_id, "remoteJid": "5511988887777@s.whatsapp.net", "fromMe": True, "status": status}
    return make_event(instance, "messages.update", data, now=now)
