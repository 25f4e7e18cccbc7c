"""The first free times of a few services, over everybody who does them: one tap before anything is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from navalha.scheduling import queries, slots, terms
from navalha.scheduling.models import Service
from navalha.scheduling.slots import Board, Calendar, Rules, Stretch

from . import page, words
from .front import Choice, Front

SERVICES = 3  # the first of the list: its order is the shop's own
TIMES = 3
DAYS = 7


@dataclass(frozen=True, slots=True)
class Soon:
    """One service with its first free times, all on one day, and the fields of a form that takes one of them."""

    service: Service
    terms: page.Terms
    day: str
    starts: Sequence[datetime]  # on the shop's clock
    fields: list[tuple[str, str]]


def find(
    front: Front,
    choice: Choice,
    calendars: Sequence[Calendar],
    chairs: Sequence[Sequence[Stretch]] | None,
    *,
    now: datetime,
) -> list[Soon]:
    """Those of the first services that are free within DAYS; `calendars` and `chairs` reach as far. One query."""
    rules = queries.ranked(front.shop, queries.rules_of(front.shop))
    found = (_of(front, choice, service, calendars, chairs, rules, now) for service in front.services[:SERVICES])
    return [one for one in found if one]


def _of(
    front: Front,
    choice: Choice,
    service: Service,
    calendars: Sequence[Calendar],
    chairs: Sequence[Sequence[Stretch]] | None,
    rules: Rules,
    now: datetime,
) -> Soon | None:
    able = {one.pk for one in front.able([service]) if choice.professional in (None, one)}
    among = [one for one in calendars if one.professional_id in able]
    needs = {one.professional_id: terms.need([service], front.own, one.professional_id) for one in among}
    today, board = slots.local_day(now, rules.zone), Board(among, needs, chairs)
    for ahead in range(DAYS):
        day = today + timedelta(days=ahead)
        free = slots.first_at_each_time(slots.free_slots(rules, board, first_day=day, days=1, now=now))
        if free:
            first = sorted(slot.starts_at.astimezone(rules.zone) for slot in slots.tidy_first(free)[:TIMES])
            wanted = replace(choice, services=(service,))
            shown = page.terms_of(front, wanted, [service])
            return Soon(service, shown, words.day_near_short(day, today), first, wanted.alone().fields())
    return None
