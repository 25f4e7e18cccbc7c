"""`/servicos/`: what the shop offers."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.scheduling import catalogue
from navalha.scheduling.models import Service

from . import undo
from .forms import ServiceForm, pairs_of, service_values
from .saving import is_sent, wanted_order


@shop_view(Role.MANAGER)
@require_safe
def services(request: ShopRequest) -> HttpResponse:
    """The list; for htmx its inside alone."""
    rows = list(request.shop.services.prefetch_related("professionals", "terms", "parts"))
    told = {
        "offered": [row for row in rows if row.is_active],
        "archived": [row for row in rows if not row.is_active],
        "has_team": request.shop.professionals.filter(is_active=True).exists(),
    }
    part = "setup/_services.html" if request.headers.get("HX-Target") == "services" else "setup/services.html"
    return render(request, part, told)


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def new(request: ShopRequest) -> HttpResponse:
    """A new service, done by everybody until somebody says otherwise."""
    form = ServiceForm(request.POST if request.method == "POST" else None, shop=request.shop)
    if is_sent(request) and form.is_valid() and (made := _save(request, form)):
        messages.success(request, _("%(name)s entrou na lista de serviços.") % {"name": made.name})
        undo.offer(request, _("Serviço criado."), reverse("setup:service_archive", args=[made.pk]))
        return redirect("setup:services")
    return _form(request, form)


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def edit(request: ShopRequest, service: int) -> HttpResponse:
    """Change a service; what is booked keeps its price and duration."""
    row = get_object_or_404(request.shop.services, pk=service)
    before = pairs_of(service_values(request.shop, row))
    form = ServiceForm(request.POST if request.method == "POST" else None, shop=request.shop, service=row)
    if is_sent(request) and form.is_valid() and _save(request, form, row):
        messages.success(request, _("%(name)s foi salvo. O que já está marcado não muda.") % {"name": row.name})
        undo.offer(request, _("Serviço mudado."), request.path, before)
        return redirect("setup:services")
    return _form(request, form, row)


@shop_view(Role.MANAGER)
@require_POST
def archive(request: ShopRequest, service: int) -> HttpResponse:
    row = get_object_or_404(request.shop.services, pk=service)
    catalogue.archive_service(row, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s não é mais oferecido. O que já está marcado fica.") % {"name": row.name})
    undo.offer(request, _("Serviço arquivado."), reverse("setup:service_restore", args=[row.pk]))
    return redirect("setup:services")


@shop_view(Role.MANAGER)
@require_POST
def restore(request: ShopRequest, service: int) -> HttpResponse:
    row = get_object_or_404(request.shop.services, pk=service)
    catalogue.restore_service(row, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s é oferecido de novo.") % {"name": row.name})
    return redirect("setup:services")


@shop_view(Role.MANAGER)
@require_POST
def order(request: ShopRequest) -> HttpResponse:
    """The order in which customers see the services."""
    rows: QuerySet[Service] = request.shop.services.all()
    before = list(rows.filter(is_active=True).values_list("pk", flat=True))
    catalogue.put_in_order(request.shop, rows, wanted_order(request, before))
    undo.offer(request, _("Ordem mudada."), request.path, [("order", str(pk)) for pk in before])
    return redirect("setup:services")


def _save(request: ShopRequest, form: ServiceForm, row: Service | None = None) -> Service | None:
    try:
        return catalogue.save_service(request.shop, form.offer(), service=row, by=request.user, now=timezone.now())
    except Refused as refusal:
        form.add_error("parts", str(refusal))
        return None


def _form(request: ShopRequest, form: ServiceForm, row: Service | None = None) -> HttpResponse:
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "setup/service.html", {"form": form, "service": row}, status=status)
