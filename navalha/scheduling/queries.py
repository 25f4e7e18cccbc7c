"""Reading the calendars of a shop. The number of queries does not depend on how much they hold."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from navalha.accounts.models import Shop
from navalha.messaging.models import MessageState, WhatsAppMessage

from . import slots
from .models import Appointment, AppointmentState, Professional, Service
from .slots import Calendar, Hours, Rules, Slot, Stretch

# States in which the chair is free again; the exclusion constraint says the same.
FREED = (AppointmentState.CANCELLED, AppointmentState.NO_SHOW)
# States in which the visit is still to come or to be confirmed.
OPEN = (AppointmentState.PENDING, AppointmentState.CONFIRMED)
# How far around a wish the nearest times are looked for before the whole horizon is.
NEAR = timedelta(days=3)
STAFF_HORIZON_DAYS = 365
# The messages that are queued once for each visit, keyed `<purpose>:<visit>`.
ONCE_FOR_EACH = ("booked", "confirmed", "cancelled", "notice_booked", "notice_confirmed", "notice_cancelled")


def zone_of(shop: Shop) -> ZoneInfo:
    """The shop's clock."""
    return ZoneInfo(shop.timezone)


def rules_of(shop: Shop, *, for_staff: bool = False) -> Rules:
    """How the shop offers its times. Its own people need no notice and may look a year ahead."""
    return Rules(
        zone=zone_of(shop),
        step=timedelta(minutes=shop.slot_step_minutes),
        notice=timedelta(0) if for_staff else timedelta(minutes=shop.min_notice_minutes),
        horizon_days=STAFF_HORIZON_DAYS if for_staff else shop.horizon_days,
    )


def duration_of(services: Sequence[Service]) -> timedelta:
    """How long the services take one after the other."""
    return timedelta(minutes=sum(service.duration_minutes for service in services))


def who_offers(shop: Shop, services: Sequence[Service]) -> "QuerySet[Professional]":
    """The working professionals who do every one of `services`."""
    wanted = {service.pk for service in services}
    return (
        shop.professionals.filter(is_active=True, services__in=wanted)
        .alias(done=Count("services", distinct=True))
        .filter(done=len(wanted))
    )


def free_slots(
    shop: Shop,
    *,
    services: Sequence[Service],
    professional: Professional | None = None,
    first_day: date,
    days: int,
    now: datetime,
    visitor: str = "",
    for_staff: bool = False,
) -> list[Slot]:
    """Every free time for `services` in `days` local days from `first_day`, by time: five queries.

    With no professional named, one slot for each free professional of a time (`slots.first_at_each_time` thins
    them). A hold of `visitor` does not block. Nothing for a service that is not offered or of another shop.
    """
    if not services or not all(is_offered(shop, service) for service in services):
        return []
    rules = rules_of(shop, for_staff=for_staff)
    first_day = max(first_day, slots.local_day(now, rules.zone))
    last_day = rules.last_day(now)
    if days < 1 or first_day > last_day:
        return []
    days = min(days, (last_day - first_day).days + 1)
    found = calendars(
        shop,
        services=services,
        professional=professional,
        between=slots.day_bounds(first_day, days, rules.zone),
        now=now,
        visitor=visitor,
    )
    return slots.free_slots(rules, found, duration=duration_of(services), first_day=first_day, days=days, now=now)


def nearest_free(
    shop: Shop,
    *,
    services: Sequence[Service],
    professional: Professional | None,
    around: datetime,
    now: datetime,
    count: int = 3,
    visitor: str = "",
    for_staff: bool = False,
) -> list[Slot]:
    """The `count` free times nearest to `around`, each time once, by time; fewer when there are no more."""
    rules = rules_of(shop, for_staff=for_staff)
    today, last_day = slots.local_day(now, rules.zone), rules.last_day(now)
    around = min(max(around, now), now + timedelta(days=rules.horizon_days))
    day = slots.local_day(around, rules.zone)
    for first, last in ((max(day - NEAR, today), min(day + NEAR, last_day)), (today, last_day)):
        found = free_slots(
            shop,
            services=services,
            professional=professional,
            first_day=first,
            days=(last - first).days + 1,
            now=now,
            visitor=visitor,
            for_staff=for_staff,
        )
        chosen = slots.nearest(slots.first_at_each_time(found), around, count)
        if len(chosen) == count:
            break
    return chosen


def is_offered(shop: Shop, service: Service) -> bool:
    """Whether a customer of this shop can book the service."""
    return service.shop_id == shop.pk and service.is_active


def calendars(
    shop: Shop,
    *,
    services: Sequence[Service],
    professional: Professional | None,
    between: Stretch,
    now: datetime,
    visitor: str = "",
) -> list[Calendar]:
    """The calendars of those who do `services` (or of the one named, if they do), with what lies `between`."""
    able = who_offers(shop, services)
    if professional is not None:
        able = able.filter(pk=professional.pk)
    return calendars_of(shop, list(able.values_list("pk", flat=True)), between=between, now=now, visitor=visitor)


def calendars_of(
    shop: Shop, professionals: Sequence[int], *, between: Stretch, now: datetime, visitor: str = ""
) -> list[Calendar]:
    """The calendars of `professionals` (primary keys, in this order), with what lies `between`: four queries."""
    among = Q(professional__in=professionals)
    hours, away, taken = (defaultdict(list) for _ in range(3))
    for row in shop.working_hours.filter(among).values_list("professional", "weekday", "starts", "ends"):
        hours[row[0]].append(Hours(*row[1:]))
    for pk, start, end in _stretches(shop.times_off.filter(among | Q(professional=None)), between):
        for professional in professionals if pk is None else [pk]:
            away[professional].append((start, end))
    booked = shop.appointments.filter(among).exclude(state__in=FREED)
    held = shop.slot_holds.filter(among, expires_at__gt=now).exclude(visitor=visitor)
    for rows in (booked, held):
        for pk, start, end in _stretches(rows, between):
            taken[pk].append((start, end))
    return [Calendar(pk, hours[pk], away[pk], taken[pk]) for pk in professionals]


def _stretches(rows: "QuerySet[Any]", between: Stretch) -> "QuerySet[Any, tuple[int, datetime, datetime]]":
    touching = rows.filter(starts_at__lt=between[1], ends_at__gt=between[0])
    return touching.order_by().values_list("professional", "starts_at", "ends_at")


def visits_on(shop: Shop, day: date, professionals: Sequence[int]) -> dict[int, int]:
    """How many visits each of `professionals` has on a local day; what "qualquer um" is shared out by."""
    between = slots.day_bounds(day, 1, zone_of(shop))
    rows = (
        shop.appointments.filter(professional__in=professionals, starts_at__gte=between[0], starts_at__lt=between[1])
        .exclude(state__in=FREED)
        .order_by()
        .values_list("professional")
        .annotate(visits=Count("pk"))
    )
    return dict.fromkeys(professionals, 0) | dict(rows)


def rescheduled_key(appointment_id: int, version: int) -> str:
    """The dedupe key of the message that tells of the `version`-th place of a visit."""
    return f"rescheduled:{appointment_id}:{version}"


def keys_about(appointment: Appointment) -> list[str]:
    """The dedupe keys of all that may have been queued about a visit."""
    pk, versions = appointment.pk, range(1, appointment.version + 1)
    moved = [rescheduled_key(pk, version) for version in versions]
    told = appointment.changes.exclude(version=None).values_list("version", "from_professional", "to_professional")
    notices = [f"notice_rescheduled:{pk}:{version}:{who}" for version, *both in told for who in both]
    return [*(f"{purpose}:{pk}" for purpose in ONCE_FOR_EACH), *moved, *notices]


def messages_about(appointment: Appointment) -> "QuerySet[WhatsAppMessage]":
    """What was sent about a visit, to the customer and to the shop, oldest first."""
    return appointment.shop.messages.filter(dedupe_key__in=keys_about(appointment)).order_by("created_at", "pk")


def last_told(shop: Shop, visits: Iterable[Appointment]) -> dict[int, WhatsAppMessage]:
    """The newest message that told each visit's customer of its time, by visit; one query."""
    keys = {f"booked:{visit.pk}": visit.pk for visit in visits}
    for visit in visits:
        keys |= {rescheduled_key(visit.pk, version): visit.pk for version in range(1, visit.version + 1)}
    found = shop.messages.filter(dedupe_key__in=keys).exclude(state=MessageState.CANCELLED)
    return {keys[str(message.dedupe_key)]: message for message in found.order_by("created_at", "pk")}
