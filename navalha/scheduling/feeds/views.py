"""Where a barber gets the address that their phone's calendar subscribes to, and takes it back."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role

from ..models import Professional
from . import actions

# The last part of the address of each button: what it does, and what is said when it is done.
CHANGES: Final[dict[str, tuple[Callable[..., None], str | Promise]]] = {
    "criar": (actions.make, _("Endereço criado. Agora assine no calendário.")),
    "trocar": (actions.renew, _("Endereço novo criado. O anterior parou de funcionar: assine de novo.")),
    "desligar": (actions.revoke, _("Endereço desligado. Os calendários que o assinavam param de receber.")),
}


@shop_view(Role.BARBER)
@require_GET
def show(request: ShopRequest) -> HttpResponse:
    """Each person with their address, or a button that makes one."""
    rows = [(person, _address(person)) for person in actions.people(request.membership)]
    return render(request, "scheduling/calendar.html", {"rows": rows})


@shop_view(Role.BARBER)
@require_POST
def change(request: ShopRequest, person_id: int, path: str) -> HttpResponse:
    """One of the buttons; somebody whose calendar the member does not see does not exist for them."""
    person = next((one for one in actions.people(request.membership) if one.pk == person_id), None)
    if person is None:
        raise Http404
    act, said = CHANGES[path]
    act(request.shop, person, by=request.user, now=timezone.now())
    messages.success(request, str(said))
    return redirect("scheduling:calendar")


def _address(person: Professional) -> str:
    feed = getattr(person, "calendar_feed", None)
    return actions.url(feed) if feed else ""
