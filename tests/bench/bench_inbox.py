"""Events a second from stored to processed, by two worker processes: half ticks, half what people wrote.

The reference applies the same events in this process alone, each in a transaction of its own.
"""

import os
import subprocess
import sys
import time
from datetime import timedelta

from tests.bench.database import bench_database

EVENTS = int(os.environ.get("BENCH_EVENTS", "4000"))
NUMBERS = 20
PROCESSES = 2


def main() -> None:
    os.environ["LOG_LEVEL"] = "ERROR"
    with bench_database() as url:
        measure(url)


def measure(database: str) -> None:
    numbers = make_numbers()
    alone = one_by_one(numbers, EVENTS // 8)
    together = by_workers(numbers, database)
    print(f"{'':52}{'events/s':>10}{'ratio':>7}")
    print(f"{'reference: one process, one transaction each':52}{alone:10.0f}{1:7.2f}")
    print(f"{f'{PROCESSES} workers, in batches (goal 1500)':52}{together:10.0f}{together / alone:7.2f}")


def make_numbers():
    from navalha.accounts.models import Shop

    shops = [Shop.objects.create(slug=f"bench-{n}", name="Bench") for n in range(NUMBERS)]
    return [shop.numbers.create(name="Bench", remote_name=shop.slug, state="connected") for shop in shops]


def store(numbers, count: int, round_: str) -> None:
    """Rows as the door writes them; the ticks belong to messages that are there."""
    from django.utils import timezone

    from navalha.evolution.events import dedupe_key
    from navalha.messaging.models import WhatsAppMessage
    from navalha.whatsapp.models import WebhookEvent

    now, events, sent = timezone.now(), [], []
    for n in range(count):
        number = numbers[n % NUMBERS]
        body = inbound(number, n, round_, now) if n % 2 else tick(number, n, round_)
        events.append(
            WebhookEvent(
                shop_id=number.shop_id,
                instance=number,
                event=body["event"],
                dedupe_key=dedupe_key(body),
                payload=body,
                received_at=now,
                due_at=now,
            )
        )
        if n % 2 == 0:
            sent.append(
                WhatsAppMessage(
                    shop_id=number.shop_id,
                    instance=number,
                    direction="out",
                    address="+5511988880000",
                    text="x",
                    state="sent",
                    wa_id=body["data"]["keyId"],
                    sent_at=now - timedelta(minutes=1),
                )
            )
    WhatsAppMessage.across_shops.bulk_create(sent)
    WebhookEvent.across_shops.bulk_create(events)


def tick(number, n: int, round_: str) -> dict:
    data = {"keyId": f"3EB0{round_}{n}", "fromMe": True, "status": "READ", "remoteJid": "5511988880000@s.whatsapp.net"}
    return {"event": "messages.update", "instance": number.remote_name, "data": data}


def inbound(number, n: int, round_: str, now) -> dict:
    key = {"remoteJid": f"55119888{n % 97:05d}@s.whatsapp.net", "fromMe": False, "id": f"3A{round_}{n}"}
    data = {
        "key": key,
        "pushName": "Rafa",
        "message": {"conversation": f"cheguei na esquina {n}"},
        "messageType": "conversation",
        "messageTimestamp": int(now.timestamp()),
    }
    return {"event": "messages.upsert", "instance": number.remote_name, "data": data}


def one_by_one(numbers, count: int) -> float:
    from django.utils import timezone

    from navalha.whatsapp.models import WebhookEvent
    from navalha.worker import inbox

    store(numbers, count, "A")
    rows = list(WebhookEvent.across_shops.order_by("pk"))
    began = time.perf_counter()
    for row in rows:
        inbox._alone(row.instance_id, row, timezone.now())
    return count / (time.perf_counter() - began)


def by_workers(numbers, database: str) -> float:
    from navalha.core.wake import wake_now
    from tests.journeys.processes import wait_until

    env = {**os.environ, "DATABASE_URL": database, "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "manage.py", "work"]
    workers = [subprocess.Popen(command, env=env) for _ in range(PROCESSES)]
    try:
        wait_until(lambda: count_workers() == 2 * PROCESSES, 120)
        store(numbers, EVENTS, "B")
        began = time.perf_counter()
        for number in numbers:
            wake_now("inbox", instance_id=number.pk)
        wait_until(is_done, 300)
        return EVENTS / (time.perf_counter() - began)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(30)


def count_workers() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        return int(cursor.fetchone()[0])


def is_done() -> bool:
    from navalha.whatsapp.models import WebhookEvent

    return not WebhookEvent.across_shops.filter(state__in=["stored", "later"]).exists()


if __name__ == "__main__":
    main()
