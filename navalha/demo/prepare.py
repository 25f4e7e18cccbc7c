"""Makes the demo's tables, static files and example rows; each only when it is not there yet."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone


def main() -> None:
    django.setup()
    from navalha.demo import data  # its models exist only now

    timed("tabelas", migrate)
    timed("arquivos do site", collect_static)
    timed("dados de exemplo", lambda: data.load(timezone.now()))
    connection.close()


def timed(title: str, work: Callable[[], None]) -> None:
    began = time.monotonic()
    work()
    print(f"             {title}: {time.monotonic() - began:.1f} s", flush=True)


def migrate() -> None:
    """Bring the tables to the newest migration. Looking first saves the second that Django's command takes."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def collect_static() -> None:
    """Copy, compress and name the static files by their content, when one of them changed."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    wanted = static_digest()
    if not stamp.exists() or stamp.read_text() != wanted:
        call_command("collectstatic", verbosity=0, interactive=False)
        stamp.write_text(wanted)


def static_digest() -> str:
    """Return a hash over the name, size and time of every static file."""
    whole = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            state = Path(storage.path(name)).stat()
            whole.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return whole.hexdigest()


if __name__ == "__main__":
    main()
