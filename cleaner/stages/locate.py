"""A decoded file and code points of its text, or of a string inside its JSON, in; the line and column of the file out, which editors jump to."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

LEXEME = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)


class Spot(NamedTuple):
    """A place in a file: line and column from 1, in code points, and its distance from the start of the text."""

    line: int
    column: int
    offset: int


class Locator:
    """Finds places in the decoded text of one file, or of one line of a file of records, which begins on the given line."""

    def __init__(self, text: str, first_line: int = 1) -> None:
        self.text = text
        self.first_line = first_line
        self.breaks = [match.end() for match in re.finditer("\n", text)]
        self.strings: dict[str, tuple[int, int]] | None = None

    def spot(self, offset: int) -> Spot:
        """The place of a code point of the text."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.breaks, offset)
        return Spot(self.first_line + line, offset - (self.breaks[line - 1] if line else 0) + 1, offset)

    def line_of(self, offset: int) -> tuple[int, str]:
        """Where the line of a code point begins, and the line without its end."""
        line = bisect_right(self.breaks, offset)
        start = self.breaks[line - 1] if line else 0
        end = self.breaks[line] if line < len(self.breaks) else len(self.text)
        return start, self.text[start:end].rstrip("\r\n")

    def inside(self, pointer: str, offset: int) -> int | None:
        """Where the code point `offset` of the decoded string at a JSON Pointer stands in the text; None where no such string does."""
        if self.strings is None:
            self.strings = dict(_strings(self.text))
        if pointer not in self.strings:
            return None
        start, end = self.strings[pointer]
        at, decoded = start + 1, 0
        for match in ESCAPE.finditer(self.text, at, end - 1):
            plain = match.start() - at
            if decoded + plain >= offset:
                break
            at, decoded = match.end(), decoded + plain + 1
            if decoded >= offset:
                break
        return min(at + offset - decoded, end - 1)


def _strings(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Every string that is a value of a JSON text: its JSON Pointer, and where it begins and ends with its quotation marks."""
    path: list[str] = []
    kinds: list[str] = []
    wants_key = False
    for match in LEXEME.finditer(text):
        lexeme = match.group()
        if lexeme in "{[":
            kinds.append(lexeme)
            path.append("0" if lexeme == "[" else "")
            wants_key = lexeme == "{"
        elif lexeme in "}]":
            if kinds:
                kinds.pop()
                path.pop()
            wants_key = False
        elif lexeme == ",":
            wants_key = bool(kinds) and kinds[-1] == "{"
            if kinds and kinds[-1] == "[":
                path[-1] = str(int(path[-1]) + 1)
        elif lexeme == ":":
            wants_key = False
        elif lexeme[0] == '"':
            if wants_key:
                path[-1] = _key(lexeme)
            else:
                yield "".join(f"/{step}" for step in path), match.span()


def _key(lexeme: str) -> str:
    import json

    try:
        name = str(json.loads(lexeme, strict=False))
    except ValueError:
        name = lexeme[1:-1]
    return name.replace("~", "~0").replace("/", "~1")
