"""Every write of a number. What people command is here; connecting by QR and what the world reports stand beside."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts import plans
from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.core.wake import wake
from navalha.live import topics
from navalha.live.publish import publish

from . import pictures, remotes
from .models import ConnectionState, EvolutionServer, WhatsAppInstance
from .pairing import start_pairing
from .pairing_end import cancel_pairing, report_refusal
from .records import (
    record_ack,
    record_closed,
    record_connection,
    record_inbound,
    record_qr,
    record_qr_limit,
)
from .states import NO_ERROR, NO_PAIRING, put, shift, stop

__all__ = [
    "add_number",
    "cancel_pairing",
    "disconnect",
    "record_ack",
    "record_closed",
    "record_connection",
    "record_inbound",
    "record_qr",
    "record_qr_limit",
    "refuse_name",
    "remove",
    "rename",
    "report_refusal",
    "set_primary",
    "start_pairing",
]

S = ConnectionState
CAN_DISCONNECT = frozenset({S.AWAITING_QR, S.CONNECTING, S.CONNECTED, S.UNSTABLE, S.ERROR})


@transaction.atomic
def add_number(
    shop: Shop,
    *,
    name: str,
    now: datetime,
    by: User | None = None,
    server: EvolutionServer | None = None,
    **more: str | None,
) -> WhatsAppInstance:
    """A new number on a server with room; only our row: the remote instance is made when somebody pairs it.

    An operator may choose the `server`, full or not, and give `technical_name`, `webhook_url` and `number`.

    Raises `Refused` for a name in use, for a shop that has all the numbers of its plan, and when no server has room.
    """
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    plans.refuse_more_numbers(shop, has=shop.numbers.exclude(state=S.REMOVED).count())
    refuse_name(shop, name)
    place = server or remotes.server_with_room()
    number = shop.numbers.create(name=name, server=place, created_at=now, state_changed_at=now, **more)
    number.changes.create(shop=shop, from_state="", to_state=S.CREATED, at=now, by=by)
    publish(shop.pk, topics.WHATSAPP)
    return number


@transaction.atomic
def rename(number: WhatsAppInstance, *, name: str, now: datetime) -> None:
    """Give the number another name. Raises `Refused` for one in use."""
    Shop.objects.select_for_update(no_key=True).get(pk=number.shop_id)
    row = number.locked()
    refuse_name(row.shop, name, besides=row)
    put(row, {"name": name}, now=now)


def refuse_name(shop: Shop, name: str, *, besides: WhatsAppInstance | None = None) -> None:
    """Raise `Refused` for a name that another number of the shop has."""
    named = shop.numbers.exclude(state=S.REMOVED).filter(name__iexact=name)
    if besides is not None:
        named = named.exclude(pk=besides.pk)
    if named.exists():
        raise Refused(_("Já existe um número com o nome “%(name)s”. Escolha outro nome.") % {"name": name})


def disconnect(number: WhatsAppInstance, *, now: datetime, by: User | None = None) -> WhatsAppInstance:
    """Take the number out of service and unlink it from the phone; what is queued waits. The row afterwards.

    Raises `Refused` when there is nothing to disconnect.
    """
    with transaction.atomic():
        row = number.locked()
        if row.state not in CAN_DISCONNECT:
            raise Refused(_("Este número já está desconectado."))
        retired = remotes.retire(row, now=now)
        stop(row, "by_person", remotes.GONE, now=now, by=by)
    if retired:
        remotes.delete_retired([retired], now=now)
    return row


def remove(number: WhatsAppInstance, *, now: datetime, by: User | None = None) -> WhatsAppInstance | None:
    """Take the number off the shop's pages for good; its row stays for the history.

    Returns the number that became the principal in its place, if any. Raises `Refused` when it is gone already.
    """
    with transaction.atomic():
        Shop.objects.select_for_update(no_key=True).get(pk=number.shop_id)
        row = number.locked()
        if row.state == S.REMOVED:
            raise Refused(_("Este número já foi removido."))
        retired, was_principal = remotes.retire(row, now=now), row.is_primary
        pictures.forget(row)
        fields = {**NO_PAIRING, **NO_ERROR, **remotes.GONE, "is_primary": False, "picture_version": ""}
        shift(row, S.REMOVED, fields, now=now, by=by)
        heir = _heir(row, now=now) if was_principal else None
    if retired:
        remotes.delete_retired([retired], now=now)
    return heir


def _heir(row: WhatsAppInstance, *, now: datetime) -> WhatsAppInstance | None:
    """The number connected for longest becomes the principal, so that messages go on going out."""
    heir = row.shop.numbers.filter(state=S.CONNECTED).order_by("connected_at", "pk").first()
    if heir is not None:
        put(heir, {"is_primary": True}, now=now)
        wake("outbox", shop_id=row.shop_id)
    return heir


@transaction.atomic
def set_primary(number: WhatsAppInstance, *, now: datetime, instead_of: int | None = None) -> WhatsAppInstance | None:
    """Make this the number that messages go out from; returns the one it was before, if another.

    With `instead_of` (a number's id), raises `Refused` when by now another one than that is the principal.
    """
    Shop.objects.select_for_update(no_key=True).get(pk=number.shop_id)
    row = number.locked()
    if row.state == S.REMOVED:
        raise Refused(_("Este número foi removido e não pode ser o principal."))
    before = row.shop.numbers.filter(is_primary=True).exclude(pk=row.pk).first()
    if instead_of is not None and (before is None or before.pk != instead_of):
        raise Refused(_("O principal foi trocado de novo depois. Para não perder essa troca, nada foi desfeito."))
    if before is not None:
        put(before, {"is_primary": False}, now=now)
    put(row, {"is_primary": True}, now=now)
    wake("outbox", shop_id=row.shop_id)
    return before
