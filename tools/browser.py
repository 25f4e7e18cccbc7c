"""Find a Chromium for the tests, or install one with the system's package manager. Standard library only."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.steps import Stop, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
PLAYWRIGHT_CACHES = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
# package manager: commands that install Chromium and a font to draw text with
INSTALLERS: dict[str, list[list[str]]] = {
    "apt-get": [
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-liberation"],
    ],
    "dnf": [["dnf", "install", "-y", "chromium", "liberation-fonts"]],
    "apk": [["apk", "add", "chromium", "font-liberation"]],
    "brew": [["brew", "install", "--cask", "chromium"]],
}
ADVICE = (
    "Os testes precisam do Chromium: instale-o (Debian: apt install chromium) "
    "ou aponte para um navegador com CHROMIUM=/caminho/do/chromium make test."
)


def browser() -> str:
    """Return the path of a Chromium that starts; installs one when there is none.

    Raises Stop with a sentence that says what to install.
    """
    chosen = os.environ.get("CHROMIUM")
    if chosen and not starts(chosen):
        raise Stop(f"CHROMIUM={chosen} não abre: corrija o caminho ou apague a variável.")
    found = chosen or first()
    if not found:
        install()
        found = first()
    if not found:
        raise Stop(ADVICE)
    return found


def first() -> str | None:
    """Return the first candidate that starts."""
    return next((path for path in candidates() if starts(path)), None)


def candidates() -> Iterator[str]:
    """Yield the browsers of the machine, then those that Playwright downloaded."""
    yield from filter(None, map(shutil.which, NAMES))
    yield from filter(os.path.exists, APPLICATIONS)
    for cache in (os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""), *PLAYWRIGHT_CACHES):
        if cache:
            yield from map(str, sorted(Path(cache).expanduser().glob("chromium-*/chrome-*/chrome"), reverse=True))


def starts(path: str) -> bool:
    """Tell whether it runs: some systems ship a wrapper that only says where to get the real one."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def install() -> None:
    """Install Chromium with the first package manager found, as root or with a password-less sudo."""
    for manager, commands in INSTALLERS.items():
        if shutil.which(manager):
            for command in commands:
                env = {"DEBIAN_FRONTEND": "noninteractive"}
                step(f"Chromium ({manager})", [*privilege(manager), *command], advice=ADVICE, env=env)
            return


def privilege(manager: str) -> list[str]:
    """Return what goes before the command; never asks for a password."""
    return [] if os.geteuid() == 0 or manager == "brew" else ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"]
