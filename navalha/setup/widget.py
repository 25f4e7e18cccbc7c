"""The code that puts the booking page into a shop's own site, and its preview."""

from csp.constants import SELF
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override

from navalha.accounts.models import Shop
from navalha.scheduling import channels

CHANNEL = "site"


def code(shop: Shop) -> str:
    """HTML to paste, and to be shown as text. Customers read its link: in Portuguese, whatever the owner reads."""
    with override(settings.LANGUAGE_CODE):
        words = escape(_("Agendar horário"))
    page, script = escape(channels.url(shop, CHANNEL)), escape(settings.SITE_URL + reverse("booking:widget"))
    return f'<a href="{page}" data-navalha="{shop.slug}">{words}</a>\n<script src="{script}" async></script>'


def previewing(response: HttpResponse) -> HttpResponse:
    """A page of ours that shows the booking page in a frame, as the shop's site will."""
    response._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]
    return response
