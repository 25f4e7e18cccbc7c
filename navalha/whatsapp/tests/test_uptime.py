"""How long a number was in service, and its history in words: from rows alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from conftest import make_number
from navalha.whatsapp import queries
from navalha.whatsapp.models import ConnectionChange
from navalha.whatsapp.models import ConnectionState as S
from navalha.whatsapp.timeline import timeline
from navalha.whatsapp.uptime import DAY, Turn, bars, share

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
START = NOW - 24 * HOUR

states = st.sampled_from(list(S.values))
histories = st.lists(
    st.builds(Turn, st.integers(-5_000, 2_000).map(lambda minutes: NOW + minutes * MINUTE), states), max_size=12
)


@given(histories)
def test_the_shares_of_any_history_add_up_to_the_whole_and_so_do_its_bars(turns):
    whole = share(turns, START, NOW, now=NOW)
    parts = bars(turns, now=NOW, length=24 * HOUR, count=24)

    assert whole.up + whole.down + whole.unknown == 24 * HOUR
    assert min(whole.up, whole.down, whole.unknown) >= timedelta()
    for name in ("up", "down", "unknown"):
        assert sum((getattr(part, name) for part in parts), timedelta()) == getattr(whole, name)
    assert whole.percent is None or 0 <= whole.percent <= 100


@given(histories, st.randoms())
def test_the_order_of_the_rows_does_not_matter(turns, random):
    shuffled = list(turns)
    random.shuffle(shuffled)

    assert share(shuffled, START, NOW, now=NOW) == share(turns, START, NOW, now=NOW)


@given(histories)
def test_before_the_first_connection_nothing_counts(turns):
    never = [Turn(turn.at, S.CREATED if turn.state == S.CONNECTED else turn.state) for turn in turns]

    assert share(never, START, NOW, now=NOW).percent is None


@pytest.mark.parametrize("state", [S.UNSTABLE, S.DISCONNECTED, S.ERROR, S.AWAITING_QR, S.CONNECTING])
def test_only_connected_is_in_service(state):
    turns = [Turn(NOW - 40 * HOUR, S.CONNECTED), Turn(NOW - 6 * HOUR, state)]

    assert share(turns, START, NOW, now=NOW).percent == 75


def test_a_removed_number_has_no_downtime():
    turns = [Turn(NOW - 12 * HOUR, S.CONNECTED), Turn(NOW - 6 * HOUR, S.REMOVED)]

    whole = share(turns, START, NOW, now=NOW)

    assert (whole.up, whole.down, whole.unknown) == (6 * HOUR, timedelta(), 18 * HOUR)


def test_a_moment_of_downtime_is_never_a_hundred_percent():
    turns = [Turn(NOW - 40 * HOUR, S.CONNECTED), Turn(NOW - timedelta(seconds=1), S.UNSTABLE)]

    whole = share(turns, START, NOW, now=NOW)

    assert (whole.tenths, whole.level) == (99.9, "most")


@pytest.mark.django_db
def test_what_stood_before_the_window_counts_in_it(shop, server, now):
    number = make_number(shop, server, "ze-0001", created_at=now - timedelta(days=90))
    for days, state in ((80, S.CONNECTED), (60, S.DISCONNECTED), (50, S.CONNECTED)):
        number.changes.create(shop=shop, from_state="", to_state=state, at=now - timedelta(days=days))
    number.changes.create(shop=shop, from_state=S.CONNECTED, to_state=S.UNSTABLE, at=now - 6 * HOUR)

    day, week, month = queries.strips(number, now=now)

    assert day.total.percent == 75
    assert round(week.total.percent, 1) == 96.4
    assert round(month.total.percent, 1) == 99.2
    assert [len(each.bars) for each in (day, week, month)] == [24, 28, 30]
    assert queries.day_strips(shop, [number], now=now)[number.pk] == day
    assert day.window is DAY


def change(at, state, reason=""):
    return ConnectionChange(at=at, to_state=state, reason=reason)


def test_the_timeline_is_by_days_of_the_shops_clock_with_durations():
    late = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)  # 22:30 of the 23rd in São Paulo
    changes = [
        change(NOW, S.CONNECTED),
        change(NOW - 5 * MINUTE, S.DISCONNECTED, "O WhatsApp foi desconectado pelo celular."),
        change(NOW - 12 * MINUTE, S.UNSTABLE, "O WhatsApp deste número está tentando reconectar."),
        change(late, S.CONNECTED),
    ]
    with timezone.override("America/Sao_Paulo"):
        today, yesterday = timeline(changes)

    assert (today.day.day, yesterday.day.day) == (24, 23)
    assert [entry.out for entry in today.entries] == ["12 min", "", ""]
    assert [entry.lasted for entry in today.entries] == ["", "5 min", "7 min"]


def test_a_block_is_called_one_in_the_history_too():
    [day] = timeline([change(NOW, S.ERROR, "O WhatsApp bloqueou este número.")])

    assert day.entries[0].badge == "blocked"


@pytest.mark.django_db
def test_the_pages_say_every_bar_in_words(as_owner, shop, server):
    now = timezone.now()
    number = make_number(shop, server, "ze-0001", connected_at=now, last_ack_at=now - 3 * MINUTE, checked_at=now)
    number.changes.create(shop=shop, from_state="", to_state=S.CONNECTED, at=now - timedelta(days=40))

    card = as_owner.get("/whatsapp/").content.decode()
    detail = as_owner.get(f"/whatsapp/{number.pk}/").content.decode()

    assert (card.count("100,0% no ar"), card.count('class="uptime-bar uptime-up"')) == (1 + 2 * 24, 24)
    assert detail.count('class="uptime-bar uptime-up"') == 24 + 28 + 30
    assert "última entrega há 3 min" in card
