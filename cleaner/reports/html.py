"""A report in, one self-contained page out."""

from __future__ import annotations

from typing import Any


def render_html(report: dict[str, Any]) -> str:
    """The page."""
    return "<!doctype html><title>report</title>"
