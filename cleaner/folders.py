"""The only room that touches the disk: finds and reads sources, writes an output folder beside its place and swaps it in whole."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cleaner import disk
from cleaner.containers import Part, Stretch, parts, parts_of_stretch, stretches
from cleaner.containers.kinds import Form
from cleaner.containers.names import Names
from cleaner.disk import TOOL, Busy, Claim, beside
from cleaner.model.options import Options
from cleaner.model.problems import Problem

# A file below this size is read in one go.
SMALL_FILE_BYTES = 1 << 20
# In these forms each line is a record.
BY_LINE = frozenset({Form.LINES, Form.PARQUET})
LOOP = "unreadable: a link that loops"
NO_FILE = "not a regular file"
MANIFEST = "manifest.json"
INDEX = "index.bin"
# In the hidden folder of a run, the old output while it and the new one change places.
OLD = "old"
# The parts of a corpus, and those of the accounts of the same rows, by their numbers.
PART_OF_CORPUS, PART_OF_ACCOUNTS = "corpus/part-{:06}.jsonl", "provenance/part-{:06}.jsonl"


class Layout(StrEnum):
    """How an output folder holds its texts: a file for each article and each account, and one for all rows; parts of many rows and accounts; or such parts, and articles too."""

    FILES = "files"
    SHARDS = "shards"
    BOTH = "both"


class UsageError(Exception):
    """The command can't be carried out as it was given; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file to be cleaned: the name that it has in every output, and its place on this disk. That is a string, for a run may hold a million of these."""

    source: str
    place: str
    skipped: str = ""

    @property
    def path(self) -> Path:
        return Path(self.place)


@dataclass(frozen=True, slots=True)
class Unit:
    """The bytes of a file or of some of its records (see containers.Part), with the hash and the size of the file on the disk that holds them."""

    source: str
    suffix: str
    data: bytes
    sha256: str
    size: int
    first_line: int = 1
    problem: Problem | None = None
    form: Form = Form.FILE
    head: bytes = b""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A stretch of a large file of records, with the hash and the size of the file: what one of several machines reads of it. `stamp` tells whether it is still that file."""

    item: Input
    stretch: Stretch
    sha256: str
    size: int
    stamp: tuple[int, int]


def discover(paths: Iterable[Path], options: Options) -> list[Input]:
    """The files below the paths, sorted by their names; hidden and excluded ones are marked as skipped."""
    roots = sorted((Path(path) for path in paths), key=Path.absolute)
    for root in roots:
        if not root.exists():
            raise UsageError(f"{root}: there is no such file or folder.")
    found = _once([list(_below(root, options)) for root in roots])
    counts = Counter(item.source for _, item in found)
    named = [
        replace(item, source=f"{roots[number].absolute().name}/{item.source}") if counts[item.source] > 1 else item
        for number, item in found
    ]
    return sorted(_told_apart(named), key=lambda item: item.source)


def _once(found: list[list[Input]]) -> list[tuple[int, Input]]:
    """The inputs below each path, with the path's number; a file that several lead to belongs to the first that does not skip it."""
    numbered = [(number, item) for number, items in enumerate(found) for item in items]
    if len(found) == 1:
        return numbered
    owners: dict[str, int] = {}
    kept: list[tuple[int, Input]] = []
    for number, item in sorted(numbered, key=lambda pair: bool(pair[1].skipped)):
        if owners.setdefault(os.path.realpath(item.place), number) == number:
            kept.append((number, item))
    return kept


def _told_apart(items: list[Input]) -> Iterator[Input]:
    """The inputs, those numbered that still share a name, or have that of a record of another."""
    names = Names(item.source for item in items)
    for item in items:
        yield replace(item, source=names.apart(item.source))


def _below(root: Path, options: Options) -> Iterator[Input]:
    if not root.is_dir():
        yield Input(_shown(root.name), str(root))
        return
    excluded, included = _matcher(options.exclude), _matcher(options.include)
    top = root.resolve()
    rooms = [("", str(root))]
    while rooms:
        room, folder = rooms.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            # What is in it can't be told: it is an input that can't be read.
            if not (excluded and excluded(f"{room}/")):
                yield Input(_shown(room), folder)
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            source = f"{room}/{entry.name}" if room else entry.name
            if entry.is_dir(follow_symlinks=False):
                rooms.append((source, entry.path))
                continue
            skipped = _reason_to_skip(entry, top)
            if excluded and excluded(source):
                skipped = "excluded"
            if included and not included(source):
                skipped = "not included"
            yield Input(_shown(source), entry.path, skipped)


def _shown(name: str) -> str:
    """A name as every output can hold it: bytes that are no text become signs of replacement."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _reason_to_skip(entry: os.DirEntry[str], top: Path) -> str:
    try:
        if not entry.is_symlink():
            return "" if entry.is_file(follow_symlinks=False) else NO_FILE
        place = Path(entry.path).resolve(strict=True)
        if top not in place.parents and top != place:
            return "a link that leaves the folder"
        if place.is_dir():
            return "a link to a folder"
        return "" if place.is_file() else NO_FILE
    except RuntimeError:
        # So pathlib calls a loop before Python 3.13.
        return LOOP
    except OSError as error:
        return LOOP if error.errno == errno.ELOOP else f"unreadable: {error.strerror or error}"


def _matcher(patterns: tuple[str, ...]):  # type: ignore[no-untyped-def]
    """A function that says whether a name fits one of the patterns (.gitignore syntax); None where there are none."""
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns).match_file


def size_of(item: Input) -> int:
    """The bytes of a file; 0 where it can't be told."""
    try:
        return os.stat(item.place).st_size
    except OSError:
        return 0


def single_records(unit: Unit) -> list[Unit]:
    """The records of a unit, each a unit of its own; a unit that is no file of records as it is."""
    if unit.form not in BY_LINE:
        return [unit]
    lines = enumerate(unit.data.split(b"\n"), unit.first_line)
    return [replace(unit, data=line, first_line=number) for number, line in lines if line.strip()] or [unit]


def shares(item: Input, options: Options) -> list[Share]:
    """What several machines read of one file; nothing where it can't be shared, and one has to read it as a whole."""
    try:
        with opened(item.place) as file:
            before = _stamp(file)
            digest, size, stream = _hashed(file)
            found = stretches(item.source, stream, options)
            return [Share(item, stretch, digest, size, before) for stretch in found] if _stamp(file) == before else []
    except OSError:
        # Whoever reads it will tell.
        return []


def read(work: Input | Share, options: Options) -> Iterator[Unit]:
    """The units of one file, or of its share; trouble with it is a unit that carries a problem."""
    item = work.item if isinstance(work, Share) else work
    try:
        with opened(item.place) as file:
            before = work.stamp if isinstance(work, Share) else _stamp(file)
            units: Iterator[Unit]
            if isinstance(work, Share):
                found = parts_of_stretch(item.source, file, work.size, work.stretch, options)
                units, is_apart = (_unit(part, work.sha256, work.size) for part in found), False
            else:
                digest, size, stream = _hashed(file)
                # A small file was read in one go.
                units, is_apart = _units(item.source, digest, size, stream, options), stream is not file
            for unit in units:
                if not is_apart and _stamp(file) != before:
                    yield _unreadable(item, "It changed while it was read. Run again when nobody writes into it.")
                    return
                yield unit
    except OSError as error:
        yield _unreadable(item, _said(error))


def _said(error: OSError) -> str:
    """What is told of a file that can't be read, and what to do."""
    match error.errno:
        case errno.EISDIR:
            return "The folder can't be read. Check its permissions, and how deep it lies."
        case errno.EINVAL | errno.ENXIO:
            return "It is a pipe, a device or a socket, and no file. Save what comes from it as a file."
        case _:
            return f"The file can't be read: {error.strerror or error}. Check its permissions."


def _unreadable(item: Input, message: str) -> Unit:
    return Unit(item.source, "", b"", "", 0, problem=Problem("ENC001", message, item.source))


def _stamp(file: BinaryIO) -> tuple[int, int]:
    """What changes when somebody writes into a file."""
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """A file, opened for reading. Raises OSError for a pipe, a device and a socket too: they may have no end, or never begin."""
    # Without waiting: to open a pipe that nobody writes into would last for ever.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL, "This is no regular file", str(path))
    with open(descriptor, "rb") as file:
        yield file


def read_bytes(source: str, data: bytes, options: Options) -> Iterator[Unit]:
    """The units of a file that is called `source` and holds these bytes."""
    yield from _units(source, sha256(data).hexdigest(), len(data), io.BytesIO(data), options)


def _units(source: str, digest: str, size: int, stream: BinaryIO, options: Options) -> Iterator[Unit]:
    excluded = _matcher(options.exclude)
    for part in parts(source, stream, size, options, lambda name: not (excluded and excluded(name))):
        yield _unit(part, digest, size)


def _unit(part: Part, digest: str, size: int) -> Unit:
    return Unit(
        part.source, part.suffix, part.data, digest, size, part.first_line, part.problem, part.form, part.head, part.address
    )  # fmt: skip


def _hashed(file: BinaryIO) -> tuple[str, int, BinaryIO]:
    """The SHA-256 of a file, its size, and a stream of it; a small one is read once, a large one is never held as a whole."""
    head = file.read(SMALL_FILE_BYTES)
    if len(head) < SMALL_FILE_BYTES:
        return sha256(head).hexdigest(), len(head), io.BytesIO(head)
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    size = file.tell()
    file.seek(0)
    return digest, size, file


def check_output(output: Path, inputs: Iterable[Path], *, force: bool) -> None:
    """Raise UsageError for an output that would overwrite a stranger's files or its own sources."""
    place = output.resolve()
    for path in inputs:
        root = path.resolve()
        if place == root or (root in place.parents and root.is_dir()):
            raise UsageError(f"{output}: the output can't be inside an input ({path}). Choose another place for -o.")
        if place in root.parents:
            raise UsageError(
                f"{output}: the input {path} is inside the output, and would be replaced. Choose another place for -o."
            )
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output}: this is a file. Choose a folder for -o.")
    if os.path.ismount(place):
        raise UsageError(f"{output}: a disk is mounted here, and a folder can't take its place. Choose a folder in it.")
    if output.is_dir() and any(output.iterdir()) and not is_ours(output) and not force:
        raise UsageError(
            f"{output}: the folder is not empty and was not written by {TOOL}. Choose another, or use --force to replace it."
        )


def is_ours(output: Path) -> bool:
    """Whether an output folder was written by this tool: its manifest says so."""
    try:
        with (output / MANIFEST).open("rb") as manifest:
            return f'"name":"{TOOL}"'.encode() in manifest.read(4096).replace(b" ", b"").replace(b"\n", b"")
    except OSError:
        return False


class Written(NamedTuple):
    """A file of an output folder: its path in it, its hash and its size."""

    path: str
    sha256: str
    size: int


class Writer:
    """Writes files into a folder beside the output; of each it tells the hash. Several processes may write to one folder.

    A file that stands in `before`, the old output, with the same bytes is not written again: the new folder gets another name for it, which is less work for
    the system and none for the disk.
    """

    def __init__(self, folder: Path, before: Path) -> None:
        self.folder = folder
        self.before = before
        # What a new file would have.
        self.owner = folder.stat().st_uid
        self.mode = 0o666 & ~disk.umask()
        self.made: set[str] = set()

    def write(self, name: str, data: bytes) -> Written:
        if not self._linked(name, data):
            with self._opened(name) as stream:
                stream.write(data)
        return Written(name, sha256(data).hexdigest(), len(data))

    def _linked(self, name: str, data: bytes) -> bool:
        """Whether the old output has the file, as a run would write it, and the new folder could be given it."""
        old = f"{self.before}/{name}"
        try:
            if not self._is_as_written(old, data):
                return False
            self._make_room(name)
            os.link(old, f"{self.folder}/{name}", follow_symlinks=False)
        except OSError:
            # Not every file system has several names for a file.
            return False
        return True

    def _is_as_written(self, path: str, data: bytes) -> bool:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with open(number, "rb", buffering=0) as stream:
            found = os.fstat(number)
            expected = (stat.S_IFREG | self.mode, self.owner, len(data))
            return (found.st_mode, found.st_uid, found.st_size) == expected and stream.read(len(data)) == data

    def write_lines(self, name: str, lines: Iterable[bytes | memoryview]) -> Written:
        """A file that is written piece by piece."""
        digest, size = sha256(), 0
        with self._opened(name) as stream:
            for line in lines:
                stream.write(line)
                digest.update(line)
                size += len(line)
        return Written(name, digest.hexdigest(), size)

    @contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO]:
        self._make_room(name)
        path = f"{self.folder}/{name}"
        with disk.named(path), open(path, "wb", opener=_without_emptying) as stream:
            yield stream

    def _make_room(self, name: str) -> None:
        room, _, _ = name.rpartition("/")
        if room not in self.made:
            (self.folder / room).mkdir(exist_ok=True)
            self.made.add(room)


def _without_emptying(path: str, flags: int) -> int:
    # A machine of a cluster that was given up for lost may write the same bytes once more, after its work was done again: at no moment is the file shorter then.
    return os.open(path, flags & ~os.O_TRUNC, 0o666)


class Scratch:
    """A folder for what waits on disk during a run, beside the output; without one, where temporary files belong. It goes when nobody holds it any more.

    What runs that were killed have left of theirs is cleared away first.
    """

    def __init__(self, output: Path | None) -> None:
        import tempfile
        import weakref

        place = _place_of(output) if output else Path(tempfile.gettempdir()).absolute() / TOOL
        prefix = beside(place, ".tmp-").name
        disk.clear_left(place.parent, prefix, _emptied)
        claim = _scratch(place.parent, prefix)
        self.folder = claim.folder
        weakref.finalize(self, claim.release, _emptied)


def _scratch(parent: Path, prefix: str) -> Claim:
    import tempfile

    while True:
        # Another run may see it before it is locked, and take it for one that a dead process left.
        with suppress(Busy):
            return Claim(Path(tempfile.mkdtemp(prefix=prefix, dir=parent)))


def _place_of(output: Path) -> Path:
    """Where an output really is, through links to it; its parent is made."""
    place = Path(os.path.realpath(output))
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _emptied(folder: Path) -> None:
    """Remove what a spool has left in its folder: parts, whose names are numbers."""
    for path in folder.iterdir():
        if path.name.isdecimal():
            path.unlink()


@contextmanager
def swapped_in(output: Path) -> Iterator[Writer]:
    """A writer for a new folder that takes the output's place when all went well; a crash at any moment leaves the old one whole.

    Raises UsageError where another run writes into the same output.
    """
    import tempfile

    place = _place_of(output)
    try:
        claim = Claim(beside(place, ".run"))
    except Busy as busy:
        raise UsageError(
            f"{output}: another run ({busy}) writes into it. Wait for its end, or choose another place for -o."
        ) from None
    try:
        _recover(claim.folder, place)
        # Of a name of its own: what a dead run's process may still write goes nowhere.
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=claim.folder))
        yield Writer(fresh, place)
        fresh.chmod(0o777 & ~disk.umask())
        disk.sync(chain(fresh.rglob("*"), [fresh]), fresh)
        _swap(fresh, place)
        disk.sync([place.parent], place.parent)
    finally:
        claim.release(lambda room: _recover(room, place))


def _recover(room: Path, place: Path) -> None:
    """Put back the output that a crash between two renames left aside, and remove all that is of no use any more."""
    if (room / OLD).exists() and not place.exists():
        (room / OLD).rename(place)
    for path in room.iterdir():
        if path.name != disk.LOCK:
            disk.remove(path)


def _swap(fresh: Path, place: Path) -> None:
    """Put the new folder in the place of the old one, in one step where the system can."""
    if not place.exists():
        fresh.rename(place)
        return
    if disk.exchanged(fresh, place):
        return
    old = fresh.with_name(OLD)
    place.rename(old)
    try:
        fresh.rename(place)
    except OSError:
        old.rename(place)
        raise


def read_report(output: Path) -> dict[str, Any]:
    """The report of an output folder. Raises UsageError where there is none."""
    import json

    if not is_ours(output):
        raise UsageError(f"{output}: this is no output folder of {TOOL}; it has no {MANIFEST} of its own.")
    try:
        found = json.loads((output / "report.json").read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{output}/report.json can't be read: {error}. Run `clean` again.") from error
    if not isinstance(found, dict) or found.get("version") != 1:
        raise UsageError(f"{output}/report.json is of another version. Run `clean` again.")
    return found


def rewrite_report(output: Path, render: Callable[[dict[str, Any]], bytes]) -> dict[str, Any]:
    """Render report.html of an output folder again, keep its manifest true, and return the report."""
    import json

    found = read_report(output)
    data = render(found)
    manifest = json.loads((output / MANIFEST).read_bytes())
    for entry in manifest["outputs"]:
        if entry["path"] == "report.html":
            entry.update(sha256=sha256(data).hexdigest(), bytes=len(data))
    disk.replace_file(output / "report.html", data)
    disk.replace_file(output / MANIFEST, (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode())
    return found
