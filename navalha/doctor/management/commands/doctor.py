"""`manage.py doctor`: is this installation well, and if not, what mends it."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from navalha.doctor.checkup import examine, exit_code
from navalha.doctor.findings import Level, Line
from navalha.doctor.servers import try_settings

MARKS = {Level.OK: "✔", Level.WARNING: "!", Level.FAILURE: "✘", Level.SKIPPED: "…"}


class Command(BaseCommand):
    """Ends with 0 when all is well, 1 with warnings, 2 with failures."""

    help = "Confere esta instalação e diz o que está errado e como corrigir."
    # What they would stop at is what we are here to explain.
    requires_system_checks: Any = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="para programas: um objeto JSON com todos os achados")

        parser.add_argument(
            "--trial",
            action="store_true",
            help="antes, testa as configurações de cada servidor (um minuto cada)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["trial"]:
            try_settings(timezone.now())
        lines: list[Line] = []
        for line in examine(timezone.now()):
            lines.append(line)
            if not options["json"]:
                self._tell(line)
        code = exit_code(lines)
        if options["json"]:
            report = {"code": code, "findings": [line.as_json() for line in lines]}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            self._sum_up(lines)
        sys.exit(code)

    def _tell(self, line: Line) -> None:
        style = {Level.OK: self.style.SUCCESS, Level.WARNING: self.style.WARNING, Level.FAILURE: self.style.ERROR}
        mark = style.get(line.level, str)(MARKS[line.level])
        self.stdout.write(f"{mark} {line.title}: {line.words}")
        if line.mend:
            self.stdout.write(f"    → {line.mend}")

    def _sum_up(self, lines: list[Line]) -> None:
        count = {level: sum(line.level == level for line in lines) for level in Level}
        if count[Level.OK] == len(lines):
            self.stdout.write(f"\nTudo em ordem: {len(lines)} conferências.")
            return
        told = {"Falhas": Level.FAILURE, "Avisos": Level.WARNING, "Em ordem": Level.OK, "Sem olhar": Level.SKIPPED}
        self.stdout.write("\n" + " · ".join(f"{words}: {count[level]}" for words, level in told.items()))
