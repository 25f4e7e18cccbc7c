"""What a shop offers to everybody, and what a visitor has chosen of it so far: the query of the page, read kindly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop
from navalha.core.errors import Refused
from navalha.scheduling.models import Appointment, Professional, Service
from navalha.scheduling.moving import another_time
from navalha.scheduling.shop import channels
from navalha.scheduling.terms import Own, own_terms

from . import embed

MOST_SERVICES = 20  # more than any visit has: beyond, a query is only long


@dataclass(frozen=True, slots=True)
class Front:
    """The offer of `shop`: services that somebody does, and who works there. `skills` is professional -> services.

    `own` is where professionals differ from the shop's list; `parts` are the services of each combo.
    """

    shop: Shop
    services: Sequence[Service]
    professionals: Sequence[Professional]
    skills: dict[int, frozenset[int]]
    own: Own = field(default_factory=dict)
    parts: dict[int, frozenset[int]] = field(default_factory=dict)

    def able(self, services: Iterable[Service]) -> list[Professional]:
        """Who does every one of `services`."""
        wanted = {service.pk for service in services}
        return [one for one in self.professionals if wanted <= self.skills[one.pk]]

    def combo_of(self, services: Iterable[Service]) -> Service | None:
        """The combo that is worth taking instead of these: their parts are all among them, the most of them."""
        chosen = {service.pk for service in services}
        combos = [one for one in self.services if self.parts.get(one.pk) and self.parts[one.pk] <= chosen]
        return max(combos, key=lambda one: len(self.parts[one.pk]), default=None)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen. No professional is "qualquer um"; no day is "o primeiro horário livre"."""

    services: tuple[Service, ...] = ()
    professional: Professional | None = None
    day: date | None = None
    problems: list[str] = field(default_factory=list)  # sentences on what the address asked for in vain
    moving: str = ""  # the link of the visit for which another time is chosen: its services stay
    channel: str = ""  # by which of the shop's links the visitor came
    embedded: str = ""  # how the page is shown inside another site's (`embed`); empty for a page of its own

    def fields(self) -> list[tuple[str, str]]:
        """The choice as fields of a query or a form."""
        if self.moving:
            # Always said: with no professional named, the page takes the one of the visit.
            day = [("dia", self.day.isoformat())] if self.day else []
            return [("profissional", str(self.professional.pk) if self.professional else ""), *day]
        pairs = [("servico", str(service.pk)) for service in self.services]
        if self.professional:
            pairs.append(("profissional", str(self.professional.pk)))
        if self.day:
            pairs.append(("dia", self.day.isoformat()))
        if self.channel:
            pairs.append(("canal", self.channel))
        if self.embedded:
            pairs.append((embed.FIELD, self.embedded))
        return pairs

    def alone(self) -> "Choice":
        """The same for the pages after this one: they are never shown inside another site."""
        return replace(self, embedded="")

    def url(self, shop: Shop, page: str = "booking:home", **more: str) -> str:
        query = urlencode([*self.fields(), *more.items()])
        address = reverse("booking:visit_move", args=[shop.slug, self.moving]) if self.moving else ""
        return (address or reverse(page, args=[shop.slug])) + (f"?{query}" if query else "")

    def with_service(self, service: Service) -> "Choice":
        """One more service; the day stays, the professional too if they do it (the page looks after that)."""
        return replace(self, services=(*self.services, service))

    def without_service(self, service: Service) -> "Choice":
        return replace(self, services=tuple(one for one in self.services if one != service))


def load(shop: Shop) -> Front:
    """The offer of the shop, in five queries."""
    professionals = list(shop.professionals.filter(is_active=True).prefetch_related("services"))
    skills = {one.pk: frozenset(service.pk for service in one.services.all()) for one in professionals}
    done = frozenset[int]().union(*skills.values())
    offered = shop.services.filter(is_active=True).prefetch_related("parts")
    services = [service for service in offered if service.pk in done]
    parts = {service.pk: frozenset(part.pk for part in service.parts.all()) for service in services}
    return Front(shop, services, professionals, skills, own_terms(shop, services), parts)


def for_visit(visit: Appointment) -> Front:
    """What a visit can be moved to: its own services, by those who do them on the same terms."""
    services, people = another_time.services_of(visit), another_time.who_can(visit)
    done = frozenset(service.pk for service in services)
    return Front(visit.shop, services, people, {one.pk: done for one in people})


def read_move(front: Front, query: QueryDict, visit: Appointment, token: str, *, days: tuple[date, date]) -> Choice:
    """The professional and the day that an address says for another time of `visit`; `days` are first and last."""
    problems: list[str] = []
    own = visit.professional if visit.professional in front.professionals else None
    who = _professional(front, query, (), problems) if "profissional" in query else own
    return Choice(tuple(front.services), who, _day(query.get("dia", ""), *days, problems), problems, token)


def read(front: Front, query: QueryDict, *, first_day: date, last_day: date) -> Choice:
    """The choice that an address says. What is not on offer is left out and said: links grow old."""
    problems: list[str] = []
    services = _services(front, query, problems)
    professional = _professional(front, query, services, problems)
    day = _day(query.get("dia", ""), first_day, last_day, problems)
    channel = channels.read(query.get("canal", ""))
    return Choice(services, professional, day, problems, channel=channel, embedded=embed.read(query))


def wished(front: Front, data: QueryDict) -> Choice:
    """The services and the professional that a form sent. Raises Refused for what is not on offer."""
    problems: list[str] = []
    services, who = _services(front, data, problems), _professional(front, data, (), problems)
    choice = Choice(services, who, channel=channels.read(data.get("canal", "")))
    if problems:
        raise Refused(problems[0])
    return choice


def _services(front: Front, query: QueryDict, problems: list[str]) -> tuple[Service, ...]:
    offered = {str(service.pk): service for service in front.services}
    wanted = list(dict.fromkeys(query.getlist("servico")))
    if len(wanted) > MOST_SERVICES:
        problems.append(_("São serviços demais para uma visita só. Escolha menos serviços."))
        return ()
    if any(number not in offered for number in wanted):
        problems.append(_("Um dos serviços escolhidos não é mais oferecido. Escolha os serviços de novo."))
    return tuple(offered[number] for number in wanted if number in offered)


def _professional(
    front: Front, query: QueryDict, services: tuple[Service, ...], problems: list[str]
) -> Professional | None:
    wanted = query.get("profissional", "")
    found = next((one for one in front.professionals if str(one.pk) == wanted), None)
    if wanted and found is None:
        problems.append(_("Este profissional não atende mais aqui. Escolha outro."))
    elif found and found not in front.able(services):
        problems.append(_("%(name)s não faz todos os serviços escolhidos. Veja quem está livre.") % {"name": found})
        return None
    return found


def _day(text: str, first_day: date, last_day: date, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        problems.append(_("Não entendemos este dia. Escolha um dos dias abaixo."))
        return None
    if first_day <= day <= last_day:
        return day
    problems.append(
        _("A agenda está aberta de %(first)s até %(last)s. Escolha um destes dias.")
        % {"first": f"{first_day:%d/%m}", "last": f"{last_day:%d/%m/%Y}"}
    )
    return None
