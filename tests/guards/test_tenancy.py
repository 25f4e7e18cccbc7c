"""Every row of a shop says so, and only few places may look across shops."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from navalha.accounts.models import ShopOwned

ROOT = Path(settings.BASE_DIR) / "navalha"
# Models that belong to nobody's shop, each with its reason.
OF_NO_SHOP = {
    "User": "a person may work in several shops",
    "Shop": "is the shop",
    "Membership": "joins a person and a shop; has its own shop column",
    "EvolutionServer": "belongs to the operator and carries numbers of many shops",
    "ServerCheck": "a look at a server, which carries numbers of many shops",
    "ServerTrial": "a trial of a server's settings, with instances of no shop",
    "TrialReport": "a webhook of such a trial",
    "ServerOutage": "a server carries numbers of many shops; each shop has incidents of its own",
    "BulkRun": "an operator's command for numbers of many shops; its items have their shop",
    "Plan": "limits that several shops may have",
    "OperatorAction": "what operators did, which may be about no shop; the audit outlives the shop",
    "StrayInstance": "an instance of a server that belongs to nobody we know",
    "HitCount": "hashed addresses of strangers",
}
MAY_LOOK_ACROSS = re.compile(r"(work|admin|models)\.py$|^(worker|console|demo|doctor)/|/tests/|/migrations/")


def our_models():
    return [
        model for model in apps.get_models() if model.__module__.startswith("navalha.") and not model._meta.auto_created
    ]


def test_there_are_models_to_guard():
    assert len(our_models()) >= 15


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_every_model_belongs_to_a_shop_or_says_why_not(model):
    if model.__name__ in OF_NO_SHOP:
        assert not issubclass(model, ShopOwned)
        return
    assert issubclass(model, ShopOwned)
    assert not model._meta.get_field("shop").null
    assert not hasattr(model, "objects"), "the unscoped manager is called across_shops"


def python_files():
    return [path.relative_to(ROOT) for path in ROOT.rglob("*.py")]


def test_only_few_places_look_across_shops():
    found = {str(path) for path in python_files() if "across_shops" in (ROOT / path).read_text()}
    assert "demo/data.py" in found, "the guard sees nothing"
    assert sorted(path for path in found if not MAY_LOOK_ACROSS.search(path)) == []


def test_no_model_form_offers_the_rows_of_every_shop():
    offenders = [
        str(path)
        for path in python_files()
        if path.name in {"forms.py", "views.py"}
        and re.search(r"\bModelForm\b|modelform_factory", (ROOT / path).read_text())
    ]
    assert offenders == []
