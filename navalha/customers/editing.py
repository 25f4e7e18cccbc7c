"""What a shop writes about a customer, and adding one by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.core.phones import phone_key
from navalha.live import topics
from navalha.live.publish import publish

from . import history
from .birthdays import UNKNOWN, Birthday
from .models import Customer, CustomerAct, IdentityKind

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Details:
    """All that a person may write about a customer. `phone` is E.164, or empty."""

    name: str
    phone: str = ""
    birthday: Birthday = UNKNOWN
    notes: str = ""
    tags: Sequence[str] = field(default_factory=list)


class PhoneTaken(Refused):
    """The phone is another customer's: `owner`."""

    def __init__(self, owner: Customer | None) -> None:
        name = owner.name or owner.phone if owner else _("outro cliente")
        super().__init__(_("Este telefone já é de %(name)s. Abra o cadastro ou junte os dois.") % {"name": name})
        self.owner = owner


@transaction.atomic
def register(shop: Shop, details: Details, *, by: User, now: datetime) -> Customer:
    """A new customer. Raises `PhoneTaken`."""
    customer = Customer(shop=shop, created_at=now)
    _write(customer, details, now)
    customer.save()
    _know_phone(customer, now)
    history.change(customer, CustomerAct.ADDED, {}, by=by, now=now).save()
    publish(shop.pk, topics.CUSTOMERS)
    log.info("customer added", customer=customer.pk, shop=shop.pk, by=by.pk)
    return customer


@transaction.atomic
def edit(shop: Shop, pk: int, details: Details, *, seen: str, by: User, now: datetime) -> Customer:
    """Write `details`; `seen` is the `version` that the person had before them.

    A phone that is replaced is no name of this customer any more. Raises `Refused` when somebody else changed the
    customer meanwhile, and `PhoneTaken`.
    """
    customer = shop.customers.select_for_update().filter(pk=pk).first()
    if customer is None:
        raise Refused(_("Este cadastro foi juntado a outro. Procure o cliente de novo na lista."))
    if version(customer) != seen:
        raise Refused(_("Outra pessoa mudou este cadastro enquanto você escrevia. Veja como está e salve de novo."))
    before = history.written(customer)
    fields = _write(customer, details, now)
    if details.phone != before["phone"]:
        customer.identities.filter(kind=IdentityKind.PHONE, value=phone_key(before["phone"])).delete()
        _know_phone(customer, now)
    customer.save(update_fields=fields)
    if changed := history.difference(before, customer):
        history.change(customer, CustomerAct.EDITED, changed, by=by, now=now).save()
    publish(shop.pk, topics.CUSTOMERS)
    log.info("customer edited", customer=pk, shop=shop.pk, by=by.pk)
    return customer


def version(customer: Customer) -> str:
    """What a form carries to say which state of the customer it was filled in from."""
    return customer.edited_at.isoformat() if customer.edited_at else ""


def _write(customer: Customer, details: Details, now: datetime) -> list[str]:
    """Set the fields in memory; returns their names."""
    if details.name != customer.name:
        customer.name, customer.name_from_whatsapp = details.name, False
    customer.phone, customer.notes, customer.tags = details.phone, details.notes, list(details.tags)
    customer.birth_day, customer.birth_month, customer.birth_year = details.birthday
    customer.edited_at = now
    return [
        "name",
        "name_from_whatsapp",
        "phone",
        "notes",
        "tags",
        "birth_day",
        "birth_month",
        "birth_year",
        "edited_at",
    ]


def _know_phone(customer: Customer, now: datetime) -> None:
    if not customer.phone:
        return
    key = phone_key(customer.phone)
    known = customer.shop.identities.filter(kind=IdentityKind.PHONE, value=key).select_related("customer").first()
    if known is not None and known.customer_id == customer.pk:
        return
    if known is not None:
        raise PhoneTaken(known.customer)
    try:
        with transaction.atomic():
            customer.identities.create(shop=customer.shop, kind=IdentityKind.PHONE, value=key, learnt_at=now)
    except IntegrityError as error:  # somebody wrote from it, or was added with it, just now
        raise PhoneTaken(None) from error
