"""A spreadsheet from anywhere becomes customers, and is taken back without what people did since."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from importlib import import_module
from threading import Barrier

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from conftest import known_by, make_customer
from navalha.core.errors import Refused
from navalha.customers import import_work, importing, sheets
from navalha.customers.actions import recognise
from navalha.customers.models import ImportState as S
from navalha.worker.tidy import forget_old_rows

SHEET = "Nome;Telefone;Aniversário;Etiquetas\nJoão;(31) 98888-7777;24/11;VIP, barba\nAna;11 95555-4444;;\n"


def begun(shop, owner, now, text=SHEET, *, update=False):
    row = importing.keep(shop, name="a.csv", content=text.encode(), by=owner, now=now)
    columns = sheets.guess(sheets.read(text.encode()).heading)
    return importing.begin(shop, row.pk, columns=columns, update=update, by=owner, now=now)


def worked_off(row):
    import_work.work_off(row.pk)
    row.refresh_from_db()
    return row


def imported(shop, owner, now, text=SHEET, *, update=False):
    return worked_off(begun(shop, owner, now, text, update=update))


def undone(row, owner, now):
    return worked_off(importing.undo(row.shop, row.pk, by=owner, now=now))


def people(number, first=7000):
    """A spreadsheet of so many."""
    return "Nome;Telefone\n" + "".join(f"Cliente {at};11 9{first + at}5555\n" for at in range(number))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_usual_encoding_and_separator_is_found(encoding, separator):
    text = (
        separator.join(["Nome", "Observação"])
        + "\r\n"
        + separator.join(["João", "Pé, mão"]).replace("Pé, mão", '"Pé, mão"')
    )
    sheet = sheets.read(text.encode(encoding))

    assert (sheet.heading, sheet.lines) == (["Nome", "Observação"], [(2, ["João", "Pé, mão"])])


def test_columns_are_guessed_by_what_other_products_call_them():
    heading = ["ID", "Nome do cliente", "Celular", "Data de nascimento", "OBS"]
    assert sheets.guess(heading) == {"name": 1, "phone": 2, "birthday": 3, "tags": None, "notes": 4}


def test_what_is_no_spreadsheet_is_said_in_words(as_owner):
    for content in (b"PK\x03\x04xxxx", b"Nome;Telefone", b"x" * (sheets.MOST_BYTES + 1)):
        answer = as_owner.post("/clientes/importar/", {"file": SimpleUploadedFile("a.csv", content)})
        assert answer.status_code == 422
        assert answer.context["form"].errors["file"]


def test_an_import_writes_new_ones_and_says_which_lines_did_not_enter(shop, owner, now):
    row = imported(shop, owner, now, SHEET + "Bia;123;;\nCaio;11 91111-2222;31/02;\nSem;;;\nDe novo;31 8888-7777;;\n")

    assert (row.created, row.updated, row.skipped) == (2, 0, 1)
    assert [number for number, _why in row.errors] == [4, 5, 6]
    joao = known_by(shop, "553188887777")
    assert (joao.name, joao.birthday, joao.tags, joao.name_from_whatsapp) == ("João", "24/11", ["VIP", "barba"], False)
    with pytest.raises(Refused):
        importing.begin(shop, row.pk, columns={}, update=False, by=owner, now=now)


@pytest.mark.parametrize(("update", "tags", "counts"), [(False, [], (1, 0, 1)), (True, ["VIP", "barba"], (1, 1, 0))])
def test_known_phones_are_left_or_filled_in_by_choice(shop, owner, now, update, tags, counts):
    known = make_customer(shop, "Joãozinho", "+5531988887777")

    row = imported(shop, owner, now, update=update)

    known.refresh_from_db()
    assert (known.name, known.tags) == ("Joãozinho", tags)
    assert (row.created, row.updated, row.skipped) == counts


def test_an_undo_removes_only_whom_nobody_has_touched(shop, other_shop, owner, now):
    row = imported(shop, owner, now, SHEET + "Bia;11 93333-4444;;\n")
    theirs = make_customer(other_shop)
    ana, bia = (known_by(shop, phone) for phone in ("+5511955554444", "+5511933334444"))
    shop.messages.create(customer=ana, direction="in", address="x", text="oi", state="received")
    shop.customers.filter(pk=bia.pk).update(edited_at=now)

    row = undone(row, owner, now)

    assert (row.state, row.removed, row.left) == (S.UNDONE, 1, 2)
    assert set(shop.customers.all()) == {ana, bia}
    assert other_shop.customers.get() == theirs
    with pytest.raises(Refused):
        importing.undo(shop, row.pk, by=owner, now=now)


@pytest.mark.parametrize("update", [False, True])
def test_a_step_costs_the_same_queries_however_many_lines(shop, owner, now, update, django_assert_max_num_queries):
    counts = []
    for first, lines in ((7000, 1), (8000, 3)):
        for _again in range(2):  # the second time they are known
            row = begun(shop, owner, now, people(lines, first), update=update)
            with django_assert_max_num_queries(30) as seen:
                worked_off(row)
            counts.append(len(seen.captured_queries))
            assert row.created + row.skipped == lines
    assert counts[:2] == counts[2:]


def test_a_person_uploads_chooses_and_takes_back(as_owner, shop):
    answer = as_owner.post("/clientes/importar/", {"file": SimpleUploadedFile("a.csv", SHEET.encode())})
    page = answer.url
    assert as_owner.post(page, {"name": "0", "phone": "", "known": "skip"}).status_code == 422

    row = shop.customer_imports.get()
    going = as_owner.post(page, {"name": "0", "phone": "1", "known": "skip"}, follow=True).content.decode()
    assert "0 de 2 linhas" in going
    assert 'http-equiv="refresh"' in going
    worked_off(row)
    assert "Desfazer a importação" in as_owner.get(page).content.decode()
    assert shop.customers.count() == 2
    as_owner.post(reverse("imports:undo", args=[row.pk]))
    worked_off(row)
    assert "2 clientes saíram" in as_owner.get(page).content.decode()
    assert shop.customers.count() == 0


def test_a_birthday_is_read_as_people_write_it():
    from navalha.customers.birthdays import parse

    today = date(2026, 11, 24)
    assert parse("1/2/90", today=today) == (1, 2, 1990)
    assert parse("1990-02-01", today=today) == (1, 2, 1990)
    assert parse("29/02", today=today) == (29, 2, None)


def test_a_list_that_nobody_took_in_is_forgotten_after_a_day(shop, owner, now):
    waiting = importing.keep(shop, name="a.csv", content=SHEET.encode(), by=owner, now=now - timedelta(hours=23))
    old = importing.keep(shop, name="b.csv", content=SHEET.encode(), by=owner, now=now - timedelta(hours=25))
    done = imported(shop, owner, now - timedelta(days=9))

    forget_old_rows(now)

    assert set(shop.customer_imports.all()) == {waiting, done}
    assert not shop.customer_imports.filter(pk=old.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_during_an_import_is_of_the_same_customer(shop, owner, now):
    gate = Barrier(4)

    def run(call):
        try:
            gate.wait(30)
            return call()
        finally:
            connection.close()

    write = partial(recognise, shop, phone="553188887777", now=now)
    with ThreadPoolExecutor(4) as pool:
        row, *writers = pool.map(run, [lambda: imported(shop, owner, now), write, write, write])

    assert row.created + row.skipped == 2
    assert {one.pk for one in writers} == {known_by(shop, "+5531988887777").pk}
    assert shop.customers.count() == 2


def test_imports_of_before_there_were_steps_stand_where_they_ended_and_can_be_taken_back(shop, owner, now):
    kept = {"content": b"", "at": now, "by": owner}
    old = shop.customer_imports.create(file_name="a.csv", done_at=now, created=2, skipped=1, **kept)
    forgotten = shop.customer_imports.create(file_name="b.csv", **kept)
    for name in ("Ana", "Bia"):
        shop.customers.create(name=name, created_at=now, imported=old)

    import_module("navalha.customers.migrations.0008_imports_of_before").tell(apps, None)

    old.refresh_from_db()
    assert (old.state, old.position, old.total) == (S.DONE, 3, 3)
    assert not shop.customer_imports.filter(pk=forgotten.pk).exists()
    assert undone(old, owner, now).removed == 2
