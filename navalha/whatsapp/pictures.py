"""The photo of the connected WhatsApp: where it may be fetched from, and what is taken for one.

Its address is told by a server, so it could name anything in our own network. Only WhatsApp's own pictures over https
and the configured Evolution server itself are asked, without any key, and never where they send us on to.
"""

import hashlib
import time
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

import httpx2
from django.conf import settings
from django.db import transaction

from navalha.core.images import Kind, kind_of
from navalha.live import topics
from navalha.live.publish import publish

from .models import WhatsAppInstance
from .states import Fields

LONGEST_URL = 600
MOST_BYTES = 300 * 1024  # WhatsApp's own are about 60 kB
LONGEST_SIDE = 1280  # pixels
PATIENCE = httpx2.Timeout(5.0, connect=3.0)
DEADLINE = 10.0  # seconds for the whole picture: the time-out alone starts anew with every byte
WHATSAPP = ".whatsapp.net"
PORTS = {"http": 80, "https": 443}


class NoPicture(Exception):
    """Nothing that can be shown; the text is for the log and names no address."""


def to_fetch(url: str | None, now: datetime) -> Fields:
    """The fields of a number that has just connected; the photo it had is not shown any more."""
    wanted = url if url and len(url) <= LONGEST_URL and settings.PROFILE_PICTURES else ""
    due = {"picture_due_at": now} if wanted else {"picture_due_at": None}
    return {"profile_picture_url": wanted, "picture_version": "", **due}


def fetch(url: str, *, server_url: str) -> tuple[bytes, Kind]:
    """The picture at `url`. Speaks with the network: not inside a transaction. Raises `NoPicture`."""
    if not may_fetch(url, server_url=server_url):
        raise NoPicture("the address is not WhatsApp's")
    try:
        content = _read(url)
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL) as error:
        raise NoPicture(type(error).__name__) from None
    kind = kind_of(content)
    if kind is None:
        raise NoPicture("neither JPEG nor PNG nor WebP")
    if not (0 < kind.width <= LONGEST_SIDE and 0 < kind.height <= LONGEST_SIDE):
        raise NoPicture("too many pixels")
    return content, kind


def may_fetch(url: str, *, server_url: str) -> bool:
    """Whether `url` is a picture of WhatsApp's own, or lies on the Evolution server that the operator configured."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts, server = urlsplit(url), urlsplit(server_url)
        place, home = _origin(parts), _origin(server)
    except ValueError:
        return False
    if "@" in parts.netloc or not parts.hostname:
        return False
    return place == home or (place[0] == "https" and place[1].endswith(WHATSAPP) and place[2] == PORTS["https"])


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    """Raises ValueError for a port that is none."""
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or PORTS.get(parts.scheme)


def _read(url: str) -> bytes:
    content, ends_at = bytearray(), time.monotonic() + DEADLINE
    with (
        httpx2.Client(timeout=PATIENCE, follow_redirects=False, trust_env=False) as client,
        client.stream("GET", url, headers={"accept": "image/*", "accept-encoding": "identity"}) as answer,
    ):
        if answer.status_code != httpx2.codes.OK:
            raise NoPicture(f"status {answer.status_code}")
        for chunk in answer.iter_raw():  # never unpacked: a small answer must not become a large one
            content += chunk
            if len(content) > MOST_BYTES or time.monotonic() > ends_at:
                raise NoPicture("too large or too slow")
    return bytes(content)


def forget(row: WhatsAppInstance) -> None:
    """The photo of whoever was connected with `row` before is nobody's business any more."""
    row.shop.profile_pictures.filter(instance=row).delete()


@transaction.atomic
def keep(number: WhatsAppInstance, picture: tuple[bytes, Kind] | None, *, now: datetime) -> None:
    """Keep what was fetched for `number`, or that there is none; nothing when it was connected anew meanwhile."""
    row = number.locked()
    if row.picture_due_at is None or row.picture_due_at != number.picture_due_at:
        return
    version = ""
    if picture is None:
        forget(row)
    else:
        content, kind = picture
        version = hashlib.sha256(content).hexdigest()[:16]
        fields = {"content": content, "content_type": kind.content_type, "fetched_at": now}
        row.shop.profile_pictures.update_or_create(instance=row, defaults=fields)
    row.picture_version, row.picture_due_at = version, None
    row.save(update_fields=["picture_version", "picture_due_at"])
    publish(row.shop_id, topics.WHATSAPP)
