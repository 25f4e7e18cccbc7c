"""The pace alone: what it lets go, what it holds and until when, on every clock there is."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from navalha.messaging import pace
from navalha.messaging.pace import History, Hold, Message, Policy, Wait, decide

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
POLICY = Policy(SAO_PAULO, time(20), time(9), per_day=300, new_per_day=80)
NOON = datetime(2026, 11, 24, 15, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # 20:30 in São Paulo
YOUNG = History(began_at=NOON - timedelta(days=2))
OLD = History(began_at=NOON - timedelta(days=200))
# With clocks that change at midnight (Brazil until 2019), by half an hour, and twice a year.
ZONES = ["America/Sao_Paulo", "America/Noronha", "America/Rio_Branco", "Australia/Lord_Howe", "Europe/Lisbon"]
moments = st.integers(1_450_000_000, 1_890_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
policies = st.builds(
    Policy,
    st.sampled_from(ZONES).map(ZoneInfo),
    times,
    times,
    per_day=st.integers(1, 500),
    new_per_day=st.integers(1, 200),
    gap_scale=st.floats(0, 3),
)
messages = st.builds(
    Message,
    is_new=st.booleans(),
    is_live=st.booleans(),
    is_prompt=st.booleans(),
    is_waived=st.booleans(),
    unanswered=st.integers(0, 4),
)


@st.composite
def histories(draw):
    began_at = draw(moments)
    ago = draw(st.lists(st.timedeltas(timedelta(0), timedelta(days=3)), max_size=5))
    return History(
        began_at,
        last_sent_at=draw(st.none() | moments),
        sent_today=draw(st.integers(0, 600)),
        new_today=draw(st.integers(0, 100)),
        refused_at=tuple(sorted((began_at - back for back in ago), reverse=True)),
    )


@given(messages, histories(), policies, moments)
def test_whatever_waits_is_told_a_moment_to_come_and_why(message, history, policy, now):
    wait = decide(message, history, policy, now)
    assert wait is None or (wait.until > now and wait.hold in Hold)


@given(messages, histories(), policies, moments)
def test_a_gap_is_never_longer_than_its_own_length_whatever_the_clocks_say(message, history, policy, now):
    wait = decide(message, history, policy, now)
    longest = timedelta(seconds=20 * policy.gap_scale * 4 + 1)
    assert wait is None or wait.hold is not Hold.GAP or wait.until - now <= longest


@given(policies, moments)
def test_quiet_hours_end_when_the_shops_clock_says_so_also_where_it_is_set_forward_or_back(policy, now):
    assume(pace.is_quiet(policy, now))
    end = pace.end_of_quiet(policy, now)
    assert now < end <= now + timedelta(days=2)
    assert not pace.is_quiet(policy, end)


@given(policies, moments)
def test_tomorrow_is_another_day_of_the_shop_and_not_quiet(policy, now):
    later = pace.tomorrow(policy, now)
    today, then = (moment.astimezone(policy.zone).date() for moment in (now, later))
    assert today < then
    assert not pace.is_quiet(policy, later)


@given(histories(), policies, moments)
def test_who_writes_just_now_waits_for_the_small_gap_alone(history, policy, now):
    wait = decide(Message(is_live=True), history, policy, now)
    assert wait is None or (wait.hold is Hold.GAP and wait.until - now <= timedelta(seconds=3 * policy.gap_scale + 1))


@given(st.integers(0, 3000), policies, moments)
def test_the_warm_up_never_gives_more_than_the_shops_limit_nor_less_than_the_day_before(days, policy, began_at):
    history = History(began_at)
    allowed, before = (pace.new_allowed(history, policy, began_at + timedelta(days=n)) for n in (days + 1, days))
    assert 1 <= before <= allowed <= policy.new_per_day


def test_the_first_message_after_a_quiet_spell_goes_at_once():
    quiet_since_yesterday = replace(YOUNG, last_sent_at=NOON - timedelta(hours=20))
    assert decide(Message(is_new=True, is_prompt=True), YOUNG, POLICY, NOON) is None
    assert decide(Message(is_new=True, is_prompt=True), quiet_since_yesterday, POLICY, NOON) is None


@pytest.mark.parametrize(
    ("message", "least", "most"),
    [
        (Message(is_live=True), 1, 3),
        (Message(is_waived=True), 1, 3),
        (Message(is_prompt=True), 3, 8),
        (Message(is_prompt=True, is_new=True), 8, 20),
    ],
)
def test_gaps_are_human_and_longer_for_people_whom_the_number_does_not_know(message, least, most):
    gaps = set()
    for second in range(200):
        history = replace(OLD, last_sent_at=NOON + timedelta(seconds=second))
        wait = decide(message, history, POLICY, history.last_sent_at)
        assert wait is not None
        assert wait.hold is Hold.GAP
        gaps.add((wait.until - history.last_sent_at).total_seconds())
    assert least <= min(gaps) < max(gaps) <= most
    assert len(gaps) > 150, "no jitter"


def test_everybody_who_asks_is_told_the_same_gap():
    history = replace(OLD, last_sent_at=NOON)
    asked = [decide(Message(is_new=True), history, POLICY, NOON + timedelta(seconds=n)) for n in range(3)]
    assert asked[0] == asked[1] == asked[2]


def test_at_night_only_what_somebody_expects_goes_out():
    assert decide(Message(), OLD, POLICY, NIGHT) == Wait(datetime(2026, 11, 25, 12, tzinfo=UTC), Hold.QUIET)
    for expected in (Message(is_prompt=True), Message(is_prompt=True, is_new=True), Message(is_live=True)):
        assert decide(expected, OLD, POLICY, NIGHT) is None


def test_each_end_of_the_quiet_hours_belongs_to_the_right_side():
    at = {"19:59": False, "20:00": True, "08:59": True, "09:00": False}
    for clock, quiet in at.items():
        moment = datetime.fromisoformat(f"2026-11-24T{clock}:00-03:00")
        assert pace.is_quiet(POLICY, moment) is quiet, clock


def test_equal_ends_mean_no_quiet_hours():
    assert not pace.is_quiet(replace(POLICY, quiet_from=time(9)), NIGHT)


@pytest.mark.parametrize(("days", "allowed"), [(0, 20), (6, 20), (7, 40), (14, 80), (300, 80)])
def test_new_people_a_day_double_each_week_up_to_the_shops_limit(days, allowed):
    assert pace.new_allowed(History(NOON), POLICY, NOON + timedelta(days=days)) == allowed


def test_the_next_week_of_the_warm_up_begins_at_the_shops_midnight():
    began = History(datetime.fromisoformat("2026-11-17T23:50:00-03:00"))
    last, first = (datetime.fromisoformat(f"2026-11-{at}:00-03:00") for at in ("23T23:59", "24T00:00"))
    assert [pace.new_allowed(began, POLICY, moment) for moment in (last, first)] == [20, 40]


def test_new_people_beyond_the_days_limit_wait_for_the_morning_and_known_ones_go():
    full = replace(YOUNG, new_today=20)
    assert decide(Message(is_new=True, is_prompt=True), full, POLICY, NOON) == Wait(
        datetime(2026, 11, 25, 12, tzinfo=UTC), Hold.NEW_CONTACTS
    )
    assert decide(Message(is_prompt=True), full, POLICY, NOON) is None


def test_the_days_limit_holds_everything_but_conversations():
    full = replace(OLD, sent_today=300)
    assert decide(Message(is_prompt=True), full, POLICY, NOON).hold is Hold.DAILY
    assert decide(Message(is_live=True), full, POLICY, NOON) is None


def test_a_third_message_without_an_answer_waits_and_an_expected_one_does_not():
    until = NOON + timedelta(hours=3)
    assert decide(Message(unanswered=2, expires_at=until), OLD, POLICY, NOON) == Wait(until, Hold.UNANSWERED)
    assert decide(Message(unanswered=1), OLD, POLICY, NOON) is None
    assert decide(Message(unanswered=5, is_prompt=True), OLD, POLICY, NOON) is None


def test_three_refusals_stop_the_writing_to_new_people_for_a_day_and_then_one_is_tried():
    minutes = [NOON - timedelta(minutes=n) for n in (5, 10, 15)]
    two, three = (replace(OLD, refused_at=tuple(minutes[:n])) for n in (2, 3))
    new = Message(is_new=True, is_prompt=True)
    assert decide(new, two, POLICY, NOON) is None
    assert decide(new, three, POLICY, NOON) == Wait(minutes[2] + timedelta(days=1), Hold.PAUSED)
    assert decide(Message(is_prompt=True), three, POLICY, NOON) is None
    assert decide(new, three, POLICY, minutes[2] + timedelta(days=1)) is None
    again = replace(three, refused_at=(minutes[2] + timedelta(days=1, minutes=1), *minutes))
    assert decide(new, again, POLICY, minutes[2] + timedelta(days=1, minutes=2)).hold is Hold.PAUSED


def test_refusals_and_silence_make_the_number_slower_with_new_people():
    assert [pace.slowed(replace(OLD, refused_at=(NOON,) * n)) for n in (0, 1, 2, 3)] == [1, 2, 4, 4]
    assert pace.slowed(replace(OLD, new_tried=5, new_silent=4)) == 4
    assert pace.slowed(replace(OLD, new_tried=4, new_silent=4)) == 1
    assert pace.slowed(replace(OLD, new_tried=10, new_silent=5)) == 1
