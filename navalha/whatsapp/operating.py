"""What an operator does with one number of any shop. Each speaks with the server: not inside a transaction.

What a shop's own people do too (connecting, disconnecting, removing) is in `actions`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop
from navalha.core import secrets
from navalha.core.errors import Refused
from navalha.evolution.errors import InstanceMissing
from navalha.evolution.events import SUBSCRIBED

from . import actions, gateway, work
from .models import ConnectionState, WhatsAppInstance
from .states import note, put

log = structlog.get_logger(__name__)

S = ConnectionState
# Its remote instance is being used, or about to be: another server would have another one.
SETTLED = frozenset({S.AWAITING_QR, S.CONNECTING, S.CONNECTED, S.UNSTABLE})


class NoAnswer(Exception):
    """The server of the number says nothing."""


@transaction.atomic
def change_number(number: WhatsAppInstance, fields: Mapping[str, Any], *, now: datetime) -> WhatsAppInstance:
    """Other `fields` (checked by a form) for a number; the row as it is afterwards.

    Raises `Refused` for a name in use, and for another server while the number is connected to this one.
    """
    Shop.objects.select_for_update(no_key=True).get(pk=number.shop_id)
    row = number.locked()
    actions.refuse_name(row.shop, fields["name"], besides=row)
    if row.server_id is not None and fields["server"] != row.server and row.state in SETTLED:
        raise Refused(_("Desconecte o número antes de mudar de servidor: em outro servidor ele precisa de um QR novo."))
    put(row, fields, now=now)
    return row


def restart(number: WhatsAppInstance) -> None:
    """Have the server connect it anew, which takes it a moment. Raises `Refused`, and the errors of `evolution`."""
    if not number.remote_name or number.server is None or number.state not in (S.CONNECTED, S.UNSTABLE):
        raise Refused(_("Só um número conectado pode ser reiniciado. Este precisa de um QR novo."))
    with gateway.client_for(number.server, read_timeout=gateway.PATIENCE) as client:
        client.restart(number.remote_name)
    log.info("restarted_by_operator", shop=number.shop_id, number=number.pk)


def sync(number: WhatsAppInstance, *, now: datetime) -> bool:
    """Ask how it stands, and mend where its server reports to; whether that was wrong.

    Raises `Refused` for a number that has nothing on any server, `NoAnswer`, and the errors of `evolution`.
    """
    if not number.remote_name or number.server is None:
        raise Refused(_("Não há conexão no servidor: leia um QR para criar uma."))
    if not work.check_number(number.pk, now):
        raise NoAnswer
    fresh = number.shop.numbers.select_related("server").get(pk=number.pk)
    mended = fresh.remote_name is not None and mend_webhook(fresh)
    log.info("synced", shop=number.shop_id, number=number.pk, before=number.state, after=fresh.state, mended=mended)
    return mended


def mend_webhook(number: WhatsAppInstance) -> bool:
    """Make its server report to the address that it should, with the secret that we know; whether it was wrong.

    A webhook without its secret gets a new one: we keep only its hash. Raises `Refused` and the errors of `evolution`.
    """
    if not number.remote_name or number.server is None:
        raise Refused(_("Não há conexão no servidor: leia um QR para criar uma."))
    wanted, name = gateway.webhook_of(number), number.remote_name
    with gateway.client_for(number.server, read_timeout=gateway.PATIENCE) as client:
        try:
            stored = client.webhook(name)
        except InstanceMissing:
            raise Refused(_("O servidor não tem mais esta conexão. Leia um QR para criar outra.")) from None
        if stored is None or not stored.has_headers:
            secret = secrets.new_secret()
            if not _take_secret(number, secret):
                return False
            client.set_webhook(name, url=wanted, headers=gateway.webhook_headers(secret))
        elif stored.url != wanted or not stored.enabled or set(stored.events) != set(SUBSCRIBED):
            client.move_webhook(name, url=wanted)
        else:
            return False
    log.warning("webhook_mended", shop=number.shop_id, number=number.pk, server=number.server_id)
    return True


@transaction.atomic
def _take_secret(number: WhatsAppInstance, secret: str) -> bool:
    """False when the number has another remote instance by now."""
    row = number.locked()
    if row.remote_name != number.remote_name:
        return False
    note(row, {"webhook_secret_hash": secrets.hashed(secret)})
    return True
