"""The whole proof: every check, then every test with a real browser. Usage: python -m tools.test [pytest's options]

TEST_WORKERS sets how many tests run at the same time (2); CHROMIUM names the browser.
"""

import os
import subprocess
import sys
from collections.abc import Mapping

from tools.browser import browser
from tools.check import failed_checks
from tools.steps import ROOT, VENV, Stop
from tools.surroundings import surroundings


def main(options: list[str]) -> int:
    try:
        chromium = browser()
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 2
    with surroundings("test") as env:
        return prove({**env, "CHROMIUM": chromium}, options)


def prove(env: Mapping[str, str], options: list[str]) -> int:
    """Run the checks, then the tests, also when a check failed: one run shows everything."""
    failed = failed_checks(env)
    done = subprocess.run([*pytest(), *options], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False)
    if failed:
        print(f"Failed checks: {', '.join(failed)}", file=sys.stderr)
    return done.returncode or bool(failed)


def pytest() -> list[str]:
    """Return the command; a file's tests stay in one process, so that costly fixtures start once."""
    workers = os.environ.get("TEST_WORKERS", "2")
    return [str(VENV / "bin" / "python"), "-m", "pytest", "-q", "-n", workers, "--dist", "loadfile"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
