"""Decoding: encodings as cases, what is no text, and that a text decoded is the text that was encoded."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import cases
from hypothesis import given
from hypothesis import strategies as st

from cleaner.rules import severity
from cleaner.stages.decode import SIGNATURES, decode


@pytest.mark.parametrize("case", cases("decode/encodings"))
def test_encodings(case: dict[str, Any]) -> None:
    found = decode(case["text"].encode(case["encoding"]), "made.txt")
    assert (found.text, found.encoding) == (case["text"].removeprefix("\ufeff"), case["wanted"])
    assert [problem.rule for problem in found.problems] == case["rules"]
    assert all(problem.source == "made.txt" for problem in found.problems)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "ENC004"),
        (b" \r\n\t\x0c\0", "ENC004"),
        (b"\xef\xbb\xbf", "ENC004"),
        (b"\xff\xfe", "ENC004"),
        (b"a\0" * 50, "ENC003"),
        (b"\xffx\0" * 50, "ENC003"),
        (b"\xff\xfe\x00\xd8", "ENC001"),
        (b"\xef\xbb\xbf caf\xe9", "ENC001"),
        *((signature + b" and more bytes", "ENC003") for signature in SIGNATURES),
    ],
    ids=str,
)
def test_what_is_no_text_is_an_error_without_text(data: bytes, rule: str) -> None:
    found = decode(data, "made.bin")
    assert [problem.rule for problem in found.problems] == [rule]
    assert severity(rule) == "error"
    assert (found.text, found.encoding) == ("", "")


def test_error_of_a_byte_order_mark_says_where() -> None:
    (problem,) = decode(b"\xef\xbb\xbfcaf\xe9 is closed", "made.txt").problems
    assert "byte 3 " in problem.message


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), min_size=1))
def test_utf_8_is_read_as_it_is(text: str) -> None:
    data = text.encode()
    found = decode(data, "made.txt")
    if not any(problem.rule in ("ENC003", "ENC004") for problem in found.problems):
        assert (found.text, found.encoding) == (text, "utf-8")


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_an_error(data: bytes) -> None:
    found = decode(data, "made.bin")
    errors = [problem for problem in found.problems if severity(problem.rule) == "error"]
    assert bool(errors) == (found.encoding == "")
    assert decode(data, "made.bin") == found


@pytest.mark.parametrize(
    "name",
    [
        "zlib",
        "rot13",
        "unicode_escape",
        "raw_unicode_escape",
        "idna",
        "punycode",
        "undefined",
        "utf-7",
        "utf-16",
        "cp037",
    ],
)
def test_what_is_no_character_set_of_a_page_is_no_declaration(name: str) -> None:
    found = decode(
        f"<meta charset={name}><p>The caf\N{LATIN SMALL LETTER E WITH ACUTE} \\ud800 \\x41 +2AA- is closed.</p>".encode(
            "cp1252"
        ),
        "a.html",
    )
    assert found.encoding.startswith("cp125")
    assert found.text.endswith("\\ud800 \\x41 +2AA- is closed.</p>")
