"""The address at which a professional's own calendar reads their visits: who has one, what it shows, every write."""

from datetime import UTC, datetime, timedelta

import structlog
from django.conf import settings
from django.core import signing
from django.db.models import Max, QuerySet
from django.urls import reverse

from navalha.accounts.models import Membership, Role, Shop, User

from ..models import CalendarFeed, Professional
from . import ics

log = structlog.get_logger(__name__)

BEFORE, AHEAD = timedelta(days=7), timedelta(days=60)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def people(membership: Membership) -> "QuerySet[Professional]":
    """Whose calendars the member sees: a barber their own, the reception and above everybody's. One query."""
    rows = membership.shop.professionals.filter(is_active=True).select_related("calendar_feed")
    return rows if membership.role >= Role.RECEPTION else rows.filter(user=membership.user_id)


def make(shop: Shop, professional: Professional, *, by: User, now: datetime) -> None:
    """Give an address, unless there is one already."""
    shop.calendar_feeds.get_or_create(professional=professional, defaults={"made_at": now})
    _note("calendar_made", professional, by, now)


def renew(shop: Shop, professional: Professional, *, by: User, now: datetime) -> None:
    """Another address; the one before stops working."""
    shop.calendar_feeds.update_or_create(professional=professional, defaults={"made_at": now})
    _note("calendar_renewed", professional, by, now)


def revoke(shop: Shop, professional: Professional, *, by: User, now: datetime) -> None:
    """No address any more, at once."""
    shop.calendar_feeds.filter(professional=professional).delete()
    _note("calendar_revoked", professional, by, now)


def url(feed: CalendarFeed) -> str:
    """The whole address, for the program that subscribes. Made with SECRET_KEY, so that no row tells it."""
    return settings.SITE_URL + reverse("booking:calendar_feed", args=[_token(feed)])


def find(token: str) -> CalendarFeed | None:
    """The feed with this address; None for one that is not ours or was revoked, and while the shop is not active."""
    try:
        shop_id, pk, made = map(int, _signer().unsign(token).split("-"))
    except signing.BadSignature:
        return None
    shop = Shop.objects.filter(pk=shop_id).first()
    if shop is None or not shop.is_active:
        return None
    rows = shop.calendar_feeds.select_related("professional").filter(professional__is_active=True)
    return rows.filter(pk=pk, made_at=EPOCH + timedelta(microseconds=made)).first()


def calendar(feed: CalendarFeed, *, now: datetime) -> bytes:
    """The visits from BEFORE `now` to AHEAD of it, cancelled ones as such: two queries."""
    visits = (
        feed.shop.appointments.filter(professional=feed.professional_id)
        .filter(starts_at__gte=now - BEFORE, starts_at__lt=now + AHEAD)
        .select_related("customer")
        .prefetch_related("items")
        .annotate(last_change_at=Max("changes__at"))
        .order_by("starts_at", "pk")
    )
    events = [ics.for_professional(visit, changed_at=visit.last_change_at or visit.created_at) for visit in visits]
    return ics.calendar(events, name=f"{feed.professional} · {feed.shop}")


def _token(feed: CalendarFeed) -> str:
    made = (feed.made_at - EPOCH) // timedelta(microseconds=1)
    return _signer().sign(f"{feed.shop_id}-{feed.pk}-{made}")


def _signer() -> signing.Signer:
    return signing.Signer(sep=".", salt="navalha.calendar")


def _note(event: str, professional: Professional, by: User, now: datetime) -> None:
    log.info(event, shop=professional.shop_id, professional=professional.pk, by=by.pk, at=now.isoformat())
