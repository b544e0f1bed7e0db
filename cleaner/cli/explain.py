"""`clean explain`: where a line came from, or where it went and why."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.cli.terminal import OK, PATHS, NothingThere, say


@click.command()
@click.argument("output", type=PATHS, metavar="OUT")
@click.argument("where", metavar="WHERE")
@click.option(
    "--sources",
    multiple=True,
    type=PATHS,
    metavar="DIR",
    help="The sources that OUT was made from (repeatable): the answer then quotes them.",
)
@click.option("--json", "as_json", is_flag=True, help="The answer for programs.")
def explain(output: Path, where: str, sources: tuple[Path, ...], as_json: bool) -> int:
    """Say where a line came from (WHERE is articles/x.md:LINE), or where it went and why (SOURCE:LINE).

    Exit code 0; 1 if nothing is there; 2 for a wrong use.
    """
    import json

    from cleaner.explanation import explain as explain_place

    answer = explain_place(output, where, sources)
    if answer is None:
        raise NothingThere(
            f"{where}: nothing is known of this place. Is it a line of an article in {output}, or of one of its sources?"
        )
    say(json.dumps(answer.as_json(), ensure_ascii=False, indent=2) + "\n" if as_json else answer.text() + "\n")
    return OK
