"""The only room that touches the disk: finds and reads sources, writes an output folder beside its place and swaps it in whole."""

from __future__ import annotations

import codecs
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
from typing import Any, BinaryIO

from cleaner.model.options import Options
from cleaner.model.problems import Problem

COMPRESSED = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma", ".zst": "zstandard"}
RECORDS = (".jsonl", ".ndjson")
# Lines of a file of records are handed on in pieces of about this many bytes, so that several processes can share one file.
RECORD_BYTES = 1 << 20
# In these encodings a line feed is no single byte.
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
LOOP = "unreadable: a link that loops"
MANIFEST = "manifest.json"
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
    """The bytes of a file, or some lines of a file of records; `first_line` counts from 1. `data` is empty where `problem` says why."""

    source: str
    suffix: str
    data: bytes
    sha256: str
    size: int
    first_line: int = 1
    problem: Problem | None = None


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


def read(item: Input, options: Options) -> Iterator[Unit]:
    """The units of one file; trouble with it is a unit that carries a problem."""
    suffixes = [suffix.lower() for suffix in Path(item.source).suffixes[-2:]]
    packing = suffixes.pop() if suffixes and suffixes[-1] in COMPRESSED else ""
    suffix = suffixes[-1] if suffixes else ""
    try:
        if suffix in RECORDS and not packing:
            yield from _records(item, suffix, options.max_file_bytes)
            return
        size = item.path.stat().st_size
        if size > options.max_file_bytes and suffix not in RECORDS:
            yield _failed(
                item,
                "ENC007",
                f"The file has {size:,} bytes; the limit is {options.max_file_bytes:,}. Split it, or raise max_file_bytes.",
                size,
            )
            return
        raw = item.path.read_bytes()
    except OSError as error:
        yield _failed(item, "ENC001", f"The file can't be read: {error.strerror or error}. Check its permissions.", 0)
        return
    digest = sha256(raw).hexdigest()
    data = raw
    if packing:
        unpacked = _unpacked(raw, packing, options)
        if isinstance(unpacked, str):
            yield replace(
                _failed(
                    item,
                    "ENC008" if "package" in unpacked else "ENC007" if "limit" in unpacked else "ENC003",
                    unpacked,
                    len(raw),
                ),
                sha256=digest,
            )
            return
        data = unpacked
    if suffix not in RECORDS:
        yield Unit(item.source, suffix, data, digest, len(raw))
        return
    yield from _units(item, suffix, io.BytesIO(data), digest, len(raw), options.max_unpacked_bytes)


def _records(item: Input, suffix: str, max_bytes: int) -> Iterator[Unit]:
    """The units of a file of records, which is never held as a whole: it is hashed first, then read piece by piece."""
    with item.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
        stream.seek(0)
        yield from _units(item, suffix, stream, digest, size, max_bytes)


def _units(item: Input, suffix: str, stream: BinaryIO, digest: str, size: int, max_bytes: int) -> Iterator[Unit]:
    first = 1
    for piece in _pieces(stream, max_bytes):
        if len(piece) > RECORD_BYTES + max_bytes:
            message = (
                f"From line {first} on the file can't be read in pieces: a line has more than the limit of {max_bytes:,} bytes,"
                " or the file is in UTF-16 and larger. Save it as UTF-8 with one record a line, or raise max_file_bytes."
            )
            yield replace(_failed(item, "ENC007", message, size), sha256=digest)
            return
        yield Unit(item.source, suffix, piece, digest, size, first)
        first += piece.count(b"\n")


def _failed(item: Input, rule: str, message: str, size: int) -> Unit:
    return Unit(item.source, "", b"", "", size, problem=Problem(rule, message, item.source))


def _unpacked(raw: bytes, packing: str, options: Options) -> bytes | str:
    """The bytes inside a compressed file, or what is wrong with it; never more than the limit is unpacked."""
    import importlib
    import io
    import lzma
    import zlib

    try:
        module = importlib.import_module(COMPRESSED[packing])
    except ImportError:
        return f"Reading {packing} needs the package {COMPRESSED[packing]}. Install it, or unpack the file."
    opened = module.open(io.BytesIO(raw), "rb")
    try:
        with opened:
            data: bytes = opened.read(options.max_unpacked_bytes + 1)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, getattr(module, "ZstdError", OSError)) as error:
        return f"The compressed file is damaged: {error}. Save it again."
    if len(data) > options.max_unpacked_bytes:
        return f"The file unpacks to more than the limit of {options.max_unpacked_bytes:,} bytes. Split it, or raise max_unpacked_bytes."
    return data


def _pieces(stream: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    """Whole lines, at least one piece; UTF-16 and UTF-32 stay whole. What exceeds `max_bytes` is read one byte further only, to be seen."""
    head = stream.read(4)
    stream.seek(0)
    if head.startswith(WIDE):
        yield stream.read(RECORD_BYTES + max_bytes + 1)
        return
    piece = stream.read(RECORD_BYTES) + stream.readline(max_bytes + 1)
    yield piece
    while piece := stream.read(RECORD_BYTES) + stream.readline(max_bytes + 1):
        yield piece


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


class Writer:
    """Writes files into a folder beside the output, and remembers the hash of each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: list[tuple[str, str, int]] = []

    def write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.written.append((name, sha256(data).hexdigest(), len(data)))

    @contextmanager
    def lines(self, name: str) -> Iterator[LineSink]:
        """A file that is written line by line."""
        path = self.folder / name
        with path.open("wb") as stream:
            sink = LineSink(stream)
            yield sink
        self.written.append((name, sink.digest.hexdigest(), sink.size))


class LineSink:
    """Lines on their way into a file, hashed as they pass."""

    def __init__(self, stream) -> None:  # type: ignore[no-untyped-def]
        self.stream = stream
        self.digest = sha256()
        self.size = 0

    def write(self, line: bytes) -> None:
        self.stream.write(line)
        self.digest.update(line)
        self.size += len(line)


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
    if hasattr(os, "sync") and sum(1 for _ in folder.rglob("*")) > 64:
        # One call for thousands of files: to sync them one by one costs more than to write them.
        os.sync()
        return
    for path in [*folder.rglob("*"), folder]:
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
