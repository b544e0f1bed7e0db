"""For programs: the findings and their counts."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from cleaner.model.findings import Checked, Finding
from cleaner.reports.checks import Style
from cleaner.reports.checks.order import WORST_FIRST, is_fixable, rule_name


def render_json(checked: Checked, style: Style) -> str:
    """A JSON object with `version`, `summary` and `findings`."""
    counts = Counter(found.severity for found in checked.findings)
    summary = {
        "files": len(checked.paths),
        "documents": checked.documents,
        **{f"{severity}s": counts[severity] for severity in WORST_FIRST[:2]},
        "infos": counts[WORST_FIRST[2]],
        "accepted": checked.accepted,
        "in_baseline": checked.known,
    }
    findings = [_entry(found) for found in checked.findings]
    return json.dumps({"version": 1, "summary": summary, "findings": findings}, ensure_ascii=False, indent=2) + "\n"


def _entry(found: Finding) -> dict[str, Any]:
    problem, twin = found.problem, found.problem.twin
    entry: dict[str, Any] = {
        "rule": problem.rule,
        "name": rule_name(found),
        "severity": found.severity.value,
        "path": found.path,
        "source": problem.source,
        "line": found.line,
        "column": found.column,
        "end_line": found.end_line,
        "end_column": found.end_column,
        "message": problem.message,
        "fixable": is_fixable(found),
        "fingerprint": f"{found.fingerprint}:{found.occurrence}",
    }
    if twin:
        entry["twin"] = {"source": twin.source, "line": twin.line, "column": twin.column}
    return entry
