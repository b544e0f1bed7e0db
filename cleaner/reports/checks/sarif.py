"""For code scanning: a SARIF 2.1.0 log (OASIS Standard, 2020)."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from cleaner.model.findings import Checked, Finding
from cleaner.model.problems import Place, Severity
from cleaner.reports.checks import Style
from cleaner.rules import RULES, explained
from cleaner.rules.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
# What follows the path in the name of a record: its line, or its JSON Pointer.
RECORD = re.compile(r"#(?:\d+)?(?:/.*)?$")
# The name carries the version of what the fingerprint is made of (section 3.27.17).
FINGERPRINT = "articleCleaner/v1"


def render_sarif(checked: Checked, style: Style) -> str:
    """One run with every rule and a result a finding; columns count code points."""
    numbers = {code: number for number, code in enumerate(RULES)}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "article-cleaner",
                        "semanticVersion": style.version,
                        "rules": [_rule(rule) for rule in RULES.values()],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(found, numbers) for found in checked.findings],
            }
        ],
    }
    return json.dumps(log, ensure_ascii=True, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary} {rule.why}"},
        "help": {"text": rule.remedy, "markdown": explained(rule)},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _result(found: Finding, numbers: dict[str, int]) -> dict[str, Any]:
    problem = found.problem
    region = {
        "startLine": found.line,
        "startColumn": found.column,
        "endLine": found.end_line,
        "endColumn": found.end_column,
    }
    result: dict[str, Any] = {
        "ruleId": problem.rule,
        "ruleIndex": numbers[problem.rule],
        "level": LEVELS[found.severity],
        "message": {"text": _text(problem.message)},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(found.path), "region": region}}],
        "partialFingerprints": {FINGERPRINT: f"{found.fingerprint}:{found.occurrence}"},
    }
    if problem.twin:
        result["relatedLocations"] = [_related(problem.twin)]
    return result


def _related(twin: Place) -> dict[str, Any]:
    return {
        "id": 1,
        "message": {"text": "The surviving copy."},
        "physicalLocation": {
            "artifactLocation": _artifact(RECORD.sub("", twin.source)),
            "region": {"startLine": twin.line, "startColumn": twin.column},
        },
    }


def _artifact(path: str) -> dict[str, str]:
    said = quote(path.encode("utf-8", "replace"), safe="/")
    if path.startswith("/"):
        return {"uri": f"file://{said}"}
    if re.match(r"[A-Za-z]:/", path):
        return {"uri": f"file:///{said}"}
    return {"uri": said, "uriBaseId": "%SRCROOT%"}


def _text(text: str) -> str:
    """A message without links: a bracket that a file's text brings along begins none (section 3.11.6)."""
    return re.sub(r"([\\\[\]])", r"\\\1", text)
