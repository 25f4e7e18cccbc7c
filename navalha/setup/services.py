"""`/servicos/`: what the shop offers."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role, Shop
from navalha.core.errors import Refused
from navalha.scheduling.models import Appointment, Service
from navalha.scheduling.shop import catalogue
from navalha.web import undo

from .forms import ServiceForm, pairs_of, service_values
from .saving import is_sent, keep, keep_order


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
    if is_sent(request) and form.is_valid() and (made := _made(request, form)):
        said = _("%(name)s entrou na lista de serviços.") % {"name": made.name}
        undo.offer(request, said, reverse("setup:service_archive", args=[made.pk]))
        return redirect("setup:services")
    return _form(request, form)


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
@undo.restoring
def edit(request: ShopRequest, service: int) -> HttpResponse:
    """Change a service; what is booked keeps its price and duration."""
    row = get_object_or_404(request.shop.services, pk=service)
    form = ServiceForm(request.POST if request.method == "POST" else None, shop=request.shop, service=row)
    if is_sent(request) and form.is_valid():
        said = _("%(name)s foi salvo. O que já está marcado não muda.") % {"name": form.cleaned_data["name"]}
        act, values = partial(_save, request, form, row), partial(_values, request.shop, row.pk)
        try:
            return keep(request, act, said=said, back=reverse("setup:services"), values=values)
        except Refused as refusal:
            if undo.is_undo(request):
                raise
            form.add_error("parts", str(refusal))
    return _form(request, form, row)


@shop_view(Role.MANAGER)
@require_POST
def archive(request: ShopRequest, service: int) -> HttpResponse:
    row = get_object_or_404(request.shop.services, pk=service)
    catalogue.archive_service(row, by=request.user, now=timezone.now())
    said = _("%(name)s não é mais oferecido. O que já está marcado fica.") % {"name": row.name}
    undo.offer(request, said, reverse("setup:service_restore", args=[row.pk]))
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
@undo.restoring
def order(request: ShopRequest) -> HttpResponse:
    """The order in which customers see the services."""
    return keep_order(request, request.shop.services.all(), back=reverse("setup:services"))


def _made(request: ShopRequest, form: ServiceForm) -> Service | None:
    try:
        return catalogue.save_service(request.shop, form.offer(), by=request.user, now=timezone.now())
    except Refused as refusal:
        form.add_error("parts", str(refusal))
        return None


def _save(request: ShopRequest, form: ServiceForm, row: Service) -> list[Appointment]:
    catalogue.save_service(request.shop, form.offer(), service=row, by=request.user, now=timezone.now())
    return []  # what is booked keeps its price and duration


def _values(shop: Shop, pk: int) -> undo.Pairs:
    return pairs_of(service_values(shop, shop.services.get(pk=pk)))


def _form(request: ShopRequest, form: ServiceForm, row: Service | None = None) -> HttpResponse:
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "setup/service.html", {"form": form, "service": row}, status=status)
