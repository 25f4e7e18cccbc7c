"""The database: reachable, new enough, migrated, with its cache, and on the same clock as we."""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from .findings import Finding, broken, doubtful, fine

OLDEST = 14  # half of the constraints need it (stack.md)
FAR_APART, TOO_FAR = timedelta(seconds=2), timedelta(seconds=30)
TRIAL = "doctor"


def reachable(now: datetime) -> Finding:
    """It answers, and is PostgreSQL 14 or newer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            version = int(cursor.fetchone()[0])
    except DatabaseError as error:
        return broken(
            f"O PostgreSQL não respondeu ({type(error).__name__}).",
            "Confira se ele está no ar e se DATABASE_URL tem o endereço, o usuário e a senha certos.",
        )
    return of_version(version)


def of_version(number: int) -> Finding:
    """`number` as PostgreSQL counts: 140005 is 14.5."""
    words = f"{number // 10000}.{number % 10000}"
    if number < OLDEST * 10000:
        return broken(f"PostgreSQL {words} é antigo demais.", f"Atualize para a versão {OLDEST} ou mais nova.")
    return fine(f"PostgreSQL {words} respondeu.")


def migrated(now: datetime) -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not missing:
        return fine("Todas as migrações estão aplicadas.")
    names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _backwards in missing[:3])
    more = f" e mais {len(missing) - 3}" if len(missing) > 3 else ""
    return broken(f"Faltam migrações: {names}{more}.", "Rode `manage.py migrate` e reinicie o site e o worker.")


def cached(now: datetime) -> Finding:
    """The cache shared by all processes keeps what it is given: the log-in's limits live there."""
    value = now.isoformat()
    try:
        cache.set(TRIAL, value, 60)
        kept = cache.get(TRIAL) == value
    except DatabaseError:
        kept = False
    if not kept:
        return broken("O cache não guarda nada: os limites do log-in não valem.", "Rode `manage.py createcachetable`.")
    return fine("O cache guarda e devolve.")


def same_clock(now: datetime) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
    return clocks(now, theirs)


def clocks(ours: datetime, theirs: datetime) -> Finding:
    """Reminders, leases and log-ins compare moments of both."""
    apart = abs(ours - theirs)
    words = f"O relógio desta máquina e o do banco diferem em {apart.total_seconds():.1f} s"
    mend = "Ligue a sincronização de hora (NTP) nas duas máquinas."
    if apart >= TOO_FAR:
        return broken(f"{words}.", mend)
    if apart >= FAR_APART:
        return doubtful(f"{words}.", mend)
    return fine(f"{words}.")
