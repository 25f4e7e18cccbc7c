"""The operator's tables: every model has one, and what has a history is not deleted behind its back."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import make_customer
from navalha.accounts.models import Shop
from navalha.web.read_only import ReadOnly
from tests.guards.rows import a_row

OURS = [
    model for model in apps.get_models() if model.__module__.startswith("navalha.") and not model._meta.auto_created
]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_has_a_table_that_can_be_searched(model, client, operator):
    client.force_login(operator)
    table = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    assert client.get(table, {"q": "1"}).status_code == 200


def test_an_appointment_is_not_deleted_by_hand(client, operator, shop, ze, now):
    visit = shop.appointments.create(
        customer=make_customer(shop), professional=ze, starts_at=now, ends_at=now.replace(hour=14)
    )
    client.force_login(operator)

    answer = client.post(reverse("admin:scheduling_appointment_delete", args=[visit.pk]), {"post": "yes"})

    assert answer.status_code == 403
    assert shop.appointments.filter(pk=visit.pk).exists()


BIG = {"Shop", "User", "Customer", "Professional", "Appointment", "WhatsAppInstance", "WhatsAppMessage", "Service"}


def offered(model) -> set[str]:
    """Relations to big tables that the form of `model` would offer as a list of every row."""
    console = admin.site._registry[model]
    if isinstance(console, ReadOnly):
        return set()
    kept = {*console.autocomplete_fields, *console.raw_id_fields, *console.readonly_fields, *(console.exclude or ())}
    relations = [
        field
        for field in model._meta.get_fields()
        if field.many_to_one or (field.many_to_many and not field.auto_created)
    ]
    return {
        field.name
        for field in relations
        if field.related_model.__name__ in BIG and field.editable and field.name not in kept
    }


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_no_form_offers_every_row_of_a_big_table(model):
    assert offered(model) == set()


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_table_says_enough_to_find_a_row(model):
    console = admin.site._registry[model]
    assert console.search_fields
    assert len(console.list_display) >= 3


def test_no_admin_shows_a_secret_or_what_customers_wrote(operator):
    request = RequestFactory().get("/")
    request.user = operator
    shown = {
        (model.__name__, name)
        for model in OURS
        for name in flatten_fieldsets(admin.site._registry[model].get_fieldsets(request, None))
    }
    private = {"encrypted_api_key", "webhook_secret_hash", "qr_code", "connection_code", "payload"}
    assert {pair for pair in shown if pair[1] in private} == set()
    assert ("WhatsAppMessage", "text") not in shown
    assert ("Shop", "name") in shown, "the guard sees nothing"


def test_a_table_of_many_shops_has_no_side_bar_of_them(client, operator, shop, other_shop):
    client.force_login(operator)
    table = reverse("admin:scheduling_service_changelist")
    assert "Barbearia do Zé" in client.get(table).content.decode()

    Shop.objects.bulk_create(Shop(name=f"Loja {place}", slug=f"loja-{place}") for place in range(60))

    page = client.get(table).content.decode()
    assert "Barbearia do Zé" not in page
    assert "Loja 7" not in page


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_a_table_costs_the_same_with_one_row_and_with_three(model, client, operator):
    client.force_login(operator)
    table = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    a_row(model, 1)
    client.get(table)  # what is looked up once for each process
    with CaptureQueriesContext(connection) as first:
        client.get(table)

    rows = {a_row(model, number).pk for number in (2, 3)}

    assert len(rows) == 2
    # The filters at the side read their own choices, which the new rows brought along: no more than once each.
    with CaptureQueriesContext(connection) as third:
        assert client.get(table).context["cl"].result_count >= 3
    assert len(third) <= len(first) + len(admin.site._registry[model].list_filter)
