"""Taking back: "Desfazer" beside the sentence that says what was done, in a toast and without script in the page.

What a row can take back by itself has an address of its own: `offer(request, sentence, address)`. What goes back to
earlier values has them kept in the session for an hour: `offer(…, before=…, after=…)`. The view at the address is
`restoring` then: it finds those values posted, as if somebody had typed them, and `refuse_if_changed` keeps it from
writing over what somebody else did since.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import wraps
from secrets import token_urlsafe
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from navalha.core.errors import Refused

Pairs = Iterable[tuple[str, str]]
Request = TypeVar("Request", bound=HttpRequest)
P = ParamSpec("P")

NAME = "desfazer"
KEY = "undo"
KEPT_FOR = timedelta(hours=1)
MOST = 10  # kept for one session: the oldest go first


def offer(
    request: HttpRequest, sentence: str, address: str, *, before: Pairs | None = None, after: Pairs | None = None
) -> None:
    """Say `sentence`; "Desfazer" posts to `address`, with the values of `before` where they are given.

    `after` is how things are now: an undo is refused when they are different by then; None asks nothing.
    """
    if before is not None:
        address = f"{address}?{urlencode({NAME: _keep(request, address, before, after)})}"
    messages.success(request, sentence, extra_tags=address)


def restoring(
    view: Callable[Concatenate[Request, P], HttpResponse],
) -> Callable[Concatenate[Request, P], HttpResponse]:
    """Let `view` take back: what an undo kept is what it finds posted. Raises `Refused` for what cannot be any more."""

    @wraps(view)
    def wrapped(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method != "POST" or NAME not in request.GET:
            return view(request, *args, **kwargs)
        kept = _take(request)
        posted = QueryDict(urlencode([(name, value) for name, value in kept["before"]]))
        request.POST = cast("Any", posted)
        request.META[KEY] = kept
        response = view(request, *args, **kwargs)
        if response.status_code == 422:
            raise Refused(_("Não dá para voltar ao que era: algo de que isso dependia mudou. Mude aqui mesmo."))
        return response

    return wrapped


def is_undo(request: HttpRequest) -> bool:
    """Whether what is posted takes something back."""
    return KEY in request.META


def refuse_if_changed(request: HttpRequest, values: Pairs) -> None:
    """Raise `Refused` when this is an undo and `values` are not those that its change had left.

    Read them with the row locked: else a change in between would be written over.
    """
    after = request.META[KEY]["after"] if is_undo(request) else None
    if after is not None and after != _plain(values):
        raise Refused(_("Isto foi mudado de novo depois. Para não perder essa mudança, nada foi desfeito."))


def _keep(request: HttpRequest, address: str, before: Pairs, after: Pairs | None) -> str:
    name = token_urlsafe(9)
    kept = dict(request.session.get(KEY, {}))
    kept[name] = {
        "path": address,
        "whose": _whose(request),
        "before": _plain(before),
        "after": None if after is None else _plain(after),
        "until": (timezone.now() + KEPT_FOR).isoformat(),
    }
    request.session[KEY] = dict(list(kept.items())[-MOST:])
    return name


def _take(request: HttpRequest) -> dict[str, Any]:
    """What was kept under the name in the address; only once. Raises `Refused`."""
    kept = dict(request.session.get(KEY, {}))
    found: dict[str, Any] | None = kept.pop(request.GET[NAME], None)
    if found is None or found["path"] != request.path or found["whose"] != _whose(request):
        raise Refused(_("Isto já foi desfeito, ou não dá mais para desfazer."))
    request.session[KEY] = kept
    if datetime.fromisoformat(found["until"]) < timezone.now():
        raise Refused(_("O prazo para desfazer já passou. Mude aqui mesmo."))
    return found


def _whose(request: HttpRequest) -> list[Any]:
    """The person and the shop: another one of either takes nothing back."""
    return [request.user.pk, getattr(getattr(request, "shop", None), "pk", None)]


def _plain(pairs: Pairs) -> list[list[str]]:
    return [list(pair) for pair in pairs]
