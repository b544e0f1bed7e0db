"""For GitLab: a Code Quality report."""

from __future__ import annotations

import json
from hashlib import sha256

from cleaner.model.findings import Checked, Finding
from cleaner.model.problems import Severity
from cleaner.reports.checks import Style
from cleaner.reports.checks.order import rule_name

LEVELS = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render_gitlab(checked: Checked, style: Style) -> str:
    """A JSON list of issues; each fingerprint is there once."""
    issues = [
        {
            "description": f"{found.problem.rule} {rule_name(found)}: {found.problem.message}",
            "check_name": found.problem.rule,
            "fingerprint": _fingerprint(found),
            "severity": LEVELS[found.severity],
            "location": {"path": found.path, "lines": {"begin": found.line, "end": found.end_line}},
        }
        for found in checked.findings
    ]
    return json.dumps(issues, ensure_ascii=True, indent=2) + "\n"


def _fingerprint(found: Finding) -> str:
    said = f"{found.path}\0{found.fingerprint}\0{found.occurrence}"
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
