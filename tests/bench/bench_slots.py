"""Free slots of a month for 10 barbers with 2,000 bookings, beside asking the database for each slot of one day.

With every rule in use: breaks, buffers, own terms, dates that differ, days off, the holidays of a state, a number of
chairs. The goal is 30 ms of CPU.

The reference is the easy version: for each time of each barber one EXISTS on appointments. It is measured for one
day and said for the month, because nobody wants to wait for the rest.
"""

import statistics
import time as clock
from datetime import UTC, date, datetime, time, timedelta

from tests.bench.database import bench_database
from tests.bench.goals import at_most


def main() -> None:
    with bench_database():
        measure()


NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
FIRST_DAY = date(2026, 11, 24)
DAYS = 30


def measure() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from navalha.scheduling import queries

    shop, service = busy_shop()
    asked = {"services": [service], "first_day": FIRST_DAY, "days": DAYS, "now": NOW}
    with CaptureQueriesContext(connection) as seen:
        found = queries.free_slots(shop, **asked)
    with CaptureQueriesContext(connection) as seen_in_a_day:
        queries.free_slots(shop, **{**asked, "days": 1})
    wall, cpu = timed(lambda: queries.free_slots(shop, **asked), 15)
    goal = at_most(len(seen_in_a_day), len(seen), " queries, as many as for a day")
    day_wall, day_cpu, day_queries = easy_version(shop, service)
    print(f"{'':34}{'wall ms':>10}{'CPU ms':>10}{'queries':>10}{'slots':>8}")
    print(f"{'a month, 10 barbers, 2,000 visits':34}{wall:10.1f}{cpu:10.1f}{len(seen):10}{len(found):8}   {goal}")
    label = "reference: one EXISTS a time, 1 day"
    print(f"{label:34}{day_wall:9.1f}{day_cpu:10.1f}{day_queries:10}")
    print(f"{'  the same for the month':34}{day_wall * DAYS:10.1f}{day_cpu * DAYS:10.1f}{day_queries * DAYS:10}")


def busy_shop():
    from navalha.accounts.models import Shop
    from navalha.scheduling.models import Appointment, Weekday, WorkingHours

    shop = Shop.objects.create(slug="bench", name="Bench", region="SP", chairs=10)
    service = shop.services.create(name="Corte", duration_minutes=30, price_cents=4500, buffer_after_minutes=5)
    customer = shop.customers.create(name="Rafa", phone="+5511988887777")
    for number in range(10):
        professional = shop.professionals.create(name=f"Barbeiro {number}", position=number)
        professional.services.add(service)
        WorkingHours.across_shops.bulk_create(
            WorkingHours(shop=shop, professional=professional, weekday=day, starts=starts, ends=ends)
            for day in Weekday
            for starts, ends in ((time(9), time(12)), (time(13), time(20)))
        )
        shop.service_terms.create(professional=professional, service=service, duration_minutes=25 + 5 * (number % 3))
        shop.date_hours.create(professional=professional, on=FIRST_DAY, starts=time(10), ends=time(16))
        day_off = datetime(2026, 12, 1 + number, 12, tzinfo=UTC)
        shop.times_off.create(professional=professional, starts_at=day_off, ends_at=day_off + timedelta(hours=4))
        # 200 visits each: about seven a day for a month, an hour and a half apart.
        starts = [
            datetime(2026, 11, 24, 12, tzinfo=UTC) + timedelta(days=day, minutes=90 * visit + 10 * (number % 3))
            for day in range(29)
            for visit in range(7)
        ][:200]
        Appointment.across_shops.bulk_create(
            Appointment(
                shop=shop,
                customer=customer,
                professional=professional,
                starts_at=at,
                ends_at=at + timedelta(minutes=30),
                buffer_after_minutes=5,
                chair=number + 1,
            )
            for at in starts
        )
    return shop, service


def easy_version(shop, service) -> tuple[float, float, int]:
    from navalha.scheduling import queries

    asked = 0

    def one_day() -> None:
        nonlocal asked
        asked = 0
        opens = datetime(2026, 11, 24, 12, tzinfo=UTC)
        for professional in queries.who_offers(shop, [service]):
            for quarter in range(4 * 11 - 1):
                starts_at = opens + quarter * timedelta(minutes=15)
                clash = shop.appointments.exclude(state__in=queries.FREED).filter(
                    professional=professional, starts_at__lt=starts_at + timedelta(minutes=30), ends_at__gt=starts_at
                )
                clash.exists()
                asked += 1

    wall, cpu = timed(one_day, 3)
    return wall, cpu, asked + 1


def timed(action, times: int) -> tuple[float, float]:
    """Median wall and CPU milliseconds of this process."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = clock.perf_counter(), clock.process_time()
        action()
        walls.append((clock.perf_counter() - wall) * 1000)
        cpus.append((clock.process_time() - cpu) * 1000)
    return statistics.median(walls), statistics.median(cpus)


if __name__ == "__main__":
    main()
