"""What the buttons of a visit do. What cannot be done any more is said, on a page that shows how things are now."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.web import undo as undo_button

from .. import actions, undoing, visits
from ..forms import CancelForm, ReasonForm
from ..models import Appointment
from . import commands
from .views import address_of, back, check_may_change, done, find_visit, not_done, visit_page


@shop_view(Role.BARBER)
@require_POST
def command(request: ShopRequest, pk: int, path: str) -> HttpResponse:
    """One of the buttons of the day; “Desfazer” takes a step back that was a slip."""
    appointment = find_visit(request, pk)
    wanted = commands.COMMANDS[path]
    try:
        check_may_change(request, appointment)
        wanted.act(appointment, by=request.user, now=timezone.now())
    except Refused as refusal:
        return refused(request, appointment, refusal)
    offer_undo(request, appointment, str(wanted.done))
    return done(request, back(request, address_of(appointment)))


@shop_view(Role.BARBER)
@require_POST
def undo(request: ShopRequest, pk: int, change_id: int) -> HttpResponse:
    """Take back the change that a toast or the visit's page named."""
    appointment = find_visit(request, pk)
    try:
        check_may_change(request, appointment)
        undoing.undo(appointment, change_id, by=request.user, now=timezone.now())
    except Refused as refusal:
        return refused(request, appointment, refusal)
    messages.success(request, _("Desfeito: está como antes."))
    return done(request, back(request, address_of(appointment)))


@shop_view(Role.BARBER)
@require_POST
def reopening(request: ShopRequest, pk: int) -> HttpResponse:
    """Open a closed visit again; the history keeps why."""
    appointment = find_visit(request, pk)
    form = ReasonForm(request.POST)
    try:
        check_may_change(request, appointment)
        if not form.is_valid():
            raise Refused(form.errors["reason"][0])
        undoing.reopen(appointment, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
    except Refused as refusal:
        return refused(request, appointment, refusal)
    messages.success(request, _("Horário reaberto."))
    return done(request, address_of(appointment))


@shop_view(Role.BARBER)
@require_POST
def cancellation(request: ShopRequest, pk: int) -> HttpResponse:
    """Cancel with a reason, which the history keeps; a reason that is refused stays in its field."""
    appointment = find_visit(request, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return visit_page(request, appointment, form=form, status=422)
    try:
        check_may_change(request, appointment)
        actions.cancel(
            appointment,
            by=request.user,
            reason=form.cleaned_data["reason"],
            customer_asked=form.cleaned_data["customer_asked"],
            now=timezone.now(),
        )
    except Refused as refusal:
        return visit_page(request, appointment, form=form, status=409, refusal=str(refusal))
    messages.success(request, _("Horário cancelado. O cliente será avisado pelo WhatsApp."))
    return done(request, address_of(appointment))


@shop_view(Role.BARBER)
@require_POST
def new_link(request: ShopRequest, pk: int) -> HttpResponse:
    """Another link for the customer, when the one they got is in other hands."""
    appointment = find_visit(request, pk)
    try:
        check_may_change(request, appointment)
    except Refused as refusal:
        return refused(request, appointment, refusal)
    visits.renew_link(appointment, by=request.user, now=timezone.now())
    messages.success(request, _("Link trocado. O anterior não abre mais; as próximas mensagens levam o novo."))
    return done(request, address_of(appointment))


def refused(request: ShopRequest, appointment: Appointment, refusal: Refused) -> HttpResponse:
    """Say why not, where the button stood."""
    return not_done(request, refusal, back(request, address_of(appointment)))


def offer_undo(request: ShopRequest, appointment: Appointment, sentence: str) -> None:
    """Say `sentence`, with a button while what was done can be taken back."""
    change = undoing.last_change(appointment)
    if change is None or not undoing.can_undo(appointment, change, now=timezone.now()):
        messages.success(request, sentence)
        return
    undo_button.offer(request, sentence, reverse("scheduling:undo", args=[appointment.pk, change.pk]))
