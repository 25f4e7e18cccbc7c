"""The operator inside a shop, as if a member: with a reason, for half an hour, and never as somebody else.

The person stays who they are, so histories name the operator and not the owner: only the membership is lent.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest

from .actions import note
from .models import Membership, OperatorAct, Role, Shop, User

LASTS = timedelta(minutes=30)
KEY = "acting_for"  # `live.gate` reads it too: {"shop": id, "until": seconds since 1970}


@dataclass(frozen=True, slots=True)
class Acting:
    """A visit that is going on."""

    membership: Membership
    until: datetime


def begin(request: HttpRequest, shop: Shop, *, user: User, reason: str, now: datetime) -> None:
    """Let the operator `user` into `shop` from now on. Who lets them is the caller's business (`@operator_view`)."""
    note(OperatorAct.ENTERED, by=user, now=now, shop=shop, reason=reason)
    request.session[KEY] = {"shop": shop.pk, "until": (now + LASTS).timestamp()}


def end(request: HttpRequest, *, user: User, now: datetime) -> None:
    """Leave; also when nobody is inside."""
    visit = request.session.pop(KEY, None)
    if visit:
        note(OperatorAct.LEFT, by=user, now=now, shop=Shop.objects.filter(pk=visit["shop"]).first())


def current(request: HttpRequest, *, now: datetime) -> Acting | None:
    """The visit that is going on; None for everybody else, and for who is no operator any more."""
    visit, user = request.session.get(KEY), request.user
    if not visit or not isinstance(user, User) or not user.is_superuser:
        return None
    until = datetime.fromtimestamp(visit["until"], UTC)
    shop = Shop.objects.filter(pk=visit["shop"]).first() if now < until else None
    return Acting(Membership(shop=shop, user=user, role=Role.OWNER), until) if shop else None


def is_over(request: HttpRequest, *, now: datetime) -> bool:
    """Whether somebody was let in and their time is up; then it is ended, and audited."""
    visit = request.session.get(KEY)
    if not visit or now.timestamp() < visit["until"] or not isinstance(request.user, User):
        return False
    end(request, user=request.user, now=now)
    return True


def note_act(request: HttpRequest, acting: Acting, *, now: datetime) -> None:
    """Audit what is sent while inside: addresses hold ids, never words."""
    subject = f"{request.method} {request.path}"
    user, shop = acting.membership.user, acting.membership.shop
    note(OperatorAct.ACTED, by=user, now=now, shop=shop, subject=subject)
