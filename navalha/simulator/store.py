"""Where the pretend server keeps what survives a restart: one SQLite table of JSON (in memory without a folder)."""

import json
import sqlite3
from pathlib import Path
from typing import Any

_TABLE = "CREATE TABLE IF NOT EXISTS kept (kind TEXT, name TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, name))"


class Store:
    """Kept things by kind and name. Each write is committed at once: a killed process loses nothing it answered for."""

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        # The server runs in one thread, but tests build it in another one than they run it in.
        self._db = sqlite3.connect(
            str(folder / "simulator.sqlite3") if folder else ":memory:", isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(_TABLE)

    def save(self, kind: str, name: str, body: dict[str, Any]) -> None:
        text = json.dumps(body, ensure_ascii=False)
        self._db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (kind, name, text))

    def remove(self, kind: str, name: str) -> None:
        self._db.execute("DELETE FROM kept WHERE kind = ? AND name = ?", (kind, name))

    def load(self, kind: str) -> list[dict[str, Any]]:
        rows = self._db.execute("SELECT body FROM kept WHERE kind = ? ORDER BY rowid", (kind,))
        return [json.loads(body) for (body,) in rows]

    def clear(self) -> None:
        self._db.execute("DELETE FROM kept")

    def close(self) -> None:
        self._db.close()
