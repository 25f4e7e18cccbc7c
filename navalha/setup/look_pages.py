"""`/ajustes/aparencia/`: the colour, the logo and the cover of the booking page."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role, Shop
from navalha.core import tones
from navalha.core.errors import Refused
from navalha.scheduling.models import PictureKind, ShopPicture
from navalha.scheduling.shop import dressing, house
from navalha.web import undo

from .look_forms import USUAL, ColourForm, PictureForm
from .saving import keep

BACK = "setup:look"


@shop_view(Role.MANAGER)
@require_safe
def look(request: ShopRequest) -> HttpResponse:
    """Everything about the looks of the page, as it is."""
    return _page(request)


@shop_view(Role.MANAGER)
@require_safe
def preview(request: ShopRequest) -> HttpResponse:
    """What the colour in the address (`accent`) would look like; a part of the page."""
    return render(request, "setup/_look_preview.html", _preview(request.GET.get("accent", "")))


@shop_view(Role.MANAGER)
@require_POST
@undo.restoring
def colour(request: ShopRequest) -> HttpResponse:
    """`accent` is `#rrggbb`, or empty for the product's own."""
    form = ColourForm(request.POST)
    if not form.is_valid():
        return _page(request, colour_form=form)
    act = partial(house.save_shop, request.shop, form.cleaned_data, by=request.user, now=timezone.now(), agreed=True)
    return keep(request, act, said=_("Cor salva."), back=reverse(BACK), values=partial(_colour_values, request.shop.pk))


def _colour_values(pk: int) -> undo.Pairs:
    return [("accent", Shop.objects.get(pk=pk).accent)]


@shop_view(Role.MANAGER)
@require_POST
def picture(request: ShopRequest) -> HttpResponse:
    """Keep a picture of `kind`, with its description; or, without a file, only the description of the one there is."""
    kind = _kind(request)
    if kind is None:
        return _page(request, status=422)
    row = dressing.shown(request.shop).get(kind)
    form = PictureForm(request.POST, request.FILES, kind=kind, has_one=row is not None)
    if not form.is_valid():
        return _page(request, picture_form=(kind, form))
    try:
        _save(request, kind, row, form)
    except Refused as refusal:
        form.add_error("picture", str(refusal))
        return _page(request, picture_form=(kind, form))
    return redirect(BACK)


def _save(request: ShopRequest, kind: PictureKind, row: ShopPicture | None, form: PictureForm) -> None:
    file, alt, now = form.cleaned_data["picture"], form.cleaned_data["alt"], timezone.now()
    if not file and row:
        dressing.describe(row, alt, by=request.user, now=now)
        messages.success(request, _("Descrição salva."))
        return
    new = dressing.keep(request.shop, kind, file.read(), alt=alt, by=request.user, now=now)
    said = _("Imagem salva. Ela já aparece na página de agendamento.")
    if row:
        undo.offer(request, said, reverse("setup:picture_restore", args=[row.pk]))
    else:
        undo.offer(request, said, reverse("setup:picture_remove"), before=[("kind", kind)], after=_shown_values(new))


@shop_view(Role.MANAGER)
@require_POST
@undo.restoring
def remove(request: ShopRequest) -> HttpResponse:
    """Show no picture of `kind` any more."""
    kind = _kind(request)
    row = dressing.shown(request.shop).get(kind) if kind else None
    undo.refuse_if_changed(request, _shown_values(row))
    if kind and row:
        dressing.remove(request.shop, kind, by=request.user, now=timezone.now())
        _say_removed(request, row)
    return redirect(BACK)


def _say_removed(request: ShopRequest, row: ShopPicture) -> None:
    if undo.is_undo(request):
        messages.success(request, _("Desfeito."))
    else:
        undo.offer(request, _("Imagem removida."), reverse("setup:picture_restore", args=[row.pk]))


def _shown_values(row: ShopPicture | None) -> undo.Pairs:
    return [("digest", row.digest if row else "")]


@shop_view(Role.MANAGER)
@require_POST
def restore(request: ShopRequest, picture: int) -> HttpResponse:
    """Show again the one that was removed or replaced last."""
    row = get_object_or_404(request.shop.pictures.exclude(removed_at=None).defer("content"), pk=picture)
    dressing.bring_back(row, by=request.user, now=timezone.now())
    messages.success(request, _("A imagem voltou."))
    return redirect(BACK)


def _kind(request: ShopRequest) -> PictureKind | None:
    word = request.POST.get("kind", "")
    return PictureKind(word) if word in PictureKind.values else None


def _page(
    request: ShopRequest,
    *,
    colour_form: ColourForm | None = None,
    picture_form: tuple[PictureKind, PictureForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page; with a form that was refused, as it was sent."""
    accent = colour_form.data.get("accent", "") if colour_form else request.shop.accent
    told = {
        "usual": USUAL,
        "accent": accent,
        "colour_error": next(iter(colour_form.errors["accent"]), "") if colour_form else "",
        "pictures": list(_pictures(request.shop, dict([picture_form] if picture_form else []))),
        **_preview(accent),
    }
    refused = colour_form or picture_form
    return render(request, "setup/look.html", told, status=422 if refused else status)


def _pictures(shop: Shop, refused: dict[PictureKind, PictureForm]) -> Any:
    """For the template: each kind with the picture there is, its form, and what is asked of it."""
    shown = dressing.shown(shop)
    hints = {
        PictureKind.LOGO: _("Aparece ao lado do nome. Quadrado ou deitado, em JPG, PNG ou WebP."),
        PictureKind.COVER: _("Uma foto deitada do salão, em JPG, PNG ou WebP: também aparece quando o link é enviado."),
    }
    for kind in PictureKind:
        row = shown.get(kind)
        initial = {"alt": row.alt if row else ""}
        form = refused.get(kind) or PictureForm(kind=kind, has_one=row is not None, initial=initial)
        yield {"kind": kind, "row": row, "form": form, "hint": hints[kind]}


def _preview(typed: str) -> dict[str, Any]:
    """The tones of a colour in both themes, and in words what was changed so that it stays readable."""
    accent = tones.read(typed)
    if not accent:
        return {"shown_accent": "", "notes": [], "samples": [{"theme": "light"}, {"theme": "dark"}]}
    changed = tones.changed(accent)
    words = {
        "light": _("No tema claro ela fica um pouco mais escura, para aparecer sobre o fundo claro."),
        "dark": _("No tema escuro ela fica um pouco mais clara, para aparecer sobre o fundo escuro."),
    }
    samples = [{"theme": theme, "ratio": _ratio(accent, theme)} for theme in tones.THEMES]
    return {"shown_accent": accent, "notes": [words[theme] for theme in changed], "samples": samples}


def _ratio(accent: str, theme: str) -> float:
    """How well the words on the button are read."""
    found = tones.tones(accent, theme)
    return round(tones.contrast(found.on, found.fill), 1)
