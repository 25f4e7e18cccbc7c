"""Walk every address: what a stranger, an anonymous visitor and every role below the needed one get.

A new address needs no new test, only an entry here when it is open to everybody or takes an id of a new kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from conftest import make_customer, make_member, make_number, make_picture
from navalha.accounts.models import Role
from navalha.console.models import BulkRun, Command, StrayInstance
from navalha.customers.merging import merge
from navalha.messaging.models import Direction, MessageState
from navalha.scheduling import links

# Open to everybody, each with its reason.
OPEN = {
    "web:health": "for supervisors; says nothing",
    "web:set_language": "Django's own; only sets a cookie",
    "web:favicon": "a picture",
}
# For everybody who is logged in; who is no member of the shop named there gets 404 (the walk below proves it).
LOGGED_IN = {"home", "switch_shop", "leave_shop"}
# Whole packages that strangers may use: their ids are guarded by signed links, tested in the package.
OPEN_PACKAGES = {"booking", "admin"}


@dataclass(frozen=True)
class Address:
    """One URL pattern: its full name, the kinds of its parameters, the view."""

    name: str
    parameters: tuple[str, ...]
    view: Any

    @property
    def role(self) -> Role | None:
        """The least role that may open it, as `@shop_view` wrote it down."""
        return getattr(self.view, "needed_role", None)

    @property
    def is_operators(self) -> bool:
        """Whether it is the operator's, as `@operator_view` wrote it down."""
        return getattr(self.view, "for_operator", False)


def walk(resolver: URLResolver, space: str = "", parameters: tuple[str, ...] = ()) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        inner = (*parameters, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space, inner)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{space}{pattern.name}", inner, pattern.callback)


ADDRESSES = list(walk(get_resolver()))
OF_SHOPS = [address for address in ADDRESSES if address.role is not None]
OPERATORS = [address for address in ADDRESSES if address.is_operators]


@pytest.fixture
def rows(shop, server, ze, now) -> dict[str, dict[str, Any]]:
    """One row of `shop` for each package, under the names that its addresses use."""
    number = make_number(shop, server, "ze-0001", picture_version="1")
    shop.profile_pictures.create(instance=number, content=b"x", content_type="image/png", fetched_at=now)
    incident = shop.incidents.create(instance=number, began_at=now)
    customer = make_customer(shop)
    twin, third, fourth = (make_customer(shop, "Rafa", f"+551197777000{at}") for at in range(3))
    merged = merge(shop, keep_id=third.pk, gone_id=fourth.pk, now=now)
    visit = shop.appointments.create(customer=customer, professional=ze, starts_at=now, ends_at=now.replace(hour=14))
    message = shop.messages.create(
        instance=number,
        customer=customer,
        direction=Direction.OUT,
        address=customer.phone,
        text="Olá",
        state=MessageState.FAILED,
    )
    change = visit.changes.create(shop=shop, to_state=visit.state, at=now)
    away = shop.times_off.create(professional=ze, starts_at=now, ends_at=now.replace(hour=14))
    event = number.webhook_events.create(
        shop=shop, event="messages.upsert", dedupe_key="a", payload={}, received_at=now, due_at=now
    )
    assert links.manage_url(visit)
    waiting = shop.queue_entries.create(name="Davi", joined_at=now)
    moved = waiting.changes.create(shop=shop, to_state=waiting.state, at=now)
    wish = shop.waitlist.create(customer=customer, first_day=now.date(), last_day=now.date())
    taken_off = wish.changes.create(shop=shop, to_state=wish.state, at=now)
    run = BulkRun.objects.create(command=Command.SYNC, created_at=now)
    stray = StrayInstance.objects.create(server=server, remote_name="outra", first_seen_at=now, seen_at=now)
    return {
        "pacing": {"*": number.pk},
        "customers": {"*": shop.allowed_phones.create(phone="+5511977770009", key="551177770009", added_at=now).pk},
        "duplicates": {
            "gone_id": twin.pk,
            "merge_id": merged.merges.get().pk,
            "apart_id": shop.known_apart.create(one=customer, other=third, said_at=now).pk,
            "*": customer.pk,
        },
        "imports": {"*": shop.customer_imports.create(file_name="a.csv", content=b"Nome;Telefone\nA;1", at=now).pk},
        "profiles": {"*": customer.pk},
        "scheduling": {"change_id": change.pk, "time_off_id": away.pk, "person_id": ze.pk, "*": visit.pk},
        "queue": {"change_id": moved.pk, "*": waiting.pk},
        "waitlist": {"change_id": taken_off.pk, "*": wish.pk},
        "console": {
            "event": event.pk,
            "server": server.pk,
            "shop": shop.pk,
            "run": run.pk,
            "stray": stray.pk,
            "*": number.pk,
        },
        "whatsapp": {"incident_id": incident.pk, "*": number.pk},
        "reports": {},
        "setup": {
            "service": shop.services.first().pk,
            "professional": ze.pk,
            "time_off": shop.times_off.create(starts_at=now, ends_at=now.replace(hour=14)).pk,
            "picture": make_picture(shop, removed_at=now).pk,
            "holiday": shop.holidays.create(on=now.date(), is_own=True).pk,
            "*": ze.pk,
        },
        "messaging": {"customer_id": customer.pk, "instance_id": number.pk, "*": message.pk},
        "": {"*": shop.pk},
    }


def url_of(address: Address, rows: dict[str, dict[str, Any]]) -> str:
    package = address.name.rpartition(":")[0]
    values = rows[package]
    return reverse(address.name, kwargs={name: values.get(name, values["*"]) for name in address.parameters})


def answers(client: Client, url: str) -> set[int]:
    return {client.get(url).status_code, client.post(url).status_code}


def test_the_walk_sees_the_product():
    names = {address.name for address in ADDRESSES}
    assert {"whatsapp:dashboard", "web:health", "account_login"} <= names
    assert len(OF_SHOPS) >= 15
    assert {"console:servers", "console:instances"} <= {address.name for address in OPERATORS}


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_every_address_needs_a_role_or_is_known_to_be_open(address):
    package = address.name.partition(":")[0]
    known = address.name in {*OPEN, *LOGGED_IN} or package in OPEN_PACKAGES or address.name.startswith("account_")
    assert (address.role is not None) or address.is_operators or known


FOR_MEMBERS = [address for address in ADDRESSES if address.role is not None or address.name in LOGGED_IN]


@pytest.mark.parametrize("address", [*FOR_MEMBERS, *OPERATORS], ids=lambda address: address.name)
def test_an_anonymous_visitor_is_sent_to_the_log_in(address, client, rows):
    url = url_of(address, rows)
    answers = [response for response in (client.get(url), client.post(url)) if response.status_code != 405]
    assert answers
    for response in answers:
        assert response.status_code == 302
        assert response["Location"].startswith("/entrar/")


@pytest.mark.parametrize("address", [a for a in FOR_MEMBERS if a.parameters], ids=lambda address: address.name)
def test_another_shops_row_does_not_exist_for_a_stranger(address, client, rows, stranger):
    client.force_login(stranger)
    # 405 says only that the method is wrong, before any row was looked for.
    assert answers(client, url_of(address, rows)) <= {404, 405}
    assert 404 in answers(client, url_of(address, rows))


@pytest.mark.parametrize("address", OF_SHOPS, ids=lambda address: address.name)
def test_every_role_below_the_needed_one_finds_nothing(address, client, rows, shop):
    for role in [role for role in Role if role < address.role]:
        client.force_login(make_member(shop, f"{role.name.lower()}@navalha.example", role))
        assert answers(client, url_of(address, rows)) == {404}


@pytest.mark.parametrize("address", OF_SHOPS, ids=lambda address: address.name)
def test_a_shops_own_page_opens_for_the_needed_role(address, client, rows, shop):
    """The walls above would also hold if every page were broken: this one shows that there is something behind them."""
    client.force_login(make_member(shop, "certa@navalha.example", address.role))
    assert client.get(url_of(address, rows)).status_code in {200, 302, 303, 405, 409}


@pytest.mark.parametrize("address", OPERATORS, ids=lambda address: address.name)
def test_no_member_of_any_shop_finds_an_operators_page(address, client, rows, shop, stranger):
    client.force_login(stranger)
    assert answers(client, url_of(address, rows)) == {404}
    for role in Role:
        client.force_login(make_member(shop, f"{role.name.lower()}@navalha.example", role))
        assert answers(client, url_of(address, rows)) == {404}


@pytest.mark.parametrize("address", OPERATORS, ids=lambda address: address.name)
def test_an_operators_page_opens_for_the_operator(address, client, rows, operator):
    client.force_login(operator)
    assert client.get(url_of(address, rows)).status_code in {200, 302, 303, 405}
