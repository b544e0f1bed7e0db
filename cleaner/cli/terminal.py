"""What the verbs share: text on standard output, colour, progress, exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

OK, FINDINGS, USAGE = 0, 1, 2
PATHS = click.Path(path_type=Path)
COLORS = click.Choice(["auto", "always", "never"])
config_option = click.option(
    "--config", type=PATHS, metavar="FILE", help="Options from this file, not from cleaner.toml or pyproject.toml here."
)
jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Processes; 0 is one for each core.  [default: 0]",
)


class NothingThere(Exception):
    """The place that was asked for is not known."""


def told(error: object, code: int) -> int:
    print(f"clean: {printable(error)}", file=sys.stderr)
    return code


def printable(value: object) -> str:
    """A message or name without characters that a terminal would obey."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(value))


def put(text: str, place: Path | None) -> None:
    if place is None:
        say(text)
    else:
        from cleaner.folders import write_file

        write_file(place, text.encode("utf-8", "replace"))


def say(text: str) -> None:
    """Text on standard output, whatever that can encode."""
    stream = sys.stdout
    stream.write(text.encode(stream.encoding or "utf-8", "replace").decode(stream.encoding or "utf-8"))
    stream.flush()


def wants_color(choice: str) -> bool:
    """Colour where it was asked for; by itself only on a terminal, and as NO_COLOR and FORCE_COLOR say (no-color.org, force-color.org)."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


@contextmanager
def progress(hidden: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """A progress bar on standard error, if that is a terminal."""
    if hidden or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=max(total, done))

        yield show
