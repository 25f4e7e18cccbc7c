"""Nothing that the world tells us is lost or done twice, whoever dies meanwhile."""

import asyncio
import contextlib
import random
import threading
import time
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from conftest import make_number, make_shop
from navalha.customers.models import Customer
from navalha.messaging.models import Direction, MessageState, WhatsAppMessage
from navalha.whatsapp.models import EvolutionServer, WebhookEvent
from tests.journeys import storm
from tests.journeys.processes import environment, wait_until, web, worker
from tests.postgres_proxy import postgres_proxy

NUMBERS, DELIVERIES = 20, 3


@pytest.fixture
def numbers(transactional_db):
    """Twenty numbers of ten shops, each with eight messages on their way."""
    server = EvolutionServer.objects.create(name="Longe", url="http://127.0.0.1:9", encrypted_api_key="")
    shops = [make_shop(f"loja-{n}", f"Loja {n}") for n in range(NUMBERS // 2)]
    made = [make_number(shops[n // 2], server, f"num-{n}", is_primary=n % 2 == 0) for n in range(NUMBERS)]
    now = timezone.now()
    WhatsAppMessage.across_shops.bulk_create(
        WhatsAppMessage(
            shop=number.shop,
            instance=number,
            direction=Direction.OUT,
            address="+5531988880000",
            text="Seu horário",
            state=MessageState.SENT,
            wa_id=storm.sent_id(number, sent),
            sent_at=now,
        )
        for number in made
        for sent in range(storm.SENT)
    )
    return made


def settled() -> bool:
    return not WebhookEvent.across_shops.filter(state__in=["stored", "later"]).exists()


@contextlib.contextmanager
def ended(workers):
    """Whoever is in the list at the end is asked to stop."""
    try:
        yield
    finally:
        for each in workers:
            each.end()


def test_a_storm_of_webhooks_ends_in_exactly_the_right_rows(numbers, tmp_path):
    now = timezone.now()
    webhooks = [webhook for number in numbers for webhook in storm.webhooks_of(number, now)]
    assert len(webhooks) == 1_000
    deliveries = webhooks * DELIVERIES
    random.Random(7).shuffle(deliveries)
    parameters = connection.get_connection_params()

    with postgres_proxy(parameters) as proxy:
        database = f"postgresql://{parameters['user']}@127.0.0.1:{proxy.port}/{parameters['dbname']}"
        # The server of this story is nowhere; that its silence makes a number unstable is another story.
        env = environment(database, SERVER_GONE_AFTER_SECONDS="3600")
        workers = [worker(env, tmp_path / "worker.log") for _ in range(2)]
        with ended(workers), web(env, tmp_path / "web.log") as address:
            sender = storm.Sender(f"{address}/whatsapp/webhook/update/", rate=250)
            sending = threading.Thread(target=lambda: asyncio.run(sender.send(deliveries)))
            sending.start()
            wait_until(lambda: WebhookEvent.across_shops.filter(state="processed").count() > 50, 90)
            workers[0].kill()
            workers[0] = worker(env, tmp_path / "worker.log")
            time.sleep(1)

            proxy.cut()
            time.sleep(5)
            proxy.mend()
            assert workers[1].is_alive, "an outage must not end a worker"

            wait_until(lambda: sender.answers[200] > 2_000, 90)
            workers[1].kill()
            workers[1] = worker(env, tmp_path / "worker.log")
            sending.join(90)
            wait_until(lambda: not sending.is_alive() and settled(), 90, workers[0])

    assert not sender.given_up
    assert sender.answers[200] == 3_000
    assert sender.answers[503] > 0
    assert not [answer for answer in sender.answers if isinstance(answer, int) and 400 <= answer < 500]
    assert_every_row_is_right(numbers)


def assert_every_row_is_right(numbers):
    states = WebhookEvent.across_shops.values_list("state", flat=True)
    assert Counter(states) == {"processed": 1_000}
    people = [customer.shop_id for customer in Customer.across_shops.all()]
    assert Counter(people) == {number.shop_id: storm.CUSTOMERS for number in numbers}
    for number in numbers:
        rows = WhatsAppMessage.across_shops.filter(instance=number)
        inbound = rows.filter(direction=Direction.IN)
        texts = Counter(inbound.values_list("customer__phone", flat=True))
        assert texts == {f"+553198888000{customer}": storm.TEXTS for customer in range(storm.CUSTOMERS)}
        assert len(set(inbound.values_list("wa_id", flat=True))) == storm.CUSTOMERS * storm.TEXTS
        sent = rows.filter(wa_id__startswith="3EB0SENT")
        assert Counter(sent.values_list("state", flat=True)) == {MessageState.READ: storm.SENT}
        assert rows.filter(wa_id__startswith="3AOWN", purpose="own").count() == storm.OWN
        assert rows.filter(wa_id__startswith="3AECHO").count() == storm.ECHOES
        number.refresh_from_db()
        assert number.state == "connected"
        assert number.last_inbound_at is not None
