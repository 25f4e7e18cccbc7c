"""What the project must not say: where it was made, and hosts of package registries."""

import re
import subprocess
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
HOSTS = ["python" + "hosted", "pypi" + r"\.org", "npm" + "js", "debian" + r"\.org"]
FORBIDDEN = re.compile("|".join(HOSTS))


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout  # noqa: S607
    return [ROOT / name for name in listed.split("\0") if name]


def test_no_file_names_a_registry_host():
    files = tracked_files()
    assert len(files) > 50
    offenders = [
        str(path.relative_to(ROOT))
        for path in files
        if path.is_file() and FORBIDDEN.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert offenders == []
