"""The cards and the names that the page of a choice shows, each with the address to which a tap leads."""

from dataclasses import dataclass, replace

from navalha.scheduling.models import Service

from . import words
from .front import Choice, Front


@dataclass(frozen=True, slots=True)
class Card:
    """One service. No `url`: nobody does it together with what is chosen."""

    service: Service
    url: str

    @property
    def duration(self) -> str:
        return words.minutes_short(self.service.duration_minutes)


@dataclass(frozen=True, slots=True)
class Person:
    """One who can be chosen; the first is anybody and has no name here."""

    name: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Page:
    """`chosen` cards lead to the choice without them, `others` to the choice with them."""

    chosen: list[Card]
    others: list[Card]
    people: list[Person]
    total_cents: int
    total_time: str


def build(front: Front, choice: Choice) -> Page:
    """Everything but the times; no queries."""
    return Page(
        chosen=[Card(one, choice.without_service(one).url(front.shop)) for one in choice.services],
        others=[Card(one, _adding(front, choice, one)) for one in front.services if one not in choice.services],
        people=_people(front, choice),
        total_cents=sum(one.price_cents for one in choice.services),
        total_time=words.minutes_short(sum(one.duration_minutes for one in choice.services)),
    )


def _adding(front: Front, choice: Choice, service: Service) -> str:
    """Where adding the service leads; nowhere when nobody does all of them."""
    more = choice.with_service(service)
    able = front.able(more.services)
    if not able:
        return ""
    return (more if more.professional in able else replace(more, professional=None)).url(front.shop)


def _people(front: Front, choice: Choice) -> list[Person]:
    anybody = Person("", replace(choice, professional=None).url(front.shop), choice.professional is None)
    able = front.able(choice.services)
    named = [
        Person(one.name, replace(choice, professional=one).url(front.shop), one == choice.professional) for one in able
    ]
    return [anybody, *named]
