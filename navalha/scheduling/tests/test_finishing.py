"""The end of a visit, and taking back what was a mistake."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conftest import make_professional
from navalha.core.errors import Refused
from navalha.core.states import UndeclaredMove, move
from navalha.scheduling import actions, undoing
from navalha.scheduling.models import Appointment, AppointmentState, Payment

S = AppointmentState


@pytest.fixture
def visit(shop, haircut, ze, now) -> Appointment:
    starts_at = datetime(2026, 11, 24, 15, tzinfo=ZoneInfo("America/Sao_Paulo")).astimezone(UTC)
    return actions.book(
        shop, services=[haircut], professional=ze, starts_at=starts_at, name="Rafa", phone="+5511988887777", now=now
    )


@pytest.fixture
def in_service(visit, owner):
    actions.arrive(visit, by=owner, now=visit.starts_at)
    actions.start(visit, by=owner, now=visit.starts_at)
    return visit


def undo_last(visit, owner, now) -> None:
    undoing.undo(visit, undoing.last_change(visit).pk, by=owner, now=now)


def test_what_was_really_done_and_paid_stands_beside_what_was_booked(in_service, haircut, beard, owner):
    actions.finish(
        in_service,
        by=owner,
        now=in_service.ends_at,
        services=[haircut, beard],
        paid_cents=7000,
        paid_with=Payment.PIX,
    )

    in_service.refresh_from_db()
    assert (in_service.state, in_service.total_cents) == (S.DONE, 4500)
    assert (in_service.paid_cents, in_service.paid_with) == (7000, "pix")
    assert [item.name for item in in_service.items.all()] == ["Corte"]
    assert [(item.name, item.price_cents) for item in in_service.done_items.all()] == [("Corte", 4500), ("Barba", 3000)]


def test_without_a_word_it_was_what_was_booked_and_nobody_said_what_was_paid(in_service, owner):
    actions.finish(in_service, by=owner, now=in_service.ends_at)

    assert [item.name for item in in_service.done_items.all()] == ["Corte"]
    assert in_service.paid_cents is None


def test_a_second_press_changes_nothing(in_service, haircut, owner):
    for cents in (4500, 1):
        actions.finish(
            in_service, by=owner, now=in_service.ends_at, services=[haircut], paid_cents=cents, paid_with="cash"
        )

    in_service.refresh_from_db()
    assert in_service.paid_cents == 4500
    assert in_service.done_items.count() == 1


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"services": []}, "pelo menos um serviço"),
        ({"paid_cents": 4500, "paid_with": ""}, "como foi pago"),
        ({"paid_cents": -1, "paid_with": "pix"}, "Confira o valor"),
        ({"paid_cents": 10**9, "paid_with": "pix"}, "Confira o valor"),
    ],
)
def test_what_makes_no_sense_is_refused(in_service, owner, said, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.finish(in_service, by=owner, now=in_service.ends_at, **said)

    in_service.refresh_from_db()
    assert in_service.state == S.IN_SERVICE


def test_a_finished_visit_is_taken_back_with_its_payment(in_service, owner):
    end = in_service.ends_at
    actions.finish(in_service, by=owner, now=end, paid_cents=4500, paid_with="cash")
    undo_last(in_service, owner, end)

    in_service.refresh_from_db()
    assert (in_service.state, in_service.paid_cents, in_service.paid_with) == (S.IN_SERVICE, None, "")
    assert not in_service.done_items.exists()
    assert in_service.changes.first().reason == "Desfeito"


@pytest.mark.parametrize("before", [S.PENDING, S.CONFIRMED])
def test_a_mistaken_no_show_goes_back_to_how_it_was(visit, owner, before):
    if before == S.CONFIRMED:
        actions.confirm(visit, by=owner, now=visit.starts_at)
    actions.no_show(visit, by=owner, now=visit.starts_at)
    undo_last(visit, owner, visit.starts_at)

    visit.refresh_from_db()
    assert visit.state == before


def test_a_chair_that_was_given_away_is_not_taken_back(visit, shop, haircut, ze, owner):
    actions.no_show(visit, by=owner, now=visit.starts_at)
    shop.appointments.create(customer=visit.customer, professional=ze, starts_at=visit.starts_at, ends_at=visit.ends_at)

    with pytest.raises(Refused, match="já foi ocupado"):
        undo_last(visit, owner, visit.starts_at)


def test_who_comes_late_after_all_takes_any_chair_that_is_free(visit, shop, haircut, owner):
    shop.chairs = 2
    shop.save(update_fields=["chairs"])
    shop.appointments.filter(pk=visit.pk).update(chair=1)
    late = visit.starts_at + timedelta(minutes=5)
    actions.no_show(visit, by=owner, now=late)
    people = [make_professional(shop, name, [haircut]) for name in ("Ana", "Léo")]

    def taken_by(number):
        return shop.appointments.create(
            customer=visit.customer,
            professional=people[number],
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            chair=number + 1,
        )

    taken_by(0)
    undoing.undo(visit, undoing.last_change(visit).pk, by=owner, now=late)
    visit.refresh_from_db()
    assert (visit.state, visit.chair) == (S.PENDING, 2)

    actions.no_show(visit, by=owner, now=late)
    taken_by(1)
    with pytest.raises(Refused, match="Todas as cadeiras"):
        undoing.undo(visit, undoing.last_change(visit).pk, by=owner, now=late)


def test_after_a_while_it_takes_a_reason(visit, owner):
    actions.no_show(visit, by=owner, now=visit.starts_at)
    late = visit.starts_at + timedelta(hours=2)
    with pytest.raises(Refused, match="Não dá mais para desfazer"):
        undo_last(visit, owner, late)

    undoing.reopen(visit, by=owner, reason="Chegou pelos fundos", now=late)

    visit.refresh_from_db()
    assert visit.state == S.PENDING
    assert visit.changes.first().reason == "Chegou pelos fundos"


def test_what_the_customer_did_is_not_undone_by_the_shop(visit, owner, now):
    actions.cancel(visit, now=now)

    with pytest.raises(Refused):
        undo_last(visit, owner, now)


def test_a_command_never_goes_back(visit, owner):
    actions.no_show(visit, by=owner, now=visit.starts_at)

    with pytest.raises(Refused, match="já está como “Faltou”"):
        actions.confirm(visit, by=owner, now=visit.starts_at)
    with pytest.raises(UndeclaredMove):
        move(visit, to=S.DONE, now=visit.starts_at)
