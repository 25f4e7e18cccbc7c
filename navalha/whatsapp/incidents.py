"""Drops as people feel them: one incident from the first minute out of service until the connection has held again.

It is told once, when it has lasted, and once more when it is over, however often the connection came and went between.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction

from navalha.accounts.models import Membership, Role, User
from navalha.core.phones import phone_key
from navalha.live import topics
from navalha.live.publish import publish

from .health import SERVER_CODES
from .models import AlertKind, AlertState, AlertWay, ConnectionIncident, ConnectionState, WhatsAppInstance
from .queries import own_phones

log = structlog.get_logger(__name__)

S = ConnectionState
# What took a number out of service without anybody wanting it. Numbers are WhatsApp's own codes; a pairing that came
# to nothing is no drop: somebody stands before the page.
DROPPED = frozenset({"missing", "closed"})
# A drop that cannot mend itself is told sooner than one that mostly does.
FINAL_SOONER = 5
# Of one number and day, with two mails each. What comes after that is in the page; the operator's table has all.
MOST_TOLD_A_DAY = 3
DAY = timedelta(hours=24)


def is_drop(row: WhatsAppInstance) -> bool:
    """Whether the number is out of service and somebody should know."""
    if row.state == S.UNSTABLE:
        return True
    code = row.error_code
    return row.state in (S.DISCONNECTED, S.ERROR) and (code in DROPPED or code.isdecimal())


@transaction.atomic
def open_incident(row: WhatsAppInstance, now: datetime) -> ConnectionIncident | None:
    """Note that the number dropped; None when it has an open incident, or is back already."""
    row = row.locked()
    if not is_drop(row) or row.incidents.filter(ended_at__isnull=True).exists():
        return None
    began_at = min(row.state_changed_at, now)
    return row.shop.incidents.create(instance=row, began_at=began_at, code=row.error_code)


@transaction.atomic
def follow(incident: ConnectionIncident, now: datetime) -> None:
    """Bring an open incident in line with its number: told, back, over."""
    row = incident.instance.locked()
    incident = row.incidents.select_for_update(of=("self",)).get(pk=incident.pk)
    if incident.ended_at is not None:
        return
    if row.state == S.CONNECTED:
        _is_back(incident, row, now)
    elif is_drop(row):
        _is_down(incident, row, now)
    elif row.state == S.REMOVED or row.error_code == "by_person":
        _end(incident, now, said=False)


def _is_back(incident: ConnectionIncident, row: WhatsAppInstance, now: datetime) -> None:
    if incident.returned_at is None:
        incident.returned_at = min(row.state_changed_at, now)
        incident.save(update_fields=["returned_at"])
        publish(incident.shop_id, topics.WHATSAPP)
    if (now - incident.returned_at).total_seconds() >= settings.ALERT_STEADY_SECONDS:
        _end(incident, now, said=True)


def _is_down(incident: ConnectionIncident, row: WhatsAppInstance, now: datetime) -> None:
    again = incident.returned_at is not None
    changed = incident.code != row.error_code and row.error_code != ""
    if again or changed:
        incident.returned_at, incident.code = None, row.error_code or incident.code
        incident.save(update_fields=["returned_at", "code"])
        publish(incident.shop_id, topics.WHATSAPP)
    if incident.told_at is None and _has_lasted(incident, row, now):
        _tell(incident, row, now)


def _has_lasted(incident: ConnectionIncident, row: WhatsAppInstance, now: datetime) -> bool:
    wait = settings.ALERT_AFTER_SECONDS / (1 if row.state == S.UNSTABLE else FINAL_SOONER)
    return (now - incident.began_at).total_seconds() >= wait


def _tell(incident: ConnectionIncident, row: WhatsAppInstance, now: datetime) -> None:
    """In the page at once, and by mail and WhatsApp to each who wants that."""
    incident.told_at = now
    incident.save(update_fields=["told_at"])
    publish(incident.shop_id, topics.WHATSAPP)
    if _is_covered(incident, row):
        return
    if row.incidents.filter(told_at__gt=now - DAY, alerts__isnull=False).distinct().count() >= MOST_TOLD_A_DAY:
        log.warning("drop_is_told_in_the_page_alone", shop=row.shop_id, number=row.pk, most=MOST_TOLD_A_DAY)
        return
    for user in recipients(incident):
        _queue(incident, user, AlertKind.DOWN, now)
    for user, phone in phones(incident):
        _queue(incident, user, AlertKind.DOWN, now, way=AlertWay.WHATSAPP, phone=phone)


def _is_covered(incident: ConnectionIncident, row: WhatsAppInstance) -> bool:
    """A server that is down takes all numbers of the shop with it: one mail tells of it."""
    if incident.code not in SERVER_CODES:
        return False
    told = row.shop.incidents.filter(ended_at__isnull=True, code__in=SERVER_CODES, alerts__isnull=False)
    return told.filter(instance__server_id=row.server_id).exclude(pk=incident.pk).exists()


def recipients(incident: ConnectionIncident) -> list[User]:
    """Who gets mails about the shop's drops: its owners, and managers who asked for them, unless they said no."""
    said = dict(incident.shop.alert_preferences.values_list("user_id", "by_email"))
    return [
        member.user
        for member in _members(incident)
        if member.user.email and said.get(member.user_id, member.role == Role.OWNER)
    ]


def phones(incident: ConnectionIncident) -> list[tuple[User, str]]:
    """Who is told over WhatsApp too, and at which phone. Not at one that has become a number of the shop itself: who
    reads the shop's own messages there sees the page, and a number that dropped is told nothing."""
    shop = incident.shop
    given = dict(shop.alert_preferences.exclude(phone="").values_list("user_id", "phone"))
    own = own_phones(shop)
    members = [member.user for member in _members(incident) if member.user_id in given]
    return [(user, given[user.pk]) for user in members if phone_key(given[user.pk]) not in own]


def _members(incident: ConnectionIncident) -> list[Membership]:
    """Who may look after the shop's numbers."""
    rows = incident.shop.memberships.filter(role__gte=Role.MANAGER, user__is_active=True)
    return list(rows.select_related("user").order_by("pk"))


def _queue(
    incident: ConnectionIncident,
    user: User,
    kind: AlertKind,
    now: datetime,
    *,
    way: str = AlertWay.EMAIL,
    phone: str = "",
) -> None:
    fields = {"shop": incident.shop, "phone": phone, "due_at": now, "created_at": now, "state_changed_at": now}
    incident.alerts.get_or_create(user=user, kind=kind, way=way, defaults=fields)


def _end(incident: ConnectionIncident, now: datetime, *, said: bool) -> None:
    """Over. Who was told of the drop, or was about to be by mail, is told of the return by the same way; `alerts` lets
    a mail on the drop go that could not go out before."""
    incident.ended_at, incident.returned_at = now, incident.returned_at or now
    incident.save(update_fields=["ended_at", "returned_at"])
    incident.dismissed_by.clear()
    publish(incident.shop_id, topics.WHATSAPP)
    told = incident.alerts.filter(kind=AlertKind.DOWN).exclude(state=AlertState.FAILED)
    # What no number could carry until now was never heard.
    told = told.exclude(way=AlertWay.WHATSAPP, state=AlertState.QUEUED)
    for alert in told.select_related("user"):
        if said:
            _queue(incident, alert.user, AlertKind.BACK, now, way=alert.way, phone=alert.phone)
