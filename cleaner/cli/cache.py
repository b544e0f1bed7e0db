"""`clean cache`: what the cache holds, shown, pruned or cleared."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.cli.terminal import OK, PATHS, say
from cleaner.folders import UsageError


@click.command()
@click.argument("action", type=click.Choice(["show", "prune", "clear"]), default="show")
@click.option(
    "--cache-dir", type=PATHS, metavar="DIR", help="The cache in this folder, not in the place of the system."
)
@click.option(
    "--max-megabytes",
    type=click.IntRange(0),
    metavar="N",
    help="prune: let go what was not used for longest, until the cache is below this.  [default: 4096]",
)
def cache(action: str, cache_dir: Path | None, max_megabytes: int | None) -> int:
    """Show what earlier runs left for the next one, prune it, or clear it. Nothing of it is needed: a run makes it again."""
    from cleaner.cache import MAX_BYTES, Cache, clear, default_folder

    folder = cache_dir or default_folder()
    if action == "clear":
        clear(folder)
        say(f"{folder}: the cache is empty.\n")
        return OK
    found = Cache(folder)
    gone = found.prune(MAX_BYTES if max_megabytes is None else max_megabytes << 20) if action == "prune" else 0
    contents = found.contents()
    found.close()
    if contents is None:
        raise UsageError(
            f"{folder}: the cache can't be used. See to its permissions, or name another with --cache-dir."
        )
    pruned = f"{_megabytes(gone)} MB went; " if action == "prune" else ""
    say(f"{folder}: {pruned}{contents.entries:,} entries, {_megabytes(contents.size)} MB.\n")
    return OK


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):,.1f}"
