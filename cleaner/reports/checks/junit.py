"""For whatever reads JUnit's XML: a case for each finding, and one for each file without."""

from __future__ import annotations

import re
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from cleaner.model.findings import Checked, Finding
from cleaner.reports.checks import Style
from cleaner.reports.checks.order import fails, rule_name
from cleaner.reports.digest import visible

# What XML 1.0 can't hold, however it is written (section 2.2).
NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(checked: Checked, style: Style) -> str:
    """A suite a file; a finding below the level that fails is a case that passed and says so."""
    by_path = {path: list(found) for path, found in groupby(checked.findings, key=lambda found: found.path)}
    suites = [_suite(path, by_path.get(path, []), style) for path in sorted({*checked.paths, *by_path})]
    failures = sum(fails(found, style.fail_level) for found in checked.findings)
    tests = sum(max(1, len(by_path.get(path, []))) for path in sorted({*checked.paths, *by_path}))
    head = f'<testsuites name="article-cleaner" tests="{tests}" failures="{failures}" errors="0">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>"]) + "\n"


def _suite(path: str, findings: list[Finding], style: Style) -> str:
    name = _value(path)
    cases = [_case(found, style) for found in findings] or [f'    <testcase name="no findings" classname={name}/>']
    failures = sum(fails(found, style.fail_level) for found in findings)
    head = f'  <testsuite name={name} tests="{len(cases)}" failures="{failures}" errors="0">'
    return "\n".join([head, *cases, "  </testsuite>"])


def _case(found: Finding, style: Style) -> str:
    where = f"{found.path}:{found.line}:{found.column}"
    head = f"    <testcase name={_value(f'{found.problem.rule} {rule_name(found)} at {found.line}:{found.column}')} classname={_value(found.path)}>"
    said = _valid(f"{where}: {found.problem.message}")
    if fails(found, style.fail_level):
        inside = (
            f'      <failure type="{found.severity}" message={_value(found.problem.message)}>{escape(said)}</failure>'
        )
    else:
        inside = f"      <system-out>{escape(f'{found.severity}: {said}')}</system-out>"
    return f"{head}\n{inside}\n    </testcase>"


def _value(text: str) -> str:
    return quoteattr(_valid(text))


def _valid(text: str) -> str:
    """The text on one line, what acts on a terminal as its code point, and without what XML can't hold."""
    return NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", visible(text, one_line=True))
