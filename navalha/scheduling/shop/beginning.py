"""The first set-up of a shop: what the wizard keeps at each step. Every step can be done again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Q

from navalha.accounts.models import Shop, User

from ..slots import Wall
from . import team
from .catalogue import changed, next_position
from .defaults import USUAL_SERVICES, join_parts

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A usual service as the owner wants it."""

    name: str
    minutes: int
    cents: int


@transaction.atomic
def choose_services(shop: Shop, chosen: Iterable[Chosen], *, by: User, now: datetime) -> None:
    """Offer the chosen ones of the usual services, by everybody; those that are not chosen are archived."""
    usual = [one.name for one in USUAL_SERVICES]
    known = {one.name: one for one in shop.services.filter(name__in=usual)}
    wanted = {one.name: one for one in chosen if one.name in usual}
    for name, want in wanted.items():
        fields = {"duration_minutes": want.minutes, "price_cents": want.cents, "is_active": True}
        if name not in known:
            known[name] = shop.services.create(name=name, position=next_position(shop.services.all()), **fields)
            continue
        for field, value in fields.items():
            setattr(known[name], field, value)
        known[name].save(update_fields=list(fields))
    shop.services.filter(name__in=set(known) - set(wanted)).update(is_active=False)
    join_parts({name: row for name, row in known.items() if name in wanted})
    offered = shop.services.filter(is_active=True)
    for professional in shop.professionals.filter(is_active=True):
        professional.services.add(*offered)
    changed(shop)
    log.info("beginning_services", shop=shop.pk, count=len(wanted), by=by.pk, at=now.isoformat())


@transaction.atomic
def open_at(shop: Shop, week: Mapping[int, Sequence[Wall]], *, by: User, now: datetime) -> None:
    """Everybody works at these hours. What is booked stays: a new shop has next to nothing."""
    for professional in shop.professionals.filter(is_active=True):
        team.set_week(professional, week, by=by, now=now, agreed=True)


@transaction.atomic
def name_team(shop: Shop, names: Sequence[str], *, by: User, now: datetime) -> None:
    """Add those who are not in the team yet: they do everything, at the hours of the first."""
    first = shop.professionals.filter(is_active=True).first()
    week: dict[int, list[Wall]] = {}
    for row in first.working_hours.all() if first else ():
        week.setdefault(row.weekday, []).append((row.starts, row.ends))
    services = list(shop.services.filter(is_active=True))
    for name in names:
        if not shop.professionals.filter(Q(name__iexact=name)).exists():
            made = team.save_professional(shop, team.Person(name, services=services), by=by, now=now)
            team.set_week(made, week, by=by, now=now)


def go_to(shop: Shop, step: str) -> None:
    """Remember where the owner goes on; "" when they are through."""
    shop.setup_step = step
    shop.save(update_fields=["setup_step"])
    changed(shop)


def close_checklist(shop: Shop, *, now: datetime) -> None:
    """Do not show the first steps any more."""
    shop.checklist_closed_at = now
    shop.save(update_fields=["checklist_closed_at"])
    changed(shop)


def note_shared(shop: Shop, *, now: datetime) -> None:
    """The owner says that customers have the link."""
    shop.link_shared_at = now
    shop.save(update_fields=["link_shared_at"])
    changed(shop)
