"""The shops as the operator sees them: how they stand, what they use, and what was done to them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from navalha.accounts.models import Membership, OperatorAction, Plan, Shop, ShopChange, ShopState
from navalha.accounts.plans import Limits, of_plan
from navalha.core.phones import digits
from navalha.messaging.models import Direction, MessageState, WhatsAppMessage
from navalha.scheduling.models import Professional
from navalha.whatsapp.models import ConnectionState, WhatsAppInstance

from .filters import shown_as

PER_PAGE = 50
DAY = timedelta(hours=24)
HISTORY = 20


@dataclass(frozen=True, slots=True)
class Traffic:
    """The messages of one shop in the last 24 hours."""

    received: int = 0
    sent: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A shop as the list shows it."""

    shop: Shop
    limits: Limits
    numbers: int
    connected: int
    traffic: Traffic


def find(*, search: str = "", state: str = "", plan: str = "") -> "QuerySet[Shop]":
    """The shops that match; `search` in name, address of the page, phone, and the e-mails of the team."""
    shops = Shop.objects.select_related("plan").order_by("name", "pk")
    if state in ShopState.values:
        shops = shops.filter(state=state)
    if plan.isdecimal() and len(plan) < 10:
        shops = shops.filter(plan_id=int(plan))
    words = search.strip()
    if words:
        team = Membership.objects.filter(user__email__icontains=words).values("shop")
        matches = Q(name__icontains=words) | Q(slug__icontains=words) | Q(pk__in=team)
        if len(digits(words)) >= 4:
            matches |= Q(phone__contains=digits(words))
        shops = shops.filter(matches)
    return shops


def page(shops: "QuerySet[Shop]", number: Any, *, now: datetime) -> "tuple[list[ShopRow], Page[Shop]]":
    """One page of `shops` with what each uses; four queries."""
    here = Paginator(shops, PER_PAGE).get_page(number)
    rows = list(here.object_list)
    numbers, connected = _numbers(rows, now)
    traffic = _traffic(rows, now)
    return [
        ShopRow(shop, of_plan(shop.plan), numbers[shop.pk], connected[shop.pk], traffic.get(shop.pk) or Traffic())
        for shop in rows
    ], here


def _numbers(shops: Sequence[Shop], now: datetime) -> tuple[Counter[int], Counter[int]]:
    """How many numbers each shop has, and how many of them are shown as connected."""
    rows = WhatsAppInstance.across_shops.filter(shop__in=shops).exclude(state=ConnectionState.REMOVED).order_by()
    connected = Count("pk", filter=shown_as(ConnectionState.CONNECTED, now))
    found = list(rows.values_list("shop_id").annotate(total=Count("pk"), connected=connected))
    return Counter({pk: count for pk, count, _ in found}), Counter({pk: count for pk, _, count in found})


def _traffic(shops: Sequence[Shop], now: datetime) -> Mapping[int, Traffic]:
    """By the index of each shop's messages in time."""
    out = Q(direction=Direction.OUT)
    rows = (
        WhatsAppMessage.across_shops.filter(shop__in=shops, created_at__gte=now - DAY)
        .order_by()
        .values("shop_id")
        .annotate(
            received=Count("pk", filter=Q(direction=Direction.IN)),
            sent=Count("pk", filter=out & Q(sent_at__isnull=False)),
            failed=Count("pk", filter=out & Q(state=MessageState.FAILED)),
        )
    )
    return {row["shop_id"]: Traffic(row["received"], row["sent"], row["failed"]) for row in rows}


def counts() -> dict[str, int]:
    """How many shops stand in each state."""
    return {
        **dict.fromkeys(ShopState.values, 0),
        **dict(Shop.objects.order_by().values_list("state").annotate(Count("pk"))),
    }


def plans() -> list[Plan]:
    return list(Plan.objects.all())


def details(shop: Shop, *, now: datetime) -> dict[str, Any]:
    """What the page of one shop shows; the number of queries does not depend on the shop."""
    numbers = WhatsAppInstance.across_shops.filter(shop=shop).exclude(state=ConnectionState.REMOVED)
    return {
        "row": page(Shop.objects.filter(pk=shop.pk).select_related("plan"), 1, now=now)[0][0],
        "numbers": list(numbers.select_related("server").order_by("-is_primary", "name", "pk")),
        "team": list(shop.memberships.select_related("user").order_by("-role", "pk")),
        "professionals": Professional.across_shops.filter(shop=shop, is_active=True).count(),
        "waiting": WhatsAppMessage.across_shops.filter(shop=shop, state=MessageState.QUEUED).count(),
        "changes": list(ShopChange.across_shops.filter(shop=shop).select_related("by")[:HISTORY]),
        "acts": list(OperatorAction.objects.filter(shop=shop).select_related("by")[:HISTORY]),
    }


def acts(*, act: str = "", who: str = "", shop: str = "") -> "QuerySet[OperatorAction]":
    """The audit, newest first."""
    rows = OperatorAction.objects.select_related("by", "shop")
    if act:
        rows = rows.filter(act=act)
    if who.strip():
        rows = rows.filter(Q(by__email__icontains=who.strip()) | Q(by__name__icontains=who.strip()))
    if shop.isdecimal() and len(shop) < 18:
        rows = rows.filter(shop_id=int(shop))
    return rows
