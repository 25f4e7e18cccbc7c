"""The link with which a customer manages one visit: signed, so that nobody can guess another's."""

from django.conf import settings
from django.core import signing

from navalha.accounts.models import Shop

from .models import Appointment


def booking_url(shop: Shop) -> str:
    """The shop's public booking page, whole, for messages."""
    return f"{settings.SITE_URL}/agendar/{shop.slug}/"


def manage_url(appointment: Appointment) -> str:
    """The whole address, for messages."""
    return f"{booking_url(appointment.shop)}visita/{token(appointment)}/"


def again_url(appointment: Appointment) -> str:
    """The whole address to book the same again without typing anything, for messages to its customer."""
    return f"{manage_url(appointment)}de-novo/"


def token(appointment: Appointment) -> str:
    """`<number>.<signature>`; made with SECRET_KEY, so a new key without fallbacks ends every link.

    After the shop has changed the link, `<number>-<edition>.<signature>`: the first has no edition, as those that were
    sent before there were any.
    """
    edition = f"-{appointment.links_version}" if appointment.links_version else ""
    return _signer(appointment.shop_id).sign(f"{appointment.pk}{edition}")


def find(shop: Shop, token: str) -> Appointment | None:
    """The visit of `shop` that the link is for; None for one that we did not make for this shop, or that it changed."""
    try:
        pk, _dash, edition = _signer(shop.pk).unsign(token).partition("-")
    except signing.BadSignature:
        return None
    rows = shop.appointments.select_related("customer", "professional", "shop")
    return rows.filter(pk=pk, links_version=edition or 0).first()


def _signer(shop_id: int) -> signing.Signer:
    return signing.Signer(sep=".", salt=f"navalha.visit.{shop_id}")
