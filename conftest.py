"""The people of every story: a shop, who works there, a customer, and a stranger who owns another shop."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings

from navalha.accounts.models import Membership, Role, Shop, User
from navalha.core import secrets
from navalha.core.phones import phone_key
from navalha.customers.models import Customer, Identity, IdentityKind
from navalha.scheduling.models import DepositPolicy, Professional, Service, ShopPicture, Weekday, WorkingHours
from navalha.simulator.testing import RunningSimulator, running_simulator
from navalha.web import limits
from navalha.whatsapp import consent
from navalha.whatsapp.models import ConnectionState, EvolutionServer, WhatsAppInstance

pytest_plugins = ["tests.browser"]
# How long an example takes says how busy the machine is, and decides no test.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
PASSWORD = "navalha-demo"  # noqa: S105 - of people who exist only in tests


def make_user(email: str, **fields) -> User:
    return User.objects.create_user(email, PASSWORD, **fields)


def make_shop(slug: str, name: str, **fields) -> Shop:
    """A shop that has read and accepted what connecting a WhatsApp risks.

    It works on holidays too: stories that happen tomorrow are the same on the eve of one.
    """
    shop = Shop.objects.create(slug=slug, name=name, **{"opens_on_holidays": True, **fields})
    shop.connection_consents.create(version=consent.VERSION, accepted_at=datetime(2026, 11, 1, tzinfo=UTC))
    return shop


def make_member(shop: Shop, email: str, role: Role) -> User:
    user = make_user(email)
    Membership.objects.create(shop=shop, user=user, role=role)
    return user


def make_professional(shop: Shop, name: str, services=(), *, starts=time(9), ends=time(18), **fields) -> Professional:
    """Somebody who works every day of the week from `starts` to `ends` and offers `services`."""
    professional = shop.professionals.create(name=name, **fields)
    professional.services.set(services)
    WorkingHours.across_shops.bulk_create(
        WorkingHours(shop=shop, professional=professional, weekday=day, starts=starts, ends=ends) for day in Weekday
    )
    return professional


def make_customer(shop: Shop, name: str = "Rafa", phone: str = "+5511988887777") -> Customer:
    customer = shop.customers.create(name=name, phone=phone)
    Identity.across_shops.create(shop=shop, customer=customer, kind=IdentityKind.PHONE, value=phone_key(phone))
    return customer


def known_by(shop: Shop, name: str) -> Customer | None:
    """Who of the shop is known by a phone in any form, or by a whole `…@lid`."""
    value = name if name.endswith("@lid") else phone_key(name)
    return shop.customers.filter(identities__value=value).first()


def make_number(shop: Shop, server: EvolutionServer, remote_name: str, **fields) -> WhatsAppInstance:
    """A connected, principal number whose webhook secret is `secret-of-<remote_name>`."""
    defaults = {
        "name": "WhatsApp da loja",
        "number": "+5511999990001",
        "state": ConnectionState.CONNECTED,
        "is_primary": True,
        "webhook_secret_hash": secrets.hashed(f"secret-of-{remote_name}"),
    }
    return shop.numbers.create(server=server, remote_name=remote_name, **{**defaults, **fields})


def make_deposit_policy(shop: Shop, *, services=(), **fields) -> DepositPolicy:
    """Everybody pays R$ 15,00 within half an hour, unless said otherwise; to the key of the BR Code's manual."""
    defaults = {
        "who": "everybody",
        "fixed_cents": None if "percent" in fields else 1500,
        "key_kind": "random",
        "pix_key": "123e4567-e12b-12d1-a456-426655440000",
        "holder": "JOSE CARLOS",
        "city": "SAO PAULO",
    }
    policy = shop.deposit_policies.create(**{**defaults, **fields})
    policy.services.set(services)
    return policy


def make_picture(shop: Shop, kind: str = "logo", **fields) -> ShopPicture:
    """A picture of a shop that no browser could show."""
    defaults = {"content_type": "image/png", "content": b"x", "digest": "0123456789abcdef", "width": 64, "height": 64}
    return shop.pictures.create(kind=kind, added_at=datetime(2026, 11, 1, tzinfo=UTC), **{**defaults, **fields})


@pytest.fixture
def now() -> datetime:
    """A Tuesday at 10:00 in São Paulo, in the past of nobody who books for the days after."""
    return datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


@pytest.fixture
def one_window(monkeypatch) -> None:
    """No window of a limit ends while the story goes on, though they end on the clock."""
    now, window = timezone.now(), limits.window
    monkeypatch.setattr(limits, "window", lambda limit, _later: window(limit, now))


@pytest.fixture
def shop(db) -> Shop:
    return make_shop("barbearia-do-ze", "Barbearia do Zé")


@pytest.fixture
def closed_on_holidays(shop) -> Shop:
    """As shops begin: those of the calendar close it."""
    shop.opens_on_holidays = False
    shop.save(update_fields=["opens_on_holidays"])
    return shop


@pytest.fixture
def other_shop(db) -> Shop:
    return make_shop("studio-bela", "Studio Bela")


@pytest.fixture
def owner(shop) -> User:
    return make_member(shop, "dono@navalha.example", Role.OWNER)


@pytest.fixture
def barber(shop) -> User:
    return make_member(shop, "barbeiro@navalha.example", Role.BARBER)


@pytest.fixture
def stranger(other_shop) -> User:
    """The owner of another shop: must never see anything of `shop`."""
    return make_member(other_shop, "dona@navalha.example", Role.OWNER)


@pytest.fixture
def operator(db) -> User:
    return make_user("operador@navalha.example", is_staff=True, is_superuser=True)


@pytest.fixture
def haircut(shop) -> Service:
    return shop.services.create(name="Corte", duration_minutes=30, price_cents=4500, position=1)


@pytest.fixture
def beard(shop) -> Service:
    return shop.services.create(name="Barba", duration_minutes=20, price_cents=3000, position=2)


@pytest.fixture
def ze(shop, haircut, beard) -> Professional:
    return make_professional(shop, "Zé", [haircut, beard])


@pytest.fixture
def customer(shop) -> Customer:
    return make_customer(shop)


@pytest.fixture(scope="session")
def session_simulator() -> Iterator[RunningSimulator]:
    # On a slow machine too no story gets a second code, or its first one before the webhook that was sent ahead of it.
    with running_simulator(speed=50, qr_rotation=45_000, qr_first=2) as simulator:
        yield simulator


@pytest.fixture
def simulator(session_simulator) -> RunningSimulator:
    """The simulated Evolution API, emptied and with every switch at rest."""
    session_simulator.clear()
    session_simulator.reset()
    return session_simulator


@pytest.fixture
def server(db, simulator) -> EvolutionServer:
    server = EvolutionServer(name="Simulador", url=simulator.url)
    server.api_key = simulator.key
    server.save()
    return server


@pytest.fixture
def as_owner(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client
