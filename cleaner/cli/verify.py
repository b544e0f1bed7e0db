"""`clean verify`: the five laws proved on an output folder."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.cli.terminal import FINDINGS, OK, PATHS, printable, say, wants_color


@click.command()
@click.argument("output", type=PATHS, metavar="OUT")
@click.option(
    "--sources",
    multiple=True,
    type=PATHS,
    metavar="DIR",
    help="The sources that OUT was made from (repeatable); without them the texts can't be compared.",
)
@click.option(
    "--again",
    is_flag=True,
    help="Clean the sources again, and compare every byte: as long as a run, and nothing is left unseen.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but problems.")
def verify(output: Path, sources: tuple[Path, ...], again: bool, quiet: bool) -> int:
    """Prove the five laws on an output folder: nothing lost, nothing invented, nothing twice, evidence for all, the same bytes.

    Exit code 0 if they hold; 1 if not; 2 if it can't be checked.
    """
    from cleaner.reports.terminal import render_problems
    from cleaner.verification import verify as verify_output

    problems = verify_output(output, sources, again=again)
    if problems:
        say(render_problems(problems, color=wants_color("auto")))
    elif not quiet:
        say(
            f"{printable(output)}: the account holds{'' if sources else '; the sources were not compared (--sources)'}.\n"
        )
    return FINDINGS if problems else OK
