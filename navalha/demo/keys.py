"""The demo's secrets: made once at random, kept in its own folder, never committed."""

import base64
import os
import secrets
from pathlib import Path


def read_keys(var: Path) -> dict[str, str]:
    """Return the demo's secrets by the names that settings know, making those that are missing.

    They must stay the same: with another FIELD_KEYS the keys stored in the rows could not be read any more.
    """
    file = var / "demo.env"
    lines = file.read_text().splitlines() if file.exists() else []
    kept = dict(line.split("=", 1) for line in lines if "=" in line)
    keys = new_keys() | kept
    if keys != kept:
        write_private(file, "".join(f"{name}={value}\n" for name, value in keys.items()))
    return keys


def new_keys() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "SIMULATOR_KEY": secrets.token_hex(16),
    }


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    draft.replace(file)
