"""What the checks must find again by name, kept on the disk: memory does not grow with the number of documents."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

# Rows are written in groups of so many.
BATCH = 2000


class Records:
    """Values by kind and name, in the order in which they were added: a database in a temporary file, which SQLite removes when it is closed."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("")
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.execute("CREATE TABLE records (kind TEXT, name TEXT, value BLOB)")
        self.database.execute("CREATE INDEX names ON records (kind, name)")
        self.waiting: list[tuple[str, str, bytes]] = []

    def add(self, kind: str, name: str, value: Any = None) -> None:
        """Keep a JSON value."""
        self.add_bytes(kind, name, orjson.dumps(value))

    def add_bytes(self, kind: str, name: str, value: bytes) -> None:
        self.waiting.append((kind, _storable(name), value))
        if len(self.waiting) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        self.database.executemany("INSERT INTO records VALUES (?, ?, ?)", self.waiting)
        self.waiting.clear()

    def get_bytes(self, kind: str, name: str) -> bytes | None:
        """The value last added; None where there is none."""
        self._flush()
        found = self.database.execute(
            "SELECT value FROM records WHERE kind = ? AND name = ? ORDER BY rowid DESC LIMIT 1", (kind, _storable(name))
        ).fetchone()
        return bytes(found[0]) if found else None

    def get(self, kind: str, name: str) -> Any:
        """The value last added; None where there is none."""
        found = self.get_bytes(kind, name)
        return None if found is None else orjson.loads(found)

    def all(self, kind: str, name: str) -> list[Any]:
        """All values of a name."""
        self._flush()
        found = self.database.execute(
            "SELECT value FROM records WHERE kind = ? AND name = ? ORDER BY rowid", (kind, _storable(name))
        )
        return [orjson.loads(value) for (value,) in found]

    def each(self, kind: str) -> Iterator[tuple[str, Any]]:
        """All names of a kind with their values."""
        self._flush()
        for name, value in self.database.execute(
            "SELECT name, value FROM records WHERE kind = ? ORDER BY rowid", (kind,)
        ):
            yield name, orjson.loads(value)

    def names(self, kind: str) -> list[str]:
        """The names of a kind, each once, in the order in which they came."""
        self._flush()
        found = self.database.execute("SELECT DISTINCT name FROM records WHERE kind = ? ORDER BY rowid", (kind,))
        return [str(name) for (name,) in found]

    def count(self, kind: str, names: Iterable[str] | None = None) -> int:
        """How many values there are of a kind, or of some names of it."""
        self._flush()
        if names is None:
            found = self.database.execute("SELECT COUNT(*) FROM records WHERE kind = ?", (kind,)).fetchone()
            return int(found[0])
        ask = "SELECT COUNT(*) FROM records WHERE kind = ? AND name = ?"
        return sum(self.database.execute(ask, (kind, _storable(name))).fetchone()[0] for name in names)

    def close(self) -> None:
        self.database.close()


def _storable(name: str) -> str:
    """A name without half surrogates, which SQLite takes as little as UTF-8 does."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode("utf-8")
