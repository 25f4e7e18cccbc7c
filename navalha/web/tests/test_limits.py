"""Who counts as one stranger, and when the next one is too many."""

from datetime import timedelta

import pytest
from django.test import RequestFactory

from navalha.web.limits import Limit, allow, client_address, forget_old_counts
from navalha.web.models import HitCount

THREE = Limit("knocks", most=3, seconds=60)


def from_(address: str) -> str:
    return client_address(RequestFactory(REMOTE_ADDR=address).get("/"))


def test_the_fourth_knock_of_a_minute_is_one_too_many_and_the_next_minute_begins_anew(db, now):
    assert [allow(THREE, "a", now=now) for _ in range(4)] == [True, True, True, False]
    assert allow(THREE, "b", now=now)
    assert allow(THREE, "a", now=now + timedelta(minutes=1))


def test_counts_whose_minute_is_over_are_forgotten(db, now):
    allow(THREE, "a", now=now)

    assert forget_old_counts(now) == 0
    assert forget_old_counts(now + timedelta(minutes=3)) == 1
    assert not HitCount.objects.exists()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_line_counts_as_one_however_many_addresses_it_has(one, other, same):
    assert (from_(one) == from_(other)) is same


def test_an_address_that_is_none_counts_as_it_stands():
    assert from_("unix:") == "unix:"
