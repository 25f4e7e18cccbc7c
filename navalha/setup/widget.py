"""The code that puts the booking page into a shop's own site, and its preview."""

from csp.constants import SELF
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from navalha.accounts.models import Shop
from navalha.scheduling import channels

CHANNEL = "site"


def code(shop: Shop) -> str:
    """HTML to paste. Customers read its link: in Portuguese, whatever the owner reads."""
    with override(settings.LANGUAGE_CODE):
        return format_html(
            '<a href="{}" data-navalha="{}">{}</a>\n<script src="{}" async></script>',
            channels.url(shop, CHANNEL),
            shop.slug,
            _("Agendar horário"),
            settings.SITE_URL + reverse("booking:widget"),
        )


def previewing(response: HttpResponse) -> HttpResponse:
    """A page of ours that shows the booking page in a frame, as the shop's site will."""
    response._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]
    return response
