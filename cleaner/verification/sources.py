"""The sources of an output folder, read anew."""

from __future__ import annotations

import bz2
import codecs
import gzip
import importlib
import lzma
import os
import re
import tempfile
import zlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from cleaner.folders import UsageError
from cleaner.verification.account import Origin

CHUNK = 1 << 20
OPENERS: dict[str, Callable[[Path], Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
# What opening, unpacking, decoding and parsing a file that is not what it was can raise.
DAMAGED = (
    OSError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
    zlib.error,
    lzma.LZMAError,
    ImportError,
)
RECORD = re.compile(r"(?P<line>\d+)?(?P<pointer>(?:/.*)?)", re.DOTALL)
# So many files are held parsed at once: those of one article's sources, as a rule.
MAX_HELD = 4


class Unreadable(Exception):
    """A source can't be read as the output says; the message tells why."""


class Located(NamedTuple):
    """The file that holds a source, the line of its record (0 where the file is no list of lines), and the JSON Pointer of the record."""

    path: Path
    line: int
    pointer: str


class Sources:
    """The strings that articles were made of, read from the folders and files that were cleaned."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self.roots = [Path(root) for root in roots]
        for root in self.roots:
            if not root.exists():
                raise UsageError(f"{root}: there is no such file or folder.")
        self.digests: dict[Path, tuple[str, int]] = {}
        self.lines: dict[Path, _Lines] = {}
        self.held: dict[tuple[Path, int, str], Any] = {}
        self.walked: dict[str, list[Path]] | None = None

    def __bool__(self) -> bool:
        return bool(self.roots)

    def close(self) -> None:
        for lines in self.lines.values():
            lines.close()
        self.lines.clear()

    def located(self, source: str, digest: str = "") -> Located | None:
        """The file of a source, and the record in it. Of several that could be meant, the one with the SHA-256 `digest`, else the first."""
        for name, record in _readings(source):
            paths = self._paths(name)
            if paths:
                right = (
                    next((path for path in paths if self.digest(path)[0] == digest), paths[0])
                    if len(paths) > 1
                    else paths[0]
                )
                return Located(right, int(record["line"] or 0) if record else 0, record["pointer"] if record else "")
        return None

    def _paths(self, name: str) -> list[Path]:
        plain = re.sub(r"~\d+$", "", name)
        found = dict.fromkeys(
            path for root in self.roots for one in (name, plain) for path in _below(root, one) if path.is_file()
        )
        if not found:
            # A file name that is not UTF-8 is written with replacement characters; only a walk can find it.
            if self.walked is None:
                self.walked = _walked(self.roots)
            found = dict.fromkeys(path for one in (name, plain) for path in self.walked.get(one, ()))
        return list(found)

    def digest(self, path: Path) -> tuple[str, int]:
        """The SHA-256 and the size of a file."""
        if path not in self.digests:
            self.digests[path] = digest_of(path)
        return self.digests[path]

    def text(self, origin: Origin) -> str:
        """The decoded text of an origin. Raises Unreadable where there is none such."""
        place = self.located(origin.source, origin.sha256)
        if place is None:
            raise Unreadable(
                f"{origin.source} is not below the folders given as sources. Restore the file, or give the folder that it is in."
            )
        try:
            value = self._value(place, origin)
        except DAMAGED as error:
            raise Unreadable(
                f"{origin.source} can't be read as {origin.encoding or 'text'}: {type(error).__name__}: {error}"
            ) from error
        if not isinstance(value, str):
            raise Unreadable(f"{origin.source} has no string at {origin.pointer or 'its top'}.")
        return value

    def record(self, origin: Origin) -> Any:
        """The JSON value of the record that an origin stands in. Raises Unreadable, as `text` does."""
        return self.text_or_record(origin._replace(pointer=""))

    def text_or_record(self, origin: Origin) -> Any:
        """The value at an origin's pointer, whatever it is."""
        place = self.located(origin.source, origin.sha256)
        if place is None:
            raise Unreadable(f"{origin.source} is not below the folders given as sources.")
        try:
            return self._value(place, origin)
        except DAMAGED as error:
            raise Unreadable(f"{origin.source} can't be read: {type(error).__name__}: {error}") from error

    def _value(self, place: Located, origin: Origin) -> Any:
        key = (place.path, place.line, origin.encoding)
        if key not in self.held:
            while len(self.held) >= MAX_HELD:
                del self.held[next(iter(self.held))]
            text = self._decoded(place, origin.encoding)
            self.held[key] = orjson.loads(text) if origin.format == "json" else text
        return pointed(self.held[key], place.pointer + origin.pointer)

    def _decoded(self, place: Located, encoding: str) -> str:
        if not place.line:
            with _opened(place.path) as stream:
                return _decoded(stream.read(), encoding)
        if encoding.startswith(("utf-16", "utf-32")):
            with _opened(place.path) as stream:
                return _decoded(stream.read(), encoding).split("\n")[place.line - 1]
        if place.path not in self.lines:
            self.lines[place.path] = _Lines(place.path)
        return _decoded(self.lines[place.path].line(place.line), encoding)


def _readings(source: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """The ways to read the name of a source: a file, or a record in a file; a file's name may hold a `#` itself."""
    yield source, None
    at = source.rfind("#")
    while at > 0:
        if record := RECORD.fullmatch(source, at + 1):
            yield source[:at], record
        at = source.rfind("#", 0, at)


def _below(root: Path, name: str) -> Iterator[Path]:
    """Where a file of that name may be: in the folder, the folder itself named first, or the file that was given itself."""
    first, _, rest = name.partition("/")
    own = root.absolute().name
    if root.is_dir():
        if ".." not in name.split("/") and not name.startswith("/"):
            yield root / name
            if rest and first == own:
                yield root / rest
    elif name == own or (rest == own and root.absolute().name == first):
        yield root


def _walked(roots: Sequence[Path]) -> dict[str, list[Path]]:
    named: dict[str, list[Path]] = defaultdict(list)
    for root in roots:
        for folder, _, files in os.walk(root):
            for name in files:
                path = Path(folder) / name
                mangled = (
                    path.relative_to(root).as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                )
                named[mangled].append(path)
                named[f"{root.absolute().name}/{mangled}"].append(path)
    return named


def digest_of(path: Path) -> tuple[str, int]:
    """The SHA-256 and the size of a file, read piece by piece."""
    digest, size = sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _opened(path: Path) -> Any:
    if path.suffix.lower() == ".zst":
        # An optional package: only who has such files needs it.
        return importlib.import_module("zstandard").open(path, "rb")
    opener = OPENERS.get(path.suffix.lower())
    return opener(path) if opener else path.open("rb")


def _decoded(data: bytes, encoding: str) -> str:
    """The text of the bytes, without the byte order mark at its start."""
    mark = MARKS.get(encoding, b"")
    return (data[len(mark) :] if mark and data.startswith(mark) else data).decode(encoding)


class _Lines:
    """The lines of a file by number, read where they stand; eight bytes of memory a line. A compressed file is unpacked to the disk first."""

    def __init__(self, path: Path) -> None:
        is_packed = path.suffix.lower() in (*OPENERS, ".zst")
        # It stays open for the lines to come; `close` ends it.
        self.stream: IO[bytes] = tempfile.TemporaryFile() if is_packed else path.open("rb")  # noqa: SIM115
        if is_packed:
            with _opened(path) as packed:
                while chunk := packed.read(CHUNK):
                    self.stream.write(chunk)
            self.stream.seek(0)
        self.ends = array("Q")
        end = 0
        for line in self.stream:
            end += len(line)
            self.ends.append(end)

    def line(self, number: int) -> bytes:
        """The line of that number, from 1. Raises IndexError where there is none."""
        end = self.ends[number - 1]
        start = self.ends[number - 2] if number > 1 else 0
        self.stream.seek(start)
        return self.stream.read(end - start).rstrip(b"\n")

    def close(self) -> None:
        self.stream.close()


def pointed(value: Any, pointer: str) -> Any:
    """The value at a JSON Pointer (RFC 6901). Raises LookupError, TypeError or ValueError where there is none."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            if not re.fullmatch(r"0|[1-9]\d*", name):
                raise LookupError(f"{name!r} is no place in a list")
            value = value[int(name)]
        else:
            value = value[name]
    return value


def strings_in(value: Any, pointer: str = "") -> Iterator[str]:
    """The JSON Pointers of all strings in a value, in its order."""
    if isinstance(value, str):
        yield pointer
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from strings_in(member, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from strings_in(member, f"{pointer}/{index}")
