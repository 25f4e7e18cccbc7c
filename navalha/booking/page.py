"""The cards and the names that the page of a choice shows, each with the address to which a tap leads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from navalha.scheduling import terms
from navalha.scheduling.models import Service

from . import words
from .front import Choice, Front


@dataclass(frozen=True, slots=True)
class Terms:
    """What something costs and how long it takes; `varies` where that depends on who does it: then it is the least."""

    price_cents: int
    duration: str
    varies: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One service. No `url`: nobody does it together with what is chosen."""

    service: Service
    url: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Combo:
    """A combo that holds what is chosen, at its own price: where a tap leads, and what it saves."""

    service: Service
    url: str
    terms: Terms
    saves_cents: int


@dataclass(frozen=True, slots=True)
class Person:
    """One who can be chosen; the first is anybody and has no name here.

    `price_cents` only where prices differ from one to another: anybody's is then the least.
    """

    name: str
    url: str
    is_chosen: bool
    price_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`chosen` cards lead to the choice without them, `others` to the choice with them."""

    chosen: list[Card]
    others: list[Card]
    people: list[Person]
    total: Terms
    combo: Combo | None


def build(front: Front, choice: Choice) -> Page:
    """Everything but the times; no queries."""
    rest = [one for one in front.services if one not in choice.services]
    return Page(
        chosen=[
            Card(one, choice.without_service(one).url(front.shop), _one(front, choice, one)) for one in choice.services
        ],
        others=[Card(one, _adding(front, choice, one), _one(front, choice, one)) for one in rest],
        people=people(front, choice),
        total=terms_of(front, choice, choice.services),
        combo=_combo(front, choice),
    )


def terms_of(front: Front, choice: Choice, services: Sequence[Service]) -> Terms:
    """As the chosen professional does them; else the least of what those ask who can do them."""
    people = [choice.professional] if choice.professional else front.able(services)
    every = [terms.lines(services, front.own, one.pk) for one in people] or [terms.lines(services, front.own, None)]
    prices = {sum(line.price_cents for line in lines) for lines in every}
    minutes = {sum(line.duration_minutes for line in lines) for lines in every}
    return Terms(min(prices), words.minutes_short(min(minutes)), len(prices) > 1 or len(minutes) > 1)


def _one(front: Front, choice: Choice, service: Service) -> Terms:
    return terms_of(front, choice, [service])


def _combo(front: Front, choice: Choice) -> Combo | None:
    combo = front.combo_of(choice.services)
    if combo is None:
        return None
    parts = front.parts[combo.pk]
    kept = tuple(one for one in choice.services if one.pk not in parts and one != combo)
    instead = replace(choice, services=(combo, *kept))
    able = front.able(instead.services)
    if not able:
        return None
    if instead.professional not in able:
        instead = replace(instead, professional=None)
    now, then = terms_of(front, choice, choice.services), terms_of(front, instead, instead.services)
    saves = now.price_cents - then.price_cents
    return Combo(combo, instead.url(front.shop), then, saves) if saves > 0 or now.duration != then.duration else None


def _adding(front: Front, choice: Choice, service: Service) -> str:
    """Where adding the service leads; nowhere when nobody does all of them."""
    more = choice.with_service(service)
    able = front.able(more.services)
    if not able:
        return ""
    return (more if more.professional in able else replace(more, professional=None)).url(front.shop)


def people(front: Front, choice: Choice) -> list[Person]:
    """Anybody, and everybody who does what is chosen."""
    able = front.able(choice.services)
    asked = {one.pk: terms.total_cents(choice.services, front.own, one.pk) for one in able}
    differ = len(set(asked.values())) > 1
    url = replace(choice, professional=None).url(front.shop)
    anybody = Person("", url, choice.professional is None, min(asked.values()) if differ else None)
    named = [
        Person(
            one.name,
            replace(choice, professional=one).url(front.shop),
            one == choice.professional,
            asked[one.pk] if differ else None,
        )
        for one in able
    ]
    return [anybody, *named]
