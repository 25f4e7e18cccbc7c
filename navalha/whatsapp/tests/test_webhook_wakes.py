"""Waking is at once for the first, seldom after, and never forgotten."""

import pytest

from navalha.whatsapp.webhook_log import Throttle
from navalha.whatsapp.webhook_wakes import EVERY_SECONDS, WakeUps


def test_the_first_news_of_an_instance_wakes_at_once():
    wakes = WakeUps()
    assert wakes.wait(100.0) is None

    wakes.add([7, 5, 7])

    assert wakes.wait(100.0) == 0.0
    assert wakes.take(100.0) == [5, 7]
    assert wakes.wait(100.0) is None


def test_news_right_after_a_wake_up_waits_its_turn_and_is_not_lost():
    wakes = WakeUps()
    wakes.add([5])
    wakes.take(100.0)

    wakes.add([5, 6])

    assert wakes.take(100.0 + EVERY_SECONDS / 2) == [6]
    assert wakes.wait(100.0 + EVERY_SECONDS / 2) == pytest.approx(EVERY_SECONDS / 2)
    assert wakes.take(100.0 + EVERY_SECONDS + 0.001) == [5]


def test_a_thousand_webhooks_of_one_instance_in_a_second_wake_it_about_ten_times():
    wakes, taken = WakeUps(), 0
    for n in range(1000):
        wakes.add([5])
        taken += len(wakes.take(n / 1000))

    assert 9 <= taken <= 11


def test_equal_log_lines_are_counted_instead_of_written():
    now = [0.0]
    throttle = Throttle(clock=lambda: now[0])

    assert [throttle.hidden("401 wrong") for _ in range(5)] == [0, None, None, None, None]
    assert throttle.hidden("503 unknown") == 0
    now[0] = 1.5
    assert throttle.hidden("401 wrong") == 4
