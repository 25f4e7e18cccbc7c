"""What a barber's own calendar reads by its address: which visits, in which words, and when nothing at all."""

from datetime import timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from conftest import make_professional
from navalha.accounts.actions import reactivate, suspend
from navalha.scheduling import actions
from navalha.scheduling.feeds import actions as feed_actions

from .helpers import days_ahead


@pytest.fixture
def feed(shop, ze, owner):
    feed_actions.make(shop, ze, by=owner, now=timezone.now())
    return shop.calendar_feeds.get()


@pytest.fixture
def address(feed, settings) -> str:
    return feed_actions.url(feed).removeprefix(settings.SITE_URL)


def book(shop, service, professional, *, days=1, hour=15):
    return actions.book(
        shop,
        services=[service],
        professional=professional,
        starts_at=days_ahead(shop, hour, days=days),
        name="Rafael Souza",
        phone="+5511988887777",
        now=timezone.now(),
    )


def put(visit, **ago) -> None:
    """Where no command would put it."""
    visit.starts_at = timezone.now() - timedelta(**ago)
    visit.ends_at = visit.starts_at + timedelta(minutes=30)
    visit.save(update_fields=["starts_at", "ends_at"])


def events(client, address) -> list:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content).walk("VEVENT")


def test_a_visit_is_there_with_a_first_name_its_services_and_no_phone(client, shop, haircut, ze, address):
    visit = book(shop, haircut, ze)

    [event] = events(client, address)

    assert str(event["summary"]) == "Rafael: Corte"
    assert event.decoded("dtstart") == visit.starts_at
    assert event.decoded("dtend") == visit.ends_at
    assert event["status"] == "TENTATIVE"
    assert str(event["url"]).endswith(f"/agenda/{visit.pk}/")
    told = client.get(address).content.decode()
    assert "Souza" not in told
    assert "8888" not in told


def test_what_changes_is_a_newer_edition_of_the_same_event(client, shop, haircut, ze, address, owner):
    visit = book(shop, haircut, ze)
    [before] = events(client, address)

    actions.cancel(visit, by=owner, now=timezone.now())

    [after] = events(client, address)
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["status"] == "CANCELLED"
    assert after.decoded("last-modified") == visit.changes.first().at.replace(microsecond=0)


def test_it_has_the_last_week_and_the_next_sixty_days_of_this_professional_alone(client, shop, haircut, ze, address):
    shop.horizon_days = 90
    shop.save()
    joao = make_professional(shop, "João", [haircut])
    book(shop, haircut, joao)
    shown, old, far = (book(shop, haircut, ze, hour=hour) for hour in (10, 12, 14))
    for visit, when in ((shown, {"days": 6}), (old, {"days": 8}), (far, {"days": -61})):
        put(visit, **when)

    assert [str(event["uid"]).split("@")[0] for event in events(client, address)] == [f"visit-{shown.pk}"]


def test_it_says_how_often_to_look_and_tells_the_visits_in_their_order(client, shop, haircut, ze, address):
    for hour in (16, 10, 12):
        book(shop, haircut, ze, hour=hour)

    lines = client.get(address).content.decode().splitlines()

    assert "X-PUBLISHED-TTL:PT15M" in lines
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT15M" in lines
    starts = [line for line in lines if line.startswith("DTSTART")]
    assert starts == sorted(starts)


def test_a_program_that_has_it_as_it_is_gets_no_copy(client, shop, haircut, ze, address):
    book(shop, haircut, ze)
    etag = client.get(address)["ETag"]

    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    book(shop, haircut, ze, hour=16)
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_the_calendar_costs_the_same_for_one_visit_and_for_three(
    client, shop, haircut, ze, address, django_assert_num_queries
):
    book(shop, haircut, ze)
    with django_assert_num_queries(5):  # the limit, the shop, the feed, its visits, their services
        client.get(address)
    for hour in (10, 12):
        book(shop, haircut, ze, hour=hour)
    with django_assert_num_queries(5):
        assert len(events(client, address)) == 3


def test_a_new_address_ends_the_one_before_and_without_any_there_is_nothing(client, shop, ze, owner, address, settings):
    feed_actions.renew(shop, ze, by=owner, now=timezone.now())
    assert client.get(address).status_code == 404
    newer = feed_actions.url(shop.calendar_feeds.get()).removeprefix(settings.SITE_URL)
    assert client.get(newer).status_code == 200

    feed_actions.revoke(shop, ze, by=owner, now=timezone.now())

    assert client.get(newer).status_code == 404
    assert not shop.calendar_feeds.exists()


def test_to_make_it_twice_keeps_the_first_address(shop, ze, owner, feed):
    feed_actions.make(shop, ze, by=owner, now=timezone.now())

    assert feed_actions.url(shop.calendar_feeds.get()) == feed_actions.url(feed)


def test_a_suspended_shop_and_somebody_who_left_show_nothing(client, shop, ze, operator, address):
    now = timezone.now()
    suspend(shop, reason="Pagamento em atraso", by=operator, now=now)
    assert client.get(address).status_code == 404
    reactivate(shop, by=operator, now=now)
    assert client.get(address).status_code == 200

    ze.is_active = False
    ze.save()

    assert client.get(address).status_code == 404


@pytest.mark.parametrize("token", ["1", "1-1-1", "1-1-1.x", "x", "....", "1-1-1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
def test_a_forged_address_does_not_exist(client, feed, token):
    assert client.get(f"/agendar/calendario/{token}.ics").status_code == 404


def test_no_letter_of_an_address_can_be_another(client, address):
    number, signature = address.removesuffix(".ics").rsplit(".", 1)

    assert client.get(f"{number}1.{signature}.ics").status_code == 404
    assert client.get(f"{number}.{signature[1:]}.ics").status_code == 404


def test_it_only_reads_and_stays_out_of_search_engines(client, address):
    assert client.post(address).status_code == 405
    assert client.get(address)["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.usefixtures("one_window")
def test_who_asks_too_often_has_to_wait(client, address, settings):
    settings.PUBLIC_READS_PER_10_MINUTES = 1
    client.get(address)

    response = client.get(address)

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
