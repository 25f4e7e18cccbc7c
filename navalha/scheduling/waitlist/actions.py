"""Every write of a place on the waitlist: who joins, leaves, is taken off. What is offered to them is in `offering.py`.

Each command reads the row under a lock, so two at once take turns. Whoever needs an offer too locks its entry first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.core.states import move
from navalha.core.wake import wake
from navalha.customers.actions import recognise
from navalha.customers.models import Customer
from navalha.live import topics
from navalha.live.publish import publish
from navalha.messaging.actions import queue_template

from .. import attendance, queries, slots
from ..actions import checked_name
from ..models import Professional, Service
from ..moving import actions as moving
from ..wishes import Wish, check_services
from . import matching, offering, words
from .models import ON_THE_LIST, WAIT_STEPS, WAIT_UNDOS, WaitlistChange, WaitlistEntry, WaitState
from .suiting import Wanted

log = structlog.get_logger(__name__)
W = WaitState
BY_CUSTOMER = gettext_noop("Pelo cliente")  # in the history

# More wishes than one person has; more people than any shop could serve from its list.
MOST_OF_ONE, MOST_OF_ALL = 3, 300
# A longer wish is no wish for a time but for being written to.
MOST_DAYS = 31


class AlreadyWaiting(Refused):
    """The same person waits for the same already: `entry`."""

    def __init__(self, entry: WaitlistEntry) -> None:
        super().__init__(_("Este telefone já está na lista de espera para isto. O lugar continua guardado."))
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody waits for. `professional` None is "qualquer um"."""

    services: Sequence[Service]
    professional: Professional | None
    wanted: Wanted


@transaction.atomic
def join(
    shop: Shop,
    asked: Asked,
    *,
    name: str = "",
    phone: str = "",
    customer: Customer | None = None,
    by: User | None = None,
    now: datetime,
) -> WaitlistEntry:
    """Put somebody at the end of the list, and tell them; from their own word or that of a member, `by`.

    `phone` is E.164; a `customer` of the shop needs neither name nor phone. Raises Refused for what is not offered
    and for too many wishes, AlreadyWaiting for the same wish, OnlyByShop for who may not book alone: the list would be
    a way around.
    """
    name = checked_name(name) if customer is None else name
    check(shop, asked, now=now)
    customer = customer or recognise(shop, phone=phone, name=name, now=now, typed=True)
    if by is None:
        attendance.check_books_alone(shop, customer, now=now)
    _check_room(shop, customer, asked)
    entry = shop.waitlist.create(
        customer=customer,
        professional=asked.professional,
        first_day=asked.wanted.first_day,
        last_day=asked.wanted.last_day,
        parts=sorted(asked.wanted.parts),
        starts_from=asked.wanted.starts_from,
        starts_until=asked.wanted.starts_until,
        joined_at=now,
        state_changed_at=now,
        added_by=by,
    )
    entry.services.set(asked.services)
    entry.changes.create(shop=shop, from_state="", to_state=W.WAITING, at=now, by=by)
    _tell(entry, now)
    _changed(shop)
    log.info("joined the waitlist", entry=entry.pk, shop=shop.pk)
    return entry


def check(shop: Shop, asked: Asked, *, now: datetime) -> None:
    """Raises Refused for what the shop does not offer, and for days and hours that cannot be."""
    check_services(Wish(shop, asked.services, asked.professional, now))
    able = queries.who_offers(shop, asked.services)
    if not (able.filter(pk=asked.professional.pk) if asked.professional else able).exists():
        raise Refused(_("Ninguém que você escolheu faz todos estes serviços. Escolha outro profissional."))
    rules, wanted = queries.rules_of(shop), asked.wanted
    today, last = slots.local_day(now, rules.zone), rules.last_day(now)
    if wanted.last_day < wanted.first_day:
        raise Refused(_("O último dia deve vir depois do primeiro."))
    if wanted.first_day < today or wanted.last_day > last:
        raise Refused(
            _("A agenda está aberta de %(first)s até %(last)s. Escolha um destes dias.")
            % {"first": f"{today:%d/%m}", "last": f"{last:%d/%m/%Y}"}
        )
    if wanted.last_day - wanted.first_day >= timedelta(days=MOST_DAYS):
        raise Refused(_("São dias demais para uma espera só. Escolha até %(days)d dias.") % {"days": MOST_DAYS})
    if wanted.starts_from and wanted.starts_until and wanted.starts_until < wanted.starts_from:
        raise Refused(_("O fim deve vir depois do início."))


@transaction.atomic
def leave(entry: WaitlistEntry, *, by: User | None = None, reason: str = "", now: datetime) -> bool:
    """They do not want to wait any more, or a member takes them off; False when they had left before.

    A time that is offered to them goes to the next one. Raises Refused when it is over: booked, or the days are past.
    """
    offering.lock_entry(entry)
    if entry.state == W.LEFT:
        return False
    if W.LEFT not in WAIT_STEPS[entry.state]:
        raise Refused(_("Esta espera já está como “%(state)s”.") % {"state": entry.get_state_display()})
    offering.end_offer(entry, by=by, now=now)
    move(entry, to=W.LEFT, now=now, by=by, reason=reason)
    _changed(entry.shop)
    return True


def last_change(entry: WaitlistEntry) -> WaitlistChange | None:
    """The newest thing that happened to them."""
    return entry.changes.order_by("-at", "-pk").first()


@transaction.atomic
def undo(entry: WaitlistEntry, change_id: int, *, by: User, now: datetime) -> None:
    """Put somebody back to their old place, while the change with this key is the newest and fresh. Raises Refused."""
    offering.lock_entry(entry)
    change = last_change(entry)
    if change is None or change.pk != change_id or change.to_state != entry.state:
        raise Refused(_("A lista mudou de novo depois disso e não dá mais para desfazer."))
    if now - change.at > moving.UNDO_FOR or entry.state not in WAIT_UNDOS:
        raise Refused(_("Não dá mais para desfazer. Ponha a pessoa na lista de novo."))
    move(entry, to=W.WAITING, now=now, by=by, reason=moving.UNDONE)
    _changed(entry.shop)


@transaction.atomic
def set_rules(shop: Shop, *, takes: bool, minutes: int, by: User, now: datetime) -> None:
    """Whether strangers can join, and how long somebody has to answer to an offer."""
    shop.takes_waitlist, shop.waitlist_minutes = takes, minutes
    shop.save(update_fields=["takes_waitlist", "waitlist_minutes"])
    publish(shop.pk, topics.SHOP)
    publish(shop.pk, topics.AGENDA)
    log.info("waitlist rules", shop=shop.pk, takes=takes, minutes=minutes, by=by.pk, at=now.isoformat())


@transaction.atomic
def pass_by(entry: WaitlistEntry, *, now: datetime) -> None:
    """The last of their days is over. Nothing happens while one of them is still to come, or a time is offered."""
    offering.lock_entry(entry)
    today = slots.local_day(now, queries.zone_of(entry.shop))
    if entry.state == W.WAITING and entry.last_day < today:
        move(entry, to=W.PASSED, now=now)
        publish(entry.shop_id, topics.AGENDA)


def _check_room(shop: Shop, customer: Customer, asked: Asked) -> None:
    """Raises Refused at the limits. Locks the customer, or several wishes at once would all pass."""
    list(shop.customers.select_for_update(no_key=True).filter(pk=customer.pk).values_list("pk"))
    waiting = shop.waitlist.filter(state__in=ON_THE_LIST)
    mine = list(waiting.filter(customer=customer).prefetch_related("services"))
    same = next((entry for entry in mine if _is_same(entry, asked)), None)
    if same is not None:
        raise AlreadyWaiting(same)
    if len(mine) >= MOST_OF_ONE:
        raise Refused(
            _("Este telefone já está %(most)d vezes na lista de espera. Saia de uma delas antes de entrar em outra.")
            % {"most": MOST_OF_ONE}
        )
    if waiting.count() >= MOST_OF_ALL:
        raise Refused(_("A lista de espera está cheia. Fale com a barbearia."))


def _is_same(entry: WaitlistEntry, asked: Asked) -> bool:
    return (
        matching.wanted_of(entry) == asked.wanted
        and entry.professional_id == (asked.professional.pk if asked.professional else None)
        and {one.pk for one in entry.services.all()} == {one.pk for one in asked.services}
    )


def _tell(entry: WaitlistEntry, now: datetime) -> None:
    queue_template(
        "waitlist_joined",
        shop=entry.shop,
        to=entry.customer,
        context=words.context_of(entry),
        dedupe_key=f"waitlist_joined:j{entry.pk}",
        now=now,
    )


def _changed(shop: Shop) -> None:
    publish(shop.pk, topics.AGENDA)
    wake("waitlist", shop_id=shop.pk)
