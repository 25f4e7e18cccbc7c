"""`/ajustes/lembretes/`: when customers are reminded, when they are asked for a review, and what they read then."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role, Shop
from navalha.core.errors import Refused
from navalha.scheduling.models import Appointment, ReminderPolicy
from navalha.scheduling.reminders import actions, sample, terms
from navalha.scheduling.reminders.actions import Review
from navalha.web import undo

from .forms import pairs_of
from .reminder_form import UNIT_WORDS, RemindersForm, ReviewForm, reminder_values, review_values, row_pairs
from .saving import is_sent, keep

TEXTS = {"reminder": "text", "reminder_soon": "text_soon", "review": "text"}


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
@undo.restoring
def reminders(request: ShopRequest) -> HttpResponse:
    """The offsets and the words of the reminders; the review requests stand below, in a form of their own."""
    form = _reminders_form(request)
    if is_sent(request) and form.is_valid():
        said = _("Lembretes salvos. Valem já para os horários marcados.")
        act, values = partial(_save, request, form), partial(_values, request.shop)
        return keep(request, act, said=said, back=request.path, values=values)
    return _page(request, form, _review_form(request, is_sent=False))


@shop_view(Role.MANAGER)
@require_POST
@undo.restoring
def review(request: ShopRequest) -> HttpResponse:
    """The review requests."""
    form = _review_form(request, is_sent=True)
    if not form.is_valid():
        return _page(request, _reminders_form(request, is_sent=False), form)
    act, values = partial(_save_review, request, form), partial(_review_values, request.shop)
    said = _("Pedidos de avaliação salvos.")
    return keep(request, act, said=said, back=reverse("setup:reminders"), values=values)


@shop_view(Role.MANAGER)
@require_safe
def preview(request: ShopRequest) -> HttpResponse:
    """How the text in the address (`text` or `text_soon`, of the kind `qual`) would look; a part of the page."""
    key = request.GET.get("qual", "")
    if key not in TEXTS:
        key = "reminder"
    text = request.GET.get(TEXTS[key], "")
    return render(request, "setup/_reminder_preview.html", {"shown": _shown(request.shop, key, text)})


def _page(request: ShopRequest, form: RemindersForm, review_form: ReviewForm) -> HttpResponse:
    shop, is_bad = request.shop, form.errors or review_form.errors
    told = {
        "form": form,
        "review_form": review_form,
        "units": UNIT_WORDS,
        "quiet": terms.quiet_of(shop),
        "places": sample.places("reminder"),
        "review_places": sample.places("review"),
        "shown": {
            "reminder": _shown(shop, "reminder", form["text"].value()),
            "reminder_soon": _shown(shop, "reminder_soon", form["text_soon"].value()),
            "review": _shown(shop, "review", review_form["text"].value()),
        },
    }
    return render(request, "setup/reminders.html", told, status=422 if is_bad else 200)


def _shown(shop: Shop, key: str, text: str | None) -> dict[str, Any]:
    """What a customer would read, or what is wrong with the text."""
    try:
        return {"text": sample.text(shop, key, text or "", now=timezone.now())}
    except Refused as refusal:
        return {"error": str(refusal)}


def _reminders_form(request: ShopRequest, *, is_sent: bool = True) -> RemindersForm:
    policy = terms.policy_of(request.shop)
    data = request.POST if is_sent and request.method == "POST" else None
    return RemindersForm(data, policy=policy, minutes=_minutes(request.shop, policy))


def _review_form(request: ShopRequest, *, is_sent: bool) -> ReviewForm:
    return ReviewForm(request.POST if is_sent else None, policy=terms.policy_of(request.shop))


def _minutes(shop: Shop, policy: ReminderPolicy) -> list[int]:
    return [offset.minutes for offset in terms.offsets_of(shop, policy)]


def _save(request: ShopRequest, form: RemindersForm) -> list[Appointment]:
    data, now = form.cleaned_data, timezone.now()
    actions.save_reminders(request.shop, **data, minutes=form.minutes, by=request.user, now=now)
    return []


def _save_review(request: ShopRequest, form: ReviewForm) -> list[Appointment]:
    actions.save_review(request.shop, Review(**form.cleaned_data), by=request.user, now=timezone.now())
    return []


def _values(shop: Shop) -> undo.Pairs:
    policy = terms.policy_of(shop)
    return [*pairs_of(reminder_values(policy)), *row_pairs(_minutes(shop, policy))]


def _review_values(shop: Shop) -> undo.Pairs:
    return pairs_of(review_values(terms.policy_of(shop)))
