"""Booking: what is made together, and what is refused."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from conftest import make_customer, make_professional
from navalha.core.errors import Refused
from navalha.scheduling import actions, queries
from navalha.scheduling.actions import SlotTaken
from navalha.scheduling.models import Appointment, AppointmentState

PHONE = "+5511988887777"
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def at(hour: int, minute: int = 0, *, day: int = 25) -> datetime:
    """A time on the shop's clock, the day after the story's `now` unless said otherwise."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SAO_PAULO).astimezone(UTC)


def book(shop, services, professional, starts_at, now, **fields) -> Appointment:
    given = {"name": "Rafa", "phone": PHONE, **fields}
    return actions.book(shop, services=services, professional=professional, starts_at=starts_at, now=now, **given)


def test_booking_makes_the_visit_its_services_its_history_and_the_messages(shop, haircut, beard, ze, now):
    ze.phone = "+5511977776666"
    ze.save(update_fields=["phone"])

    visit = book(shop, [haircut, beard], ze, at(15), now)

    assert visit.state == AppointmentState.PENDING
    assert visit.ends_at - visit.starts_at == timedelta(minutes=50)
    assert visit.total_cents == 7500
    assert [(item.name, item.price_cents) for item in visit.items.all()] == [("Corte", 4500), ("Barba", 3000)]
    assert [(change.to_state, change.at) for change in visit.changes.all()] == [("pending", now)]
    assert visit.customer.phone == PHONE
    told = {message.dedupe_key: message for message in shop.messages.all()}
    assert set(told) == {f"booked:{visit.pk}", f"notice_booked:{visit.pk}"}
    assert "quarta-feira, 25/11, às 15:00" in told[f"booked:{visit.pk}"].text
    assert f"/agendar/{shop.slug}/visita/" in told[f"booked:{visit.pk}"].text
    assert told[f"notice_booked:{visit.pk}"].address == "+5511977776666"


def test_a_later_price_does_not_rewrite_the_visit(shop, haircut, ze, now):
    visit = book(shop, [haircut], ze, at(15), now)

    haircut.price_cents = 9900
    haircut.save(update_fields=["price_cents"])

    assert visit.items.get().price_cents == 4500


def test_the_shop_is_told_on_its_own_phone_when_the_professional_has_none(shop, haircut, ze, now):
    shop.phone = "+551133334444"
    shop.save(update_fields=["phone"])

    visit = book(shop, [haircut], ze, at(15), now)

    assert shop.messages.get(dedupe_key=f"notice_booked:{visit.pk}").address == "+551133334444"


def test_a_taken_time_is_refused_with_the_three_nearest_and_leaves_nothing(shop, haircut, ze, now):
    book(shop, [haircut], ze, at(15), now)

    with pytest.raises(SlotTaken) as refusal:
        book(shop, [haircut], ze, at(15), now, name="Ana", phone="+5511955554444")

    assert [slot.starts_at for slot in refusal.value.nearest] == [at(14, 15), at(14, 30), at(15, 30)]
    assert shop.appointments.count() == 1
    assert not shop.customers.filter(phone="+5511955554444").exists()


def test_back_to_back_visits_are_allowed(shop, haircut, ze, now):
    book(shop, [haircut], ze, at(15), now)

    book(shop, [haircut], ze, at(15, 30), now)
    book(shop, [haircut], ze, at(14, 30), now)

    assert shop.appointments.count() == 3


def test_a_cancelled_visit_frees_the_chair(shop, haircut, ze, now, owner):
    first = book(shop, [haircut], ze, at(15), now)
    actions.cancel(first, by=owner, now=now)

    second = book(shop, [haircut], ze, at(15), now)

    assert second.pk != first.pk


def test_the_callers_transaction_survives_a_lost_time(shop, haircut, ze, now):
    book(shop, [haircut], ze, at(15), now)

    with transaction.atomic():
        customer = make_customer(shop, name="Ana", phone="+5511955554444")
        with pytest.raises(SlotTaken):
            book(shop, [haircut], ze, at(15), now, phone=customer.phone)

    assert shop.customers.filter(pk=customer.pk).exists()


@pytest.mark.parametrize(
    ("starts_at", "sentence"),
    [
        (at(9, day=24), "já passou"),
        (at(10, 15, day=24), "antecedência"),
        (at(8, 45), "Não há atendimento"),
        (at(17, 45), "Não há atendimento"),
        (at(18), "Não há atendimento"),
        (at(15, 5), "Não há atendimento"),
        (at(15) + timedelta(seconds=1), "Não há atendimento"),
        (at(15, day=25) + timedelta(days=30), "só até 24/12/2026"),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), "só até"),
        (datetime(1, 1, 1, 1, tzinfo=UTC), "já passou"),
    ],
)
def test_a_time_that_is_not_offered_is_refused_with_the_reason(shop, haircut, ze, now, starts_at, sentence):
    with pytest.raises(Refused, match=sentence):
        book(shop, [haircut], ze, starts_at, now)

    assert not shop.appointments.exists()


def test_the_shop_itself_needs_no_notice_and_may_book_beyond_the_horizon(shop, haircut, ze, now, owner):
    soon = book(shop, [haircut], ze, at(10, 15, day=24), now, by=owner, source="staff")
    far = book(shop, [haircut], ze, at(15) + timedelta(days=60), now, by=owner, source="staff")

    assert soon.changes.get().by == owner
    assert far.source == "staff"


def test_a_service_that_is_no_longer_offered_is_refused(shop, haircut, ze, now):
    haircut.is_active = False
    haircut.save(update_fields=["is_active"])

    with pytest.raises(Refused, match="não é mais oferecido"):
        book(shop, [haircut], ze, at(15), now)


def test_a_service_of_another_shop_is_refused(shop, other_shop, ze, now):
    foreign = other_shop.services.create(name="Escova", duration_minutes=30, price_cents=1)

    with pytest.raises(Refused, match="não é mais oferecido"):
        book(shop, [foreign], ze, at(15), now)


def test_a_professional_of_another_shop_is_refused(shop, other_shop, haircut, ze, now):
    foreign = make_professional(other_shop, "Bela", [haircut])

    with pytest.raises(Refused, match="não faz os serviços"):
        book(shop, [haircut], foreign, at(15), now)


def test_a_professional_who_does_not_do_one_of_the_services_is_refused(shop, haircut, beard, now):
    only_cuts = make_professional(shop, "Léo", [haircut])

    with pytest.raises(Refused, match="não faz os serviços"):
        book(shop, [haircut, beard], only_cuts, at(15), now)


def test_a_professional_who_left_is_refused(shop, haircut, ze, now):
    ze.is_active = False
    ze.save(update_fields=["is_active"])

    with pytest.raises(Refused, match="não faz os serviços"):
        book(shop, [haircut], ze, at(15), now)


def test_no_service_the_same_twice_and_too_many_are_refused(shop, haircut, ze, now):
    long = [shop.services.create(name=f"Longo {n}", duration_minutes=240, price_cents=1) for n in range(3)]
    ze.services.add(*long)

    for services, sentence in [([], "pelo menos um"), ([haircut, haircut], "duas vezes"), (long, "demais")]:
        with pytest.raises(Refused, match=sentence):
            book(shop, services, ze, at(9), now)


def test_time_off_of_the_professional_or_of_the_shop_is_not_offered(shop, haircut, ze, now):
    shop.times_off.create(professional=ze, starts_at=at(15), ends_at=at(16))
    shop.times_off.create(starts_at=at(11), ends_at=at(12), reason="Reforma")

    for hour in (15, 11):
        with pytest.raises(Refused, match="Não há atendimento"):
            book(shop, [haircut], ze, at(hour), now)
    book(shop, [haircut], ze, at(16), now)


@pytest.mark.parametrize("name", ["", "   ", "\u200b\x00\n"])
def test_a_visit_needs_a_name(shop, haircut, ze, now, name):
    with pytest.raises(Refused, match="nome"):
        book(shop, [haircut], ze, at(15), now, name=name)


def test_a_name_of_ten_thousand_characters_is_refused_and_an_emoji_is_a_name(shop, haircut, ze, now):
    with pytest.raises(Refused, match="longo demais"):
        book(shop, [haircut], ze, at(15), now, name="a" * 10_000)

    assert book(shop, [haircut], ze, at(15), now, name=" Zoë 💈 ").customer.name == "Zoë 💈"


def test_a_phone_with_four_open_visits_cannot_book_a_fifth(shop, haircut, ze, now, owner):
    for hour in (9, 10, 11, 12):
        book(shop, [haircut], ze, at(hour), now)

    with pytest.raises(Refused, match="já tem 4 horários"):
        book(shop, [haircut], ze, at(13), now)

    assert book(shop, [haircut], ze, at(13), now, by=owner).pk  # whom the shop itself books for is its own affair


def test_past_and_cancelled_visits_do_not_count_toward_the_limit(shop, haircut, ze, now, owner):
    for hour in (9, 10, 11, 12):
        visit = book(shop, [haircut], ze, at(hour), now)
    actions.cancel(visit, by=owner, now=now)

    assert book(shop, [haircut], ze, at(13), now).pk


def test_a_second_submit_of_the_same_form_returns_the_same_visit(shop, haircut, ze, now):
    first = book(shop, [haircut], ze, at(15), now, key="form-1")

    again = book(shop, [haircut], ze, at(15), now, key="form-1")

    assert again.pk == first.pk
    assert shop.appointments.count() == 1


def test_anybody_shares_the_day_out_by_visits_then_position(shop, haircut, now):
    people = [make_professional(shop, name, [haircut], position=n) for n, name in enumerate(["Zé", "Ana", "Léo"])]

    chosen = [
        book(shop, [haircut], None, at(hour), now, phone=f"+55119555500{hour}").professional for hour in (9, 10, 11, 12)
    ]

    assert chosen == [*people, people[0]]


def test_anybody_passes_over_who_is_taken_or_does_not_do_it(shop, haircut, beard, now):
    busy = make_professional(shop, "Zé", [haircut, beard])
    make_professional(shop, "Léo", [haircut])
    free = make_professional(shop, "Ana", [haircut, beard])
    book(shop, [haircut], busy, at(15), now)

    assert book(shop, [haircut, beard], None, at(15), now, phone="+5511955554444").professional == free


def test_a_hold_of_another_visitor_blocks_until_it_expires(shop, haircut, ze, now):
    actions.hold(shop, services=[haircut], professional=ze, starts_at=at(15), visitor="ana", now=now)

    with pytest.raises(SlotTaken):
        book(shop, [haircut], ze, at(15), now, visitor="rafa")
    later = now + queries.HOLD_FOR

    assert book(shop, [haircut], ze, at(15), later, visitor="rafa").pk
    assert not shop.slot_holds.exists()  # the expired one was in the way and is swept


def test_a_time_that_was_still_on_offer_when_the_page_was_opened_is_not_taken_back_while_somebody_types(
    shop, haircut, ze, now
):
    half_past_two = at(14, 30)  # with half an hour of notice: offered until two o'clock
    shown = at(14) - timedelta(seconds=1)

    def offers(moment) -> list[datetime]:
        found = queries.free_slots(
            shop, services=[haircut], professional=ze, first_day=date(2026, 11, 25), days=1, now=moment
        )
        return [slot.starts_at for slot in found]

    assert half_past_two in offers(shown)
    actions.hold(shop, services=[haircut], professional=ze, starts_at=half_past_two, visitor="rafa", now=at(14, 0))
    assert half_past_two not in offers(at(14, 0) + timedelta(seconds=1))

    assert book(shop, [haircut], ze, half_past_two, at(14, 4), visitor="rafa").starts_at == half_past_two
    with pytest.raises(Refused, match="muito em cima"):
        book(shop, [haircut], ze, at(14, 45), at(14, 21), phone="+5511955554444")


def test_ones_own_hold_is_used_up_by_booking(shop, haircut, ze, now):
    actions.hold(shop, services=[haircut], professional=ze, starts_at=at(15), visitor="rafa", now=now)

    book(shop, [haircut], ze, at(15), now, visitor="rafa")

    assert not shop.slot_holds.exists()


def test_anybody_goes_to_the_one_who_is_held_for_the_visitor(shop, haircut, ze, now):
    make_professional(shop, "Ana", [haircut], position=1)
    held = actions.hold(shop, services=[haircut], professional=None, starts_at=at(15), visitor="rafa", now=now)
    shop.slot_holds.filter(pk=held.pk).update(professional=shop.professionals.get(name="Ana"))

    assert book(shop, [haircut], None, at(15), now, visitor="rafa").professional.name == "Ana"


def test_a_visitor_has_one_hold_at_a_time(shop, haircut, ze, now):
    for hour in (15, 16, 16):
        kept = actions.hold(shop, services=[haircut], professional=ze, starts_at=at(hour), visitor="rafa", now=now)

    assert shop.slot_holds.get() == kept
    assert kept.starts_at == at(16)


def test_a_held_time_is_not_offered_to_others_and_is_to_its_visitor(shop, haircut, ze, now):
    actions.hold(shop, services=[haircut], professional=ze, starts_at=at(15), visitor="rafa", now=now)

    def offered(visitor: str) -> bool:
        found = queries.free_slots(shop, services=[haircut], first_day=at(15).date(), days=1, now=now, visitor=visitor)
        return at(15) in [slot.starts_at for slot in found]

    assert offered("rafa")
    assert not offered("ana")


def test_an_expired_hold_of_another_can_be_taken_over(shop, haircut, ze, now):
    actions.hold(shop, services=[haircut], professional=ze, starts_at=at(15), visitor="ana", now=now)

    later = now + queries.HOLD_FOR
    kept = actions.hold(shop, services=[haircut], professional=ze, starts_at=at(15), visitor="rafa", now=later)

    assert shop.slot_holds.get() == kept


def test_the_number_of_queries_does_not_depend_on_how_much_the_calendars_hold(
    shop, haircut, ze, now, django_assert_num_queries
):
    def look():
        return queries.free_slots(shop, services=[haircut], first_day=now.date(), days=30, now=now)

    with django_assert_num_queries(8):
        few = look()
    make_professional(shop, "Ana", [haircut])
    for hour in (9, 10, 11):
        book(shop, [haircut], ze, at(hour), now)
    with django_assert_num_queries(8):
        many = look()

    assert len(many) > len(few)
