"""What the stories of the waitlist say often: a full day, somebody who waits, what WhatsApp does with a message."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from navalha.core.states import move
from navalha.messaging.models import Direction, MessageState, WhatsAppMessage
from navalha.scheduling import actions
from navalha.scheduling.models import Appointment, WaitlistEntry, WaitlistOffer
from navalha.scheduling.replies import actions as reply_actions
from navalha.scheduling.waitlist import actions as waitlist_actions
from navalha.scheduling.waitlist import work as waitlist_work
from navalha.scheduling.waitlist.actions import Asked
from navalha.scheduling.waitlist.suiting import Wanted

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
WEDNESDAY = date(2026, 11, 25)
MINUTE = timedelta(minutes=1)


def at(hour: int, minute: int = 0, day: date = WEDNESDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), SAO_PAULO).astimezone(UTC)


def fill(shop, professional, now, *, first=9, last=18, day: date = WEDNESDAY) -> list[Appointment]:
    """Visits of half an hour without a gap, each by somebody else."""
    ends, starts_at, made = at(last, day=day), at(first, day=day), []
    while starts_at < ends:
        half = starts_at + timedelta(minutes=30)
        somebody = shop.customers.create(name=f"Cliente {starts_at:%H%M}", created_at=now)
        made.append(
            shop.appointments.create(
                customer=somebody,
                professional=professional,
                starts_at=starts_at,
                ends_at=half,
                created_at=now,
                state_changed_at=now,
            )
        )
        starts_at = half
    return made


def join(shop, services, now, *, name="Rafa", phone="+5511988887777", professional=None, by=None, **wanted):
    """Somebody who wants Wednesday, unless `wanted` says otherwise."""
    wish = Wanted(**{"first_day": WEDNESDAY, "last_day": WEDNESDAY, **wanted})
    return waitlist_actions.join(shop, Asked(services, professional, wish), name=name, phone=phone, by=by, now=now)


def sent(message: WhatsAppMessage, when: datetime) -> None:
    """WhatsApp has it."""
    move(message, to=MessageState.SENDING, now=when)
    move(message, to=MessageState.SENT, now=when, sent_at=when, wa_id=f"OUT{message.pk}")


def offered(shop, when: datetime) -> WaitlistOffer:
    """Look at the list; the newest offer, told at the same moment."""
    waitlist_work.look(shop.pk, when)
    made = shop.waitlist_offers.latest("pk")
    sent(made.message, when)
    waitlist_work.look(shop.pk, when)
    made.refresh_from_db()
    return made


def says(entry: WaitlistEntry, text: str, when: datetime, **fields) -> WhatsAppMessage:
    """The customer writes, and the product reads it in the same moment."""
    message = entry.shop.messages.create(
        customer=entry.customer,
        direction=Direction.IN,
        state=MessageState.RECEIVED,
        address=entry.customer.phone,
        text=text,
        wa_id=f"IN{entry.shop.messages.count()}",
        **{"created_at": when, "kind": "text", **fields},
    )
    reply_actions.handle(message, now=when)
    message.refresh_from_db()
    return message


def answer_to(message: WhatsAppMessage) -> str:
    return message.shop.messages.get(dedupe_key=f"reply:{message.pk}").text


def free(visit: Appointment, when: datetime) -> None:
    actions.cancel(visit, now=when, tell_customer=False)
