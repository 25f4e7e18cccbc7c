"""The streams in the real web process: uvicorn, PostgreSQL, sockets."""

import time
from contextlib import ExitStack

import pytest
from django.db import connection, transaction

from navalha.live import topics
from navalha.live.publish import publish
from navalha.live.stream import application as streams

from .conftest import session_of
from .pages import open_page, wait_until

LISTENERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'navalha-live'"


def listeners() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(LISTENERS)
        return [pid for (pid,) in cursor.fetchall()]


def test_a_tick_reaches_every_page_of_the_shop(web, shop, owner_session):
    with open_page(web.port, shop.pk, owner_session) as one, open_page(web.port, shop.pk, owner_session) as other:
        publish(shop.pk, topics.AGENDA)

        assert one.next() == other.next() == topics.AGENDA


def test_a_tick_of_another_shop_is_not_heard(web, shop, other_shop, owner_session):
    with open_page(web.port, shop.pk, owner_session) as page:
        publish(other_shop.pk, topics.WHATSAPP)
        publish(shop.pk, topics.MESSAGES)

        assert page.next() == topics.MESSAGES


def test_a_rollback_tells_nobody(web, shop, owner_session):
    with open_page(web.port, shop.pk, owner_session) as page:
        with transaction.atomic():
            publish(shop.pk, topics.AGENDA)
            transaction.set_rollback(True)
        publish(shop.pk, topics.MESSAGES)

        assert page.next() == topics.MESSAGES


def test_a_page_hears_what_came_between_its_rendering_and_its_stream(web, shop, owner_session):
    rendered_at = time.time()
    with open_page(web.port, shop.pk, owner_session) as early:
        publish(shop.pk, topics.AGENDA)
        early.next()  # so the process has heard it

    with open_page(web.port, shop.pk, owner_session, since=rendered_at) as late:
        assert late.next() == topics.AGENDA


def test_a_page_that_was_away_for_too_long_refreshes_everything(web, shop, owner_session):
    with open_page(web.port, shop.pk, owner_session, since=time.time() - 3600) as page:
        assert {page.next() for _topic in topics.ALL} == topics.ALL


@pytest.mark.parametrize("query", ["", "?loja=", "?loja=x", "?loja=-1", "?loja=999999", "?loja=" + "9" * 400])
def test_no_such_shop_is_404(web, client, owner_session, query):
    assert answer(web, query, owner_session) == 404


def test_a_shop_of_others_is_404(web, other_shop, owner_session):
    with open_page(web.port, other_shop.pk, owner_session) as page:
        assert page.status == 404


def test_without_a_log_in_it_is_401(web, shop):
    assert answer(web, f"?loja={shop.pk}", "") == 401
    assert answer(web, f"?loja={shop.pk}", "f" * 32) == 401


def test_only_get_is_answered(web):
    import httpx2

    assert httpx2.post(f"{web.url}/ao-vivo/?loja=1", timeout=30).status_code == 405


def answer(web, query: str, session: str) -> int:
    import httpx2

    return httpx2.get(f"{web.url}/ao-vivo/{query}", cookies={"sessionid": session}, timeout=30).status_code


def test_two_hundred_streams_use_one_database_connection(web, shop, owner_session, monkeypatch):
    monkeypatch.setattr(streams, "per_user", 300)
    with ExitStack() as stack:
        pages = [stack.enter_context(open_page(web.port, shop.pk, owner_session)) for _ in range(200)]
        wait_until(lambda: streams.open == 200)

        assert len(listeners()) == 1
        publish(shop.pk, topics.AGENDA)
        assert {page.next() for page in pages} == {topics.AGENDA}


def test_a_closed_tab_frees_its_stream_at_once(web, shop, owner_session, monkeypatch):
    monkeypatch.setattr(streams, "beat", 600)  # no sign of life that fails tells of it
    with open_page(web.port, shop.pk, owner_session):
        wait_until(lambda: streams.open == 1)

    wait_until(lambda: streams.open == streams.hub.streams == 0)


def test_a_killed_listener_comes_back_and_pages_refresh(web, shop, owner_session):
    with open_page(web.port, shop.pk, owner_session) as page:
        wait_until(lambda: streams.open == 1)
        (before,) = listeners()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [before])

        assert {page.next() for _topic in topics.ALL} == topics.ALL
        (after,) = listeners()
        assert after != before
        publish(shop.pk, topics.AGENDA)
        assert page.next() == topics.AGENDA


def test_a_log_out_ends_the_stream(web, shop, owner, owner_session, monkeypatch):
    from django.contrib.sessions.models import Session

    monkeypatch.setattr(streams, "recheck", 0.2)
    monkeypatch.setattr(streams, "beat", 0.1)
    with open_page(web.port, shop.pk, owner_session) as page:
        assert page.status == 200
        Session.objects.all().delete()

        assert [name for name, _ in page.events() if name == "tick"] == []  # and the stream ended
    wait_until(lambda: streams.open == 0)


def test_who_leaves_the_team_stops_hearing(web, shop, owner, owner_session, monkeypatch):
    monkeypatch.setattr(streams, "recheck", 0.2)
    monkeypatch.setattr(streams, "beat", 0.1)
    with open_page(web.port, shop.pk, owner_session) as page:
        owner.memberships.all().delete()

        assert all(name == "beat" for name, _ in page.events())
    assert answer(web, f"?loja={shop.pk}", owner_session) == 404


def test_one_person_cannot_take_all_streams(web, shop, owner_session, monkeypatch):
    monkeypatch.setattr(streams, "per_user", 2)
    with open_page(web.port, shop.pk, owner_session), open_page(web.port, shop.pk, owner_session):
        wait_until(lambda: streams.open == 2)
        assert answer(web, f"?loja={shop.pk}", owner_session) == 429

    wait_until(lambda: streams.open == 0)
    with open_page(web.port, shop.pk, owner_session) as page:
        assert page.status == 200


def test_a_full_process_says_503(web, shop, owner_session, monkeypatch):
    monkeypatch.setattr(streams, "per_process", 0)

    assert answer(web, f"?loja={shop.pk}", owner_session) == 503


def test_open_streams_show_signs_of_life(web, shop, owner_session, monkeypatch):
    monkeypatch.setattr(streams, "beat", 0.1)
    with open_page(web.port, shop.pk, owner_session) as page:
        events = page.events()

        assert [next(events)[0] for _ in range(3)] == ["beat"] * 3


def test_an_operators_page_hears_every_shop_and_what_belongs_to_none(web, shop, other_shop, operator):
    with open_page(web.port, topics.EVERY_SHOP, session_of(operator)) as page:
        publish(shop.pk, topics.AGENDA)
        assert page.next() == topics.AGENDA

        publish(other_shop.pk, topics.WHATSAPP)
        assert page.next() == topics.WHATSAPP

        publish(topics.EVERY_SHOP, topics.SERVERS)
        assert page.next() == topics.SERVERS


def test_many_ticks_of_many_shops_reach_an_operators_page_as_few(web, shop, other_shop, operator, monkeypatch):
    monkeypatch.setattr("navalha.live.stream.PAUSE", 3)
    with open_page(web.port, topics.EVERY_SHOP, session_of(operator)) as page:
        publish(shop.pk, topics.AGENDA)
        page.next()
        for _time in range(20):
            publish(other_shop.pk, topics.AGENDA)
        publish(shop.pk, topics.WHATSAPP)

        assert page.next() == topics.AGENDA
        assert page.next() == topics.WHATSAPP


def test_no_member_of_a_shop_hears_the_operators_ticks(web, shop, owner_session):
    with open_page(web.port, topics.EVERY_SHOP, owner_session) as page:
        assert page.status == 404
    with open_page(web.port, shop.pk, owner_session) as own:
        publish(topics.EVERY_SHOP, topics.SERVERS)
        publish(shop.pk, topics.AGENDA)
        assert own.next() == topics.AGENDA
