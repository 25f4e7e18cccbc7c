"""The customers of a shop: everybody of the team reads; the reception and above write, and see what they are worth."""

from datetime import datetime

import structlog
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.customers import editing, exporting, history, merging
from navalha.customers.models import Customer, CustomerChange
from navalha.customers.queries import tags_of
from navalha.web import undo

from ..agenda.views import wants_part
from ..openers.queries import first_words
from . import forgiving, queries
from .forms import ABSENT, ProfileForm, filters_of
from .preferring import prefer

log = structlog.get_logger(__name__)

CHANGES_SHOWN = 30


@shop_view(Role.BARBER)
@require_GET
def customers(request: ShopRequest) -> HttpResponse:
    """The list; for htmx the list alone."""
    now, filters = timezone.now(), filters_of(request.GET)
    asked = request.GET.get("pagina", "")
    page = queries.listed(request.shop, filters, page=_number(asked), now=now)
    query = request.GET.copy()
    query.pop("pagina", None)
    context = {
        "page": page,
        "filters": filters,
        "tags": tags_of(request.shop),
        "absent": ABSENT,
        "query": query.urlencode(),
        "may_write": request.membership.role >= Role.RECEPTION,
        "may_export": request.membership.role >= Role.MANAGER,
    }
    template = "scheduling/_profiles.html" if wants_part(request) else "scheduling/profiles.html"
    return render(request, template, context)


@shop_view(Role.BARBER)
@require_GET
def show(request: ShopRequest, pk: int) -> HttpResponse:
    """One customer; for htmx without the frame of the page. Who was merged is found where they went."""
    now = timezone.now()
    customer = request.shop.customers.filter(pk=pk).first()
    if customer is None:
        went = get_object_or_404(request.shop.customer_merges.filter(undone_at=None), gone_id=pk)
        return redirect("profiles:show", went.kept_id)
    context = {
        "customer": customer,
        "profile": queries.profile(request.shop, customer, now=now),
        "now": now,
        "first_words": first_words(customer),
        "merges": [(row, merging.can_undo(row, now=now)) for row in customer.merges.select_related("by")],
        "last_message": request.shop.messages.filter(customer=customer).order_by("-created_at", "-pk").first(),
        "may_write": request.membership.role >= Role.RECEPTION,
        "history": _history(customer) if request.membership.role >= Role.MANAGER else None,
    }
    return render(request, "scheduling/_profile.html" if wants_part(request) else "scheduling/profile.html", context)


def _history(customer: Customer) -> list[tuple[CustomerChange, list[history.Line]]]:
    """The newest changes of what is written of a customer: one query."""
    rows = customer.history.select_related("by", "source")[:CHANGES_SHOWN]
    return [(row, list(history.lines(row))) for row in rows]


@shop_view(Role.MANAGER)
@require_GET
def export(request: ShopRequest) -> HttpResponse:
    """The customers whom the filters of the list leave, as a CSV file. The whole list of a shop is a manager's."""
    now = timezone.now()
    rows = queries.filtered(request.shop, filters_of(request.GET), now=now).order_by("name", "pk")
    log.info("customers exported", shop=request.shop.pk, by=request.user.pk)
    answer = HttpResponse(exporting.lines(rows.iterator()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="clientes-{timezone.localdate(now)}.csv"'
    return answer


@shop_view(Role.RECEPTION)
@require_http_methods(["GET", "POST"])
def new(request: ShopRequest) -> HttpResponse:
    """Add a customer by hand."""
    form = ProfileForm(request.POST or None, shop=request.shop)
    if request.method == "GET" or not form.is_valid():
        return _form_page(request, form)
    now = timezone.now()
    try:
        customer = editing.register(request.shop, form.details(), by=request.user, now=now)
    except Refused as refusal:
        return _form_page(request, form, refusal=refusal)
    prefer(request.shop, customer, form.preferred(), by=request.user, now=now)
    messages.success(request, _("Cliente adicionado."))
    return redirect("profiles:show", customer.pk)


@shop_view(Role.RECEPTION)
@require_http_methods(["GET", "POST"])
@undo.restoring
def edit(request: ShopRequest, pk: int) -> HttpResponse:
    """Change what the shop knows of a customer; what was typed stays where it is when something is wrong."""
    customer = get_object_or_404(request.shop.customers, pk=pk)
    preferred = queries.preferred(request.shop, customer)
    initial = {**ProfileForm.filled(customer), "professional": str(preferred.pk) if preferred else ""}
    form = ProfileForm(request.POST or None, shop=request.shop, preferred=preferred, initial=initial)
    if request.method == "GET" or not form.is_valid():
        return _form_page(request, form, customer=customer)
    undo.refuse_if_changed(request, [("seen", editing.version(customer))])
    now = timezone.now()
    try:
        seen = form.cleaned_data["seen"]
        saved = editing.edit(request.shop, customer.pk, form.details(), seen=seen, by=request.user, now=now)
    except Refused as refusal:
        if undo.is_undo(request):
            raise
        return _form_page(request, form, customer=customer, refusal=refusal)
    prefer(request.shop, customer, form.preferred(), by=request.user, now=now)
    _say_saved(request, saved, initial)
    return redirect("profiles:show", customer.pk)


@shop_view(Role.RECEPTION)
@require_POST
@undo.restoring
@transaction.atomic
def forgive(request: ShopRequest, pk: int) -> HttpResponse:
    """Let a customer book alone whatever they missed until now; an undo brings back what counted before."""
    customer = get_object_or_404(request.shop.customers.select_for_update(no_key=True), pk=pk)
    before = _forgiven_until(customer)
    undo.refuse_if_changed(request, before)
    now = timezone.now()
    kept = request.POST.get("until", "") if undo.is_undo(request) else now.isoformat()
    until = datetime.fromisoformat(kept) if kept else None
    forgiving.forgive(request.shop, customer, until, by=request.user, now=now)
    if undo.is_undo(request):
        messages.success(request, _("Desfeito."))
    else:
        said = _("Agendamento online liberado: só o que faltar daqui para a frente conta.")
        undo.offer(request, said, request.path, before=before, after=_forgiven_until(customer))
    return redirect("profiles:show", pk)


def _forgiven_until(customer: Customer) -> list[tuple[str, str]]:
    until = customer.misses_forgiven_at
    return [("until", until.isoformat() if until else "")]


def _say_saved(request: ShopRequest, customer: Customer, before: dict[str, str]) -> None:
    """With the button that brings back what was written `before`."""
    if undo.is_undo(request):
        messages.success(request, _("Desfeito."))
        return
    after = ("seen", editing.version(customer))
    pairs = [after, *((name, value) for name, value in before.items() if name != "seen")]
    undo.offer(request, _("Cadastro salvo."), request.path, before=pairs, after=[after])


def _form_page(
    request: ShopRequest,
    form: ProfileForm,
    *,
    customer: Customer | None = None,
    refusal: Refused | None = None,
) -> HttpResponse:
    """The form with what was typed. After a refusal its next sending counts as having seen how things are now."""
    if refusal is not None and customer is not None:
        form.data = {**form.data.dict(), "seen": editing.version(customer)}  # type: ignore[attr-defined]  # a QueryDict
    context = {
        "form": form,
        "customer": customer,
        "refusal": refusal,
        "owner": getattr(refusal, "owner", None),
        "tags": tags_of(request.shop),
    }
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "scheduling/profile_form.html", context, status=status)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
