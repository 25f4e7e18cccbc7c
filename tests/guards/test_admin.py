"""The operator's tables: every model has one, and what has a history is not deleted behind its back."""

import pytest
from django.apps import apps
from django.urls import reverse

from conftest import make_customer

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
