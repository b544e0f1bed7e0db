"""What an explanation says: the parts of a line, and the answer made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the line that was asked about: what became of it, by which rules, and both its places.

    `span` counts code points of the source's text at `pointer`, `lines` the lines there (None where the source is not at hand); `out` counts code points
    of the article's text, `article_line` the line of the article: of the text itself, or for a copy that was dropped of the one that survives.
    """

    fate: str
    rules: tuple[str, ...] = ()
    source: str = ""
    pointer: str = ""
    span: tuple[int, int] | None = None
    lines: tuple[int, int] | None = None
    source_text: str | None = None
    out: tuple[int, int] | None = None
    article: str = ""
    article_line: int | None = None
    article_text: str | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer: what stands at the place asked for, the parts of the line in their order, what is told of them, and what decided."""

    where: str
    summary: str
    parts: tuple[Part, ...] = ()
    told: tuple[str, ...] = ()
    measures: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """The answer for a person to read."""
        return "\n".join([self.summary, *(f"- {line}" for line in self.told), *self.notes])

    def as_json(self) -> dict[str, Any]:
        """The answer for a program; members that are not known are left out."""
        parts = [
            {name: value for name in Part.__dataclass_fields__ if (value := getattr(part, name)) not in (None, "", ())}
            for part in self.parts
        ]
        answer = {"version": 1, "where": self.where, "summary": self.summary, "parts": parts, "notes": list(self.notes)}
        return {**answer, "measures": self.measures} if self.measures else answer


def hull(parts: Sequence[Part]) -> Part:
    """One part over all of the given ones, which have one source string."""
    spans = [part.span for part in parts if part.span]
    lines = [part.lines for part in parts if part.lines]
    outs = [part.out for part in parts if part.out]
    return replace(
        parts[0],
        span=(min(start for start, _ in spans), max(end for _, end in spans)) if spans else None,
        lines=(min(first for first, _ in lines), max(last for _, last in lines)) if lines else None,
        out=(min(start for start, _ in outs), max(end for _, end in outs)) if outs else None,
    )
