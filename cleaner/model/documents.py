"""Blocks, documents and their metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from enum import StrEnum
from typing import NamedTuple

from cleaner.model.problems import Problem
from cleaner.model.record import record
from cleaner.model.text import Dropped, Edit, TracedText


class Kind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    QUOTE = "quote"
    CODE = "code"
    ROW = "row"
    CAPTION = "caption"


class MarkKind(StrEnum):
    """What an inline mark says of the text below it."""

    LINK = "link"
    EMPHASIS = "emphasis"
    STRONG = "strong"
    CODE = "code"
    CELL = "cell"


class Mark(NamedTuple):
    """The code points `start` to `end` of a block's text are a link to `target`, emphasised, or one cell of a row."""

    start: int
    end: int
    kind: MarkKind
    target: str = ""


@record
class Block:
    """A heading, paragraph, list item, quotation, code block, table row or caption.

    `level` is 1 to 6 for a heading, and the depth (from 0) of a list item or quotation. `ordinal` is the number of a numbered item. `group` tells
    blocks that belong together (the items of a list, the rows of a table, the paragraphs of a quotation) from those of the next one.
    `info` is a code block's
    language, and what stands behind a numbered item's number (a full stop unless said). `restored` says that the break before the block was lost in the source and put back.
    """

    kind: Kind
    text: TracedText
    level: int = 0
    ordinal: int | None = None
    marks: tuple[Mark, ...] = ()
    info: str = ""
    group: int = 0
    restored: bool = False

    def __reduce__(self) -> tuple[type[Block], tuple[object, ...]]:
        # See TracedText.__reduce__.
        return Block, (
            self.kind, self.text, self.level, self.ordinal, self.marks, self.info, self.group, self.restored,
        )  # fmt: skip

    def sliced(self, start: int, end: int | None = None) -> Block:
        """The block with the code points `start` to `end` of its text and the marks over them."""
        end = len(self.text) if end is None else end
        if not self.marks:
            return self if start <= 0 and end >= len(self.text) else self._with(self.text.sliced(start, end), ())
        marks = tuple(
            Mark(max(mark.start, start) - start, min(mark.end, end) - start, mark.kind, mark.target)
            for mark in self.marks
            if (mark.start < end and mark.end > start)
            or (mark.kind is MarkKind.CELL and start <= mark.start <= mark.end <= end)
        )
        return self._with(self.text.sliced(start, end), marks)

    def _with(self, text: TracedText, marks: tuple[Mark, ...]) -> Block:
        """The block with another text; several times as fast as `dataclasses.replace`, and needed for every block."""
        return Block(self.kind, text, self.level, self.ordinal, marks, self.info, self.group, self.restored)

    def stripped(self) -> Block:
        """Without white space at both ends, as far as that is no part of an edit."""
        start, end = self.text.inner()
        whole = start == 0 and end == len(self.text)
        if whole and all(mark.start < mark.end or mark.kind is MarkKind.CELL for mark in self.marks):
            return self
        return self.sliced(start, end)

    def spliced(self, edits: Sequence[Edit]) -> tuple[Block, tuple[Dropped, ...]]:
        """The block with `edits` carried out on its text and its marks moved along, and what the edits dropped."""
        if not edits:
            return self, ()
        text, dropped = self.text.spliced(edits)
        marks = tuple(
            moved
            for mark in self.marks
            if (moved := mark._replace(start=_moved(mark.start, edits), end=_moved(mark.end, edits))).start < moved.end
            or mark.kind is MarkKind.CELL
        )
        return self._with(text, marks), dropped


def _moved(position: int, edits: Sequence[Edit]) -> int:
    """Where `position` stands after `edits`; one inside a replaced part goes to that part's end."""
    shift = 0
    for edit in edits:
        if edit.start >= position:
            break
        if edit.end > position:
            return edit.start + len(edit.new) + shift
        shift += len(edit.new) - (edit.end - edit.start)
    return position + shift


@record
class Metadata:
    """What is known of an article, in the order of the front matter; empty where unknown."""

    title: str = ""
    author: tuple[str, ...] = ()
    date: str = ""
    updated: str = ""
    section: str = ""
    lang: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    publisher: str = ""
    url: str = ""
    canonical_url: str = ""

    def filled(self, other: Metadata) -> Metadata:
        """This metadata with its empty members taken from `other`."""
        return Metadata(*(getattr(self, name) or getattr(other, name) for name in self.__dataclass_fields__))


# The name of a member of the metadata, and the values that lost against the one that stands in it, the best first.
Alternatives = tuple[tuple[str, tuple[str, ...]], ...]


@record
class Field:
    """A decoded string of a source: the text at `pointer`, and the stretches of it that are text (all of it, but for HTML its text runs)."""

    pointer: str
    text: str
    runs: tuple[tuple[int, int], ...] | None = None


@record
class Extracted:
    """What a leaf of the extraction makes of one string: blocks, metadata, and what it left out by a rule of its own.

    `runs` are the stretches of the string that are text at all, for HTML; None means all of it.
    `confidence` is how sure the leaf is that this is the article, in percent.
    `alternatives` are what it found for members of the metadata besides the values that it took, by the member's name.
    """

    blocks: tuple[Block, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)
    dropped: tuple[Dropped, ...] = ()
    problems: tuple[Problem, ...] = ()
    runs: tuple[tuple[int, int], ...] | None = None
    confidence: int = 100
    alternatives: Alternatives = ()


@record
class Document:
    """One article: its metadata, its blocks, the fields that they came from, and what was dropped on the way."""

    source: str
    format: str
    fields: tuple[Field, ...]
    metadata: Metadata = field(default_factory=Metadata)
    blocks: tuple[Block, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    origins: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    confidence: int = 100
    alternatives: Alternatives = ()
