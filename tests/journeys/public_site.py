"""The public pages as customers get them: the web process with built, compressed static files, and its visitors."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
from django.conf import settings

from tests.journeys.databases import url_of_tests
from tests.journeys.processes import ROOT, environment, web


def site_environment(var: Path, **more: str) -> dict[str, str]:
    """As in production; the limits are those of the product. It signs as the tests do: their links open its pages."""
    return environment(url_of_tests(), NAVALHA_VAR=str(var), SECRET_KEY=settings.SECRET_KEY, **more)


def built_site(folder: Path) -> Path:
    """What an installation does once, and so does a test run: names with a hash, each file compressed."""
    var = folder / "site"
    if not var.exists():
        var.mkdir()
        _build_static(var)
    return var


def _build_static(var: Path) -> None:
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=site_environment(var), check=True, timeout=120)


@contextmanager
def running_site(var: Path, *, processes: int = 1) -> Iterator[list[str]]:
    """The addresses of so many web processes, on the tests' database."""
    with ExitStack() as stack:
        env = site_environment(var)
        yield [stack.enter_context(web(env, var / f"web-{number}.log")) for number in range(processes)]


def csrf_token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, page[:500]
    return found.group(1)


async def visitor(site: str, address: str) -> tuple[httpx2.AsyncClient, str]:
    """Somebody with a browser of their own who has opened the page at `address`: their client and token."""
    # Plain HTTP on this machine: loading the certificates a hundred times would take longer than the race.
    client = httpx2.AsyncClient(base_url=site, timeout=60, trust_env=False, verify=False)
    response = await client.get(address)
    assert response.status_code == 200, response.text[:500]
    return client, csrf_token(response.text)
