"""The conversations of a shop: everybody of the team reads, the reception and above write."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.customers.models import Customer
from navalha.web.limits import Limit, allow

from . import actions, queries, rules
from .forms import ReplyForm
from .models import Direction, WhatsAppMessage

TESTS = Limit("test message", most=10, seconds=60)


@shop_view(Role.BARBER)
@require_GET
def conversations(request: ShopRequest) -> HttpResponse:
    """The list; for htmx the list alone."""
    part = "messaging/_conversations.html" if _wants_part(request) else "messaging/conversations.html"
    return render(request, part, _list(request))


@shop_view(Role.BARBER)
@require_GET
def conversation(request: ShopRequest, customer_id: int) -> HttpResponse:
    """One conversation, which is seen by being opened; for htmx its messages alone."""
    customer = get_object_or_404(request.shop.customers, pk=customer_id)
    actions.see(request.shop, customer, now=timezone.now())
    if _wants_part(request):
        return render(request, "messaging/_thread.html", _thread(request, customer))
    return _conversation_page(request, customer, ReplyForm())


@shop_view(Role.BARBER)
@require_GET
def team(request: ShopRequest) -> HttpResponse:
    """What the product told the shop's own people; for htmx the messages alone."""
    part = "messaging/_thread.html" if _wants_part(request) else "messaging/team.html"
    return render(request, part, {**_list(request), **_thread(request, None)})


@shop_view(Role.RECEPTION)
@require_POST
def reply(request: ShopRequest, customer_id: int) -> HttpResponse:
    """Queue what a person wrote; what was typed stays where it is when something is wrong."""
    customer = get_object_or_404(request.shop.customers, pk=customer_id)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _conversation_answer(request, customer, form, status=422)
    now = timezone.now()
    actions.reply(
        request.shop,
        customer,
        text=form.cleaned_data["text"],
        key=form.cleaned_data["key"],
        by=request.user,
        now=now,
    )
    if request.htmx:  # type: ignore[attr-defined]  # set by the middleware of django-htmx
        return _conversation_answer(request, customer, ReplyForm())
    return redirect("messaging:conversation", customer.pk)


@shop_view(Role.RECEPTION)
@require_POST
def resolution(request: ShopRequest, customer_id: int) -> HttpResponse:
    """Somebody has taken care without writing."""
    customer = get_object_or_404(request.shop.customers, pk=customer_id)
    actions.resolve(request.shop, customer, now=timezone.now())
    if request.htmx:  # type: ignore[attr-defined]
        return _conversation_answer(request, customer, ReplyForm())
    return redirect("messaging:conversation", customer.pk)


@shop_view(Role.RECEPTION)
@require_POST
def resending(request: ShopRequest, pk: int) -> HttpResponse:
    """Reenviar, or Enviar de novo."""
    message = _own_message(request, pk)
    return _acted(request, message, lambda: actions.resend(message, by=request.user, now=timezone.now()))


@shop_view(Role.OWNER)
@require_POST
def sending_anyway(request: ShopRequest, pk: int) -> HttpResponse:
    """Enviar agora assim mesmo: the owner answers for the number."""
    message = _own_message(request, pk)
    return _acted(request, message, lambda: rules.send_anyway(message, by=request.user, now=timezone.now()))


@shop_view(Role.RECEPTION)
@require_POST
def arrival(request: ShopRequest, pk: int) -> HttpResponse:
    """Já chegou."""
    message = _own_message(request, pk)
    return _acted(request, message, lambda: actions.say_arrived(message, by=request.user, now=timezone.now()))


@shop_view(Role.MANAGER)
@require_POST
def test(request: ShopRequest, instance_id: int) -> HttpResponse:
    """Send a test from one number to the shop's own phone, or to the number itself."""
    number = get_object_or_404(request.shop.numbers, pk=instance_id)
    now = timezone.now()
    if not allow(TESTS, str(request.shop.pk), now=now):
        raise Refused(_("Muitos testes seguidos. Espere um minuto e tente de novo."))
    to = request.shop.phone or number.number
    if not to:
        raise Refused(_("Este número ainda não disse qual é o telefone dele. Tente de novo em um instante."))
    actions.queue_test(number, to=to, now=now)
    sentence = _("Teste a caminho. Veja no seu WhatsApp.")
    if request.htmx:  # type: ignore[attr-defined]
        return _with_toast(HttpResponse(status=204), "success", sentence)
    messages.success(request, sentence)
    return redirect("whatsapp:detail", number.pk)


# ---- what the views share


def _wants_part(request: HttpRequest) -> bool:
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.history_restore_request and not htmx.boosted


def _number(text: str | None, *, least: int, most: int) -> int:
    """A whole number of the address; the least for what is none."""
    return min(max(int(text), least), most) if text and text.isascii() and text.isdigit() and len(text) < 9 else least


def _list(request: ShopRequest, customer: Customer | None = None) -> dict[str, Any]:
    search = request.GET.get("busca", "")[:80].replace("\x00", "")
    page = _number(request.GET.get("pagina"), least=1, most=100_000)
    found, here = queries.conversations(request.shop, search=search, page=page)
    # Which one is marked as open: the page's own, which the list repeats when it fetches itself.
    open_pk = customer.pk if customer else _number(request.GET.get("aberta"), least=0, most=2**31)
    return {"conversations": found, "page": here, "search": search, "open_pk": open_pk}


def _thread(request: ShopRequest, customer: Customer | None) -> dict[str, Any]:
    most = _number(request.GET.get("ate"), least=queries.SHOWN, most=queries.MOST_SHOWN)
    thread = queries.thread(request.shop, customer, most=most)
    return {
        "customer": customer,
        "thread": thread,
        "number_is_out": queries.waits_for_number(request.shop, thread, timezone.now()),
        "most": most,
        "more": min(most + queries.SHOWN, queries.MOST_SHOWN),
        "waits": customer is not None and queries.waits_for_person(request.shop, customer),
        "may_write": request.membership.role >= Role.RECEPTION,
        "may_waive": request.membership.role >= Role.OWNER,
    }


def _conversation_page(request: ShopRequest, customer: Customer, form: ReplyForm, status: int = 200) -> HttpResponse:
    context = {**_list(request, customer), **_thread(request, customer), "form": form}
    return render(request, "messaging/conversation.html", context, status=status)


def _conversation_answer(request: ShopRequest, customer: Customer, form: ReplyForm, status: int = 200) -> HttpResponse:
    """After an act: messages and reply box for htmx, else the whole page."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _conversation_page(request, customer, form, status)
    context = {**_thread(request, customer), "form": form}
    return render(request, "messaging/_conversation.html", context, status=status)


def _own_message(request: ShopRequest, pk: int) -> WhatsAppMessage:
    return get_object_or_404(request.shop.messages.select_related("shop", "customer"), pk=pk, direction=Direction.OUT)


def _acted(request: ShopRequest, message: WhatsAppMessage, act: Callable[[], None]) -> HttpResponse:
    """Do it, and show the conversation as it stands after it, with why where it could not be done."""
    refusal = ""
    try:
        act()
    except Refused as refused:
        refusal = str(refused)
    if request.htmx:  # type: ignore[attr-defined]
        response = render(request, "messaging/_thread.html", _thread(request, message.customer))
        return _with_toast(response, "warning", refusal) if refusal else response
    if refusal:
        messages.warning(request, refusal)
    return redirect(*_address(message))


def _address(message: WhatsAppMessage) -> tuple[Any, ...]:
    return ("messaging:conversation", message.customer_id) if message.customer_id else ("messaging:team",)


def _with_toast(response: HttpResponse, level: str, sentence: str) -> HttpResponse:
    return trigger_client_event(response, "toast", {"level": level, "text": sentence})
