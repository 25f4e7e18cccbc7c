"""What a check of the installation found, in Portuguese for whoever runs it."""

import enum
from dataclasses import asdict, dataclass
from typing import Any


class Level(enum.StrEnum):
    """How bad it is. `SKIPPED`: could not be looked at, because something before it failed."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """`words` is what was seen, `mend` what to do about it: both whole sentences; `mend` is empty when all is well."""

    level: Level
    words: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A finding of the check named `check` (stable, for scripts), titled `title` for people."""

    check: str
    title: str
    level: Level
    words: str
    mend: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def fine(words: str) -> Finding:
    return Finding(Level.OK, words)


def doubtful(words: str, mend: str) -> Finding:
    return Finding(Level.WARNING, words, mend)


def broken(words: str, mend: str) -> Finding:
    return Finding(Level.FAILURE, words, mend)
