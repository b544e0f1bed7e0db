"""`clean report`: the report rendered again from report.json."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.cli.terminal import COLORS, OK, PATHS, say, wants_color


@click.command()
@click.argument("output", type=PATHS, metavar="OUT")
@click.option("--color", type=COLORS, default="auto", help="Colour in the summary.")
def report(output: Path, color: str) -> int:
    """Render report.html, and the summary on the terminal, again from OUT/report.json."""
    from cleaner.folders import rewrite_report
    from cleaner.reports.html import render_html
    from cleaner.reports.terminal import render_summary

    found = rewrite_report(output, render_html)
    say(render_summary(found, color=wants_color(color), output=str(output)))
    return OK
