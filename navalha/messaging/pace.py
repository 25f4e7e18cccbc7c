"""How fast one WhatsApp number may write: pure. Says "now", or "not before T, because…".

WhatsApp publishes no limits. The figures are ours and careful, after what FACTS E tells of bans and of ack error 463
(new chats refused, existing ones left alone): one send at a time with a human gap, few new people a day while a
connection is young, nothing unasked at night, and a stop when new chats are refused.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from zoneinfo import ZoneInfo

# Seconds between two sends of a number, by what the later one is.
REPLY_GAP, KNOWN_GAP, NEW_GAP = (1.0, 3.0), (3.0, 8.0), (8.0, 20.0)
# New people a day in the first week of a connection; doubled each week up to the shop's own limit (FACTS E).
FIRST_WEEK = 20
# So many refusals of new chats in a row stop the writing to new people for so long (FACTS D 11).
REFUSALS, PAUSE = 3, timedelta(hours=24)
# New chats of a day that nobody's phone has received: from so many, and so large a share, on WhatsApp is suspected.
SILENT_FROM, SILENT_SHARE, SILENCE_SLOWS = 5, 0.8, 4
# Who wrote so lately is in a conversation: nothing but the small gap holds up what we tell them.
LIVE = timedelta(minutes=15)
# What follows from something that somebody did so lately (a booking, a cancellation) is expected, at any hour.
PROMPT = timedelta(minutes=30)
# Of what nobody asked for: messages to one person about one booking without an answer. The confirmation of a booking
# counts for nothing here: it answers what the customer did.
MOST_UNANSWERED = 2


class Hold(StrEnum):
    """Why a message waits. Kept on its row; the words are in `waits.py`."""

    GAP = "gap"
    QUIET = "quiet"
    NEW_CONTACTS = "new_contacts"
    DAILY = "daily"
    UNANSWERED = "unanswered"
    PAUSED = "paused"
    CUSTOMER_FIRST = "customer_first"  # not of the pace: the shop lets new customers write first


@dataclass(frozen=True, slots=True)
class Policy:
    """What the shop has chosen, within the operator's limits. `quiet_from` == `quiet_until`: no quiet hours."""

    zone: ZoneInfo
    quiet_from: time
    quiet_until: time
    per_day: int
    new_per_day: int
    gap_scale: float = 1.0
    first_week: int = FIRST_WEEK


@dataclass(frozen=True, slots=True)
class History:
    """What this WhatsApp number (the phone, not its present pairing) has sent.

    `today` is the shop's day. `refused_at`: refusals of new chats, newest first, since one last went well or a person
    lifted the pause. `new_tried` and `new_silent`: new chats of the last day, and those that no phone has received.
    """

    began_at: datetime
    last_sent_at: datetime | None = None
    sent_today: int = 0
    new_today: int = 0
    refused_at: tuple[datetime, ...] = ()
    new_tried: int = 0
    new_silent: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What counts about one message that wants to go out.

    `is_new`: the number has no chat with this person yet. `is_live`: they wrote a moment ago. `is_prompt`: it follows
    from what somebody has just done. `is_timed`: it makes sense at this moment only, and wakes nobody. `is_waived`: a
    person wants it out whatever the rules say, or it is a test.
    """

    is_new: bool = False
    is_live: bool = False
    is_prompt: bool = False
    is_timed: bool = False
    is_waived: bool = False
    unanswered: int = 0
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before `until`, because of `hold`."""

    until: datetime
    hold: Hold


def decide(message: Message, history: History, policy: Policy, now: datetime) -> Wait | None:
    """None: now. A message with a rule against it waits for that; what may go keeps the gap to the last send."""
    return _ruled_out(message, history, policy, now) or _gap(message, history, policy, now)


def _ruled_out(message: Message, history: History, policy: Policy, now: datetime) -> Wait | None:
    if message.is_waived or message.is_live:
        return None
    paused = paused_until(history, now)
    if message.is_new and paused:
        return Wait(paused, Hold.PAUSED)
    if not message.is_prompt:
        if message.unanswered >= MOST_UNANSWERED:
            return Wait(message.expires_at or now + PAUSE, Hold.UNANSWERED)
        if is_quiet(policy, now) and not message.is_timed:
            return Wait(end_of_quiet(policy, now), Hold.QUIET)
    if message.is_new and history.new_today >= new_allowed(history, policy, now):
        return Wait(tomorrow(policy, now), Hold.NEW_CONTACTS)
    if history.sent_today >= policy.per_day:
        return Wait(tomorrow(policy, now), Hold.DAILY)
    return None


def _gap(message: Message, history: History, policy: Policy, now: datetime) -> Wait | None:
    if history.last_sent_at is None:
        return None
    gap = gap_before(message, history, policy)
    # Never longer than the gap itself: another machine's clock may be ahead of ours.
    until = min(history.last_sent_at, now) + gap
    return Wait(until, Hold.GAP) if until > now else None


def gap_before(message: Message, history: History, policy: Policy) -> timedelta:
    """A human pause before `message`. Drawn from the last send's time: the same for every worker that asks."""
    if message.is_waived or message.is_live:
        least, most = REPLY_GAP
    else:
        least, most = NEW_GAP if message.is_new else KNOWN_GAP
    seed = history.last_sent_at.timestamp() if history.last_sent_at else 0
    seconds = Random(seed).uniform(least, most) * policy.gap_scale  # noqa: S311 - looks human, guards nothing
    return timedelta(seconds=seconds * (slowed(history) if message.is_new else 1))


def slowed(history: History) -> int:
    """How many times longer the gap before a new person is: doubled for each refusal, more when WhatsApp is silent."""
    by_refusals = 2 ** min(len(history.refused_at), 2)
    return max(by_refusals, SILENCE_SLOWS if is_silent(history) else 1)


def is_silent(history: History) -> bool:
    """Hardly any of the day's new chats was received: what error 463 looks like when its acks get lost."""
    return history.new_tried >= SILENT_FROM and history.new_silent >= SILENT_SHARE * history.new_tried


def paused_until(history: History, now: datetime) -> datetime | None:
    """Until when nobody new is written to; None when that is allowed. Then one more is tried, and decides anew."""
    recent = [moment for moment in history.refused_at if moment > now - PAUSE]
    return recent[REFUSALS - 1] + PAUSE if len(recent) >= REFUSALS else None


def new_allowed(history: History, policy: Policy, now: datetime) -> int:
    """New people on this day of the shop: doubled with each week since the number was first paired."""
    weeks = max((_day(policy, now) - _day(policy, history.began_at)).days // 7, 0)
    return min(policy.first_week * 2 ** min(weeks, 20), policy.new_per_day)


def is_quiet(policy: Policy, now: datetime) -> bool:
    """Whether the shop's clock shows an hour at which nobody wants to hear from it."""
    first, last, at = policy.quiet_from, policy.quiet_until, now.astimezone(policy.zone).time()
    return first <= at < last if first <= last else at >= first or at < last


def end_of_quiet(policy: Policy, now: datetime) -> datetime:
    """The next moment at which quiet hours are over. A clock change may show it twice, or not at all."""
    day = _day(policy, now)
    shown = [
        datetime.combine(day + timedelta(days=ahead), policy.quiet_until, policy.zone).replace(fold=fold)
        for ahead in (0, 1, 2)
        for fold in (0, 1)
    ]
    return min(moment for moment in map(_utc, shown) if moment > now and not is_quiet(policy, moment))


def start_of_quiet(policy: Policy, now: datetime) -> datetime:
    """When the quiet hours began that hold at `now`. The other end of `end_of_quiet`."""
    day = _day(policy, now)
    shown = [
        datetime.combine(day - timedelta(days=ago), policy.quiet_from, policy.zone).replace(fold=fold)
        for ago in (0, 1, 2)
        for fold in (0, 1)
    ]
    return max(moment for moment in map(_utc, shown) if moment <= now)


def tomorrow(policy: Policy, now: datetime) -> datetime:
    """The first moment of the shop's next day that is not quiet: what waited does not go out at midnight."""
    midnight = _utc(datetime.combine(_day(policy, now) + timedelta(days=1), time(), policy.zone))
    return end_of_quiet(policy, midnight) if is_quiet(policy, midnight) else midnight


def midnight_before(policy: Policy, now: datetime) -> datetime:
    """When the shop's day began."""
    return _utc(datetime.combine(_day(policy, now), time(), policy.zone))


def _day(policy: Policy, moment: datetime) -> date:
    return moment.astimezone(policy.zone).date()


def _utc(moment: datetime) -> datetime:
    """As an instant: datetimes of one zone are compared by what their clock shows, which a clock change breaks."""
    return moment.astimezone(UTC)
