"""The Markdown of an article, read back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from cleaner.verification.account import as_string

ESCAPE = r"\\(?P<escaped>[!-/:-@\[-`{-~])"
INLINE = re.compile(
    rf"""
      {ESCAPE}
    | \\\n                                                              # a hard break
    | (?<!`)(?P<fence>`+)(?!`)(?P<code>.*?)(?<!`)(?P=fence)(?!`)        # a code span
    | \]\((?:<(?:\\.|[^<>\\\n])*>|(?:\\.|[^\s()<>\\])*)\)                # the end of a link, with its target
    | \*+ | \[                                                          # emphasis, the start of a link
    """,
    re.VERBOSE | re.DOTALL,
)
BLOCK_START = {
    "heading": re.compile(r"#{1,6} "),
    "quote": re.compile(r"(?:> )+"),
    "item": re.compile(r"\A *(?P<mark>-|\d{1,9}[.)]) "),
    "paragraph": re.compile(r"\A *(?=\S)"),
    "caption": re.compile(r"(?=\S)"),
    "row": re.compile(r"\|"),
    "code": re.compile(r"\A *`{3,}"),
}
APART = re.compile(r"(?:> )*|<!-- -->")
FRONT_LINE = re.compile(r"(?P<name>\w+):(?: (?P<value>.+))?|  - (?P<item>.+)")


def read_front_matter(lines: Sequence[str]) -> tuple[dict[str, Any], int]:
    """The members of an article's front matter, and the number of lines until it is closed. Raises ValueError for what is none of ours."""
    members: dict[str, Any] = {}
    name = ""
    if lines[0] != "---":
        raise ValueError("no front matter")
    for number, line in enumerate(lines[1:], 1):
        if line == "---":
            return members, number + 1
        match = FRONT_LINE.fullmatch(line)
        if match is None or (match["item"] and not isinstance(members.get(name), list)) or match["name"] in members:
            raise ValueError(f"line {number + 1} of the front matter is none of ours: {line!r:.60}")
        if match["item"]:
            members[name].append(_scalar(match["item"]))
        else:
            name = match["name"]
            members[name] = _scalar(match["value"]) if match["value"] else []
    raise ValueError("the front matter is not closed")


def _scalar(value: str) -> str:
    return as_string(json.loads(value)) if value.startswith('"') else value


def said_by(kind: str, lines: Sequence[str]) -> str:
    """What the Markdown lines of a block say, without their marks and with single spaces. Raises ValueError where they are no such block."""
    if not BLOCK_START[kind].match(lines[0] if lines else ""):
        raise ValueError(f"no {kind}")
    if kind == "code":
        return _plain_code(lines)
    if kind == "row":
        return _plain_row(lines)
    start = BLOCK_START[kind]
    rest = BLOCK_START["quote"] if kind == "quote" else BLOCK_START["paragraph"]
    bare = [(rest if number else start).sub("", line, count=1) for number, line in enumerate(_without_end(lines))]
    return plain_inline("\n".join(bare))


def plain_inline(markdown: str) -> str:
    """What inline Markdown says, with single spaces."""
    return " ".join(INLINE.sub(_unmarked, markdown).split())


def _unmarked(match: re.Match[str]) -> str:
    if match["escaped"]:
        return match["escaped"]
    code = match["code"]
    if code is None:
        return "\n" if match.group() == "\\\n" else ""
    return code[1:-1] if code[:1] == code[-1:] == " " and code.strip() else code


def _without_end(lines: Sequence[str]) -> Sequence[str]:
    """The lines without those at the end that only part blocks."""
    end = len(lines)
    while end and APART.fullmatch(lines[end - 1]):
        end -= 1
    return lines[:end]


def _plain_code(lines: Sequence[str]) -> str:
    fence = re.match(r" *`+", lines[0])
    closing_fence = fence.group() if fence else ""
    end = max((number for number, line in enumerate(lines) if number and line == closing_fence), default=0)
    if not end or _without_end(lines[end + 1 :]):
        raise ValueError("no code")
    return " ".join(" ".join(lines[1:end]).split())


def _plain_row(lines: Sequence[str]) -> str:
    rows = _without_end(lines)
    if len(rows) > 2 or (len(rows) == 2 and not re.fullmatch(r"\|(?: --- \|)+", rows[1])):
        raise ValueError("no row")
    cells = [plain_inline(cell.replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", rows[0])[1:-1]]
    return plain_cells(cells)


def plain_cells(cells: Sequence[str]) -> str:
    """What the cells of a row say, with single spaces."""
    return " ".join(" | ".join(cells).split()).rstrip("| ")
