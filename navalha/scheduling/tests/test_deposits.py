"""Deposits: who pays how much, what becomes of the visit and of the money, and what everybody is told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import make_customer, make_deposit_policy
from navalha.core import brcode
from navalha.core.errors import Refused
from navalha.scheduling import actions, attendance, queries, undoing
from navalha.scheduling.deposits import actions as deposit_actions
from navalha.scheduling.deposits import asking as deposit_asking
from navalha.scheduling.deposits import rules as deposit_rules
from navalha.scheduling.deposits import work as deposit_work
from navalha.scheduling.errors import DepositNeeded
from navalha.scheduling.models import Appointment, AppointmentState, CancelledBy, Deposit, DepositPolicy
from navalha.scheduling.moving import actions as moving
from navalha.scheduling.moving import another_time

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
PHONE = "+5511988887777"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def at(hour: int, minute: int = 0, *, day: int = 26) -> datetime:
    """A time on the shop's clock, two days after the story's `now` unless said otherwise."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SAO_PAULO).astimezone(UTC)


@pytest.fixture
def policy(shop) -> DepositPolicy:
    return make_deposit_policy(shop)


@pytest.fixture
def visit(shop, haircut, ze, now, policy) -> Appointment:
    shop.phone = "+551133334444"
    shop.save(update_fields=["phone"])
    return booked(shop, [haircut], ze, at(15), now)


def booked(shop, services, ze, starts_at, now, **fields) -> Appointment:
    given = {"name": "Rafa", "phone": PHONE, **fields}
    return actions.book(shop, services=services, professional=ze, starts_at=starts_at, now=now, **given)


def deposit_of(visit: Appointment) -> Deposit:
    return visit.shop.deposits.get(appointment=visit)


def state_of(visit: Appointment) -> tuple[str, str]:
    """Of the visit and of its deposit."""
    visit.refresh_from_db()
    return visit.state, deposit_of(visit).state


def told(visit: Appointment, key: str) -> str:
    return visit.shop.messages.get(dedupe_key=f"{key}:{visit.pk}").text


def paid(visit: Appointment, owner, now: datetime) -> None:
    deposit_actions.receive(visit, by=owner, seen=deposit_of(visit).state, now=now)


# --- who pays, and how much -------------------------------------------------------------------------------------


def test_a_booking_waits_for_its_deposit_and_says_so_with_the_code_in_a_message_of_its_own(visit, now):
    deposit = deposit_of(visit)

    assert (visit.state, deposit.state, deposit.amount_cents) == ("pending", "pending", 1500)
    assert deposit.due_at == now + 30 * MINUTE
    assert deposit.refund_until == visit.starts_at - DAY
    said = told(visit, "booked")
    assert "sinal de R$ 15,00" in said
    assert "até 10:30" in said
    assert "Cancelando até quarta-feira, 25/11, às 15:00, o sinal volta para você." in said
    assert "faltam R$ 30,00" in said
    assert told(visit, "deposit_code") == deposit.code
    code = brcode.parse(deposit.code)
    assert (code.amount_cents, code.txid, code.name) == (1500, deposit.txid, "JOSE CARLOS")
    assert "à espera do sinal de R$ 15,00" in told(visit, "notice_booked")


def test_who_books_by_hand_and_shops_without_a_policy_ask_for_nothing(shop, haircut, ze, owner, now):
    assert not Deposit.across_shops.filter(appointment=booked(shop, [haircut], ze, at(9), now)).exists()
    make_deposit_policy(shop)
    by_hand = booked(shop, [haircut], ze, at(10), now, by=owner)
    assert not shop.deposits.exists()
    assert "Responda *1*" in told(by_hand, "booked")
    shop.deposit_policies.update(who="nobody")
    booked(shop, [haircut], ze, at(11), now)
    assert not shop.deposits.exists()


@pytest.mark.parametrize(
    ("rule", "missed", "came", "services", "why"),
    [
        ({"new_customers": True}, 0, 0, ["haircut"], "new"),
        ({"new_customers": True}, 0, 1, ["haircut"], None),
        ({"missed_from": 2}, 2, 5, ["haircut"], "missed"),
        ({"missed_from": 2}, 1, 0, ["haircut"], None),
        ({"price_from_cents": 7500}, 0, 0, ["haircut", "beard"], "price"),
        ({"price_from_cents": 7501}, 0, 0, ["haircut", "beard"], None),
        ({"services": ["beard"]}, 0, 9, ["haircut", "beard"], "service"),
        ({"services": ["beard"]}, 0, 9, ["haircut"], None),
        ({"services": ["beard"], "new_customers": True}, 0, 0, ["haircut"], "new"),
    ],
)
def test_any_case_of_the_policy_is_enough(shop, haircut, beard, ze, now, rule, missed, came, services, why):
    known = {"haircut": haircut, "beard": beard}
    named = [known[name] for name in rule.get("services", ())]
    make_deposit_policy(shop, **{**rule, "who": "some", "services": named})
    customer = make_customer(shop)
    states = [AppointmentState.NO_SHOW] * missed + [AppointmentState.DONE] * came
    for number, state in enumerate(states, start=1):
        start = now - number * DAY
        shop.appointments.create(customer=customer, professional=ze, state=state, starts_at=start, ends_at=start + HOUR)

    visit = booked(shop, [known[name] for name in services], ze, at(15), now)

    assert [deposit.why for deposit in shop.deposits.filter(appointment=visit)] == ([why] if why else [])


@given(st.integers(0, 10_000_00), st.integers(1, 100), st.integers(1, 10_000_00))
def test_a_share_is_rounded_to_cents_and_nobody_pays_more_than_the_price(total, percent, fixed):
    share = deposit_rules.amount_of(DepositPolicy(percent=percent), total)
    assert abs(share * 100 - total * percent) <= 50
    assert 0 <= share <= total
    assert deposit_rules.amount_of(DepositPolicy(fixed_cents=fixed), total) == min(fixed, total)


@pytest.mark.parametrize(
    ("ahead", "due"),
    [(DAY, 30 * MINUTE), (35 * MINUTE, 25 * MINUTE), (12 * MINUTE, 5 * MINUTE), (3 * MINUTE, 3 * MINUTE)],
)
def test_the_time_to_pay_is_shorter_before_a_visit_that_is_soon(now, ahead, due):
    assert deposit_rules.due_at(30, now + ahead, now) == now + due


def test_more_than_what_was_shown_is_asked_before_anything_is_booked(shop, haircut, ze, policy, now):
    for agreed in (0, 1499):
        with pytest.raises(DepositNeeded) as needed:
            booked(shop, [haircut], ze, at(15), now, agreed_cents=agreed)
        assert needed.value.amount_cents == 1500
    assert not shop.appointments.exists()
    assert booked(shop, [haircut], ze, at(15), now, agreed_cents=1500).deposit.amount_cents == 1500


def test_another_policy_changes_nothing_for_those_who_have_booked(visit, policy, now):
    code = deposit_of(visit).code
    policy.fixed_cents, policy.pix_key = 9900, "outra@chave.example"
    policy.save()

    deposit = deposit_of(visit)

    assert (deposit.amount_cents, deposit.code) == (1500, code)


# --- paid ------------------------------------------------------------------------------------------------------


def test_the_word_of_the_customer_stops_the_clock_and_the_shop_is_told(visit, now):
    deposit_actions.claim(visit, now=now + MINUTE)

    assert state_of(visit) == ("pending", "receipt")
    assert deposit_of(visit).due_at == now + MINUTE + DAY
    assert deposit_of(visit).txid in told(visit, "notice_deposit")
    deposit_work.lapse_due(now + HOUR)
    assert state_of(visit) == ("pending", "receipt")
    deposit_actions.claim(visit, now=now + 2 * MINUTE)  # a second press changes nothing
    assert deposit_of(visit).changes.count() == 2


def test_the_shop_sees_the_money_and_the_visit_is_confirmed(visit, owner, now):
    deposit_actions.claim(visit, now=now)
    paid(visit, owner, now + HOUR)

    assert state_of(visit) == ("confirmed", "paid")
    assert "Sinal de R$ 15,00 recebido!" in told(visit, "deposit_paid")
    change = deposit_actions.last_change(deposit_of(visit))
    assert change is not None
    assert (change.by, change.at) == (owner, now + HOUR)


def test_a_wrong_press_is_taken_back_before_the_customer_hears_of_it(visit, owner, now):
    deposit_actions.claim(visit, now=now)
    paid(visit, owner, now)
    change = deposit_actions.last_change(deposit_of(visit))
    deposit_actions.undo(visit, change.pk, by=owner, now=now + MINUTE)

    assert state_of(visit) == ("confirmed", "receipt")
    assert not visit.shop.messages.filter(dedupe_key=f"deposit_paid:{visit.pk}").exists()
    with pytest.raises(Refused, match="desfazer"):
        deposit_actions.undo(visit, change.pk, by=owner, now=now + MINUTE)
    paid(visit, owner, now + 2 * MINUTE)
    assert told(visit, "deposit_paid")


def test_who_decides_on_an_older_state_is_told_how_it_is_now(visit, owner, now):
    deposit_actions.claim(visit, now=now)

    with pytest.raises(Refused, match="Sinal a conferir"):
        deposit_actions.waive(visit, by=owner, seen="pending", now=now)


def test_no_payment_found_gives_the_customer_time_again_but_a_mere_word_counts_no_more(visit, owner, now):
    deposit_actions.claim(visit, now=now)
    deposit_actions.not_found(visit, by=owner, seen="receipt", now=now + HOUR)

    assert state_of(visit) == ("pending", "pending")
    assert deposit_of(visit).due_at == now + HOUR + 30 * MINUTE
    assert "até 11:30" in told(visit, "deposit_not_found")
    with pytest.raises(Refused, match="comprovante"):
        deposit_actions.claim(visit, now=now + HOUR)
    deposit_actions.claim(visit, now=now + HOUR, receipt=visit.shop.messages.first())
    assert state_of(visit) == ("pending", "receipt")


def test_a_waived_deposit_frees_nothing_and_lapses_no_more(visit, owner, now):
    deposit_actions.waive(visit, by=owner, seen="pending", now=now)
    deposit_work.lapse_due(now + DAY)

    assert state_of(visit) == ("pending", "waived")
    assert visit.shop.messages.get(dedupe_key=f"deposit_code:{visit.pk}").state == "cancelled"
    assert "não é mais preciso" in told(visit, "deposit_waived")


def test_who_waived_by_mistake_has_the_code_sent_after_all(visit, owner, now):
    deposit_actions.waive(visit, by=owner, seen="pending", now=now)
    deposit_actions.undo(visit, deposit_actions.last_change(deposit_of(visit)).pk, by=owner, now=now + MINUTE)

    assert state_of(visit) == ("pending", "pending")
    code = visit.shop.messages.get(dedupe_key=f"deposit_code:{visit.pk}")
    assert (code.state, code.text) == ("queued", deposit_of(visit).code)
    assert not visit.shop.messages.filter(dedupe_key=f"deposit_waived:{visit.pk}").exists()


def test_who_books_when_it_is_too_late_to_get_it_back_is_told_so(shop, haircut, ze, policy, now):
    visit = booked(shop, [haircut], ze, at(16, day=24), now)

    assert "Se você cancelar, o sinal fica com a barbearia" in told(visit, "booked")
    assert "volta para você" not in told(visit, "booked")


def test_the_shop_may_ask_for_a_deposit_of_a_visit_that_was_booked_by_hand(shop, haircut, ze, owner, now):
    visit = booked(shop, [haircut], ze, at(15), now, by=owner)
    with pytest.raises(Refused, match="chave Pix"):
        deposit_asking.ask(visit, by=owner, now=now)
    make_deposit_policy(shop, who="nobody", percent=50)
    deposit_asking.ask(visit, by=owner, now=now)

    deposit = deposit_of(visit)

    assert (deposit.why, deposit.amount_cents) == ("asked", 2250)
    assert "falta um *sinal de R$ 22,50*" in told(visit, "deposit_asked")
    assert told(visit, "deposit_code") == deposit.code
    with pytest.raises(Refused, match="já tem um sinal"):
        deposit_asking.ask(visit, by=owner, now=now)


# --- not paid --------------------------------------------------------------------------------------------------


def test_an_unpaid_booking_lapses_frees_the_time_and_tells_everybody(shop, haircut, ze, visit, now):
    assert deposit_work.lapse_due(now + 29 * MINUTE) == 0
    assert deposit_work.lapse_due(now + 30 * MINUTE) == 1
    assert deposit_work.lapse_due(now + 30 * MINUTE) == 0

    assert state_of(visit) == ("cancelled", "lapsed")
    assert visit.cancelled_by == CancelledBy.UNPAID
    assert visit.changes.first().reason == deposit_work.UNPAID
    assert attendance.missed(shop, [visit.customer_id]) == {}
    assert "foi liberado" in told(visit, "cancelled")
    assert shop.messages.get(dedupe_key=f"deposit_code:{visit.pk}").state == "cancelled"
    assert "não foi pago" in told(visit, "notice_deposit_lapsed")
    assert booked(shop, [haircut], ze, at(15), now + HOUR, phone="+5511977770001")


def test_a_confirmed_visit_lapses_too_and_one_that_has_begun_does_not(shop, haircut, ze, visit, owner, now):
    actions.confirm(visit, now=now)
    deposit_work.lapse_due(now + HOUR)
    assert state_of(visit) == ("cancelled", "lapsed")

    soon = booked(shop, [haircut], ze, now + 45 * MINUTE, now, phone="+5511977770002")
    actions.arrive(soon, by=owner, now=now + MINUTE)
    deposit_work.lapse_due(now + HOUR)
    assert state_of(soon) == ("arrived", "void")


def test_a_word_that_nobody_could_check_lapses_after_its_time_and_a_picture_does_not(visit, shop, now):
    deposit_actions.claim(visit, now=now)
    assert deposit_work.lapse_due(now + 23 * HOUR) == 0
    deposit_actions.claim(visit, now=now + 23 * HOUR, receipt=shop.messages.first())

    assert deposit_work.lapse_due(now + 24 * HOUR) == 1
    assert state_of(visit) == ("pending", "receipt")
    assert "espera por você" in told(visit, "notice_deposit_again")
    assert deposit_work.lapse_due(now + 25 * HOUR) == 0
    shop.deposits.update(receipt=None, reminded_at=None)
    assert deposit_work.lapse_due(now + 25 * HOUR) == 1
    assert state_of(visit) == ("cancelled", "lapsed")


def test_money_that_comes_after_all_is_owed(visit, owner, now):
    deposit_work.lapse_due(now + HOUR)
    with pytest.raises(Refused, match="Sinal não pago"):
        deposit_actions.receive(visit, by=owner, seen="pending", now=now + HOUR)
    deposit_actions.receive(visit, by=owner, seen="lapsed", now=now + HOUR)
    assert state_of(visit) == ("cancelled", "owed")
    deposit_actions.give_back(visit, by=owner, seen="owed", now=now + HOUR)

    assert state_of(visit) == ("cancelled", "returned")


# --- cancelled, missed, moved ------------------------------------------------------------------------------------


def test_who_cancels_in_time_gets_it_back(visit, owner, now):
    paid(visit, owner, now)
    actions.cancel(visit, now=now + HOUR)

    assert state_of(visit) == ("cancelled", "owed")
    assert "vai devolver o seu sinal de R$ 15,00" in told(visit, "cancelled")
    deposit_actions.give_back(visit, by=owner, seen="owed", now=now + 2 * HOUR)
    assert "devolveu o seu sinal" in told(visit, "deposit_returned")


def test_who_cancels_late_or_does_not_come_leaves_it_and_the_shop_may_be_kind(shop, haircut, ze, visit, owner, now):
    paid(visit, owner, now)
    actions.cancel(visit, now=visit.starts_at - DAY + MINUTE)
    assert state_of(visit) == ("cancelled", "kept")
    assert "fica com a barbearia" in told(visit, "cancelled")
    deposit_actions.owe(visit, by=owner, seen="kept", now=now)
    assert state_of(visit) == ("cancelled", "owed")

    other = booked(shop, [haircut], ze, at(16), now, phone="+5511977770003")
    paid(other, owner, now)
    actions.no_show(other, by=owner, now=other.starts_at + MINUTE)
    assert state_of(other) == ("no_show", "kept")
    undoing.undo(other, undoing.last_change(other).pk, by=owner, now=other.starts_at + 2 * MINUTE)
    assert state_of(other) == ("confirmed", "paid")


def test_a_visit_that_the_shop_cancels_gives_it_back_however_late(visit, owner, now):
    paid(visit, owner, now)
    actions.cancel(visit, by=owner, now=visit.starts_at - MINUTE)

    assert state_of(visit) == ("cancelled", "owed")


def test_a_receipt_of_a_cancelled_visit_is_still_checked_and_goes_where_the_rule_says(shop, visit, owner, now):
    deposit_actions.claim(visit, now=now)
    actions.cancel(visit, now=now + HOUR)
    assert state_of(visit) == ("cancelled", "receipt")
    assert "ainda está sendo conferido" in told(visit, "cancelled")
    deposit_work.lapse_due(now + 2 * DAY)
    assert state_of(visit) == ("cancelled", "receipt")

    paid(visit, owner, now + DAY)

    assert state_of(visit) == ("cancelled", "owed")
    change = deposit_actions.last_change(deposit_of(visit))
    deposit_actions.undo(visit, change.pk, by=owner, now=now + DAY)
    deposit_actions.not_found(visit, by=owner, seen="receipt", now=now + DAY)
    assert state_of(visit) == ("cancelled", "void")


def test_an_unpaid_deposit_ends_with_its_visit(visit, now):
    actions.cancel(visit, now=now + MINUTE)

    assert state_of(visit) == ("cancelled", "void")
    assert visit.shop.messages.get(dedupe_key=f"deposit_code:{visit.pk}").state == "cancelled"
    assert deposit_work.lapse_due(now + DAY) == 0


def test_another_time_keeps_the_deposit_and_its_refund_follows(visit, owner, now):
    paid(visit, owner, now)
    another_time.take(visit, None, at(16, day=28), seen=0, now=now + HOUR)

    deposit = deposit_of(visit)

    assert (deposit.state, deposit.refund_until) == ("paid", at(16, day=27))


def test_a_refund_that_is_lost_is_not_won_back_by_moving_the_visit(visit, owner, now):
    paid(visit, owner, now)
    lost = visit.starts_at - DAY
    another_time.take(visit, None, at(16, day=30), seen=0, now=lost + MINUTE)
    assert deposit_of(visit).refund_until == lost
    actions.cancel(visit, now=lost + 2 * MINUTE)

    assert state_of(visit) == ("cancelled", "kept")


def test_an_earlier_time_leaves_less_time_to_pay(visit, ze, owner, now):
    place = moving.Place(ze, now + 30 * MINUTE, now + HOUR)
    moving.reschedule(visit, place, seen=0, by=owner, now=now, even_if_closed=True)

    assert deposit_of(visit).due_at == now + 20 * MINUTE


def test_what_was_said_of_a_deposit_stands_among_the_messages_of_its_visit(visit, owner, now):
    paid(visit, owner, now)

    said = {message.purpose for message in queries.messages_about(visit)}

    assert {"booked_deposit", "deposit_code", "deposit_paid", "notice_booked_deposit"} <= said
