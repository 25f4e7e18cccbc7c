"""The code that puts the booking page into a shop's own site, and its preview."""

import re
from urllib.parse import urlsplit

from csp.constants import SELF
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from navalha.accounts.models import Shop
from navalha.scheduling.shop import channels

CHANNEL = "site"
MOST_SITES = 10
HOST = re.compile(r"(?=.{4,100}$)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}(?::\d{2,5})?")


class SitesForm(forms.Form):
    """On which sites the booking page may be shown; cleaned to origins, `https://barbearia.com.br`. None: on any."""

    sites = forms.CharField(
        label=gettext_lazy("Sites que podem mostrar o agendamento"),
        help_text=gettext_lazy("Um por linha, como barbearia.com.br. Vazio: qualquer site."),
        required=False,
        max_length=1200,
        widget=forms.Textarea({"rows": 2, "autocapitalize": "none", "spellcheck": "false", "inputmode": "url"}),
    )

    def clean_sites(self) -> list[str]:
        typed = self.cleaned_data["sites"].split()
        found = list(dict.fromkeys(_origin(one) for one in typed))
        if len(found) > MOST_SITES:
            raise forms.ValidationError(_("São sites demais: o limite é %(most)d.") % {"most": MOST_SITES})
        return found


def _origin(typed: str) -> str:
    """`www.Barbearia.com.br/agenda` -> `https://www.barbearia.com.br`. Raises ValidationError."""
    parts = urlsplit(typed if "://" in typed else f"https://{typed}")
    try:
        host = parts.netloc.lower().encode("idna").decode()
    except UnicodeError:
        host = ""
    if parts.scheme not in ("http", "https") or not HOST.fullmatch(host):
        raise forms.ValidationError(
            _("Não entendemos o endereço %(site)s. Escreva assim: barbearia.com.br.") % {"site": typed[:60]}
        )
    return f"{parts.scheme}://{host}"


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
