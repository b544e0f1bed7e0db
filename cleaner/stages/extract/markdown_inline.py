"""The content of a paragraph, heading or cell in, its traced text and marks out, where that can be told without the parser.

Most inline content holds no markup, or the plainest: code spans, emphasis that opens before a word and closes behind it, links, escapes, tags.
What such markup means follows from the characters beside it (CommonMark 0.31, 6.2), without rules that look far ahead. Everything else is left
to markdown-it-py; the tests hold the two to the same result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from cleaner.model.documents import Block, Kind, Mark, MarkKind
from cleaner.model.text import TracedText
from cleaner.rules import SEPARATOR
from cleaner.stages.extract.habits import habit_at

# The characters that a rule of the parser begins with; all others are text.
SPECIAL = re.compile(r"[\n\\`*_\[<&~!{%=^]")
TICKS = re.compile(r"`+")
STARS = re.compile(r"\*+|_+")
ESCAPED = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
# A link to an address without spaces, parentheses, escapes and references, its label without brackets.
LINK = re.compile(r"\[([^\[\]]+)\]\(([^\s()<>\\&\x00-\x1f\x7f]+)\)")
# Its attributes have values in double quotation marks, or none.
TAG = re.compile(
    r"<(?:/(?P<closed>[A-Za-z][A-Za-z0-9]*)|(?P<opened>[A-Za-z][A-Za-z0-9]*)(?: [A-Za-z_:][A-Za-z0-9_.:-]*(?:=\"[^\"\n]*\")?)*+ ?/?)>"
)
INLINE_TAG = re.compile(r"</?(?P<name>[A-Za-z][A-Za-z0-9]*)")
TAG_MARKS = {
    "a": MarkKind.LINK, "b": MarkKind.STRONG, "strong": MarkKind.STRONG, "i": MarkKind.EMPHASIS, "em": MarkKind.EMPHASIS, "code": MarkKind.CODE,
}  # fmt: skip
# Words on the two sides of one are no one word.
LINE_TAGS = frozenset(
    "address blockquote caption center dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre section summary table td th tr ul".split()
)
CLOSING = tuple(".,;:!?)")
REFERENCE = re.compile(r"&#?[0-9A-Za-z]+;")
PUNCTUATION = frozenset("\u2013\u2014\u2018\u2019\u201c\u201d\u2026")
SPACES = re.compile(r"[ \t]*")


class Line(NamedTuple):
    """A line of the content: where it begins in the content, and in the text that the parser reads."""

    start: int
    place: int


class _Hard(Exception):
    """The content needs the parser."""


def inline_block(
    content: str,
    lines: Sequence[Line],
    copied: Callable[[int, int], TracedText],
    kind: Kind,
    level: int,
    *,
    references: bool,
) -> Block | None:
    """The block of an inline content whose `lines` stand in the text one after another; None where only the parser can tell.

    `copied` makes a traced copy of the text from one place to another. `references` says
    whether the document defines link references, so that brackets alone may be links.
    """
    if not SPECIAL.search(content):
        begin = lines[0].place
        return Block(kind, copied(begin, begin + len(content)), level).stripped()
    reader = _Inline(content, lines, copied, brackets=references or "](" in content)
    try:
        reader.read(0, len(content))
    except _Hard:
        return None
    return Block(kind, TracedText.join(reader.parts), level, marks=tuple(sorted(reader.marks))).stripped()


class _Inline:
    """Reads a content from its start to its end; raises _Hard at the first thing that a look at its neighbours does not settle."""

    def __init__(
        self,
        content: str,
        lines: Sequence[Line],
        copied: Callable[[int, int], TracedText],
        *,
        brackets: bool,
    ) -> None:
        self.content = content
        self.lines = lines
        self.copied = copied
        self.brackets = brackets
        self.line = 0
        self.parts: list[TracedText] = []
        self.size = 0
        self.marks: list[Mark] = []

    def read(self, start: int, end: int) -> None:
        """Read the content from `start` to `end`, which is its end or that of a link's label."""
        content = self.content
        opened: tuple[str, int] | None = None
        at = start
        while match := SPECIAL.search(content, at, end):
            at = match.start()
            match content[at]:
                case "\n":
                    self._break(start, at)
                    start = at = SPACES.match(content, at + 1, end).end()  # type: ignore[union-attr]
                case "\\":
                    start, at = self._escape(start, at, end)
                case "`":
                    start, at = self._code(start, at, end)
                case "[":
                    start, at = self._link(start, at, end)
                case "<":
                    start, at = self._tag(start, at, end)
                case "&":
                    if REFERENCE.match(content, at):
                        raise _Hard
                    at += 1
                case "!" | "{" | "%" | "=" | "^":
                    if habit_at(content, at):
                        raise _Hard
                    at += 1
                case "~":
                    if content[at + 1 : at + 2] == "~":
                        raise _Hard
                    at += 1
                case _:
                    run = STARS.match(content, at, end).group()  # type: ignore[union-attr]
                    opens, closes = self._flanks(run, at, end)
                    if not opens and (not closes or opened is None):
                        at += len(run)
                        continue
                    if opens:
                        if closes or opened or len(run) > 2:
                            raise _Hard
                        self._copy(start, at)
                        opened = run, self.size
                    else:
                        if opened is None or opened[0] != run:
                            raise _Hard
                        self._copy(start, at)
                        self._mark(opened[1], MarkKind.STRONG if len(run) == 2 else MarkKind.EMPHASIS)
                        opened = None
                    start = at = at + len(run)
        if opened:
            raise _Hard
        self._copy(start, end)

    def _copy(self, start: int, end: int) -> None:
        if start < end:
            line = self.lines[self.line]
            self._put(self.copied(line.place + start - line.start, line.place + end - line.start))

    def _put(self, text: TracedText) -> None:
        self.parts.append(text)
        self.size += len(text)

    def _mark(self, begin: int, kind: MarkKind, target: str = "") -> None:
        if begin < self.size:
            self.marks.append(Mark(begin, self.size, kind, target))

    def _break(self, start: int, at: int) -> None:
        """A line's end: two spaces before it make it a hard break."""
        text = self.content[start:at]
        spaces = len(text) - len(text.rstrip(" "))
        self._copy(start, at - spaces)
        self._put(TracedText.inserted("\n" if spaces > 1 else " ", SEPARATOR))
        self.line += 1

    def _escape(self, start: int, at: int, end: int) -> tuple[int, int]:
        if at + 1 >= end:
            if end < len(self.content):
                raise _Hard
            return start, at + 1
        escaped = self.content[at + 1]
        if escaped == "\n":
            raise _Hard
        if escaped not in ESCAPED:
            return start, at + 1
        self._copy(start, at)
        return at + 1, at + 2

    def _code(self, start: int, at: int, end: int) -> tuple[int, int]:
        content = self.content
        opening = TICKS.match(content, at).end()  # type: ignore[union-attr]
        ticks = opening - at
        closing = next((run for run in TICKS.finditer(content, opening) if run.end() - run.start() == ticks), None)
        if opening > end or (closing and closing.end() > end):
            raise _Hard
        if closing is None:
            return start, opening
        raw = content[opening : closing.start()]
        if "\n" in raw:
            raise _Hard
        self._copy(start, at)
        begin = self.size
        padded = raw[:1] == raw[-1:] == " " and bool(raw.strip(" "))
        self._copy(opening + padded, closing.start() - padded)
        self.marks.append(Mark(begin, self.size, MarkKind.CODE))
        return closing.end(), closing.end()

    def _link(self, start: int, at: int, end: int) -> tuple[int, int]:
        if habit_at(self.content, at):
            raise _Hard
        if not self.brackets:
            return start, at + 1
        link = LINK.match(self.content, at, end)
        if link is None or self.content[at - 1 : at] == "!":
            raise _Hard
        self._copy(start, at)
        begin = self.size
        self.read(*link.span(1))
        if target := link.group(2):
            self._mark(begin, MarkKind.LINK, target)
        return link.end(), link.end()

    def _tag(self, start: int, at: int, end: int) -> tuple[int, int]:
        if tag := TAG.match(self.content, at, end):
            if (name := tag.group(tag.lastindex or 0).lower()) in TAG_MARKS:
                raise _Hard
            self._copy(start, at)
            if name == "br" or (name in LINE_TAGS and is_between(self.parts, self.content, tag.end())):
                self._put(TracedText.inserted("\n", SEPARATOR))
            return tag.end(), tag.end()
        following = self.content[at + 1 : at + 2]
        if following.isalpha() or following in ("/", "!", "?"):
            raise _Hard
        return start, at + 1

    def _flanks(self, run: str, at: int, end: int) -> tuple[bool, bool]:
        """Whether a run of stars or underscores can open emphasis, and whether it can close it (CommonMark 0.31, 6.2)."""
        before = _class(self.content[at - 1]) if at else " "
        behind = _class(self.content[at + len(run)]) if at + len(run) < end else " "
        left = behind != " " and (behind != "." or before != "w")
        right = before != " " and (before != "." or behind != "w")
        if run[0] == "*":
            return left, right
        return left and (not right or before == "."), right and (not left or behind == ".")


def is_between(parts: Sequence[TracedText], content: str, end: int) -> bool:
    """Whether a tag that ends at `end` stands behind some text on its line, and not before the sign that closes it."""
    return bool(parts) and not parts[-1].text.endswith("\n") and content[end : end + 1] not in CLOSING


def _class(char: str) -> str:
    """What a character counts as beside a run: white space, punctuation or part of a word."""
    if char.isalnum():
        return "w"
    if char in " \t\n\N{NO-BREAK SPACE}":
        return " "
    if char in ESCAPED or char in PUNCTUATION:
        return "."
    raise _Hard
