"""Many numbers of many shops, as the tests of the lists need them."""

from datetime import datetime

from conftest import make_number, make_shop
from navalha.accounts.models import Shop
from navalha.whatsapp.models import EvolutionServer, WhatsAppInstance


def make_server(name: str, url: str, key: str = "key") -> EvolutionServer:
    server = EvolutionServer(name=name, url=url)
    server.api_key = key
    server.save()
    return server


def make_numbers(shop: Shop, server: EvolutionServer, count: int, *, start: int = 0) -> list[WhatsAppInstance]:
    """Connected numbers `numero-<n>`, none of them principal."""
    return [
        make_number(shop, server, f"numero-{n:04d}", name=f"Número {n}", is_primary=False, number=f"+55119999{n:05d}")
        for n in range(start, start + count)
    ]


def vouch(now: datetime) -> None:
    """Every number was looked at just now."""
    WhatsAppInstance.across_shops.update(checked_at=now, state_changed_at=now)


__all__ = ["make_number", "make_numbers", "make_server", "make_shop", "vouch"]
