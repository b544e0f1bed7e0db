"""What a check found in, its report in one of several formats out."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from cleaner.model.findings import Checked
from cleaner.model.problems import Severity


class Style(NamedTuple):
    """How a report is wanted: with colour, with notes too, from which severity on a finding fails the check; and the version of the tool."""

    color: bool = False
    verbose: bool = False
    fail_level: Severity = Severity.ERROR
    version: str = "0.0.0"


FORMATS = ("full", "concise", "json", "github", "gitlab", "junit", "sarif", "markdown")
TEXT_FORMATS = ("full", "concise")


def render(name: str, checked: Checked, style: Style) -> str:
    """The report in the format `name`, ending in a line break."""
    module = "text" if name in TEXT_FORMATS else name
    renderer: Callable[[Checked, Style], str] = getattr(import_module(f"{__name__}.{module}"), f"render_{name}")
    return renderer(checked, style)
