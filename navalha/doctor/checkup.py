"""The whole list of checks, in the order in which they are told."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from . import background, database, installation, servers
from .findings import Finding, Level, Line, broken

Look = Callable[[datetime], "Finding | Iterable[Finding]"]
BUG = "É uma falha do Navalha: guarde esta mensagem e fale com quem o desenvolve."


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is stable, for scripts. `needs`: names of checks without which this one cannot look."""

    name: str
    title: str
    look: Look
    needs: tuple[str, ...] = ()


MIGRATED = ("database", "migrations")
CHECKS = (
    Check("database", "Banco de dados", database.reachable),
    Check("migrations", "Migrações", database.migrated, ("database",)),
    Check("cache", "Cache", database.cached, ("database",)),
    Check("clock", "Relógio", database.same_clock, ("database",)),
    Check("secret_key", "SECRET_KEY", installation.secret_key),
    Check("field_keys", "FIELD_KEYS", installation.field_keys),
    Check("addresses", "Endereços", installation.addresses),
    Check("mail", "E-mail", installation.mail),
    Check("time_zones", "Fusos horários", installation.zones),
    Check("static_files", "Arquivos do site", installation.static_files),
    Check("disk", "Disco", installation.disk),
    Check("worker", "Worker", background.worker, MIGRATED),
    Check("lane_rows", "Fila do banco", background.rows_lane, MIGRATED),
    Check("lane_network", "Fila da rede", background.network_lane, MIGRATED),
    Check("inbox", "Eventos recebidos", background.inbox, MIGRATED),
    Check("quarantine", "Quarentena", background.quarantine, MIGRATED),
    Check("outbox", "Mensagens a enviar", background.outbox, MIGRATED),
    Check("leases", "Envios pela metade", background.leases, MIGRATED),
    Check("server_keys", "Chaves dos servidores", servers.keys, MIGRATED),
    Check("servers", "Servidores Evolution", servers.answer, MIGRATED),
    Check("server_settings", "Configuração dos servidores", servers.settings_of, MIGRATED),
    Check("webhooks", "Avisos dos servidores", servers.webhooks, MIGRATED),
)


def examine(now: datetime, checks: Iterable[Check] = CHECKS) -> Iterator[Line]:
    """Run the checks one after another and tell each finding as soon as it is known."""
    failed: set[str] = set()
    for check in checks:
        for finding in _findings(check, now, failed):
            if finding.level in (Level.FAILURE, Level.SKIPPED):
                failed.add(check.name)
            yield Line(check.name, check.title, finding.level, finding.words, finding.mend)


def _findings(check: Check, now: datetime, failed: set[str]) -> list[Finding]:
    if failed & set(check.needs):
        return [Finding(Level.SKIPPED, "Não deu para olhar: resolva antes o que falhou acima.")]
    try:
        found = check.look(now)
        return [found] if isinstance(found, Finding) else list(found)
    except Exception as error:  # noqa: BLE001 - one check that stumbles must not keep the others from looking
        return [broken(f"A conferência parou com {type(error).__name__}: {str(error).splitlines()[:1]}", BUG)]


def exit_code(lines: Iterable[Line]) -> int:
    """0 when all is well, 1 with warnings alone, 2 when something is broken or could not be looked at."""
    levels = {line.level for line in lines}
    if levels & {Level.FAILURE, Level.SKIPPED}:
        return 2
    return 1 if Level.WARNING in levels else 0
