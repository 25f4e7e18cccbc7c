"""The operator's first page with 1,000 instances and 1,000,000 messages, beside the easy version.

The messages are spread over 30 days, as a busy installation's are. The easy version asks one count for each figure of
the page and follows relations as templates do. Both are also measured without the index of all messages in time.
"""

import statistics
import time as clock
from datetime import UTC, datetime, timedelta

from tests.bench.database import bench_database

INSTANCES, MESSAGES, DAYS = 1_000, 1_000_000, 30
NOW = datetime(2026, 11, 24, 13, 20, tzinfo=UTC)
INDEX = "messages_in_time"
MAKE_MESSAGES = """
INSERT INTO messaging_whatsappmessage (shop_id, instance_id, customer_id, direction, address, kind, text, purpose,
  state, state_changed_at, attempts, due_at, remote_name, error_code, error_message, quoted_wa_id, created_at, decision,
  decision_code, decision_values, needs_person {more})
SELECT number.shop_id, number.id, customer.id, CASE WHEN n %% 3 = 0 THEN 'in' ELSE 'out' END, '+5511988887777', 'text',
  'Seu horário de amanhã às 15:00 está reservado. Responda 1 para confirmar.', 'booked',
  CASE WHEN n %% 3 = 0 THEN 'received' WHEN n %% 50 = 1 THEN 'failed' ELSE 'read' END,
  at, 1, at, number.remote_name, '', '', '', at, '', '', '{{}}', false {values}
FROM (SELECT n, %(first)s::timestamptz + n * (%(length)s::interval / %(count)s) AS at, n %% {instances} AS place
      FROM generate_series(1, %(count)s) AS n) made
JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM whatsapp_whatsappinstance) number USING (place)
JOIN customers_customer customer ON customer.shop_id = number.shop_id
"""


def main() -> None:
    with bench_database():
        measure()


def measure() -> None:
    from django.db import connection

    fill()
    print(f"{'':46}{'p50 ms':>9}{'p95 ms':>9}{'queries':>9}")
    tell("first page: 1,000 instances, 1,000,000 messages", page, 15)
    tell("its messages by hour alone", hours, 15)
    tell("reference: one count for each figure", easy_version, 5)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {INDEX}")
    tell("first page without the index in time", page, 5)
    tell("reference without it", easy_version, 2)


def fill() -> None:
    from django.db import connection

    from navalha.accounts.models import Shop
    from navalha.customers.models import Customer
    from navalha.whatsapp.models import ConnectionChange, ConnectionState, EvolutionServer, WhatsAppInstance

    servers = EvolutionServer.objects.bulk_create(
        EvolutionServer(name=f"Servidor {place}", url=f"http://10.0.0.{place}", capacity=200) for place in range(10)
    )
    shops = Shop.objects.bulk_create(Shop(name=f"Loja {place}", slug=f"loja-{place}") for place in range(INSTANCES))
    Customer.across_shops.bulk_create(
        Customer(shop=shop, name="Rafael Souza", phone="+5511988887777") for shop in shops
    )
    states = [ConnectionState.CONNECTED] * 7 + [
        ConnectionState.DISCONNECTED,
        ConnectionState.ERROR,
        ConnectionState.CREATED,
    ]
    numbers = WhatsAppInstance.across_shops.bulk_create(
        WhatsAppInstance(
            shop=shop,
            server=servers[place % 10],
            name="WhatsApp da loja",
            remote_name=f"loja-{place}",
            state=states[place % 10],
            checked_at=NOW,
            created_at=NOW - timedelta(hours=place),
        )
        for place, shop in enumerate(shops)
    )
    ConnectionChange.across_shops.bulk_create(
        ConnectionChange(shop_id=row.shop_id, instance=row, from_state="connecting", to_state="connected", at=NOW)
        for row in numbers
    )
    with connection.cursor() as cursor:
        cursor.execute(statement(), {"first": NOW - timedelta(days=DAYS), "length": f"{DAYS} days", "count": MESSAGES})
        cursor.execute("VACUUM ANALYZE")


def statement() -> str:
    """With a neutral value for every column that a later version adds and that must have one."""
    from navalha.messaging.models import WhatsAppMessage

    base = MAKE_MESSAGES.split("SELECT")[0]
    extra = [
        field
        for field in WhatsAppMessage._meta.concrete_fields
        if not field.null and not field.primary_key and field.column not in base
    ]
    more = "".join(f", {field.column}" for field in extra)
    values = "".join(
        ", false"
        if field.get_internal_type() == "BooleanField"
        else ", 0"
        if "Integer" in field.get_internal_type()
        else ", ''"
        for field in extra
    )
    return MAKE_MESSAGES.format(more=more, values=values, instances=INSTANCES)


def tell(name: str, action, times: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        action()
    taken = sorted(timed(action) for _ in range(times))
    slow = taken[min(len(taken) - 1, round(len(taken) * 0.95))]
    print(f"{name:46}{statistics.median(taken):9.1f}{slow:9.1f}{len(seen):9}", flush=True)


def timed(action) -> float:
    began = clock.perf_counter()
    action()
    return (clock.perf_counter() - began) * 1000


def page() -> None:
    """The whole answer of the view but for the session: rows read and the page rendered."""
    from django.template.loader import render_to_string

    from navalha.console.home import home

    render_to_string("console/_home.html", {"home": home(now=NOW), "now": NOW})


def hours() -> None:
    from navalha.console.home import hours

    assert len(hours(now=NOW)) == 24


def easy_version() -> None:
    from navalha.messaging.models import WhatsAppMessage
    from navalha.whatsapp.models import ConnectionChange, ConnectionState, EvolutionServer, WhatsAppInstance

    for state in ConnectionState:
        WhatsAppInstance.across_shops.filter(state=state).count()
    first = NOW.replace(minute=0) - timedelta(hours=23)
    for hour in range(24):
        since = first + timedelta(hours=hour)
        rows = WhatsAppMessage.across_shops.filter(created_at__gte=since, created_at__lt=since + timedelta(hours=1))
        for wanted in (
            {"direction": "in"},
            {"direction": "out", "state": "read"},
            {"direction": "out", "state": "failed"},
        ):
            rows.filter(**wanted).count()
    for message in WhatsAppMessage.across_shops.order_by("-created_at")[:8]:
        assert message.shop.name
        assert message.customer
    for number in WhatsAppInstance.across_shops.order_by("-created_at")[:8]:
        assert number.shop.name
        assert number.server
    for change in ConnectionChange.across_shops.order_by("-at")[:8]:
        assert change.shop.name
        assert change.instance.name
    for server in EvolutionServer.objects.all():
        server.numbers.count()
        server.numbers.filter(state="connected").count()


if __name__ == "__main__":
    main()
