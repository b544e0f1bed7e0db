"""What people write into Markdown that Markdown does not know: the habits of note takers and of site generators, each by the pattern that it is known by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

HABIT = "habit"


class Habit(NamedTuple):
    """A habit: its name, and its pattern. The group `label` is text of the article, `target` where it leads; without a label nothing of it is.

    `is_told` says that it stands for something which the text then lacks, so that a reader has to be told.
    """

    name: str
    pattern: re.Pattern[str]
    is_told: bool = False


# In this order; none is looked for in code. What the writer of articles must escape for it stands in `SPECIAL` of stages/write/markdown.py.
HABITS = (
    Habit(
        "embedded file",
        re.compile(
            r"!\[\[[^\[\]|\n]+\.(?:png|jpe?g|gif|svg|webp|avif|bmp|pdf|mp[34]|webm|m4a|wav|ogg)(?:\|[^\[\]\n]*)?\]\]",
            re.IGNORECASE,
        ),
    ),
    Habit("embedded note", re.compile(r"!\[\[(?P<name>[^\[\]\n]+)\]\]"), is_told=True),
    Habit("table of contents", re.compile(r"\[\[?_?TOC_?\]\]?(?![(\[])", re.IGNORECASE)),
    # A number in brackets is a citation, and what a parenthesis follows is a link of Markdown's own.
    Habit(
        "wiki link",
        re.compile(r"\[\[(?:(?P<target>[^\[\]|\n]+)\|)?(?P<label>(?=[^\[\]|\n]*[^\W\d])[^\[\]|\n]+)\]\](?![(\[])"),
    ),
    Habit("callout", re.compile(r"\[![A-Za-z][\w-]*\][+-]?(?:[ \t]+|(?=\n)|$)")),
    Habit(
        "link of Hugo",
        re.compile(
            r"\[(?P<label>[^\[\]\n]+)\]\(\{\{[<%]\s*(?:rel)?ref\s+[\"`]?(?P<target>[^\"`\s]+)[\"`]?\s*[>%]\}\}(?:\#[^)\s]*)?\)"
        ),
    ),
    Habit("shortcode", re.compile(r"\{\{[<%](?P<name>[^{}]*?)[>%]\}\}"), is_told=True),
    Habit("tag of a template", re.compile(r"\{%(?P<name>[^{}]*?)%\}"), is_told=True),
    Habit("attributes", re.compile(r"\{:[ \t]*[#.\w][^{}\n]*\}|\{[#.][A-Za-z][^{}\n]*\}(?=\s*$)")),
    Habit("comment", re.compile(r"%%.+?%%", re.DOTALL)),
    Habit("highlight", re.compile(r"==(?P<label>(?=\S)[^=\n]+(?<=\S))==")),
    Habit("name of a block", re.compile(r"\^[A-Za-z0-9-]+(?=\s*$)")),
)
FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]:(?:[ \t]|$)")
DEFINITION = re.compile(r":[ \t]+(?=[^\s:|-])")
CODE_INDENT = 4
DIRECTIVE = re.compile(r":{3,}[ \t]*(?:\{?[\w .#=\"-]*\}?)?[ \t]*$")
# A formula that stands by itself; and a table that is drawn, as Pandoc and reStructuredText know it.
FORMULA_FENCE = re.compile(r"\$\$[ \t]*$")
DRAWN_RULE = re.compile(r"\+(?:[-=:]+\+)+[ \t]*$")
DRAWN = ("+", "|")
STARTS = frozenset("[!{%=^")


def teach(parser: MarkdownIt) -> None:
    """Have the parser make a token of each habit, end a paragraph where a footnote or a definition begins, pass over the lines of directives, and keep formulas and drawn tables as they stand."""
    parser.inline.ruler.before("link", HABIT, _inline)
    parser.block.ruler.before("reference", "footnote", _footnote, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before("reference", "definition", _definitions, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before("table", "formula", _formula, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before("table", "drawn table", _drawn_table)
    parser.block.ruler.before("paragraph", "directive", _directive, {"alt": ["paragraph", "reference"]})


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in STARTS or not (seen := habit_at(state.src, state.pos)):
        return False
    habit, found = seen
    if not silent:
        token = state.push(HABIT, "", 0)
        groups = found.groupdict()
        token.markup = found.group()
        token.content = groups.get("label") or ""
        label = found.start("label") - state.pos if groups.get("label") else 0
        said = " ".join((groups.get("name") or "").split())
        token.meta = {
            "label": label,
            "target": (groups.get("target") or "").strip(),
            "told": f"{habit.name} {said[:40]}".strip() if habit.is_told else "",
            "name": habit.name,
        }
    state.pos = found.end()
    return True


def habit_at(content: str, at: int) -> tuple[Habit, re.Match[str]] | None:
    """The habit that stands at a place of an inline content."""
    for habit in HABITS:
        found = habit.pattern.match(content, at)
        if (
            found is None
            or (habit.name == "callout" and at)
            or (habit.name == "name of a block" and content[at - 1 : at] not in (" ", "\n"))
        ):
            continue
        return habit, found
    return None


def _footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The definition of a footnote is a paragraph of its own, whatever stands around it; lines that are indented go on with it."""
    if state.is_code_block(start) or not FOOTNOTE.match(_line(state, start)):
        return False
    if silent:
        return True
    last = start + 1
    while last < end and not state.isEmpty(last) and not FOOTNOTE.match(_line(state, last)):
        last += 1
    _paragraph(state, start, last)
    # Paragraphs that are indented below it are the note's too, not code.
    while (
        (begin := _next_line(state, last, end)) < end
        and begin > last
        and state.sCount[begin] - state.blkIndent >= CODE_INDENT
    ):
        last = begin + 1
        while last < end and not state.isEmpty(last):
            last += 1
        _paragraph(state, begin, last)
    state.line = last
    return True


def _next_line(state: StateBlock, number: int, end: int) -> int:
    """The first line from a number on that is not empty."""
    while number < end and state.isEmpty(number):
        number += 1
    return number


def _paragraph(state: StateBlock, start: int, last: int, mark: str = "") -> None:
    """The tokens of a paragraph of lines, without white space around them and the mark of the first."""
    state.push("paragraph_open", "p", 1).map = [start, last]
    token = state.push("inline", "", 0)
    lines = [line.strip() for line in state.getLines(start, last, state.blkIndent, False).strip().split("\n")]
    token.content = "\n".join([lines[0].removeprefix(mark).lstrip(), *lines[1:]])
    token.map, token.children = [start, last], []
    state.push("paragraph_close", "p", -1)


def _definitions(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines that begin with a colon right below a term are its definitions, each an item."""
    if state.is_code_block(start) or not DEFINITION.match(_line(state, start)) or not _is_below_term(state, start):
        return False
    if silent:
        return True
    opening = state.push("bullet_list_open", "ul", 1)
    opening.markup, line = ":", start
    while line < end and DEFINITION.match(_line(state, line)):
        last = line + 1
        while last < end and not state.isEmpty(last) and not DEFINITION.match(_line(state, last)):
            last += 1
        state.push("list_item_open", "li", 1).map = [line, last]
        _paragraph(state, line, last, ":")
        state.push("list_item_close", "li", -1)
        line = last
    opening.map = [start, line]
    state.push("bullet_list_close", "ul", -1)
    state.line = line
    return True


def _is_below_term(state: StateBlock, number: int) -> bool:
    """Whether the line above is a paragraph of its own: no sentence that a colon was wrapped in."""
    above = number - 1
    return above >= 0 and not state.isEmpty(above) and (above == 0 or state.isEmpty(above - 1))


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line of colons opens or closes a box; what is in it is the article's."""
    if state.is_code_block(start) or not DIRECTIVE.match(_line(state, start)):
        return False
    if not silent:
        state.line = start + 1
    return True


def _formula(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The lines between two of nothing but double dollars are code: their stars and underscores are no emphasis, and their breaks stay."""
    if state.is_code_block(start) or not FORMULA_FENCE.match(_line(state, start)):
        return False
    last = next((number for number in range(start + 1, end) if FORMULA_FENCE.match(_line(state, number))), start)
    if last < start + 2:
        return False
    if not silent:
        _as_it_stands(state, "fence", start + 1, last, "math").map = [start, last + 1]
        state.line = last + 1
    return True


def _drawn_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table that is drawn with bars and dashes would be one long line as a paragraph."""
    if silent or state.is_code_block(start) or not DRAWN_RULE.match(_line(state, start)):
        return False
    last = start
    while last < end and _line(state, last).startswith(DRAWN):
        last += 1
    if last < start + 3 or not DRAWN_RULE.match(_line(state, last - 1)):
        return False
    _as_it_stands(state, "code_block", start, last, "")
    state.line = last
    return True


def _as_it_stands(state: StateBlock, kind: str, start: int, last: int, info: str) -> Token:
    token = state.push(kind, "code", 0)
    token.content, token.info, token.map = state.getLines(start, last, state.blkIndent, True), info, [start, last]
    return token


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]
