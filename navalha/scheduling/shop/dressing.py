"""How a shop's booking page looks: its logo and cover, every read and write of them; and where its own files are."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core import tones
from navalha.core.bare_images import Damaged, bare
from navalha.core.errors import Refused
from navalha.core.images import Kind

from ..models import PictureKind, ShopPicture
from .catalogue import changed

log = structlog.get_logger(__name__)

# WhatsApp shows a link's picture up to about this size; and the page is read on slow phones.
MOST_BYTES = 300 * 1024


@dataclass(frozen=True, slots=True)
class Sides:
    """The least and the most of each side, in pixels."""

    least_width: int
    least_height: int
    most: int


SIDES = {
    PictureKind.LOGO: Sides(64, 64, 1024),
    # The least that WhatsApp and Facebook show large.
    PictureKind.COVER: Sides(600, 200, 2400),
}


def tones_url(accent: str) -> str:
    """Where the stylesheet of a colour (`#rrggbb`) is: the address says all that it holds, and no shop."""
    return reverse("booking:tones", args=[tones.VERSION, accent.removeprefix("#")])


def picture_url(shop: Shop, file_name: str) -> str:
    return reverse("booking:picture", args=[shop.slug, file_name])


def too_large() -> str:
    return _("A imagem é grande demais: o limite é 300 kB. Diminua a foto e envie de novo.")


def shown(shop: Shop) -> dict[str, ShopPicture]:
    """Kind -> the picture, without its bytes: one query."""
    return {row.kind: row for row in shop.pictures.filter(removed_at=None).defer("content")}


def keep(shop: Shop, kind: PictureKind, content: bytes, *, alt: str, by: User, now: datetime) -> ShopPicture:
    """Show this picture instead of the one before. Raises Refused with what is wrong with it."""
    clean, found = _checked(content, SIDES[kind])
    with transaction.atomic():
        _take_down(shop, kind, now)
        row = shop.pictures.create(
            kind=kind,
            content_type=found.content_type,
            content=clean,
            digest=hashlib.sha256(clean).hexdigest()[:16],
            width=found.width,
            height=found.height,
            alt=alt,
            added_at=now,
        )
        _note("picture_added", row, by, now)
    return row


@transaction.atomic
def remove(shop: Shop, kind: PictureKind, *, by: User, now: datetime) -> ShopPicture | None:
    """Show none any more; the one that was, or None when there was none."""
    row = _take_down(shop, kind, now)
    if row:
        _note("picture_removed", row, by, now)
    return row


@transaction.atomic
def bring_back(row: ShopPicture, *, by: User, now: datetime) -> None:
    """Show again the one that was removed or replaced last."""
    _take_down(row.shop, PictureKind(row.kind), now, keep=row.pk)
    row.removed_at = None
    row.save(update_fields=["removed_at"])
    _note("picture_restored", row, by, now)


@transaction.atomic
def describe(row: ShopPicture, alt: str, *, by: User, now: datetime) -> None:
    """Say in words what it shows, to who does not see it."""
    row.alt = alt
    row.save(update_fields=["alt"])
    _note("picture_described", row, by, now)


def _checked(content: bytes, sides: Sides) -> tuple[bytes, Kind]:
    if len(content) > MOST_BYTES:
        raise Refused(too_large())
    try:
        clean, found = bare(content)
    except Damaged:
        raise Refused(_("Não conseguimos ler esta imagem. Envie um arquivo JPG, PNG ou WebP inteiro.")) from None
    if found.width < sides.least_width or found.height < sides.least_height:
        raise Refused(
            _("A imagem é pequena demais: precisa ter pelo menos %(width)d por %(height)d pixels.")
            % {"width": sides.least_width, "height": sides.least_height}
        )
    if max(found.width, found.height) > sides.most:
        raise Refused(
            _("A imagem tem pixels demais: o lado maior pode ter até %(most)d. Diminua a foto e envie de novo.")
            % {"most": sides.most}
        )
    return clean, found


def _take_down(shop: Shop, kind: PictureKind, now: datetime, keep: int = 0) -> ShopPicture | None:
    """Forget those that were taken down before, but for `keep`, and take down the one that is shown."""
    Shop.objects.select_for_update().get(pk=shop.pk)  # two uploads at once: the second takes the first one down
    rows = shop.pictures.filter(kind=kind)
    rows.exclude(removed_at=None).exclude(pk=keep).delete()
    row = rows.filter(removed_at=None).first()
    if row:
        row.removed_at = now
        row.save(update_fields=["removed_at"])
    return row


def _note(event: str, row: ShopPicture, by: User, now: datetime) -> None:
    changed(row.shop)
    log.info(event, shop=row.shop_id, picture=row.pk, kind=row.kind, by=by.pk, at=now.isoformat())
