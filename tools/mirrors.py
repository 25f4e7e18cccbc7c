"""Lets uv fetch from where this machine's pip fetches from. Standard library only."""

import ast
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

# uv reads neither pip's variables nor its configuration files; a company's mirror is usually told to pip only.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def uv_environment(python: Path) -> dict[str, str]:
    """Return the variables that give uv the mirrors of pip; what is set for uv itself wins."""
    listed = subprocess.run([str(python), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    return {
        # pip takes the best version over all its indexes; the hashes of the locks make that safe here too.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_PYTHON_DOWNLOADS": "never",
        **{name: value for name, value in translated(listed.stdout.splitlines()) if name not in os.environ},
    }


def translated(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield uv's name and value for each setting of pip, from lines like ``global.index-url='…'``."""
    for line in lines:
        key, _, quoted = line.partition("=")
        name = UV_NAMES.get(key.rpartition(".")[2])
        if name and quoted:
            value = " ".join(ast.literal_eval(quoted).split())
            yield name, value.replace(" ", ",") if name == "UV_FIND_LINKS" else value
