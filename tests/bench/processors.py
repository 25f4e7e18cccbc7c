"""Seconds of the processor that processes have used: steadier than rates on a machine that others use too."""

from collections.abc import Iterable

import psutil


def used(pids: Iterable[int]) -> float:
    """By the processes that still live, the system's share included."""
    return sum(_of(pid) for pid in pids)


def _of(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def backends() -> list[int]:
    """The processes of PostgreSQL that serve this database; empty when it runs elsewhere."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return [pid for (pid,) in cursor.fetchall() if psutil.pid_exists(pid)]
