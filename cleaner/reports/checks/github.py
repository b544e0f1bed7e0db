"""For GitHub Actions: annotations as workflow commands, the most severe first."""

from __future__ import annotations

from cleaner.model.findings import Checked, Finding
from cleaner.model.problems import Severity
from cleaner.reports.checks import Style
from cleaner.reports.checks.order import NOUNS, WORST_FIRST, rule_name, verdict
from cleaner.reports.digest import some

# The service shows so many annotations of a level for a step, and drops the others without a word.
MAX_A_LEVEL = 10
COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(checked: Checked, style: Style) -> str:
    """A command a finding, at most ten a level; the rest are counted."""
    lines: list[str] = []
    for severity in WORST_FIRST:
        own = [found for found in checked.findings if found.severity is severity]
        lines += [_command(found) for found in own[:MAX_A_LEVEL]]
        if len(own) > MAX_A_LEVEL:
            lines.append(f"{some(len(own) - MAX_A_LEVEL, 'more ' + NOUNS[severity])}: see the summary of the job.")
    return "\n".join([*lines, verdict(checked)]) + "\n"


def _command(found: Finding) -> str:
    members = {"file": found.path, "line": str(found.line), "col": str(found.column)}
    if found.end_line == found.line and found.end_column > found.column:
        members["endColumn"] = str(found.end_column)
    elif found.end_line > found.line:
        members["endLine"] = str(found.end_line)
    members["title"] = f"{found.problem.rule} {rule_name(found)}"
    said = ",".join(f"{name}={_member(value)}" for name, value in members.items())
    return f"::{COMMANDS[found.severity]} {said}::{_text(found.problem.message)}"


def _text(text: str) -> str:
    """A text that can't end its command: escaped as the runner's toolkit does, other controls as their code points."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in escaped)


def _member(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
