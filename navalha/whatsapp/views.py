"""The pages of the shop's numbers; connecting one is in `pairing_views`. Who may enter which is in `doors`."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.web import undo

from . import actions, queries
from .alerts import dismiss, set_preference
from .api import list_json, number_json
from .doors import MANAGE, SEE, in_json, may_manage, not_allowed, number_view, wants_json
from .forms import AlertsForm, NameForm
from .models import WhatsAppInstance
from .steps import pairing_of
from .timeline import timeline

# The server did not do its part: a script may try again later.
UNAVAILABLE = 503


def _overview(request: ShopRequest, **more: Any) -> dict[str, Any]:
    now = timezone.now()
    numbers = queries.cards(request.shop)
    counters = queries.Counters.of(numbers, now=now)
    strips = queries.day_strips(request.shop, numbers, now=now)
    more = {"strips": strips, **more}
    return {"numbers": numbers, "counters": counters, "may_manage": may_manage(request), "now": now, **more}


def _details(request: ShopRequest, number: WhatsAppInstance) -> dict[str, Any]:
    now = timezone.now()
    days, strips = timeline(queries.history(number)), queries.strips(number, now=now)
    more = {"days": days, "strips": strips, "may_manage": may_manage(request), "now": now}
    return {**pairing_context(request, number), **more}


def pairing_context(request: ShopRequest, number: WhatsAppInstance) -> dict[str, Any]:
    now = timezone.now()
    deaf = queries.hears_nothing(number, now=now)
    return {"number": number, "pairing": pairing_of(number, now=now), "hears_nothing": deaf, "now": now}


# ---- pages


@shop_view(SEE)
def dashboard(request: ShopRequest) -> HttpResponse:
    return render(request, "whatsapp/dashboard.html", _overview(request))


@shop_view(SEE)
def numbers(request: ShopRequest) -> HttpResponse:
    return render(request, "whatsapp/_numbers.html", _overview(request))


@number_view(SEE, "GET", "HEAD")
def detail(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    return render(request, "whatsapp/detail.html", _details(request, number))


@number_view(SEE, "GET", "HEAD")
def detail_part(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    return render(request, "whatsapp/_detail_parts.html", _details(request, number))


@shop_view(Role.BARBER)
def health(request: ShopRequest) -> HttpResponse:
    return render(request, "whatsapp/_health.html", _health(request))


def _health(request: ShopRequest) -> dict[str, Any]:
    now, may_see = timezone.now(), request.membership.role >= SEE
    to_tell = queries.to_tell(request.shop, request.user, now=now) if may_see else []
    return {"number": queries.foremost(request.shop), "may_see": may_see, "to_tell": to_tell, "now": now}


@shop_view(MANAGE)
def alerts(request: ShopRequest) -> HttpResponse:
    """How this person hears of drops, and what was told lately."""
    shop, member = request.shop, request.membership
    chosen = AlertsForm.initial_of(by_email=queries.wants_mails(shop, member), phone=queries.alert_phone(shop, member))
    typed = request.POST if request.method == "POST" else None  # nothing at all is an answer, too
    form = AlertsForm(shop, typed, initial=chosen)
    if form.is_valid():
        set_preference(shop, request.user, **form.cleaned_data)
        messages.success(request, _said_of(form.cleaned_data))
        return redirect("whatsapp:alerts")
    context = {
        "form": form,
        "incidents": queries.recent_incidents(shop),
        "has_one_number": queries.numbers(shop).count() < 2,
        "now": timezone.now(),
    }
    return render(request, "whatsapp/alerts.html", context, status=422 if form.errors else 200)


def _said_of(chosen: dict[str, Any]) -> str:
    match bool(chosen["by_email"]), bool(chosen["phone"]):
        case True, True:
            return _("Você vai receber os avisos por e-mail e por WhatsApp.")
        case True, False:
            return _("Você vai receber os avisos por e-mail.")
        case False, True:
            return _("Você vai receber os avisos por WhatsApp, e não mais por e-mail.")
    return _("Você não recebe mais avisos de queda; eles continuam aqui no sistema.")


@shop_view(SEE)
def dismiss_alert(request: ShopRequest, incident_id: int) -> HttpResponse:
    """Take an alert off this person's pages."""
    incident = get_object_or_404(request.shop.incidents, pk=incident_id)
    if request.method != "POST":
        return not_allowed(request, ("POST",), api=False)
    dismiss(incident, by=request.user)
    if getattr(request, "htmx", False):
        return render(request, "whatsapp/_health.html", _health(request))
    return redirect("whatsapp:dashboard")


@shop_view(MANAGE)
def add(request: ShopRequest) -> HttpResponse:
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            number = actions.add_number(
                request.shop, name=form.cleaned_data["name"], now=timezone.now(), by=request.user
            )
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("whatsapp:detail", number.pk)
    return render(request, "whatsapp/add.html", {"form": form}, status=422 if form.errors else 200)


@number_view(MANAGE, "GET", "HEAD", "POST")
def rename(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": number.name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.rename(number, name=form.cleaned_data["name"], now=timezone.now())
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Nome trocado."))
            return redirect("whatsapp:detail", number.pk)
    return render(request, "whatsapp/rename.html", {"form": form, "number": number}, status=422 if form.errors else 200)


@number_view(MANAGE, "GET", "HEAD", "POST")
def remove(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    if request.method != "POST":
        return render(request, "whatsapp/remove.html", {"number": number})
    heir = actions.remove(number, now=timezone.now(), by=request.user)
    messages.success(request, _("“%(name)s” foi removido.") % {"name": number.name})
    if heir is not None:
        messages.info(request, _("“%(name)s” passou a ser o principal.") % {"name": heir.name})
    return redirect("whatsapp:dashboard")


# ---- buttons


@number_view(MANAGE, "POST")
def disconnect(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    number = actions.disconnect(number, now=timezone.now(), by=request.user)
    messages.success(request, _("“%(name)s” foi desconectado. As mensagens na fila esperam.") % {"name": number.name})
    return done(request, number)


@number_view(MANAGE, "POST")
@undo.restoring
def set_primary(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    instead_of = int(request.POST["instead_of"]) if undo.is_undo(request) else None
    before = actions.set_primary(number, now=timezone.now(), instead_of=instead_of)
    number.refresh_from_db()
    sentence = _("“%(name)s” agora é o principal.") % {"name": number.name}
    if before is None or undo.is_undo(request):
        messages.success(request, sentence)
    else:
        address = reverse("whatsapp:set_primary", args=[before.pk])
        undo.offer(request, sentence, address, before=[("instead_of", str(number.pk))])
    return done(request, number)


def answer_json(number: WhatsAppInstance, *, failed: bool = False) -> JsonResponse:
    fields = number_json(number, now=timezone.now(), with_qr=True)
    if failed:
        return JsonResponse({**fields, "error": f"{fields['error_message']} {fields['next_step']}"}, status=UNAVAILABLE)
    return JsonResponse(fields)


def done(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    """After a button: the part of the page it stands on, the page itself without script, or JSON."""
    if wants_json(request):
        return answer_json(number)
    if not getattr(request, "htmx", False):
        from_detail = request.POST.get("from") == "detail"
        return redirect("whatsapp:detail", number.pk) if from_detail else redirect("whatsapp:dashboard")
    if request.htmx.target == "number-main":  # type: ignore[attr-defined]
        return render(request, "whatsapp/_detail_parts.html", _details(request, number))
    return render(request, "whatsapp/_numbers.html", _overview(request))


# ---- for scripts


@number_view(SEE, "GET", "HEAD", api=True)
def status_api(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    return JsonResponse(number_json(number, now=timezone.now(), with_qr=may_manage(request)))


def _list_api(request: ShopRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return not_allowed(request, ("GET", "HEAD"), api=True)
    return JsonResponse(list_json(queries.cards(request.shop), now=timezone.now()))


list_api = in_json(shop_view(SEE)(_list_api), api=True)
