"""Mailboxes: where each message stands, and what a mailbox did to its lines."""

from __future__ import annotations

import io
import mailbox
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cleaner.containers.archives import Archive
from cleaner.containers.kinds import Form
from cleaner.containers.mail import read_mail
from cleaner.containers.mailbox import messages

ENVELOPE = b"From ann@harbour.example Tue Jul  1 10:00:00 2025\n"


def message(body: bytes) -> bytes:
    return b"From: Ann\nSubject: Ferry\n\n" + body


def cut(data: bytes) -> list[bytes]:
    stream = io.BytesIO(data)
    return [data[start:end] for start, end in messages(stream)]


@given(
    st.lists(
        st.lists(st.sampled_from((b"It left.", b"", b"From there it went on.", b"Note: it did")), max_size=6),
        min_size=1,
        max_size=5,
    )
)
def test_messages_are_cut_where_they_were_joined_and_nothing_is_lost(bodies: list[list[bytes]]) -> None:
    # A line that could be an envelope is marked by the program that keeps the mailbox.
    made = [
        ENVELOPE + message(b"".join(line.replace(b"From", b">From") + b"\n" for line in body)) + b"\n"
        for body in bodies
    ]
    assert cut(b"".join(made)) == made


def test_a_sentence_is_no_envelope() -> None:
    data = ENVELOPE + message(b"It left.\n\nFrom there it went on.\nAnd on.\n")
    assert cut(data) == [data]


def test_what_python_writes_as_a_mailbox(tmp_path: Path) -> None:
    bodies = ["It left at dawn.\n", "From the quay\n>From the sea\n"]
    box = mailbox.mbox(tmp_path / "a.mbox")
    for body in bodies:
        box.add(message(body.encode()))
    box.close()
    with (tmp_path / "a.mbox").open("rb") as stream:
        archive = Archive(stream, Form.MAILBOX)
        found = [(member.name, archive.open(member).read()) for member in archive.members()]
    assert [name for name, _ in found] == ["1.eml", "2.eml"]
    said = [read_mail(data).value["text"].strip("\n") + "\n" for _, data in found]
    # Python marks only the lines that begin with the word itself; one that was marked before loses its mark.
    assert said == [bodies[0], "From the quay\nFrom the sea\n"]


def test_long_lines_and_an_empty_mailbox() -> None:
    long = ENVELOPE + message(b"x" * (1 << 17) + b"\n") + b"\n"
    assert cut(long + long) == [long, long]
    assert cut(b"") == []
