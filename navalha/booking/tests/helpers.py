"""What the tests of the public pages say often. They go through HTTP, so their time is the real one."""

import re
from datetime import datetime, time, timedelta
from html import unescape
from typing import Any

from django.test import Client
from django.utils import timezone

from navalha.accounts.models import Shop
from navalha.scheduling.models import Appointment
from navalha.scheduling.queries import zone_of

PHONE = "(11) 98888-7777"


def days_ahead(shop: Shop, hour: int, minute: int = 0, *, days: int = 1) -> datetime:
    """A time on the shop's clock, `days` from today."""
    zone = zone_of(shop)
    day = timezone.now().astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(hour, minute), zone)


def off_until_tomorrow(shop: Shop) -> None:
    """Nobody works for the rest of today, so that no free time passes between two requests."""
    shop.times_off.create(starts_at=days_ahead(shop, 0, days=0), ends_at=days_ahead(shop, 0))


def sent(services: list[Any], starts_at: datetime, **fields: Any) -> dict[str, Any]:
    """A filled-in form."""
    form = {
        "servico": [service.pk for service in services],
        "profissional": "",
        "inicio": starts_at.isoformat(),
        "nome": "Rafael Souza",
        "telefone": PHONE,
        "chave": "chave-deste-formulario",
    }
    return {**form, **fields}


def post(client: Client, shop: Shop, form: dict[str, Any], page: str = "confirmar") -> Any:
    return client.post(f"/agendar/{shop.slug}/{page}/", form)


def get(client: Client, shop: Shop, **query: Any) -> Any:
    return client.get(f"/agendar/{shop.slug}/", query)


def text_of(response: Any) -> str:
    """The page as somebody reads it."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def offered(response: Any) -> list[str]:
    """The times that the page's buttons would send."""
    return re.findall(r'<button[^>]* name="inicio" value="([^"]+)"', response.content.decode())


def hidden(response: Any, name: str) -> list[str]:
    """The values of the hidden fields `name`."""
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', response.content.decode())


def visit_of(shop: Shop) -> Appointment:
    return shop.appointments.get()
