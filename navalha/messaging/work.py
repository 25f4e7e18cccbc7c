"""What happens to messages unasked. Each function may be called at any time, by any number of workers."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet

from navalha.accounts.models import ShopState
from navalha.core.secrets import WrongKey
from navalha.core.wake import wake
from navalha.evolution.client import EvolutionClient
from navalha.evolution.errors import EvolutionError, Rejected, Unreachable
from navalha.evolution.types import Sent, StoredMessage
from navalha.whatsapp.gateway import client_for
from navalha.whatsapp.health import EVIDENCE_SLACK
from navalha.whatsapp.health_work import Unacked, record_unacked
from navalha.whatsapp.models import ConnectionState, WhatsAppInstance

from . import acks, lookup, pacing, sending
from .identity import recipient
from .models import Direction, MessageState, Pace, PendingDelivery, WhatsAppMessage

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
# Servers that did not answer in this round: one that hangs must not hold up what is asked of the others.
Silent = set[int | None]
BATCH = 200
# A look is short; the long patience of a send would hold up everybody else's.
LOOK_PATIENCE = 15.0
# How long after taking it a message may be sent. Whoever was stopped in between (a paused machine) does not know
# whether it was looked up, found absent and sent by somebody else meanwhile.
FRESH = timedelta(seconds=10)
# A drain waits so long altogether for its next turn; for longer it gives its place to another shop and is woken again.
PATIENCE = timedelta(seconds=5)
NAP = timedelta(seconds=1)
UNCLAIMED_FOR = timedelta(hours=1)
ASK_FOR = timedelta(days=2)


# What has waited for longer says nothing of how the number stands today.
UNACKED_WITHIN = timedelta(days=1)
# Handed over and not confirmed, or tried twice and not taken. The partial indexes of both states hold little. Signs of
# life are noted at most every so often (`slack`); the beginning of the connection is exact, but servers tell seconds.
UNACKED = """
SELECT n.id, min(m.moment), count(*), count(DISTINCT m.address)
FROM whatsapp_whatsappinstance n
JOIN (
  SELECT instance_id, remote_name, address, sent_at AS moment FROM messaging_whatsappmessage
  WHERE state = 'sent' AND attempts > 0 AND sent_at > %(since)s::timestamptz
  UNION ALL
  SELECT instance_id, remote_name, address, attempted_at FROM messaging_whatsappmessage
  WHERE state = 'queued' AND attempts > 1 AND error_message <> '' AND attempted_at > %(since)s::timestamptz
) m ON m.instance_id = n.id AND m.remote_name = n.remote_name
WHERE n.state = 'connected'
  AND m.moment >= date_trunc('second', n.state_changed_at)
  AND m.moment - make_interval(secs => %(slack)s)
    > coalesce(greatest(n.last_ack_at, n.last_inbound_at, n.proved_at), '-infinity')
GROUP BY n.id
"""


def ticking(now: datetime) -> Clock:
    """A clock that shows `now` at this moment and goes on from there: a drain may take minutes."""
    # Not the monotonic clock: it stands still while the machine is paused, and what woke up would send on a lease that
    # everybody else has seen run out.
    started = time.time()
    return lambda: now + timedelta(seconds=time.time() - started)


def send_due(shop_id: int, now: datetime) -> int:
    """Send what is due of one shop, one after another for each number, until nothing is left or the server fails;
    returns how many were handed over."""
    clock = ticking(now)
    numbers = _ready().filter(shop_id=shop_id).select_related("shop", "server").order_by("-is_primary", "pk")
    return sum(_drain(number, clock) for number in numbers)


def _ready() -> "QuerySet[WhatsAppInstance]":
    """The numbers of active shops that can send now. Without one, messages wait and no attempt is counted."""
    connected = WhatsAppInstance.across_shops.filter(state=ConnectionState.CONNECTED, shop__state=ShopState.ACTIVE)
    return connected.filter(server__isnull=False, remote_name__isnull=False)


def _drain(number: WhatsAppInstance, clock: Clock) -> int:
    handed_over = 0
    try:
        client = _client(number)
    except WrongKey:
        log.error("the key of an Evolution server cannot be opened", server=number.server_id, shop=number.shop_id)
        return 0
    turns = _Turns(number, clock)
    with client:
        message = turns.wait()
        while message is not None and _is_fresh(message, clock):
            try:
                sent = _send(client, message, clock)
            except Rejected:
                message = turns.wait()
                continue
            except EvolutionError:
                # The rest had better wait: the server or the number is down. After no answer too: the next one would
                # hang as long, and hold a place that the other servers' shops need.
                break
            handed_over += 1
            message = sending.record_and_take(message, sent, number, now=clock()) or turns.wait()
    return handed_over


class _Turns:
    """When the next message of one number may go out, within one drain."""

    def __init__(self, number: WhatsAppInstance, clock: Clock) -> None:
        self._number, self._clock, self._patience = number, clock, PATIENCE

    def wait(self) -> WhatsAppMessage | None:
        """Take the next, waiting for its turn; None when there is none or its turn comes too late. Naps are short:
        whoever writes meanwhile is answered first."""
        while (message := sending.take(self._number, self._clock())) is None:
            wait = pacing.time_to_turn(self._number, self._clock())
            if wait is None or wait > self._patience:
                return None
            nap = min(wait, NAP)
            time.sleep(nap.total_seconds())
            self._patience -= nap
        return message


def _is_fresh(message: WhatsAppMessage, clock: Clock) -> bool:
    """Else its lease runs out, and it is looked up."""
    if message.attempted_at is not None and clock() - message.attempted_at <= FRESH:
        return True
    log.warning("woke up too late to send", message=message.pk, shop=message.shop_id)
    return False


def _client(number: WhatsAppInstance, *, read_timeout: float | None = None) -> EvolutionClient:
    if number.server is None:
        raise Unreachable("the number is on no server")
    return client_for(number.server, read_timeout=read_timeout)


def _send(client: EvolutionClient, message: WhatsAppMessage, clock: Clock) -> Sent:
    """One attempt, outside any transaction. What failed stands on the row, and is raised: `EvolutionError`."""
    try:
        return client.send_text(message.remote_name, to=recipient(message.address), text=message.text)
    except EvolutionError as error:
        sending.record_failure(message, error, now=clock())
        raise


def wake_waiting(now: datetime) -> None:
    """Ask the worker to look at each shop that has something due: retries, and wake-ups that were lost."""
    due = WhatsAppMessage.across_shops.filter(state=MessageState.QUEUED, due_at__lte=now)
    with_number = due.filter(Exists(_ready().filter(shop_id=OuterRef("shop_id"))))
    their_turn = with_number.exclude(
        Exists(Pace.across_shops.filter(shop_id=OuterRef("shop_id"), next_send_at__gt=now))
    )
    for shop_id in their_turn.order_by("shop_id").values_list("shop_id", flat=True).distinct():
        wake("outbox", shop_id=shop_id)


def look_up_unconfirmed(now: datetime) -> None:
    """Find out what became of messages that nobody confirmed, before anything is sent again."""
    end_leases(now)
    rows = _asked_of_servers(MessageState.UNCONFIRMED, now).exclude(error_code=lookup.UNKNOWABLE)
    silent: Silent = set()
    for number, messages in _by_number(rows):
        askable = [message for message in messages if _is_askable(number, message)]
        for message in messages:
            if message not in askable:
                lookup.give_to_person(message)
        if number is not None and askable:
            _look_up(number, askable, ticking(now), silent)


def end_leases(now: datetime) -> None:
    """Doubt what is under way for longer than any worker takes."""
    gone = WhatsAppMessage.across_shops.filter(state=MessageState.SENDING, lease_until__lte=now)
    for message in gone.select_related("shop").order_by("pk"):
        sending.end_lease(message, now=now)


def _look_up(number: WhatsAppInstance, messages: list[WhatsAppMessage], clock: Clock, silent: Silent) -> None:
    stored = None if number.server_id in silent else _stored(number)
    if stored is None:
        silent.add(number.server_id)
    for message in messages:
        if stored is None:
            lookup.look_later(message, now=clock())
        else:
            lookup.clear_up(message, stored, now=clock())


def _stored(number: WhatsAppInstance) -> list[StoredMessage] | None:
    """The newest own messages of the number; None when the server does not say."""
    try:
        with _client(number, read_timeout=LOOK_PATIENCE) as client:
            return client.sent_messages(str(number.remote_name), limit=lookup.SEEN)
    except (EvolutionError, WrongKey) as error:
        log.warning("look-up failed", instance=number.pk, error=type(error).__name__, why=str(error))
        return None


def recover_acks(now: datetime) -> None:
    """Ask for the delivery of messages that stay `sent`: webhooks get lost (RECORDED 4, 5)."""
    rows = _asked_of_servers(MessageState.SENT, now).filter(attempts__gt=0, wa_id__isnull=False)
    silent: Silent = set()
    for number, messages in _by_number(rows.filter(sent_at__gt=now - ASK_FOR)):
        askable = [message for message in messages if _is_askable(number, message)]
        _put_off(messages, now)
        if number is not None and askable and number.server_id not in silent:
            _recover(number, askable, ticking(now), silent)


def _put_off(messages: Iterable[WhatsAppMessage], now: datetime) -> None:
    """Ask again when the message is twice as old: most acks that do not come soon never come."""
    ids = [message.pk for message in messages]
    WhatsAppMessage.across_shops.filter(pk__in=ids, state=MessageState.SENT).update(due_at=now + (now - F("sent_at")))


def _recover(number: WhatsAppInstance, messages: list[WhatsAppMessage], clock: Clock, silent: Silent) -> None:
    try:
        with _client(number, read_timeout=LOOK_PATIENCE) as client:
            for message in messages:
                status = client.delivery(str(number.remote_name), str(message.wa_id))
                if status is not None:
                    acks.record_delivery(number, str(message.wa_id), status, now=clock())
    except (EvolutionError, WrongKey) as error:
        silent.add(number.server_id)
        log.warning("asking for acks failed", instance=number.pk, error=type(error).__name__, why=str(error))


def report_unacked(now: datetime) -> None:
    """Tell the floor of the connections what each connected number sent, or could not hand over, since it last gave a
    sign of life: evidence that only this floor has."""
    with connection.cursor() as cursor:
        cursor.execute(UNACKED, {"slack": EVIDENCE_SLACK.total_seconds(), "since": (now - UNACKED_WITHIN).isoformat()})
        found = {pk: Unacked(since, count, people) for pk, since, count, people in cursor.fetchall()}
    record_unacked(found)


def expire(now: datetime) -> None:
    """Take out what has lost its sense: queued messages past their time, and acks that nobody claimed."""
    late = WhatsAppMessage.across_shops.filter(state=MessageState.QUEUED, expires_at__lte=now)
    while sending.expire_some(late, now=now):
        continue
    PendingDelivery.across_shops.filter(at__lte=now - UNCLAIMED_FOR).delete()


def _asked_of_servers(state: MessageState, now: datetime) -> "QuerySet[WhatsAppMessage]":
    rows = WhatsAppMessage.across_shops.filter(direction=Direction.OUT, state=state, due_at__lte=now)
    return rows.select_related("shop", "instance__server", "instance__shop", "customer").order_by("due_at", "pk")


def _by_number(
    rows: "QuerySet[WhatsAppMessage]",
) -> Iterable[tuple[WhatsAppInstance | None, list[WhatsAppMessage]]]:
    """The rows of each number, oldest first: of two with equal words the first claims the first that went out."""
    ordered = sorted(rows[:BATCH], key=lambda message: (message.instance_id or 0, message.pk))
    for _number, group in groupby(ordered, key=lambda message: message.instance_id):
        messages = list(group)
        yield messages[0].instance, messages


def _is_askable(number: WhatsAppInstance | None, message: WhatsAppMessage) -> bool:
    """Whether the remote instance that sent it still is the number's: another one knows nothing of it."""
    return number is not None and number.server_id is not None and number.remote_name == message.remote_name
