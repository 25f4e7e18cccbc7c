"""Who may send images and commands: the shop's list of allowed numbers."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.core.phones import display
from navalha.web import undo

from . import allow
from .allowed import of_installation
from .forms import AllowForm


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def allowed(request: ShopRequest) -> HttpResponse:
    """The list, and the form that adds to it; what was typed stays where it is when something is wrong."""
    form = AllowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            allow.allow(request.shop, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refusal:
            form.add_error("phone", str(refusal))
        else:
            messages.success(request, _("Número autorizado."))
            return redirect("customers:allowed")
    rows = request.shop.allowed_phones.select_related("added_by").filter(removed_at=None)
    context = {
        "form": form,
        "rows": rows,
        "everywhere": len(of_installation(tuple(settings.ALLOWED_PHONE_NUMBERS))),
    }
    return render(request, "customers/allowed.html", context, status=422 if form.errors else 200)


@shop_view(Role.MANAGER)
@require_POST
def disallow(request: ShopRequest, pk: int) -> HttpResponse:
    """Retirar, which can be undone."""
    row = get_object_or_404(request.shop.allowed_phones.select_related("shop"), pk=pk)
    allow.disallow(row, by=request.user, now=timezone.now())
    sentence = _("%(phone)s saiu da lista.") % {"phone": display(row.phone)}
    undo.offer(request, sentence, reverse("customers:restore", args=[row.pk]))
    return redirect("customers:allowed")


@shop_view(Role.MANAGER)
@require_POST
def restore(request: ShopRequest, pk: int) -> HttpResponse:
    """Desfazer."""
    row = get_object_or_404(request.shop.allowed_phones.select_related("shop"), pk=pk)
    try:
        allow.restore(row, by=request.user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Número de volta na lista."))
    return redirect("customers:allowed")
