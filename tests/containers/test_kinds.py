"""What a file is: its bytes say, before its suffix does."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from cleaner.containers.kinds import Form, form_of, is_mail, suffix_of, unpacked_name

MESSAGE = b"From ann Tue Jul  1 10:00:00 2025\nFrom: Ann\nSubject: Ferry\n\nIt left.\n"


def zipped() -> bytes:
    with zipfile.ZipFile(stream := io.BytesIO(), "w") as archive:
        archive.writestr("a.txt", "x")
    return stream.getvalue()


def tarred() -> bytes:
    with tarfile.open(fileobj=(stream := io.BytesIO()), mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "suffix", "wanted"),
    [
        (gzip.compress(b"x", mtime=0), ".html", Form.PACKED),
        (bz2.compress(b"x"), "", Form.PACKED),
        (lzma.compress(b"x"), ".txt", Form.PACKED),
        (b"no gzip at all", ".gz", Form.PACKED),
        (zipped(), ".bin", Form.ZIP),
        (tarred(), "", Form.TAR),
        (b"PAR1\x15", "", Form.PARQUET),
        (b"WARC/1.1\r\n", "", Form.WARC),
        (MESSAGE, ".mbox", Form.MAILBOX),
        (MESSAGE, ".eml", Form.FILE),
        (MESSAGE + b"\n" + MESSAGE, "", Form.MAILBOX),
        (b"From there it went on.\n\n" + MESSAGE, ".mbox", Form.FILE),
        (b'{"a": 1}\n{"b": 2}\n', ".txt", Form.LINES),
        (b"{{< a >}}\n{{< b >}}\n", ".md", Form.FILE),
        (b'{\n "a": 1}\n', ".json", Form.FILE),
        (b"not an object", ".jsonl", Form.LINES),
        (b"title,text\na,b\n", ".csv", Form.TABLE),
        (b"<!doctype html><p>", ".csv", Form.FILE),
        (b"title,text\na,b\n", ".txt", Form.FILE),
        (b"", ".txt", Form.FILE),
    ],
)
def test_form(data: bytes, suffix: str, wanted: Form) -> None:
    assert form_of(data, suffix) is wanted


@pytest.mark.parametrize(
    ("text", "suffix", "wanted"),
    [
        ("From: Ann\nTo: Ben\nSubject: Ferry\n\nIt left.", ".txt", True),
        ("From ann Tue Jul 1\nReceived: by x\n  with y\nDate: today\nMessage-ID: <1>\n\nIt left.", "", True),
        ("Subject: Ferry\n\nIt left.", ".eml", True),
        ("Subject: Ferry\n\nIt left.", ".txt", False),
        ("From: here to there\nIt left at dawn.\n", ".txt", False),
        ("It left at dawn.", ".eml", False),
        ("", ".eml", False),
    ],
)
def test_mail(text: str, suffix: str, wanted: bool) -> None:
    assert is_mail(text.encode(), suffix) is wanted


def test_names() -> None:
    assert [suffix_of(name) for name in ("a/b.c/D.TXT", ".hidden", "a", "b.tar.gz")] == [".txt", "", "", ".gz"]
    assert [unpacked_name(name) for name in ("a.txt.gz", "a.tgz", "a.txt")] == ["a.txt", "a.tar", "a.txt"]
