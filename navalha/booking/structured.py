"""The shop in schema.org's words, for the search engines that show opening hours and a link to book (JSON-LD)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from navalha.accounts.models import Shop
from navalha.scheduling import links
from navalha.scheduling.slots import Stretch

from .opening import Opening

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# What could end the element that the text stands in, or begin another one.
HARMLESS = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026"})


def business(shop: Shop, opening: Opening, *, image: str) -> SafeString:
    """The text of a `<script type="application/ld+json">`; `image` is a whole address."""
    url = links.booking_url(shop)
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "HairSalon",
        "name": shop.name,
        "url": url,
        "image": image,
        "potentialAction": {"@type": "ReserveAction", "target": url},
        "openingHoursSpecification": list(_week(opening.usual)),
    }
    if shop.address:
        said["address"] = shop.address
    if opening.special:
        said["specialOpeningHoursSpecification"] = list(_dates(opening.special))
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(HARMLESS))  # noqa: S308 - nothing in it can end the element any more


def _week(usual: Mapping[int, Sequence[Stretch]]) -> Iterator[dict[str, str]]:
    for number in sorted(usual):
        for stretch in usual[number]:
            yield {"@type": "OpeningHoursSpecification", "dayOfWeek": WEEKDAYS[number], **_times(stretch)}


def _dates(special: Mapping[date, Sequence[Stretch]]) -> Iterator[dict[str, str]]:
    """A day that is closed is said as schema.org wants it: open from midnight to midnight."""
    for day, stretches in special.items():
        on = {"@type": "OpeningHoursSpecification", "validFrom": day.isoformat(), "validThrough": day.isoformat()}
        for times in [_times(one) for one in stretches] or [{"opens": "00:00", "closes": "00:00"}]:
            yield on | times


def _times(stretch: Stretch) -> dict[str, str]:
    return {"opens": f"{stretch[0]:%H:%M}", "closes": f"{stretch[1]:%H:%M}"}
