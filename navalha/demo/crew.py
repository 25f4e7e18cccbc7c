"""The processes of the demo: started in groups of their own, watched, and stopped together."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from navalha.demo.keeper import PATIENCE, send
from navalha.demo.options import ROOT

TAIL = 20  # lines of a log worth showing
TO_LOG = -100  # no stream of subprocess has this number


class Asked(Exception):
    """Somebody asked the demo to stop: Ctrl-C, or the signal of a closing terminal or system."""


class PartEnded(Exception):
    """A part of the demo failed or ended by itself; the text names it and shows the end of its log."""


class Crew:
    """Starts and stops the parts. Use it as a context: leaving it leaves nothing running."""

    def __init__(self, logs: Path, environment: Mapping[str, str], *, patience: float = PATIENCE) -> None:
        self.logs = logs
        self.patience = patience
        self.environment = dict(environment)
        self.parts: dict[str, subprocess.Popen[str]] = {}
        self.keeper: subprocess.Popen[str] | None = None
        self.asked = False

    def __enter__(self) -> "Crew":
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(list(self.parts))
        if self.keeper and self.keeper.stdin:
            with suppress(BrokenPipeError):  # a killed keeper: nobody reads any more
                self.keeper.stdin.close()  # tells it to stop the database
            self.keeper.wait()

    def heed_signals(self) -> None:
        """From now on Ctrl-C and the signals of a closing terminal or system make pause() raise Asked."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        # Only a mark: an exception from here could strike between a start and the note of it.
        self.asked = True

    def start_keeper(self, command: Sequence[str]) -> str:
        """Start the process that holds the database and return the database's address."""
        self.keeper = self._open("postgres", command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        address = next(iter(self.keeper.stdout or ()), "").strip()
        if not address:
            raise PartEnded(f"O banco de dados não abriu.\n{self.last_words('postgres')}")
        return address

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a part; what it says goes to its log."""
        part = self._open(name, command)
        self.parts[name] = part
        self._tell_keeper(f"+{part.pid}")

    def finish(self, name: str, command: Sequence[str]) -> None:
        """Run a part that ends by itself and wait for it. Raises PartEnded when it fails."""
        part = self._open(name, command, stdout=None)
        self.parts[name] = part
        self._tell_keeper(f"+{part.pid}")
        while part.poll() is None:
            self.pause(but=name)
        self.stop([name])
        if part.returncode:
            raise PartEnded(f"{name} falhou (código {part.returncode}).\n{self.last_words(name)}")

    def pause(self, seconds: float = 0.1, *, but: str = "") -> None:
        """Let time pass. Raises Asked when somebody wants an end, PartEnded when a part that should go on does not."""
        time.sleep(seconds)
        if self.asked:
            raise Asked
        watched = {**self.parts, **({"postgres": self.keeper} if self.keeper else {})}
        for name, part in watched.items():
            if name != but and part.poll() is not None:
                raise PartEnded(f"{name} parou sozinho (código {part.returncode}).\n{self.last_words(name)}")

    def stop(self, names: Sequence[str]) -> None:
        """End the named parts with all they started, gently, then not."""
        parts = [self.parts.pop(name) for name in names]
        for part in parts:
            send(part.pid, signal.SIGTERM)
        limit = time.monotonic() + self.patience
        for part in parts:
            try:
                part.wait(max(0.0, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()
            send(part.pid, signal.SIGKILL)  # whatever it started itself
            self._tell_keeper(f"-{part.pid}")

    def last_words(self, name: str) -> str:
        """Return the last lines of a part's log."""
        log = self.logs / f"{name}.log"
        return "\n".join([f"Últimas linhas de {log}:", *log.read_text(errors="replace").splitlines()[-TAIL:]])

    def _open(
        self, name: str, command: Sequence[str], *, stdin: int = subprocess.DEVNULL, stdout: int | None = TO_LOG
    ) -> "subprocess.Popen[str]":
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))  # the run before is kept, no more
        with log.open("w") as file:
            return subprocess.Popen(
                list(command),
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdin=stdin,
                stdout=file if stdout == TO_LOG else stdout,
                stderr=file,
                text=True,
                start_new_session=True,
            )

    def _tell_keeper(self, line: str) -> None:
        if self.keeper and self.keeper.stdin:
            with suppress(BrokenPipeError):  # a killed keeper is noticed by pause()
                print(line, file=self.keeper.stdin, flush=True)
