"""The demo itself, as a newcomer runs it: it gets ready, answers, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from navalha.demo.options import ROOT

OWN = ("DATABASE_URL", "SECRET_KEY", "FIELD_KEYS", "PYTEST_VERSION", "PYTEST_CURRENT_TEST")


def free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        return one.getsockname()[1], two.getsockname()[1]


@pytest.fixture(scope="module")
def var(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("demo") / "var"


class Demo:
    """A running `python -m navalha.demo` on free ports."""

    def __init__(self, var: Path) -> None:
        self.port, self.simulator_port = free_ports()
        kept = {name: value for name, value in os.environ.items() if name not in OWN}
        env = {**kept, "NAVALHA_VAR": str(var), "PORT": str(self.port), "SIMULATOR_PORT": str(self.simulator_port)}
        command = [sys.executable, "-m", "navalha.demo"]
        # Signals go to the supervisor and its group, as a terminal sends them; the test must not get them too.
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def said_until_ready(self) -> list[str]:
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if lines[-1] == "Navalha pronto":
                break
        return lines

    def status(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as response:
            return response.status


@pytest.fixture
def demo(var) -> Iterator[Demo]:
    demo = Demo(var)
    yield demo
    if demo.process.poll() is None:
        os.killpg(demo.process.pid, signal.SIGTERM)
    demo.process.communicate(timeout=60)


def running_in(var: Path) -> list[str]:
    """Return the command lines of living processes that name the demo's folder."""
    lines = (process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"]))
    return [" ".join(line) for line in lines if any(str(var) in word for word in line)]


@pytest.mark.timeout(300)
def test_the_demo_answers_and_ctrl_c_leaves_nothing_running(demo, var):
    lines = demo.said_until_ready()

    assert lines[-1] == "Navalha pronto"
    assert any("dono@navalha.example" in line for line in lines)
    assert [demo.status(path) for path in ("/saude/", "/entrar/", "/agendar/barbearia-do-ze/")] == [200, 200, 200]
    assert running_in(var)

    os.killpg(demo.process.pid, signal.SIGINT)

    assert demo.process.wait(timeout=60) == 0
    assert running_in(var) == []


@pytest.mark.timeout(300)
def test_the_demo_starts_again_after_everything_was_killed(var):
    first = Demo(var)
    assert first.said_until_ready()[-1] == "Navalha pronto"
    for process in [psutil.Process(first.process.pid), *psutil.Process(first.process.pid).children(recursive=True)]:
        process.kill()
    database = int((var / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(database, signal.SIGKILL)
    first.process.communicate(timeout=60)

    second = Demo(var)
    lines = second.said_until_ready()
    os.killpg(second.process.pid, signal.SIGINT)

    assert lines[-1] == "Navalha pronto"
    assert second.process.wait(timeout=60) == 0
