"""Holds the database while the supervisor lives, and ends what a killed supervisor would leave behind.

The supervisor keeps our standard input open. However it ends – a return, a crash, kill -9 – the system closes that
pipe, and we stop the processes it still had and then the database. A signal handler could not do this, and asking
the kernel for a death signal exists on Linux only. We live in our own session, so Ctrl-C does not reach us.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from navalha.config.database import database_url, stop_embedded_server

PATIENCE = 8.0  # seconds a process has to end by itself


def main(var: Path, configured: str) -> None:
    """Print the database's address, follow the supervisor until it is gone, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    print(database_url(configured, var), flush=True)
    end_groups(follow(sys.stdin))
    if not configured:
        stop_embedded_server(var)


def follow(lines: Iterable[str]) -> set[int]:
    """Return the process groups that were announced (`+123`) and not withdrawn (`-123`) when the lines end."""
    groups: set[int] = set()
    for line in lines:
        number = int(line[1:])
        groups.add(number) if line.startswith("+") else groups.discard(number)
    return groups


def end_groups(groups: Iterable[int], patience: float = PATIENCE) -> None:
    """Ask every process of the groups to end, wait, and kill the rest."""
    left = {group for group in groups if send(group, signal.SIGTERM)}
    limit = time.monotonic() + patience
    while left and time.monotonic() < limit:
        time.sleep(0.1)
        left = {group for group in left if send(group, 0)}
    for group in left:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Send a signal to a process group; return whether the group still exists."""
    with suppress(ProcessLookupError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main(Path(sys.argv[1]), os.environ.get("DATABASE_URL", ""))
