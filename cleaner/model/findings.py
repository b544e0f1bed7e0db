"""What a check found, as every report of it shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from cleaner.model.options import Acceptance
from cleaner.model.problems import Problem, Severity


class Excerpt(NamedTuple):
    """A part of a line, and where in it the place begins and how long it is, in code points."""

    text: str = ""
    start: int = 0
    size: int = 0


NO_EXCERPT = Excerpt()


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of a checked file, the file's path, and the line around it.

    `fingerprint` follows from the rule and from what stands there, not from where it stands; `occurrence` tells those with the same one apart.
    `end_line` and `end_column` are where the place ends (the column behind it).
    """

    problem: Problem
    path: str
    severity: Severity
    line: int
    column: int
    end_line: int
    end_column: int
    fingerprint: str
    excerpt: Excerpt = NO_EXCERPT
    occurrence: int = 1


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check says: its findings in the order of their places, the files and the number of documents in them; how many more an entry accepted (`accepted`), or a baseline knew (`known`); and the entries that accepted nothing, though their files were looked at (`idle`)."""

    findings: tuple[Finding, ...]
    paths: tuple[str, ...]
    documents: int
    accepted: int = 0
    known: int = 0
    idle: tuple[Acceptance, ...] = ()
