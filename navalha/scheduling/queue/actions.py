"""Every write of the line: who comes, is called, sits down or goes.

Each command reads the row under a lock, so two at once take turns. Who sits down is in `sitting.py`.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.core.states import move
from navalha.customers.actions import recognise
from navalha.customers.models import Customer
from navalha.live import topics
from navalha.live.publish import publish
from navalha.messaging.actions import queue_template

from .. import queries
from ..actions import checked_name
from ..models import Appointment, AppointmentState, CancelledBy, Professional, Service
from ..moving import actions as moving
from ..wishes import Wish, check_services
from . import links, sitting
from . import queries as queue_queries
from .models import QUEUE_STEPS, QUEUE_UNDOS, QueueChange, QueueEntry, QueueState

log = structlog.get_logger(__name__)
S = QueueState


@transaction.atomic
def join(
    shop: Shop,
    *,
    name: str,
    phone: str,
    services: Sequence[Service],
    professional: Professional | None,
    by: User,
    now: datetime,
    known: Customer | None = None,
) -> QueueEntry:
    """Put somebody at the end of the line. `phone` is E.164 or empty; with one they get the link to their place.

    `known` is a customer of the shop who was chosen by name and has no phone. Raises Refused for what is not offered,
    and for who already stands in the line.
    """
    name = checked_name(name)
    check_services(Wish(shop, services, professional, now, for_staff=True))
    able = queries.who_offers(shop, services)
    if not (able.filter(pk=professional.pk) if professional else able).exists():
        raise Refused(_("Ninguém que a pessoa quer faz todos estes serviços. Escolha outro profissional."))
    customer = recognise(shop, phone=phone, name=name, now=now, typed=True) if phone else known
    if customer is not None:
        list(shop.customers.select_for_update(no_key=True).filter(pk=customer.pk).values_list("pk"))
        if queue_queries.standing(shop, now=now).filter(customer=customer).exists():
            raise Refused(_("%(name)s já está na fila.") % {"name": customer.name or name})
    entry = shop.queue_entries.create(
        name=name, customer=customer, professional=professional, joined_at=now, state_changed_at=now
    )
    entry.services.set(services)
    entry.changes.create(shop=shop, from_state="", to_state=S.WAITING, at=now, by=by)
    _tell("queue_joined", entry, now)
    publish(shop.pk, topics.AGENDA)
    log.info("joined the line", entry=entry.pk, shop=shop.pk)
    return entry


@transaction.atomic
def call(entry: QueueEntry, *, by: User, now: datetime) -> None:
    """It is their turn: a message once, if they gave a phone. Raises Refused when they are not in the line."""
    if _step(entry, S.CALLED, by=by, now=now):
        _tell("queue_called", entry, now)


@transaction.atomic
def leave(entry: QueueEntry, *, by: User | None = None, now: datetime) -> None:
    """They gave up; `by` nobody when they said so themselves on their page."""
    _step(entry, S.LEFT, by=by, now=now)


@transaction.atomic
def start(entry: QueueEntry, *, professional: Professional, by: User, now: datetime) -> Appointment:
    """They sit down: a visit in the agenda, in service from now on. Raises Refused with who is in the chair until when.

    The second of two who start the same person with the same professional finds the visit that the first one made.
    """
    _read_again(entry)
    if entry.appointment is not None and entry.appointment.professional_id == professional.pk:
        return entry.appointment
    _check(entry, S.SERVED)
    services = list(entry.services.all())
    if not queries.who_offers(entry.shop, services).filter(pk=professional.pk).exists():
        raise Refused(_("Este profissional não faz os serviços escolhidos. Escolha outro profissional."))
    visit = sitting.sit_down(entry, services, professional, by=by, now=now)
    visit.changes.create(shop=entry.shop, from_state="", to_state=visit.state, at=now, by=by)
    move(entry, to=S.SERVED, now=now, by=by, appointment=visit, customer=visit.customer)
    publish(entry.shop_id, topics.AGENDA)
    return visit


def last_change(entry: QueueEntry) -> QueueChange | None:
    """The newest thing that happened to them."""
    return entry.changes.order_by("-at", "-pk").first()


@transaction.atomic
def undo(entry: QueueEntry, change_id: int, *, by: User, now: datetime) -> None:
    """Take back the change with this key while it is the newest and fresh. Raises Refused else."""
    _read_again(entry)
    change = last_change(entry)
    if change is None or change.pk != change_id or change.to_state != entry.state:
        raise Refused(_("A fila mudou de novo depois disso e não dá mais para desfazer."))
    if now - change.at > moving.UNDO_FOR or change.from_state not in QUEUE_UNDOS.get(change.to_state, ()):
        raise Refused(_("Não dá mais para desfazer."))
    visit = entry.appointment
    move(entry, to=change.from_state, now=now, by=by, reason=moving.UNDONE, appointment=None)
    if visit is not None:
        _stand_up(visit, by=by, now=now)
    publish(entry.shop_id, topics.AGENDA)


def _stand_up(visit: Appointment, *, by: User, now: datetime) -> None:
    rows = visit.shop.appointments.select_for_update(no_key=True, of=("self",))
    visit.refresh_from_db(fields=["state"], from_queryset=rows)
    if visit.state != AppointmentState.IN_SERVICE:
        raise Refused(_("O atendimento já mudou na agenda. Abra o horário e mude o que for preciso."))
    move(
        visit,
        to=AppointmentState.CANCELLED,
        now=now,
        by=by,
        reason=moving.UNDONE,
        cancelled_by=CancelledBy.SHOP,
    )


def _step(entry: QueueEntry, to: QueueState, *, by: User | None, now: datetime) -> bool:
    """False when somebody has done it already."""
    _read_again(entry)
    if entry.state == to:
        return False
    _check(entry, to)
    move(entry, to=to, now=now, by=by)
    publish(entry.shop_id, topics.AGENDA)
    return True


def _read_again(entry: QueueEntry) -> None:
    rows = entry.shop.queue_entries.select_for_update(no_key=True, of=("self",))
    entry.refresh_from_db(fields=["state", "appointment", "customer"], from_queryset=rows)


def _check(entry: QueueEntry, to: QueueState) -> None:
    if to not in QUEUE_STEPS[entry.state]:
        raise Refused(
            _("%(name)s já está como “%(state)s” na fila.") % {"name": entry.name, "state": entry.get_state_display()}
        )


def _tell(key: str, entry: QueueEntry, now: datetime) -> None:
    if entry.customer is None or not entry.customer.phone:
        return  # nobody to write to: they are called by voice
    queue_template(
        key,
        shop=entry.shop,
        to=entry.customer,
        context={"name": entry.name, "shop": entry.shop.name, "link": links.place_url(entry)},
        dedupe_key=f"{key}:{entry.pk}",
        now=now,
        expires_at=now + queue_queries.LASTS,
    )
