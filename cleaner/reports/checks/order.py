"""What the formats share: the severities in order, counts in words, which findings fail, and what a place is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cleaner.model.findings import Checked, Finding
from cleaner.model.problems import Severity
from cleaner.reports.digest import some
from cleaner.rules import RULES

WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)
NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def fails(found: Finding, level: Severity) -> bool:
    """Whether a finding fails a check that fails from `level` on."""
    return WORST_FIRST.index(found.severity) <= WORST_FIRST.index(level)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by severity, each severity in the order of places."""
    return sorted(findings, key=lambda found: WORST_FIRST.index(found.severity))


def counted(findings: Iterable[Finding]) -> str:
    """`1 error and 2 warnings`; empty where nothing was found."""
    counts = Counter(found.severity for found in findings)
    parts = [some(counts[severity], NOUNS[severity]) for severity in WORST_FIRST if counts[severity]]
    return ", ".join(parts[:-1]) + " and " * (len(parts) > 1) + parts[-1] if parts else ""


def verdict(checked: Checked) -> str:
    """The check in one sentence."""
    files = some(len(checked.paths), "file")
    found = counted(checked.findings)
    return f"Found {found} in {files}." if found else f"Nothing found in {files}."


def rule_name(found: Finding) -> str:
    """The kebab-case name of the finding's rule."""
    return RULES[found.problem.rule].name


def is_fixable(found: Finding) -> bool:
    """Whether `clean check --fix` can mend it."""
    return RULES[found.problem.rule].fixable
