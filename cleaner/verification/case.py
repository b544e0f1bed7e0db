"""One canonical document with all that its checks look at, and what the checks share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cleaner.model.problems import Problem
from cleaner.model.text import Span
from cleaner.verification.account import Account
from cleaner.verification.records import Records
from cleaner.verification.sources import Sources

HASH, REPLAY, UNCOVERED, REPEATED = "PRV001", "PRV002", "PRV003", "DUP001"
# The rule that accounts for the sentences of a dropped document, by its relation to the kept one.
RULE_OF_RELATION = {"exact": "DUP003", "near": "DUP004", "revision": "DUP005", "contained": "DUP006"}
DROPPED_WHOLE = frozenset(RULE_OF_RELATION.values())


@dataclass(slots=True)
class Case:
    """One canonical document with all that its checks look at; a string is None where its source is not at hand, and the article where the output has none."""

    row: dict[str, Any]
    text: str
    account: Account
    article: str | None
    strings: list[str | None]
    told: Told
    sources: Sources

    @property
    def name(self) -> str:
        return self.account.article

    def problem(self, rule: str, message: str, origin: int = -1, span: tuple[int, int] | None = None) -> Problem:
        """A problem with the article, or with a span of one of its sources."""
        if origin < 0:
            return Problem(rule, f"{self.name}: {message}", self.name, Span(*span) if span else None)
        found = self.account.origins[origin]
        return Problem(rule, f"{self.name}: {message}", found.source, Span(*span, found.pointer) if span else None)


@dataclass(slots=True)
class Told:
    """What report.json and the manifest tell that provenance must agree with; the lists of both by name, on the disk."""

    records: Records
    options: dict[str, Any] = field(default_factory=dict)
    reported_options: dict[str, Any] = field(default_factory=dict)
    tool: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)


def replayed(rules: Sequence[str], text: str) -> str | None:
    """What the rules make of a text; None where one of them is none that can be run again."""
    from cleaner.stages.repair import replay

    try:
        return replay(rules, text)
    except KeyError:
        return None
