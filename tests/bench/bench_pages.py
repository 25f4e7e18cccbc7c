"""Django's pages behind a2wsgi, as we serve them, beside Django's own ASGI handler: one server process each.

`/favicon.ico` is the machinery alone (every middleware, no query), `/entrar/` a whole page with a form.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import repeat

from tests.bench.database import bench_database

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
CONNECTIONS = 32
PAGES = ("/favicon.ico", "/entrar/")
SERVERS = {
    "a2wsgi, as served": "navalha.config.asgi:application",
    "reference: Django's own ASGI": "tests.bench.pages_reference:application",
}


def main() -> None:
    with bench_database() as url:
        measure(url)


def measure(database: str) -> None:
    print(f"{'':34}{'page':>14}{'GETs/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'answers':>20}")
    for name, application in SERVERS.items():
        for page, load in loaded(application, database):
            fast, slow = load.percentile(0.5), load.percentile(0.99)
            print(f"{name:34}{page:>14}{load.rate:9.0f}{fast:9.1f}{slow:9.1f}{dict(load.statuses)!s:>20}")


def loaded(application: str, database: str) -> Iterator[tuple[str, object]]:
    import uvloop

    from tests.bench.load import drive
    from tests.journeys.processes import answers, environment, free_port, wait_until

    port = free_port()
    words = ["--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--log-level", "error"]
    env = collected(environment(database, LOG_LEVEL="ERROR"))
    server = subprocess.Popen([sys.executable, "-m", "uvicorn", application, *words], env=env)
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/saude/"), 60)
        for page in PAGES:
            request = repeat(f"GET {page} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            uvloop.run(drive(port, request, connections=CONNECTIONS, seconds=1))
            yield page, uvloop.run(drive(port, request, connections=CONNECTIONS, seconds=SECONDS))
    finally:
        server.terminate()
        server.wait(20)


def collected(env: dict[str, str]) -> dict[str, str]:
    """The environment, with static files collected as in production."""
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(command, env=env, check=True)
    return env


if __name__ == "__main__":
    main()
