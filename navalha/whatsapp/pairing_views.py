"""Connecting a number: the note, the QR, the letters, and what becomes of them.

Each answers three askers: the window (htmx gets a part), a browser without script (a page), a script (JSON).
"""

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from navalha.accounts.access import ShopRequest
from navalha.core.errors import Refused
from navalha.web.limits import Limit, allow

from . import actions, consent
from .consent import ConsentNeeded
from .crowding import TooManyPairings
from .doors import MANAGE, SEE, error, in_window, number_view, told_later, too_often, wants_json
from .forms import PhoneForm
from .models import ConnectionState, WhatsAppInstance
from .views import answer_json, done, pairing_context

# For each shop: every new session makes an instance on a server, and WhatsApp dislikes who asks for many codes.
PAIRINGS = Limit("pairing", most=20, seconds=600)
# For each number: after the third WhatsApp itself answers 429 (FACTS D 5).
LETTERS = Limit("pairing by letters", most=3, seconds=1800)
INVALID = 422


@number_view(MANAGE, "POST")
def generate_qr(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    accepted = request.POST.get("accept", "")
    if accepted:
        version = int(accepted) if accepted.isdecimal() and len(accepted) < 5 else 0
        try:
            consent.accept(request.shop, version=version, now=timezone.now(), by=request.user)
        except ConsentNeeded as changed:
            return _ask_consent(request, number, str(changed))
    return _begin(request, number, PAIRINGS, str(request.shop.pk))


@number_view(MANAGE, "GET", "HEAD", "POST")
def connection_code(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    """The phone to connect by letters is asked for; then its code is made."""
    if number.is_connected:
        raise Refused(_("Este número já está conectado. Para trocar de celular, toque antes em “Desconectar”."))
    if consent.accepted_by(request.shop) is None:
        return _ask_consent(request, number, str(consent.UNREAD))
    sent = request.POST if request.method == "POST" else None
    form = PhoneForm(sent, initial={"phone": number.number or request.shop.phone})
    if form.is_valid():
        return _begin(request, number, LETTERS, str(number.pk), phone=form.cleaned_data["phone"])
    if sent is not None and wants_json(request):
        return error(" ".join(str(words) for words in form.errors["phone"]), INVALID)
    part = "whatsapp/_code_form.html" if in_window(request) else "whatsapp/code.html"
    context = {"form": form, **pairing_context(request, number)}
    return render(request, part, context, status=200 if sent is None else INVALID)


def _begin(request: ShopRequest, number: WhatsAppInstance, limit: Limit, who: str, *, phone: str = "") -> HttpResponse:
    """Open a session, unless something speaks against it, and show how it stands."""
    now = timezone.now()
    if number.state == ConnectionState.CONNECTED and not wants_json(request):
        return _shown(request, number)
    if consent.accepted_by(request.shop) is None:
        return _ask_consent(request, number, str(consent.UNREAD))
    if not allow(limit, who, now=now):
        return too_often(request, limit, now=now, **({"number": number, "words": _("Ler QR")} if phone else {}))
    try:
        number = actions.start_pairing(number, now=now, by=request.user, phone=phone)
    except TooManyPairings as crowd:
        return told_later(request, str(crowd), crowd.seconds, number=number)
    except Refused as refusal:
        if not in_window(request):
            raise
        if not number.is_paused_at(now):
            return render(request, "whatsapp/_sentence.html", {"sentence": str(refusal)}, status=409)
    return _shown(request, number)


def _shown(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    if wants_json(request):
        return answer_json(number, failed=number.state == ConnectionState.ERROR)
    if in_window(request):
        return render(request, "whatsapp/_pairing.html", pairing_context(request, number))
    return redirect(f"{reverse('whatsapp:detail', args=[number.pk])}#qr")


def _ask_consent(request: ShopRequest, number: WhatsAppInstance, sentence: str) -> HttpResponse:
    """Nothing is connected before the note was accepted: it is shown instead, or said to a script."""
    if wants_json(request):
        words = {"lead": consent.NOTE.lead, "risks": consent.NOTE.risks, "helps": consent.NOTE.helps}
        return JsonResponse({"error": sentence, "consent": {"version": consent.VERSION, **words}}, status=INVALID)
    if in_window(request):
        return render(request, "whatsapp/_consent.html", _note(number))
    return redirect("whatsapp:consent", number.pk)


def _note(number: WhatsAppInstance, **more: Any) -> dict[str, Any]:
    return {"number": number, "note": consent.NOTE, "version": consent.VERSION, **more}


@number_view(SEE, "GET", "HEAD")
def note(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    """The note, to read again or, while nobody has, to accept."""
    given = consent.accepted_by(request.shop)
    may_accept = given is None and request.membership.role >= MANAGE
    return render(request, "whatsapp/consent.html", _note(number, given=given, may_accept=may_accept))


@number_view(MANAGE, "GET", "HEAD")
def pairing(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    return render(request, "whatsapp/_pairing_live.html", pairing_context(request, number))


@number_view(MANAGE, "POST")
def cancel(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    actions.cancel_pairing(number, now=timezone.now(), by=request.user)
    number.refresh_from_db()
    return done(request, number)


@number_view(MANAGE, "POST")
def not_connected(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    """The person says that the phone read the code and could not connect."""
    actions.report_refusal(number, now=timezone.now(), by=request.user)
    number.refresh_from_db()
    if in_window(request) and request.htmx.target == "pairing-live":  # type: ignore[attr-defined]
        return render(request, "whatsapp/_pairing_live.html", pairing_context(request, number))
    return done(request, number)


@number_view(SEE, "GET", "HEAD")
def picture(request: ShopRequest, number: WhatsAppInstance) -> HttpResponse:
    """The photo of the connected WhatsApp; its address changes with it, so a browser may keep it."""
    kept = request.shop.profile_pictures.filter(instance=number).first() if number.picture_version else None
    if kept is None:
        raise Http404
    answer = HttpResponse(bytes(kept.content), content_type=kept.content_type)
    answer["Cache-Control"] = "private, max-age=86400"
    return answer
