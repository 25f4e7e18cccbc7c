"""Taking back what was changed: the earlier values come back, once, to whoever changed it, over nobody's change."""

from datetime import timedelta

import pytest
from django.test import Client

from conftest import make_member
from navalha.accounts.models import Role
from navalha.web import undo

from .test_setup_pages import service_data, undo_of

PAGE = "/servicos/{}/"
LIST = "/servicos/"
PRICE = 4500


@pytest.fixture
def page(haircut):
    return PAGE.format(haircut.pk)


@pytest.fixture
def dearer(as_owner, page):
    """The haircut costs R$ 50 now; where the undo of that posts to."""
    as_owner.post(page, service_data(name="Corte", price="50"))
    return undo_of(as_owner, LIST)


def price(service):
    service.refresh_from_db()
    return service.price_cents


def test_the_button_stands_in_the_page_without_script_and_is_announced(as_owner, haircut, page):
    as_owner.post(page, service_data(name="Corte", price="50"))

    found = as_owner.get(LIST).content.decode()

    toasts = found[found.index('id="toasts"') : found.index("page-heading")]
    assert 'role="status"' in toasts
    assert f'<form class="notice-undo" method="post" action="{page}?desfazer=' in toasts
    assert "csrfmiddlewaretoken" in toasts
    assert found.count("notice-undo") == 1
    assert "notice-undo" not in as_owner.get(LIST).content.decode()


def test_it_happens_once(as_owner, haircut, dearer):
    assert as_owner.post(dearer, follow=True).status_code == 200
    assert price(haircut) == PRICE

    as_owner.post(PAGE.format(haircut.pk), service_data(name="Corte", price="60"))
    again = as_owner.post(dearer)

    assert again.status_code == 409
    assert "já foi desfeito" in again.content.decode()
    assert price(haircut) == 6000


def test_what_somebody_else_changed_since_is_not_written_over(as_owner, haircut, shop, page, dearer):
    other = Client()
    other.force_login(make_member(shop, "gerente@navalha.example", Role.MANAGER))
    other.post(page, service_data(name="Corte", price="55"))

    refused = as_owner.post(dearer)

    assert refused.status_code == 409
    assert "mudado de novo depois" in refused.content.decode()
    assert price(haircut) == 5500


def test_an_hour_later_it_is_too_late(as_owner, haircut, dearer, monkeypatch):
    monkeypatch.setattr(undo, "KEPT_FOR", timedelta(seconds=-1))
    as_owner.post(PAGE.format(haircut.pk), service_data(name="Corte", price="60"))

    late = as_owner.post(undo_of(as_owner, LIST))

    assert late.status_code == 409
    assert "O prazo para desfazer já passou" in late.content.decode()
    assert price(haircut) == 6000


def test_another_persons_button_does_nothing(as_owner, haircut, shop, dearer):
    other = Client()
    other.force_login(make_member(shop, "gerente@navalha.example", Role.MANAGER))
    assert other.post(dearer).status_code == 409
    assert price(haircut) == 5000


def test_what_was_kept_for_one_row_is_not_written_into_another(as_owner, haircut, beard, dearer):
    assert as_owner.post(dearer.replace(f"/{haircut.pk}/", f"/{beard.pk}/")).status_code == 409
    assert price(beard) == 3000


def test_what_no_longer_fits_is_refused_and_nothing_changes(as_owner, haircut, shop, page):
    as_owner.post(page, service_data(name="Outro nome", price="50"))
    button = undo_of(as_owner, LIST)
    shop.services.create(name="Corte", duration_minutes=30, price_cents=1)

    refused = as_owner.post(button)

    assert refused.status_code == 409
    assert "Não dá para voltar" in refused.content.decode()
    assert price(haircut) == 5000


def test_pressed_in_a_toast_it_leads_to_the_page_that_says_so(as_owner, haircut, dearer):
    answer = as_owner.post(dearer, headers={"HX-Request": "true", "X-Undo": "1"})

    assert (answer.status_code, answer["HX-Redirect"]) == (204, LIST)
    assert "Desfeito." in as_owner.get(LIST).content.decode()
    assert price(haircut) == PRICE


def test_a_session_keeps_only_the_newest(as_owner, haircut, page, dearer):
    for cents in range(undo.MOST):
        as_owner.post(page, service_data(name="Corte", price=f"{60 + cents}"))

    assert as_owner.post(dearer).status_code == 409
    assert len(as_owner.session["undo"]) == undo.MOST
