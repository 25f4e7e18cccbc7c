"""A number's drop, told over WhatsApp through another number of the same shop: one step of one `Alert` at a time.

What the people of the shop gave their phones for is no message to a customer: it stands in no conversation, waits for
no limit of the plan, and goes at once whatever the hour, as the mail does. A shop that hears at nine in the morning
that nothing went out since eight in the evening has lost the evening's reminders and the answers to them.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from navalha.core.phones import phone_key
from navalha.core.states import move
from navalha.core.wake import wake
from navalha.web import elapsed
from navalha.whatsapp import alerts
from navalha.whatsapp.causes import cause_of
from navalha.whatsapp.health import SERVER_CODES, shown
from navalha.whatsapp.models import Alert, AlertKind, AlertState, ConnectionIncident, ConnectionState, WhatsAppInstance

from .actions import queue_through
from .models import ACKED, MessageState, WhatsAppMessage
from .outcomes import UNKNOWABLE

S = MessageState
# For so long another number may still come up and tell it; a drop of this morning is no news in the evening.
WORTH_TELLING = timedelta(hours=2)
LOOK_AGAIN = timedelta(seconds=30)
NO_NUMBER = _("Nenhum outro número da barbearia estava conectado.")
NOT_TAKEN = _("O WhatsApp não entregou a mensagem.")
UNSURE = _("Não sabemos se a mensagem saiu.")
TEXTS = {AlertKind.DOWN: "alert_down", AlertKind.BACK: "alert_back"}


def hand_over(alert: Alert, now: datetime) -> None:
    """Put the message of a queued alert into the outbox, on the number that shall carry it; or wait for one.

    In the caller's transaction, with the alert's row locked.
    """
    number = carrier(alert, now)
    if _is_overtaken(alert):
        alerts.give_up(alert, alerts.OVERTAKEN, now)
    elif number is not None:
        _queue(alert, number, now)
        move(alert, to=AlertState.SENDING, now=now, attempts=alert.attempts + 1)
    elif now - alert.created_at >= WORTH_TELLING:
        alerts.give_up(alert, NO_NUMBER, now)
    else:
        alert.due_at = now + LOOK_AGAIN
        alert.save(update_fields=["due_at"])


def follow(alert: Alert, now: datetime) -> None:
    """What became of the message of an alert that was handed over. In the caller's transaction, the alert locked."""
    message = alert.shop.messages.select_for_update(of=("self",)).filter(dedupe_key=key_of(alert)).first()
    if message is None or message.state in (S.FAILED, S.EXPIRED, S.CANCELLED):
        alerts.give_up(alert, NOT_TAKEN, now)
    elif message.state == S.SENT or message.state in ACKED:
        alerts.record_sent(alert, now)
    elif message.state == S.UNCONFIRMED and message.error_code == UNKNOWABLE:
        alerts.give_up(alert, UNSURE, now)
    elif message.state == S.QUEUED:
        _keep_moving(alert, message, now)


def _keep_moving(alert: Alert, message: WhatsAppMessage, now: datetime) -> None:
    """It has not left yet: not any more when the drop is over, and by another number when this one dropped, too."""
    if _is_overtaken(alert):
        move(message, to=S.CANCELLED, now=now, reason=str(alerts.OVERTAKEN))
        alerts.give_up(alert, alerts.OVERTAKEN, now)
        return
    if message.instance_id in {number.pk for number in carriers(alert, now)}:
        return
    number = carrier(alert, now)
    if number is not None:
        message.instance, message.due_at = number, now
        message.save(update_fields=["instance", "due_at"])
        wake("outbox", shop_id=alert.shop_id)


def _is_overtaken(alert: Alert) -> bool:
    return alert.kind == AlertKind.DOWN and alert.incident.ended_at is not None


# ---- which number carries it


def carrier(alert: Alert, now: datetime) -> WhatsAppInstance | None:
    """The number that shall carry the alert now; None while there is none."""
    return next(iter(carriers(alert, now)), None)


def carriers(alert: Alert, now: datetime) -> list[WhatsAppInstance]:
    """The shop's numbers that are connected by evidence and may carry the alert, the best first.

    None that has dropped itself, none on a server that is down, not the phone that shall be told. The number that
    came back carries the news of it only when no other can.
    """
    incident = alert.incident
    rows = alert.shop.numbers.filter(state=ConnectionState.CONNECTED, server__isnull=False, remote_name__isnull=False)
    rows = rows.exclude(incidents__in=alert.shop.incidents.filter(ended_at__isnull=True))
    if incident.code in SERVER_CODES and incident.ended_at is None:
        rows = rows.exclude(server_id=incident.instance.server_id)
    found = [
        number
        for number in rows.order_by("-is_primary", "pk")
        if shown(number, now).is_connected and phone_key(number.number) != phone_key(alert.phone)
    ]
    return sorted(found, key=lambda number: number.pk == incident.instance_id)


# ---- what it says


def key_of(alert: Alert) -> str:
    """Two people with one phone are told once."""
    return f"alert:{alert.incident_id}:{alert.kind}:{phone_key(alert.phone)}"


def _queue(alert: Alert, number: WhatsAppInstance, now: datetime) -> None:
    queue_through(
        number,
        TEXTS[AlertKind(alert.kind)],
        to=alert.phone,
        context=words_of(alert.incident),
        dedupe_key=key_of(alert),
        now=now,
        expires_at=now + WORTH_TELLING,
    )


def words_of(incident: ConnectionIncident) -> dict[str, Any]:
    """The variables of both texts, in Portuguese and on the shop's clock."""
    number, zone = incident.instance, ZoneInfo(incident.shop.timezone)
    returned_at = incident.returned_at or incident.began_at
    with override(settings.LANGUAGE_CODE), timezone.override(zone):
        cause = cause_of(incident.code)
        return {
            "shop": incident.shop.name,
            "number": number.name,
            "since": f"{timezone.localtime(incident.began_at):%H:%M}",
            "at": f"{timezone.localtime(returned_at):%H:%M}",
            "lasted": elapsed.lasting(returned_at - incident.began_at),
            "happened": str(cause.happened),
            "next_step": str(cause.next_step),
            "link": f"{settings.SITE_URL}{reverse('whatsapp:detail', args=[number.pk])}",
        }
