"""What an appointment makes the product say, to the customer and to the shop's people."""

from datetime import datetime
from typing import Any

from navalha.accounts.models import ShopOwned
from navalha.core import phones
from navalha.core.errors import Refused
from navalha.customers.models import Customer
from navalha.messaging.actions import cancel_queued, queue_template
from navalha.messaging.models import MessageState, WhatsAppMessage

from . import links, queries, slots
from .models import Appointment, AppointmentState
from .reminders import taking_back


def context_of(appointment: Appointment) -> dict[str, Any]:
    """The words of the templates; times on the shop's clock, in Portuguese, as customers read them."""
    return {
        "name": appointment.customer.name,
        "customer": appointment.customer.name,
        "phone": phones.display(appointment.customer.phone),
        "shop": appointment.shop.name,
        "when": when(appointment),
        "services": " + ".join(item.name for item in appointment.items.all()),
        "professional": appointment.professional.name,
        "link": links.manage_url(appointment),
    }


def when(appointment: Appointment) -> str:
    """`terça-feira, 24/11, às 15:00`."""
    return when_words(appointment.starts_at, appointment)


def when_words(moment: datetime, row: ShopOwned) -> str:
    """The same of a moment, on the clock of the row's shop."""
    zone = queries.zone_of(row.shop)
    return f"{slots.day_words(moment, zone)}, às {slots.hour_words(moment, zone)}"


def ask_of(appointment: Appointment) -> str:
    """What a customer may answer. Portuguese, as all that customers read."""
    if appointment.state == AppointmentState.PENDING:
        return "Responda *1* para confirmar ou *2* para cancelar."
    return "Se não puder vir, responda *2* para cancelar."


def tell_customer(
    key: str,
    appointment: Appointment,
    *,
    now: datetime,
    dedupe_key: str = "",
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    customer_first: bool = False,
    to: Customer | None = None,
    **more: Any,
) -> WhatsAppMessage | None:
    """Queue template `key`, once for each appointment unless `dedupe_key` says otherwise.

    It loses its sense at `expires_at`; without, when the visit begins. With `customer_first` it waits until `due_at`
    only as long as they do not write. `to` is somebody else who holds the visit's code: they are called by their own
    name, for nobody learns from a typed phone whose it is.
    """
    customer = to or appointment.customer
    if not customer.phone and not customer.identities.exists():
        return None  # nobody to write to: a visit noted by hand without a phone
    return queue_template(
        key,
        shop=appointment.shop,
        to=customer,
        context={**context_of(appointment), "name": customer.name, **more},
        dedupe_key=dedupe_key or f"{key}:{appointment.pk}",
        now=now,
        due_at=due_at,
        expires_at=max(expires_at or appointment.starts_at, now),
        customer_first=customer_first,
    )


def tell_shop(key: str, appointment: Appointment, *, now: datetime, dedupe_key: str = "", **more: Any) -> None:
    """Queue a notice to the professional, else to the shop; to nobody when neither has a phone."""
    address = appointment.professional.phone or appointment.shop.phone
    if not address:
        return
    queue_template(
        key,
        shop=appointment.shop,
        to=address,
        context={**context_of(appointment), **more},
        dedupe_key=dedupe_key or f"{key}:{appointment.pk}",
        now=now,
        expires_at=max(appointment.ends_at, now),
    )


def drop_unsent(appointment: Appointment, *, now: datetime, reason: str) -> None:
    """Cancel what still waits in the queue about a visit that will not be: it would ask to confirm it."""
    keys = [f"{key}:{appointment.pk}" for key in ("booked", "opened", "confirmed", "notice_booked", "notice_confirmed")]
    keys += [key for key in queries.keys_about(appointment) if "rescheduled:" in key]
    for message in appointment.shop.messages.filter(dedupe_key__in=keys, state=MessageState.QUEUED):
        try:
            cancel_queued(message, now=now, reason=reason)
        except Refused:
            continue  # the worker has just taken it: it goes out, and the news of the cancellation follows it
    taking_back.drop_unsent(appointment, now=now, reason=reason)
