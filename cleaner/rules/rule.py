"""What is known of a rule."""

from __future__ import annotations

from typing import NamedTuple

from cleaner.model.problems import Severity


class Rule(NamedTuple):
    """One rule: its code, kebab-case name and severity, what it says in one line, why that matters, an example, and how to mend it.

    `before` is a source that the rule finds fault with and `after` the same one mended; both are shown as they are, invisible characters as
    `<U+XXXX>`. `settled` says that `clean run` mends it in its output or only tells of it, so that nobody must act; `fixable` that
    `clean check --fix` mends it in the file.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    why: str
    before: str
    after: str
    remedy: str
    settled: bool = False
    fixable: bool = False


ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
