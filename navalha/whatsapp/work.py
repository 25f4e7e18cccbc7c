"""What happens unasked: pairings that nobody finished end, and each number is compared with what its server says.

Webhooks get lost (RECORDED 4), so none of this is a luxury: it is what makes the pages true again within a minute.
"""

from collections import defaultdict
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q

from navalha.evolution.types import ConnectionState as Remote

from . import health, remotes, servers
from .causes import FINAL_CODES
from .enquiry import Answer, Question, Said, ask_servers
from .models import ConnectionState, EvolutionServer, RetiredRemote, WhatsAppInstance
from .pairing import FIRST_QR_TAKES, OPENING_TAKES, began_at
from .pairing_end import end_refused, end_session, failed_code
from .records import IN_SERVICE, Who, close_for_good, connect, doubt, heard
from .refusals import forgiven
from .states import note, stop

log = structlog.get_logger(__name__)

S = ConnectionState
# A drop shorter than this is WhatsApp's daily life and no news for the owner (FACTS C: alarm after 2 to 3 minutes).
UNSTABLE_AFTER = timedelta(minutes=2)
# A server that says "closed" for so long has stopped trying.
LOST_AFTER = timedelta(minutes=10)
# Answers of a server that say nothing of the number, and what keeps the number away then.
SAYS_NOTHING_OF_IT = {
    Said.NO_ANSWER: "server_down",
    Said.REFUSED_US: "server_key",
    Said.NO_LICENCE: "server_licence",
}
AT_ONCE = 200  # numbers for each server and round
RETIRED_AT_ONCE = 50
DEAD_CODES = [*map(str, sorted(FINAL_CODES)), "closed_at_once"]
FORGET_AFTER = timedelta(days=1)  # Evolution repeats a webhook for about twenty minutes (FACTS C)


def check_connections(now: datetime) -> int:
    """Ask every server about its numbers and mend what we missed; how many numbers were answered for.

    All servers at the same time, each with a limit of its own: one that is dead does not hold up the others.
    """
    rows = WhatsAppInstance.across_shops.filter(remote_name__isnull=False, server__isnull=False)
    rows = rows.exclude(state=S.REMOVED).select_related("server", "shop")
    by_server: dict[EvolutionServer, list[WhatsAppInstance]] = defaultdict(list)
    for row in rows.order_by(F("checked_at").asc(nulls_first=True), "pk"):
        if row.server is not None and len(by_server[row.server]) < AT_ONCE:
            by_server[row.server].append(row)
    return _check(by_server, now)


def check_number(instance_id: int, now: datetime) -> bool:
    """Ask about one number, because something was said that we do not believe; whether its server answered."""
    row = WhatsAppInstance.across_shops.select_related("server", "shop").filter(pk=instance_id).first()
    if row is not None and row.remote_name and row.server is not None:
        return bool(_check({row.server: [row]}, now))
    return False


def _check(by_server: dict[EvolutionServer, list[WhatsAppInstance]], now: datetime) -> int:
    rows = {row.remote_name: row for rows in by_server.values() for row in rows}
    questions = {
        server: [Question(row.remote_name or "", row.state != S.CONNECTED) for row in rows]
        for server, rows in by_server.items()
    }
    answered = 0
    for server, answers in ask_servers(questions):
        for answer in answers:
            answered += _mend(rows[answer.name], answer, now)
        if any(answer.said is not Said.NO_ANSWER for answer in answers):
            EvolutionServer.objects.filter(pk=server.pk).update(seen_at=now)
    return answered


@transaction.atomic
def _mend(known: WhatsAppInstance, answer: Answer, now: datetime) -> bool:
    """Bring one row in line with `answer`; whether there was one."""
    row = known.locked()
    if row.remote_name != answer.name:
        return False
    match answer.said:
        case Said.OPEN:
            _is_open(row, answer, now)
        case Said.MISSING:
            _is_missing(row, now)
        case Said.CLOSED:
            _is_closed(row, answer, now)
        case Said.CONNECTING:
            _is_away(row, answer.said, now)
        case Said.NO_ANSWER | Said.REFUSED_US | Said.NO_LICENCE:
            _is_unanswered(row, SAYS_NOTHING_OF_IT[answer.said], now)
            return False
    note(row, {"checked_at": now, "unanswered_since": None})
    return True


def _is_open(row: WhatsAppInstance, answer: Answer, now: datetime) -> None:
    if row.state == S.CONNECTED or not health.open_is_enough(row, now):
        note(row, {**heard(row, Remote.OPEN, now), **forgiven(row, now)})
        return
    log.warning("open_without_a_webhook", shop=row.shop_id, number=row.pk, state=row.state)
    connect(row, Who(answer.owner_phone, answer.profile_name, answer.picture_url), now=now)


def _is_missing(row: WhatsAppInstance, now: datetime) -> None:
    just_asked = row.state == S.AWAITING_QR and row.is_pairing_at(now) and now - began_at(row) < OPENING_TAKES
    if just_asked or row.state in (S.DISCONNECTED, S.ERROR):
        return
    log.warning("remote_is_missing", shop=row.shop_id, number=row.pk, server=row.server_id)
    remotes.retire(row, now=now)
    stop(row, "missing", remotes.GONE, now=now)


def _is_closed(row: WhatsAppInstance, answer: Answer, now: datetime) -> None:
    """Final only with a final code: while WhatsApp is away, a connected number says "close" every other moment."""
    if answer.code in FINAL_CODES and answer.code is not None and row.state in (*IN_SERVICE, S.CONNECTING):
        if row.state == S.CONNECTING:
            end_refused(row, answer.code, now=now)
        else:
            close_for_good(row, answer.code, heard(row, Remote.CLOSE, now), now=now)
        return
    lost = row.state == S.UNSTABLE and row.raw_status == Said.CLOSED.value
    if lost and row.raw_status_at is not None and now - row.raw_status_at >= LOST_AFTER:
        stop(row, row.error_code if row.error_code in ("440", "411", "500") else "closed", now=now)
        return
    _is_away(row, Said.CLOSED, now)


def _is_away(row: WhatsAppInstance, said: Said, now: datetime) -> None:
    """Not open: shown once it has lasted."""
    note(row, heard(row, said.value, now))
    lasted = row.raw_status_at is not None and now - row.raw_status_at >= UNSTABLE_AFTER
    if (row.state == S.CONNECTED and lasted) or _blames_server(row):
        doubt(row, health.NO_CONTACT, now=now)


def _blames_server(row: WhatsAppInstance) -> bool:
    return row.state == S.UNSTABLE and row.error_code in health.SERVER_CODES


def _is_unanswered(row: WhatsAppInstance, code: str, now: datetime) -> None:
    """The server says nothing: what it said last is of no use any more, and shown so after two checks."""
    note(row, {"unanswered_since": row.unanswered_since or now})
    blames_other = row.state == S.UNSTABLE and row.error_code != code
    if (row.state == S.CONNECTED or blames_other) and health.server_is_gone(row, now):
        doubt(row, code, now=now)


def check_servers(now: datetime) -> int:
    """Look at every server, full or empty; how many answered."""
    return servers.check_servers(EvolutionServer.objects.order_by("pk"), now=now)


def expire_pairings(now: datetime) -> int:
    """End the pairings whose time is over, and delete the remote instances that nobody uses; how many ended."""
    late = Q(pairing_expires_at__isnull=True) | Q(pairing_expires_at__lte=now)
    late |= Q(state=S.CONNECTING, state_changed_at__lte=now - OPENING_TAKES)
    rows = WhatsAppInstance.across_shops.filter(late, state__in=[S.AWAITING_QR, S.CONNECTING])
    ended = sum(_expire(row, now) for row in rows.select_related("server", "shop").order_by("pk"))
    retire_dead(now)
    delete_retired(now)
    return ended


def retire_dead(now: datetime) -> int:
    """Give up the remote instances that WhatsApp logged out for good; how many.

    They are kept for a while, because a close that is not true is mended by asking. Later they would only draw codes
    that nobody asked for whenever their server starts again (RECORDED 7).
    """
    dead = Q(state__in=[S.DISCONNECTED, S.ERROR], error_code__in=DEAD_CODES, remote_name__isnull=False)
    rows = WhatsAppInstance.across_shops.filter(dead, state_changed_at__lte=now - LOST_AFTER)
    return sum(_retire_dead(row, now) for row in rows.select_related("server", "shop").order_by("pk")[:AT_ONCE])


@transaction.atomic
def _retire_dead(known: WhatsAppInstance, now: datetime) -> bool:
    row = known.locked()
    if row.remote_name != known.remote_name or row.state != known.state:
        return False
    remotes.retire(row, now=now)
    note(row, remotes.GONE)
    return True


def _expire(row: WhatsAppInstance, now: datetime) -> bool:
    if row.state == S.CONNECTING and now - row.state_changed_at < OPENING_TAKES:
        return False  # read at the last moment
    _say_if_deaf(row, now)
    check_number(row.pk, now)  # perhaps it is connected and we were not told
    return end_session(row, _why_over(row), now=now)


def _why_over(row: WhatsAppInstance) -> str:
    if row.state == S.CONNECTING:
        return failed_code(row)
    return "code_refused" if row.pairing_phone and row.connection_code else "pairing_expired"


def _say_if_deaf(row: WhatsAppInstance, now: datetime) -> None:
    """A whole pairing without one webhook means that the server cannot reach WEBHOOK_BASE_URL."""
    began = began_at(row) if row.pairing_expires_at else now
    if row.qr_code and now - began > FIRST_QR_TAKES and not row.webhook_events.filter(received_at__gte=began).exists():
        log.error("webhooks_do_not_arrive", server=row.server_id, number=row.pk, shop=row.shop_id)


def delete_retired(now: datetime) -> int:
    """Delete the remote instances that were given up, and forget those that have been gone for a day; how many went."""
    RetiredRemote.across_shops.filter(deleted_at__lt=now - FORGET_AFTER).delete()
    rows = RetiredRemote.across_shops.filter(deleted_at__isnull=True).select_related("server")
    # In any order: one that its server cannot delete ends the round, and must not be the first of every round.
    return remotes.delete_retired(rows.order_by("?")[:RETIRED_AT_ONCE], now=now)
