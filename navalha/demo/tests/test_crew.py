import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from navalha.demo.crew import Asked, Crew, PartEnded
from navalha.demo.options import ROOT

SLEEPER = "import time; print('awake', flush=True); time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
QUIET = "import time; time.sleep(600)"
PARENT = (
    f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {QUIET!r}]); "
    "print(child.pid, flush=True); child.wait()"
)
KEEPER = [sys.executable, "-m", "navalha.demo.keeper", "unused"]
OUTSIDE_DATABASE = {"DATABASE_URL": "postgresql:///somewhere-else"}
SUPERVISOR = f"""
import sys, time
from pathlib import Path
from navalha.demo.crew import Crew
with Crew(Path(sys.argv[1]), {OUTSIDE_DATABASE!r}) as crew:
    crew.start_keeper({KEEPER!r})
    crew.start("sleeper", [sys.executable, "-c", {SLEEPER!r}])
    print(crew.keeper.pid, crew.parts["sleeper"].pid, flush=True)
    time.sleep(600)
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def until(condition: Callable[[], bool], seconds: float = 60) -> bool:
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.02)
    return condition()


def lives(pid: int) -> bool:
    """Tell whether a process runs; one that ended and was not collected by its parent does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def crew(tmp_path) -> Iterator[Crew]:
    with Crew(tmp_path, {}, patience=1) as crew:
        yield crew


def said(crew: Crew, name: str) -> str:
    return (crew.logs / f"{name}.log").read_text()


def test_a_part_that_ends_by_itself_is_named_with_the_end_of_its_log(crew):
    crew.start("web", python("print('the last thing it said'); raise SystemExit(3)"))

    with pytest.raises(PartEnded, match=r"(?s)web parou sozinho \(código 3\).*the last thing it said"):
        until(lambda: crew.pause(0.02) is not None)


def test_parts_that_go_on_let_time_pass(crew):
    crew.start("web", python(SLEEPER))

    assert crew.pause(0.2) is None


def test_leaving_the_crew_ends_the_parts_and_what_they_started(tmp_path):
    with Crew(tmp_path, {}) as crew:
        crew.start("parent", python(PARENT))
        assert until(lambda: said(crew, "parent").strip().isdigit())
        pids = [crew.parts["parent"].pid, int(said(crew, "parent"))]
        assert all(lives(pid) for pid in pids)

    assert until(lambda: not any(lives(pid) for pid in pids))


def test_a_part_that_ignores_the_request_is_killed(tmp_path):
    with Crew(tmp_path, {}, patience=0.3) as crew:
        crew.start("deaf", python(DEAF))
        assert until(lambda: "deaf" in said(crew, "deaf"))
        part = crew.parts["deaf"]

    assert part.returncode == -signal.SIGKILL


def test_a_preparation_that_fails_shows_why(crew):
    with pytest.raises(PartEnded, match=r"(?s)prepare falhou \(código 1\).*no such table"):
        crew.finish("prepare", python("raise SystemExit('no such table')"))


def test_a_preparation_that_ends_well_is_no_longer_watched(crew):
    crew.finish("prepare", python("pass"))

    assert crew.parts == {}
    assert crew.pause(0.02) is None


def test_the_log_of_the_run_before_is_kept(crew):
    crew.finish("prepare", python("import sys; print('first', file=sys.stderr)"))
    crew.finish("prepare", python("import sys; print('second', file=sys.stderr)"))

    assert said(crew, "prepare") == "second\n"
    assert (crew.logs / "prepare.log.1").read_text() == "first\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_is_noticed_at_the_next_pause(crew, number):
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        crew.heed_signals()
        os.kill(os.getpid(), number)
        with pytest.raises(Asked):
            crew.pause(0.01)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def test_a_killed_supervisor_leaves_nothing_running(tmp_path):
    command = [*python(SUPERVISOR), str(tmp_path)]
    supervisor = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    keeper, sleeper = map(int, supervisor.stdout.readline().split())
    assert lives(keeper)
    assert lives(sleeper)

    supervisor.kill()
    supervisor.communicate()

    assert until(lambda: not lives(sleeper) and not lives(keeper))


def test_a_keeper_that_dies_is_noticed(tmp_path):
    with Crew(tmp_path, OUTSIDE_DATABASE) as crew:
        assert crew.start_keeper(KEEPER) == OUTSIDE_DATABASE["DATABASE_URL"]
        crew.keeper.kill()

        with pytest.raises(PartEnded, match="postgres parou sozinho"):
            until(lambda: crew.pause(0.02) is not None)


def test_a_database_that_does_not_open_is_said_with_its_log(crew):
    with pytest.raises(PartEnded, match=r"(?s)O banco de dados não abriu.*disk is full"):
        crew.start_keeper(python("raise SystemExit('disk is full')"))
