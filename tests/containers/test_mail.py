"""Messages as values: headers, encodings, the part that says more, pages saved as MHTML."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.containers.mail import attachments, read_mail

PROSE = "It left at dawn, and nobody on the quay saw it go. \N{EM DASH} caf\N{LATIN SMALL LETTER E WITH ACUTE}\n"


def message(**headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in headers.items():
        made[name] = value
    return made


def test_plain_mail() -> None:
    made = message(
        Subject="Caf\N{LATIN SMALL LETTER E WITH ACUTE} news",
        From="Ann Orr <ann@x.example>",
        Date="Tue, 01 Jul 2025 10:00:00 +0000",
    )
    made.set_content(PROSE)
    found = read_mail(made.as_bytes())
    assert found.value["subject"] == "Caf\N{LATIN SMALL LETTER E WITH ACUTE} news"
    assert (found.value["text"], found.encoding, found.body) == (PROSE, "utf-8", "/text")


def test_page_is_read_where_the_text_only_points_to_it() -> None:
    made = message(Subject="Ferry")
    made.set_content("View this in your browser.")
    made.add_alternative(f"<style>p {{}}</style><p>{PROSE}</p>", subtype="html")
    assert read_mail(made.as_bytes()).body == "/html"
    made = message(Subject="Ferry")
    made.set_content(PROSE)
    made.add_alternative(f"<p>{PROSE}</p>", subtype="html")
    assert read_mail(made.as_bytes()).body == "/text"


def test_attachments_are_named_and_those_that_may_be_articles_read() -> None:
    made = message(Subject="Ferry")
    made.set_content(PROSE)
    for name in ("other.txt", "../other.txt", "a/notes.MD", "map.png"):
        made.add_attachment(PROSE.encode(), "application", "octet-stream", filename=name)
    found = read_mail(made.as_bytes())
    assert (found.value["attachments"], found.value["text"]) == (
        ["other.txt", "../other.txt", "a/notes.MD", "map.png"],
        PROSE,
    )
    assert [name for name, _ in attachments(made.as_bytes())] == ["other.txt", "other.txt~2", "a/notes.MD"]
    assert {data for _, data in attachments(made.as_bytes())} == {PROSE.encode()}
    assert attachments(message(Subject="Ferry").as_bytes()) == []


def test_mhtml_with_an_encoding_that_only_the_page_declares() -> None:
    page = '<meta charset="windows-1251"><p>\N{CYRILLIC CAPITAL LETTER ZHE}</p>'.encode("cp1251")
    data = b"MIME-Version: 1.0\r\nSnapshot-Content-Location: https://x.example/1\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
    data += b"Content-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + page + b"\r\n--b--\r\n"
    found = read_mail(data)
    assert (found.encoding, found.body) == ("cp1251", "/html")
    assert "\N{CYRILLIC CAPITAL LETTER ZHE}" in found.value["html"]
    assert found.value["snapshot-content-location"] == "https://x.example/1"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message(data: bytes) -> None:
    read_mail(b"From: a\nSubject: b\nDate: c\n" + data)


@pytest.mark.parametrize("charset", ["unicode_escape", "raw_unicode_escape", "utf-7", "zlib", "idna", "undefined"])
def test_a_charset_that_makes_something_else_of_a_text_is_not_believed(charset: str) -> None:
    mail = read_mail(
        f"From: a@b.example\nSubject: Hello\nContent-Type: text/plain; charset={charset}\n\nHalf \\ud800 +2AA- a pair.\n".encode()
    )
    assert mail.value["text"] == "Half \\ud800 +2AA- a pair.\n"


def test_half_a_pair_of_surrogates_in_a_header_is_no_character() -> None:
    mail = read_mail(b"From: a@b.example\nSubject: =?unicode_escape?Q?Half=5Cud800?=\n\nText.\n")
    assert mail.value.get("subject", "Half").encode("utf-8")


def test_a_header_that_is_longer_than_anybody_writes_is_not_parsed() -> None:
    mail = read_mail(b"From: a@b.example\nSubject: " + b"=?utf-8?Q?a?= " * 3000 + b"\n\nText.\n")
    assert "subject" not in mail.value
    assert mail.value["text"] == "Text.\n"
