"""What earlier runs made of the same sources, by the hash of all that it was made from: keys in, bytes out, in one SQLite file outside every output.

A cache only saves time. Whatever is wrong with it (no permission, a full disk, a damaged file, another process that clears it), the run goes on without.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

FILE = "cache-1.sqlite3"
MAX_BYTES = 4 << 30
HASH_BYTES = 16
# Values are written in bundles of so many, or of so many bytes; what a killed process had not written yet is made again.
BUNDLE, BUNDLE_BYTES = 256, 2 << 20
# Another process may hold the file for so long.
PATIENCE_SECONDS = 20
SECONDS_A_DAY = 86_400
# When the bound is reached, what was not used for longest goes until the cache is down to this share of it.
PRUNED_PERCENT = 80
# The write-ahead log is folded into the file when it has so many pages of 4 KB.
LOG_PAGES = 16_000
# Other versions of these can make other text of the same bytes.
PACKAGES = (
    "charset-normalizer ftfy htmldate justext lxml markdown-it-py numpy orjson pyyaml rapidfuzz trafilatura".split()
)
SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, used INTEGER NOT NULL, size INTEGER NOT NULL, value BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS by_use ON entries (used, size);
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a cache holds: entries, and their bytes."""

    entries: int
    size: int


class Cache:
    """Values by their keys in the folder `folder`; without one, a cache that never has any. One object belongs to one process; another gets its own by pickling."""

    def __init__(self, folder: Path | None, program: bytes = b"") -> None:
        self.folder = folder
        self.program = program
        self.connection: sqlite3.Connection | None = None
        self.is_usable = folder is not None
        self.waiting: dict[bytes, bytes] = {}
        self.waiting_bytes = 0
        self.touched: set[bytes] = set()
        self.today = int(time.time()) // SECONDS_A_DAY

    def __reduce__(self) -> tuple[type[Cache], tuple[Path | None, bytes]]:
        return Cache, (self.folder, self.program)

    def key(self, kind: str, *parts: bytes) -> bytes:
        """The key of what this version of the program makes of `parts`."""
        found = blake2b(key=self.program, person=kind.encode(), digest_size=HASH_BYTES)
        for part in parts:
            found.update(len(part).to_bytes(8, "little") + part)
        return found.digest()

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values that are there."""
        if not self.is_usable:
            return {}
        wanted = list(keys)
        rows: list[tuple[bytes, int, bytes]] = []
        with self._guarded() as connection:
            if connection:
                marks = ",".join("?" * len(wanted))
                rows = connection.execute(
                    f"SELECT key, used, value FROM entries WHERE key IN ({marks})",  # noqa: S608 - marks only
                    wanted,
                ).fetchall()
        found: dict[bytes, bytes] = {}
        for key, used, value in rows:
            # A page of the file may be damaged and SQLite not know it.
            if value[:HASH_BYTES] == _hash(key, value[HASH_BYTES:]):
                found[key] = value[HASH_BYTES:]
                if used < self.today:
                    self.touched.add(key)
        return found

    def put(self, key: bytes, value: bytes) -> None:
        if not self.is_usable:
            return
        self.waiting[key] = _hash(key, value) + value
        self.waiting_bytes += len(value)
        if len(self.waiting) >= BUNDLE or self.waiting_bytes >= BUNDLE_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what waits, in one transaction."""
        rows = [(key, self.today, len(value), value) for key, value in self.waiting.items()]
        touched = [(self.today, key) for key in self.touched]
        self.waiting.clear()
        self.waiting_bytes = 0
        self.touched.clear()
        if not rows and not touched:
            return
        with self._guarded() as connection:
            if connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", rows)
                connection.executemany("UPDATE entries SET used = ? WHERE key = ?", touched)
                connection.execute("COMMIT")

    def close(self) -> None:
        self.flush()
        if self.connection:
            self.connection.close()
            self.connection = None

    def prune(self, max_bytes: int) -> int:
        """Let go what was not used for longest, if the cache holds more than `max_bytes`; how many bytes went."""
        gone = 0
        with self._guarded() as connection:
            if connection:
                size = connection.execute("SELECT coalesce(sum(size), 0) FROM entries").fetchone()[0]
                if size <= max_bytes:
                    return 0
                goal = max_bytes * PRUNED_PERCENT // 100
                connection.execute("BEGIN IMMEDIATE")
                oldest = connection.execute("SELECT rowid, size FROM entries ORDER BY used, rowid")
                rows = []
                for rowid, bytes_of_value in oldest:
                    if size - gone <= goal:
                        break
                    gone += bytes_of_value
                    rows.append((rowid,))
                oldest.close()
                connection.executemany("DELETE FROM entries WHERE rowid = ?", rows)
                connection.execute("COMMIT")
                connection.execute("PRAGMA incremental_vacuum").fetchall()
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return gone

    def contents(self) -> Contents | None:
        """What is there; None where the cache can't be read."""
        with self._guarded() as connection:
            if connection:
                entries, size = connection.execute("SELECT count(*), coalesce(sum(size), 0) FROM entries").fetchone()
                return Contents(entries, size)
        return None

    def _guarded(self) -> _Guard:
        return _Guard(self)

    def opened(self) -> sqlite3.Connection | None:
        import sqlite3

        if self.connection is None and self.is_usable and self.folder:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            connection = sqlite3.connect(self.folder / FILE, timeout=PATIENCE_SECONDS, isolation_level=None)
            try:
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
                connection.executescript(SCHEMA)
            except UnicodeDecodeError as error:
                # What SQLite says of a damaged schema quotes it, and Python can't read that.
                connection.close()
                raise sqlite3.DatabaseError(str(error)) from error
            except sqlite3.Error:
                connection.close()
                raise
            self.connection = connection
        return self.connection

    def given_up(self, error: Exception) -> None:
        """Go on without; a file that is no database any more makes room for a new one."""
        import sqlite3

        if self.connection:
            with suppress(sqlite3.Error):
                self.connection.close()
        self.connection = None
        self.is_usable = False
        self.waiting.clear()
        if type(error) is sqlite3.DatabaseError and self.folder:
            clear(self.folder)


class _Guard:
    """The connection, or None where there is none; trouble with it ends the use of the cache, not the run."""

    def __init__(self, cache: Cache) -> None:
        self.cache = cache

    def __enter__(self) -> sqlite3.Connection | None:
        if not self.cache.is_usable:
            return None
        import sqlite3

        try:
            return self.cache.opened()
        except (sqlite3.Error, OSError) as error:
            self.cache.given_up(error)
            return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None:
            return False
        import sqlite3

        if isinstance(error, UnicodeDecodeError):
            error = sqlite3.DatabaseError(str(error))
        if isinstance(error, sqlite3.Error | OSError):
            self.cache.given_up(error)
            return True
        return False


def clear(folder: Path) -> None:
    """Remove the cache. A run that uses it goes on without."""
    for path in _files(folder):
        with suppress(OSError):
            path.unlink()


def default_folder() -> Path:
    """Where this system keeps what may be lost: CLEANER_CACHE_DIR if it is set; else ~/.cache (XDG), ~/Library/Caches, or %LOCALAPPDATA%."""
    if named := os.environ.get("CLEANER_CACHE_DIR"):
        return Path(named)
    home = Path("~").expanduser()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "article-cleaner"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "article-cleaner" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "article-cleaner"


def versions() -> dict[str, str]:
    """The versions of all that can change what the program makes of a text."""
    from importlib.metadata import PackageNotFoundError, version
    from unicodedata import unidata_version

    found = {"Python": ".".join(map(str, sys.version_info[:3])), "Unicode": unidata_version}
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


@lru_cache(maxsize=1)
def program() -> bytes:
    """A hash of the program itself, and of all whose version can change what it makes of a text."""
    found = blake2b(repr(versions()).encode(), digest_size=32)
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        found.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    return found.digest()


def _files(folder: Path) -> list[Path]:
    return [path for suffix in ("", "-wal", "-shm") if (path := folder / f"{FILE}{suffix}").exists()]


def _hash(key: bytes, value: bytes) -> bytes:
    return blake2b(value, key=key, digest_size=HASH_BYTES).digest()
