"""Clean a folder of messy articles into one canonical document per story, with proof of where every character came from.

The tour, in the order in which text flows:

- `folders` finds and reads sources; `stages.decode` makes text of bytes.
- `stages.extract` makes blocks of text, Markdown, HTML and JSON; every block knows its source spans (`model.text`).
- `stages.repair` mends, `stages.trim` drops boilerplate, `stages.unrepeat` drops what stands twice.
- `stages.fingerprint`, `propose`, `confirm`, `cluster` and `elect` find the documents that are one story, and choose the one to keep.
- `stages.write` renders articles and the account of every character; `reports` renders the report; `folders` swaps the result in.
- `verification` and `explanation` read an output folder anew: whether its account holds, and where a line came from or went.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cleaner.model.options import Keep, Options
from cleaner.model.policy import Policy
from cleaner.model.problems import Place, Problem, Severity
from cleaner.model.text import Span

if TYPE_CHECKING:
    from cleaner.explanation import Explanation
    from cleaner.pipeline import Cleaning

__version__ = "0.1.0"
__all__ = ["Keep", "Options", "Place", "Policy", "Problem", "Severity", "Span", "check", "clean", "explain", "verify"]


def clean(
    paths: Iterable[str | Path] | str | Path,
    output: str | Path | None = None,
    options: Options | None = None,
    *,
    prov: bool = False,
) -> Cleaning:
    """Clean the files and folders `paths` into the folder `output`; with no output nothing is written, and the result holds the articles.

    With `prov` the account is written in the words of the W3C too: provenance.jsonld.

    Raises `cleaner.folders.UsageError` where a path does not exist or the output would overwrite what is not ours.
    """
    from cleaner.cache import default_folder
    from cleaner.pipeline import run

    place = Path(output) if output is not None else None
    return run(_paths(paths), place, options or Options(), cache_folder=default_folder(), prov=prov)


def check(
    paths: Iterable[str | Path] | str | Path,
    against: Iterable[str | Path] | str | Path = (),
    options: Options | None = None,
    policy: Policy | None = None,
) -> list[Problem]:
    """What is wrong with the files and folders `paths`, by themselves and against the folders of sources or output folders `against`.

    The problems are in the order of their places; each has the line and column of its file, and for a duplicate its `twin`. Sources are named by
    their paths from the working directory. Raises `cleaner.folders.UsageError` where a path does not exist.
    """
    from cleaner.pipeline.checking import check

    checked = check(_paths(paths), _paths(against), options or Options(), policy or Policy())
    return [found.problem for found in checked.findings]


def verify(path: str | Path, sources: Iterable[str | Path] | str | Path = (), *, again: bool = False) -> list[Problem]:
    """Every breach of the laws in the output folder `path`, with `sources`, the files and folders that were cleaned, against these too; none: they hold.

    With `again` the sources are cleaned again, and every byte of the output is compared.

    Raises `cleaner.folders.UsageError` where there is nothing to check.
    """
    from cleaner.verification import verify

    return verify(Path(path), _paths(sources), again=again)


def explain(path: str | Path, where: str, sources: Iterable[str | Path] | str | Path = ()) -> Explanation | None:
    """Where a line of an article in the output folder `path` came from (`articles/x.md:LINE`), or where a line of a source went (`SOURCE:LINE`).

    None where nothing stands there. With `sources`, the files and folders that were cleaned, the answer quotes them.

    Raises `cleaner.folders.UsageError` for an output that is not ours and a `where` that has not this form.
    """
    from cleaner.explanation import explain

    return explain(Path(path), where, _paths(sources))


def _paths(given: Iterable[str | Path] | str | Path) -> list[Path]:
    return [Path(path) for path in ([given] if isinstance(given, str | Path) else given)]
