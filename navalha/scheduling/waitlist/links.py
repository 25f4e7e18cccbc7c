"""The link to somebody's place on the waitlist: signed, so that nobody can guess another's."""

from django.core import signing

from navalha.accounts.models import Shop

from .. import links
from .models import WaitlistEntry


def token(entry: WaitlistEntry) -> str:
    """`<number>.<signature>`."""
    return _signer(entry.shop_id).sign(str(entry.pk))


def place_url(entry: WaitlistEntry) -> str:
    """The whole address, for messages."""
    return f"{links.booking_url(entry.shop)}espera/{token(entry)}/"


def find(shop: Shop, token: str) -> WaitlistEntry | None:
    """Whose place the link is for; None for a link that we did not make for this shop."""
    try:
        pk = _signer(shop.pk).unsign(token)
    except signing.BadSignature:
        return None
    rows = shop.waitlist.select_related("customer", "professional", "shop").prefetch_related("services")
    return rows.filter(pk=pk).first()


def _signer(shop_id: int) -> signing.Signer:
    return signing.Signer(sep=".", salt=f"navalha.waitlist.{shop_id}")
