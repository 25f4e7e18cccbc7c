"""Somebody's own place in the line."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from navalha.scheduling.models import QueueState
from navalha.scheduling.queue import actions as queue_actions
from navalha.scheduling.queue import links as queue_links


@pytest.fixture
def line(shop, haircut, ze, owner):
    now = timezone.now()
    common = {"phone": "", "services": [haircut], "professional": None, "by": owner, "now": now}
    return [queue_actions.join(shop, name=name, **common) for name in ("Davi", "Enzo")]


def path_of(entry) -> str:
    return "/agendar/" + queue_links.place_url(entry).partition("/agendar/")[2]


def test_it_says_the_position_asks_anew_by_itself_and_names_nobody_else(client, line):
    response = client.get(path_of(line[1]))

    page = response.content.decode()
    assert "2º" in page
    assert '<meta http-equiv="refresh" content="60">' in page
    assert "Davi" not in page
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_it_says_when_it_is_their_turn(client, line, owner):
    queue_actions.call(line[0], by=owner, now=timezone.now())

    assert "É a sua vez!" in client.get(path_of(line[0])).content.decode()


def test_giving_up_needs_the_button_and_moves_the_next_one_up(client, line):
    address = f"{path_of(line[0])}desistir/"
    assert client.get(address).status_code == 302
    line[0].refresh_from_db()
    assert line[0].state == QueueState.WAITING

    page = client.post(address, follow=True).content.decode()
    line[0].refresh_from_db()
    assert line[0].state == QueueState.LEFT
    assert "Você saiu da fila" in page
    assert "1º" in client.get(path_of(line[1])).content.decode()


def test_who_already_sits_cannot_give_up_and_is_told(client, line, ze, owner):
    queue_actions.start(line[0], professional=ze, by=owner, now=timezone.now())

    response = client.post(f"{path_of(line[0])}desistir/")
    assert response.status_code == 409
    assert "Você já foi atendido" in response.content.decode()


def test_a_link_that_was_guessed_or_is_of_another_shop_does_not_exist(client, line, other_shop):
    good = path_of(line[0])
    assert client.get(good).status_code == 200
    assert client.get(good.replace(f"/{line[0].pk}.", f"/{line[1].pk}.")).status_code == 404
    assert client.get(good.replace(line[0].shop.slug, other_shop.slug)).status_code == 404


@pytest.mark.usefixtures("one_window")
def test_the_page_is_limited_as_the_other_public_ones(client, line, settings):
    settings.PUBLIC_READS_PER_10_MINUTES = 2
    assert [client.get(path_of(line[0])).status_code for _ in range(3)] == [200, 200, 429]


def test_it_asks_the_database_as_often_for_three_in_the_line_as_for_two(
    client, shop, haircut, ze, owner, line, django_assert_num_queries
):
    with CaptureQueriesContext(connection) as two:
        client.get(path_of(line[0]))
    queue_actions.join(
        shop, name="Gael", phone="+5511955550001", services=[haircut], professional=ze, by=owner, now=timezone.now()
    )
    with django_assert_num_queries(len(two)):
        client.get(path_of(line[0]))
