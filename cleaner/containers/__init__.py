"""What holds several articles in one file: a stream in, its parts out, each small enough to be worked on at once.

Compressed files, archives inside archives, web archives, tables and files of records are streamed; none is held whole where its format allows that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, cast
from zlib import crc32

from cleaner.containers.archives import KEPT, Archive, Member
from cleaner.containers.kinds import WIDE, Form, form_of, is_mail, packing_of, suffix_of, unpacked_name
from cleaner.containers.mail import attachments
from cleaner.containers.streams import (
    Budget,
    Exceeded,
    MissingPackage,
    counted,
    damages,
    head_of,
    spooled,
    unpacking,
)
from cleaner.model.options import Options
from cleaner.model.problems import Problem

# Records are handed on in pieces of so many bytes at the most, so that several processes can share one file.
RECORD_BYTES = 1 << 20
# A piece of lines has so many bytes at least, and ends with the next line that one in so many is like.
MIN_PIECE_BYTES = 32 << 10
LINES_TO_AN_END = 8
# A file of records is shared by several machines in stretches of so many bytes.
STRETCH_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes of a file, or of some records of one: the name, the suffix, how they are to be read, and the number of the first record's line.

    `head` is the first row of a table where it does not stand in the bytes; `address` is where a web archive has the bytes from. `data` is empty where
    `problem` says why.
    """

    source: str
    suffix: str
    data: bytes = b""
    form: Form = Form.FILE
    first_line: int = 1
    head: bytes = b""
    address: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring records of a large file, of `size` bytes: in bytes of the file from `start` to `end`, of Parquet in row groups; and the first record's line."""

    form: Form
    start: int
    end: int
    first_line: int
    size: int


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes a file apart: its bounds, and what it may not spend more of than it has."""

    options: Options
    budget: Budget
    wanted: Callable[[str], bool]

    def parts(self, source: str, name: str, stream: BinaryIO, depth: int) -> Iterator[Part]:
        """The parts of the file `source`, which is called `name` where it is unpacked."""
        suffix = suffix_of(name)
        head = head_of(stream)
        form = form_of(head, suffix)
        if (form is Form.PACKED or form in KEPT) and depth > self.options.max_nesting:
            message = f"More than {self.options.max_nesting} archives stand inside one another, the limit. Unpack it, or raise max_nesting."
            yield failed(source, "ENC007", message)
            return
        match form:
            case Form.PACKED:
                unpacked = counted(unpacking(stream, packing_of(head, suffix)), self.budget)
                yield from self.parts(source, unpacked_name(name), cast(BinaryIO, unpacked), depth + 1)
            case _ if form in KEPT:
                yield from self._archive(source, stream, form, depth)
            case Form.WARC:
                yield from self._warc(source, stream)
            case Form.PARQUET:
                yield from self._parquet(source, suffix, stream)
            case Form.LINES:
                yield from self._lines(source, suffix, stream, head)
            case Form.TABLE:
                yield from self._table(source, suffix, stream, head)
            case _:
                part = self._file(source, suffix, stream)
                yield part
                if part.data and is_mail(part.data, suffix):
                    yield from self._attached(part, depth)

    def _file(self, source: str, suffix: str, stream: BinaryIO, address: str = "") -> Part:
        """A file that is cleaned as a whole."""
        limit = self.options.max_file_bytes
        data = stream.read(limit + 1)
        if len(data) > limit:
            return failed(
                source,
                "ENC007",
                f"The file has more bytes than the limit of {limit:,}. Split it, or raise max_file_bytes.",
            )
        return Part(source, suffix, data, address=address)

    def _attached(self, message: Part, depth: int) -> Iterator[Part]:
        """The parts of what is attached to a message; a message is left alone that is attached to one that is attached, and so on, beyond the limit."""
        if depth >= self.options.max_nesting:
            return
        for name, data in attachments(message.data):
            self.budget.enter()
            if self.wanted(name := f"{message.source}/{name}"):
                yield from self.parts(name, name, BytesIO(data), depth + 1)

    def _archive(self, source: str, stream: BinaryIO, form: Form, depth: int) -> Iterator[Part]:
        archive = Archive(_seekable(stream), form)
        try:
            if archive.is_office():
                message = "An office document or electronic book is not read. Export it as text, Markdown or HTML."
                yield failed(source, "ENC008", message)
                return
            found = False
            for member in archive.members():
                self.budget.enter()
                name = f"{source}/{member.name}"
                if self.wanted(name):
                    found = True
                    yield from self._member(archive, member, name, depth)
            if not found:
                yield failed(source, "ENC004", "The archive holds no file. Nothing to clean.")
        finally:
            archive.close()

    def _member(self, archive: Archive, member: Member, name: str, depth: int) -> Iterator[Part]:
        """The parts of one file in an archive; one that is encrypted or damaged leaves the others alone."""
        if member.encrypted:
            yield failed(
                name, "ENC008", "The file is encrypted. Unpack the archive with its password, and clean the folder."
            )
            return
        try:
            with archive.open(member) as plain:
                # What a tar holds was counted already if it was packed, and is there byte for byte if it was not.
                stream = counted(plain, self.budget) if archive.is_packed else plain
                yield from self.parts(name, name, cast(BinaryIO, stream), depth + 1)
        except Exceeded as error:
            raise _At(name, "ENC007", str(error)) from error
        except MissingPackage as error:
            yield failed(name, "ENC008", str(error))
        except damages() as error:
            yield failed(name, "ENC003", f"The file is damaged in its archive: {error}. Save it again.")

    def _warc(self, source: str, stream: BinaryIO) -> Iterator[Part]:
        from cleaner.containers.warc import responses

        found = False
        for response in responses(stream, self.options.max_file_bytes):
            found = True
            name = f"{source}#{response.number}"
            if len(response.body) > self.options.max_file_bytes:
                yield failed(
                    name,
                    "ENC007",
                    f"The record has more bytes than the limit of {self.options.max_file_bytes:,}. Raise max_file_bytes.",
                )
            else:
                yield Part(name, response.suffix, response.body, address=response.address)
        if not found:
            yield failed(
                source, "DOC007", "The web archive holds no page or text that a server answered with. Skipped."
            )

    def _parquet(
        self, source: str, suffix: str, stream: BinaryIO, first: int = 1, groups: range | None = None
    ) -> Iterator[Part]:
        from cleaner.containers.tables import json_line, parquet_rows

        for batch in parquet_rows(_seekable(stream), groups):
            data = b"".join(json_line(row) + b"\n" for row in batch)
            yield Part(source, suffix, data, Form.PARQUET, first)
            first += len(batch)

    def _table(self, source: str, suffix: str, stream: BinaryIO, head: bytes) -> Iterator[Part]:
        from cleaner.containers.tables import row_pieces

        limit = self.options.max_file_bytes
        is_whole = head.startswith(WIDE)
        pieces = iter([(b"", stream.read(limit + 1), 1)]) if is_whole else row_pieces(stream, RECORD_BYTES, limit)
        why = f"a row has more than the limit of {limit:,} bytes, perhaps because a quotation mark is never closed. Mend it there, or raise max_file_bytes."
        yield from self._records(source, suffix, Form.TABLE, pieces, f"the table can't be read in pieces: {why}")

    def _lines(self, source: str, suffix: str, stream: BinaryIO, head: bytes, first: int = 1) -> Iterator[Part]:
        limit = self.options.max_file_bytes
        pieces = _line_pieces(stream, limit, first, is_wide=head.startswith(WIDE))
        why = f"a line has more than the limit of {limit:,} bytes, or the file is in UTF-16 and larger. Save it as UTF-8 with one record a line, or raise max_file_bytes."
        yield from self._records(source, suffix, Form.LINES, pieces, f"the file can't be read in pieces: {why}")

    def _records(
        self, source: str, suffix: str, form: Form, pieces: Iterator[tuple[bytes, bytes, int]], why: str
    ) -> Iterator[Part]:
        """Whole records, some at a time: what they stand below, their bytes, and the number of their first line; `why` tells what is wrong with a piece that is too large."""
        for above, piece, first in pieces:
            if len(piece) > RECORD_BYTES + self.options.max_file_bytes:
                yield failed(source, "ENC007", f"From line {first} on {why}")
                return
            yield Part(source, suffix, piece, form, first, above)

    def stretch(self, source: str, stream: BinaryIO, stretch: Stretch) -> Iterator[Part]:
        """The parts of one stretch of a file."""
        suffix = suffix_of(source)
        if stretch.form is Form.PARQUET:
            yield from self._parquet(source, suffix, stream, stretch.first_line, range(stretch.start, stretch.end))
        else:
            stream.seek(stretch.start)
            lines = BytesIO(stream.read(stretch.end - stretch.start))
            yield from self._lines(source, suffix, lines, b"", stretch.first_line)


class _At(Exception):
    """A bound that was reached in a member: nothing more of the file is read."""

    def __init__(self, source: str, rule: str, message: str) -> None:
        super().__init__(message)
        self.part = failed(source, rule, message)


def parts(source: str, stream: BinaryIO, size: int, options: Options, wanted: Callable[[str], bool]) -> Iterator[Part]:
    """The parts of the file `source` of `size` bytes, whose bytes are `stream`; `wanted` says of a member's name whether it is to be read."""
    yield from _bounded(source, _reader(size, options, wanted).parts(source, source, stream, 0))


def stretches(source: str, stream: BinaryIO, options: Options) -> list[Stretch]:
    """The stretches of a file of records that can be read by themselves, each of about STRETCH_BYTES; none for another kind of file.

    Together they have the parts that the whole file has. A file that can't be read to its end is no such file.
    """
    head = head_of(stream)
    form = form_of(head, suffix_of(source))
    if form is Form.PARQUET:
        from cleaner.containers.tables import parquet_groups

        try:
            return _joined(form, parquet_groups(stream))
        except MissingPackage:
            return []
        except damages():
            return []
    if form is not Form.LINES or head.startswith(WIDE):
        return []
    limit = RECORD_BYTES + options.max_file_bytes
    pieces = []
    for _, piece, _ in _line_pieces(stream, options.max_file_bytes, is_wide=False):
        if len(piece) > limit:
            return []
        pieces.append((len(piece), len(piece), piece.count(b"\n")))
    return _joined(form, pieces)


def _joined(form: Form, pieces: Iterable[tuple[int, int, int]]) -> list[Stretch]:
    """Stretches of neighbouring pieces, each told by its bytes, by how much it adds to the place in the file, and by its lines."""
    found: list[Stretch] = []
    start = end = size = 0
    first = line = 1
    for piece_bytes, step, lines in pieces:
        end, size, line = end + step, size + piece_bytes, line + lines
        if size >= STRETCH_BYTES:
            found.append(Stretch(form, start, end, first, size))
            start, first, size = end, line, 0
    return [*found, Stretch(form, start, end, first, size)] if end > start else found


def parts_of_stretch(source: str, stream: BinaryIO, size: int, stretch: Stretch, options: Options) -> Iterator[Part]:
    """The parts of one stretch of the file `source` of `size` bytes."""
    yield from _bounded(source, _reader(size, options, lambda _: True).stretch(source, stream, stretch))


def _reader(size: int, options: Options, wanted: Callable[[str], bool]) -> _Reader:
    budget = Budget(
        size, options.max_unpacked_bytes, options.max_unpacked_ratio, options.max_members, options.max_nesting
    )
    return _Reader(options, budget, wanted)


def _bounded(source: str, found: Iterator[Part]) -> Iterator[Part]:
    """The parts; where reading ends too early, a part that says why."""
    try:
        yield from found
    except _At as error:
        yield error.part
    except Exceeded as error:
        yield failed(source, "ENC007", str(error))
    except MissingPackage as error:
        yield failed(source, "ENC008", str(error))
    except damages() as error:
        yield failed(source, "ENC003", f"The file is damaged: {error}. Save it again.")


def failed(source: str, rule: str, message: str) -> Part:
    return Part(source, "", problem=Problem(rule, message, source))


def _seekable(stream: BinaryIO) -> BinaryIO:
    return stream if stream.seekable() else spooled(stream)


def _line_pieces(
    stream: BinaryIO, max_bytes: int, first: int = 1, *, is_wide: bool
) -> Iterator[tuple[bytes, bytes, int]]:
    """Whole lines as `row_pieces` yields rows, at least one piece; UTF-16 and UTF-32 stay whole. What exceeds `max_bytes` is read one byte further only, to be seen.

    Where a piece ends follows from the line that it ends with, so that a record that changes leaves the other pieces as they are (content-defined
    chunking; Muthitacharoen, Chen and Mazieres 2001), and what was made of them can be used again.
    """
    if is_wide:
        yield b"", stream.read(RECORD_BYTES + max_bytes + 1), 1
        return
    lines: list[bytes] = []
    size, begin = 0, first
    while line := stream.readline(RECORD_BYTES + max_bytes + 1):
        if lines and size + len(line) > RECORD_BYTES:
            yield b"", b"".join(lines), first
            first += len(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
        if size >= MIN_PIECE_BYTES and crc32(line) % LINES_TO_AN_END == 0:
            yield b"", b"".join(lines), first
            first += len(lines)
            lines, size = [], 0
    if lines or first == begin:
        yield b"", b"".join(lines), first
