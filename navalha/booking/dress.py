"""What of a shop's own its public pages wear: its colour, its pictures, and what a shared link shows.

Strict CSP allows no style in a page, so the colour is a small stylesheet. Both it and the pictures have addresses that
change with what they hold: a browser keeps them for a year.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from navalha.accounts.models import Shop
from navalha.core import tones
from navalha.scheduling.models import ShopPicture
from navalha.scheduling.shop import dressing
from navalha.web.limits import allow, client_address

from .access import missing, reads, too_many

FOR_A_YEAR = "public, max-age=31536000, immutable"
OTHERWISE = "img/compartilhar.png", 1200, 630  # for a shop without pictures
# What every program that shows links knows how to show. WhatsApp leaves out what is larger than about 300 kB, which
# no picture here is.
SHOWN_TYPES = ("image/jpeg", "image/png")


@dataclass(frozen=True, slots=True)
class Shared:
    """The picture of a shared link: its whole address, its sides in pixels, what it shows in words."""

    url: str
    width: int
    height: int
    alt: str


def shared(shop: Shop, pictures: Mapping[str, ShopPicture]) -> Shared:
    """The cover, else the logo, else the product's own picture."""
    for row in (pictures.get("cover"), pictures.get("logo")):
        if row is not None and row.content_type in SHOWN_TYPES:
            url = settings.SITE_URL + dressing.picture_url(shop, row.file_name)
            return Shared(url, row.width, row.height, row.alt or shop.name)
    name, width, height = OTHERWISE
    url = static(name)
    whole = url if url.startswith("http") else settings.SITE_URL + url
    return Shared(whole, width, height, f"{shop.name} · {_('Agende seu horário')}")


@require_safe
@gzip_page
def tones_file(request: HttpRequest, version: int, accent: str) -> HttpResponse:
    """The tones of a colour. Of an older arithmetic too: a page that somebody still has open asks for it."""
    colour = tones.read(accent)
    if not colour or version > tones.VERSION:
        return missing(request)
    response = HttpResponse(tones.stylesheet(colour), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_A_YEAR
    return response


@require_safe
def picture(request: HttpRequest, shop: str, name: str) -> HttpResponse:
    """A picture of the shop, also the one before: pages and chats that were opened earlier still ask for it."""
    now = timezone.now()
    if not allow(reads(), client_address(request), now=now):
        return too_many(request, reads(), now=now)
    owner = Shop.objects.filter(slug=shop).first()
    row = owner.pictures.filter(digest=name.partition(".")[0]).first() if owner else None
    if row is None or row.file_name != name:
        return missing(request)
    response = HttpResponse(bytes(row.content), content_type=row.content_type)
    response["Cache-Control"] = FOR_A_YEAR
    response["ETag"] = f'"{row.digest}"'
    return response
