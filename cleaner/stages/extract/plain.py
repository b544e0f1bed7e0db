"""Plain text in, blocks out: wrapped lines joined, headings, list items, and at the top kicker, headline and standfirst."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from cleaner.model.documents import Block, Extracted, Kind, Metadata
from cleaner.model.text import Dropped, Span, TracedText
from cleaner.rules import MARKUP, METADATA, SEPARATOR
from cleaner.stages.extract.lines import SENTENCE_END, Line, columns, is_unspaced, lines_of

BULLET = re.compile(
    r"""[-*+\N{BULLET}\N{TRIANGULAR BULLET}\N{WHITE BULLET}\N{HYPHEN BULLET}\N{BLACK SMALL SQUARE}\N{WHITE SMALL SQUARE}\N{BLACK CIRCLE}\N{WHITE CIRCLE}\N{MIDDLE DOT}
         \N{BLACK SQUARE}\N{WHITE SQUARE}\N{BLACK DIAMOND}\N{WHITE DIAMOND}\N{BLACK STAR}\N{WHITE STAR}\N{BLACK RIGHT-POINTING TRIANGLE}\N{BLACK RIGHT-POINTING POINTER}
         \N{BLACK RIGHT-POINTING SMALL TRIANGLE}\N{RIGHTWARDS ARROW}\N{BLACK RIGHTWARDS ARROWHEAD}\N{CHECK MARK}\N{HEAVY CHECK MARK}\N{WHITE HEAVY CHECK MARK}\N{BALLOT X}\uf0b7]
        [\ufe0e\ufe0f]?\s+(?=\S)
      | \N{KATAKANA MIDDLE DOT}\s*(?=\S)""",
    re.VERBOSE,
)
# A dash opens an item, and in many languages a line of speech.
DASH = re.compile(r"[\N{EN DASH}\N{EM DASH}\N{HORIZONTAL BAR}]\s+(?=\S)")
NUMBER = re.compile(
    r"""[(\N{FULLWIDTH LEFT PARENTHESIS}]?(?P<number>\d{1,3})
        (?:(?P<sign>[.)])\s+ | (?P<wide>[\N{FULLWIDTH FULL STOP}\N{FULLWIDTH RIGHT PARENTHESIS}\N{IDEOGRAPHIC COMMA}])\s*)(?=\S)""",
    re.VERBOSE,
)
LETTER = re.compile(r"\(?(?P<letter>[a-z])\)\s+(?=\S)|(?P<circled>[\u2460-\u2473])\s*(?=\S)")
# Signs that stand before a heading in Japanese and Chinese.
HEADING_SIGN = re.compile(
    r"[\N{BLACK SQUARE}\N{WHITE SQUARE}\N{BLACK DIAMOND}\N{WHITE DIAMOND}\N{BLACK CIRCLE}\N{WHITE CIRCLE}\N{BLACK STAR}\N{WHITE STAR}\N{BLACK DOWN-POINTING TRIANGLE}\N{WHITE DOWN-POINTING TRIANGLE}]\s*(?=\S)"
)
UNDERLINE = re.compile(r"\s*(={3,}|-{3,}|~{3,})\s*")
RULE_LINE = re.compile(r"\s*(?:[-*_=~#\N{BULLET}]\s*){3,}")
CLOSED = re.compile(
    r"""[.!;,:\N{HORIZONTAL ELLIPSIS}\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH SEMICOLON}\N{FULLWIDTH COMMA}\N{FULLWIDTH COLON}\N{IDEOGRAPHIC COMMA}
         \N{ARABIC COMMA}\N{ARABIC SEMICOLON}\N{ARABIC FULL STOP}\N{DEVANAGARI DANDA}]
        ["'\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK})\]]*""",
    re.VERBOSE,
)
ENDS_SENTENCE = re.compile(
    r"[.!?\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH QUESTION MARK}\N{ARABIC QUESTION MARK}\N{ARABIC FULL STOP}\N{DEVANAGARI DANDA}]"
)
# Where a wire story was written, and the agency that it came by: "LONDON, March 3 (Reuters) - ". The words stay; the agency goes into the metadata.
DATELINE = re.compile(
    r"""[^\W\d_][^()\n]{1,60}?\s*[(\N{FULLWIDTH LEFT PARENTHESIS}]
        (?P<agency>Reuters|AP|AFP|dpa|APA|SDA|ATS|EFE|ANSA|Lusa|UPI|PA|PTI|IANS|ANI|TASS|Xinhua|Kyodo|Jiji|Yonhap|Belga|ANP|CP|AAP|NTB|TT|Ritzau|\u0631\u0648\u064a\u062a\u0631\u0632|\u0648\u0643\u0627\u0644\u0629\ [^()]{3,30})
        (?:/[^()]{2,30})?[)\N{FULLWIDTH RIGHT PARENTHESIS}]\s*\.?[-\N{EN DASH}\N{EM DASH}:]
      | (?P<xinhua>\u65b0\u534e\u793e|\u4e2d\u65b0\u793e|\u4e2d\u592e\u793e)[^\n]{1,40}?\u7535
      | [\u3010(\N{FULLWIDTH LEFT PARENTHESIS}](?:[^\n\u3011)]{1,20}=|[^\n\u3011)]{1,20}\N{FULLWIDTH EQUALS SIGN})?(?P<kyodo>\u5171\u540c|\u6642\u4e8b|\u5171\u540c\u901a\u4fe1|\u6642\u4e8b\u901a\u4fe1)[\u3011)\N{FULLWIDTH RIGHT PARENTHESIS}]
    """,
    re.VERBOSE,
)
# What a wiki marks as a heading, and its depth.
WIKI_HEADING = re.compile(r"(?P<sign>={2,6})\s*(?P<head>[^\s=](?:[^\n=]*[^\s=])?)\s*(?P=sign)")
ABBREVIATED = re.compile(r"(?<![\w.])[A-Z]\.(?:[A-Z]\.)+$")
HYPHENATED = re.compile(r"(?<=[^\W\d_]{2})-")
BYLINE = re.compile(r"(?:by|von|par|por)\s+[A-Z]", re.IGNORECASE)

# A heading is short: no more words than this in the headings of the pages that were looked at but for a few in a hundred.
MAX_HEADING_WORDS = 16
MAX_HEADLINE_WORDS = 30
MAX_KICKER_WORDS = 3
# Text that somebody wrapped by hand or by program stands within this many columns.
MAX_WRAP_COLUMNS = 110
MIN_WRAP_COLUMNS = 30
# So many letters in capitals are no abbreviation; so many columns are no stray space.
MIN_SHOUTED_LETTERS = 8
MIN_INDENT = 2
# Of the lines inside sentences so many in a hundred are full, if somebody wrapped them.
MIN_FULL_PERCENT = 70
# A line was wrapped where the next word would not have fitted; this much raggedness is allowed.
WRAP_SLACK = 10


def extract_plain(text: str, pointer: str, source: str) -> Extracted:
    """The blocks of plain `text`, with `section`, `title` and `description` read from its top."""
    lines, gone = lines_of(text, pointer)
    layout = _layout(lines, text)
    paragraphs: list[list[Line]] = []
    for line in lines:
        if paragraphs and _continues(paragraphs[-1], line, text, layout):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    blocks, dropped = _classified(paragraphs, text, pointer, layout)
    blocks, metadata, taken = _topped(blocks)
    return Extracted(blocks, metadata.filled(Metadata(publisher=_agency(blocks))), (*gone, *dropped, *taken))


class Layout(NamedTuple):
    """How a text is set: the width that it was wrapped at (0: it was not), whether an indented line begins each paragraph, and where a wire story begins, right below its headline in capitals (0: it is none)."""

    width: int
    is_indented: bool
    below_headline: int


def _layout(lines: list[Line], text: str) -> Layout:
    is_wire = (
        len(lines) > 1 and _is_shouted(lines[0], text) and not (lines[1].blank_before or _is_shouted(lines[1], text))
    )
    return Layout(_wrap_width(lines, text), _is_indented(lines[is_wire:], text), lines[1].start if is_wire else 0)


def _is_shouted(line: Line, text: str) -> bool:
    """Whether a line is in capitals, all of it."""
    body = line.of(text)
    return body.isupper() and sum(map(str.isalpha, body)) >= MIN_SHOUTED_LETTERS


def _is_indented(lines: list[Line], text: str) -> bool:
    """Whether each paragraph begins with an indented line and no empty one stands between them: what is not indented goes on, however short the line before it."""
    starts = [line for line in lines[1:] if line.indent >= MIN_INDENT]
    if not starts or any(line.blank_before or line.quoted or _is_item(line, text) for line in lines[1:]):
        return False
    if max(line.indent for line in starts) - min(line.indent for line in starts) > MIN_INDENT:
        return False
    width = max(line.indent + _width(line, text) for line in lines)
    if width > MAX_WRAP_COLUMNS:
        return False
    beside = [(a, b) for a, b in pairwise(lines) if a.indent == b.indent >= MIN_INDENT]
    going_on = [(a, b) for a, b in beside if _is_full(a, b, text, width) and text[b.start].islower()]
    if 4 * len(going_on) > len(beside):
        # A quotation is indented as a whole; the rows of a table are not one sentence.
        return False
    # The first line lost its dateline more often than not.
    going_on = [(a, b) for a, b in pairwise(lines[1:]) if not b.indent]
    full = sum(_is_full(a, b, text, width) for a, b in going_on)
    return not going_on or (width >= MIN_WRAP_COLUMNS and 100 * full >= MIN_FULL_PERCENT * len(going_on))


def _wrap_width(lines: list[Line], text: str) -> int:
    """The width at which the text was wrapped; 0 where it was not."""
    lengths = sorted(line.indent + _width(line, text) for line in lines)
    if len(lengths) < 3:
        return 0
    # One line in fifty may stick out: an address, a table.
    width = lengths[-1 - len(lengths) // 50]
    if not MIN_WRAP_COLUMNS <= width <= MAX_WRAP_COLUMNS:
        return 0
    pairs = [
        (a, b)
        for a, b in pairwise(lines)
        if not b.blank_before and not _is_item(b, text) and (b.indent <= a.indent or _is_item(a, text))
    ]
    open_pairs = [(a, b) for a, b in pairs if not SENTENCE_END.fullmatch(text[a.end - 1 : a.end])]
    wrapped = sum(_is_full(a, b, text, width) for a, b in open_pairs)
    return width if wrapped >= 2 and 100 * wrapped >= MIN_FULL_PERCENT * len(open_pairs) else 0


def _width(line: Line, text: str) -> int:
    return columns(line.of(text)) + 2 * line.quoted


def _is_full(line: Line, following: Line, text: str, width: int) -> bool:
    """Whether the first word of the following line would not have fitted on this one; without spaces each letter is a word."""
    next_words = following.of(text)
    first_word = 2 if is_unspaced(next_words[:1]) else columns(next_words.split(None, 1)[0])
    return line.indent + _width(line, text) + 1 + first_word > width - WRAP_SLACK


def _continues(paragraph: list[Line], following: Line, text: str, layout: Layout) -> bool:
    line = paragraph[-1]
    if following.goes_on:
        return True
    if following.blank_before or following.quoted != line.quoted:
        return False
    if len(paragraph) == 1 and _is_shouted(line, text) and not _is_shouted(following, text):
        return False
    if layout.is_indented:
        return not following.indent
    is_first = bool(layout.width) and len(paragraph) == 1 and line.start == layout.below_headline
    if layout.below_headline and _is_open(line, following, text, is_first=is_first):
        return True
    if not (layout.width or line.quoted):
        return False
    if _is_item(following, text) or UNDERLINE.fullmatch(following.of(text)):
        return False
    if following.indent > line.indent and not _is_item(line, text):
        return False
    if line.quoted and not SENTENCE_END.search(text[max(line.start, line.end - 2) : line.end]):
        # A mail program wraps what it quotes; few lines of it are left to show a width.
        return True
    return bool(layout.width) and _is_full(line, following, text, layout.width)


def _is_open(line: Line, following: Line, text: str, *, is_first: bool) -> bool:
    """Whether a line of a wire story ends inside a sentence that the following one goes on with: in a small letter, or below the `is_first` line, which lost its dateline."""
    is_ended = SENTENCE_END.search(text[max(line.start, line.end - 2) : line.end])
    return not is_ended and not following.indent and (is_first or text[following.start].islower())


def _is_item(line: Line, text: str) -> bool:
    return bool(BULLET.match(text, line.start, line.end) or NUMBER.match(text, line.start, line.end))


def _classified(
    paragraphs: list[list[Line]], text: str, pointer: str, layout: Layout
) -> tuple[tuple[Block, ...], tuple[Dropped, ...]]:
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
        following = "".join(line.of(text) for line in paragraphs[index + 1]) if index + 1 < len(paragraphs) else ""
        sign = HEADING_SIGN.match(body)
        if first.quoted:
            group += not (blocks and blocks[-1].kind is Kind.QUOTE)
            blocks.append(Block(Kind.QUOTE, joined, level=first.quoted - 1, group=group))
        elif len(lines) == 1 and body.endswith("==") and (wiki := WIKI_HEADING.fullmatch(body)):
            level = min(6, len(wiki["sign"]))
            blocks.append(Block(Kind.HEADING, joined.sliced(*wiki.span("head")), level=level))
        elif (
            len(lines) == 1
            and sign
            and not HEADING_SIGN.match(following)
            and _is_heading(body[sign.end() :], following)
        ):
            blocks.append(Block(Kind.HEADING, joined.sliced(sign.end()), level=2))
        elif mark := BULLET.match(body) or _dash(index, paragraphs, text):
            group += not (blocks and blocks[-1].kind is Kind.ITEM and blocks[-1].ordinal is None)
            blocks.append(
                Block(Kind.ITEM, joined.sliced(mark.end() - mark.start()), level=_depth(first, blocks), group=group)
            )
        elif (mark := NUMBER.match(body)) and (
            ordinal := _ordinal(int(mark["number"]), index, paragraphs, text, blocks)
        ) is not None:
            group += not (blocks and blocks[-1].kind is Kind.ITEM and blocks[-1].ordinal == ordinal - 1)
            info = (
                ")"
                if body[mark.end("number") : mark.end("number") + 1] in (")", "\N{FULLWIDTH RIGHT PARENTHESIS}")
                else "."
            )
            blocks.append(Block(Kind.ITEM, joined.sliced(mark.end()), ordinal=ordinal, info=info, group=group))
        elif _is_lettered(index, paragraphs, text):
            # The letter stays: sentences speak of "point b)".
            group += not (blocks and blocks[-1].kind is Kind.ITEM and blocks[-1].ordinal is None)
            blocks.append(Block(Kind.ITEM, joined, group=group))
        else:
            is_flush = not (layout.is_indented and first.indent)
            heading = len(lines) == 1 and is_flush and _is_heading(body, following)
            blocks.append(Block(Kind.HEADING if heading else Kind.PARAGRAPH, joined, level=2 if heading else 0))
    return tuple(blocks), tuple(dropped)


def _dash(index: int, paragraphs: list[list[Line]], text: str) -> re.Match[str] | None:
    """The dash that opens an item: one of several side by side that are no sentences. Lines of speech are."""
    mark = _dashed(index, paragraphs, text)
    return mark if mark and any(_dashed(beside, paragraphs, text) for beside in (index - 1, index + 1)) else None


def _dashed(index: int, paragraphs: list[list[Line]], text: str) -> re.Match[str] | None:
    if not 0 <= index < len(paragraphs):
        return None
    first, last = paragraphs[index][0], paragraphs[index][-1]
    mark = DASH.match(text, first.start, first.end)
    return mark if mark and not SENTENCE_END.search(text[max(last.start, last.end - 2) : last.end]) else None


def _is_lettered(index: int, paragraphs: list[list[Line]], text: str) -> bool:
    """Whether a paragraph is one of several that are lettered, a) and b), or have circled numbers."""
    letter = _letter(index, paragraphs, text)
    return bool(letter) and (
        _letter(index - 1, paragraphs, text) == letter - 1 > 0 or _letter(index + 1, paragraphs, text) == letter + 1
    )


def _letter(index: int, paragraphs: list[list[Line]], text: str) -> int:
    """The code of the letter or circled number that a paragraph is marked with; 0 for none."""
    if not 0 <= index < len(paragraphs):
        return 0
    found = LETTER.match(text, paragraphs[index][0].start, paragraphs[index][0].end)
    return ord(found["letter"] or found["circled"]) if found else 0


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
        if following and int(following["number"]) == number + 1:
            return number
    return None


def _joined(lines: list[Line], text: str, pointer: str) -> TracedText:
    """The lines of a paragraph with a space between; a word broken by a hyphen keeps its hyphen here, and the repair mends it."""
    parts: list[TracedText] = []
    for line in lines:
        if parts and is_unspaced(parts[-1].text[-1:]) and is_unspaced(text[line.start]):
            # Between letters of a script without spaces a wrapped line leaves none.
            pass
        elif parts and not (
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
    if _words(body) > MAX_HEADING_WORDS or CLOSED.fullmatch(body[-1]) or not _opens(body) or BYLINE.match(body):
        return False
    if (
        following[:1].islower()
        or following.startswith(("-", "*", "\N{BULLET}", "\N{KATAKANA MIDDLE DOT}"))
        or DATELINE.match(body)
    ):
        return False
    return columns(following) > max(60, columns(body)) and bool(ENDS_SENTENCE.search(following))


def _words(body: str) -> int:
    """How many words a line has; of a script without spaces, two letters count as one."""
    return len(body.split()) if body.isascii() else len(body.split()) + sum(map(is_unspaced, body)) // 2


def _agency(blocks: Sequence[Block]) -> str:
    """The agency whose dateline opens one of the first paragraphs."""
    for block in [block for block in blocks if block.kind is Kind.PARAGRAPH][:3]:
        if found := DATELINE.match(block.text.text):
            return next(filter(None, found.groups()), "")
    return ""


def _opens(body: str) -> bool:
    first = body.lstrip(
        "\"'\N{LEFT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}([<\N{INVERTED QUESTION MARK}#"
    )[:1]
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
        _words(body) <= MAX_KICKER_WORDS and not CLOSED.fullmatch(body[-1]) and not body.endswith("?") and _opens(body)
    )


def _is_headline(body: str, following: list[str]) -> bool:
    """A first line that is no sentence, with a longer text below it (a byline may stand between)."""
    below = [text for text in following if not BYLINE.match(text)]
    if not below or _words(body) > MAX_HEADLINE_WORDS or not _opens(body) or BYLINE.match(body):
        return False
    is_shouted = body.isupper() and not below[0].isupper() and sum(map(str.isalpha, body)) >= MIN_SHOUTED_LETTERS
    if is_shouted and (not CLOSED.fullmatch(body[-1]) or ABBREVIATED.search(body[-12:])):
        return True
    return not CLOSED.fullmatch(body[-1]) and max(len(text) for text in below) > len(body)


def _standfirst(blocks: tuple[Block, ...]) -> str:
    """The paragraph below the headline, where it is one sentence and clearly shorter than the body's paragraphs."""
    body = [block.text.text for block in blocks[1:] if block.kind is Kind.PARAGRAPH]
    if len(body) < 3 or blocks[1].kind is not Kind.PARAGRAPH or BYLINE.match(body[0]):
        return ""
    typical = sorted(len(text) for text in body[1:])[(len(body) - 1) // 2]
    one_sentence = not re.search(r"[.!?]\s+[A-Z\N{LEFT DOUBLE QUOTATION MARK}]", body[0])
    if DATELINE.match(body[0]):
        return ""
    return body[0] if one_sentence and 5 * len(body[0]) <= 3 * typical else ""
