"""Many messages queued at once are what they would be one by one."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import make_customer
from navalha.accounts.models import Plan
from navalha.customers.models import IdentityKind
from navalha.messaging.models import MessageState
from navalha.messaging.together import Outgoing, addresses, queue_together, reword


def outgoing(shop, customers, now):
    return [
        Outgoing(one, f"Olá {one.name}", "reminder", f"reminder:{one.pk}", now + timedelta(hours=1))
        for one in customers
    ]


def people(shop, count):
    return [make_customer(shop, f"C{place}", f"+551197777{place:04}") for place in range(count)]


def test_each_is_queued_once_to_the_phone_or_the_lid_of_its_customer(shop, now):
    known = make_customer(shop)
    by_lid = shop.customers.create(name="Só LID")
    by_lid.identities.create(shop=shop, kind=IdentityKind.LID, value="4567@lid", learnt_at=now)
    nobody = shop.customers.create(name="Seu Antônio")
    where = addresses(shop, [known, by_lid, nobody])
    assert where == {known.pk: known.phone, by_lid.pk: "4567@lid"}

    items = outgoing(shop, [known, by_lid], now)
    first = queue_together(shop, items, where, now=now)
    again = queue_together(shop, items, where, now=now)

    assert {key: message.pk for key, message in first.items()} == {key: row.pk for key, row in again.items()}
    rows = shop.messages.order_by("pk")
    assert [(row.address, row.state, row.due_at) for row in rows] == [
        (known.phone, MessageState.QUEUED, now),
        ("4567@lid", MessageState.QUEUED, now),
    ]


def test_three_cost_as_much_as_one(shop, now):
    everybody, costs = people(shop, 4), []
    for customers in (everybody[:1], everybody[1:]):
        where = addresses(shop, customers)
        with CaptureQueriesContext(connection) as queries:
            queue_together(shop, outgoing(shop, customers, now), where, now=now)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_what_the_plan_has_left_today_goes_today_and_the_rest_tomorrow(shop, now):
    shop.plan = Plan.objects.create(name="Pequeno", most_messages_a_day=2)
    shop.save()
    customers = people(shop, 3)

    queue_together(shop, outgoing(shop, customers, now), addresses(shop, customers), now=now)

    assert [row.due_at > now for row in shop.messages.order_by("pk")] == [False, False, True]
    assert shop.messages.get(due_at__gt=now).error_code == "plan"


def test_only_what_still_waits_says_something_else(shop, now):
    customers = people(shop, 1)
    [message] = queue_together(shop, outgoing(shop, customers, now), addresses(shop, customers), now=now).values()
    assert reword(message, "Outra coisa")
    shop.messages.update(state=MessageState.SENT)

    assert not reword(message, "Tarde demais")
    message.refresh_from_db()
    assert message.text == "Outra coisa"
