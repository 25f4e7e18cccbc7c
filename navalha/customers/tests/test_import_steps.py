"""The worker takes a spreadsheet in step by step, and back: whatever kills it, whoever changes a customer meanwhile."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from conftest import make_customer
from navalha.core.errors import Refused
from navalha.customers import editing, import_steps, import_work, importing, merging, sheets
from navalha.customers.models import ImportState as S

from .test_importing import SHEET, begun, imported, people, undone, worked_off


@pytest.fixture
def small_steps(monkeypatch):
    """Two lines, or two customers, at a time."""
    monkeypatch.setattr(import_steps, "STEP", 2)


def one_step(row, now):
    import_steps.take_in(row.shop, row.pk, sheets.read(bytes(row.content)), now=now)
    row.refresh_from_db()


def test_a_worker_killed_between_and_within_steps_has_every_line_taken_in_once(
    shop, owner, now, small_steps, monkeypatch
):
    row = begun(shop, owner, now, people(5))
    one_step(row, now)
    assert (row.position, shop.customers.count()) == (2, 2)

    with monkeypatch.context() as dying:
        dying.setattr(import_steps, "publish", lambda *_: 1 / 0)  # everything written, nothing committed
        with pytest.raises(ZeroDivisionError):
            import_work.work_off(row.pk)
    row.refresh_from_db()
    assert (row.position, shop.customers.count()) == (2, 2)

    assert import_work.look_after_imports(now) == 1
    worked_off(row)
    assert (row.state, row.position, row.created, row.attempts) == (S.DONE, 5, 5, 0)
    assert shop.customers.count() == shop.identities.count() == row.effects.count() == 5
    assert bytes(row.content) == b""
    import_work.work_off(row.pk)
    assert shop.customers.count() == 5


def test_a_step_that_fails_each_time_stops_the_import_and_a_person_goes_on(shop, owner, now, as_owner, monkeypatch):
    row = begun(shop, owner, now)
    with monkeypatch.context() as broken:
        broken.setattr(import_steps, "publish", lambda *_: 1 / 0)
        for _time in range(import_work.MOST_ATTEMPTS):
            with pytest.raises(ZeroDivisionError):
                import_work.work_off(row.pk)
    assert worked_off(row).state == S.FAILED
    assert "tente de novo" in as_owner.get(reverse("imports:show", args=[row.pk])).content.decode()

    as_owner.post(reverse("imports:go_on", args=[row.pk]))

    assert worked_off(row).state == S.DONE
    assert row.created == 2


def test_an_import_that_stays_stopped_forgets_its_content_and_can_still_be_taken_back(
    shop, owner, now, small_steps, monkeypatch
):
    row = begun(shop, owner, now, people(3))
    one_step(row, now)
    shop.customer_imports.update(state=S.FAILED, state_changed_at=now)

    assert import_work.forget_contents(now + timedelta(hours=23)) == 0
    assert import_work.forget_contents(now + timedelta(hours=25)) == 1

    row.refresh_from_db()
    assert (row.state, bytes(row.content)) == (S.CANCELLED, b"")
    assert undone(row, owner, now).removed == 2


def test_who_stops_an_import_keeps_what_entered_and_takes_it_back(shop, owner, now, small_steps):
    row = begun(shop, owner, now, people(5))
    one_step(row, now)

    importing.cancel(shop, row.pk, by=owner, now=now)
    worked_off(row)

    assert (row.state, row.position, row.created) == (S.CANCELLED, 2, 2)
    with pytest.raises(Refused):
        importing.cancel(shop, row.pk, by=owner, now=now)
    assert undone(row, owner, now).removed == 2
    assert shop.customers.count() == 0


def test_a_phone_that_comes_again_in_a_file_is_written_once(shop, owner, now, small_steps):
    known = make_customer(shop, "", "+5511970005555")
    lines = "A;11970005555;\nB;11970005555;\nC;11970005555;café\nD;11970015555;\nE;11970015555;x\n"

    row = imported(shop, owner, now, f"Nome;Telefone;Obs\n{lines}", update=True)

    known.refresh_from_db()
    assert (known.name, known.notes) == ("A", "")
    assert shop.customers.exclude(pk=known.pk).get().name == "D"
    assert (row.created, row.updated, row.skipped) == (1, 1, 3)


def test_an_undo_gives_back_what_was_filled_in_unless_somebody_changed_it(shop, owner, now, small_steps):
    joao = make_customer(shop, "", "+5531988887777")
    ana = make_customer(shop, "Ana", "+5511955554444")
    bia = make_customer(shop, "Bia", "+5511933334444")
    twin = make_customer(shop, "Caio", "+5511922223333")
    text = SHEET.replace("44;;", "44;1/2/90;VIP") + "Bia;11 93333-4444;3/3;\nCaio;11 92222-3333;4/4;\n"
    row = imported(shop, owner, now, text, update=True)
    assert row.updated == 4
    ana.refresh_from_db()
    details = editing.Details("Ana Sá", ana.phone, notes="Café")
    editing.edit(shop, ana.pk, details, seen=editing.version(ana), by=owner, now=now)
    merging.merge(shop, keep_id=twin.pk, gone_id=make_customer(shop, "C", "+5511911112222").pk, now=now, by=owner)

    row = undone(row, owner, now)

    for one in (joao, ana, bia, twin):
        one.refresh_from_db()
    assert (joao.name, joao.birthday, joao.tags) == ("", "", [])
    assert (ana.name, ana.notes) == ("Ana Sá", "Café")
    assert (bia.birthday, twin.birthday) == ("", "04/04")
    assert (row.removed, row.reverted, row.left) == (0, 2, 2)
    assert [change.act for change in joao.history.all()] == ["taken_back", "filled"]


def test_what_a_person_writes_while_the_file_waits_is_not_written_over(shop, owner, now):
    joao = make_customer(shop, "", "+5531988887777")
    row = begun(shop, owner, now, update=True)
    editing.edit(shop, joao.pk, editing.Details("Seu João", joao.phone, notes="Café"), seen="", by=owner, now=now)

    worked_off(row)

    joao.refresh_from_db()
    assert (joao.name, joao.notes, joao.birthday) == ("Seu João", "Café", "24/11")


def test_problems_are_told_line_by_line_before_anything_is_written(as_owner, shop):
    make_customer(shop, "Ana", "+5511955554444")
    text = SHEET + "Sem;;;\nErrado;123;;\nDe novo;31 8888-7777;;\n"
    answer = as_owner.post("/clientes/importar/", {"file": SimpleUploadedFile("a.csv", text.encode())})

    page = as_owner.get(answer.url)

    outlook = page.context["outlook"]
    assert (outlook.new, outlook.known, outlook.repeated) == (1, 1, 1)
    assert "Linha 4:" in page.content.decode()
    assert [number for number, _why in outlook.errors] == [4, 5]
    other = as_owner.post(answer.url, {"phone": "0", "known": "skip", "check": "1"})
    assert len(other.context["outlook"].errors) == 5
    assert shop.customer_imports.get().state == S.UPLOADED


def test_the_bad_lines_are_taken_away_as_a_file(as_owner, shop, owner, now):
    row = imported(shop, owner, now, SHEET + "Sem;;;\n")
    file = b"".join(as_owner.get(reverse("imports:errors", args=[row.pk]))).decode()
    assert file.splitlines() == ["\ufeffLinha;Problema", "4;Sem telefone."]
