"""Whoever changes what is written of a customer leaves a line: who, when, what it was and what it is."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conftest import make_customer, make_member, make_professional
from navalha.accounts.models import Role
from navalha.customers import editing, history, merging
from navalha.customers.actions import recognise

from .test_importing import imported

HOUR = timedelta(hours=1)


def told(change):
    return [(str(line.label), line.before, line.after) for line in history.lines(change)]


def test_an_edit_tells_each_thing_that_changed_and_nothing_else(shop, owner, now):
    one = editing.register(shop, editing.Details("Rafa", "+5511988887777", (24, 11, None)), by=owner, now=now)
    details = editing.Details("Rafael", "+5511977776666", (24, 11, 1990), notes="Máquina 2", tags=["VIP"])

    editing.edit(shop, one.pk, details, seen=editing.version(one), by=owner, now=now)

    edit, added = one.history.all()
    assert (added.act, added.by, told(added)) == ("added", owner, [])
    assert (edit.act, edit.by, edit.at) == ("edited", owner, now)
    assert told(edit) == [
        ("Nome", "Rafa", "Rafael"),
        ("Telefone", "+55 11 98888-7777", "+55 11 97777-6666"),
        ("Aniversário", "24/11", "24/11/1990"),
        ("Etiquetas", "", "VIP"),
        ("Observações", "", "Máquina 2"),
    ]
    one.refresh_from_db()
    editing.edit(shop, one.pk, details, seen=editing.version(one), by=owner, now=now)
    assert one.history.count() == 2


def test_merges_and_spreadsheets_leave_their_line_and_a_merge_keeps_both_histories(shop, customer, owner, now):
    twin = make_customer(shop, "Rafael", "+5511977776666")
    imported(shop, owner, now, "Telefone;Obs\n11 97777-6666;Café\n", update=True)

    later = timezone.now()
    kept = merging.merge(shop, keep_id=customer.pk, gone_id=twin.pk, now=later, by=owner)

    assert [change.act for change in kept.history.all()] == ["merged", "filled"]
    assert told(kept.history.first()) == [("Observações", "", "Café"), ("Cadastro juntado", "", "Rafael")]
    back = merging.undo(shop, kept.merges.get().pk, by=owner, now=later)
    assert [change.act for change in kept.history.all()] == ["parted", "merged"]
    assert [change.act for change in back.history.all()] == ["filled"]


def test_a_merge_that_whatsapp_proved_is_nobodys(shop, customer, now):
    recognise(shop, phone=None, lid="249@lid", now=now)
    one = recognise(shop, phone=customer.phone, lid="249@lid", now=now)
    assert one.history.get().by is None


def test_managers_see_the_history_on_the_profile_and_others_do_not(client, shop, customer, owner, now):
    ze = make_professional(shop, "Zé")
    client.force_login(owner)
    page = reverse("profiles:show", args=[customer.pk])
    form = {"name": "Rafael <b>", "phone": customer.phone, "seen": "", "professional": ze.pk}
    assert client.post(reverse("profiles:edit", args=[customer.pk]), form).status_code == 302

    found = client.get(page).content.decode()

    assert "<del>Rafa</del>" in found
    assert "<ins>Rafael &lt;b&gt;</ins>" in found
    assert "<ins>Zé</ins>" in found
    for role in (Role.BARBER, Role.RECEPTION):
        client.force_login(make_member(shop, f"{role.name.lower()}@navalha.example", role))
        assert "Histórico do cadastro" not in client.get(page).content.decode()


def test_an_edit_is_taken_back_unless_somebody_edited_since(as_owner, shop, customer, owner):
    page = reverse("profiles:edit", args=[customer.pk])
    client_page = reverse("profiles:show", args=[customer.pk])
    edit = {"name": "Rafael", "phone": customer.phone, "notes": "Café", "seen": ""}

    for again in (False, True):
        customer.refresh_from_db()
        as_owner.post(page, edit | {"seen": editing.version(customer)})
        button = [one.extra_tags for one in as_owner.get(client_page).context["messages"]][-1]
        customer.refresh_from_db()
        if again:
            details = editing.Details("Rafa Lima", customer.phone)
            editing.edit(
                shop, customer.pk, details, seen=editing.version(customer), by=owner, now=customer.edited_at + HOUR
            )
        answer = as_owner.post(button)
        customer.refresh_from_db()
        assert (answer.status_code, customer.name) == ((409, "Rafa Lima") if again else (302, "Rafa"))
        assert customer.notes == ""


def test_the_profile_costs_the_same_queries_however_long_the_history(as_owner, shop, customer, owner, now):
    page = reverse("profiles:show", args=[customer.pk])

    def queries(changes):
        for at in range(changes):
            row = imported(shop, owner, now, f"Telefone;Etiqueta\n{customer.phone};t{changes}{at}\n", update=True)
            assert row.updated == 1
        with CaptureQueriesContext(connection) as seen:
            assert as_owner.get(page).content.decode().count("Completado por uma planilha") == customer.history.count()
        return len(seen) - 1  # the count of the line above

    as_owner.get(page)
    assert queries(1) == queries(2)
