"""Telling of drops: taking a mail to send, what became of it, and what people want.

A mail is sent between two commits. A worker that dies in between leaves a lease that runs out, and the mail goes out
again: of a drop, twice is better than never. Both copies carry one Message-ID, by which mail programs know them.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Shop, User
from navalha.core.claims import claim
from navalha.core.states import move
from navalha.web.sentences import to_keep

from .models import Alert, AlertKind, AlertState, ConnectionIncident

LEASE = timedelta(minutes=2)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)
# With these waits the last try is about five hours after the first: no mail server is away for longer unnoticed.
MAX_ATTEMPTS = 15
AT_ONCE = 20
OVERTAKEN = _("A conexão voltou antes de o aviso sair.")
NOT_TAKEN = _("O servidor de e-mail não aceitou o aviso.")


@transaction.atomic
def take(due: "QuerySet[Alert]", now: datetime) -> list[Alert]:
    """Take alerts that are due: ours until the lease runs out. A drop that is over is not told any more."""
    taken = []
    for alert in claim(
        due.select_related("shop", "user", "incident__instance").order_by("due_at", "pk"), limit=AT_ONCE
    ):
        if alert.kind == AlertKind.DOWN and alert.incident.ended_at is not None:
            give_up(alert, OVERTAKEN, now)
            continue
        attempts = alert.attempts + 1
        move(alert, to=AlertState.SENDING, now=now, attempts=attempts, lease_until=now + LEASE)
        taken.append(alert)
    return taken


@transaction.atomic
def record_sent(alert: Alert, now: datetime) -> None:
    """The mail server has it."""
    move(alert, to=AlertState.SENT, now=now, lease_until=None)


@transaction.atomic
def record_failure(alert: Alert, now: datetime) -> None:
    """The mail server did not take it: later again, and in the end given up; the page has told all the while."""
    to = AlertState.FAILED if alert.attempts >= MAX_ATTEMPTS else AlertState.QUEUED
    due_at = now + wait_after(alert.attempts)
    move(alert, to=to, now=now, reason=to_keep(NOT_TAKEN), due_at=due_at, lease_until=None)


@transaction.atomic
def give_up(alert: Alert, reason: str | Promise, now: datetime) -> None:
    """It will not be told by this way any more, because of `reason`."""
    move(alert, to=AlertState.FAILED, now=now, reason=to_keep(reason), lease_until=None)


def wait_after(attempts: int) -> timedelta:
    """30 s, 1 min, 2 min… but never longer than half an hour."""
    return min(FIRST_WAIT * 2 ** min(max(attempts - 1, 0), 20), LONGEST_WAIT)


def dismiss(incident: ConnectionIncident, *, by: User) -> None:
    """Not to be shown to this person any more; until it is over, which is news again."""
    incident.dismissed_by.add(by)


def set_preference(shop: Shop, user: User, *, by_email: bool, phone: str = "") -> None:
    """Whether `user` gets mails about drops of this shop, and at which phone (E.164, or none) they are told too."""
    shop.alert_preferences.update_or_create(user=user, defaults={"by_email": by_email, "phone": phone})
