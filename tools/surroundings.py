"""The environment in which checks, tests and measurements run: their own database folder and throw-away keys."""

import base64
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tools.steps import ROOT, VENV

STOP = (
    "import os, pathlib, navalha.config.database as d; d.stop_embedded_server(pathlib.Path(os.environ['NAVALHA_VAR']))"
)


@contextmanager
def surroundings(purpose: str) -> Iterator[dict[str, str]]:
    """Give the environment for a purpose ("test", "bench"): rows under var/<purpose>, away from the demo's.

    What the caller set wins, so DATABASE_URL and NAVALHA_VAR can point elsewhere. At the end the database that
    was started for it stops: a tool that ends without Python's farewell (mypy does) would leave it running.
    """
    defaults = {
        "NAVALHA_VAR": str(ROOT / "var" / purpose),
        "SECRET_KEY": secrets.token_urlsafe(32),
        "FIELD_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "PYTHONPATH": str(ROOT),
    }
    env = defaults | dict(os.environ)
    try:
        yield env
    finally:
        subprocess.run([str(VENV / "bin" / "python"), "-c", STOP, env["NAVALHA_VAR"]], cwd=ROOT, env=env, check=False)
