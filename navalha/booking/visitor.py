"""What the browser of somebody without an account remembers for us: signed cookies that only the public pages get."""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

HOLDER = "navalha_visitante"  # a random name under which times are held; says nothing of the person
TYPED = "navalha_dados"  # name and phone of a form that could not be carried out
VISIT = "navalha_visita"  # the link of the visit that was just booked
KNOWN = "navalha_de_novo"  # the link of a visit whose customer comes again
WAITS = "navalha_espera"  # the link of the place on the waitlist that was just taken
KEEP = {HOLDER: 24 * 60 * 60, TYPED: 60 * 60, VISIT: 24 * 60 * 60, KNOWN: 60 * 60, WAITS: 24 * 60 * 60}  # seconds
LONGEST = 160  # letters of a typed value; a cookie has about 4,000 bytes


def holder(request: HttpRequest) -> str:
    """The name of this visitor; empty for somebody who has never chosen a time."""
    return str(_read(request, HOLDER) or "")


def new_holder() -> str:
    return secrets.token_urlsafe(24)


def remember_holder(response: HttpResponse, name: str) -> None:
    _write(response, HOLDER, name)


def typed(request: HttpRequest) -> dict[str, str]:
    """Name and phone of the last form that was refused, so that another time does not cost typing them again."""
    known = _read(request, TYPED)
    return {str(key): str(value) for key, value in known.items()} if isinstance(known, dict) else {}


def remember_typed(response: HttpResponse, *, nome: str, telefone: str) -> None:
    _write(response, TYPED, {"nome": nome[:LONGEST], "telefone": telefone[:LONGEST]})


def last_visit(request: HttpRequest) -> str:
    """The token of the visit that this browser booked last; empty for none of today."""
    return str(_read(request, VISIT) or "")


def remember_visit(response: HttpResponse, token: str) -> None:
    """What was typed has done its work; the visit is what a page that is loaded again should lead to."""
    response.delete_cookie(TYPED, path="/agendar/")
    _write(response, VISIT, token)


def last_place(request: HttpRequest) -> str:
    """The token of the place on the waitlist that this browser took last; empty for none of today."""
    return str(_read(request, WAITS) or "")


def remember_place(response: HttpResponse, token: str) -> None:
    _write(response, WAITS, token)


def known_by(request: HttpRequest) -> str:
    """The token of the visit by whose link this browser came to book again; empty for none of this hour."""
    return str(_read(request, KNOWN) or "")


def remember_known(response: HttpResponse, token: str) -> None:
    _write(response, KNOWN, token)


def _read(request: HttpRequest, name: str) -> object:
    try:
        return signing.loads(request.COOKIES.get(name, ""), salt=name, max_age=KEEP[name])
    except signing.BadSignature:
        return None


def _write(response: HttpResponse, name: str, value: object) -> None:
    response.set_cookie(
        name,
        signing.dumps(value, salt=name),
        max_age=KEEP[name],
        path="/agendar/",
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
