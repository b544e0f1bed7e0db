"""Markdown in, blocks with their marks out; markdown-it-py tells the structure, and every character is traced to its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from html import unescape
from typing import TYPE_CHECKING, Any

from cleaner.model.documents import Block, Extracted, Kind, Mark, MarkKind, Metadata
from cleaner.model.problems import Problem
from cleaner.model.text import EMPTY, Span, TracedText
from cleaner.rules import MARKUP, SEPARATOR
from cleaner.stages.extract import markdown_plain
from cleaner.stages.extract.habits import teach
from cleaner.stages.extract.markdown_inline import (
    INLINE_TAG,
    LINE_TAGS,
    TAG_MARKS,
    TICKS,
    Line,
    inline_block,
    is_between,
)
from cleaner.stages.extract.markdown_plain import Table, Text, teach_plain

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
# The marks of quotes and items that a line begins with.
DEEP_MARKS = re.compile(r"(?:[^\S\n]|>|(?:[-*+]|\d{1,9}[.)])(?!\S))*+")


def extract_markdown(text: str, pointer: str, source: str, start: int = 0) -> Extracted:
    """The blocks of the Markdown in `text` from the code point `start` on (where its front matter ends)."""
    parser = _parser()
    body = _of_equal_length(text[start:])
    env: dict[str, Any] = {}
    tokens = parser.parse(body, env)
    line_starts = [0, *(match.end() for match in re.finditer("\n", body))]
    reader = _Reader(parser, env, text, body, pointer, start, line_starts)
    reader.read(tokens)
    return Extracted(
        tuple(reader.blocks), Metadata(title=_first_title(reader.blocks)), problems=_left_out(reader, source)
    )


@cache
def _parser() -> MarkdownIt:
    """The parser of the blocks; inline content is handed to it piece by piece, where need be."""
    from markdown_it import MarkdownIt

    # Escapes and references stay tokens of their own, so that each can be traced.
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable(["text_join"])
    parser.core.ruler.disable("inline")
    # Targets stay as they are written; what could run a script is left out further below.
    parser.normalizeLink = str  # type: ignore[method-assign, assignment]
    parser.validateLink = bool  # type: ignore[method-assign, assignment]
    teach(parser)
    teach_plain(parser)
    return parser


def _left_out(reader: _Reader, source: str) -> tuple[Problem, ...]:
    """What stands for something that the text then lacks: shortcodes, embedded notes."""
    if not reader.told:
        return ()
    names = ", ".join(dict.fromkeys(name for name, _ in reader.told))
    message = f"Left out, and what it would put into the page with it: {names}. Save the article as it is published, if that belongs to it."
    return (Problem("TXT004", message, source, reader.told[0][1]),)


def _of_equal_length(text: str) -> str:
    """Line ends and NUL as the parser makes them, without moving a character."""
    return text.replace("\r\n", " \n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")


@dataclass(slots=True)
class _Reader:
    """Walks the parser's tokens and gathers blocks.

    `body` is what the parser reads, as long as the text from `start` on; `line_starts` and all other places are offsets of it.
    """

    parser: MarkdownIt
    env: dict[str, Any]
    text: str
    body: str
    pointer: str
    start: int
    line_starts: list[int]
    blocks: list[Block] = field(default_factory=list)
    lists: list[list[int | None]] = field(default_factory=list)
    delimiters: list[str] = field(default_factory=list)
    quotes: int = 0
    group: int = 0
    cursor: int = 0
    told: list[tuple[str, Span]] = field(default_factory=list)

    def read(self, tokens: list[Token]) -> None:
        kind, level, pending_item = Kind.PARAGRAPH, 0, False
        cells: list[Block] | None = None
        row_end = 0
        for token in tokens:
            if token.map and token.type != "inline":
                self.cursor = max(self.cursor, self._line(token.map[0]))
            match token.type:
                case markdown_plain.PLAIN:
                    self._plain(token.meta["blocks"])
                case "bullet_list_open" | "ordered_list_open":
                    self.group += not self.lists
                    number = int(token.attrGet("start") or 1) if token.type.startswith("ordered") else None
                    self.lists.append([number])
                    self.delimiters.append(token.markup if number is not None else "")
                case "bullet_list_close" | "ordered_list_close":
                    self.lists.pop()
                    self.delimiters.pop()
                case "list_item_open":
                    pending_item = True
                    if self.lists[-1][0] is not None and token.info.isdigit():
                        # The number that is written, not the one that counting would give: an item before it may be gone.
                        self.lists[-1][0] = int(token.info)
                    self.blocks += self._too_deep(token)
                case "list_item_close":
                    if self.lists[-1][0] is not None:
                        self.lists[-1][0] += 1
                    pending_item = False
                case "blockquote_open":
                    self.group += not self.quotes
                    self.quotes += 1
                    self.blocks += self._too_deep(token)
                case "blockquote_close":
                    self.quotes -= 1
                case "heading_open":
                    kind, level = Kind.HEADING, int(token.tag[1])
                case "paragraph_open":
                    kind, level = (Kind.QUOTE, self.quotes - 1) if self.quotes else (Kind.PARAGRAPH, len(self.lists))
                case "table_open":
                    self.group += 1
                case "tr_open":
                    cells = []
                    row_end = self._line(token.map[1]) if token.map else 0
                case "tr_close":
                    cells = [*(cells or []), *self._beyond(row_end)]
                    if any(cell.text.text for cell in cells):
                        self.blocks.append(_row(cells, self.group))
                    cells = None
                case "inline":
                    block = self._inline(token, kind, level)
                    if cells is not None:
                        cells.append(replace(block, kind=Kind.ROW))
                    elif pending_item and kind is Kind.PARAGRAPH:
                        pending_item = False
                        self.blocks.append(
                            replace(
                                block,
                                kind=Kind.ITEM,
                                level=len(self.lists) - 1,
                                ordinal=self.lists[-1][0],
                                info=self.delimiters[-1],
                                group=self.group,
                            )
                        )
                    elif block.text.text:
                        self.blocks.append(replace(block, group=self.group if kind is Kind.QUOTE else 0))
                case "fence" | "code_block":
                    self.blocks.append(self._code(token))
                case "html_block":
                    self.blocks += self._html(token)
                case _:
                    pass

    def _plain(self, blocks: list[Text | Table]) -> None:
        """The blocks of plain Markdown: their contents stand in the text as they are."""
        for found in blocks:
            if isinstance(found, Text):
                self.cursor = max(self.cursor, self._line(found.first))
                kind = Kind.HEADING if found.level else Kind.PARAGRAPH
                block = self._content(kind, found.level, found.start, found.end, (found.first, found.last))
                if block.text.text:
                    self.blocks.append(block)
                continue
            self.group += 1
            for row in found:
                self.cursor = max(self.cursor, self._line(row.line))
                lines = row.line, row.line + 1
                cells = [
                    self._content(Kind.ROW, 0, start, end, lines) if start < end else NO_CELL
                    for start, end in row.cells
                ]
                if any(cell.text.text for cell in cells):
                    self.blocks.append(_row(cells, self.group))

    def _content(self, kind: Kind, level: int, start: int, end: int, lines: tuple[int, int]) -> Block:
        """The block of the inline content from `start` to `end` of the body, in the given lines."""
        content = self.body[start:end]
        places = [Line(0, start)]
        if "\n" in content:
            places += (Line(found.end(), start + found.end()) for found in re.finditer("\n", content))
        references = "references" in self.env
        if "|" not in content and (
            block := inline_block(content, places, self._copied, kind, level, references=references)
        ):
            self.cursor = end
            return block
        from markdown_it.token import Token

        return self._by_tokens(Token("inline", "", 0, content=content, map=list(lines)), kind, level)

    def _line(self, line: int) -> int:
        return self.line_starts[line] if line < len(self.line_starts) else len(self.body)

    def _copied(self, start: int, end: int) -> TracedText:
        return TracedText.copied(self.text, self.start + start, self.start + end, self.pointer)

    def _places(self, content: str, token: Token) -> list[int]:
        """For each character of an inline token's content, its offset in the body; the parser strips only the start and the end of lines."""
        first, last = token.map or (0, 0)
        at = max(self.cursor, self._line(first))
        places: list[int] = []
        for number, line in enumerate(content.split("\n")):
            if number:
                places.append(self.body.find("\n", at))
                at = places[-1] + 1
            found = self._found(line, at, last)
            places += found
            at = found[-1] + 1 if found else at
        self.cursor = at
        return places

    def _found(self, line: str, at: int, last: int) -> list[int]:
        """The offsets of a line's characters; in a table's cell the parser has taken the backslash from escaped bars."""
        end = self._line(last)
        plain = self.body.find(line, at, end)
        found = self.body.find(line.replace("|", "\\|"), at, end) if "|" in line else -1
        if plain >= 0 and not 0 <= found < plain:
            return list(range(plain, plain + len(line)))
        if found < 0:
            raise LookupError(line)
        places = []
        for char in line:
            found += char == "|"
            places.append(found)
            found += 1
        return places

    def _inline(self, token: Token, kind: Kind, level: int) -> Block:
        """The block of an inline token: read as it stands where that can be done, else from the tokens that the parser makes of it."""
        lines = self._lines(token)
        references = "references" in self.env
        if lines and (block := inline_block(token.content, lines, self._copied, kind, level, references=references)):
            last = lines[-1]
            self.cursor = last.place + len(token.content) - last.start
            return block
        return self._by_tokens(token, kind, level)

    def _lines(self, token: Token) -> list[Line]:
        """The lines of an inline token's content; none where one may not stand in the text as it is."""
        first, last = token.map or (0, 0)
        at, end = max(self.cursor, self._line(first)), self._line(last)
        lines: list[Line] = []
        start = 0
        if "|" in token.content:
            # In the text there may be backslashes before its bars.
            return []
        for line in token.content.split("\n"):
            at = self.body.find(line, self.body.find("\n", at) + 1 if lines else at, end)
            if at < 0:
                return []
            lines.append(Line(start, at))
            start, at = start + len(line) + 1, at + len(line)
        return lines

    def _by_tokens(self, token: Token, kind: Kind, level: int) -> Block:
        children: list[Token] = []
        self.parser.inline.parse(token.content, self.parser, self.env, children)
        before = self.cursor
        try:
            return _Inline(self, token.content, self._places(token.content, token)).block(children, kind, level)
        except LookupError:
            self.cursor = before
            return self._raw(token, kind, level)

    def _raw(self, token: Token, kind: Kind, level: int) -> Block:
        """The source lines as they stand, where the parser's text can't be found in them."""
        first, last = token.map or (0, 0)
        start, end = max(self.cursor, self._line(first)), self._line(last)
        self.cursor = end
        return Block(kind, self._copied(start, end).stripped(), level)

    def _beyond(self, row_end: int) -> Iterator[Block]:
        """One more cell of a table's row, where text is left behind its last: the parser drops what the head has no column for."""
        rest = self.body[self.cursor : row_end]
        if re.search(r"\w", rest):
            start = self.cursor + len(rest) - len(rest.lstrip(" \t|"))
            self.cursor += len(rest.rstrip(" \t\n|"))
            yield Block(Kind.ROW, self._copied(start, self.cursor).stripped())

    def _code(self, token: Token) -> Block:
        """A code block, line by line, without its fence and its indentation."""
        first, last = token.map or (0, 0)
        line = first + (token.type == "fence")
        parts: list[TracedText] = []
        for content in token.content.split("\n")[:-1] if token.content.endswith("\n") else token.content.split("\n"):
            start = self._line(line)
            end = self.body.find("\n", start)
            end = len(self.body) if end < 0 else end
            if parts:
                parts.append(TracedText.inserted("\n", SEPARATOR))
            found = self.body[start:end].rfind(content) if content else 0
            parts.append(
                self._copied(start + found, start + found + len(content))
                if found >= 0
                else self._copied(start, end).stripped()
            )
            line += 1
        self.cursor = self._line(last)
        return Block(Kind.CODE, TracedText.join(parts), info=token.info.strip(), level=len(self.lists))

    def _too_deep(self, token: Token) -> Iterator[Block]:
        """What stands in a list item or quote that lies deeper than the parser reads: each line as it stands, without the marks that it begins with."""
        if token.level + 1 < self.parser.options.maxNesting or not token.map:
            return
        first, last = (self._line(line) for line in token.map)
        at = max(self.cursor, first)
        kind, level = (Kind.ITEM, len(self.lists) - 1) if self.lists else (Kind.QUOTE, self.quotes - 1)
        self.cursor = max(self.cursor, last)
        while at < last:
            end = self.body.find("\n", at, last)
            end = last if end < 0 else end
            found = DEEP_MARKS.match(self.body, at, end)
            text = self._copied(found.end() if found else at, end).stripped()
            if text.text:
                yield Block(kind, text, level, group=self.group)
            at = end + 1

    def _html(self, token: Token) -> Iterator[Block]:
        """The blocks of a stretch of HTML, as those of a page."""
        from cleaner.stages.extract.html_body import body_blocks

        first, last = token.map or (0, 0)
        start, self.cursor = self._line(first), self._line(last)
        before = self.group
        for block in body_blocks(self.text[self.start + start : self.start + self.cursor], self.pointer):
            self.group = max(self.group, before + block.group)
            yield replace(
                block, text=block.text.moved(self.start + start), group=before + block.group if block.group else 0
            )


@dataclass(slots=True)
class _Inline:
    """Follows the children of one inline token through its content, character by character."""

    reader: _Reader
    content: str
    places: list[int]
    at: int = 0
    parts: list[TracedText] = field(default_factory=list)
    size: int = 0
    marks: list[Mark] = field(default_factory=list)
    open: list[tuple[MarkKind, int, str]] = field(default_factory=list)
    has_title: bool = False

    def block(self, children: list[Token], kind: Kind, level: int) -> Block:
        for child in children:
            self._take(child)
        return Block(kind, TracedText.join(self.parts), level, marks=tuple(sorted(self.marks))).stripped()

    def _take(self, token: Token) -> None:
        match token.type:
            case "text":
                self._text(token.content)
            case "text_special" if token.info == "entity":
                self._reference(token)
            case "text_special":
                self.at = self._next(token.markup) + len(token.markup) - len(token.content)
                self._text(token.content)
            case "softbreak" | "hardbreak":
                self.at = self._next("\n") + 1
                # A callout's title stands on a line of its own.
                self._put(
                    TracedText.inserted(" " if token.type == "softbreak" and not self.has_title else "\n", SEPARATOR)
                )
                self.has_title = False
                while self.content[self.at : self.at + 1] in (" ", "\t"):
                    self.at += 1
            case "code_inline":
                self._code(token)
            case "em_open" | "strong_open":
                self._skip(token.markup)
                self.open.append((MarkKind.EMPHASIS if token.type[0] == "e" else MarkKind.STRONG, self.size, ""))
            case "em_close" | "strong_close":
                self._skip(token.markup)
                self._close()
            case "s_open" | "s_close":
                self._skip(token.markup)
            case "link_open":
                self._skip("<" if token.info == "auto" else "[")
                self.open.append((MarkKind.LINK, self.size, str(token.attrGet("href") or "")))
            case "link_close":
                self._close()
                self.at = self.at + 1 if token.info == "auto" else self._link_end(self._next("]"))
            case "image":
                self._image(token)
            case "html_inline":
                self._tag(token)
            case "habit":
                self._habit(token)
            case _:
                pass

    def _tag(self, token: Token) -> None:
        """A tag inside a line: those that mean a mark are one, and a break is a break, as is what stands on lines of its own in a page."""
        self.at = self._next(token.content) + len(token.content)
        found = INLINE_TAG.match(token.content)
        name = found["name"].lower() if found else ""
        if name == "br" or (name in LINE_TAGS and is_between(self.parts, self.content, self.at)):
            self._put(TracedText.inserted("\n", SEPARATOR))
        elif name not in TAG_MARKS:
            return
        elif not token.content.startswith("</"):
            href = HREF.search(token.content)
            target = unescape(next(filter(None, href.groups()), "")) if href else ""
            self.open.append((TAG_MARKS[name], self.size, target))
        elif self.open and self.open[-1][0] is TAG_MARKS[name]:
            self._close()

    def _habit(self, token: Token) -> None:
        start = self._next(token.markup)
        self.at = start + len(token.markup)
        begin = self.size
        label = start + token.meta["label"]
        self._copy(label, label + len(token.content))
        if target := token.meta["target"]:
            self.marks.append(Mark(begin, self.size, MarkKind.LINK, target))
        self.has_title = token.meta["name"] == "callout" and self.content[self.at : self.at + 1] not in ("", "\n")
        if token.meta["told"] and start < len(self.places):
            at = self.reader.start + self.places[start]
            self.reader.told.append((token.meta["told"], Span(at, at + 1, self.reader.pointer)))

    def _next(self, needle: str) -> int:
        found = self.content.find(needle, self.at)
        return self.at if found < 0 else found

    def _skip(self, markup: str) -> None:
        self.at = self._next(markup) + len(markup)

    def _put(self, text: TracedText) -> None:
        self.parts.append(text)
        self.size += len(text)

    def _copy(self, start: int, end: int) -> None:
        """The content's characters `start` to `end`, cut where the source does not run on."""
        while start < end:
            stop = start + 1
            while stop < end and self.places[stop] == self.places[stop - 1] + 1:
                stop += 1
            self._put(self.reader._copied(self.places[start], self.places[stop - 1] + 1))
            start = stop

    def _text(self, content: str) -> None:
        if content:
            start = self.content.find(content, self.at)
            if start < 0:
                raise LookupError(content)
            self.at = start + len(content)
            self._copy(start, self.at)

    def _reference(self, token: Token) -> None:
        start = self._next(token.markup)
        self.at = start + len(token.markup)
        if start == self.at or start >= len(self.places):
            return
        begin = self.reader.start + self.places[start]
        self._put(TracedText.edited(token.content, Span(begin, begin + len(token.markup), self.reader.pointer), MARKUP))

    def _code(self, token: Token) -> None:
        start = self._next(token.markup) + len(token.markup)
        closing = (run for run in TICKS.finditer(self.content, start) if run.group() == token.markup)
        end = next((run.start() for run in closing), len(self.content))
        raw = self.content[start:end]
        lead = 1 if len(token.content) < len(raw) and raw[:1] in " \n" else 0
        begin = self.size
        for number, line in enumerate(raw[lead : lead + len(token.content)].split("\n")):
            if number:
                self._put(TracedText.inserted(" ", SEPARATOR))
                lead += 1
            self._copy(start + lead, start + lead + len(line))
            lead += len(line)
        self.marks.append(Mark(begin, self.size, MarkKind.CODE))
        self.at = end + len(token.markup)

    def _close(self) -> None:
        if self.open:
            kind, start, target = self.open.pop()
            if start < self.size and (kind is not MarkKind.LINK or target):
                self.marks.append(Mark(start, self.size, kind, target))

    def _link_end(self, bracket: int) -> int:
        """Where a link that closes at `bracket` ends: behind its target in parentheses, or its reference in brackets."""
        from markdown_it.helpers import parseLinkDestination, parseLinkTitle

        at = bracket + 1
        if self.content[at : at + 1] == "[":
            end = self.content.find("]", at)
            return end + 1 if end >= 0 else at
        if self.content[at : at + 1] != "(":
            return at
        at = self._past_space(at + 1)
        target = parseLinkDestination(self.content, at, len(self.content))
        if target.ok:
            at = self._past_space(target.pos)
        title = parseLinkTitle(self.content, at, len(self.content))
        if title.ok:
            at = self._past_space(title.pos)
        # What is no target behind a label leaves it a reference, which ends at its bracket.
        return at + 1 if self.content[at : at + 1] == ")" else bracket + 1

    def _past_space(self, at: int) -> int:
        while self.content[at : at + 1] in (" ", "\t", "\n"):
            at += 1
        return at

    def _image(self, token: Token) -> None:
        """An image leaves no text: its alternative text is not part of the article's words."""
        self._skip("![")
        depth, at = 1, self.at
        while at < len(self.content) and depth:
            depth += {"[": 1, "]": -1}.get(self.content[at], 0)
            at += 2 if self.content[at] == "\\" else 1
        self.at = self._link_end(at - 1)


NO_CELL = Block(Kind.ROW, EMPTY)
BAR = TracedText.inserted(" | ", SEPARATOR)


def _row(cells: list[Block], group: int) -> Block:
    """One row of a table from its cells, a bar between them; empty cells at its end only fill it up."""
    while cells and not cells[-1].text.text:
        cells = cells[:-1]
    parts: list[TracedText] = []
    marks: list[Mark] = []
    size = 0
    for cell in cells:
        if parts:
            parts.append(BAR)
            size += len(BAR)
        marks.append(Mark(size, size + len(cell.text), MarkKind.CELL))
        marks += (mark._replace(start=mark.start + size, end=mark.end + size) for mark in cell.marks)
        parts.append(cell.text)
        size += len(cell.text)
    return Block(Kind.ROW, TracedText.join(parts), marks=tuple(marks), group=group)


def _first_title(blocks: list[Block]) -> str:
    """The text of the one heading of level 1, where it opens the document."""
    if blocks and blocks[0].kind is Kind.HEADING and blocks[0].level == 1:
        return blocks[0].text.text
    return ""
