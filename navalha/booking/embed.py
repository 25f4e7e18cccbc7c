"""The booking page inside a page of the shop's own site: what may be framed there, and the script that does it.

Browsers give a page inside another site's no cookies of ours, so nothing that it does may need one: there people only
choose. The time that they take opens the form in a tab of its own, where everything is as ever. For the same reason
nobody can be made to press a button of ours unseen: the framed page has none that changes anything.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from csp.constants import SELF
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from navalha.accounts.models import Shop

FIELD = "embutido"
THEMES = {"1": "", "claro": "light", "escuro": "dark"}  # what the field says -> the theme; empty is the visitor's own
ANYWHERE = "*"


def read(query: QueryDict) -> str:
    """How an address asks to be shown inside another page; empty for a page of its own."""
    word = query.get(FIELD, "")
    return word if word in THEMES else ""


def framable(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that other sites may frame, when its address says that it is: everywhere else that stays forbidden."""

    @wraps(view)
    def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        word = read(request.GET)
        if not word:
            return view(request, **kwargs)
        request.embedded = True  # type: ignore[attr-defined] # for the templates
        request.embedded_theme = THEMES[word]  # type: ignore[attr-defined]
        response = view(request, **kwargs)
        response.xframe_options_exempt = True  # knows no list of sites; the policy does
        shop: Shop | None = getattr(request, "shop", None)
        response._csp_replace = {"frame-ancestors": _ancestors(shop.widget_sites if shop else [])}  # type: ignore[attr-defined]
        return response

    return wrapper


def _ancestors(sites: Iterable[str]) -> list[str]:
    """Where the page may stand: on the sites that the shop named, with and without www, and ours; none named: all."""
    named = [one for site in sites for one in (site, _twin(site))]
    return [SELF, *named] if named else [ANYWHERE]


def _twin(site: str) -> str:
    scheme, _, host = site.partition("://")
    return f"{scheme}://{host.removeprefix('www.') if host.startswith('www.') else f'www.{host}'}"


@lru_cache(maxsize=1)
def _script() -> bytes:
    return Path(str(finders.find("js/widget.js"))).read_bytes()


def _etag(_request: HttpRequest) -> str:
    return f'"{hashlib.sha256(_script()).hexdigest()[:16]}"'


@require_safe
@gzip_page
@cache_control(public=True, max_age=3600)
@condition(etag_func=_etag)
def script(request: HttpRequest) -> HttpResponse:
    """What shops paste into their sites names this address for good: it has no hash, and is asked for again hourly."""
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
