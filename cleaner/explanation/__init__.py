"""A line of an article or of a source in, the answer to where it came from or where it went out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from cleaner.explanation.answer import Explanation
from cleaner.explanation.article import article_line
from cleaner.explanation.output import Output
from cleaner.explanation.source import source_line
from cleaner.folders import UsageError
from cleaner.verification.account import MISSHAPEN, read_manifest
from cleaner.verification.corpus import require_articles
from cleaner.verification.sources import Sources

__all__ = ["Explanation", "explain"]

WHERE = re.compile(r"(?P<name>.+):(?P<number>[1-9]\d*)", re.DOTALL)
ARTICLE = re.compile(r"(?:.*/)?(?P<article>articles/[^/]+\.md)", re.DOTALL)


def explain(output: Path, where: str, sources: Iterable[Path] = ()) -> Explanation | None:
    """Where a line of an article came from (`articles/x.md:LINE`), or where a line of a source went and why (`SOURCE:LINE`, `SOURCE#RECORD:LINE`).

    None where nothing stands there. LINE counts the lines of the file, as an editor does. A string in a JSON file or record has lines of its own when it is
    decoded: `SOURCE#POINTER:LINE` asks for one (`a.json#/body_md:3`, `a.jsonl#12/text:3`); and `SOURCE#RECORD:LINE` for one of the record's text. With
    `sources`, the folders that were cleaned, the words and lines of the sources are told; without, offsets, and of a source LINE is taken for one.

    Raises `folders.UsageError` for an output that is not ours and a `where` that has not this form.
    """
    output = Path(output)
    asked = WHERE.fullmatch(where)
    if not asked:
        raise UsageError(f"{where}: expected articles/NAME.md:LINE or SOURCE:LINE, with a line from 1 on.")
    manifest = read_manifest(output)
    require_articles(output, "an explanation")
    name, number = asked["name"], int(asked["number"])
    with closing(Sources(sources)) as found:
        try:
            folder = Output(output, manifest, found)
            article = ARTICLE.fullmatch(name)
            if article and (output / article["article"]).is_file() and name not in folder.inputs:
                return article_line(folder, where, article["article"], number)
            return source_line(folder, where, name, number)
        except (OSError, *MISSHAPEN) as error:
            raise UsageError(
                f"{output}: its files are not as they were written ({type(error).__name__}: {error}). Run `clean verify` on it."
            ) from error
