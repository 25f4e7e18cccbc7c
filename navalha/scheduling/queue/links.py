"""The link to somebody's place in the line: signed, so that nobody can guess another's."""

from django.core import signing

from navalha.accounts.models import Shop

from .. import links
from .models import QueueEntry


def place_url(entry: QueueEntry) -> str:
    """The whole address, for messages and for the QR code."""
    return f"{links.booking_url(entry.shop)}fila/{_signer(entry.shop_id).sign(str(entry.pk))}/"


def find(shop: Shop, token: str) -> QueueEntry | None:
    """Whose place the link is for; None for a link that we did not make for this shop."""
    try:
        pk = _signer(shop.pk).unsign(token)
    except signing.BadSignature:
        return None
    return shop.queue_entries.select_related("professional").filter(pk=pk).first()


def _signer(shop_id: int) -> signing.Signer:
    return signing.Signer(sep=".", salt=f"navalha.queue.{shop_id}")
