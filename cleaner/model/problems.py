"""Expected trouble, as a value with a place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from cleaner.model.text import Span


class Severity(StrEnum):
    """How much a problem matters: an error fails a check; a warning and a note do not, unless they are told to."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Place(NamedTuple):
    """A place that a person can jump to: a source, the line and column in its file (from 1), and what stands there."""

    source: str
    line: int
    column: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong (`rule`, `message`), in which source, and where in it; `line` and `column` count from 1 and serve people.

    `twin` is where the surviving copy of a duplicate stands, as far as `cleaner.check` knows it.
    """

    rule: str
    message: str
    source: str = ""
    span: Span | None = None
    line: int | None = None
    column: int | None = None
    twin: Place | None = None


def placed(problem: Problem, text: str) -> Problem:
    """The problem with the line and column of its span in `text`, the decoded source."""
    if problem.span is None or problem.line is not None:
        return problem
    start = problem.span.start
    last_break = text.rfind("\n", 0, start)
    return replace(problem, line=text.count("\n", 0, start) + 1, column=start - last_break)
