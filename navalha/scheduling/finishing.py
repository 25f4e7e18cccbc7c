"""The end of a visit: what was really done and paid, beside what had been booked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import User
from navalha.core.errors import Refused

from . import visits
from .models import Appointment, AppointmentState, DoneService, Service

HIGHEST_CENTS = 10_000_000  # a hundred thousand reais: more is a slip of the finger


@transaction.atomic
def finish(
    appointment: Appointment,
    *,
    by: User | None = None,
    now: datetime,
    services: Sequence[Service] | None = None,
    paid_cents: int | None = None,
    paid_with: str = "",
) -> None:
    """The service is done: `services` (None: what was booked), paid with a `Payment` (None: nobody said).

    A second press changes nothing: who corrects a finished visit takes it back first. Raises Refused.
    """
    if services is not None and not services:
        raise Refused(_("Diga o que foi feito: escolha pelo menos um serviço."))
    if paid_cents is not None and not 0 <= paid_cents <= HIGHEST_CENTS:
        raise Refused(_("Confira o valor pago."))
    if paid_cents and not paid_with:
        raise Refused(_("Diga como foi pago: Pix, dinheiro ou cartão."))
    paid: dict[str, Any] = {"paid_cents": paid_cents, "paid_with": paid_with if paid_cents else ""}
    if visits.step(appointment, AppointmentState.DONE, by=by, now=now, **paid):
        _note(appointment, services)


def _note(appointment: Appointment, services: Sequence[Service] | None) -> None:
    """At the price of the booking where it was booked, else at today's."""
    booked = {item.service_id: item for item in appointment.items.select_related("service")}
    done = [item.service for item in booked.values()] if services is None else services
    appointment.done_items.bulk_create(
        DoneService(
            shop_id=appointment.shop_id,
            appointment=appointment,
            service=service,
            name=booked[service.pk].name if service.pk in booked else service.name,
            price_cents=booked[service.pk].price_cents if service.pk in booked else service.price_cents,
            position=position,
        )
        for position, service in enumerate(done)
    )
