"""A report in, the summary of a run for a terminal out: what came, what went, and what to look at, worst first."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from textwrap import wrap
from typing import Any

from cleaner.model.problems import Problem
from cleaner.reports.digest import (
    Counts,
    Finding,
    Kind,
    clipped,
    counts,
    findings,
    first_of,
    grouped,
    percent,
    place,
    rule_name,
    settled,
    some,
    verdict,
    visible,
)
from cleaner.rules import RULES

# Of what needs an eye a screen shows so many; the page has all.
SHOWN_FINDINGS = 4
# A name longer than this would push what matters off the line.
MAX_PLACE = 120


class Ink(StrEnum):
    """The ANSI codes in use (ECMA-48, SGR): the sixteen colours, which every terminal theme keeps readable."""

    BOLD = "1"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    CYAN = "36"


INK_OF_KIND = {
    Kind.FAILED: Ink.RED,
    Kind.WARNING: Ink.YELLOW,
    Kind.BORDERLINE: Ink.YELLOW,
    Kind.UNIQUE: Ink.YELLOW,
    Kind.KEPT: Ink.CYAN,
}
INK_OF_SEVERITY = {"error": Ink.RED, "warning": Ink.YELLOW, "info": Ink.CYAN}


def render_summary(report: dict[str, Any], *, color: bool, output: str | None, width: int = 80) -> str:
    """The summary, ending in a line break; `output` is the folder that the report was written to, None if to none."""
    lines = [_inked(line, Ink.BOLD, color) for line in wrap(verdict(report), width)]
    lines += ["", *_numbers(report, color)]
    lines += _to_look_at(report, color, width)
    if output is not None:
        lines += ["", f"Report: {_inked(_line(output).rstrip('/') + '/report.html', Ink.BOLD, color)}"]
    return "\n".join(lines) + "\n"


def render_problems(problems: Sequence[Problem | dict[str, Any]], color: bool = False) -> str:
    """The problems, one a line, as `file:line:column: CODE message`; of a run or of its report."""
    return "".join(f"{_problem(problem, color)}\n" for problem in problems)


def _problem(problem: Problem | dict[str, Any], color: bool) -> str:
    if isinstance(problem, dict):
        code, message, where = (
            problem["rule"],
            problem["message"],
            (problem["source"], problem["line"], problem["column"]),
        )
    else:
        code, message, where = problem.rule, problem.message, (problem.source, problem.line, problem.column)
    severity = RULES[code].severity.value if code in RULES else "error"
    return f"{_line(place(*where))}: {_inked(code, INK_OF_SEVERITY[severity], color)} {_line(message)}"


def _numbers(report: dict[str, Any], color: bool) -> list[str]:
    found = counts(report)
    rows = [
        ("read", found.read, _read(report, found), None),
        ("written", found.written, _written(report, found), Ink.GREEN),
        ("merged", found.merged, _relations(report), None),
        ("removed", found.repeats, _repeats(found), None),
        ("mended", found.mended, _mended(report, found), None),
        ("trimmed", found.trimmed, "characters of boilerplate and page furniture", None),
        ("failed", found.failed, "not converted", Ink.RED),
    ]
    size = max(len(f"{number:,}") for _, number, _, _ in rows)
    shown = [row for row in rows if row[1] or row[0] in ("read", "written")]
    return [f"  {name:<8}{_inked(f'{number:>{size},}', ink, color)}  {said}" for name, number, said, ink in shown]


def _read(report: dict[str, Any], found: Counts) -> str:
    skipped = f"; {found.skipped:,} skipped" if found.skipped else ""
    return f"source{'s' * (found.read != 1)}, {some(report['summary']['characters']['in'], 'character')}{skipped}"


def _written(report: dict[str, Any], found: Counts) -> str:
    characters = report["summary"]["characters"]
    share = f", {percent(characters['kept'] / characters['in'])} of the characters" if characters["in"] else ""
    return f"article{'s' * (found.written != 1)}{share}"


def _relations(report: dict[str, Any]) -> str:
    """How the copies are related to the kept documents: `copies: 2 exact, 1 near`."""
    return "copies: " + ", ".join(f"{number:,} {name}" for name, number in report["summary"]["by_relation"].items())


def _repeats(found: Counts) -> str:
    where = some(found.repeat_documents, "document")
    return f"repeated passages inside {where}, {some(found.repeat_characters, 'character')}"


def _mended(report: dict[str, Any], found: Counts) -> str:
    """The mended places by rule, the most first, and how many characters were dropped for it."""
    edits = [(rule, places) for rule, places in report["summary"]["edits"].items() if rule.startswith("TXT")]
    ordered = sorted(edits, key=lambda item: (-item[1], item[0]))
    told = ", ".join(f"{rule_name(rule)} {places:,}" for rule, places in ordered[:3]) + (", ..." if ordered[3:] else "")
    stray = some(found.stray, "stray character") + " dropped" if found.stray else ""
    return "places" + "; ".join(filter(None, [f": {told}" if told else "", stray]))


def _to_look_at(report: dict[str, Any], color: bool, width: int) -> list[str]:
    """What needs an eye, worst first: where, why, and what to do."""
    # What failed set the exit code, so that and what lacks something is told first here.
    told = sorted(grouped(findings(report)), key=lambda group: group[0].kind not in (Kind.FAILED, Kind.WARNING))
    groups, more = first_of(told, SHOWN_FINDINGS)
    if not groups:
        mended = settled(report)
        calm = "Nothing needs your eye" + (f"; {some(mended, 'warning')} of what was mended." if mended else ".")
        return ["", _inked(calm, Ink.GREEN, color)]
    lines = ["", _inked("Look at", Ink.BOLD, color)]
    for group in groups:
        lines += _finding(group, color, width)
    return [*lines, f"  and {more:,} more in the report"] if more else lines


def _finding(group: list[Finding], color: bool, width: int) -> list[str]:
    first, others = group[0], len(group) - 1
    code = first.code or first.kind.value
    where = clipped(_line(first.where), MAX_PLACE) + (f" and {others:,} more" if others else "")
    told = f"{first.reason} {first.action}".strip()
    lines = wrap(_line(told), width - 4, max_lines=3, placeholder=" ...", break_on_hyphens=False)
    return [f"  {_inked(code, INK_OF_KIND[first.kind], color)}  {where}", *(f"    {line}" for line in lines)]


def _line(text: str) -> str:
    """The text as one line that can't act on the terminal: escape sequences, controls and bidi overrides shown by code point."""
    return visible(text, one_line=True)


def _inked(text: str, ink: Ink | None, color: bool) -> str:
    return f"\x1b[{ink}m{text}\x1b[0m" if color and ink else text
