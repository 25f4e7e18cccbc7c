"""What every form of the set-up does with a change: keep it, or list first the booked visits that it touches."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from navalha.accounts.access import ShopRequest
from navalha.scheduling.affected import Affects
from navalha.scheduling.models import Appointment

AGREED, AGAIN = "agreed", "again"
OURS = {"csrfmiddlewaretoken", AGREED, AGAIN}


def is_sent(request: ShopRequest) -> bool:
    """Whether a form was sent to be kept; "Voltar e mudar" only shows it again as it was typed."""
    return request.method == "POST" and AGAIN not in request.POST


def agreed(request: ShopRequest) -> bool:
    """Whether the person has seen which visits the change touches."""
    return AGREED in request.POST


def keep(
    request: ShopRequest, act: Callable[[], Iterable[Appointment]], *, said: str, back: str, offer: Callable[[], None]
) -> HttpResponse:
    """Do `act`, say so and go `back`, with `offer` to take it back; or list the visits that it touches."""
    try:
        left = list(act())
    except Affects as affects:
        return touched(request, affects, back=back)
    messages.success(request, said)
    if left:
        messages.warning(request, left_words(len(left)))
    offer()
    return redirect(back)


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


def wanted_order(request: ShopRequest, ids: list[int]) -> list[int]:
    """The order that a button (`up`, `down`) or a list (`order`) asks for."""
    said = request.POST
    if "order" in said:
        return [int(pk) for pk in said.getlist("order") if pk.isdecimal()]
    way = "up" if "up" in said else "down"
    return moved(ids, said.get(way, ""), way)
