"""Walk every address: no page may stand inside another site's, but for the booking page that was asked for as such."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from navalha.booking.embed import FIELD
from navalha.scheduling import links
from tests.guards.test_urls import ADDRESSES, Address, rows, url_of  # noqa: F401 - `rows` is the fixture

FRAMABLE = {"booking:home"}
PAGES = [address for address in ADDRESSES if not address.name.startswith("admin:")]
# Addresses that a regular expression describes, which tells no names.
PARTS = {"account_reset_password_from_key": {"uidb36": "x", "key": "x"}}


@pytest.fixture
def url(rows, shop) -> Callable[[Address], str]:  # noqa: F811 - the fixture
    """Where each address leads: the public pages take the shop by its slug, and a visit by its link."""
    public = {"shop": shop.slug, "token": links.token(shop.appointments.first()), "version": 1}

    def of(address: Address) -> str:
        package = address.name.rpartition(":")[0]
        if address.name in PARTS:
            return reverse(address.name, kwargs=PARTS[address.name])
        if package == "booking":
            return reverse(address.name, kwargs={name: public.get(name, "x") for name in address.parameters})
        return url_of(address, rows if package in rows else {package: {"*": 1}})

    return of


@pytest.mark.parametrize("who", ["nobody", "owner", "operator"])
def test_no_page_may_stand_inside_another_sites(url, request, who):
    person = None if who == "nobody" else request.getfixturevalue(who)
    framed = set()
    for address in PAGES:
        client = Client()
        if person:
            client.force_login(person)
        answer = client.get(url(address), {FIELD: "1"})
        allows = "frame-ancestors 'none'" not in answer["Content-Security-Policy"]
        assert (answer.get("X-Frame-Options") != "DENY") is allows, address.name
        framed |= {address.name} if allows else set()

    assert framed == FRAMABLE
