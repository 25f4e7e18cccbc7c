"""What happens to a visit after it was booked. Each command reads the row under a lock, so two at once take turns.

`by` is the member of the shop who commands; None is the customer, whose window ends before the visit. A command whose
effect is already there changes nothing and is no error: people press twice.
"""

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from navalha.accounts.models import Shop, User
from navalha.core import phones
from navalha.core.errors import Refused
from navalha.core.states import move
from navalha.core.wake import wake
from navalha.live import topics
from navalha.live.publish import publish
from navalha.messaging.actions import replace_in_unsent

from . import links, notices, queries, slots
from .deposits import ends as deposit_ends
from .deposits import notices as deposit_notices
from .models import APPOINTMENT_STEPS, Appointment, AppointmentState, CancelledBy, Deposit

log = structlog.get_logger(__name__)

S = AppointmentState
BY_CUSTOMER = gettext_noop("Pelo cliente")  # in the history, which is the shop's own record and in its language


@transaction.atomic
def confirm(
    appointment: Appointment,
    *,
    by: User | None = None,
    now: datetime,
    reason: str = "",
    tell_customer: bool | None = None,
) -> None:
    """The customer will come. Raises Refused when the visit is over or cancelled.

    The customer gets a message when somebody else confirmed for them, unless `tell_customer` says otherwise.
    """
    _read_again(appointment)
    if appointment.state in (S.CONFIRMED, S.ARRIVED, S.IN_SERVICE):
        return
    _check(appointment, S.CONFIRMED)
    if by is None and appointment.starts_at <= now:
        raise Refused(_("Este horário já passou. Para marcar outro, escolha um horário livre."))
    _move(appointment, S.CONFIRMED, now=now, by=by, reason=reason)
    if by is None:
        notices.tell_shop("notice_confirmed", appointment, now=now)
    if by is not None if tell_customer is None else tell_customer:
        notices.tell_customer("confirmed", appointment, now=now)


@transaction.atomic
def cancel(
    appointment: Appointment,
    *,
    by: User | None = None,
    now: datetime,
    reason: str = "",
    customer_asked: bool = False,
    tell_customer: bool = True,
) -> None:
    """Free the chair, drop the messages that lost their sense, and tell the other side.

    `customer_asked`: the member only notes what the customer wanted, which counts as theirs. Raises Refused when the
    visit has begun or is over, and for the customer when the shop's window has ended.
    """
    _read_again(appointment)
    if appointment.state == S.CANCELLED:
        return
    _check(appointment, S.CANCELLED)
    if by is None and not can_still_change(appointment, now):
        raise Refused(too_late(appointment.shop))
    who = CancelledBy.SHOP if by and not customer_asked else CancelledBy.CUSTOMER
    deposit = _free(appointment, who, by=by, now=now, reason=reason)
    if tell_customer and appointment.starts_at > now:
        deposit_notices.cancelled(deposit, appointment, now=now)
    if by is None:
        notices.tell_shop("notice_cancelled", appointment, now=now)


@transaction.atomic
def release(appointment: Appointment, *, reason: str, now: datetime) -> None:
    """Free the chair of a visit whose deposit was not paid; who does so tells the customer. Counts against nobody."""
    _read_again(appointment)
    _check(appointment, S.CANCELLED)
    _free(appointment, CancelledBy.UNPAID, by=None, now=now, reason=reason)


def arrive(appointment: Appointment, *, by: User | None = None, now: datetime, reason: str = "") -> None:
    """The customer is here. Raises Refused on another day than the visit's: a slip of the finger."""
    zone = queries.zone_of(appointment.shop)
    if slots.local_day(appointment.starts_at, zone) != slots.local_day(now, zone):
        raise Refused(_("Só dá para marcar a chegada no dia do horário."))
    step(appointment, S.ARRIVED, by=by, now=now, reason=reason)


def start(appointment: Appointment, *, by: User | None = None, now: datetime, reason: str = "") -> None:
    """The service begins."""
    step(appointment, S.IN_SERVICE, by=by, now=now, reason=reason)


@transaction.atomic
def no_show(appointment: Appointment, *, by: User | None = None, now: datetime, reason: str = "") -> None:
    """Nobody came; the chair is free again. Raises Refused before the time has come."""
    if appointment.starts_at > now:
        raise Refused(_("Ainda não deu o horário: a falta só pode ser marcada depois dele."))
    if step(appointment, S.NO_SHOW, by=by, now=now, reason=reason):
        deposit_ends.settle(appointment, by=by, now=now)


def can_still_change(appointment: Appointment, now: datetime) -> bool:
    """Whether the customer may still cancel, or take another time, by themselves."""
    return now <= queries.cancel_until(appointment)


def too_late(shop: Shop) -> str:
    """The sentence for a customer whose window has ended, with where to call."""
    if shop.phone:
        return _("O prazo para remarcar ou cancelar por aqui já passou. Ligue para a barbearia: %(phone)s.") % {
            "phone": phones.display(shop.phone)
        }
    return _("O prazo para remarcar ou cancelar por aqui já passou. Fale com a barbearia.")


@transaction.atomic
def step(appointment: Appointment, to: S, *, by: User | None, now: datetime, reason: str = "", **fields: Any) -> bool:
    """One step through the day, writing `fields` with it; False when somebody has done it already.

    Raises Refused when it is no step from where the visit stands.
    """
    _read_again(appointment)
    if appointment.state == to:
        return False
    _check(appointment, to)
    _move(appointment, to, now=now, by=by, reason=reason, **fields)
    return True


@transaction.atomic
def renew_link(appointment: Appointment, *, by: User, now: datetime) -> None:
    """Give the visit another link: the one before opens nothing any more; what has not left gets the new one."""
    rows = appointment.shop.appointments.select_for_update(no_key=True, of=("self",))
    appointment.refresh_from_db(fields=["links_version"], from_queryset=rows)
    before = links.manage_url(appointment)
    appointment.links_version += 1
    appointment.save(update_fields=["links_version"])
    replace_in_unsent(appointment.shop, queries.keys_about(appointment), before, links.manage_url(appointment))
    log.info("link_renewed", shop=appointment.shop_id, appointment=appointment.pk, by=by.pk, at=now.isoformat())
    publish(appointment.shop_id, topics.AGENDA)


def _read_again(appointment: Appointment) -> None:
    """Lock the row and take its state: what the caller holds may be as old as the page it was shown on."""
    rows = appointment.shop.appointments.select_for_update(no_key=True, of=("self",))
    appointment.refresh_from_db(fields=["state", "starts_at", "ends_at", "version"], from_queryset=rows)


def _free(appointment: Appointment, who: CancelledBy, *, by: User | None, now: datetime, reason: str) -> Deposit | None:
    """Every cancellation: the chair, the deposit, and what still waits in the queue."""
    _move(appointment, S.CANCELLED, now=now, by=by, reason=reason, cancelled_by=who)
    notices.drop_unsent(appointment, now=now, reason=gettext_noop("Horário cancelado"))
    return deposit_ends.settle(appointment, by=by, now=now)


def _check(appointment: Appointment, to: S) -> None:
    if to not in APPOINTMENT_STEPS[appointment.state]:
        raise Refused(
            _("Este horário já está como “%(state)s” e não pode mais mudar assim.")
            % {"state": appointment.get_state_display()}
        )


def _move(appointment: Appointment, to: S, *, now: datetime, by: User | None, reason: str, **fields: Any) -> None:
    reason = reason or ("" if by else BY_CUSTOMER)
    move(appointment, to=to, now=now, by=by, reason=reason[:200], remind_at=now, **fields)
    publish(appointment.shop_id, topics.AGENDA)
    if to in queries.FREED:
        wake("waitlist", shop_id=appointment.shop_id)
