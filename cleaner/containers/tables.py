"""Rows of CSV, TSV and Parquet in, records out: each a mapping of the columns' names to what the row has there."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Any, BinaryIO, NamedTuple

from cleaner.containers.streams import MissingPackage

DELIMITERS = ",;\t|"
# The name of a column is short; a first row with a longer cell is no head.
MAX_NAME_CHARACTERS = 64
MAX_CELL_CHARACTERS = (1 << 31) - 1
ROWS_AT_ONCE = 256


class Row(NamedTuple):
    """A record of a table: the line that it begins on, from 1 (of Parquet, its number), what it holds, and what is wrong with it."""

    line: int
    record: dict[str, Any]
    trouble: str = ""


def rows(text: str, first_line: int = 1, head: str = "") -> Iterator[Row]:
    """The rows of a table's `text`, which begins on `first_line` of its file; `head` is the file's first row where it does not stand in the text."""
    names, delimiter, is_named = columns(head or text)
    found = _cells(_lines(text), delimiter)
    if is_named and not head:
        next(found, None)
    for (line, cells, trouble), (following, _, _) in pairwise(chain(found, [(0, [], "")])):
        if not following and not _is_closed(text, line, delimiter):
            trouble = (
                "A quotation mark is opened in the row and never closed; all that follows was read as a part of it"
            )
        elif len(cells) > len(names):
            trouble = f"The row has {len(cells)} cells, the table {len(names)} columns"
        if trouble or any(cell.strip() for cell in cells):
            yield Row(first_line + line - 1, dict(zip(_extended(names, len(cells)), cells, strict=False)), trouble)


def _is_closed(text: str, line: int, delimiter: str) -> bool:
    """Whether the row that begins on a line of the text ends before the text does."""
    try:
        next(csv.reader(_lines(text)[line - 1 :], delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        return "unexpected end" not in str(error)
    return True


def columns(text: str) -> tuple[list[str], str, bool]:
    """The names of a table's columns, its delimiter, and whether its first row holds the names (else they are numbers)."""
    delimiter = _delimiter(text)
    first = next((cells for _, cells, _ in _cells(_lines(text), delimiter)), [])
    names = [cell.strip() for cell in first]
    is_named = all(0 < len(name) <= MAX_NAME_CHARACTERS and "\n" not in name for name in names)
    if not is_named or len(set(names)) < len(names):
        # Cells that an export leaves without a name, or under the same one, are numbered.
        is_named = any(names) and all(len(name) <= MAX_NAME_CHARACTERS and "\n" not in name for name in names)
        numbers = [str(number) for number in range(1, len(names) + 1)]
        names = (
            [
                name if name and names.index(name) == at else number
                for at, (name, number) in enumerate(zip(names, numbers, strict=True))
            ]
            if is_named
            else numbers
        )
    return names, delimiter, is_named


def _extended(names: list[str], count: int) -> list[str]:
    return [*names, *(str(number) for number in range(len(names) + 1, count + 1))]


def _delimiter(text: str) -> str:
    """What stands between the cells of the first row, most often; outside quotation marks."""
    line = text.split("\n", 1)[0]
    plain = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=lambda char: (plain.count(char), -DELIMITERS.index(char)))


def _lines(text: str) -> list[str]:
    """The lines of a text with their line feeds; no other character ends a line, so that numbers of lines are those of the file."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _cells(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """The cells of each row, with the number of the line that it begins on, from 1, and what is wrong with it."""
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        begin = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield begin, [], f"The row can't be told from its neighbours: {error}"
            continue
        if cells:
            yield begin, cells, ""


def row_pieces(stream: BinaryIO, piece_bytes: int, max_bytes: int) -> Iterator[tuple[bytes, bytes, int]]:
    """Pieces of a table's bytes, each of whole rows: the head that they stand below, the bytes, and the number of their first line.

    Rows are told apart in bytes: the encodings that tables come in keep quotation marks and delimiters apart from all other characters. A row of
    more than `max_bytes` is read no further; the piece is longer than both limits then.
    """
    first = stream.readline(max_bytes + 1)
    delimiter = _delimiter(first.decode("latin-1"))
    lines = _Recorded(stream, first, max_bytes, piece_bytes + max_bytes)
    head = b""
    begin = 1
    for _, _, _ in _cells(lines, delimiter):
        head = head or b"".join(lines.taken)
        if lines.size >= piece_bytes:
            yield (b"" if begin == 1 else head), b"".join(lines.taken), begin
            begin = lines.count + 1
            lines.taken, lines.size = [], 0
    if lines.taken or begin == 1:
        yield (b"" if begin == 1 else head), b"".join(lines.taken), begin


class _Recorded:
    """The lines of a stream for a reader of text, and their bytes on the side; none any more when the bytes are more than `most`."""

    def __init__(self, stream: BinaryIO, first: bytes, max_bytes: int, most: int) -> None:
        self.stream = stream
        self.first = first
        self.max_bytes = max_bytes
        self.most = most
        self.taken: list[bytes] = []
        self.size = 0
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        line = self.first
        while line and self.size <= self.most:
            self.taken.append(line)
            self.size += len(line)
            self.count += 1
            yield line.decode("latin-1")
            line = self.stream.readline(self.max_bytes + 1)


def parquet_rows(stream: BinaryIO, groups: range | None = None) -> Iterator[list[dict[str, Any]]]:
    """The rows of a Parquet file, or of some of its row groups, some at a time. Raises MissingPackage."""
    with _parquet_file(stream) as table:
        for batch in table.iter_batches(batch_size=ROWS_AT_ONCE, row_groups=None if groups is None else list(groups)):
            yield batch.to_pylist()


def parquet_groups(stream: BinaryIO) -> list[tuple[int, int, int]]:
    """Of each row group of a Parquet file its bytes, 1, and its rows. Raises MissingPackage."""
    with _parquet_file(stream) as table:
        groups = (table.metadata.row_group(number) for number in range(table.metadata.num_row_groups))
        return [(group.total_byte_size, 1, group.num_rows) for group in groups]


def _parquet_file(stream: BinaryIO) -> Any:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise MissingPackage(
            "Reading Parquet needs the package pyarrow. Install it: pip install 'article-cleaner[parquet]'."
        ) from error
    return ParquetFile(stream)


def json_line(record: Any) -> bytes:
    """A record as one line of JSON; what JSON has no value for is written as text."""
    import orjson

    return orjson.dumps(record, default=_as_text, option=orjson.OPT_NON_STR_KEYS)


def _as_text(value: Any) -> str | None:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def row_at(lines: Iterable[bytes], head: str, encoding: str) -> dict[str, Any]:
    """The record of the row that the first of `lines` begins. Raises LookupError where there is none."""
    names, delimiter, _ = columns(head)
    for _, cells, _ in _cells((line.decode(encoding) for line in lines), delimiter):
        return dict(zip(_extended(names, len(cells)), cells, strict=False))
    raise LookupError("there is no such row")
