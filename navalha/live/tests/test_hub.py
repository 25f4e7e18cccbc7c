"""What the hub remembers and how ticks coalesce; with the real listener in test_stream.py."""

import asyncio
import time

from navalha.live import topics
from navalha.live.hub import Hub, Subscription
from navalha.live.stream import moment, number


def listening_hub() -> Hub:
    hub = Hub(dict)
    hub._listening_since = time.time() - 100
    return hub


async def told(page: Subscription) -> frozenset[str]:
    return await page.next(0.01)


def test_a_slow_page_owes_one_tick_of_each_topic():
    async def story():
        hub = listening_hub()
        with hub.subscribe(5, time.time()) as page:
            for _ in range(1000):
                hub._deliver("5:agenda")
                hub._deliver("5:messages")
            return await told(page), await told(page)

    assert asyncio.run(story()) == ({topics.AGENDA, topics.MESSAGES}, frozenset())


def test_what_is_no_tick_of_ours_is_dropped():
    async def story():
        hub = listening_hub()
        with hub.subscribe(5, time.time()) as page:
            for payload in ("", "5", "5:", ":agenda", "x:agenda", "5:secrets", "-5:agenda", "6:agenda"):
                hub._deliver(payload)
            return await told(page)

    assert asyncio.run(story()) == frozenset()


def test_before_the_hub_listens_everything_may_have_changed():
    async def story():
        with Hub(dict).subscribe(5, time.time()) as page:
            return await told(page)

    assert asyncio.run(story()) == topics.ALL


def test_old_ticks_are_forgotten():
    hub = listening_hub()
    hub._ticked = {(5, topics.AGENDA): time.time() - 3600, (6, topics.AGENDA): time.time()}
    hub._forget()
    assert list(hub._ticked) == [(6, topics.AGENDA)]


def test_closing_wakes_a_waiting_page():
    async def story():
        hub = listening_hub()
        with hub.subscribe(5, time.time()) as page:
            waiting = asyncio.create_task(page.next(60))
            await asyncio.sleep(0)
            hub.close_streams()
            await asyncio.wait_for(waiting, 1)
            return page.closed

    assert asyncio.run(story())


def test_numbers_and_moments_of_strangers_are_read_strictly():
    assert number("12") == 12
    assert [number(text) for text in ("", "-1", "1e3", "٣", "9" * 19)] == [None] * 5
    assert moment("1795332790.708") == 1795332790.708
    assert [moment(text) for text in ("", "inf", "nan", "1.2.3", "-5", "1.")] == [None] * 5 + [1.0]
