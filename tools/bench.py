"""Run every measurement in tests/bench; each prints its table. Usage: python -m tools.bench [name…]

Those that need a browser get one as the tests do: CHROMIUM names it, else it is found or installed.
"""

import subprocess
import sys

from tools.browser import browser
from tools.steps import ROOT, VENV, Stop
from tools.surroundings import surroundings

FOLDER = ROOT / "tests" / "bench"
IN_A_BROWSER = frozenset({"bench_live", "bench_public"})


def main(wanted: list[str]) -> int:
    """Run the named measurements (all without a name) and return 1 when one of them failed."""
    known = sorted(file.stem for file in FOLDER.glob("bench_*.py"))
    names = [f"bench_{name}" for name in wanted] or known
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        print(f"No such measurement: {', '.join(unknown) or FOLDER}. Known: {', '.join(known)}", file=sys.stderr)
        return 2
    try:
        chromium = {"CHROMIUM": browser()} if IN_A_BROWSER & set(names) else {}
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 2
    with surroundings("bench") as env:
        failed = [name for name in names if not ran(name, {**env, **chromium})]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


def ran(name: str, env: dict[str, str]) -> bool:
    print(f"\n# {name}", flush=True)
    command = [str(VENV / "bin" / "python"), "-m", f"tests.bench.{name}"]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
