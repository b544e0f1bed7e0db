"""Clean a folder of messy articles into one canonical document per story, with proof of where every character came from.

The tour, in the order in which text flows:

- `folders` finds and reads sources; `stages.decode` makes text of bytes.
- `stages.extract` makes blocks of text, Markdown, HTML and JSON; every block knows its source spans (`model.text`).
- `stages.repair` mends, `stages.trim` drops boilerplate, `stages.unrepeat` drops what stands twice.
- `stages.fingerprint`, `propose`, `confirm`, `cluster` and `elect` find the documents that are one story, and choose the one to keep.
- `stages.write` renders articles and the account of every character; `reports` renders the report; `folders` swaps the result in.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cleaner.model.options import Keep, Options
from cleaner.model.problems import Problem, Severity
from cleaner.model.text import Span

if TYPE_CHECKING:
    from cleaner.pipeline import Cleaning

__version__ = "0.1.0"
__all__ = ["Keep", "Options", "Problem", "Severity", "Span", "clean"]


def clean(
    paths: Iterable[str | Path] | str | Path, output: str | Path | None = None, options: Options | None = None
) -> Cleaning:
    """Clean the files and folders `paths` into the folder `output`; with no output nothing is written, and the result holds the articles.

    Raises `cleaner.folders.UsageError` where a path does not exist or the output would overwrite what is not ours.
    """
    from cleaner.pipeline import run

    listed = [paths] if isinstance(paths, str | Path) else list(paths)
    return run([Path(path) for path in listed], Path(output) if output is not None else None, options or Options())
