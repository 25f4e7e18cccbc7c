"""What the operator does with a shop. Each act leaves a line in the audit, in the same transaction."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from navalha.core.errors import Refused
from navalha.core.states import MovedFirst, can_move, move
from navalha.core.wake import wake
from navalha.live import topics
from navalha.live.publish import publish

from .models import OperatorAct, OperatorAction, Plan, Shop, ShopState, User


def note(
    act: OperatorAct, *, by: User, now: datetime, shop: Shop | None = None, subject: str = "", reason: str = ""
) -> OperatorAction:
    """Write one line of the audit."""
    return OperatorAction.objects.create(act=act, by=by, at=now, shop=shop, subject=subject[:200], reason=reason[:200])


@transaction.atomic
def suspend(shop: Shop, *, reason: str, by: User, now: datetime) -> None:
    """Close the public page and hold the outbox; webhooks are stored and people can log in. Raises `Refused`."""
    _move(shop, ShopState.SUSPENDED, OperatorAct.SUSPENDED, reason=reason, by=by, now=now)


@transaction.atomic
def reactivate(shop: Shop, *, by: User, now: datetime, reason: str = "") -> None:
    """Approve a new shop, or open a suspended one again: what its outbox held goes out now. Raises `Refused`."""
    act = OperatorAct.APPROVED if shop.state == ShopState.PENDING else OperatorAct.REACTIVATED
    _move(shop, ShopState.ACTIVE, act, reason=reason, by=by, now=now)
    wake("outbox", shop_id=shop.pk)


def _move(shop: Shop, to: ShopState, act: OperatorAct, *, reason: str, by: User, now: datetime) -> None:
    if shop.state == to:
        raise Refused(_("A barbearia já está assim: alguém mudou antes de você."))
    kept = reason if to == ShopState.SUSPENDED else ""
    try:
        if not can_move(shop, to):
            raise Refused(_("Isto não é possível na situação em que a barbearia está."))
        move(shop, to=to, now=now, by=by, reason=reason[:200], state_reason=kept[:200])
    except MovedFirst as error:
        raise Refused(_("A barbearia acabou de mudar de situação. Veja como ela está agora.")) from error
    note(act, by=by, now=now, shop=shop, reason=reason)
    for topic in topics.ALL:
        publish(shop.pk, topic)


@transaction.atomic
def choose_plan(shop: Shop, plan: Plan | None, *, by: User, now: datetime) -> None:
    """Give the shop other limits; what it already has beyond them stays."""
    before = shop.plan
    if before == plan:
        return
    shop.plan = plan
    shop.save(update_fields=["plan"])
    words = f"{before or '—'} → {plan or '—'}"
    note(OperatorAct.PLAN, by=by, now=now, shop=shop, subject=words)
