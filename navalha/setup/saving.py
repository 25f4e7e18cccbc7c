"""What every form of the set-up does with a change: keep it, or list first the booked visits that it touches."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from navalha.accounts.access import ShopRequest
from navalha.accounts.models import Shop
from navalha.scheduling.models import Appointment
from navalha.scheduling.openings.affected import Affects
from navalha.scheduling.shop import catalogue
from navalha.web import undo

AGREED, AGAIN = "agreed", "again"
AGREE = (AGREED, "1")  # an undo goes back to what was: it does not ask
OURS = {"csrfmiddlewaretoken", AGREED, AGAIN}


def is_sent(request: ShopRequest) -> bool:
    """Whether a form was sent to be kept; "Voltar e mudar" only shows it again as it was typed."""
    return request.method == "POST" and AGAIN not in request.POST


def agreed(request: ShopRequest) -> bool:
    """Whether the person has seen which visits the change touches."""
    return AGREED in request.POST


def keep(
    request: ShopRequest,
    act: Callable[[], Iterable[Appointment]],
    *,
    said: str,
    back: str,
    values: Callable[[], undo.Pairs],
) -> HttpResponse:
    """Do `act`, say so and go `back`, with a button that takes it back; or list the visits that it touches.

    `values` reads, anew, what would be posted here to have things as they are. Raises `Refused` for an undo of what
    somebody changed since.
    """
    try:
        with transaction.atomic():
            # Whoever changes the set-up takes turns, so that an undo sees what it would write over.
            Shop.objects.select_for_update(no_key=True).get(pk=request.shop.pk)
            before = list(values())
            undo.refuse_if_changed(request, before)
            left = list(act())
            after = list(values())
    except Affects as affects:
        return touched(request, affects, back=back)
    if undo.is_undo(request):
        messages.success(request, _("Desfeito."))
    else:
        undo.offer(request, said, request.path, before=[*before, AGREE], after=after)
    _warn(request, left)
    return redirect(back)


def keep_new(
    request: ShopRequest,
    act: Callable[[], Iterable[Appointment]],
    *,
    said: str,
    back: str,
    offer: Callable[[str], None],
) -> HttpResponse:
    """As `keep` for what is taken back at an address of its own: `offer` says the sentence with its button."""
    try:
        left = list(act())
    except Affects as affects:
        return touched(request, affects, back=back)
    if undo.is_undo(request):
        messages.success(request, _("Desfeito."))
    else:
        offer(said)
    _warn(request, left)
    return redirect(back)


def keep_order(request: ShopRequest, rows: "QuerySet[catalogue.Ordered]", *, back: str) -> HttpResponse:
    """Put `rows` in the order that a button (`up`, `down`) or a list (`order`) asks for."""
    shown = rows.filter(is_active=True).values_list("pk", flat=True)

    def act() -> list[Appointment]:
        catalogue.put_in_order(request.shop, rows.all(), _wanted_order(request, list(shown.all())))
        return []

    return keep(
        request, act, said=_("Ordem mudada."), back=back, values=lambda: [("order", str(pk)) for pk in shown.all()]
    )


def _warn(request: ShopRequest, left: list[Appointment]) -> None:
    if left:
        messages.warning(request, left_words(len(left)))


def touched(request: ShopRequest, affects: Affects, *, back: str) -> HttpResponse:
    """The visits that a change would leave outside working hours, and the same form to send again."""
    pairs = [(name, value) for name in request.POST if name not in OURS for value in request.POST.getlist(name)]
    told: dict[str, Any] = {"visits": affects.visits, "sentence": str(affects), "pairs": pairs, "back": back}
    return render(request, "setup/touched.html", told, status=409)


def left_words(count: int) -> str:
    return ngettext(
        "%(count)d horário marcado ficou fora do expediente: fale com o cliente ou mude o horário.",
        "%(count)d horários marcados ficaram fora do expediente: fale com os clientes ou mude os horários.",
        count,
    ) % {"count": count}


def moved(ids: list[int], pk: str, way: str) -> list[int]:
    """`ids` with one of them a place up or down."""
    order = list(ids)
    if not pk.isdecimal() or int(pk) not in order:
        return order
    at = order.index(int(pk))
    other = at + (-1 if way == "up" else 1)
    if 0 <= other < len(order):
        order[at], order[other] = order[other], order[at]
    return order


def _wanted_order(request: ShopRequest, ids: list[int]) -> list[int]:
    said = request.POST
    if "order" in said:
        return [int(pk) for pk in said.getlist("order") if pk.isdecimal()]
    way = "up" if "up" in said else "down"
    return moved(ids, said.get(way, ""), way)
