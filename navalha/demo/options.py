"""What a person can choose about the demo, and the checks made before anything starts."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"


class CannotRun(Exception):
    """The demo cannot start; the text is a full Portuguese sentence that says what to do."""


@dataclass(frozen=True)
class Options:
    """Where the demo answers and where it keeps its rows, keys and logs."""

    port: int
    simulator_port: int
    var: Path

    @property
    def site(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def simulator(self) -> str:
        return f"http://{HOST}:{self.simulator_port}"

    @property
    def logs(self) -> Path:
        return self.var / "log"


def read_options(environ: Mapping[str, str]) -> Options:
    """Return the options of the environment. Raises CannotRun for a port that is no port, or twice the same."""
    port, simulator_port = read_port(environ, "PORT", 8000), read_port(environ, "SIMULATOR_PORT", 8090)
    if port == simulator_port:
        raise CannotRun(f"PORT e SIMULATOR_PORT são a mesma porta ({port}): escolha duas diferentes.")
    return Options(port, simulator_port, Path(environ.get("NAVALHA_VAR") or ROOT / "var").absolute())


def read_port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotRun(f"{name}={text} não é uma porta: use um número de 1 a 65535, por exemplo {name}={default}.")
    return int(text)


def check_port(port: int, name: str) -> None:
    """Raise CannotRun when nobody could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        # Connections of the last run that are still fading away do not count as taken.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            command = f"{name}={port + 1 if port < 65535 else port - 1} make demo"
            if error.errno == errno.EADDRINUSE:
                text = f"A porta {port} já está em uso. Feche o programa que a usa ou escolha outra: {command}"
            else:
                text = f"A porta {port} não pode ser usada ({error.strerror}). Escolha outra: {name}=8001 make demo"
            raise CannotRun(text) from error


def check_writable(folder: Path) -> None:
    """Raise CannotRun when a file cannot be made in the folder (which is made if it is missing)."""
    trial = folder / ".gravavel"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.write_text("")
        trial.unlink()
    except OSError as error:
        raise CannotRun(
            f"Não dá para gravar em {folder} ({error.strerror}). "
            "Libere essa pasta ou escolha outra: NAVALHA_VAR=/outra/pasta make demo"
        ) from error


@contextmanager
def alone(var: Path) -> Iterator[None]:
    """Hold the folder for this process. Raises CannotRun when another demo has it.

    The system frees the lock when the process ends, also by kill -9: there is no stale lock to remove.
    """
    lock = (var / "demo.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        number = lock.read().strip()
        lock.close()
        raise CannotRun(
            f"A demonstração desta pasta já está rodando (processo {number}). Pare-a com Ctrl-C e tente de novo."
        ) from error
    with lock:
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
