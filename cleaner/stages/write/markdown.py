"""Blocks in, Markdown out that reads back as the same blocks; nothing in a text can become markup."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator

from cleaner.model.documents import Block, Kind, Mark, MarkKind

REFERENCE = r"&(?=#?[0-9A-Za-z]{1,31};)"
# A less-than sign begins a tag or an address, also one that runs on behind a mark, where the piece of text ends.
# What note takers and site generators write for markup, and our reader takes for it: braces, highlights, comments, names of blocks.
HABITS = r"\{(?=[{%:#.])|=(?==)|%(?=%)|\^(?=[A-Za-z0-9-]+\s*$)"
SPECIAL = re.compile(
    rf"[\\`*\[\]]|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?]|[^\s<]*(?:@|$))|{REFERENCE}|~(?=~)|(?<=~)~|{HABITS}"
)
# The characters that any of these begins with: most pieces of text have none, and a class is found several times as fast.
SPECIAL_SIGN = re.compile(r"[\\`*\[\]_<&~{=%^]")
LINE_START = re.compile(
    r"""
    (?P<mark>
        \#{1,6}(?=\s|$) | > | [-+](?=\s|$) | =+\s*$ | ~~~
        # Dashes with spaces, colons and bars: a thematic break, or what makes a heading or a table's head of the line above.
        | (?=[:|\s]*-)[-:|][-:|\s]*$
        | :::
        | \$\$\s*$
        # A definition, if a term stands above.
        | :(?=[ \t])
    )
    | (?P<number>\d{1,9})(?P<dot>[.)])(?=\s|$)
    """,
    re.VERBOSE,
)
# What the target of a link can't hold unless angle brackets stand around it.
UNLIKE_TARGET = re.compile(r"[\s()<>\\]")
DELIMITERS = {MarkKind.EMPHASIS: "*", MarkKind.STRONG: "**"}
ORDER = {MarkKind.LINK: 0, MarkKind.STRONG: 1, MarkKind.EMPHASIS: 2, MarkKind.CODE: 3}


def markdown(blocks: tuple[Block, ...]) -> tuple[str, tuple[int, ...]]:
    """The Markdown of the blocks (ending in a line break), and for each block the number of the line, from 0, that it begins on."""
    lines: list[str] = []
    starts: list[int] = []
    widths: list[int] = []
    before: Block | None = None
    for index, block in enumerate(blocks):
        if before is not None:
            lines += _between(before, block)
        if block.kind is Kind.ITEM:
            del widths[block.level :]
            widths += [2] * (block.level - len(widths))
        elif block.kind not in (Kind.PARAGRAPH, Kind.CODE) or not block.level:
            widths.clear()
        first_row = block.kind is Kind.ROW and not (before and before.kind is Kind.ROW and before.group == block.group)
        columns = _columns(blocks, index) if first_row else 0
        starts.append(len(lines))
        indent = " " * sum(widths[: block.level]) if block.kind in (Kind.ITEM, Kind.PARAGRAPH, Kind.CODE) else ""
        lines += [f"{indent}{line}" if line else "" for line in _lines(block, columns)]
        if block.kind is Kind.ITEM:
            widths.append(len(_mark(block)))
        before = block
    return "\n".join(lines) + "\n", tuple(starts)


def _between(before: Block, block: Block) -> list[str]:
    """What stands between two blocks: nothing between the items of a list and the rows of a table, else an empty line."""
    together = before.group == block.group and before.kind is block.kind
    if together and block.kind in (Kind.ITEM, Kind.ROW):
        return []
    if together and block.kind is Kind.QUOTE and block.group:
        return ["> " * (min(before.level, block.level) + 1)]
    # Two lists, quotations or code blocks side by side would be read as one.
    if before.kind is block.kind and block.kind in (Kind.ITEM, Kind.QUOTE, Kind.ROW):
        return ["", "<!-- -->", ""]
    return [""]


def _columns(blocks: tuple[Block, ...], first: int) -> int:
    """The most cells that a row of the table has which begins at `first`: its head must have as many, or cells would be lost."""
    most = 1
    for block in blocks[first:]:
        if block.kind is not Kind.ROW or block.group != blocks[first].group:
            break
        most = max(most, len(_cells(block)))
    return most


def _lines(block: Block, columns: int) -> list[str]:
    match block.kind:
        case Kind.CODE:
            return _code(block)
        case Kind.ROW:
            return _row(block, columns)
        case Kind.HEADING:
            text = " ".join(inline(block).split("\n"))
            # Closing marks at a heading's end would be taken for its markup.
            text = re.sub(r"(?<!#)(#+)$", r"\\\1", text)
            return [f"{'#' * min(max(block.level, 1), 6)} {text}"]
        case Kind.ITEM:
            mark = _mark(block)
            first, *rest = _broken(block)
            return [mark + first, *(" " * len(mark) + line for line in rest)]
        case Kind.QUOTE:
            return ["> " * (block.level + 1) + line for line in _broken(block)]
        case _:
            return _broken(block)


def _mark(block: Block) -> str:
    return "- " if block.ordinal is None else f"{block.ordinal}{block.info or '.'} "


def _broken(block: Block) -> list[str]:
    """The lines of a block with hard breaks, each safe at its start."""
    lines = inline(block).split("\n")
    return [_safe_start(line) + ("\\" if number + 1 < len(lines) else "") for number, line in enumerate(lines)]


def _safe_start(line: str) -> str:
    # No mark begins with a letter.
    match = None if line[:1].isalpha() else LINE_START.match(line)
    if not match:
        return line
    if match.group("number"):
        return f"{match.group('number')}\\{line[match.end('number') :]}"
    return "\\" + line


def _code(block: Block) -> list[str]:
    text = block.text.text
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    info = re.sub(r"[`\s]+", " ", block.info).strip()
    return [fence + info, *text.split("\n"), fence]


def _cells(block: Block) -> list[Mark]:
    return [mark for mark in block.marks if mark.kind is MarkKind.CELL]


def _row(block: Block, columns: int) -> list[str]:
    cells = _cells(block) or [Mark(0, len(block.text), MarkKind.CELL)]
    marks = _styles(block)
    texts = [
        _inline(block.text.text[cell.start : cell.end], _inside(marks, cell)).replace("\n", " ").replace("|", "\\|")
        if cell.start < cell.end
        else ""
        for cell in cells
    ]
    texts += [""] * (columns - len(texts))
    row = "| " + " | ".join(texts) + " |"
    return [row, "| " + " | ".join(["---"] * len(texts)) + " |"] if columns else [row]


def inline(block: Block) -> str:
    """The text of a block with its marks as Markdown, everything else escaped."""
    return _inline(block.text.text, _styles(block))


def _styles(block: Block) -> list[Mark]:
    """The marks of a block that stand inside its lines: all but its cells."""
    return [mark for mark in block.marks if mark.kind in ORDER]


def _inside(marks: list[Mark], cell: Mark) -> list[Mark]:
    """The marks over a cell, as far as they are over it, counted from its start."""
    start, end = cell.start, cell.end
    return [
        Mark(max(mark.start, start) - start, min(mark.end, end) - start, mark.kind, mark.target)
        for mark in marks
        if mark.start < end and mark.end > start
    ]


def _inline(text: str, found: list[Mark]) -> str:
    if not found:
        return _escaped(text, 0, len(text))
    marks = deque(_nested(found, text))
    parts: list[str] = []
    _render(text, 0, len(text), marks, parts)
    return "".join(parts)


def _nested(marks: list[Mark], text: str) -> Iterator[Mark]:
    """The marks that Markdown can say: inside one another or apart, tight around their text, and flanked as CommonMark asks (6.2)."""
    taken: list[Mark] = []
    tight = [_tight(mark, text) for mark in _joined(marks)]
    signs = _Signs(tight)
    # Where two delimiters open side by side: a third inside them could be taken for the end of either.
    doubled: set[int] = set()
    for mark in sorted(tight, key=lambda found: (found.start, -found.end, ORDER[found.kind])):
        start, end, kind, _ = mark
        # Those that ended before have no say in what follows.
        taken = [other for other in taken if other.end >= start]
        if start >= end or not all(_go_together(mark, other) for other in taken):
            continue
        if kind in DELIMITERS and not _flanked(text, mark, signs):
            continue
        if kind is MarkKind.CODE and "\n" in text[start:end]:
            continue
        around = [other for other in taken if kind in DELIMITERS and other.kind in DELIMITERS and other.end >= end]
        if any(other.start < start and other.start in doubled for other in around):
            continue
        doubled.update(start for other in around if other.start == start)
        taken.append(mark)
        yield mark


def _go_together(mark: Mark, other: Mark) -> bool:
    """Whether a mark can stand beside or inside one that begins before it: none crosses another, or is inside its like or code; delimiters don't touch."""
    if other.end <= mark.start:
        return other.end < mark.start or mark.kind not in DELIMITERS or other.kind not in DELIMITERS
    return mark.end <= other.end and other.kind is not mark.kind and other.kind is not MarkKind.CODE


def _tight(mark: Mark, text: str) -> Mark:
    """The mark without the white space at its ends."""
    start, end, kind, target = mark
    if start < end and not (text[start].isspace() or text[end - 1].isspace()):
        return mark
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return Mark(start, max(start, end - (len(piece) - len(piece.rstrip()))), kind, target)


def _joined(marks: list[Mark]) -> list[Mark]:
    """The marks, those of one kind and target that touch made one."""
    if len(marks) == 1:
        return marks
    joined: list[Mark] = []
    for mark in sorted(marks, key=lambda found: (found.kind, found.target, found.start)):
        last = joined[-1] if joined else None
        if last and (last.kind, last.target) == (mark.kind, mark.target) and mark.start <= last.end:
            joined[-1] = last._replace(end=max(last.end, mark.end))
        else:
            joined.append(mark)
    return joined


class _Signs:
    """Where code and links begin and end, with punctuation of their own: the nearest end of those that begin at a place, and the nearest start."""

    def __init__(self, marks: list[Mark]) -> None:
        self.ends: dict[int, int] = {}
        self.starts: dict[int, int] = {}
        for mark in marks:
            if mark.kind not in DELIMITERS:
                self.ends[mark.start] = min(mark.end, self.ends.get(mark.start, mark.end))
                self.starts[mark.end] = max(mark.start, self.starts.get(mark.end, mark.start))


def _flanked(text: str, mark: Mark, signs: _Signs) -> bool:
    start, end = mark.start, mark.end
    before, behind = text[start - 1 : start], text[end : end + 1]
    first_is_sign = _is_punctuation(text[start]) or signs.ends.get(start, end + 1) <= end
    last_is_sign = _is_punctuation(text[end - 1]) or signs.starts.get(end, -1) >= start
    opens = not first_is_sign or not before or before.isspace() or _is_punctuation(before)
    closes = not last_is_sign or not behind or behind.isspace() or _is_punctuation(behind)
    # Delimiters side by side with an asterisk of the text would be counted together.
    return opens and closes and "*" not in (before, behind, text[start], text[end - 1])


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def _render(text: str, start: int, end: int, marks: deque[Mark], parts: list[str]) -> None:
    """The part `start` to `end` with the marks that stand inside it, which are taken off the list."""
    at = start
    while marks and marks[0].start < end:
        mark = marks.popleft()
        parts.append(_escaped(text, at, mark.start))
        if mark.kind is MarkKind.LINK and parts[-1].endswith("!"):
            # With the bracket of the link it would begin an image.
            parts[-1] = parts[-1][:-1] + "\\!"
        if mark.kind is MarkKind.CODE:
            parts.append(_code_span(text[mark.start : mark.end]))
        else:
            opening, closing = (
                ("[", f"]({_target(mark.target)})") if mark.kind is MarkKind.LINK else (DELIMITERS[mark.kind],) * 2
            )
            parts.append(opening)
            _render(text, mark.start, mark.end, marks, parts)
            parts.append(closing)
        at = mark.end
    parts.append(_escaped(text, at, end))


def _escaped(text: str, start: int, end: int) -> str:
    piece = text[start:end]
    return SPECIAL.sub(lambda match: "\\" + match.group(), piece) if SPECIAL_SIGN.search(piece) else piece


def _code_span(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text[:1] in "` " or text[-1:] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _target(url: str) -> str:
    if not url.isprintable():
        url = "".join(char for char in url if char.isprintable())
    plain = url and not UNLIKE_TARGET.search(url)
    quoted = url if plain else "<" + re.sub(r"([<>\\])", r"\\\1", url) + ">"
    return re.sub(REFERENCE, r"\\&", quoted) if "&" in quoted else quoted
