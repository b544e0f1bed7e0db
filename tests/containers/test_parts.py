"""Files that hold several: what comes out of them, under which names, and within which bounds."""

from __future__ import annotations

import gzip
import io
import tarfile
import warnings
import zipfile
from collections.abc import Iterable

import pytest

from cleaner import containers
from cleaner.containers import Part, parts
from cleaner.containers.kinds import Form
from cleaner.model.options import Options

BOMB = b"x" * 3_000_000


def zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    with zipfile.ZipFile(stream := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(members: Iterable[tuple[str, bytes]]) -> bytes:
    with tarfile.open(fileobj=(stream := io.BytesIO()), mode="w") as archive:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def parts_of(data: bytes, name: str = "a", options: Options | None = None) -> list[Part]:
    return list(parts(name, io.BytesIO(data), len(data), options or Options(), lambda _: True))


def told(found: Iterable[Part]) -> list[tuple[str, str]]:
    """Of each part its name, and its text or the rule of its problem."""
    return [(part.source, part.problem.rule if part.problem else part.data.decode()) for part in found]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_members_are_files_below_the_archive(pack) -> None:  # type: ignore[no-untyped-def]
    with warnings.catch_warnings(action="ignore"):
        data = pack([("b/one.HTML", b"1"), ("two", b"2"), ("two", b"3")])
    found = parts_of(data, "x.bin")
    assert told(found) == [("x.bin/b/one.HTML", "1"), ("x.bin/two", "2"), ("x.bin/two~2", "3")]
    assert [part.suffix for part in found] == [".html", "", ""]


def test_names_lead_nowhere() -> None:
    names = ["../../etc/passwd", "/root/x", "a/../b", "C:\\x\\y.txt"]
    found = parts_of(zipped((name, b"x") for name in names), "z.zip")
    assert [part.source for part in found] == ["z.zip/etc/passwd", "z.zip/root/x", "z.zip/a/b", "z.zip/C:/x/y.txt"]


def test_hidden_members_links_and_devices_are_passed_over() -> None:
    with tarfile.open(fileobj=(stream := io.BytesIO()), mode="w") as archive:
        for name, kind in (
            ("link", tarfile.SYMTYPE),
            ("pipe", tarfile.FIFOTYPE),
            ("hard", tarfile.LNKTYPE),
            (".git/x", tarfile.REGTYPE),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        archive.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    assert told(parts_of(stream.getvalue())) == [("a/a.txt", "")]
    assert told(parts_of(zipped([("__MACOSX/._a", b"x"), ("a.txt", b"y")]))) == [("a/a.txt", "y")]


def test_archives_inside_archives_end_at_the_limit() -> None:
    data = b"text"
    for _ in range(6):
        data = zipped([("z", data)])
    assert told(parts_of(data, options=Options(max_nesting=9))) == [("a/z/z/z/z/z/z", "text")]
    assert told(parts_of(data, options=Options(max_nesting=2))) == [("a/z/z/z", "ENC007")]


def test_packed_tar_in_a_zip() -> None:
    data = zipped([("n.tgz", gzip.compress(tarred([("x.txt", b"1"), ("y.jsonl", b'{"text": 1}\n')]))), ("c.txt", b"3")])
    found = parts_of(data, "z.zip")
    assert told(found) == [("z.zip/n.tgz/x.txt", "1"), ("z.zip/n.tgz/y.jsonl", '{"text": 1}\n'), ("z.zip/c.txt", "3")]
    assert found[1].form is Form.LINES


def test_members_that_are_too_large_leave_the_others_alone() -> None:
    found = parts_of(zipped([("a", b"x" * 101), ("b", b"y")]), options=Options(max_file_bytes=100))
    assert told(found) == [("a/a", "ENC007"), ("a/b", "y")]


@pytest.mark.parametrize(
    "options",
    [Options(max_unpacked_bytes=100), Options(max_unpacked_ratio=2), Options(max_members=1)],
    ids=["bytes", "ratio", "members"],
)
def test_bombs_end_at_the_limit(monkeypatch: pytest.MonkeyPatch, options: Options) -> None:
    monkeypatch.setattr(containers.streams, "FREE_BYTES", 1000)
    found = parts_of(zipped([("one", b"x"), ("two", BOMB), ("three", b"y")]), options=options)
    assert told(found)[0] == ("a/one", "x")
    assert [rule for _, rule in told(found)[1:]] == ["ENC007"]


def test_file_that_is_packed_twice_over() -> None:
    data = gzip.compress(gzip.compress(BOMB))
    assert told(parts_of(data, options=Options(max_unpacked_bytes=100_000))) == [("a", "ENC007")]
    assert parts_of(data)[0].data == BOMB


def test_encrypted_and_damaged_members_leave_the_others_alone() -> None:
    data = bytearray(zipped([("locked", b"x" * 500), ("broken", b"abcdefgh" * 200), ("fine", b"y")]))
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    local = data.index(b"broken") + len("broken")
    data[local + 2 : local + 6] = b"\xff\xff\xff\xff"
    assert told(parts_of(bytes(data))) == [("a/locked", "ENC008"), ("a/broken", "ENC003"), ("a/fine", "y")]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (zipped([("[Content_Types].xml", b""), ("word/document.xml", b"")]), "ENC008"),
        (zipped([("mimetype", b"application/epub+zip")]), "ENC008"),
        (zipped([]), "ENC004"),
        (zipped([("a", b"x")])[:-30], "ENC003"),
        (b"PAR1 and no more", "ENC003"),
        (b"\x28\xb5\x2f\xfd and no more", "ENC003"),
    ],
    ids=["office", "book", "empty zip", "cut zip", "cut parquet", "cut zstandard"],
)
def test_file_that_can_not_be_taken_apart_is_a_problem(data: bytes, rule: str) -> None:
    assert told(parts_of(data)) == [("a", rule)]


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pyarrow", "pyarrow.parquet", "warcio.archiveiterator", "zstandard"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    for data, extra in ((b"PAR1", "[parquet]"), (b"WARC/1.0\r\n", "[warc]"), (b"\x28\xb5\x2f\xfd", "[zst]")):
        (part,) = parts_of(data)
        assert part.problem is not None
        assert part.problem.rule == "ENC008"
        assert extra in part.problem.message


def test_table_comes_in_pieces_of_whole_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "RECORD_BYTES", 60)
    rows = [b"title,text\n", *(b'"T%d","one\n""two"", three\nfour"\r\n' % number for number in range(10)), b"last,row"]
    found = parts_of(b"".join(rows), "a.csv")
    assert len(found) > 3
    assert b"".join(part.data for part in found) == b"".join(rows)
    assert [part.head for part in found] == [b"", *[rows[0]] * (len(found) - 1)]
    at = 1
    for part in found:
        assert (part.form, part.first_line) == (Form.TABLE, at)
        at += part.data.count(b"\n")


def test_quotation_mark_that_is_never_closed_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "RECORD_BYTES", 10)
    data = b'title,text\na,b\nc,"d\n' + b"and on it goes\n" * 1000
    found = parts_of(data, "a.csv", Options(max_file_bytes=500))
    assert found[-1].problem is not None
    assert found[-1].problem.rule == "ENC007"
    assert "line 2" in found[-1].problem.message
