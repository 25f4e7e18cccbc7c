"""What a shop sees and writes of its customers."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import known_by, make_customer, make_member, make_professional
from navalha.accounts.models import Role
from navalha.scheduling.models import AppointmentState, CancelledBy
from navalha.scheduling.profiles import rhythm

LIST = "/clientes/"


def make_visit(customer, ze, *, days_ago, state=AppointmentState.DONE, **fields):
    starts_at = timezone.now() - timedelta(days=days_ago)
    return customer.shop.appointments.create(
        customer=customer,
        professional=ze,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        state=state,
        **{"total_cents": 4500, **fields},
    )


def names(answer):
    return [customer.name for customer in answer.context["page"]]


def typed(**fields):
    return {"name": "Rafa", "phone": "", "birthday": "", "tags": "", "notes": "", "professional": "", **fields}


@pytest.mark.parametrize(
    "search", ["joao", "JOÃO sa", "(31) 98888-7777", "+55 31 8888 7777", "031 98888-7777", "88887777"]
)
def test_a_customer_is_found_without_accents_and_by_any_form_of_the_phone(as_owner, shop, search):
    make_customer(shop, "João Sá", "+5531988887777")
    make_customer(shop, "Bia", "+5511955554444")

    assert names(as_owner.get(LIST, {"busca": search})) == ["João Sá"]


def test_the_list_is_narrowed_by_tag_birthday_and_absence(as_owner, shop, ze):
    month = timezone.localdate().month
    old = make_customer(shop, "Antigo", "+5511911110001")
    make_visit(old, ze, days_ago=70)
    new = make_customer(shop, "Recente", "+5511911110002")
    make_visit(new, ze, days_ago=71)
    make_visit(new, ze, days_ago=3)
    make_customer(shop, "Nunca veio", "+5511911110003")
    shop.customers.filter(pk=old.pk).update(tags=["VIP"], birth_day=1, birth_month=month)
    shop.customers.filter(pk=new.pk).update(tags=["barba"], birth_day=1, birth_month=month % 12 + 1)

    assert names(as_owner.get(LIST, {"ausente": "60"})) == ["Antigo"]
    assert names(as_owner.get(LIST, {"etiqueta": "VIP"})) == ["Antigo"]
    assert names(as_owner.get(LIST, {"aniversario": "mes"})) == ["Antigo"]
    assert names(as_owner.get(LIST, {"ausente": "abc"})) == ["Antigo", "Nunca veio", "Recente"]


def test_an_empty_list_says_what_to_do_and_a_search_without_result_leads_back(as_owner, shop):
    assert "Nenhum cliente ainda." in as_owner.get(LIST).content.decode()
    assert "Ninguém com esses filtros." in as_owner.get(LIST, {"busca": "x"}).content.decode()


def test_the_queries_of_list_and_profile_do_not_grow(as_owner, shop, ze, django_assert_max_num_queries):
    counts = []
    for how_many in (1, 2):
        for at in range(how_many):
            customer = make_customer(shop, f"Cliente {how_many}{at}", f"+55119111{how_many}000{at}")
            for days in (10, 20):
                make_visit(customer, ze, days_ago=days + how_many * 60 + at * 120)
        with django_assert_max_num_queries(30) as seen:
            as_owner.get(LIST)
            as_owner.get(reverse("profiles:show", args=[customer.pk]))
        counts.append(len(seen.captured_queries))
    assert counts[0] == counts[1]


def test_a_profile_tells_visits_value_rhythm_and_what_was_missed(as_owner, shop, customer, ze, haircut):
    for days in (63, 42, 21):
        make_visit(customer, ze, days_ago=days, paid_cents=5000, paid_with="pix")
    make_visit(customer, ze, days_ago=50, state=AppointmentState.NO_SHOW)
    late = make_visit(customer, ze, days_ago=30, state=AppointmentState.CANCELLED, cancelled_by=CancelledBy.CUSTOMER)
    shop.appointments.filter(pk=late.pk).update(state_changed_at=late.starts_at)
    coming = make_visit(customer, ze, days_ago=-2, state=AppointmentState.CONFIRMED)

    answer = as_owner.get(reverse("profiles:show", args=[customer.pk]))

    profile = answer.context["profile"]
    assert (profile.visits, profile.value_cents, profile.ticket_cents) == (3, 15000, 5000)
    assert (profile.rhythm_days, profile.overdue_days) == (21, 0)
    assert (profile.missed.no_shows, profile.missed.late_cancels) == (1, 1)
    assert profile.coming == [coming]
    assert "a cada ~21 dias" in answer.content.decode()
    assert reverse("messaging:conversation", args=[customer.pk]) in answer.content.decode()


def test_a_rhythm_is_the_median_and_needs_three_days():
    day = timezone.localdate()
    assert rhythm.days_between([day, day - timedelta(days=20)]) is None
    assert rhythm.days_between([day, day, day - timedelta(days=20)]) is None
    assert rhythm.days_between(day - timedelta(days=ago) for ago in (0, 21, 41, 141)) == 21


def test_a_customer_is_edited_with_all_that_a_shop_knows(as_owner, shop, customer, ze):
    page = reverse("profiles:edit", args=[customer.pk])
    data = typed(phone="(21) 97777-6666", birthday="24/11", tags="VIP, vip,  corte  infantil", notes="Máquina 2")

    answer = as_owner.post(page, data | {"professional": ze.pk})

    assert answer.status_code == 302
    customer.refresh_from_db()
    assert (customer.phone, customer.birthday, customer.notes) == ("+5521977776666", "24/11", "Máquina 2")
    assert customer.tags == ["VIP", "corte infantil"]
    assert known_by(shop, "552177776666") == customer
    assert known_by(shop, "+5511988887777") is None
    assert shop.preferences.get().professional == ze


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("phone", "123"), ("birthday", "31/02"), ("birthday", "01/01/2999"), ("tags", "x" * 31)],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(as_owner, customer, field, value):
    data = typed(notes="Gosta de café") | {field: value}
    answer = as_owner.post(reverse("profiles:edit", args=[customer.pk]), data)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "Gosta de café" in answer.content.decode()
    customer.refresh_from_db()
    assert customer.notes == ""


def test_the_second_of_two_editors_is_told_and_keeps_what_they_typed(as_owner, customer):
    page = reverse("profiles:edit", args=[customer.pk])
    as_owner.post(page, typed(notes="primeira"))

    answer = as_owner.post(page, typed(notes="segunda"))

    assert answer.status_code == 409
    assert "Outra pessoa mudou" in answer.content.decode()
    assert "segunda" in answer.content.decode()
    again = typed(notes="segunda", seen=answer.context["form"]["seen"].value())
    assert as_owner.post(page, again).status_code == 302


def test_a_phone_of_somebody_else_leads_to_their_page(as_owner, shop, customer):
    answer = as_owner.post("/clientes/novo/", typed(name="Outro", phone="11 8888-7777"))

    assert answer.status_code == 409
    assert reverse("profiles:show", args=[customer.pk]) in answer.content.decode()
    assert shop.customers.count() == 1


def test_a_barber_reads_without_money_and_writes_nothing(client, shop, customer, ze, barber):
    make_visit(customer, ze, days_ago=3)
    client.force_login(barber)

    page = client.get(reverse("profiles:show", args=[customer.pk])).content.decode()

    assert "R$" not in page
    assert client.get(reverse("profiles:edit", args=[customer.pk])).status_code == 404
    client.force_login(make_member(shop, "gerente@navalha.example", Role.RECEPTION))
    assert "R$" in client.get(reverse("profiles:show", args=[customer.pk])).content.decode()


def test_a_preferred_barber_who_left_stays_named(as_owner, shop, customer, haircut):
    left = make_professional(shop, "João", [haircut], is_active=False)
    shop.preferences.create(customer=customer, professional=left, said_at=timezone.now())

    page = as_owner.get(reverse("profiles:edit", args=[customer.pk]))
    as_owner.post(reverse("profiles:edit", args=[customer.pk]), typed(professional=left.pk))

    assert page.context["form"]["professional"].value() == str(left.pk)
    assert shop.preferences.count() == 1


def test_an_export_opens_in_a_brazilian_excel_and_runs_no_formula(as_owner, shop):
    joao = make_customer(shop, "João; Sá", "+5531988887777")
    shop.customers.filter(pk=joao.pk).update(notes="@SUM(A1)", tags=["=1+1", "VIP"])
    make_customer(shop, "Bia", "+5511955554444")

    answer = as_owner.get("/clientes/exportar/", {"busca": "joao"})

    assert answer.content.startswith(b"\xef\xbb\xbf")
    heading, line, rest = answer.content.decode("utf-8-sig").split("\r\n")
    assert heading.split(";")[:2] == ["Nome", "Telefone"]
    assert line.startswith("\"João; Sá\";55 31 98888-7777;;'=1+1, VIP;'@SUM(A1);")
    assert rest == ""


def test_only_managers_take_the_list_away(client, shop, barber):
    client.force_login(make_member(shop, "recepcao@navalha.example", Role.RECEPTION))
    assert client.get("/clientes/exportar/").status_code == 404
    assert "exportar" not in client.get(LIST).content.decode()
