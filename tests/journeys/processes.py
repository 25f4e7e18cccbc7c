"""The product's own processes for a story, as people run them: a web server and workers, killed without warning."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def environment(database_url: str, **more: str) -> dict[str, str]:
    """As in production: not the tests' settings, only their database."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    ours = {
        "DATABASE_URL": database_url,
        "SECRET_KEY": "of a story",
        "FIELD_KEYS": settings.FIELD_KEYS[0],
        "DJANGO_SETTINGS_MODULE": "navalha.config.settings",
        "LOG_JSON": "false",
    }
    return {**inherited, **ours, **more}


class Process:
    """One child process with its log in a file."""

    def __init__(self, command: list[str], env: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self._child = subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=output, stderr=output)

    @property
    def is_alive(self) -> bool:
        return self._child.poll() is None

    def kill(self) -> None:
        """kill -9: no handler runs, nothing is finished."""
        self._child.send_signal(signal.SIGKILL)
        self._child.wait(10)

    def stop(self, patience: float = 20.0) -> int:
        """Ask it to end and return its exit code."""
        self._child.terminate()
        try:
            return self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def end(self) -> None:
        if self.is_alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.stop()


@contextlib.contextmanager
def web(env: Mapping[str, str], log: Path) -> Iterator[str]:
    """The web process; yields its address."""
    port = free_port()
    words = ["--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--timeout-graceful-shutdown", "3"]
    process = Process([sys.executable, "-m", "uvicorn", "navalha.config.asgi:application", *words], env, log)
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/whatsapp/webhook/update/"), 90, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.end()


def worker(env: Mapping[str, str], log: Path, *words: str) -> Process:
    return Process([sys.executable, "manage.py", "work", *words], env, log)


def answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def wait_until(condition: Callable[[], bool], seconds: float, process: Process | None = None) -> None:
    """Poll until it holds; fail with the process's log when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        log = process.log.read_text(errors="replace")[-3000:] if process else ""
        assert process is None or process.is_alive, f"it ended:\n{log}"
        assert time.monotonic() < deadline, f"not within {seconds} s\n{log}"
        time.sleep(0.05)
