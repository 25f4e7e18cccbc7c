"""Every read of messages that is not trivial."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from navalha.accounts.models import Shop
from navalha.core.phones import digits
from navalha.customers.models import Customer
from navalha.whatsapp import health
from navalha.whatsapp.queries import principal

from .models import Direction, MessageState, WhatsAppMessage

PER_PAGE = 30
SHOWN = 60
MOST_SHOWN = 600


@dataclass(frozen=True, slots=True)
class Conversation:
    """One line of the list: who, what was said last, how much nobody has seen, whether it waits for a person."""

    customer: Customer
    last: WhatsAppMessage
    unseen: int
    needs_person: bool


def conversations(shop: Shop, *, search: str = "", page: int = 1) -> "tuple[list[Conversation], Page[Any]]":
    """One page of the shop's conversations: those that wait for a person first, then the newest; three queries."""
    messages = shop.messages.filter(customer=OuterRef("pk")).order_by("-created_at", "-pk")
    customers = (
        _found(shop.customers.all(), search)
        .annotate(
            last_id=Subquery(messages.values("pk")[:1]),
            last_at=Subquery(messages.values("created_at")[:1]),
            waits=Exists(messages.filter(needs_person=True)),
        )
        .filter(last_id__isnull=False)
        .order_by("-waits", "-last_at", "-pk")
    )
    here = Paginator(customers, PER_PAGE).get_page(page)
    rows: list[Any] = list(here.object_list)  # customers with the three annotations
    last = shop.messages.in_bulk([row.last_id for row in rows])
    unseen = _unseen(shop, rows)
    return [Conversation(row, last[row.last_id], unseen.get(row.pk, 0), row.waits) for row in rows], here


def _found(customers: "QuerySet[Customer]", search: str) -> "QuerySet[Customer]":
    """Those whose name has the words, or whose phone has the digits, of `search`."""
    words = search.strip()
    if not words:
        return customers
    matches = Q(name__icontains=words)
    if len(digits(words)) >= 3:
        matches |= Q(phone__contains=digits(words))
    return customers.filter(matches)


def _unseen(shop: Shop, customers: Sequence[Customer]) -> dict[int, int]:
    unseen = shop.messages.filter(customer__in=customers, direction=Direction.IN, read_at=None)
    counts = unseen.order_by().values_list("customer_id").annotate(Count("pk"))
    return {customer_id: count for customer_id, count in counts if customer_id is not None}


@dataclass(frozen=True, slots=True)
class Day:
    """The messages of one day on the shop's clock."""

    day: date
    messages: list[WhatsAppMessage]


@dataclass(frozen=True, slots=True)
class Thread:
    """The newest messages of a conversation by day, oldest first; `more` when there are older ones."""

    days: list[Day]
    more: bool


def thread(shop: Shop, customer: Customer | None, *, most: int = SHOWN) -> Thread:
    """The newest `most` messages with `customer`; of nobody: those to the shop's own people. Three queries."""
    rows = shop.messages.filter(customer=customer).select_related("written_by").prefetch_related("changes__by")
    newest = list(rows.order_by("-created_at", "-pk")[: most + 1])
    shown = newest[:most][::-1]
    _add_quotes(shop, shown)
    zone = ZoneInfo(shop.timezone)
    by_day = groupby(shown, key=lambda message: message.created_at.astimezone(zone).date())
    return Thread([Day(day, list(messages)) for day, messages in by_day], more=len(newest) > most)


def _add_quotes(shop: Shop, shown: list[WhatsAppMessage]) -> None:
    """Set `quoted` on each message that answers another one: that message, or None."""
    wanted = {message.quoted_wa_id for message in shown if message.quoted_wa_id}
    found = {row.wa_id: row for row in shop.messages.filter(wa_id__in=wanted)} if wanted else {}
    for message in shown:
        message.quoted = found.get(message.quoted_wa_id)  # type: ignore[attr-defined]  # for the template


def waits_for_number(shop: Shop, thread: Thread, now: datetime) -> bool:
    """Whether something of `thread` cannot leave because the number that it goes by is not connected, by evidence; one
    query when anything is queued."""
    if not any(message.state == MessageState.QUEUED for day in thread.days for message in day.messages):
        return False
    number = principal(shop)
    return number is None or not health.shown(number, now).is_connected


def waits_for_person(shop: Shop, customer: Customer) -> bool:
    """Whether something of this customer waits for a person."""
    return shop.messages.filter(customer=customer, needs_person=True).exists()
