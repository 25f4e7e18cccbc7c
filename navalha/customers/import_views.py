"""Bringing customers in from a spreadsheet, by the reception and above: upload, columns, progress, result, undo."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.web.sentences import to_read

from . import exporting, importing, sheets
from .import_forms import ColumnsForm, UploadForm
from .models import CustomerImport, ImportState

PREVIEW = 5
NEWEST = 10
ERRORS_SHOWN = 50


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
    newest = request.shop.customer_imports.exclude(state=ImportState.UPLOADED).defer("content", "errors")[:NEWEST]
    context = {"form": form, "newest": newest}
    return render(request, "customers/import.html", context, status=422 if form.errors else 200)


@shop_view(Role.RECEPTION)
@require_http_methods(["GET", "POST"])
def show(request: ShopRequest, pk: int) -> HttpResponse:
    """Until it is handed over: its columns, first lines and problems; POST hands it over. Then how far it is."""
    row = get_object_or_404(request.shop.customer_imports.select_related("by").defer("content"), pk=pk)
    if row.state == ImportState.UPLOADED:
        return _columns(request, row)
    context = {"row": row, "errors": row.errors[:ERRORS_SHOWN], "more": max(len(row.errors) - ERRORS_SHOWN, 0)}
    is_part = request.headers.get("HX-Target") == "import"
    return render(request, "customers/_import.html" if is_part else "customers/import_run.html", context)


def _columns(request: ShopRequest, row: CustomerImport) -> HttpResponse:
    sheet = sheets.read(bytes(row.content))
    form = ColumnsForm(request.POST or None, heading=sheet.heading)
    if request.method == "POST" and form.is_valid() and "check" not in request.POST:
        return _handed_over(request, row, form)
    context: dict[str, Any] = {"row": row, "form": form, "heading": sheet.heading, "count": len(sheet.lines)}
    context["first"] = [cells for _number, cells in sheet.lines[:PREVIEW]]
    columns = form.columns() if form.is_bound and not form.errors else sheets.guess(sheet.heading)
    if columns["phone"] is not None and not form.errors:
        outlook = importing.outlook(request.shop, sheet, columns, now=timezone.now())
        context["outlook"], context["errors"] = outlook, outlook.errors[:ERRORS_SHOWN]
        context["more"] = max(len(outlook.errors) - ERRORS_SHOWN, 0)
    return render(request, "customers/import_columns.html", context, status=422 if form.errors else 200)


def _handed_over(request: ShopRequest, row: CustomerImport, form: ColumnsForm) -> HttpResponse:
    update = form.cleaned_data["known"] == "update"
    try:
        importing.begin(
            request.shop, row.pk, columns=form.columns(), update=update, by=request.user, now=timezone.now()
        )
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("imports:show", row.pk)


@shop_view(Role.RECEPTION)
@require_GET
def errors(request: ShopRequest, pk: int) -> HttpResponse:
    """The numbers of the lines that did not enter, and why, as a CSV file to mend the spreadsheet by."""
    row = get_object_or_404(request.shop.customer_imports.defer("content"), pk=pk)
    table = [[_("Linha"), _("Problema")], *([str(number), to_read(why)] for number, why in row.errors)]
    answer = HttpResponse(exporting.as_csv(table), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="linhas-com-erro-{row.pk}.csv"'
    return answer


def _command(request: ShopRequest, pk: int, act: Callable[..., CustomerImport]) -> HttpResponse:
    row = get_object_or_404(request.shop.customer_imports.only("pk"), pk=pk)
    try:
        act(request.shop, row.pk, by=request.user, now=timezone.now())
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("imports:show", row.pk)


@shop_view(Role.RECEPTION)
@require_POST
def cancel(request: ShopRequest, pk: int) -> HttpResponse:
    """Parar."""
    return _command(request, pk, importing.cancel)


@shop_view(Role.RECEPTION)
@require_POST
def go_on(request: ShopRequest, pk: int) -> HttpResponse:
    """Tentar de novo."""
    return _command(request, pk, importing.go_on)


@shop_view(Role.RECEPTION)
@require_POST
def undo(request: ShopRequest, pk: int) -> HttpResponse:
    """Desfazer a importação."""
    return _command(request, pk, importing.undo)
