"""The note of the embedded server: what a killed one left must go, what a living one wrote must stay."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from navalha.config.database import embedded_server_runs, forget_killed_server, server_folder, server_pid


@pytest.fixture
def note(tmp_path) -> Path:
    folder = server_folder(tmp_path)
    folder.mkdir()
    return folder / "postmaster.pid"


@pytest.fixture
def living(tmp_path) -> Iterator[int]:
    """The number of a process that lives and is called as the server is."""
    program = tmp_path / "bin" / "postgres"
    program.parent.mkdir()
    program.symlink_to(str(shutil.which("sleep")))
    process = subprocess.Popen([program, "600"])
    yield process.pid
    process.kill()
    process.wait()


def ended() -> int:
    process = subprocess.Popen([str(shutil.which("true"))])
    process.wait()
    return process.pid


@pytest.mark.parametrize("sign", ["", "-"])  # the one that makes the files notes its number with a minus
def test_the_note_of_a_living_server_stays(tmp_path, note, living, sign):
    note.write_text(f"{sign}{living}\n{note.parent}\n")

    forget_killed_server(note.parent)

    assert note.exists()
    assert embedded_server_runs(tmp_path)


@pytest.mark.parametrize("text", ["{pid}\n", "-{pid}\n{folder}\n", ""])
def test_the_half_written_note_of_a_killed_server_goes(tmp_path, note, text):
    note.write_text(text.format(pid=ended(), folder=note.parent))

    forget_killed_server(note.parent)

    assert not note.exists()
    assert not embedded_server_runs(tmp_path)


def test_a_note_that_has_gone_meanwhile_names_nobody(note):
    assert server_pid(note.parent) == 0
