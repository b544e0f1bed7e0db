"""The first bytes of a file and its suffix in, what kind of container it is out; the bytes decide before the suffix does."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum

import orjson

# So many bytes at its start tell what a file is; a tar names itself at byte 257.
HEAD_BYTES = 1 << 16
PACKINGS = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "lzma"),
    (b"\x28\xb5\x2f\xfd", "zstandard"),
)
PACKED_SUFFIXES = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma", ".zst": "zstandard"}
# Suffixes that name two things at once, and what is inside.
SHORT_SUFFIXES = {".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar"}
LINES = (".jsonl", ".ndjson")
TABLES = (".csv", ".tsv", ".tab")
# In these encodings a line feed is no single byte.
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
OBJECT_LINES = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{[^\n]*\}[ \t\r]*\n\s*\{")
MARKED_UP = re.compile(rb"(?:\xef\xbb\xbf)?\s*[<{]")
MAIL_HEADER = re.compile(r"[!-9;-~]+:[ \t]?")
MAIL_TELLS = frozenset("from to subject date message-id mime-version received return-path".split())
MAIL_SUFFIXES = (".eml", ".mht", ".mhtml")
# A message in a mailbox (RFC 4155) begins below an empty line with a line that is no header, and has a header behind it.
NEXT_MESSAGE = re.compile(rb"\n\r?\nFrom [^\n]*\n[!-9;-~]+:")
MAILBOX_SUFFIXES = (".mbox", ".mbx")


class Form(StrEnum):
    """What a container is, or how the bytes of a part are to be read."""

    FILE = "file"
    PACKED = "packed"
    ZIP = "zip"
    TAR = "tar"
    MAILBOX = "mbox"
    WARC = "warc"
    PARQUET = "parquet"
    LINES = "lines"
    TABLE = "csv"


def form_of(head: bytes, suffix: str) -> Form:
    """What the file is that begins with `head`; `suffix` is lower case and decides only where the bytes don't."""
    if packing_of(head, suffix):
        return Form.PACKED
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Form.ZIP
    if head[257:262] == b"ustar":
        return Form.TAR
    if head.startswith(b"PAR1"):
        return Form.PARQUET
    if head.startswith(b"WARC/"):
        return Form.WARC
    if _is_mailbox(head, suffix):
        return Form.MAILBOX
    if suffix in LINES or _is_lines(head):
        return Form.LINES
    if suffix in TABLES and not MARKED_UP.match(head):
        return Form.TABLE
    return Form.FILE


def _is_mailbox(head: bytes, suffix: str) -> bool:
    """Whether several messages stand one behind another; one alone that was taken out of a mailbox is a mail, unless its file is called a mailbox."""
    if not head.startswith(b"From ") or not is_mail(head, MAIL_SUFFIXES[0]):
        return False
    return suffix in MAILBOX_SUFFIXES or bool(NEXT_MESSAGE.search(head))


def _is_lines(head: bytes) -> bool:
    """Whether an object of JSON stands alone on the first line, and another begins on the next."""
    if not OBJECT_LINES.match(head):
        return False
    try:
        orjson.loads(head.removeprefix(codecs.BOM_UTF8).lstrip().split(b"\n", 1)[0])
    except orjson.JSONDecodeError:
        return False
    return True


def packing_of(head: bytes, suffix: str) -> str:
    """The module that unpacks the file; empty where it is not compressed. A suffix that says so is believed: the file is damaged then."""
    found = next((module for magic, module in PACKINGS if head.startswith(magic)), "")
    return found or PACKED_SUFFIXES.get(suffix, "")


def suffix_of(name: str) -> str:
    """The suffix of a name, in lower case."""
    last = name.rsplit("/", 1)[-1].lstrip(".")
    return f".{last.rsplit('.', 1)[1].lower()}" if "." in last else ""


def unpacked_name(name: str) -> str:
    """The name of what is inside a compressed file."""
    suffix = suffix_of(name)
    stem = name[: len(name) - len(suffix)]
    return (
        f"{stem}{SHORT_SUFFIXES[suffix]}" if suffix in SHORT_SUFFIXES else stem if suffix in PACKED_SUFFIXES else name
    )


def is_mail(data: bytes, suffix: str) -> bool:
    """Whether the bytes are a message of RFC 5322: header lines first, three of them such as only a message has, or what its suffix says."""
    names: list[str] = []
    for line in data[:HEAD_BYTES].decode("latin-1").splitlines():
        if not line.strip():
            break
        if line[0] in " \t" and names:
            continue
        if not (header := MAIL_HEADER.match(line)):
            if not names and line.startswith("From "):
                continue
            return False
        names.append(header.group().split(":")[0].lower())
    telling = MAIL_TELLS.intersection(names)
    return len(telling) >= 3 or (suffix in MAIL_SUFFIXES and bool(telling))
