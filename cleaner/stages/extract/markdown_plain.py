"""Markdown in, its plainest blocks out, found without the parser's rules: headings, paragraphs and tables that begin at the margin.

What such a block is follows from the characters that its lines begin with (CommonMark 0.31, 4 and 5, and GitHub's tables), where these leave no
choice. It is the first of the parser's rules; where it says nothing the others are asked, and the tests hold both ways to the same blocks.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

PLAIN = "plain"

# What a line of a paragraph begins with that can begin nothing else, neither here nor between other lines of it.
OPENS_TEXT = r"""(?:
      [A-Za-z"'(){}/,.;!?&\\@%^\]]
    | \$(?!\$[ \t]*(?:\n|\Z))
    | [^\x00-\x7f\s]
    | [0-9]++(?![.)])
    | \*{1,3}[^\s*] | _{1,3}[^\s_] | `{1,2}[^\s`]
    )"""
# The end of the document, an empty line, or a heading.
ENDS = r"(?=\n[ \t]*(?:\n|\Z)|\n\#{1,6}[ \t]|\Z)"
BLOCK = re.compile(
    rf"""
      (?P<marks>\#{{1,6}})[ \t]++(?P<title>[^\s\#][^\n]*+)
    | (?P<text>
          {OPENS_TEXT}[^\n]*+(?:\n{OPENS_TEXT}[^\n]*+)*+
          # No definition of a reference or a footnote, which may go on in the next line.
        | \[(?![^\n]*\]:)[^\n]*+
      ){ENDS}
    | (?P<table>\|[^\n]*+\n\|[ \t:|-]++(?:\n\|[^\n]*+)*+){ENDS}
    """,
    re.VERBOSE,
)
EMPTY_LINES = re.compile(r"\n(?:[ \t]*+\n)*+")
RULED = re.compile(r":?-+:?")
# What the parser trims contents of.
WHITE_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
# The parser fills up the short rows of a table with no more cells than this.
MAX_CELLS = 0x10000


class Text(NamedTuple):
    """The content of a heading, or of a paragraph (of level 0): its lines by number, and where it stands in the text."""

    level: int
    first: int
    last: int
    start: int
    end: int


class Row(NamedTuple):
    """A row of a table: the number of its line, and where the contents of its cells stand; it may have fewer cells than others."""

    line: int
    cells: list[tuple[int, int]]


Table = list[Row]


def teach_plain(parser: MarkdownIt) -> None:
    """Have the parser make one token of plain blocks that follow one another; they are its content `blocks`."""
    parser.block.ruler.before("table", PLAIN, _plain)


def _plain(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if silent or state.level:
        return False
    source, at, line = state.src, state.bMarks[start], start
    blocks: list[Text | Table] = []
    while found := BLOCK.match(source, at):
        block = _table(found.group("table"), at, line) if found.lastgroup == "table" else _text(found, line)
        if block is None:
            break
        blocks.append(block)
        at = found.end()
        if empty := EMPTY_LINES.match(source, at):
            at = empty.end()
        line = bisect_left(state.bMarks, at, line)
    if not blocks:
        return False
    state.line = line
    token = state.push(PLAIN, "", 0)
    token.map = [start, line]
    token.meta = {"blocks": blocks}
    return True


def _text(found: re.Match[str], line: int) -> Text | None:
    heading = found.lastgroup == "title"
    start = found.start("title" if heading else "text")
    content = _trimmed(found.group("title" if heading else "text"))
    if heading and content.endswith("#"):
        # Marks may close a heading too.
        return None
    level = found.end("marks") - found.start("marks") if heading else 0
    return Text(level, line, line + content.count("\n") + 1, start, start + len(content))


def _table(text: str, start: int, line: int) -> Table | None:
    """The rows of a table, the ruled line left out; None for what is no table, or has bars that are escaped."""
    lines = text.split("\n")
    ruled = lines[1].split("|")
    columns = [cell.strip(" \t") for cell in ruled[1 : len(ruled) - (not ruled[-1].strip(" \t"))]]
    if not columns or "\\|" in text or len(columns) * len(lines) > MAX_CELLS or not all(map(RULED.fullmatch, columns)):
        return None
    table: Table = []
    for number, row in enumerate(lines):
        if number != 1:
            cells = _cells(row, start)
            if len(cells) > len(columns) or (number == 0 and len(cells) < len(columns)):
                return None
            table.append(Row(line + number, cells))
        start += len(row) + 1
    return table


def _trimmed(content: str) -> str:
    return content.strip(WHITE_SPACE)


def _cells(row: str, start: int) -> list[tuple[int, int]]:
    cells = _trimmed(row).split("|")
    places: list[tuple[int, int]] = []
    at = start + 1
    for cell in cells[1 : len(cells) - (cells[-1] == "")]:
        content = _trimmed(cell)
        begin = at + cell.find(content)
        places.append((begin, begin + len(content)))
        at += len(cell) + 1
    return places
