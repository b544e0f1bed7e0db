"""Plain text in, blocks out: wrapped lines joined, headings, list items, and at the top kicker, headline and standfirst."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from cleaner.model.documents import Block, Extracted, Kind, Metadata
from cleaner.model.text import Dropped, Span, TracedText
from cleaner.rules import MARKUP, METADATA, SEPARATOR

BULLET = re.compile(
    r"[-*+\N{BULLET}\N{TRIANGULAR BULLET}\N{WHITE BULLET}\N{BLACK SMALL SQUARE}\N{BLACK CIRCLE}\N{MIDDLE DOT}]\s+(?=\S)"
)
NUMBER = re.compile(r"(\d{1,3})([.)])\s+(?=\S)")
UNDERLINE = re.compile(r"\s*(={3,}|-{3,}|~{3,})\s*")
RULE_LINE = re.compile(r"\s*(?:[-*_=~#\N{BULLET}]\s*){3,}")
CLOSED = re.compile(
    r"[.!;,:\N{HORIZONTAL ELLIPSIS}\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH EXCLAMATION MARK}][\"'\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK})\]]*"
)
SENTENCE_END = re.compile(
    r"[.!?\N{HORIZONTAL ELLIPSIS}:\N{IDEOGRAPHIC FULL STOP}][\"'\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK})\]]*\s*"
)
HYPHENATED = re.compile(r"[^\W\d_]{2,}-")
BYLINE = re.compile(r"(?:by|von|par|por)\s+[A-Z]", re.IGNORECASE)

# A heading is short: no more words than this in the headings of the pages that were looked at but for a few in a hundred.
MAX_HEADING_WORDS = 16
MAX_HEADLINE_WORDS = 30
MAX_KICKER_WORDS = 3
# Text that somebody wrapped by hand or by program stands within this many columns.
MAX_WRAP_COLUMNS = 110
# A line was wrapped where the next word would not have fitted; this much raggedness is allowed.
WRAP_SLACK = 10


@dataclass(frozen=True, slots=True)
class Line:
    """The code points `start` to `end` of the text, white space around them left out; `indent` and `blank_before` speak of its place."""

    start: int
    end: int
    indent: int
    blank_before: bool

    def of(self, text: str) -> str:
        return text[self.start : self.end]


def extract_plain(text: str, pointer: str, source: str) -> Extracted:
    """The blocks of plain `text`, with `section`, `title` and `description` read from its top."""
    lines = _lines(text)
    width = _wrap_width(lines, text)
    paragraphs: list[list[Line]] = []
    for line in lines:
        if paragraphs and width and _continues(paragraphs[-1][-1], line, text, width):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    blocks, dropped = _classified(paragraphs, text, pointer)
    blocks, metadata, taken = _topped(blocks)
    return Extracted(blocks, metadata, (*dropped, *taken))


def _lines(text: str) -> list[Line]:
    lines = []
    blank = True
    start = 0
    for raw in text.splitlines(keepends=True):
        body = raw.strip()
        if body:
            indent = len(raw) - len(raw.lstrip())
            lines.append(Line(start + indent, start + indent + len(body), indent, blank))
        blank = not body
        start += len(raw)
    return lines


def _wrap_width(lines: list[Line], text: str) -> int:
    """The width at which the text was wrapped; 0 where it was not."""
    lengths = sorted(line.indent + line.end - line.start for line in lines)
    if len(lengths) < 3:
        return 0
    # One line in fifty may stick out: an address, a table.
    width = lengths[-1 - len(lengths) // 50]
    if not 30 <= width <= MAX_WRAP_COLUMNS:
        return 0
    pairs = [
        (a, b)
        for a, b in pairwise(lines)
        if not b.blank_before and not _is_item(b, text) and (b.indent <= a.indent or _is_item(a, text))
    ]
    open_pairs = [(a, b) for a, b in pairs if not SENTENCE_END.fullmatch(text[a.end - 1 : a.end])]
    wrapped = sum(_is_full(a, b, text, width) for a, b in open_pairs)
    return width if wrapped >= 2 and 100 * wrapped >= 70 * len(open_pairs) else 0


def _is_full(line: Line, following: Line, text: str, width: int) -> bool:
    """Whether the first word of the following line would not have fitted on this one."""
    first_word = len(following.of(text).split(None, 1)[0])
    return line.indent + line.end - line.start + 1 + first_word > width - WRAP_SLACK


def _continues(line: Line, following: Line, text: str, width: int) -> bool:
    if following.blank_before or _is_item(following, text) or UNDERLINE.fullmatch(following.of(text)):
        return False
    if following.indent > line.indent and not _is_item(line, text):
        return False
    return _is_full(line, following, text, width)


def _is_item(line: Line, text: str) -> bool:
    return bool(BULLET.match(text, line.start, line.end) or NUMBER.match(text, line.start, line.end))


def _classified(paragraphs: list[list[Line]], text: str, pointer: str) -> tuple[tuple[Block, ...], tuple[Dropped, ...]]:
    blocks: list[Block] = []
    dropped: list[Dropped] = []
    group = 0
    for index, lines in enumerate(paragraphs):
        first = lines[0]
        body = first.of(text)
        if len(lines) == 1 and RULE_LINE.fullmatch(body):
            if (
                UNDERLINE.fullmatch(body)
                and blocks
                and blocks[-1].kind is Kind.PARAGRAPH
                and not first.blank_before
                and len(body) * 2 > len(blocks[-1].text)
            ):
                blocks[-1] = replace(blocks[-1], kind=Kind.HEADING, level=2)
            dropped.append(Dropped(Span(first.start, first.end, pointer), MARKUP))
            continue
        joined = _joined(lines, text, pointer)
        if mark := BULLET.match(body):
            group += not (blocks and blocks[-1].kind is Kind.ITEM and blocks[-1].ordinal is None)
            blocks.append(Block(Kind.ITEM, joined.sliced(mark.end()), level=_depth(first, blocks), group=group))
        elif (mark := NUMBER.match(body)) and (
            ordinal := _ordinal(int(mark.group(1)), index, paragraphs, text, blocks)
        ) is not None:
            group += not (blocks and blocks[-1].kind is Kind.ITEM and blocks[-1].ordinal == ordinal - 1)
            blocks.append(Block(Kind.ITEM, joined.sliced(mark.end()), ordinal=ordinal, info=mark.group(2), group=group))
        else:
            following = paragraphs[index + 1] if index + 1 < len(paragraphs) else []
            heading = len(lines) == 1 and _is_heading(body, "".join(line.of(text) for line in following))
            blocks.append(Block(Kind.HEADING if heading else Kind.PARAGRAPH, joined, level=2 if heading else 0))
    return tuple(blocks), tuple(dropped)


def _depth(line: Line, blocks: list[Block]) -> int:
    """How deep a bulleted item stands: deeper than the item before it where it is indented by two columns or more."""
    return min(line.indent // 2, blocks[-1].level + 1) if blocks and blocks[-1].kind is Kind.ITEM else 0


def _ordinal(number: int, index: int, paragraphs: list[list[Line]], text: str, blocks: list[Block]) -> int | None:
    """The number of a numbered item, if its neighbours count along; a lone number opens no list."""
    if blocks and blocks[-1].kind is Kind.ITEM and blocks[-1].ordinal == number - 1:
        return number
    if index + 1 < len(paragraphs):
        line = paragraphs[index + 1][0]
        following = NUMBER.match(text, line.start, line.end)
        if following and int(following.group(1)) == number + 1:
            return number
    return None


def _joined(lines: list[Line], text: str, pointer: str) -> TracedText:
    """The lines of a paragraph with a space between; a word broken by a hyphen keeps its hyphen here, and the repair mends it."""
    parts: list[TracedText] = []
    for line in lines:
        if parts and not (
            HYPHENATED.search(parts[-1].text[-24:]) and parts[-1].text.endswith("-") and text[line.start].islower()
        ):
            parts.append(TracedText.inserted(" ", SEPARATOR))
        elif parts:
            parts.append(
                TracedText.copied(text, line.start - 1, line.start, pointer)
                if text[line.start - 1] == "\n"
                else TracedText.inserted("\n", SEPARATOR)
            )
        parts.append(TracedText.copied(text, line.start, line.end, pointer))
    return TracedText.join(parts)


def _is_heading(body: str, following: str) -> bool:
    """Short, open at its end, begun by a capital or a digit, and followed by a longer paragraph that is a sentence."""
    if len(body.split()) > MAX_HEADING_WORDS or CLOSED.fullmatch(body[-1]) or not _opens(body) or BYLINE.match(body):
        return False
    if following.startswith(("-", "*", "\N{BULLET}")):
        return False
    return len(following) > max(60, len(body)) and bool(re.search(r"[.!?\N{IDEOGRAPHIC FULL STOP}]", following))


def _opens(body: str) -> bool:
    first = body.lstrip("\"'\N{LEFT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}([\N{INVERTED QUESTION MARK}#")[
        :1
    ]
    return first.isdigit() or (first.isalpha() and not first.islower())


def _topped(blocks: tuple[Block, ...]) -> tuple[tuple[Block, ...], Metadata, tuple[Dropped, ...]]:
    """The kicker taken into `section`, the headline made a heading of level 1, the standfirst copied into `description`."""
    metadata = Metadata()
    taken: tuple[Dropped, ...] = ()
    top = [block.text.text for block in blocks[:4]]
    if len(top) >= 3 and _is_kicker(top[0]) and _is_headline(top[1], top[2:]):
        metadata = replace(metadata, section=top[0])
        taken = tuple(Dropped(span, METADATA) for span in blocks[0].text.spans())
        blocks, top = blocks[1:], top[1:]
    if len(top) < 2 or blocks[0].kind is Kind.ITEM or not _is_headline(top[0], top[1:]):
        return blocks, metadata, taken
    metadata = replace(metadata, title=top[0])
    blocks = (replace(blocks[0], kind=Kind.HEADING, level=1), *blocks[1:])
    if standfirst := _standfirst(blocks):
        metadata = replace(metadata, description=standfirst)
    return blocks, metadata, taken


def _is_kicker(body: str) -> bool:
    return (
        len(body.split()) <= MAX_KICKER_WORDS
        and not CLOSED.fullmatch(body[-1])
        and not body.endswith("?")
        and _opens(body)
    )


def _is_headline(body: str, following: list[str]) -> bool:
    """A first line that is no sentence, with a longer text below it (a byline may stand between)."""
    below = [text for text in following if not BYLINE.match(text)]
    if (
        not below
        or len(body.split()) > MAX_HEADLINE_WORDS
        or CLOSED.fullmatch(body[-1])
        or not _opens(body)
        or BYLINE.match(body)
    ):
        return False
    return max(len(text) for text in below) > len(body)


def _standfirst(blocks: tuple[Block, ...]) -> str:
    """The paragraph below the headline, where it is one sentence and clearly shorter than the body's paragraphs."""
    body = [block.text.text for block in blocks[1:] if block.kind is Kind.PARAGRAPH]
    if len(body) < 3 or blocks[1].kind is not Kind.PARAGRAPH or BYLINE.match(body[0]):
        return ""
    typical = sorted(len(text) for text in body[1:])[(len(body) - 1) // 2]
    one_sentence = not re.search(r"[.!?]\s+[A-Z\N{LEFT DOUBLE QUOTATION MARK}]", body[0])
    return body[0] if one_sentence and 5 * len(body[0]) <= 3 * typical else ""
