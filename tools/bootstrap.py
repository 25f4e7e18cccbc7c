"""Install what the product needs into this folder, once: Python packages, front-end parts, compiled translations.

Standard library only: it runs before anything is installed. A second run finds its stamps and fetches nothing.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import frontend
from tools.mirrors import uv_environment
from tools.steps import ROOT, VENV, Stop, digest, is_stamped, step

LOCKS = {"run": ("base",), "test": ("base", "test")}
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
NETWORK = "Verifique a internet (ou o espelho configurado no pip) e rode de novo."


def main(level: str) -> int:
    try:
        with alone():
            install_python(level)
            frontend.install()
            compile_messages()
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 2
    except OSError as error:
        place = error.filename or ROOT
        print(
            f"Não foi possível gravar em {place}: {error.strerror}. Libere essa pasta e rode de novo.", file=sys.stderr
        )
        return 2
    return 0


@contextmanager
def alone() -> Iterator[None]:
    """Let two runs in the same folder follow each other; the lock ends with the process, however it ends."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def install_python(level: str) -> None:
    """Bring .venv to the locks of the level. Once the tests' packages are there, a run keeps them."""
    level = "test" if STAMP.exists() and STAMP.read_text().startswith("test ") else level
    locks = [ROOT / "requirements" / f"{name}.txt" for name in LOCKS[level]]
    uv_lock = ROOT / "requirements" / "uv.txt"
    wanted = f"{level} {digest(uv_lock, *locks, also=str(VENV))}"
    if is_stamped(STAMP, wanted) and venv_works():
        return
    if not venv_works():
        advice = "Libere a pasta .venv e rode de novo."
        step("Ambiente Python", [sys.executable, "-m", "venv", "--clear", VENV], advice=advice)
    pip: list[str | Path]
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", uv_lock]
    step("Instalador de pacotes", pip, advice=NETWORK)
    sync: list[str | Path]
    sync = [VENV / "bin" / "uv", "pip", "sync", "--quiet", "--python", PYTHON, "--require-hashes", *locks]
    step("Pacotes Python", sync, advice=NETWORK, env=uv_environment(PYTHON))
    STAMP.write_text(wanted)


def venv_works() -> bool:
    """Tell whether .venv runs and was made at this path: its scripts hold the path, so a moved one is broken."""
    settings = VENV / "pyvenv.cfg"
    if not settings.exists() or str(VENV) not in settings.read_text() or not PYTHON.exists():
        return False
    enough = "import sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([str(PYTHON), "-c", enough], capture_output=True, check=False).returncode == 0


def compile_messages() -> None:
    """Compile the translations whose text is newer than their compiled form."""
    catalogs = (ROOT / "navalha" / "locale").glob("*/LC_MESSAGES/django.po")
    if any(is_stale(catalog) for catalog in catalogs):
        step("Traduções", [PYTHON, "-m", "tools.messages", "compile"], advice="Corrija o arquivo django.po indicado.")


def is_stale(catalog: Path) -> bool:
    compiled = catalog.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < catalog.stat().st_mtime


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        sys.exit(f"usage: bootstrap.py {'|'.join(LOCKS)}")
    sys.exit(main(sys.argv[1]))
