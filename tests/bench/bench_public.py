"""The first load of the public booking page, as a phone gets it: bytes on the wire, queries, milliseconds.

A real browser with an empty cache counts every file, compressed as served. The reference is the log-in page of the
same process, and for the milliseconds also `/favicon.ico`: the machinery alone. The largest contentful paint is that of
a phone on slow 4G, once without pictures of the shop and once with a cover as heavy as they come.
"""

import os
import statistics
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator
from datetime import time as clock
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.bench.bench_live import web_process
from tests.bench.database import bench_database
from tests.bench.goals import at_most

TIMES = 30
# Before photos. The other two are ours: a cheap page, and one that nobody waits for.
KILOBYTES, QUERIES, MS = 50, 20, 100
LCP_MS = 1500
# What page testers call slow 4G: a round trip of 150 ms, 1.6 Mbit/s down and 750 kbit/s up, in bytes a second.
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
PAINTED = """new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
  .observe({type: 'largest-contentful-paint', buffered: true}))"""
COVER = 240, 150  # pixels of noise: about 110 kB, what the owner's browser makes of a photo at most


def main() -> None:
    os.environ["LOG_LEVEL"] = "ERROR"
    with bench_database() as url, tempfile.TemporaryDirectory() as logs, web_process(url, Path(logs)) as server:
        measure(server.url, open_shop())


def open_shop() -> str:
    """A shop as most are: four people, six services. Its public page."""
    from navalha.accounts.models import Shop
    from navalha.scheduling.models import Weekday, WorkingHours

    shop = Shop.objects.create(slug="bench", name="Barbearia do Zé", accent="#1f6f54")
    services = [
        shop.services.create(name=f"Serviço {n}", duration_minutes=30, price_cents=4500, position=n) for n in range(6)
    ]
    for n in range(4):
        professional = shop.professionals.create(name=f"Barbeiro {n}", position=n)
        professional.services.set(services)
        WorkingHours.across_shops.bulk_create(
            WorkingHours(shop=shop, professional=professional, weekday=day, starts=clock(9), ends=clock(19))
            for day in Weekday
        )
    return f"/agendar/{shop.slug}/"


def measure(site: str, page: str) -> None:
    print(f"{'':34}{'files':>7}{'kB page':>9}{'kB all':>8}{'queries':>9}{'page p50 ms':>13}{'loaded ms':>11}")
    for label, address in (("public booking page", page), ("reference: log-in", "/entrar/")):
        asked, took = queries(address), milliseconds(site, address)
        files, loaded = first_load(site, address)  # of a process that has rendered the page before
        whole, alone = sum(files.values()) / 1000, files[address] / 1000
        print(f"{label:34}{len(files):7}{alone:9.1f}{whole:8.1f}{asked:9}{took:13.1f}{loaded:11.0f}")
        if address == page:
            goals = [at_most(KILOBYTES, whole, " kB"), at_most(QUERIES, asked, " queries"), at_most(MS, took, " ms")]
            largest = dict(sorted(files.items(), key=lambda file: -file[1])[:5])
    print(f"{'reference: /favicon.ico':34}{'':33}{milliseconds(site, '/favicon.ico'):13.1f}")
    print("\n".join(goals))
    print(f"{'slow 4G, first view':34}{'LCP ms':>7}")
    for label, own in (("public booking page", page), ("with a cover of 108 kB", dressed(page))):
        painted = largest_paint(site, own)
        print(f"{label:34}{painted:7.0f}  {at_most(LCP_MS, painted, ' ms')}")
    print(f"{'reference: log-in':34}{largest_paint(site, '/entrar/'):7.0f}")
    print("largest:", ", ".join(f"{size / 1000:.1f} kB {name}" for name, size in largest.items()))


def dressed(page: str) -> str:
    """The same shop with a cover."""
    from django.utils import timezone

    from navalha.accounts.models import Shop
    from navalha.scheduling.models import PictureKind

    width, height = COVER
    Shop.objects.get(slug=page.split("/")[2]).pictures.create(
        kind=PictureKind.COVER,
        content_type="image/png",
        content=noise(width, height),
        digest="bench",
        width=width,
        height=height,
        added_at=timezone.now(),
    )
    return page


def noise(width: int, height: int) -> bytes:
    """A PNG that no compression makes smaller."""
    rows = b"".join(b"\x00" + Random(row).randbytes(3 * width) for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(x)) + name + x + struct.pack(">I", zlib.crc32(name + x)) for name, x in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def largest_paint(site: str, address: str) -> float:
    """Milliseconds until the largest thing of the first view was painted, on a slow network: the median of three."""
    from tests.chromium import chromium

    with chromium() as browser:
        return statistics.median(_painted(browser, f"{site}{address}") for _ in range(3))


def _painted(browser: Any, url: str) -> float:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    protocol.send("Network.emulateNetworkConditions", SLOW_4G)
    page.goto(url, wait_until="networkidle")
    painted = float(page.evaluate(PAINTED))
    context.close()
    return painted


def first_load(site: str, address: str) -> tuple[dict[str, int], float]:
    """Bytes on the wire for each path, and milliseconds until the browser had loaded everything."""
    from tests.chromium import chromium

    with chromium() as browser:
        page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        page.goto(f"{site}/saude/")  # the browser itself has woken up
        protocol = page.context.new_cdp_session(page)
        protocol.send("Network.enable")
        protocol.send("Network.setCacheDisabled", {"cacheDisabled": True})
        paths: dict[str, str] = {}
        files: dict[str, int] = {}
        protocol.on("Network.requestWillBeSent", lambda told: paths.update({told["requestId"]: told["request"]["url"]}))
        protocol.on("Network.loadingFinished", lambda told: count(files, paths, told))
        page.goto(f"{site}{address}", wait_until="networkidle")
        timing = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    return files, float(timing)


def count(files: dict[str, int], paths: dict[str, str], told: dict[str, Any]) -> None:
    url = urlsplit(paths.get(told["requestId"], ""))
    if url.scheme == "http":
        files[url.path] = files.get(url.path, 0) + int(told["encodedDataLength"])


def queries(address: str) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "127.0.0.1"})
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def milliseconds(site: str, address: str) -> float:
    """Of one request after the other; the median."""
    import httpx2

    with httpx2.Client(base_url=site, trust_env=False) as client:
        return statistics.median(waits(client, address))


def waits(client: Any, address: str) -> Iterator[float]:
    for _ in range(TIMES):
        began = time.perf_counter()
        client.get(address)
        yield (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
