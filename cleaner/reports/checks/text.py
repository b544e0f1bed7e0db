"""For a person at a terminal: each finding with its line, a caret and the surviving twin, or one line each."""

from __future__ import annotations

import unicodedata

from cleaner.model.findings import Checked, Excerpt, Finding
from cleaner.model.problems import Severity
from cleaner.reports.checks import Style
from cleaner.reports.checks.order import counted, is_fixable, rule_name
from cleaner.reports.digest import some, visible
from cleaner.reports.terminal import INK_OF_SEVERITY, Ink

# A line of the excerpt is not wider than a common screen.
WIDTH = 96


def render_full(checked: Checked, style: Style) -> str:
    """Each finding with the line that it is about."""
    shown = _shown(checked, style)
    parts = ["\n".join([_head(found, style), *_body(found, style)]) + "\n" for found in shown]
    return "\n".join([*parts, _tail(checked, style, len(shown))])


def render_concise(checked: Checked, style: Style) -> str:
    """Each finding in one line: `path:line:column: CODE message`."""
    shown = _shown(checked, style)
    return "".join([*(f"{_head(found, style)}\n" for found in shown), _tail(checked, style, len(shown))])


def _shown(checked: Checked, style: Style) -> list[Finding]:
    """Notes only where they are asked for: most good files have some."""
    return [found for found in checked.findings if style.verbose or found.severity is not Severity.INFO]


def _head(found: Finding, style: Style) -> str:
    where = f"{_inked(_line(found.path), Ink.BOLD, style)}:{found.line}:{found.column}:"
    code = _inked(found.problem.rule, INK_OF_SEVERITY[found.severity], style)
    mark = f" {_inked('[*]', Ink.CYAN, style)}" if is_fixable(found) else ""
    return f"{where} {code}{mark} {rule_name(found)}: {_line(found.problem.message)}"


def _body(found: Finding, style: Style) -> list[str]:
    twin = found.problem.twin
    gutter = len(str(max(found.line, twin.line if twin else 0)))
    ink = INK_OF_SEVERITY[found.severity]
    lines = _quoted(found.excerpt, found.line, gutter, ink, style) if found.excerpt.text else []
    if twin:
        lines += [f"{' ' * gutter} = {_line(twin.source)}:{twin.line}:{twin.column}"]
        if twin.text:
            lines += [f"{twin.line:>{gutter}} | {_clipped(twin.text, 0)[0]}"]
    return [f"  {line}".rstrip() for line in lines]


def _quoted(excerpt: Excerpt, number: int, gutter: int, ink: Ink, style: Style) -> list[str]:
    """The line and below it carets under the place."""
    shown, start = _clipped(excerpt.text, excerpt.start)
    before = shown[:start]
    marked = _seen(excerpt.text[excerpt.start : excerpt.start + excerpt.size])
    left = _columns(before)
    carets = "^" * max(1, min(_columns(marked), WIDTH - left))
    return [f"{number:>{gutter}} | {shown}", f"{' ' * gutter} | {' ' * left}{_inked(carets, ink, style)}"]


def _clipped(text: str, start: int) -> tuple[str, int]:
    """A line as a screen shows it, cut to its width, and where the place at `start` begins in it."""
    before, after = _seen(text[:start]), _seen(text[start:])
    if len(before) > WIDTH // 2:
        before = "\N{HORIZONTAL ELLIPSIS}" + before[-(WIDTH // 2) :]
    room = WIDTH - len(before)
    if len(after) > room:
        after = after[: room - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return before + after, len(before)


def _seen(text: str) -> str:
    """A part of a line with what can't be seen, or would act on the terminal, written as its code point; a tab is one column."""
    return "".join(
        char if char.isprintable() or char == "\N{NO-BREAK SPACE}" else " " if char == "\t" else f"<U+{ord(char):04X}>"
        for char in text
    )


def _columns(text: str) -> int:
    """How many columns a terminal gives to a text: two to a wide character, none to a mark."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _tail(checked: Checked, style: Style, shown: int) -> str:
    found = checked.findings
    files = some(len(checked.paths), "file")
    loud = [one for one in found if one.severity is not Severity.INFO or style.verbose]
    said = f"Found {counted(loud)} in {files}." if loud else f"All good: {files}."
    notes = [
        f"{some(fixable, 'finding')} [*] can be mended with --fix." if (fixable := sum(map(is_fixable, loud))) else "",
        f"{some(len(found) - shown, 'note')} not shown (-v)." if len(found) > shown else "",
        f"{some(checked.known, 'finding')} in the baseline." if checked.known else "",
        f"{some(checked.accepted, 'finding')} accepted." if checked.accepted else "",
    ]
    ink = Ink.GREEN if not loud else Ink.BOLD
    return " ".join([_inked(said, ink, style), *filter(None, notes)]) + "\n"


def _line(text: str) -> str:
    return visible(text, one_line=True)


def _inked(text: str, ink: Ink, style: Style) -> str:
    return f"\x1b[{ink}m{text}\x1b[0m" if style.color and text else text
