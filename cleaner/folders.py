"""The only room that touches the disk: finds and reads sources, writes an output folder beside its place and swaps it in whole."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO, NamedTuple

from cleaner.containers import parts
from cleaner.containers.kinds import Form
from cleaner.model.options import Options
from cleaner.model.problems import Problem

# A file below this size is read in one go.
SMALL_FILE_BYTES = 1 << 20
# So many files and folders are synced by themselves, and so many of them at once; more are synced with all that the system holds.
MAX_SYNCED_PATHS, SYNCED_AT_ONCE = 64, 8
# In these forms each line is a record.
BY_LINE = frozenset({Form.LINES, Form.PARQUET})
LOOP = "unreadable: a link that loops"
MANIFEST = "manifest.json"
INDEX = "index.bin"
TOOL = "article-cleaner"


class UsageError(Exception):
    """The command can't be carried out as it was given; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file to be cleaned: the name that it has in every output, and its place on this disk."""

    source: str
    path: Path
    skipped: str = ""


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
        if owners.setdefault(os.path.realpath(item.path), number) == number:
            kept.append((number, item))
    return kept


def _told_apart(items: list[Input]) -> Iterator[Input]:
    """The inputs, those that still share a name numbered."""
    seen: Counter[str] = Counter()
    for item in items:
        seen[item.source] += 1
        yield item if seen[item.source] == 1 else replace(item, source=f"{item.source}~{seen[item.source]}")


def _below(root: Path, options: Options) -> Iterator[Input]:
    if not root.is_dir():
        yield Input(root.name, root)
        return
    excluded, included = _matcher(options.exclude), _matcher(options.include)
    top = root.resolve()
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder) / name
            source = path.relative_to(root).as_posix()
            if name.startswith("."):
                continue
            skipped = _reason_to_skip(path, top)
            if excluded and excluded(source):
                skipped = "excluded"
            if included and not included(source):
                skipped = "not included"
            yield Input(source.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), path, skipped)


def _reason_to_skip(path: Path, top: Path) -> str:
    try:
        if path.is_symlink() and top not in path.resolve(strict=True).parents:
            return "a link that leaves the folder"
        return "" if stat.S_ISREG(path.stat().st_mode) else "not a regular file"
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
        return item.path.stat().st_size
    except OSError:
        return 0


def single_records(unit: Unit) -> list[Unit]:
    """The records of a unit, each a unit of its own; a unit that is no file of records as it is."""
    if unit.form not in BY_LINE:
        return [unit]
    lines = enumerate(unit.data.split(b"\n"), unit.first_line)
    return [replace(unit, data=line, first_line=number) for number, line in lines if line.strip()] or [unit]


def read(item: Input, options: Options) -> Iterator[Unit]:
    """The units of one file; trouble with it is a unit that carries a problem."""
    try:
        with item.path.open("rb") as file:
            yield from _units(item.source, *_hashed(file), options)
    except OSError as error:
        message = f"The file can't be read: {error.strerror or error}. Check its permissions."
        yield Unit(item.source, "", b"", "", 0, problem=Problem("ENC001", message, item.source))


def read_bytes(source: str, data: bytes, options: Options) -> Iterator[Unit]:
    """The units of a file that is called `source` and holds these bytes."""
    yield from _units(source, sha256(data).hexdigest(), len(data), io.BytesIO(data), options)


def _units(source: str, digest: str, size: int, stream: BinaryIO, options: Options) -> Iterator[Unit]:
    excluded = _matcher(options.exclude)
    for part in parts(source, stream, size, options, lambda name: not (excluded and excluded(name))):
        yield Unit(
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
    """Writes files into a folder beside the output; of each it tells the hash. Several processes may write to one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: set[str] = set()

    def write(self, name: str, data: bytes) -> Written:
        room, _, _ = name.rpartition("/")
        if room not in self.made:
            (self.folder / room).mkdir(parents=True, exist_ok=True)
            self.made.add(room)
        with open(f"{self.folder}/{name}", "wb", opener=_without_emptying) as stream:
            stream.write(data)
        return Written(name, sha256(data).hexdigest(), len(data))

    def write_lines(self, name: str, lines: Iterable[bytes]) -> Written:
        """A file that is written piece by piece."""
        digest, size = sha256(), 0
        with (self.folder / name).open("wb") as stream:
            for line in lines:
                stream.write(line)
                digest.update(line)
                size += len(line)
        return Written(name, digest.hexdigest(), size)


def _without_emptying(path: str, flags: int) -> int:
    # A machine of a cluster that was given up for lost may write the same bytes once more, after its work was done again: at no moment is the file shorter then.
    return os.open(path, flags & ~os.O_TRUNC, 0o666)


class Scratch:
    """A folder for what waits on disk during a run, beside the output; without one, where temporary files belong. It goes when nobody holds it any more."""

    def __init__(self, output: Path | None) -> None:
        import tempfile
        import weakref

        place = output.absolute() if output else None
        if place:
            place.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{place.name}.tmp-" if place else f"{TOOL}-"
        self.folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place.parent if place else None))
        weakref.finalize(self, _emptied, self.folder)


def _emptied(folder: Path) -> None:
    """Remove a folder of files."""
    try:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    except OSError:
        # Somebody else has removed it, or still reads in it; the system's own cleaning will find what is left.
        return


@contextmanager
def swapped_in(output: Path) -> Iterator[Writer]:
    """A writer for a new folder that takes the output's place when all went well; a crash at any moment leaves the old one whole."""
    import shutil
    import tempfile

    place = output.absolute()
    place.parent.mkdir(parents=True, exist_ok=True)
    _recover(place)
    fresh = Path(tempfile.mkdtemp(prefix=f".{place.name}.new-", dir=place.parent))
    try:
        writer = Writer(fresh)
        yield writer
        fresh.chmod(0o777 & ~_umask())
        _flush(fresh)
        _swap(fresh, place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _old_place(place: Path) -> Path:
    return place.parent / f".{place.name}.old"


def _recover(place: Path) -> None:
    """Put back the output that a crash between two renames left aside."""
    import shutil

    old = _old_place(place)
    if old.exists() and not place.exists():
        old.rename(place)
    elif old.exists():
        shutil.rmtree(old, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Have the folder's bytes on the disk before its name is."""
    paths = [*folder.rglob("*"), folder]
    if hasattr(os, "sync") and len(paths) > MAX_SYNCED_PATHS:
        # One call for thousands of files: to sync them one by one costs more than to write them.
        os.sync()
        return
    # Side by side: a journal writes all that waits for it at once, and for files one after the other once each.
    shares = [paths[first::SYNCED_AT_ONCE] for first in range(SYNCED_AT_ONCE)]
    threads = [Thread(target=_sync, args=(share,)) for share in shares if share]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _sync(paths: list[Path]) -> None:
    """Have files and folders on the disk, where the system can."""
    for path in paths:
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        try:
            os.fsync(descriptor)
        except OSError:
            pass
        finally:
            os.close(descriptor)


def _swap(fresh: Path, place: Path) -> None:
    """Put the new folder in the place of the old one, in one step where the system can (renameat2 with RENAME_EXCHANGE on Linux)."""
    if not place.exists():
        fresh.rename(place)
        return
    if _exchanged(fresh, place):
        return
    import shutil

    old = _old_place(place)
    place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    import ctypes

    at_current, exchange = -100, 2
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    return bool(call(at_current, os.fsencode(one), at_current, os.fsencode(other), exchange) == 0)


def write_file(path: Path, data: bytes) -> None:
    """Write one file whole: beside its place, then renamed."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(data)
    fresh.replace(path)


def rewrite_file(path: Path, data: bytes) -> None:
    """Write a file whole in the place of the one that is there: through links to it, and with its permissions."""
    place = Path(os.path.realpath(path))
    fresh = place.with_name(f".{place.name}.new")
    try:
        fresh.write_bytes(data)
        fresh.chmod(stat.S_IMODE(place.stat().st_mode))
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)


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


def rewrite_report(output: Path, render: Callable[[dict[str, Any]], str]) -> dict[str, Any]:
    """Render report.html of an output folder again, keep its manifest true, and return the report."""
    import json

    found = read_report(output)
    data = render(found).encode("utf-8", "replace")
    manifest = json.loads((output / MANIFEST).read_bytes())
    for entry in manifest["outputs"]:
        if entry["path"] == "report.html":
            entry.update(sha256=sha256(data).hexdigest(), bytes=len(data))
    write_file(output / "report.html", data)
    write_file(output / MANIFEST, (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode())
    return found
