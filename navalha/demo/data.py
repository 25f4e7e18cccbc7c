"""Two shops with people, services, hours and a week of bookings: what `make demo` shows.

Loading is repeatable: what is there stays as people left it, and each start fills the week that begins today.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from navalha.accounts.models import Membership, Role, Shop, User
from navalha.core.phones import phone_key
from navalha.customers.models import Customer, Identity, IdentityKind
from navalha.demo.people import PASSWORD, TEAM_PHONES
from navalha.scheduling.models import (
    Appointment,
    AppointmentService,
    AppointmentState,
    Professional,
    Service,
    Weekday,
    WorkingHours,
)
from navalha.whatsapp import consent
from navalha.whatsapp.models import EvolutionServer

FIRST_NAMES = [
    "Rafael",
    "Bruno",
    "Diego",
    "Lucas",
    "Mateus",
    "Felipe",
    "Gustavo",
    "Thiago",
    "André",
    "João",
    "Caio",
    "Vinícius",
    "Ana",
    "Beatriz",
    "Carla",
]
LAST_NAMES = [
    "Souza",
    "Lima",
    "Araújo",
    "Conceição",
    "Ferreira",
    "Gonçalves",
    "Magalhães",
    "Nóbrega",
    "Ramalho",
    "Assunção",
]


@dataclass(frozen=True)
class ShopStory:
    """One shop of the demo. Services are (name, minutes, cents); professionals are (name, e-mail of a log-in or "")."""

    slug: str
    name: str
    owner_email: str
    owner_name: str
    phone: str
    address: str
    services: tuple[tuple[str, int, int], ...]
    professionals: tuple[tuple[str, str], ...]


STORIES = (
    ShopStory(
        slug="barbearia-do-ze",
        name="Barbearia do Zé",
        owner_email="dono@navalha.example",
        owner_name="José Carlos",
        phone=TEAM_PHONES[0],
        address="Rua Augusta, 1200, Consolação, São Paulo",
        services=(
            ("Corte", 30, 4500),
            ("Barba", 20, 3000),
            ("Corte + barba", 50, 7000),
            ("Sobrancelha", 15, 1500),
            ("Pigmentação de barba", 45, 6000),
        ),
        professionals=(("Zé", ""), ("João", "barbeiro@navalha.example"), ("Márcio", "")),
    ),
    ShopStory(
        slug="studio-bela",
        name="Studio Bela",
        owner_email="dona@navalha.example",
        owner_name="Isabela Nogueira",
        phone=TEAM_PHONES[1],
        address="Avenida Afonso Pena, 300, Centro, Belo Horizonte",
        services=(("Corte feminino", 60, 9000), ("Escova", 40, 6000), ("Manicure", 45, 4000)),
        professionals=(("Bela", ""), ("Conceição", "")),
    ),
)


@transaction.atomic
def load(now: datetime) -> None:
    """Bring the demo's rows up to date with `now`."""
    load_server()
    user("operador@navalha.example", "Operador", is_staff=True, is_superuser=True)
    for story in STORIES:
        shop, is_new = Shop.objects.get_or_create(
            slug=story.slug, defaults={"name": story.name, "phone": story.phone, "address": story.address}
        )
        if is_new:
            open_shop(shop, story)
        consent.accept(shop, version=consent.VERSION, now=now, by=user(story.owner_email, story.owner_name))
        fill_week(shop, now)


def load_server() -> None:
    """The simulated Evolution API, at wherever it listens this time."""
    server = EvolutionServer.objects.filter(name="Simulador").first() or EvolutionServer(name="Simulador")
    server.url = settings.SIMULATOR_URL
    server.api_key = settings.SIMULATOR_KEY
    server.save()


def user(email: str, name: str, **fields: bool) -> User:
    known = User.objects.filter(email=email).first()
    return known or User.objects.create_user(email, PASSWORD, name=name, **fields)


def open_shop(shop: Shop, story: ShopStory) -> None:
    """Who works there, what it offers, and a number that waits for its QR."""
    Membership.objects.create(shop=shop, user=user(story.owner_email, story.owner_name), role=Role.OWNER)
    services = [
        shop.services.create(name=name, duration_minutes=minutes, price_cents=cents, position=position)
        for position, (name, minutes, cents) in enumerate(story.services, start=1)
    ]
    for position, (name, email) in enumerate(story.professionals, start=1):
        open_chair(shop, name, email, services, position)
    shop.numbers.create(name="WhatsApp da loja", is_primary=True)
    remind_at_offsets(shop)


def remind_at_offsets(shop: Shop) -> None:
    """The usual two and one in the last minutes, which shows within a coffee; and the question how it was."""
    shop.reminder_policies.create(
        review_is_on=True, review_hours=1, review_link=f"https://avaliacoes.example/{shop.slug}"
    )
    for minutes in (24 * 60, 2 * 60, 15):
        shop.reminder_offsets.create(minutes=minutes)


def open_chair(shop: Shop, name: str, email: str, services: list[Service], position: int) -> None:
    """One professional with a lunch break, Monday to Saturday."""
    person = user(email, name) if email else None
    if person:
        Membership.objects.create(shop=shop, user=person, role=Role.BARBER)
    professional = shop.professionals.create(name=name, user=person, position=position)
    professional.services.set(services)
    WorkingHours.across_shops.bulk_create(
        WorkingHours(shop=shop, professional=professional, weekday=day, starts=starts, ends=ends)
        for day in list(Weekday)[:6]
        for starts, ends in ((time(9), time(12)), (time(13), time(19)))
    )


def fill_week(shop: Shop, now: datetime) -> None:
    """Bookings from yesterday to six days ahead, on the days that have none yet."""
    zone = ZoneInfo(shop.timezone)
    today = now.astimezone(zone).date()
    professionals = list(shop.professionals.prefetch_related("working_hours", "services"))
    for day in (today + timedelta(days=offset) for offset in range(-1, 7)):
        midnight = datetime.combine(day, time(), zone)
        if shop.appointments.filter(starts_at__gte=midnight, starts_at__lt=midnight + timedelta(days=1)).exists():
            continue
        for professional in professionals:
            fill_day(shop, professional, day, zone, now)


def fill_day(shop: Shop, professional: Professional, day: date, zone: ZoneInfo, now: datetime) -> None:
    """About half of one chair's day. The same day is always filled alike, so that scripts and people agree on it."""
    random = Random(f"{shop.slug} {professional.name} {day}")  # noqa: S311 - a story, not a secret
    services = list(professional.services.all())
    for starts_at, gap in openings(professional, day, zone, random):
        service = random.choice(services)
        if service.duration_minutes <= gap:
            book(shop, professional, service, starts_at, random, now)


def openings(professional: Professional, day: date, zone: ZoneInfo, random: Random) -> Iterator[tuple[datetime, int]]:
    """Starts of possible visits and the minutes until the next one or the end of the shift."""
    for shift in professional.working_hours.all():
        if shift.weekday != day.weekday():
            continue
        starts_at, ends_at = datetime.combine(day, shift.starts, zone), datetime.combine(day, shift.ends, zone)
        while starts_at + timedelta(hours=1) <= ends_at:
            if random.random() < 0.5:
                yield starts_at, 60
            starts_at += timedelta(hours=1)


def book(
    shop: Shop, professional: Professional, service: Service, starts_at: datetime, random: Random, now: datetime
) -> None:
    """One visit of the story, written straight: nobody is told about what never happened."""
    appointment = Appointment.across_shops.create(
        shop=shop,
        professional=professional,
        customer=regular(shop, random),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=service.duration_minutes),
        state=story_state(starts_at, random, now),
        total_cents=service.price_cents,
        created_at=starts_at - timedelta(days=2),
        remind_at=None,
        source="demo",
    )
    AppointmentService.across_shops.create(
        shop=shop,
        appointment=appointment,
        service=service,
        name=service.name,
        price_cents=service.price_cents,
        duration_minutes=service.duration_minutes,
    )


def story_state(starts_at: datetime, random: Random, now: datetime) -> AppointmentState:
    if starts_at < now - timedelta(hours=1):
        return random.choices([AppointmentState.DONE, AppointmentState.NO_SHOW], [9, 1])[0]
    return random.choice([AppointmentState.PENDING, AppointmentState.CONFIRMED])


def regular(shop: Shop, random: Random) -> Customer:
    """One of the shop's forty regulars."""
    which = random.randrange(40)
    phone = f"+55119{70000000 + shop.pk * 1000 + which}"
    known = shop.customers.filter(phone=phone).first()
    if known:
        return known
    name = f"{FIRST_NAMES[which % len(FIRST_NAMES)]} {LAST_NAMES[which % len(LAST_NAMES)]}"
    customer = shop.customers.create(name=name, phone=phone)
    Identity.across_shops.create(shop=shop, customer=customer, kind=IdentityKind.PHONE, value=phone_key(phone))
    return customer
