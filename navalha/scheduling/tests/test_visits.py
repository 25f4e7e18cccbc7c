"""What happens to a visit after it was booked: legal moves, who and why, what is sent."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.signing import Signer

from navalha.core.errors import Refused
from navalha.messaging.models import MessageState
from navalha.scheduling import actions, links, visits
from navalha.scheduling.models import Appointment, AppointmentState, CancelledBy

S = AppointmentState


@pytest.fixture
def visit(shop, haircut, ze, now) -> Appointment:
    starts_at = datetime(2026, 11, 24, 15, tzinfo=ZoneInfo("America/Sao_Paulo")).astimezone(UTC)
    shop.phone = "+551133334444"
    shop.save(update_fields=["phone"])
    return actions.book(
        shop, services=[haircut], professional=ze, starts_at=starts_at, name="Rafa", phone="+5511988887777", now=now
    )


def history(visit) -> list[str]:
    return [change.to_state for change in visit.changes.order_by("pk")]


def keys(visit, state=MessageState.QUEUED) -> set[str]:
    found = visit.shop.messages.filter(state=state).values_list("dedupe_key", flat=True)
    return {key.removesuffix(f":{visit.pk}") for key in found}


def test_a_visit_goes_from_booked_to_done(visit, owner, now):
    for action, state in (
        (actions.confirm, S.CONFIRMED),
        (actions.arrive, S.ARRIVED),
        (actions.start, S.IN_SERVICE),
        (actions.finish, S.DONE),
    ):
        action(visit, by=owner, now=now)
        visit.refresh_from_db()
        assert visit.state == state

    assert history(visit) == ["pending", "confirmed", "arrived", "in_service", "done"]
    assert visit.changes.first().by == owner


@pytest.mark.parametrize("action", [actions.confirm, actions.cancel, actions.arrive, actions.start, actions.no_show])
def test_a_visit_that_is_done_does_not_move(visit, owner, now, action):
    Appointment.across_shops.filter(pk=visit.pk).update(state=S.DONE)
    visit.refresh_from_db()

    with pytest.raises(Refused, match="Concluído"):
        action(visit, by=owner, now=visit.ends_at)


@pytest.mark.parametrize(("action", "key"), [(actions.confirm, "confirmed"), (actions.cancel, "cancelled")])
def test_a_second_press_is_no_error_and_does_nothing_twice(visit, owner, now, action, key):
    stale = Appointment.across_shops.get(pk=visit.pk)
    action(visit, by=owner, now=now)

    action(visit, by=owner, now=now)
    action(stale, by=owner, now=now)

    assert history(visit).count(key) == 1
    assert visit.shop.messages.filter(dedupe_key=f"{key}:{visit.pk}").count() == 1


def test_the_customers_confirmation_tells_the_shop_and_not_themselves(visit, now):
    actions.confirm(visit, now=now)

    assert keys(visit) == {"booked", "notice_booked", "notice_confirmed"}
    assert visit.changes.first().reason == "Pelo cliente"


def test_the_shops_confirmation_tells_the_customer(visit, owner, now):
    actions.confirm(visit, by=owner, now=now)

    assert "confirmed" in keys(visit)
    assert "notice_confirmed" not in keys(visit)


def test_a_cancelled_visit_drops_its_queued_messages_and_says_so(visit, owner, now):
    actions.cancel(visit, by=owner, reason="Zé está doente", now=now)

    assert visit.cancelled_by == CancelledBy.SHOP
    assert visit.changes.first().reason == "Zé está doente"
    assert keys(visit) == {"cancelled"}
    assert keys(visit, MessageState.CANCELLED) == {"booked", "notice_booked"}


def test_a_customer_cancels_inside_the_window_and_the_shop_hears_of_it(visit, now):
    actions.cancel(visit, now=visit.starts_at - timedelta(minutes=120))

    assert visit.cancelled_by == CancelledBy.CUSTOMER
    assert keys(visit) == {"cancelled", "notice_cancelled"}


def test_a_customer_who_is_too_late_is_told_whom_to_call(visit, owner):
    late = visit.starts_at - timedelta(minutes=119)

    with pytest.raises(Refused, match=r"Ligue para a barbearia: \+55 11 3333-4444"):
        actions.cancel(visit, now=late)

    actions.cancel(visit, by=owner, now=late)  # the shop itself may
    assert visit.state == S.CANCELLED


def test_a_customer_cannot_confirm_what_has_begun(visit):
    with pytest.raises(Refused, match="já passou"):
        actions.confirm(visit, now=visit.starts_at)


def test_a_visit_cancelled_after_its_time_tells_the_customer_nothing(visit, owner):
    actions.cancel(visit, by=owner, now=visit.ends_at)

    assert "cancelled" not in keys(visit)


def test_nobody_is_missing_before_the_time_has_come(visit, owner):
    with pytest.raises(Refused, match="Ainda não deu o horário"):
        actions.no_show(visit, by=owner, now=visit.starts_at - timedelta(minutes=1))

    actions.no_show(visit, by=owner, now=visit.starts_at)
    assert visit.state == S.NO_SHOW


def test_nobody_arrives_on_another_day(visit, owner):
    with pytest.raises(Refused, match="no dia do horário"):
        actions.arrive(visit, by=owner, now=visit.starts_at - timedelta(days=1))


def test_a_manage_link_finds_its_visit_and_only_in_its_shop(visit, other_shop):
    token = links.token(visit)

    assert links.find(visit.shop, token) == visit
    assert links.find(other_shop, token) is None
    assert links.manage_url(visit).endswith(f"/agendar/barbearia-do-ze/visita/{token}/")


def test_a_link_that_the_shop_changed_opens_nothing_and_the_new_one_does(visit, owner, now):
    old = links.token(visit)
    visits.renew_link(visit, by=owner, now=now)
    newer = links.token(visit)
    visits.renew_link(visit, by=owner, now=now)

    assert [links.find(visit.shop, token) for token in (old, newer)] == [None, None]
    assert links.find(visit.shop, links.token(visit)) == visit


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.FAILED])
def test_what_has_not_left_gets_the_new_link_and_what_was_sent_stays(visit, owner, now, state):
    old = links.manage_url(visit)
    waiting = visit.shop.messages.get(dedupe_key=f"booked:{visit.pk}")
    assert old in waiting.text
    visit.shop.messages.filter(pk=waiting.pk).update(state=state)
    sent = visit.shop.messages.create(
        customer=visit.customer,
        direction="out",
        address="5511988887777",
        text=old,
        state=MessageState.SENT,
        dedupe_key=f"confirmed:{visit.pk}",
    )

    visits.renew_link(visit, by=owner, now=now)

    waiting.refresh_from_db()
    sent.refresh_from_db()
    assert links.manage_url(visit) in waiting.text
    assert old not in waiting.text
    assert sent.text == old


def test_a_link_from_before_links_could_be_changed_still_opens(visit):
    token = Signer(sep=".", salt=f"navalha.visit.{visit.shop_id}").sign(str(visit.pk))

    assert links.find(visit.shop, token) == visit


def test_a_link_cannot_be_guessed_from_another(visit):
    number, signature = links.token(visit).split(".")

    for forged in (
        f"{int(number) + 1}.{signature}",
        number,
        f"{number}.",
        f"{number}.{signature[:-1]}",
        "",
        "x.y",
        ".",
    ):
        assert links.find(visit.shop, forged) is None
