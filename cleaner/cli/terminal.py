"""What the verbs share: text on standard output, colour, progress, exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from cleaner.model.options import Acceptance

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
bound_option = click.option(
    "--bound",
    multiple=True,
    metavar="NAME=VALUE",
    help="Another bound on what a file may take, such as file_bytes=1000000 or cpu_seconds=60 (repeatable; docs/bounds.md).",
)


class NothingThere(Exception):
    """The place that was asked for is not known."""


class ReaderGone(Exception):
    """Whoever read our standard output has closed it."""


def told(error: object, code: int) -> int:
    try:
        print(f"clean: {printable(error)}", file=sys.stderr, flush=True)
    except OSError:
        # Nobody reads what goes wrong; the exit code says it still.
        silence(sys.stderr)
    return code


def silence(stream: TextIO) -> None:
    """Have what a stream still holds go nowhere, so that the end of the process does not stumble over it."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def printable(value: object) -> str:
    """A message or name without characters that a terminal would obey."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(value))


def tell_idle(entries: Iterable[Acceptance]) -> None:
    """A warning for each entry of `accept` that has nothing to accept any more: left in place, it would hide what comes."""
    for entry in entries:
        print(
            f"clean: warning: [[accept]] {printable(entry)}: nothing was found that it accepts. Remove the entry.",
            file=sys.stderr,
        )


def put(text: str, place: Path | None) -> None:
    if place is None:
        say(text)
    else:
        from cleaner.disk import replace_file

        replace_file(place, text.encode("utf-8", "replace"))


def say(text: str) -> None:
    """Text on standard output, whatever that can encode."""
    stream = sys.stdout
    try:
        stream.write(text.encode(stream.encoding or "utf-8", "replace").decode(stream.encoding or "utf-8"))
        stream.flush()
    except BrokenPipeError:
        silence(stream)
        raise ReaderGone from None
    except OSError as error:
        silence(stream)
        raise OSError(error.errno, error.strerror, "Standard output") from None


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
