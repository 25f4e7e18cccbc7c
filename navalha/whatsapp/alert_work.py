"""What tells people of drops unasked: incidents follow their numbers, and mails that are due go out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from navalha.accounts.models import User
from navalha.core.claims import claim

from . import alerts, incidents
from .mail import alert_mail, outage_mail
from .models import Alert, AlertState, AlertWay, ConnectionIncident, ConnectionState, EvolutionServer, ServerOutage
from .models import WhatsAppInstance as Number

log = structlog.get_logger(__name__)

S = ConnectionState
# Sooner than the owners of its numbers: the operator is the one who can do something.
SERVER_SOONER = 2.5


def watch(now: datetime) -> None:
    """Open, follow and end incidents of numbers and of servers."""
    for row in _dropped():
        incidents.open_incident(row, now)
    for incident in ConnectionIncident.across_shops.filter(ended_at__isnull=True).select_related("instance"):
        incidents.follow(incident, now)
    _watch_servers(now)


def _dropped() -> "QuerySet[Number]":
    """Numbers out of service that have no open incident. One that was never in service has nothing to lose."""
    is_open = ConnectionIncident.across_shops.filter(instance=OuterRef("pk"), ended_at__isnull=True)
    final = Q(error_code__in=incidents.DROPPED) | Q(error_code__regex=r"^\d+$")
    dropped = Q(state=S.UNSTABLE) | Q(final, state__in=[S.DISCONNECTED, S.ERROR])
    return Number.across_shops.filter(dropped, ~Exists(is_open), connected_at__isnull=False).order_by("pk")


# ---- mails to members


def send_alerts(now: datetime) -> int:
    """Send what is due; how many went out. A mail server that is away costs a delay and nothing else."""
    mails = Alert.across_shops.filter(way=AlertWay.EMAIL)
    for alert in mails.filter(state=AlertState.SENDING, lease_until__lte=now).select_related("shop"):
        alerts.record_failure(alert, now)
    sent = 0
    for alert in alerts.take(mails.filter(state=AlertState.QUEUED, due_at__lte=now), now):
        if _send(alert_mail(alert), alert=alert.pk, shop=alert.shop_id):
            alerts.record_sent(alert, now)
            sent += 1
        else:
            alerts.record_failure(alert, now)
    return sent + _send_outages(now)


def _send(mail: EmailMessage, **ids: int) -> bool:
    if not mail.to:
        log.error("alert_mail_has_no_reader", **ids)
        return True
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        log.error("alert_mail_is_not_taken", error=type(error).__name__, **ids)
        return False
    log.info("alert_mail_sent", **ids)
    return True


# ---- servers, for the operator


def _watch_servers(now: datetime) -> None:
    silent = _silent_servers()
    after = timedelta(seconds=settings.ALERT_AFTER_SECONDS / SERVER_SOONER)
    lasted = {pk: since for pk, since in silent.items() if now - since >= after}
    opened = ServerOutage.objects.filter(ended_at__isnull=True).values("server_id")
    for server in EvolutionServer.objects.filter(pk__in=lasted).exclude(pk__in=opened):
        ServerOutage.objects.get_or_create(
            server=server, ended_at=None, defaults={"began_at": lasted[server.pk], "due_at": now}
        )
    for outage in ServerOutage.objects.filter(ended_at__isnull=True):
        _follow_server(outage, outage.server_id in silent, now)


def _silent_servers() -> dict[int, datetime]:
    """Since when each server has not answered, for those that do not."""
    rows = Number.across_shops.filter(unanswered_since__isnull=False, server__isnull=False).exclude(state=S.REMOVED)
    return dict(rows.order_by().values_list("server_id").annotate(since=Min("unanswered_since")))


def _follow_server(outage: ServerOutage, silent: bool, now: datetime) -> None:
    if silent:
        ServerOutage.objects.filter(pk=outage.pk).exclude(returned_at=None).update(returned_at=None)
    elif outage.returned_at is None:
        ServerOutage.objects.filter(pk=outage.pk).update(returned_at=now)
    elif (now - outage.returned_at).total_seconds() >= settings.ALERT_STEADY_SECONDS:
        ServerOutage.objects.filter(pk=outage.pk, ended_at=None).update(ended_at=now, due_at=now, attempts=0)


def _send_outages(now: datetime) -> int:
    sent = 0
    for outage in _take_outages(now):
        back = outage.ended_at is not None
        if _send(_outage_mail(outage, back=back), outage=outage.pk):
            field = "back_told_at" if back else "down_told_at"
            ServerOutage.objects.filter(pk=outage.pk).update(**{field: now, "attempts": 0, "due_at": now})
            sent += 1
    return sent


@transaction.atomic
def _take_outages(now: datetime) -> list[ServerOutage]:
    """Outages with something to tell. They are put off before the mail goes out: two workers send one mail, and one
    that dies sends it again (`alerts`)."""
    down = Q(down_told_at=None, ended_at=None)
    back = Q(ended_at__isnull=False, back_told_at=None)
    due = ServerOutage.objects.filter(down | back, due_at__lte=now, attempts__lt=alerts.MAX_ATTEMPTS)
    taken = claim(due.select_related("server").order_by("due_at", "pk"), limit=alerts.AT_ONCE)
    for outage in taken:
        wait = max(alerts.wait_after(outage.attempts + 1), alerts.LEASE)
        ServerOutage.objects.filter(pk=outage.pk).update(attempts=F("attempts") + 1, due_at=now + wait)
    return taken


def _outage_mail(outage: ServerOutage, *, back: bool) -> EmailMessage:
    rows = Number.across_shops.filter(server=outage.server).exclude(state=S.REMOVED)
    hit = rows.aggregate(numbers=Count("pk"), shops=Count("shop", distinct=True))
    return outage_mail(outage, back=back, to=list(_operators()), **hit)


def _operators() -> Iterable[str]:
    return User.objects.filter(is_superuser=True, is_active=True).order_by("pk").values_list("email", flat=True)
