"""What a visit costs and how long it takes, which may differ from one professional to another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from navalha.accounts.models import Shop

from .models import Service
from .slots import Need

Own = Mapping[tuple[int, int], tuple[int | None, int | None]]  # professional, service -> own cents, own minutes


@dataclass(frozen=True, slots=True)
class Line:
    """One service as one professional does it."""

    service: Service
    price_cents: int
    duration_minutes: int


def own_terms(shop: Shop, services: Iterable[Service]) -> Own:
    """Where professionals differ from the shop's list: one query."""
    rows = shop.service_terms.filter(service__in=[service.pk for service in services]).order_by()
    return {
        (row[0], row[1]): (row[2], row[3])
        for row in rows.values_list("professional", "service", "price_cents", "duration_minutes")
    }


def lines(services: Iterable[Service], own: Own, professional_id: int | None) -> list[Line]:
    """The services as this professional does them; as the shop's list says with None."""
    return [_line(service, own, professional_id) for service in services]


def need(services: Sequence[Service], own: Own, professional_id: int | None) -> Need:
    """The services one after the other. The chair is prepared and swept once: for the service that asks most."""
    return Need(
        timedelta(minutes=sum(line.duration_minutes for line in lines(services, own, professional_id))),
        timedelta(minutes=max((service.buffer_before_minutes for service in services), default=0)),
        timedelta(minutes=max((service.buffer_after_minutes for service in services), default=0)),
    )


def total_cents(services: Iterable[Service], own: Own, professional_id: int | None) -> int:
    return sum(line.price_cents for line in lines(services, own, professional_id))


def _line(service: Service, own: Own, professional_id: int | None) -> Line:
    cents, minutes = own.get((professional_id or 0, service.pk), (None, None))
    return Line(
        service,
        service.price_cents if cents is None else cents,
        service.duration_minutes if minutes is None else minutes,
    )
