"""The operator's admin of people, shops and teams."""

import pytest

from navalha.accounts.models import Membership, User


@pytest.fixture
def admin(client, operator):
    client.force_login(operator)
    return client


@pytest.mark.parametrize("model", ["user", "shop", "membership"])
def test_each_list_opens_searches_and_opens_a_row(admin, owner, shop, model):
    assert admin.get(f"/admin/accounts/{model}/").status_code == 200
    assert owner.email in admin.get(f"/admin/accounts/user/?q={shop.name}").content.decode()
    pk = {"user": owner.pk, "shop": shop.pk, "membership": owner.memberships.get().pk}[model]
    assert admin.get(f"/admin/accounts/{model}/{pk}/change/").status_code == 200
    assert admin.get(f"/admin/accounts/{model}/add/").status_code == 200


def test_a_person_is_made_without_a_user_name(admin, shop):
    data = {
        "email": "nova@navalha.example",
        "name": "Nova",
        "usable_password": "true",
        "password1": "tesoura afiada 27",
        "password2": "tesoura afiada 27",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-shop": shop.pk,
        "memberships-0-role": "10",
    }
    answer = admin.post("/admin/accounts/user/add/", data)
    assert answer.status_code == 302, answer.context["errors"]
    assert User.objects.get(email="nova@navalha.example").check_password("tesoura afiada 27")
    assert Membership.objects.filter(user__email="nova@navalha.example", shop=shop).exists()


def test_the_operator_cannot_lock_themselves_out(admin, operator, owner):
    data = {"action": "deactivate", "_selected_action": [operator.pk, owner.pk]}
    admin.post("/admin/accounts/user/", data)
    operator.refresh_from_db()
    owner.refresh_from_db()
    assert (operator.is_active, owner.is_active) == (True, False)


def test_no_password_is_shown(admin, owner):
    assert owner.password not in admin.get(f"/admin/accounts/user/{owner.pk}/change/").content.decode()


def test_members_have_no_admin(as_owner):
    assert as_owner.get("/admin/").status_code == 302
