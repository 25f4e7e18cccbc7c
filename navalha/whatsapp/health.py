"""How a number really stands, judged by evidence and not by what its server says. Pure: rows in, verdicts out.

A server goes on saying "open" of a session that is dead, and takes messages that nobody ever gets (FACTS D 7). What
counts is what only WhatsApp can have caused: an ack, a message that came in, an answer to a probe. Silence alone proves
nothing (shops are quiet at night); silence after we said something does, and then one careful question settles it.
"""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from navalha.web import elapsed
from navalha.web.badges import CONNECTION

from .causes import ALIASES, CAUSES, Cause, cause_of
from .causes import trouble_of as trouble_of_state
from .models import ConnectionState, WhatsAppInstance

S = ConnectionState

# A send is usually confirmed within seconds; a phone that is off confirms later, so this raises a doubt and no more.
SUSPECT_AFTER = timedelta(minutes=5)
# Without an answer to the probe itself: so many sends to so many people are not all phones that are off.
MANY_SENDS, MANY_PEOPLE = 3, 2
# A number that heard and said nothing for so long is asked, too: a night is shorter.
STALE_AFTER = timedelta(hours=12)
# WhatsApp dislikes who asks much (FACTS D 18): one question about one's own number in ten minutes is nothing.
PROBE_EVERY = timedelta(minutes=10)
# With nothing sent meanwhile one unanswered question may be an accident; two are not.
SILENT_PROBES = 2
# The watchdog helps once; what a restart did not mend within the day is for a person.
RESTART_EVERY = timedelta(hours=6)
# After a restart the connection needs a moment before it is asked again.
RESTART_SETTLES = timedelta(seconds=30)
# Two programs on one session throw each other out within seconds, for ever (FACTS C, 440); weather does not do that.
FLIPS = 6
FLIP_WINDOW = timedelta(minutes=10)
FLIP_CALM = timedelta(minutes=5)
# Acks and messages are noted at most so often (`records`): what was sent just after one may have been answered.
EVIDENCE_SLACK = timedelta(seconds=30)

MUTE, FLAPPING, UNCHECKED, NO_CONTACT = "mute", "flapping", "unchecked", "no_contact"
SERVER_CODES = frozenset({"server_down", "server_key", "server_licence"})


class Life(enum.Enum):
    """What came back from a probe: WhatsApp's own data, nothing that proves anything, or no answer at all."""

    ALIVE = "alive"
    UNCLEAR = "unclear"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Shown:
    """How a number is shown everywhere. `key` is one of `web.badges`; with `whole` the words say since when."""

    key: str
    words: str
    since: datetime
    code: str = ""
    whole: bool = False

    @property
    def is_connected(self) -> bool:
        return self.key == S.CONNECTED


def shown(number: WhatsAppInstance, now: datetime) -> Shown:
    """The one place that says how `number` is shown: on cards, in the shell, in the API, in mails, to the operator."""
    if number.is_connected and not number.is_surely_connected_at(now):
        return _unstable(UNCHECKED, number.vouched_at, now)
    if number.state == S.UNSTABLE:
        return _unstable(number.error_code, silent_since(number), now)
    key = _key(number)
    return Shown(key, str(CONNECTION[key].words), number.state_changed_at, number.error_code)


def _key(number: WhatsAppInstance) -> str:
    """The badge: the state, unless its cause has one of its own (blocked, passkey)."""
    code = ALIASES.get(number.error_code, number.error_code)
    cause = CAUSES.get(code) if number.state in (S.ERROR, S.DISCONNECTED) else None
    return cause.badge if cause is not None and cause.badge else str(number.state)


def _unstable(code: str, since: datetime, now: datetime) -> Shown:
    if now - since < timedelta(minutes=1):
        words: str | Promise = _("Instável – sem retorno")
    else:
        words = _("Instável – sem retorno %(since)s") % {"since": elapsed.since(since, now)}
    return Shown(str(S.UNSTABLE), str(words), since, code, whole=True)


def trouble_of(number: WhatsAppInstance, look: Shown) -> Cause | None:
    """Why it is out of service, as shown; None when it is in service or never was."""
    return cause_of(UNCHECKED) if look.code == UNCHECKED else trouble_of_state(number)


def silent_since(number: WhatsAppInstance) -> datetime:
    """Since when an unstable number gives no sign: of its server, of WhatsApp after a send, or of the connection."""
    if number.error_code in SERVER_CODES:
        return number.unanswered_since or number.state_changed_at
    if number.error_code == MUTE:
        return number.unacked_since or last_proof(number) or number.state_changed_at
    if number.error_code == FLAPPING:
        return number.flips_since or number.state_changed_at
    return min(number.raw_status_at or number.state_changed_at, number.state_changed_at)


def last_proof(number: WhatsAppInstance) -> datetime | None:
    """When WhatsApp last gave a sign over this number that no server can make up."""
    known = (number.last_ack_at, number.last_inbound_at, number.proved_at, number.connected_at)
    return max((moment for moment in known if moment), default=None)


# ---- doubt, and what settles it


def is_unanswered(number: WhatsAppInstance, now: datetime) -> bool:
    """Whether something was sent, long enough ago, since the last sign of life."""
    return number.unacked_since is not None and now - number.unacked_since >= SUSPECT_AFTER


def is_stale(number: WhatsAppInstance, now: datetime) -> bool:
    proof = last_proof(number)
    return proof is not None and now - proof >= STALE_AFTER


def wants_probe(number: WhatsAppInstance, now: datetime) -> bool:
    """Whether there is a reason to ask WhatsApp, and enough time since we last did."""
    if number.state not in (S.CONNECTED, S.UNSTABLE) or number.unanswered_since is not None:
        return False
    if number.state == S.UNSTABLE and number.error_code != MUTE:
        return False
    return _has_reason(number, now) and now - (number.probed_at or datetime.min.replace(tzinfo=now.tzinfo)) >= _pause(
        number
    )


def _has_reason(number: WhatsAppInstance, now: datetime) -> bool:
    return number.state == S.UNSTABLE or is_unanswered(number, now) or is_stale(number, now)


def _pause(number: WhatsAppInstance) -> timedelta:
    """Soon after the watchdog's restart: that question says whether it helped."""
    just_restarted = (
        number.restarted_at is not None and (number.probed_at or number.restarted_at) <= number.restarted_at
    )
    return RESTART_SETTLES if just_restarted else PROBE_EVERY


def is_mute(number: WhatsAppInstance, now: datetime) -> bool:
    """The verdict after a probe: the session is open and dead."""
    if is_unanswered(number, now):
        many = number.unacked_count >= MANY_SENDS and number.unacked_people >= MANY_PEOPLE
        return number.silent_probes >= 1 or many
    return number.silent_probes >= SILENT_PROBES


def restart_helped(number: WhatsAppInstance) -> bool:
    """Whether the connection was made anew after the watchdog's restart: with a probe that says nothing either way
    (no profile picture), a fresh log-in is the better evidence."""
    again = number.restarted_at is not None and number.raw_status == "open" and number.raw_status_at is not None
    return bool(again and number.raw_status_at >= number.restarted_at)  # type: ignore[operator]


def may_restart(number: WhatsAppInstance, now: datetime) -> bool:
    """Once for each incident, and never in a loop."""
    if number.state != S.UNSTABLE or number.error_code != MUTE:
        return False
    return number.restarted_at is None or now - number.restarted_at >= RESTART_EVERY


# ---- flapping


def flip(number: WhatsAppInstance, now: datetime) -> dict[str, object]:
    """The fields after one more drop of an open connection; a window that is over starts anew."""
    since = number.flips_since
    if since is None or now - since > FLIP_WINDOW:
        return {"flips": 1, "flips_since": now, "flipped_at": now}
    return {"flips": min(number.flips + 1, 32_000), "flipped_at": now}


def is_flapping(number: WhatsAppInstance) -> bool:
    return number.flips >= FLIPS


def is_calm(number: WhatsAppInstance, now: datetime) -> bool:
    return number.flipped_at is None or now - number.flipped_at >= FLIP_CALM


def open_is_enough(number: WhatsAppInstance, now: datetime) -> bool:
    """Whether "open" from the server puts an unstable number back into service. It said so of the dead one, too."""
    if number.state != S.UNSTABLE:
        return True
    if number.error_code == MUTE:
        return False
    return number.error_code != FLAPPING or is_calm(number, now)


def server_is_gone(number: WhatsAppInstance, now: datetime) -> bool:
    """Two checks in a row without an answer."""
    since = number.unanswered_since
    return since is not None and (now - since).total_seconds() >= settings.SERVER_GONE_AFTER_SECONDS
