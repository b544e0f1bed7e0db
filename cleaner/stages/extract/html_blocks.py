"""Takes the pieces of a page that are the article, gives blocks of traced text, built from nothing but the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import compress, groupby
from operator import itemgetter

from cleaner.model.documents import Block, Kind, Mark, MarkKind
from cleaner.model.text import Dropped, Span, TracedText
from cleaner.stages.extract.html_runs import (
    BLOCK_LEVEL,
    GAP,
    HEADINGS,
    PIECE,
    Element,
    Page,
    Piece,
    TextRun,
    ends_of_runs,
)

INLINE_MARKS = {
    "a": MarkKind.LINK,
    "em": MarkKind.EMPHASIS,
    "i": MarkKind.EMPHASIS,
    "b": MarkKind.STRONG,
    "strong": MarkKind.STRONG,
    "code": MarkKind.CODE,
    "kbd": MarkKind.CODE,
    "samp": MarkKind.CODE,
    "tt": MarkKind.CODE,
}

LISTS = frozenset(("ul", "ol", "menu", "dl"))

LANGUAGE_CLASS = re.compile(r"\b(?:language|lang|brush)[-:]\s*([\w+#-]+)")

CELL_SEPARATOR = TracedText.inserted(" | ", "separator")
SPACE = TracedText.inserted(" ", "separator")
NEWLINE = TracedText.inserted("\n", "separator")


@dataclass(slots=True)
class _Place:
    """What the elements around a text block make of it; `home` is the item, row or code block that it is part of."""

    kind: Kind
    home: Element | None = None
    level: int = 0
    ordinal: int | None = None
    group: int = 0
    info: str = ""


@dataclass(slots=True)
class _Draft:
    """A block under way: its place and its parts, of which a table row has one or more per cell."""

    place: _Place
    parts: list[tuple[Element, Block]] = field(default_factory=list)


def blocks_of(page: Page, pieces: Sequence[Piece], kept: Sequence[bool], pointer: str) -> list[Block]:
    """The kept pieces as blocks, in the order of the page."""
    return _Builder(page, pointer).build(list(compress(pieces, kept)))


def dropped_of(page: Page, blocks: Iterable[Block], metadata: frozenset[int], pointer: str) -> tuple[Dropped, ...]:
    """What of the text runs is in no block; runs whose number is in `metadata` were read into the metadata."""
    spans = iter(sorted(span for block in blocks for span in block.text.spans()))
    span = next(spans, None)
    dropped: list[Dropped] = []
    for number, run in enumerate(page.runs):
        at = run.start
        rule = "metadata" if number in metadata else "not-article"
        while span is not None and span.start < run.end:
            dropped += _left_over(page.source, at, span.start, pointer, rule)
            at = span.end
            span = next(spans, None)
        dropped += _left_over(page.source, at, run.end, pointer, rule)
    return tuple(dropped)


def _left_over(source: str, start: int, end: int, pointer: str, rule: str) -> Iterator[Dropped]:
    if start < end and not source[start:end].isspace():
        yield Dropped(Span(start, end, pointer), rule)


class _Builder:
    def __init__(self, page: Page, pointer: str) -> None:
        self.page = page
        self.pointer = pointer
        self.groups: dict[int, int] = {}
        self.begun_items: set[int] = set()

    def build(self, pieces: Sequence[Piece]) -> list[Block]:
        drafts: list[_Draft] = []
        runs = self.page.runs
        ends = ends_of_runs(pieces)
        first = 0
        for _, together in groupby(ends, key=lambda run: runs[run].block):
            members: list[Sequence[Piece]] = []
            for run in together:
                members.append(pieces[first : ends[run]])
                first = ends[run]
            container = block_element(runs[members[0][0].run].element)
            place = self.place_of(container)
            block = self.block_of(members, container, place)
            if (
                drafts
                and place.home is not None
                and drafts[-1].place.home is place.home
                and place.kind is drafts[-1].place.kind
            ):
                drafts[-1].parts.append((container, block))
            else:
                drafts.append(_Draft(place, [(container, block)]))
        blocks = [self.row_of(draft) if draft.place.kind is Kind.ROW else _joined(draft) for draft in drafts]
        return [block for block in blocks if block.text.text.strip()]

    def place_of(self, container: Element) -> _Place:
        """The nearest element around that says what the text is."""
        for element in container.lineage():
            tag = element.tag
            if tag in HEADINGS:
                return _Place(Kind.HEADING, level=int(tag[1]))
            if tag == "pre":
                return _Place(Kind.CODE, element, info=_language(container))
            if tag in ("figcaption", "caption"):
                return _Place(Kind.CAPTION)
            if tag in ("li", "dt", "dd"):
                return self.item_place(element)
            if tag == "tr" and (table := _data_table(element)):
                return _Place(Kind.ROW, element, group=self.group(table))
            if tag == "blockquote":
                return self.quote_place(element)
        return _Place(Kind.PARAGRAPH)

    def item_place(self, item: Element) -> _Place:
        lists = [element for element in item.lineage() if element.tag in LISTS]
        ordinal = None
        if lists and lists[0].tag == "ol" and item.tag == "li" and id(item) not in self.begun_items:
            ordinal = _first_number(lists[0]) + item.number
        self.begun_items.add(id(item))
        return _Place(Kind.ITEM, item, max(len(lists) - 1, 0), ordinal, self.group(lists[-1] if lists else item))

    def quote_place(self, quote: Element) -> _Place:
        quotes = [element for element in quote.lineage() if element.tag == "blockquote"]
        return _Place(Kind.QUOTE, level=len(quotes) - 1, group=self.group(quotes[-1]))

    def group(self, element: Element) -> int:
        return self.groups.setdefault(id(element), len(self.groups) + 1)

    def block_of(self, runs: Sequence[Sequence[Piece]], container: Element, place: _Place) -> Block:
        """The block of the pieces of some runs."""
        if place.kind is Kind.CODE:
            return Block(Kind.CODE, self.verbatim(runs[0][0], runs[-1][-1]), info=place.info)
        parts: list[TracedText] = []
        extents: dict[int, tuple[Element, int, int]] = {}
        at = 0
        before: Piece | None = None
        for members in runs:
            if before is not None and (space := self.between(before, members[0])):
                parts.append(space)
                at += len(space)
            start = at
            for part in self.copied(members):
                parts.append(part)
                at += len(part)
            for element in _marking(self.page.runs[members[0].run].element, container):
                extents[id(element)] = (element, extents[id(element)][1] if id(element) in extents else start, at)
            before = members[-1]
        marks = _marks_of(extents.values(), at, container.tag in HEADINGS)
        return Block(place.kind, TracedText.join(parts), place.level, place.ordinal, marks, place.info, place.group)

    def copied(self, pieces: Sequence[Piece]) -> Iterator[TracedText]:
        """The pieces of one run, their character references replaced, their white space made single spaces."""
        source = self.page.source
        start, end = pieces[0].start, pieces[-1].end
        if source[start:end] == " ".join([piece.text for piece in pieces]):
            yield TracedText.copied(source, start, end, self.pointer)
            return
        end = start
        for piece in pieces:
            space = source[end : piece.start]
            if space and space != " ":
                yield TracedText.copied(source, start, end, self.pointer)
                yield SPACE
                start = piece.start
            if source[piece.start] == "&" and source[piece.start : piece.end] != piece.text:
                yield TracedText.copied(source, start, piece.start, self.pointer)
                yield TracedText.edited(piece.text, Span(piece.start, piece.end, self.pointer), "markup")
                start = piece.end
            end = piece.end
        yield TracedText.copied(source, start, end, self.pointer)

    def between(self, left: Piece, right: Piece) -> TracedText | None:
        """What stands between pieces of different runs: nothing, a copied space, or an inserted one for all else."""
        source, runs = self.page.source, self.page.runs
        before = source[left.end : runs[left.run].end]
        after = source[runs[right.run].start : right.start]
        if not before and not after:
            # A run between them that has no word is a reference to white space.
            if right.run > left.run + 1:
                return SPACE
            return SPACE if GAP.search(source, runs[left.run].end, runs[right.run].start) else None
        if before == " " and not after:
            return self.plain_space(left.end)
        return self.plain_space(right.start - 1) if after == " " and not before else SPACE

    def plain_space(self, at: int) -> TracedText:
        return TracedText.copied(self.page.source, at, at + 1, self.pointer)

    def verbatim(self, first: Piece, last: Piece) -> TracedText:
        """The text from one piece to another with all its white space, as code needs it."""
        parts: list[TracedText] = []
        for number in range(first.run, last.run + 1):
            run = self.page.runs[number]
            if parts and number in self.page.breaks:
                parts.append(NEWLINE)
            start = first.start if number == first.run else run.start
            end = last.end if number == last.run else run.end
            if number == first.run:
                # The indentation of the first line belongs to the code.
                start = self.page.source.rfind("\n", run.start, start) + 1 or run.start
            parts.extend(self.decoded(start, end))
        return TracedText.join(parts)

    def decoded(self, start: int, end: int) -> Iterator[TracedText]:
        source = self.page.source
        at = start
        for match in PIECE.finditer(source, start, end):
            if match[0][0] == "&" and (text := unescape(match[0])) != match[0]:
                yield TracedText.copied(source, at, match.start(), self.pointer)
                yield TracedText.edited(text, Span(*match.span(), self.pointer), "markup")
                at = match.end()
        yield TracedText.copied(source, at, end, self.pointer)

    def row_of(self, draft: _Draft) -> Block:
        """A table row: its cells joined, empty ones too, for the columns must stay in line."""
        row = draft.place.home
        if row is None:
            raise ValueError("a row's draft has a place")
        parts: list[TracedText] = []
        marks: list[Mark] = []
        at = 0
        for number, cell in enumerate(row.parts):
            own = [block for container, block in draft.parts if cell in container.lineage()]
            block = _joined_blocks(own, SPACE) if own else None
            if number:
                parts.append(CELL_SEPARATOR)
                at += len(CELL_SEPARATOR)
            size = len(block.text) if block else 0
            marks.append(Mark(at, at + size, MarkKind.CELL))
            if block:
                parts.append(block.text)
                marks += [mark._replace(start=mark.start + at, end=mark.end + at) for mark in block.marks]
            at += size
        return Block(Kind.ROW, TracedText.join(parts), marks=tuple(marks), group=draft.place.group)


def block_element(element: Element) -> Element:
    """The nearest block-level element around a text, itself included."""
    while element.tag not in BLOCK_LEVEL and element.parent is not None:
        element = element.parent
    return element


def _marks_of(extents: Iterable[tuple[Element, int, int]], size: int, is_heading: bool) -> tuple[Mark, ...]:
    """The links and the emphasis that elements lay over a text of that size."""
    marks: set[Mark] = set()
    for element, start, end in extents:
        kind = INLINE_MARKS[element.tag]
        target = shown_target(element.attributes().get("href", "")) if kind is MarkKind.LINK else ""
        if (kind is MarkKind.LINK and not target) or start >= end:
            continue
        # A heading is strong by itself.
        if is_heading and kind in (MarkKind.STRONG, MarkKind.EMPHASIS) and (start, end) == (0, size):
            continue
        marks.add(Mark(start, end, kind, target))
    return tuple(sorted(marks, key=lambda mark: (mark.start, -mark.end, mark.kind, mark.target)))


def shown_target(href: str) -> str:
    """A link's target as a browser takes it: without the characters that can't be seen."""
    target = href.strip()
    return target if target.isprintable() else "".join(filter(str.isprintable, target))


def _marking(element: Element, container: Element) -> Iterator[Element]:
    """The elements around a text that mark it: all inside its block, and a link around the block."""
    if element.tags.isdisjoint(INLINE_MARKS):
        return
    inside = True
    for outer in element.lineage():
        inside = inside and outer is not container
        if outer.tag == "a" or (inside and outer.tag in INLINE_MARKS):
            yield outer


def _joined(draft: _Draft) -> Block:
    return _joined_blocks([block for _, block in draft.parts], NEWLINE if draft.place.kind is Kind.CODE else SPACE)


def _joined_blocks(blocks: Sequence[Block], separator: TracedText) -> Block:
    """Blocks as one, like the first of them, with their marks moved along."""
    if len(blocks) == 1:
        return blocks[0]
    parts: list[TracedText] = []
    marks: list[Mark] = []
    at = 0
    for number, block in enumerate(blocks):
        if number:
            parts.append(separator)
            at += len(separator)
        parts.append(block.text)
        marks += [mark._replace(start=mark.start + at, end=mark.end + at) for mark in block.marks]
        at += len(block.text)
    return replace(blocks[0], text=TracedText.join(parts), marks=tuple(marks))


def _data_table(row: Element) -> Element | None:
    """The table of a row, if it tabulates: two rows, two cells in one of them, and nothing that makes it layout."""
    table = row.parent
    while table is not None and table.tag != "table":
        table = table.parent
    if table is None or table.is_layout or len(table.parts) < 2 or all(len(part.parts) < 2 for part in table.parts):
        return None
    return None if table.attributes().get("role") in ("presentation", "none") else table


def _first_number(numbered: Element) -> int:
    start = numbered.attributes().get("start", "1")
    return int(start) if start.isdecimal() and len(start) < 9 else 1


def _language(container: Element) -> str:
    """The language that a code block's class names, in the way of highlighters."""
    for element in (*container.lineage()[:2], container):
        if match := LANGUAGE_CLASS.search(element.attributes().get("class", "")):
            return match[1]
    return ""


def text_runs(runs: Sequence[TextRun]) -> tuple[tuple[int, int], ...]:
    """The start and the end of every run."""
    return tuple(map(itemgetter(0, 1), runs))
