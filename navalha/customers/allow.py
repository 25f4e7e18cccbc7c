"""Letting a phone on the shop's list of allowed numbers, and taking it off."""

from datetime import datetime

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.core.phones import phone_key

from .models import AllowedPhone

log = structlog.get_logger(__name__)

MOST = 50


def allow(shop: Shop, *, phone: str, name: str, by: User, now: datetime) -> AllowedPhone:
    """Put `phone` (E.164) on the list. Raises `Refused` when it is there, or the list is full."""
    if shop.allowed_phones.filter(removed_at=None).count() >= MOST:
        raise Refused(_("A lista já tem 50 números. Retire um que não usa mais antes de adicionar outro."))
    fields = {"phone": phone, "key": phone_key(phone), "name": name, "added_by": by, "added_at": now}
    try:
        with transaction.atomic():
            row = shop.allowed_phones.create(**fields)
    except IntegrityError as error:
        raise Refused(_("Este número já está na lista.")) from error
    log.info("phone allowed", allowed=row.pk, shop=shop.pk, by=by.pk)
    return row


def disallow(row: AllowedPhone, *, by: User, now: datetime) -> None:
    """Take it off; `restore` brings it back. Safe to repeat."""
    row.shop.allowed_phones.filter(pk=row.pk, removed_at=None).update(removed_at=now, removed_by=by)
    log.info("phone disallowed", allowed=row.pk, shop=row.shop_id, by=by.pk)


def restore(row: AllowedPhone, *, by: User) -> None:
    """Undo a removal. Raises `Refused` when the number was added again meanwhile."""
    try:
        with transaction.atomic():
            row.shop.allowed_phones.filter(pk=row.pk).update(removed_at=None, removed_by=None)
    except IntegrityError as error:
        raise Refused(_("Este número já está na lista.")) from error
    log.info("phone allowed", allowed=row.pk, shop=row.shop_id, by=by.pk)
