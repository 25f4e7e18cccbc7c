"""Asking for a review after a visit: once, in waking hours, nobody too often, and only who really came."""

from datetime import timedelta

import pytest

from navalha.core.errors import Refused
from navalha.scheduling import actions, undoing
from navalha.scheduling.models import Appointment
from navalha.scheduling.reminders import actions as reminding
from navalha.scheduling.reminders import work
from navalha.scheduling.reminders.actions import Review
from navalha.scheduling.reminders.models import Dropped, Kind

from .reminder_helpers import at, book, sent, taken_back

LINK = "https://g.page/r/barbearia-do-ze/review"


@pytest.fixture
def shop(shop):
    shop.created_at = at(9, day=1)
    shop.save(update_fields=["created_at"])
    return shop


@pytest.fixture
def asked(shop, owner):
    """The shop asks two hours after each visit, nobody twice in 90 days, since the first of the month."""
    return choose(shop, owner, now=at(9, day=2))


def choose(shop, owner, *, now, **fields):
    review = Review(**{"is_on": True, "hours": 2, "days": 90, "link": LINK, "text": "", **fields})
    return reminding.save_review(shop, review, by=owner, now=now)


@pytest.fixture
def visit(shop, haircut, ze, now) -> Appointment:
    return book(shop, haircut, ze, at(15), now=now)


def finish(visit, owner, *, now) -> None:
    for act in (actions.arrive, actions.start, actions.finish):
        act(visit, by=owner, now=now)


def requests(shop):
    return list(shop.messages.filter(purpose="review").order_by("pk"))


def test_two_hours_after_the_visit_its_customer_is_asked_once(shop, asked, visit, owner):
    finish(visit, owner, now=at(15, 30))

    assert work.remind(at(15, 31)) == 0
    assert work.remind(at(17, 29)) == 0
    assert work.remind(at(17, 31)) == 1
    assert work.remind(at(17, 32)) == 0

    [message] = requests(shop)
    sent(message, at(17, 33))
    work.remind(at(17, 40))
    assert LINK in message.text
    assert message.text.startswith("Olá, Rafa! Obrigado pela visita à *Barbearia do Zé*!")
    visit.refresh_from_db()
    assert visit.remind_at is None


def test_until_a_link_is_given_nobody_is_asked(shop, visit, owner):
    with pytest.raises(Refused, match="link"):
        choose(shop, owner, now=at(9), link="")
    finish(visit, owner, now=at(15, 30))

    assert work.remind(at(18)) == 0


def test_who_came_in_the_evening_is_asked_in_the_morning(shop, asked, visit, owner):
    finish(visit, owner, now=at(19))

    assert work.remind(at(22)) == 0
    assert work.remind(at(9, 1, day=27)) == 1


def test_nobody_is_asked_again_within_the_days_that_the_shop_chose(shop, asked, visit, owner, haircut, ze):
    finish(visit, owner, now=at(15, 30))
    work.remind(at(17, 31))
    sent(requests(shop)[0], at(17, 32))
    soon = book(shop, haircut, ze, at(15, day=28), now=at(9))
    finish(soon, owner, now=at(15, 30, day=28))
    later = book(shop, haircut, ze, at(15) + timedelta(days=91), now=at(9) + timedelta(days=80))
    finish(later, owner, now=at(15, 30) + timedelta(days=91))

    assert work.remind(at(18, day=28)) == 0
    assert soon.reminders.get(kind=Kind.REVIEW).dropped == Dropped.ASKED_LATELY
    assert work.remind(at(18) + timedelta(days=91)) == 1


def test_two_visits_of_one_customer_at_once_are_one_request(shop, asked, visit, owner, haircut, ze):
    second = book(shop, haircut, ze, at(16), now=at(9))
    finish(visit, owner, now=at(15, 30))
    finish(second, owner, now=at(16, 30))

    assert work.remind(at(19)) == 1


def test_what_was_finished_by_mistake_is_not_asked_about(shop, asked, visit, owner):
    finish(visit, owner, now=at(15, 30))
    work.remind(at(17, 31))
    undoing.reopen(visit, by=owner, reason="Engano", now=at(17, 32))
    work.remind(at(17, 33))
    assert taken_back(requests(shop)[0])

    actions.finish(visit, by=owner, now=at(17, 40))
    work.remind(at(17, 41))
    assert work.remind(at(19, 45)) == 1


def test_who_missed_the_visit_is_not_asked(shop, asked, visit, owner):
    actions.no_show(visit, by=owner, now=at(15, 30))

    assert work.remind(at(20)) == 0


def test_visits_that_ended_before_it_was_switched_on_and_those_marked_days_later_are_not_asked_about(
    shop, visit, owner, haircut, ze
):
    finish(visit, owner, now=at(15, 30))
    choose(shop, owner, now=at(16))
    late = book(shop, haircut, ze, at(15, day=28), now=at(9))
    actions.arrive(late, by=owner, now=at(15, day=28))
    actions.start(late, by=owner, now=at(15, day=28))
    actions.finish(late, by=owner, now=at(15, day=30) + timedelta(days=2))

    assert work.remind(at(18)) == 0
    assert work.remind(at(18, day=30) + timedelta(days=2)) == 0


def test_switched_off_while_it_waits_it_is_taken_back(shop, asked, visit, owner):
    finish(visit, owner, now=at(15, 30))
    work.remind(at(17, 31))
    choose(shop, owner, now=at(17, 32), is_on=False)
    work.remind(at(17, 33))

    assert taken_back(requests(shop)[0])
    choose(shop, owner, now=at(17, 34))
    assert work.remind(at(17, 35)) == 1, "it was a slip"


def test_the_shops_own_words_are_said(shop, owner, visit):
    choose(shop, owner, now=at(9), text="{saudacao} Valeu! Avalie o {profissional}: {link}")
    finish(visit, owner, now=at(15, 30))
    work.remind(at(17, 31))

    assert requests(shop)[0].text == f"Olá, Rafa! Valeu! Avalie o Zé: {LINK}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Valeu!", "Falta o campo {link}"),
        ("{nome}, avalie: {link}", "Não conhecemos {nome}"),
        ("{link} {quando", "sem par"),
        ("{link.__class__}{link}", "Não conhecemos"),
    ],
)
def test_words_that_could_not_be_filled_are_refused(shop, owner, text, says):
    with pytest.raises(Refused, match=says):
        choose(shop, owner, now=at(9), text=text)
