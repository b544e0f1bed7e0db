"""For a comment on a change, or the summary of a job: a table, the most severe first."""

from __future__ import annotations

from cleaner.model.findings import Checked
from cleaner.reports.checks import Style
from cleaner.reports.checks.order import NOUNS, rule_name, verdict, worst_first
from cleaner.reports.digest import clipped, some
from cleaner.reports.markdown import escaped

# A summary of more rows is read by nobody, and the service that shows it has a limit.
MAX_ROWS = 200
MAX_MESSAGE = 240


def render_markdown(checked: Checked, style: Style) -> str:
    """A heading, the verdict, and a row a finding; what a text of the files says is escaped."""
    findings = worst_first(checked.findings)
    lines = ["### article-cleaner", "", f"**{verdict(checked)}**"]
    if findings:
        lines += ["", "| | Rule | Where | What |", "| --- | --- | --- | --- |"]
    for found in findings[:MAX_ROWS]:
        where = escaped(f"{clipped(found.path, 160)}:{found.line}:{found.column}")
        what = escaped(clipped(found.problem.message, MAX_MESSAGE))
        lines.append(f"| {NOUNS[found.severity]} | {found.problem.rule} {rule_name(found)} | {where} | {what} |")
    if len(findings) > MAX_ROWS:
        lines += ["", f"And {some(len(findings) - MAX_ROWS, 'more finding')}."]
    return "\n".join(lines) + "\n"
