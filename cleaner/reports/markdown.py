"""A report in, a short report.md out: for the description of a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cleaner.reports.digest import clipped, counts, findings, first_of, grouped, percent, some, verdict, visible

SHOWN_FINDINGS, SHOWN_CLUSTERS, SHOWN_REPEATS = 10, 20, 10
MAX_TEXT, MAX_NAME = 300, 160

# What Markdown, GFM and HTML would read as marks within a line (CommonMark 0.31, section 2.4), and what GFM makes links of by itself.
_MARKS = re.compile(r"([\\`*_\[\]|~<>&$]|:(?=//)|(?<=www)\.)")
# A hosting service would notify whom such a text names, or link what it numbers; within code it does neither.
_CALLS = re.compile(r"@|#(?=\d)")


def render_markdown(report: dict[str, Any]) -> str:
    """The report in a page of GitHub-flavoured Markdown; quoted text is escaped, and calls nobody."""
    return "\n\n".join(part for part in _parts(report) if part) + "\n"


def _parts(report: dict[str, Any]) -> Iterator[str]:
    yield "# Duplication report"
    yield f"**{verdict(report)}**"
    yield _numbers(report)
    yield from _eye(report)
    yield from _clusters(report)
    yield from _repeats(report)
    yield "The whole of it: `report.html` for people, `report.json` for programs."


def _numbers(report: dict[str, Any]) -> str:
    found = counts(report)
    head = ("read", "written", "merged", "repeats removed", "mended", "characters trimmed", "failed")
    row = (found.read, found.written, found.merged, found.repeats, found.mended, found.trimmed, found.failed)
    return "\n".join([_row(head), _row(["---:"] * len(head)), _row(f"{number:,}" for number in row)])


def _eye(report: dict[str, Any]) -> Iterator[str]:
    yield "## Needs your eye"
    groups, more = first_of(grouped(findings(report)), SHOWN_FINDINGS)
    if not groups:
        yield "Nothing: no file failed, and no decision was close."
        return
    items = []
    for group in groups:
        first, others = group[0], len(group) - 1
        also = f" and {others:,} more" if others else ""
        told = f"{first.reason} {first.action}".strip()
        items.append(f"- **{first.code or first.kind.value}** {_code(first.where)}{also}: {escaped(told)}")
    yield "\n".join(items + ([f"- and {more:,} more"] if more else []))


def _clusters(report: dict[str, Any]) -> Iterator[str]:
    clusters = report["clusters"]
    if not clusters:
        return
    yield "## Merged copies"
    lines = [
        _row(("kept", "because", "copy", "relation", "Jaccard", "of it in the kept one")),
        _row(["---"] * 4 + ["---:"] * 2),
    ]
    for cluster in clusters[:SHOWN_CLUSTERS]:
        for member in cluster["members"][:SHOWN_CLUSTERS]:
            fate = member["relation"] if member["dropped"] else f"{member['relation']}, kept too"
            measures = percent(member["jaccard"]), percent(member["containment"])
            lines.append(
                _row((_code(cluster["canonical"]), escaped(cluster["why"]), _code(member["source"]), fate, *measures))
            )
    yield "\n".join(lines)
    yield _more(len(clusters), SHOWN_CLUSTERS, "cluster")


def _repeats(report: dict[str, Any]) -> Iterator[str]:
    by_source: dict[str, list[int]] = {}
    for entry in report["repeats"]:
        by_source.setdefault(entry["source"], []).append(entry["dropped"]["end"] - entry["dropped"]["start"])
    if not by_source:
        return
    yield "## Repeats within documents"
    ordered = sorted(by_source.items(), key=lambda item: (-sum(item[1]), item[0]))
    yield "\n".join(
        f"- {_code(source)}: {some(len(sizes), 'passage')} taken out, {some(sum(sizes), 'character')}"
        for source, sizes in ordered[:SHOWN_REPEATS]
    )
    yield _more(len(ordered), SHOWN_REPEATS, "document")


def _row(cells: Any) -> str:
    return "| " + " | ".join(cells) + " |"


def _more(number: int, limit: int, what: str) -> str:
    return f"{some(number - limit, f'more {what}')} in `report.json`." if number > limit else ""


def escaped(text: str) -> str:
    """Text as text: no mark of it is read as Markdown or HTML, and no name in it is called."""
    shown = clipped(visible(text, one_line=True), MAX_TEXT)
    parts, at = [], 0
    for call in _CALLS.finditer(shown):
        parts += [_MARKS.sub(r"\\\1", shown[at : call.start()]), f"`{call.group()}`"]
        at = call.end()
    return "".join([*parts, _MARKS.sub(r"\\\1", shown[at:])])


def _code(text: str) -> str:
    """Text as code, with a fence longer than any run of backticks in it (CommonMark 0.31, section 6.1); a pipe would end a table cell."""
    shown = clipped(visible(text, one_line=True), MAX_NAME).replace("|", "\\|")
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) or not shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"
