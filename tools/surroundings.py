"""The environment in which checks, tests and measurements run: their own database folder and throw-away keys."""

import base64
import os
import secrets

from tools.steps import ROOT


def surroundings(purpose: str) -> dict[str, str]:
    """Return the environment for a purpose ("test", "bench"): rows under var/<purpose>, away from the demo's.

    What the caller set wins, so DATABASE_URL and NAVALHA_VAR can point elsewhere.
    """
    defaults = {
        "NAVALHA_VAR": str(ROOT / "var" / purpose),
        "SECRET_KEY": secrets.token_urlsafe(32),
        "FIELD_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "PYTHONPATH": str(ROOT),
    }
    return defaults | dict(os.environ)
