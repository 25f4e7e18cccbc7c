"""Limits on what a stranger can send: one atomic counter for each key and window, shared by all processes."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

from django.db import connection
from django.http import HttpRequest

from .models import HitCount


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` times within `seconds`, in windows that start on the clock."""

    name: str
    most: int
    seconds: int


def allow(limit: Limit, who: str, *, now: datetime) -> bool:
    """Count one more try of `who` and tell whether it is within the limit."""
    count = window(limit, now)
    # Hashed, so that no address or phone of a visitor is stored.
    key = hashlib.sha256(f"{limit.name}:{who}:{count}".encode()).hexdigest()
    ends = datetime.fromtimestamp((count + 1) * limit.seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO web_hitcount (key, hits, expires_at) VALUES (%s, 1, %s)"
            " ON CONFLICT (key) DO UPDATE SET hits = web_hitcount.hits + 1 RETURNING hits",
            [key, ends],
        )
        return bool(cursor.fetchone()[0] <= limit.most)


def window(limit: Limit, now: datetime) -> int:
    """Which window of `limit` it is, counted from 1970."""
    return int(now.timestamp()) // limit.seconds


def minutes_left(limit: Limit, *, now: datetime) -> int:
    """After how many minutes, at least one, the count of `limit` starts anew."""
    seconds = limit.seconds - int(now.timestamp()) % limit.seconds
    return -(-seconds // 60)


def client_address(request: HttpRequest) -> str:
    """The visitor's address. Behind a proxy the server (uvicorn --proxy-headers) has already put the true one here.

    Of IPv6 the network: every line has 2⁶⁴ addresses, one for each try.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))


def forget_old_counts(now: datetime) -> int:
    """Remove the counters whose window is over; how many."""
    return HitCount.objects.filter(expires_at__lt=now - timedelta(minutes=1)).delete()[0]
