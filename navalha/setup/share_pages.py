"""`/ajustes/divulgar/`: links for each channel and what they brought, the poster, and search engines."""

from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role, Shop
from navalha.scheduling.shop import channels, house
from navalha.web import undo

from . import widget
from .poster import Poster, pdf
from .saving import keep


@shop_view(Role.MANAGER)
@require_safe
def share(request: ShopRequest) -> HttpResponse:
    """The links; with `canal` in the address also one that the shop names itself."""
    return _page(request)


def _page(request: ShopRequest, sites: widget.SitesForm | None = None) -> HttpResponse:
    """The whole page; `sites` is a form that was refused."""
    typed = request.GET.get("canal", "").strip()
    word = channels.read(typed)
    error = _("Use até 20 letras sem acento, números ou hífens, sem espaços. Por exemplo: feira-livre.")
    told = {
        "channels": channels.of_shop(request.shop, now=timezone.now(), asked=word),
        "asked": word,
        "typed": typed,
        "error": error if typed and not word else "",
        "longest": channels.LONGEST,
        "widget": widget.code(request.shop),
        "sites": sites or widget.SitesForm(initial={"sites": "\n".join(request.shop.widget_sites)}),
    }
    response = render(request, "setup/share.html", told, status=422 if told["error"] or sites else 200)
    return widget.previewing(response)


@shop_view(Role.MANAGER)
@require_safe
def poster_file(request: ShopRequest) -> HttpResponse:
    """The poster to print. It hangs where customers read it: in Portuguese, whatever the owner reads."""
    with override(settings.LANGUAGE_CODE):
        response = HttpResponse(pdf(_poster(request.shop)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="cartaz-{request.shop.slug}.pdf"'
    return response


def _poster(shop: Shop) -> Poster:
    page = urlsplit(channels.url(shop, ""))
    return Poster(
        title=_("Agende seu horário"),
        shop=shop.name,
        sentence=_("Aponte a câmera do celular para o código e escolha o horário."),
        url=channels.url(shop, channels.POSTER),
        shown=f"{page.netloc}{page.path}",
    )


@shop_view(Role.MANAGER)
@require_POST
@undo.restoring
def search_engines(request: ShopRequest) -> HttpResponse:
    """Whether the booking page may be found by search engines: `is_indexed` is 1 or 0."""
    wanted = request.POST.get("is_indexed") == "1"
    fields = {"is_indexed": wanted}
    act = partial(house.save_shop, request.shop, fields, by=request.user, now=timezone.now(), agreed=True)
    said = (
        _("A página pode aparecer nos buscadores.") if wanted else _("A página pede aos buscadores que não a mostrem.")
    )
    values = partial(_search_values, request.shop.pk)
    return keep(request, act, said=said, back=reverse("setup:share"), values=values)


def _search_values(pk: int) -> undo.Pairs:
    return [("is_indexed", "1" if Shop.objects.get(pk=pk).is_indexed else "0")]


@shop_view(Role.MANAGER)
@require_POST
@undo.restoring
def sites(request: ShopRequest) -> HttpResponse:
    """On which sites the booking page may be shown: `sites`, one for each line."""
    form = widget.SitesForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    fields = {"widget_sites": form.cleaned_data["sites"]}
    act = partial(house.save_shop, request.shop, fields, by=request.user, now=timezone.now(), agreed=True)
    said = (
        _("Só estes sites podem mostrar o agendamento.")
        if fields["widget_sites"]
        else _("Qualquer site pode mostrar o agendamento.")
    )
    return keep(request, act, said=said, back=reverse("setup:share"), values=partial(_sites_values, request.shop.pk))


def _sites_values(pk: int) -> undo.Pairs:
    return [("sites", "\n".join(Shop.objects.get(pk=pk).widget_sites))]
