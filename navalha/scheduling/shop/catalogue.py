"""Every write of what a shop offers: services, combos, and who does them on their own terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import structlog
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.live import topics
from navalha.live.publish import publish

from ..models import Professional, Service, ServiceTerms

log = structlog.get_logger(__name__)

Ordered = TypeVar("Ordered", Service, Professional)
Terms = tuple[int | None, int | None]  # own cents, own minutes; None as the shop's list says


@dataclass(frozen=True, slots=True)
class Offer:
    """What a service is: `people` do it, each on their own terms; with `parts` it is a combo of those services."""

    name: str
    duration_minutes: int
    price_cents: int
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    people: Mapping[Professional, Terms] = field(default_factory=dict)
    parts: Sequence[Service] = ()


@transaction.atomic
def save_service(shop: Shop, offer: Offer, *, service: Service | None = None, by: User, now: datetime) -> Service:
    """Make a service, or change one. Visits that are booked keep the price and duration they were booked with.

    Raises Refused for a combo that holds itself, another combo, or only one service.
    """
    _check_parts(offer, service)
    fields = {
        "name": offer.name,
        "duration_minutes": offer.duration_minutes,
        "price_cents": offer.price_cents,
        "buffer_before_minutes": offer.buffer_before_minutes,
        "buffer_after_minutes": offer.buffer_after_minutes,
    }
    if service is None:
        service = shop.services.create(position=next_position(shop.services.all()), **fields)
    else:
        for name, value in fields.items():
            setattr(service, name, value)
        service.save(update_fields=list(fields))
    service.parts.set(offer.parts)
    service.professionals.set(offer.people)
    _note_terms(shop, service, offer.people)
    changed(shop)
    log.info("service_saved", id=service.pk, shop=shop.pk, by=by.pk, at=now.isoformat())
    return service


def archive_service(service: Service, *, by: User, now: datetime) -> None:
    """Offer it no more. Booked visits stay as they are."""
    _offer(service, False, by=by, now=now)


def restore_service(service: Service, *, by: User, now: datetime) -> None:
    """Offer it again."""
    _offer(service, True, by=by, now=now)


@transaction.atomic
def put_in_order(shop: Shop, rows: "QuerySet[Ordered]", wanted: Sequence[int]) -> None:
    """Show `rows` in the order of `wanted` (primary keys); what it does not name comes after, as it stood."""
    place = {pk: number for number, pk in enumerate(wanted)}
    ordered = sorted(rows, key=lambda row: (place.get(row.pk, len(place)), row.position, row.pk))
    for number, row in enumerate(ordered, start=1):
        row.position = number
    rows.bulk_update(ordered, ["position"])
    changed(shop)


def next_position(rows: "QuerySet[Service] | QuerySet[Professional]") -> int:
    return (rows.aggregate(last=Max("position"))["last"] or 0) + 1


def changed(shop: Shop) -> None:
    """Tell the open pages: what is offered, and the agenda that shows it."""
    publish(shop.pk, topics.SHOP)
    publish(shop.pk, topics.AGENDA)


@transaction.atomic
def _offer(service: Service, offered: bool, *, by: User, now: datetime) -> None:
    service.is_active = offered
    service.save(update_fields=["is_active"])
    changed(service.shop)
    log.info("service_offered", id=service.pk, shop=service.shop_id, offered=offered, by=by.pk, at=now.isoformat())


def _check_parts(offer: Offer, service: Service | None) -> None:
    if not offer.parts:
        return
    if len(offer.parts) == 1:
        raise Refused(_("Um combo junta pelo menos dois serviços. Marque mais um, ou nenhum."))
    if service in offer.parts:
        raise Refused(_("Um combo não pode conter a si mesmo. Desmarque este serviço."))
    if any(part.parts.exists() for part in offer.parts) or (service is not None and service.combos.exists()):
        raise Refused(_("Um combo não pode conter outro combo. Marque os serviços um a um."))


def _note_terms(shop: Shop, service: Service, people: Mapping[Professional, Terms]) -> None:
    service.terms.all().delete()
    shop.service_terms.bulk_create(
        ServiceTerms(shop=shop, professional=one, service=service, price_cents=cents, duration_minutes=minutes)
        for one, (cents, minutes) in people.items()
        if cents is not None or minutes is not None
    )
