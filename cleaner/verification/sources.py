"""The sources of an output folder, read anew."""

from __future__ import annotations

import codecs
import os
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cleaner.containers import tables, warc
from cleaner.containers.archives import KEPT, Archive, Member
from cleaner.containers.feed import Malformed, read_feed
from cleaner.containers.kinds import Form, form_of, is_mail, packing_of, suffix_of, unpacked_name
from cleaner.containers.loose import load, value_at
from cleaner.containers.mail import attachments, read_mail
from cleaner.containers.streams import MissingPackage, damages, head_of, salvaged, spooled, unpacking
from cleaner.folders import UsageError
from cleaner.verification.account import Origin

CHUNK = 1 << 20
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
# What opening, unpacking, decoding and parsing a file that is not what it was can raise.
DAMAGED: tuple[type[Exception], ...] = (
    *damages(), LookupError, TypeError, RecursionError, ImportError, StopIteration, Malformed, MissingPackage,
)  # fmt: skip
RECORD = re.compile(r"(?P<line>\d+)?(?P<pointer>(?:/.*)?)", re.DOTALL)
# So many files are held parsed at once: those of one article's sources, as a rule.
MAX_HELD = 4
# So many files are open at once, their unpacked bytes at hand.
MAX_OPEN = 8
MAX_HEAD_BYTES = 1 << 26
# No file system has a longer path to a file; a member of an archive may have a longer name.
MAX_PATH = 4096


class Unreadable(Exception):
    """A source can't be read as the output says; the message tells why."""


class Located(NamedTuple):
    """The file that holds a source, its place in the archives there, the line or number of its record (0 where it is none), and the record's JSON Pointer."""

    path: Path
    inner: str
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
        self.files: dict[tuple[Path, str], _File] = {}
        self.held: dict[tuple[Path, str, int, str, str], Any] = {}
        self.walked: dict[str, list[Path]] | None = None

    def __bool__(self) -> bool:
        return bool(self.roots)

    def close(self) -> None:
        for file in self.files.values():
            file.close()
        self.files.clear()

    def located(self, source: str, digest: str = "") -> Located | None:
        """The file of a source, and the record in it. Of several that could be meant, the one with the SHA-256 `digest`, else the first."""
        first = None
        for found in self._candidates(source):
            if not digest or self.digest(found.path)[0] == digest:
                return found
            first = first or found
        return first

    def _candidates(self, source: str) -> Iterator[Located]:
        for name, record in _readings(source):
            for outer, inner in _splits(name):
                for path in self._paths(outer):
                    if not inner or self._holds(path, inner):
                        line, pointer = (int(record["line"] or 0), record["pointer"]) if record else (0, "")
                        yield Located(path, inner, line, pointer)

    def _holds(self, path: Path, inner: str) -> bool:
        """Whether an archive has a member of that name, perhaps in an archive inside it."""
        try:
            return self._file(path, "").holds(inner)
        except DAMAGED:
            return False

    def _paths(self, name: str) -> list[Path]:
        if len(name) > MAX_PATH:
            return []
        plain = re.sub(r"~\d+$", "", name)
        found = dict.fromkeys(
            path for root in self.roots for one in (name, plain) for path in _below(root, one) if _is_file(path)
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

    def written(self, origin: Origin) -> str:
        """The text that a record is written in: of its file, or of its line in a file of records. Raises Unreadable, as `text` does."""
        place = self.located(origin.source, origin.sha256)
        if place is None:
            raise Unreadable(f"{origin.source} is not below the folders given as sources.")
        try:
            return self._file(place.path, place.inner).text(place.line, origin.encoding)
        except DAMAGED as error:
            raise Unreadable(f"{origin.source} can't be read: {type(error).__name__}: {error}") from error

    def _value(self, place: Located, origin: Origin) -> Any:
        key = (place.path, place.inner, place.line, origin.format, origin.encoding)
        if key not in self.held:
            while len(self.held) >= MAX_HELD:
                del self.held[next(iter(self.held))]
            self.held[key] = self._loaded(place, origin)
        return value_at(self.held[key], place.pointer + origin.pointer)

    def _loaded(self, place: Located, origin: Origin) -> Any:
        """What a record's pointers point into: a text, or the value that a record of its format is."""
        file = self._file(place.path, place.inner)
        match origin.format:
            case "mail":
                return read_mail(file.whole()).value
            case "parquet":
                return load(tables.json_line(file.parquet_row(place.line)).decode()).value
            case "csv":
                return file.row(place.line, origin.encoding)
            case "json":
                return load(file.text(place.line, origin.encoding)).value
            case "feed":
                return read_feed(file.text(place.line, origin.encoding))
            case _:
                return file.text(place.line, origin.encoding)

    def _file(self, path: Path, inner: str) -> _File:
        """The unpacked file at a place; the last few stay open."""
        key = (path, inner)
        if key in self.files:
            # An archive stays open while its members come and go.
            self.files[key] = self.files.pop(key)
            return self.files[key]
        while len(self.files) >= MAX_OPEN:
            oldest = next(iter(self.files))
            self.files.pop(oldest).close()
        if not inner:
            self.files[key] = _File(path.name, path.open("rb"))
            return self.files[key]
        outer = self._file(path, "")
        found = outer.member_of(inner)
        if found is None:
            raise LookupError(f"{inner} is not in {path.name}")
        self.files[key] = found
        return found


def _readings(source: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """The ways to read the name of a source: a file, or a record in a file; a file's name may hold a `#` itself."""
    yield source, None
    at = source.rfind("#")
    while at > 0:
        if record := RECORD.fullmatch(source, at + 1):
            yield source[:at], record
        at = source.rfind("#", 0, at)


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """The ways to read a name: a file, or a file in an archive that stands where a folder would."""
    yield name, ""
    at = name.rfind("/")
    while at > 0:
        yield name[:at], name[at + 1 :]
        at = name.rfind("/", 0, at)


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


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        # The name of what stands in an archive may be longer than the system's may be.
        return False


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


def _decoded(data: bytes, encoding: str) -> str:
    """The text of the bytes, without the byte order mark at its start."""
    mark = MARKS.get(encoding, b"")
    return (data[len(mark) :] if mark and data.startswith(mark) else data).decode(encoding)


class _File:
    """A file as it was before it was packed: what it is, its bytes, and its records by number, read where they stand."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.archive: Archive | None = None
        self.members: dict[str, Member] | None = None
        self.ends: array[int] | None = None
        self.offsets: list[int] | None = None
        self.rows: list[dict[str, Any]] = []
        self.first_row = 1
        while (form := form_of(head_of(stream), suffix_of(name))) is Form.PACKED:
            packed = stream
            stream, name = (
                salvaged(unpacking(packed, packing_of(head_of(packed), suffix_of(name)))),
                unpacked_name(name),
            )
            packed.close()
        self.form, self.stream = form, stream
        self.suffix = suffix_of(name)
        self.attached: dict[str, bytes] | None = None

    def close(self) -> None:
        if self.archive:
            self.archive.close()
        self.stream.close()

    def holds(self, inner: str) -> bool:
        """Whether an archive or a mail has a member of that name, or an archive that would have it; whether it can be read is seen when it is."""
        return any(outer in self._members() or outer in self._attached() for outer, _ in _splits(inner))

    def member_of(self, inner: str) -> _File | None:
        """The file that an archive has under a name, or has in an archive inside it; None where it has none."""
        for outer, rest in _splits(inner):
            if (member := self._members().get(outer)) and self.archive is not None:
                found = _File(member.name, spooled(self.archive.open(member)))
                if not rest:
                    return found
                nested = found.member_of(rest)
                found.close()
                return nested
            if (data := self._attached().get(outer)) is not None:
                found = _File(outer, BytesIO(data))
                return found.member_of(rest) if rest else found
        return None

    def _attached(self) -> dict[str, bytes]:
        """What is attached to a mail, by its names; nothing of another file."""
        if self.attached is None:
            data = self.whole() if self.form is Form.FILE else b""
            self.attached = dict(attachments(data)) if is_mail(data, self.suffix) else {}
        return self.attached

    def _members(self) -> dict[str, Member]:
        """The members of an archive by their names, as far as it can be read; none of another file."""
        if self.members is None:
            self.members = {}
            if self.form in KEPT:
                self.archive = Archive(self.stream, self.form)
                with suppress(*damages()):
                    self.members.update((member.name, member) for member in self.archive.members())
        return self.members

    def whole(self) -> bytes:
        self.stream.seek(0)
        return self.stream.read()

    def text(self, number: int, encoding: str) -> str:
        """The decoded text: of the whole file, of a line of it, or of a record of a web archive."""
        if not number:
            return _decoded(self.whole(), encoding)
        if self.form is Form.WARC:
            if self.offsets is None:
                self.stream.seek(0)
                self.offsets = warc.offsets(self.stream)
            return _decoded(warc.body_at(self.stream, self.offsets[number - 1])[1], encoding)
        if encoding.startswith(("utf-16", "utf-32")):
            return _decoded(self.whole(), encoding).split("\n")[number - 1]
        return _decoded(self.line(number), encoding)

    def line(self, number: int) -> bytes:
        """The line of that number, from 1. Raises IndexError where there is none."""
        end = self._line_ends()[number - 1]
        start = self._line_ends()[number - 2] if number > 1 else 0
        self.stream.seek(start)
        return self.stream.read(end - start).rstrip(b"\n")

    def row(self, number: int, encoding: str) -> dict[str, Any]:
        """The record of a table whose row begins on that line."""
        if encoding.startswith(("utf-16", "utf-32")):
            found = next((row for row in tables.rows(_decoded(self.whole(), encoding)) if row.line == number), None)
            if found is None:
                raise LookupError(f"no row begins on line {number}")
            return found.record
        self.stream.seek(0)
        _, head, _ = next(tables.row_pieces(self.stream, 1, MAX_HEAD_BYTES))
        self.stream.seek(self._line_ends()[number - 2] if number > 1 else 0)
        return tables.row_at(iter(self.stream.readline, b""), _decoded(head, encoding), encoding)

    def parquet_row(self, number: int) -> dict[str, Any]:
        """The row of that number, from 1; read on from the last one that was asked for."""
        if not self.first_row <= number < self.first_row + len(self.rows):
            self.stream.seek(0)
            first = 1
            for batch in tables.parquet_rows(self.stream):
                if first <= number < first + len(batch):
                    self.first_row, self.rows = first, batch
                    break
                first += len(batch)
        return self.rows[number - self.first_row]

    def _line_ends(self) -> array[int]:
        """Where each line ends; eight bytes of memory a line."""
        if self.ends is None:
            self.ends = array("Q")
            self.stream.seek(0)
            end = 0
            for line in iter(self.stream.readline, b""):
                end += len(line)
                self.ends.append(end)
        return self.ends


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
