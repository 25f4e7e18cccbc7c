"""Lint, types, import floors, templates, dependencies and migrations. Usage: python -m tools.check"""

import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from tools.steps import ROOT, VENV
from tools.surroundings import surroundings

BIN = VENV / "bin"
CHECKS: dict[str, list[str]] = {
    "types": ["mypy", "navalha", "tools", "manage.py"],
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "import floors": ["lint-imports"],
    "templates": ["djlint", "--quiet", "--lint", "navalha"],
    "dependencies": ["deptry", "."],
    "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
}


def failed_checks(env: Mapping[str, str]) -> list[str]:
    """Run every check, print what the failing ones said, and return their names."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = dict(zip(CHECKS, pool.map(lambda name: passes(name, env), CHECKS), strict=True))
    return [name for name, passed in outcomes.items() if not passed]


def passes(name: str, env: Mapping[str, str]) -> bool:
    """Run one check; its output is shown only when it fails."""
    began = time.monotonic()
    program, *arguments = CHECKS[name]
    done = subprocess.run(
        [str(BIN / program), *arguments],
        cwd=ROOT,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    word = "FAILED" if done.returncode else "ok"
    said = f"\n{done.stdout.rstrip()}" if done.returncode else ""
    print(f"check {name}: {word} ({time.monotonic() - began:.1f} s){said}", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    with surroundings("test") as surrounding:
        names = failed_checks(surrounding)
    sys.exit(f"Failed: {', '.join(names)}" if names else 0)
