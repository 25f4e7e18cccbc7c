"""Fetch the front-end parts with npm and copy the few files that pages are made of. Standard library only."""

import re
import shutil
import subprocess
from pathlib import Path

from tools.steps import ROOT, VENV, Stop, digest, is_stamped, step

MODULES = ROOT / "node_modules"
PACKAGE = ROOT / "navalha"
STAMP = PACKAGE / "static" / "vendor" / ".installed"
# where it lies under navalha/: where npm puts it
FILES = {
    "static/vendor/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "static/vendor/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "static/vendor/bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "static/vendor/chart.umd.min.js": "chart.js/dist/chart.umd.min.js",
    # Not a static file: pages get the few drawings they use inline, not a megabyte of sprite or a 130 kB font.
    "web/vendor/bootstrap-icons.svg": "bootstrap-icons/bootstrap-icons.svg",
}
SOURCE_MAP = re.compile(rb"\n?(//[#@] sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$")


def install() -> None:
    """Fill the vendor folders from the locked packages, unless it is already filled from the same lock.

    Raises Stop when no npm on the machine nor in .venv can fetch them.
    """
    wanted = digest(ROOT / "package-lock.json", Path(__file__))
    if is_stamped(STAMP, wanted) and all((PACKAGE / name).exists() for name in FILES):
        return
    fetch()
    for name, source in FILES.items():
        copy(MODULES / source, PACKAGE / name)
    STAMP.write_text(wanted)


def fetch() -> None:
    """Run npm ci with the first npm that manages it: the machine's, then the one that pip installed."""
    candidates = npms()
    for number, npm in enumerate(candidates, start=1):
        try:
            step(
                "Partes da interface",
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                advice="Verifique a internet (ou o espelho configurado no npm) e rode de novo.",
            )
        except Stop:
            if number == len(candidates):
                raise
        else:
            return


def npms() -> list[str]:
    """Return the npm programs that start at all."""
    known = [shutil.which("npm"), str(VENV / "bin" / "npm")]
    return [npm for npm in dict.fromkeys(known) if npm and starts(npm)] or [str(VENV / "bin" / "npm")]


def starts(program: str) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def copy(source: Path, target: Path) -> None:
    """Copy one file without its pointer to a source map: manifest storage stops on maps that are not there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    content = source.read_bytes()
    text = target.suffix in {".js", ".css"}
    target.write_bytes(SOURCE_MAP.sub(b"\n", content) if text else content)
