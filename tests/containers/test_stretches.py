"""A file of records in stretches has the parts that it has as a whole."""

from __future__ import annotations

import io
import random

import orjson
import pyarrow
import pyarrow.parquet
import pytest

import cleaner.containers
from cleaner.containers import Part, parts, parts_of_stretch, stretches
from cleaner.model.options import Options

OPTIONS = Options(max_file_bytes=4096)


def lines(count: int, width: int = 200) -> bytes:
    chance = random.Random(count)
    return b"".join(b'{"text": "%s"}\n' % (b"word " * chance.randrange(width // 5)) for _ in range(count))


def whole(source: str, data: bytes) -> list[Part]:
    return list(parts(source, io.BytesIO(data), len(data), OPTIONS, lambda _: True))


def in_stretches(source: str, data: bytes) -> list[Part]:
    found = stretches(source, io.BytesIO(data), OPTIONS)
    return [part for one in found for part in parts_of_stretch(source, io.BytesIO(data), len(data), one, OPTIONS)]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"RECORD_BYTES": 2000, "MIN_PIECE_BYTES": 500, "STRETCH_BYTES": 3000}.items():
        monkeypatch.setattr(cleaner.containers, name, value)


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n", b'{"text": "no line feed"}', b"\xff not UTF-8"])
def test_lines(end: bytes) -> None:
    data = lines(200) + end
    found = stretches("a.jsonl", io.BytesIO(data), OPTIONS)
    assert len(found) > 4
    assert (found[0].start, found[0].first_line, found[-1].end) == (0, 1, len(data))
    assert all(3000 <= one.end - one.start < 6000 for one in found[:-1])
    assert in_stretches("a.jsonl", data) == whole("a.jsonl", data)


def test_parquet() -> None:
    table = pyarrow.Table.from_pylist([orjson.loads(line) | {"number": n} for n, line in enumerate(lines(900).split(b"\n")) if line])  # fmt: skip
    stream = io.BytesIO()
    pyarrow.parquet.write_table(table, stream, row_group_size=70, compression="none", use_dictionary=False)
    data = stream.getvalue()
    assert len(stretches("a.parquet", io.BytesIO(data), OPTIONS)) > 4

    def records(found: list[Part]) -> list[tuple[int, bytes]]:
        return [pair for part in found for pair in enumerate(part.data.splitlines(), part.first_line)]

    assert records(in_stretches("a.parquet", data)) == records(whole("a.parquet", data))
    assert len(records(whole("a.parquet", data))) == 900


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("a.txt", b"A text.\n" * 2000),
        ("a.jsonl", '{"text": "wide"}\n'.encode("utf-16") * 2000),
        ("a.jsonl", lines(50) + b'{"text": "' + b"x" * 9000 + b'"}\n' + lines(50)),
        ("a.parquet", b"PAR1" + b"damaged" * 2000),
    ],
    ids=["no records", "UTF-16", "a line beyond the limit", "damaged"],
)
def test_what_can_not_be_shared_has_no_stretches(source: str, data: bytes) -> None:
    assert stretches(source, io.BytesIO(data), OPTIONS) == []
