"""Bringing customers in from a spreadsheet, by the reception and above: upload, columns, result, undo."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused

from . import importing, sheets
from .import_forms import ColumnsForm, UploadForm
from .models import CustomerImport

PREVIEW = 5
NEWEST = 10


@shop_view(Role.RECEPTION)
@require_http_methods(["GET", "POST"])
def upload(request: ShopRequest) -> HttpResponse:
    """Choose the file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = importing.keep(request.shop, name=file.name, content=file.read(), by=request.user, now=timezone.now())
        except sheets.Unreadable as unreadable:
            form.add_error("file", str(unreadable))
        else:
            return redirect("imports:show", row.pk)
    newest = request.shop.customer_imports.exclude(done_at=None).defer("content")[:NEWEST]
    context = {"form": form, "newest": newest}
    return render(request, "customers/import.html", context, status=422 if form.errors else 200)


@shop_view(Role.RECEPTION)
@require_http_methods(["GET", "POST"])
def show(request: ShopRequest, pk: int) -> HttpResponse:
    """Before it is taken in: its columns and first lines, and POST takes it in. After that: what became of it."""
    row = get_object_or_404(request.shop.customer_imports, pk=pk)
    if row.done_at is not None:
        return render(request, "customers/import_done.html", {"row": row})
    sheet = sheets.read(bytes(row.content))
    form = ColumnsForm(request.POST or None, heading=sheet.heading)
    if request.method == "POST" and form.is_valid():
        return _taken_in(request, row, form)
    context: dict[str, Any] = {"row": row, "form": form, "heading": sheet.heading, "count": len(sheet.lines)}
    context["first"] = [cells for _number, cells in sheet.lines[:PREVIEW]]
    return render(request, "customers/import_columns.html", context, status=422 if form.errors else 200)


def _taken_in(request: ShopRequest, row: CustomerImport, form: ColumnsForm) -> HttpResponse:
    update = form.cleaned_data["known"] == "update"
    try:
        importing.take_in(request.shop, row.pk, columns=form.columns(), update=update, now=timezone.now())
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Planilha importada."))
    return redirect("imports:show", row.pk)


@shop_view(Role.RECEPTION)
@require_POST
def undo(request: ShopRequest, pk: int) -> HttpResponse:
    """Desfazer a importação."""
    row = get_object_or_404(request.shop.customer_imports, pk=pk)
    try:
        importing.undo(request.shop, row.pk, by=request.user, now=timezone.now())
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("imports:show", row.pk)
