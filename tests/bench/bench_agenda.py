"""The agenda's day and week with 10 full chairs (200 visits a day), beside the same pages with one visit.

Whole answers of the part that refreshes by itself, through Django's test client: the shell of the page is not counted.
That the number of queries is the same for both is for the tests to say.
"""

import os
from datetime import UTC, datetime, time, timedelta

from tests.bench.bench_slots import timed
from tests.bench.database import bench_database

PAGES = {
    "day, 10 chairs": "/agenda/?dia=2026-11-24",
    "week, everybody": "/agenda/semana/?dia=2026-11-24",
    "week, one barber": "/agenda/semana/?dia=2026-11-24&profissional={one}",
}
TIMES = 15


def main() -> None:
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    with bench_database():
        measure()


def measure() -> None:
    full, quiet = shop_with("full", visits=20), shop_with("quiet", visits=1)
    print(f"{'':20}{'visits':>8}{'CPU ms':>9}{'wall ms':>9}{'kB':>7}")
    for name, address in PAGES.items():
        row(name, address, quiet)
        row(name, address, full)


def row(name: str, address: str, shop) -> None:
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(shop.memberships.get().user)
    url = address.format(one=shop.professionals.first().pk)

    def ask():
        return client.get(url, headers={"HX-Request": "true"})

    answer = ask()
    assert answer.status_code == 200
    wall, cpu = timed(ask, TIMES)
    visits = answer.content.count(b"visit-who") + answer.content.count(b"week-visit ")
    size = len(answer.content) / 1024
    print(f"{name:20}{visits:8}{cpu:9.1f}{wall:9.1f}{size:7.0f}")


def shop_with(slug: str, *, visits: int):
    """Ten chairs that are open every day, each with so many visits a day for a week; in "quiet" only one has any."""
    from navalha.accounts.models import Membership, Role, Shop, User
    from navalha.scheduling.models import Appointment, Weekday, WorkingHours

    shop = Shop.objects.create(slug=slug, name=slug)
    user = User.objects.create_user(f"{slug}@navalha.example", "navalha-demo")
    Membership.objects.create(shop=shop, user=user, role=Role.OWNER)
    customer = shop.customers.create(name="Rafa Nóbrega", phone="+5511988887777")
    for number in range(10):
        professional = shop.professionals.create(name=f"Barbeiro {number}", position=number)
        WorkingHours.across_shops.bulk_create(
            WorkingHours(shop=shop, professional=professional, weekday=day, starts=time(9), ends=time(20))
            for day in Weekday
        )
        if visits == 1 and number:
            continue
        days = range(-1, 6) if visits > 1 else range(1)
        Appointment.across_shops.bulk_create(
            Appointment(
                shop=shop,
                customer=customer,
                professional=professional,
                starts_at=datetime(2026, 11, 24, 12, tzinfo=UTC) + timedelta(days=day, minutes=30 * visit),
                ends_at=datetime(2026, 11, 24, 12, 30, tzinfo=UTC) + timedelta(days=day, minutes=30 * visit),
                total_cents=4500,
            )
            for day in days
            for visit in range(visits)
        )
    return shop


if __name__ == "__main__":
    main()
