"""What the build scripts share: a fault that is one sentence, a timed step, a stamp. Standard library only."""

import hashlib
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TAIL = 15  # lines of a failed command worth showing


class Stop(Exception):
    """Nothing more can be done; the text is one sentence that says what to do."""


def step(title: str, command: Sequence[str | Path], *, advice: str, env: Mapping[str, str] | None = None) -> None:
    """Run a command from the project's folder and show its title and seconds.

    Raises Stop with the command's last lines and the advice when it fails.
    """
    print(f"  {title}…", flush=True)
    began = time.monotonic()
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        raise Stop("\n".join([*done.stdout.splitlines()[-TAIL:], f"{title}: falhou. {advice}"]))
    print(f"  {title}: pronto em {time.monotonic() - began:.1f} s", flush=True)


def digest(*files: Path, also: str = "") -> str:
    """Return one hash over the files' bytes and a text; what a stamp holds."""
    whole = hashlib.sha256(also.encode())
    for file in files:
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    """Tell whether the work behind a stamp was already finished for exactly these inputs."""
    return stamp.exists() and stamp.read_text() == value
