"""A mailbox in (mbox, RFC 4155), where each of its messages stands out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

ENVELOPE = b"From "
HEADER = re.compile(rb"[!-9;-~]+:")
# So much of a line is read at once; what a message begins with is shorter.
MAX_LINE_BYTES = 1 << 16


def messages(stream: BinaryIO) -> Iterator[tuple[int, int]]:
    """The bytes of each message, from its envelope line on, half-open. The stream may be read elsewhere in between.

    A message begins below an empty line, with `From ` and a header on the line after it: a sentence in a letter that begins with the word, which
    mail programs write as `>From`, is none.
    """
    start = position = 0
    above, envelope_at = b"\n", -1
    while True:
        stream.seek(position)
        line = stream.readline(MAX_LINE_BYTES)
        if not line:
            break
        if envelope_at >= 0 and HEADER.match(line):
            if envelope_at > start:
                yield start, envelope_at
            start = envelope_at
        is_first = not above.strip(b"\r\n") and above.endswith(b"\n")
        envelope_at = position if is_first and line.startswith(ENVELOPE) else -1
        above, position = line, position + len(line)
    if position > start:
        yield start, position


class Message(io.RawIOBase):
    """The bytes of a mailbox from `start` to `end`, as a stream; the mailbox may be read elsewhere in between."""

    def __init__(self, mailbox: BinaryIO, start: int, end: int) -> None:
        self.mailbox, self.position, self.end = mailbox, start, end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.mailbox.seek(self.position)
        data = self.mailbox.read(min(len(buffer), self.end - self.position))
        self.position += len(data)
        buffer[: len(data)] = data
        return len(data)
