"""The line of who came without a time. The reception rules it; a barber calls and serves their own next ones."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Membership, Role
from navalha.core.errors import Refused
from navalha.web import undo as undo_button
from navalha.whatsapp.qr import qr_png

from ..agenda.views import done, not_done, wants_part
from ..models import Professional, QueueEntry
from . import actions, links, queries
from .forms import JoinForm


@shop_view(Role.BARBER)
@require_GET
def line(request: ShopRequest) -> HttpResponse:
    """Who waits, for how long; for htmx the list alone. `mostrar` is somebody whose link is shown."""
    return _page(request, JoinForm(shop=request.shop))


@shop_view(Role.RECEPTION)
@require_POST
def join(request: ShopRequest) -> HttpResponse:
    """Put somebody at the end of the line; what is refused stays in its fields."""
    form = JoinForm(request.POST, shop=request.shop)
    if not form.is_valid():
        return _page(request, form, status=422)
    typed = form.cleaned_data
    try:
        entry = actions.join(
            request.shop,
            name=typed["name"],
            phone=typed["phone"],
            services=form.chosen_services(),
            professional=form.chosen_professional(),
            known=None if typed["phone"] else form.known_customer(),
            by=request.user,
            now=timezone.now(),
        )
    except Refused as refusal:
        return _page(request, form, status=409, refusal=str(refusal))
    messages.success(request, _("%(name)s está na fila.") % {"name": entry.name})
    return redirect(f"{reverse('queue:line')}?mostrar={entry.pk}")


@shop_view(Role.BARBER)
@require_POST
def call(request: ShopRequest, pk: int) -> HttpResponse:
    """“Chamar”."""
    return _command(request, pk, actions.call, _("%(name)s foi chamado."))


@shop_view(Role.RECEPTION)
@require_POST
def leave(request: ShopRequest, pk: int) -> HttpResponse:
    """“Desistiu”."""
    return _command(request, pk, actions.leave, _("%(name)s saiu da fila."))


@shop_view(Role.BARBER)
@require_POST
def start(request: ShopRequest, pk: int) -> HttpResponse:
    """“Começar”: in whose chair is said by the form."""
    said = request.POST.get("profissional", "")
    people = request.shop.professionals.filter(is_active=True)
    professional = people.filter(pk=said).first() if said.isdecimal() else None

    def sit_down(entry: QueueEntry, **who_and_when: Any) -> None:
        if professional is None:
            raise Refused(_("Escolha o profissional que vai atender."))
        if not _may_seat(request.membership, professional):
            raise Refused(_("Só a recepção ou o próprio profissional pode começar este atendimento."))
        actions.start(entry, professional=professional, **who_and_when)

    return _command(request, pk, sit_down, _("%(name)s está em atendimento."))


@shop_view(Role.BARBER)
@require_POST
def undo(request: ShopRequest, pk: int, change_id: int) -> HttpResponse:
    """Take back the step that a toast named."""
    entry = _find(request, pk)
    try:
        _check_may(request.membership, entry)
        actions.undo(entry, change_id, by=request.user, now=timezone.now())
    except Refused as refusal:
        return not_done(request, refusal, "queue:line")
    messages.success(request, _("Desfeito: está como antes."))
    return done(request, reverse("queue:line"))


def _command(request: ShopRequest, pk: int, act: Callable[..., Any], sentence: str) -> HttpResponse:
    entry = _find(request, pk)
    try:
        _check_may(request.membership, entry)
        act(entry, by=request.user, now=timezone.now())
    except Refused as refusal:
        return not_done(request, refusal, "queue:line")
    change = actions.last_change(entry)
    assert change is not None  # noqa: S101 - joining wrote the first one
    address = reverse("queue:undo", args=[entry.pk, change.pk])
    undo_button.offer(request, sentence % {"name": entry.name}, address)
    return done(request, reverse("queue:line"))


def _find(request: ShopRequest, pk: int) -> QueueEntry:
    return get_object_or_404(request.shop.queue_entries.select_related("professional"), pk=pk)


def _may(membership: Membership, entry: QueueEntry) -> bool:
    theirs = entry.appointment.professional if entry.appointment else entry.professional
    return theirs is None or _may_seat(membership, theirs)


def _may_seat(membership: Membership, professional: Professional) -> bool:
    return membership.role >= Role.RECEPTION or professional.user_id == membership.user_id


def _check_may(membership: Membership, entry: QueueEntry) -> None:
    if not _may(membership, entry):
        raise Refused(_("Só a recepção ou o próprio profissional pode mudar este lugar na fila."))


def _page(request: ShopRequest, form: JoinForm, *, status: int = 200, refusal: str = "") -> HttpResponse:
    now = timezone.now()
    rows = [
        {
            "place": place,
            "may": _may(request.membership, place.entry),
            "chairs": [one for one in place.able if _may_seat(request.membership, one)],
        }
        for place in queries.build(request.shop, now=now)
    ]
    context: dict[str, Any] = {"rows": rows, "rules": request.membership.role >= Role.RECEPTION, "now": now}
    if wants_part(request) and request.method == "GET":
        return render(request, "scheduling/_queue.html", context)
    context |= {"form": form, "refusal": refusal, "chosen": form["services"].value() or [], **_shown(request)}
    return render(request, "scheduling/queue.html", context, status=status)


def _shown(request: ShopRequest) -> dict[str, Any]:
    """The link of somebody in the line, to be scanned from the counter's screen."""
    asked = request.GET.get("mostrar", "")
    entry = request.shop.queue_entries.filter(pk=asked).first() if asked.isdecimal() else None
    if entry is None:
        return {}
    link = links.place_url(entry)
    return {"shown": entry, "link": link, "qr": qr_png(link)}
