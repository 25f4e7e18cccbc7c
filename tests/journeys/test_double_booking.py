"""A hundred customers want the same times in the same instant: over HTTP, at three web processes."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from django.utils import timezone

from conftest import make_professional
from navalha.scheduling.queries import zone_of
from navalha.scheduling.tests.constraints import all_read_before_any_writes, without
from tests.journeys.public_site import built_site, running_site, visitor

PEOPLE = 100
MORE_THAN_FIT = 5  # visits of twenty minutes and more that begin within two hours, at the quarters of an hour
OFFER = re.compile(r'<button[^>]* name="inicio" value="([^"]+)"')


@pytest.fixture(scope="module")
def running_sites(tmp_path_factory, django_db_setup) -> Iterator[list[str]]:
    with running_site(built_site(tmp_path_factory.getbasetemp()), processes=3) as addresses:
        yield addresses


@pytest.fixture
def sites(running_sites, transactional_db) -> list[str]:
    """Three web processes on the tests' database, which has committed rows."""
    return running_sites


@pytest.fixture
def ten(shop) -> datetime:
    zone = zone_of(shop)
    return datetime.combine(timezone.now().astimezone(zone).date() + timedelta(days=2), time(10), zone)


def form_of(services, starts_at, number: int, professional=None) -> dict[str, Any]:
    return {
        "servico": [str(service.pk) for service in services],
        "profissional": str(professional.pk) if professional else "",
        "inicio": starts_at.isoformat(),
        "nome": f"Cliente {number}",
        "telefone": f"(11) 9{80000000 + number}",
        "chave": f"formulario-{number}",
    }


async def rush(sites: list[str], shop, forms: list[dict[str, Any]]) -> list[httpx2.Response]:
    """Everybody opens the page, and when all have, all send at once."""
    page = f"/agendar/{shop.slug}/"
    address = f"{page}?servico={forms[0]['servico'][0]}"
    people = await asyncio.gather(*(visitor(sites[number % len(sites)], address) for number in range(len(forms))))
    sending = [
        client.post(f"{page}confirmar/", data={**form, "csrfmiddlewaretoken": token})
        for (client, token), form in zip(people, forms, strict=True)
    ]
    try:
        return await asyncio.gather(*sending)
    finally:
        for client, _token in people:
            await client.aclose()


def statuses(responses: list[httpx2.Response]) -> Counter[int]:
    return Counter(response.status_code for response in responses)


def assert_each_offers_the_three_nearest(shop, responses, services, starts_at) -> None:
    """Nearest to the lost time, free, and as far apart from it as the visit is long."""
    length = timedelta(minutes=sum(service.duration_minutes for service in services))
    taken = shop.appointments.filter(starts_at=starts_at).count()
    assert taken
    for response in responses:
        offers = [datetime.fromisoformat(value) for value in OFFER.findall(response.text)]
        assert len(offers) == 3
        assert all(abs(offer - starts_at) >= length for offer in offers)
        assert all(abs(offer - starts_at) <= length + timedelta(hours=1) for offer in offers)


def test_a_hundred_posts_for_one_time_make_one_visit_and_offer_the_others_the_nearest(sites, shop, haircut, ze, ten):
    forms = [form_of([haircut], ten, number, ze) for number in range(PEOPLE)]

    responses = asyncio.run(rush(sites, shop, forms))

    assert statuses(responses) == {303: 1, 409: PEOPLE - 1}
    assert shop.appointments.count() == 1
    assert shop.messages.filter(purpose="booked").count() == 1
    lost = [response for response in responses if response.status_code == 409]
    assert_each_offers_the_three_nearest(shop, lost, [haircut], ten)
    assert all("Cliente" in response.text for response in lost)  # what they typed is still there


def test_a_hundred_posts_for_anybody_of_three_make_three_visits(sites, shop, haircut, ze, ten):
    for name in ("Ana", "Léo"):
        make_professional(shop, name, [haircut])

    responses = asyncio.run(rush(sites, shop, [form_of([haircut], ten, number) for number in range(PEOPLE)]))

    assert statuses(responses) == {303: 3, 409: PEOPLE - 3}
    visits = shop.appointments.values_list("professional", "starts_at")
    assert len(set(visits)) == 3
    assert {starts_at for _professional, starts_at in visits} == {ten}
    assert_each_offers_the_three_nearest(shop, [r for r in responses if r.status_code == 409], [haircut], ten)


def test_several_services_at_overlapping_times_are_one_race(sites, shop, haircut, beard, ze, ten):
    quarter = timedelta(minutes=15)
    forms = [form_of([haircut, beard], ten + quarter * (number % 3), number, ze) for number in range(PEOPLE)]

    responses = asyncio.run(rush(sites, shop, forms))

    assert statuses(responses) == {303: 1, 409: PEOPLE - 1}  # fifty minutes: the three starts exclude each other
    visit = shop.appointments.get()
    assert visit.ends_at - visit.starts_at == timedelta(minutes=50)
    assert [item.name for item in visit.items.all()] == ["Corte", "Barba"]


def test_an_impatient_thumb_at_several_processes_makes_one_visit(sites, shop, haircut, ze, ten):
    make_professional(shop, "Ana", [haircut])

    responses = asyncio.run(rush(sites, shop, [form_of([haircut], ten, 1) for _ in range(10)]))

    assert statuses(responses) == {303: 10}
    assert len({response.headers["location"] for response in responses}) == 1
    assert shop.appointments.count() == 1


@pytest.fixture
def lights(shop, ze):
    """With time to prepare and to clean, which the customer does not see."""
    service = shop.services.create(
        name="Luzes", duration_minutes=30, price_cents=9000, buffer_before_minutes=10, buffer_after_minutes=15
    )
    service.professionals.add(ze)
    return service


def mixed(services, people, ten) -> list[dict[str, Any]]:
    """Overlapping, adjacent and multi-service wishes of one morning, with buffers and without."""
    haircut, beard, lights = services
    wanted = [[haircut], [beard], [haircut, beard], [lights], [haircut, lights]]
    quarter = timedelta(minutes=15)
    return [
        form_of(wanted[number % 5], ten + quarter * (number % 8), number, people[number % len(people)])
        for number in range(PEOPLE)
    ]


def overlapping(stretches) -> int:
    """How many of the blocked stretches begin before the one before has ended."""
    return sum(one[1] > other[0] for one, other in pairwise(sorted(stretches)))


def blocked(shop, **who) -> list[tuple[datetime, datetime]]:
    return list(shop.appointments.filter(**who).values_list("blocked_from", "blocked_until"))


def most_at_once(shop) -> int:
    """How many people sat in the shop in its fullest moment, their preparation and cleaning counted."""
    stretches = blocked(shop)
    return max(sum(start <= moment < end for start, end in stretches) for moment, _end in stretches)


def test_a_hundred_mixed_posts_with_buffers_and_two_chairs_never_overlap(sites, shop, haircut, beard, lights, ze, ten):
    shop.chairs = 2
    shop.save(update_fields=["chairs"])
    people = [ze, *(make_professional(shop, name, [haircut, beard, lights]) for name in ("Ana", "Léo")), None]

    responses = asyncio.run(rush(sites, shop, mixed([haircut, beard, lights], people, ten)))

    made = shop.appointments.count()
    assert statuses(responses) == {303: made, 409: PEOPLE - made}
    assert made >= 4  # two chairs, and a morning that holds at least two visits in each
    for person in people[:-1]:
        assert overlapping(blocked(shop, professional=person)) == 0
    for chair in (1, 2):
        assert overlapping(blocked(shop, chair=chair)) == 0
    assert not shop.appointments.filter(chair=None).exists()
    assert most_at_once(shop) == 2


def test_without_the_constraint_the_same_posts_overlap(sites, shop, haircut, beard, lights, ze, ten):
    """Reading before writing, locks and holds together are not what holds: several pass them at once."""
    with without("one_visit_at_a_time"):
        with all_read_before_any_writes(ze, people=MORE_THAN_FIT):
            asyncio.run(rush(sites, shop, mixed([haircut, beard, lights], [ze], ten)))
        found = overlapping(blocked(shop, professional=ze))

    assert found > 0
