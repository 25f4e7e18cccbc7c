"""Pictures of every page, on a phone and on a desk, light and dark, for people: python -m tools.screens

The walk that proves the pages (`tests/journeys/test_every_page.py`) takes them on its way.
"""

import subprocess
import sys

from tools.browser import browser
from tools.steps import ROOT, VENV, Stop
from tools.surroundings import surroundings

FOLDER = ROOT / "var" / "screens"
WALK = "tests/journeys/test_every_page.py"


def main() -> int:
    """The exit code of the walk: pictures are also there when it found something."""
    try:
        chromium = browser()
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    command = [str(VENV / "bin" / "python"), "-m", "pytest", "-q", "-k", "fits_a_phone", WALK]
    with surroundings("test") as env:
        env = {**env, "CHROMIUM": chromium, "SCREENS": str(FOLDER)}
        code = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False).returncode
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")
    return code


if __name__ == "__main__":
    sys.exit(main())
