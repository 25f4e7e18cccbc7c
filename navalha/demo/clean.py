"""Forgets the demo: `make clean-demo`. Stops what a killed demo left running first."""

import os
import shutil
import sys
from pathlib import Path

from navalha.config.database import stop_embedded_server
from navalha.demo.options import CannotRun, alone, read_options

OTHERS = {"test", "bench"}  # rows of the tests and measurements, which may be running


def forget(var: Path) -> None:
    """Remove everything of the demo from its folder."""
    for entry in var.iterdir():
        if entry.is_dir() and entry.name not in OTHERS:
            shutil.rmtree(entry)
        elif entry.is_file():
            entry.unlink()


def main() -> int:
    """Forget the demo's data. Returns 2 with a sentence when it is in use or cannot be removed."""
    try:
        var = read_options(os.environ).var
        if not var.exists():
            return 0
        with alone(var):
            stop_embedded_server(var)
            forget(var)
    except CannotRun as reason:
        print(reason, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"Não deu para apagar {error.filename} ({error.strerror}).", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
