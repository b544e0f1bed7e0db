"""Bytes in, text and the name of its encoding out; a wrong guess is worse than a reported problem."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import NamedTuple

from cleaner.containers.charsets import character_set
from cleaner.model.problems import Problem
from cleaner.model.text import Span

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})|<\?xml[^>]{0,80}encoding=["']([A-Za-z0-9_:.-]{2,40})""",
    re.IGNORECASE,
)
# A declaration that was read as ASCII can only name a character set that has ASCII in it: UTF-7, UTF-16 and EBCDIC read this otherwise.
ASCII_SAMPLE = b"<meta charset=x> +AGE- &amp;"
# Signatures of formats that are not text at all.
SIGNATURES = (
    b"%PDF-",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x7fELF",
    b"RIFF",
    b"OggS",
    b"ID3",
    b"\xd0\xcf\x11\xe0",
    b"SQLite format 3",
)
# And of formats of word processors and printers that are written in letters.
SET_TEXT = (b"{\\rtf", b"%!PS")

# What a text may be in that is not UTF-8, the most widespread first.
LIKELY = (
    "cp1252",
    "cp1251",
    "shift_jis",
    "gb18030",
    "euc_jp",
    "big5",
    "euc_kr",
    "cp1250",
    "koi8_r",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
)


class Decoded(NamedTuple):
    """The text of a file and its encoding; where `problem` is an error there is no text."""

    text: str
    encoding: str
    problems: tuple[Problem, ...] = ()


# The longest first, so that a CR LF is one.
LINE_END = re.compile(r"\r\n|\r|\n")
NAMES_OF_ENDS = {"\r\n": "CR LF", "\n": "LF", "\r": "CR"}


def decode(data: bytes, source: str) -> Decoded:
    """The text of `data`: by its byte order mark, as UTF-8, by its declaration, else by charset-normalizer's verdict."""
    decoded = _decoded(data, source)
    if "\r" not in decoded.text or not (mixed := _mixed_ends(decoded.text, source)):
        return decoded
    return decoded._replace(problems=(*decoded.problems, mixed))


def usual_end(text: str) -> str:
    """The line ending that most lines of a text have; a line feed where none prevails."""
    counts = Counter(LINE_END.findall(text))
    return max(("\n", "\r\n", "\r"), key=lambda end: counts[end])


def _mixed_ends(text: str, source: str) -> Problem | None:
    usual = usual_end(text)
    stranger = next((match for match in LINE_END.finditer(text) if match.group() != usual), None)
    if stranger is None:
        return None
    message = f"This line ends with {NAMES_OF_ENDS[stranger.group()]}, most others with {NAMES_OF_ENDS[usual]}. Save the file with one of them."
    return Problem("TXT008", message, source, Span(stranger.start(), stranger.end()))


def _decoded(data: bytes, source: str) -> Decoded:
    if not data.strip(b"\0\t\n\r \x0c"):
        return _empty(source)
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding, source) if data[len(mark) :].strip() else _empty(source)
    if data.startswith(SIGNATURES):
        return _failed(
            "ENC003", "The file is binary, not text. Exclude it with --exclude, or convert it to text.", source
        )
    if data.startswith(SET_TEXT):
        return _failed(
            "ENC008", "A document of a word processor is not read. Export it as text, Markdown or HTML.", source
        )
    declared = declared_encoding(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(data, declared, source)
    if 20 * text.count("\0") > len(text):
        if encoding := _wide(data):
            return _strictly(data, encoding, source)
        return _failed(
            "ENC003", "The file is binary: more than one byte in twenty is NUL. Exclude it with --exclude.", source
        )
    if declared and declared not in ("utf-8", "ascii") and not text.isascii():
        return Decoded(
            text,
            "utf-8",
            (Problem("ENC002", f"The page declares {declared}, but its bytes are UTF-8. Read as UTF-8.", source),),
        )
    return Decoded(text, "utf-8")


def _wide(data: bytes) -> str:
    """UTF-16 without its mark, as some programs of Windows save it: of each pair of bytes of a Latin text one is NUL, always the same."""
    sample = data[:4096]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        space = b" \0" if first else b"\0 "
        if (
            len(data) % 2 == 0
            and space in sample
            and 5 * sample[first::2].count(0) > len(sample)
            and 0 not in sample[1 - first :: 2]
        ):
            return encoding
    return ""


def _empty(source: str) -> Decoded:
    return _failed("ENC004", "The file is empty. Nothing to clean.", source)


def declared_encoding(data: bytes) -> str:
    """The encoding that a page declares, by Python's name; empty where it declares none that is known."""
    match = DECLARED.search(data[:4096])
    if not match:
        return ""
    name = (match.group(1) or match.group(2)).decode("ascii").lower()
    encoding = character_set(name)
    if not encoding or ASCII_SAMPLE.decode(encoding, "replace") != ASCII_SAMPLE.decode("ascii"):
        return ""
    # Browsers read ISO-8859-1 as Windows-1252 (WHATWG Encoding Standard).
    return "cp1252" if encoding in ("iso8859-1", "ascii") else encoding


def _strictly(data: bytes, encoding: str, source: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding, () if encoding == "utf-8" else (_not_utf_8(encoding, source),))
    except UnicodeDecodeError as error:
        return _failed(
            "ENC001",
            f"The byte order mark says {encoding}, but byte {error.start} is not. Save the file as UTF-8.",
            source,
        )


def _guessed(data: bytes, declared: str, source: str) -> Decoded:
    if declared and declared != "utf-8":
        try:
            return Decoded(data.decode(declared), declared)
        except UnicodeDecodeError:
            pass
    if b"\0" in data[:4096]:
        return _failed("ENC003", "The file is binary: it holds NUL bytes. Exclude it with --exclude.", source)
    from charset_normalizer import from_bytes

    matches = from_bytes(data, cp_isolation=list(LIKELY))
    best = matches.best()
    if best is None or best.percent_chaos > 20:
        return _failed("ENC001", "The encoding can't be told. Save the file as UTF-8.", source)
    # Encodings that fit equally well differ in a few accents; the more widespread one is the better guess.
    equals = [match.encoding for match in matches if match.chaos <= best.chaos and match.coherence >= best.coherence]
    encoding = min(equals or [best.encoding], key=LIKELY.index)
    problems = (
        (Problem("ENC002", f"The page declares {declared}, but its bytes are not. Read as {encoding}.", source),)
        if declared
        else (_not_utf_8(encoding, source),)
    )
    return Decoded(data.decode(encoding), encoding, problems)


def _not_utf_8(encoding: str, source: str) -> Problem:
    return Problem("ENC013", f"The file is not in UTF-8. Read as {encoding}; save it as UTF-8.", source)


def _failed(rule: str, message: str, source: str) -> Decoded:
    return Decoded("", "", (Problem(rule, message, source),))
