"""The parts of the demo in one table: how each is started, and how we know that it answers."""

import http.client
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from navalha.demo.options import HOST, Options
from navalha.demo.people import TEAM_PHONES

# Straight to this machine, whatever proxy the environment names.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Service:
    """One process: its name (also of its log), what people call it, its command, its sign of life."""

    name: str
    title: str
    command: list[str]
    ready: Callable[[], bool]


def django_environment(options: Options, keys: Mapping[str, str], database: str) -> dict[str, str]:
    """Return what settings.py reads, for the web server, the worker and the preparation."""
    return {
        "SECRET_KEY": keys["SECRET_KEY"],
        "FIELD_KEYS": keys["FIELD_KEYS"],
        "DATABASE_URL": database,
        "NAVALHA_VAR": str(options.var),
        "SITE_URL": options.site,
        "WEBHOOK_BASE_URL": options.site,
        "SIMULATOR_PORT": str(options.simulator_port),
        "SIMULATOR_KEY": keys["SIMULATOR_KEY"],
        "DJANGO_SETTINGS_MODULE": "navalha.config.settings",
        # Everybody who tries the demo has the same address, and few phones.
        "PUBLIC_BOOKINGS_PER_HOUR": "300",
        "PUBLIC_BOOKINGS_PER_PHONE_PER_DAY": "300",
        # Whoever tries it wants to see the messages arrive, and books for many people in one day.
        "MESSAGES_GAP_SCALE": "0.1",
        "MESSAGES_NEW_IN_FIRST_WEEK": "80",
        "LOG_JSON": "false",  # a person reads these logs
        "PYTHONUNBUFFERED": "1",
    }


def simulator(options: Options, key: str) -> Service:
    words = ["--port", str(options.simulator_port), "--data", str(options.var / "simulator"), "--key", key]
    words += [word for phone in TEAM_PHONES for word in ("--team", phone)]
    command = [sys.executable, "-m", "navalha.simulator", *words]
    return Service("simulator", "WhatsApp simulado", command, lambda: answers(f"{options.simulator}/"))


def web(options: Options) -> Service:
    # Open live streams never end by themselves: without a limit the server would wait for them.
    words = ["--host", HOST, "--port", str(options.port), "--timeout-graceful-shutdown", "3", "--no-access-log"]
    command = [sys.executable, "-m", "uvicorn", "navalha.config.asgi:application", *words]
    pages = ("/saude/", "/entrar/")
    return Service("web", "Site", command, lambda: all(answers(options.site + page) for page in pages))


def worker(database: str) -> Service:
    began = datetime.now(UTC)
    command = [sys.executable, "manage.py", "work"]
    return Service("worker", "Trabalhos em segundo plano", command, lambda: worker_reported(database, began))


def answers(url: str) -> bool:
    """Tell whether the page comes back with 200."""
    try:
        with DIRECT.open(url, timeout=10) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return False


def worker_reported(database: str, since: datetime) -> bool:
    """Tell whether a worker has reported to the database since then."""
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT max(last_heartbeat) FROM procrastinate_workers").fetchone()
    return bool(row and row[0] and row[0] >= since)
