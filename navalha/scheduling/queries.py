"""Reading the calendars of a shop. The number of queries does not depend on how much they hold."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Count, F, Func, Min, Q, QuerySet

from navalha.accounts.models import Shop
from navalha.messaging.models import MessageState, WhatsAppMessage

from . import slots, terms
from .models import Appointment, AppointmentState, Professional, Service
from .openings.closures import closed_days
from .slots import Board, Calendar, Hours, Rules, Slot, Stretch, Wall

# States in which the chair is free again; the exclusion constraint says the same.
FREED = (AppointmentState.CANCELLED, AppointmentState.NO_SHOW)
# States in which the visit is still to come or to be confirmed.
OPEN = (AppointmentState.PENDING, AppointmentState.CONFIRMED)
# How far around a wish the nearest times are looked for before the whole horizon is.
NEAR = timedelta(days=3)
STAFF_HORIZON_DAYS = 365
HOLD_FOR = timedelta(minutes=5)  # the time to type a name and a phone, with room
# The messages that are queued once for each visit, keyed `<purpose>:<visit>`.
ONCE_FOR_EACH = (
    "series_booked",
    "series_more",
    "series_cancelled",
    "booked",
    "opened",
    "confirmed",
    "cancelled",
    "notice_booked",
    "notice_confirmed",
    "notice_cancelled",
    "deposit_asked",
    "deposit_code",
    "deposit_paid",
    "deposit_not_found",
    "deposit_waived",
    "deposit_returned",
    "notice_deposit",
    "notice_deposit_again",
    "notice_deposit_lapsed",
)


def zone_of(shop: Shop) -> ZoneInfo:
    """The shop's clock."""
    return ZoneInfo(shop.timezone)


def rules_of(shop: Shop, *, for_staff: bool = False, was_shown: bool = False) -> Rules:
    """How the shop offers its times. Its own people need no notice and may look a year ahead.

    With `was_shown`, how they are taken: what was on offer when the page was opened is so for `HOLD_FOR` longer.
    """
    notice = timedelta(0) if for_staff else timedelta(minutes=shop.min_notice_minutes)
    return Rules(
        zone=zone_of(shop),
        step=timedelta(minutes=shop.slot_step_minutes),
        notice=max(notice - HOLD_FOR, timedelta(0)) if was_shown else notice,
        horizon_days=STAFF_HORIZON_DAYS if for_staff else shop.horizon_days,
    )


def ranked(shop: Shop, rules: Rules) -> Rules:
    """The rules with the shortest service of the list, so that slots know which gaps nobody can use: one query."""
    length = F("duration_minutes") + F("buffer_before_minutes") + F("buffer_after_minutes")
    shortest = shop.services.filter(is_active=True).aggregate(shortest=Min(length))["shortest"]
    return replace(rules, shortest=timedelta(minutes=shortest or 0))


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
    """Every free time for `services` in `days` local days from `first_day`, by time: nine queries at most.

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
    found = board(
        shop,
        services=services,
        professional=professional,
        first_day=first_day,
        days=days,
        now=now,
        visitor=visitor,
    )
    return slots.free_slots(ranked(shop, rules), found, first_day=first_day, days=days, now=now)


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


def board(
    shop: Shop,
    *,
    services: Sequence[Service],
    professional: Professional | None,
    first_day: date,
    days: int,
    now: datetime,
    visitor: str = "",
) -> Board:
    """Those who do `services` (or the one named, if they do), with what lies in `days` local days: eight queries."""
    able = who_offers(shop, services)
    if professional is not None:
        able = able.filter(pk=professional.pk)
    return board_of(
        shop,
        list(able.values_list("pk", flat=True)),
        services,
        first_day=first_day,
        days=days,
        now=now,
        visitor=visitor,
    )


def board_of(
    shop: Shop,
    professionals: Sequence[int],
    services: Sequence[Service],
    *,
    first_day: date,
    days: int,
    now: datetime,
    visitor: str = "",
    own: terms.Own | None = None,
) -> Board:
    """The same for `professionals` (primary keys, in this order). `own` spares the query of their own terms."""
    known = terms.own_terms(shop, services) if own is None else own
    between = around(shop, first_day, days)
    found = calendars_of(shop, professionals, between=between, now=now, visitor=visitor)
    needs = {pk: terms.need(services, known, pk) for pk in professionals}
    return Board(found, needs, chairs_taken(shop, between=between, now=now, visitor=visitor))


def around(shop: Shop, first_day: date, days: int) -> Stretch:
    """The stretch to read for those local days: a night before may reach in, and a visit reach out."""
    start, end = slots.day_bounds(first_day, days, zone_of(shop))
    return start - slots.LONGEST, end + slots.LONGEST


def calendars_of(
    shop: Shop,
    professionals: Sequence[int],
    *,
    between: Stretch,
    now: datetime,
    visitor: str = "",
    leaving: Appointment | None = None,
) -> list[Calendar]:
    """The calendars of `professionals` (primary keys, in this order), with what lies `between`: five queries.

    `leaving` is a visit that gives its own time up.
    """
    taken = defaultdict(list)
    among = Q(professional__in=professionals)
    rows = _taken(shop, among, "professional", between=between, now=now, visitor=visitor, leaving=leaving)
    for pk, start, end in rows:
        taken[pk].append((start, end))
    return [replace(one, taken=taken[one.professional_id]) for one in openings_of(shop, professionals, between=between)]


def openings_of(shop: Shop, professionals: Sequence[int], *, between: Stretch) -> list[Calendar]:
    """The same without what is taken: when `professionals` work, and when they are away: four queries."""
    among = Q(professional__in=professionals)
    hours, away = defaultdict(list), defaultdict(list)
    for row in shop.working_hours.filter(among).values_list("professional", "weekday", "starts", "ends"):
        hours[row[0]].append(Hours(*row[1:]))
    for pk, start, end in _times_off(shop, among, between):
        for professional in professionals if pk is None else [pk]:
            away[professional].append((start, end))
    special = _special(shop, among, between)
    closed = _closed(shop, between)
    for pk in professionals:
        away[pk] += [stretch for day, stretch in closed if day not in special[pk]]
    return [Calendar(pk, hours[pk], away[pk], (), special[pk]) for pk in professionals]


def chairs_taken(
    shop: Shop,
    *,
    between: Stretch,
    now: datetime,
    visitor: str = "",
    chairs: int | None = None,
    leaving: Appointment | None = None,
) -> list[list[Stretch]] | None:
    """What takes each chair `between`, for a shop that said how many it has: one query. None for the others.

    `chairs` when the caller knows the number better than `shop`; `leaving` is a visit that gives its chair up.
    """
    limit = chairs or shop.chairs
    if limit is None:
        return None
    taken: list[list[Stretch]] = [[] for _ in range(limit)]
    rows = _taken(shop, Q(chair__lte=limit), "chair", between=between, now=now, visitor=visitor, leaving=leaving)
    for chair, start, end in rows:
        taken[chair - 1].append((start, end))
    return [slots.merged(one) for one in taken]


def _taken(
    shop: Shop,
    which: Q,
    by: str,
    *,
    between: Stretch,
    now: datetime,
    visitor: str,
    leaving: Appointment | None = None,
) -> Iterator[tuple[int, datetime, datetime]]:
    """What takes time, visits and the times that are kept for other visitors: `by`, blocked from, until: one query.

    `between` is compared with the visit's own time, which has an index; a buffer is shorter than what `around` adds.
    """
    among = which & Q(starts_at__lt=between[1], ends_at__gt=between[0])
    visits = shop.appointments.filter(among).exclude(state__in=FREED)
    if leaving is not None:
        visits = visits.exclude(pk=leaving.pk)
    holds = shop.slot_holds.filter(among, expires_at__gt=now).exclude(visitor=visitor)
    found = [
        rows.order_by().values_list(by, _seconds("blocked_from"), _seconds("blocked_until")) for rows in (visits, holds)
    ]
    for key, start, end in found[0].union(found[1], all=True):
        yield key, datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)


def _seconds(column: str) -> Func:
    """A moment as a number, which costs a tenth of the time of the processor that reading it as text does.

    Django's own `Extract` would take the wall clock's number.
    """
    return Func(F(column), template="EXTRACT(EPOCH FROM %(expressions)s)::bigint", output_field=BigIntegerField())


def _times_off(shop: Shop, among: Q, between: Stretch) -> "QuerySet[Any, tuple[int | None, datetime, datetime]]":
    rows = shop.times_off.filter(among | Q(professional=None), starts_at__lt=between[1], ends_at__gt=between[0])
    return rows.order_by().values_list("professional", "starts_at", "ends_at")


def _special(shop: Shop, among: Q, between: Stretch) -> "defaultdict[int, dict[date, list[Wall]]]":
    found: defaultdict[int, dict[date, list[Wall]]] = defaultdict(dict)
    first, last = _local_days(shop, between)
    rows = shop.date_hours.filter(among, on__gte=first, on__lte=last).order_by()
    for pk, on, starts, ends in rows.values_list("professional", "on", "starts", "ends"):
        found[pk].setdefault(on, []).append((starts, ends))
    return found


def _closed(shop: Shop, between: Stretch) -> list[tuple[date, Stretch]]:
    zone = zone_of(shop)
    return [(day, slots.day_bounds(day, 1, zone)) for day in closed_days(shop, *_local_days(shop, between))]


def _local_days(shop: Shop, between: Stretch) -> tuple[date, date]:
    zone = zone_of(shop)
    return slots.local_day(between[0], zone), slots.local_day(between[1], zone)


def loads(shop: Shop, day: date, professionals: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many visits each of `professionals` has on a local day and in its week (from Monday): one query.

    What "qualquer um" is shared out by.
    """
    zone = zone_of(shop)
    today = slots.day_bounds(day, 1, zone)
    week = slots.day_bounds(day - timedelta(days=day.weekday()), 7, zone)
    rows = (
        shop.appointments.filter(professional__in=professionals, starts_at__gte=week[0], starts_at__lt=week[1])
        .exclude(state__in=FREED)
        .order_by()
        .values_list("professional")
        .annotate(today=Count("pk", filter=Q(starts_at__gte=today[0], starts_at__lt=today[1])), week=Count("pk"))
    )
    return dict.fromkeys(professionals, (0, 0)) | {pk: (of_day, of_week) for pk, of_day, of_week in rows}


def cancel_until(appointment: Appointment) -> datetime:
    """Until when its customer may cancel or move a visit alone."""
    return appointment.starts_at - timedelta(minutes=appointment.shop.cancel_window_minutes)


def rescheduled_key(appointment_id: int, version: int) -> str:
    """The dedupe key of the message that tells of the `version`-th place of a visit."""
    return f"rescheduled:{appointment_id}:{version}"


def keys_about(appointment: Appointment) -> list[str]:
    """The dedupe keys of all that may have been queued about a visit."""
    pk, versions = appointment.pk, range(1, appointment.version + 1)
    moved = [rescheduled_key(pk, version) for version in versions]
    told = appointment.changes.exclude(version=None).values_list("version", "from_professional", "to_professional")
    notices = [f"notice_rescheduled:{pk}:{version}:{who}" for version, *both in told for who in both]
    reminded = appointment.reminders.exclude(message=None).values_list("message__dedupe_key", flat=True)
    return [*(f"{purpose}:{pk}" for purpose in ONCE_FOR_EACH), *moved, *notices, *map(str, reminded)]


def messages_about(appointment: Appointment) -> "QuerySet[WhatsAppMessage]":
    """What was sent about a visit, to the customer and to the shop, oldest first."""
    return appointment.shop.messages.filter(dedupe_key__in=keys_about(appointment)).order_by("created_at", "pk")


def last_told(shop: Shop, visits: Iterable[Appointment]) -> dict[int, WhatsAppMessage]:
    """The newest message that told each visit's customer of its time, by visit; one query."""
    keys = {f"booked:{visit.pk}": visit.pk for visit in visits}
    for visit in visits:
        keys |= {rescheduled_key(visit.pk, version): visit.pk for version in range(1, visit.version + 1)}
    asked = Q(dedupe_key__in=keys) | Q(pk__in=_reminders_of(shop, visits))
    found = shop.messages.filter(asked).exclude(state=MessageState.CANCELLED).select_related("visit_reminder")
    return {_visit_told(message, keys): message for message in found.order_by("created_at", "pk")}


def _reminders_of(shop: Shop, visits: Iterable[Appointment]) -> "QuerySet[Any, int]":
    rows = shop.visit_reminders.filter(appointment__in=[visit.pk for visit in visits], minutes__gt=0)
    return rows.exclude(message=None).values_list("message", flat=True)


def _visit_told(message: WhatsAppMessage, keys: Mapping[str, int]) -> int:
    known = keys.get(str(message.dedupe_key))
    return message.visit_reminder.appointment_id if known is None else known
