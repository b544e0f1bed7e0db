"""The fifth law: sources cleaned again in, every file that comes out otherwise than before out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from cleaner import __version__
from cleaner.config import options_from
from cleaner.folders import MANIFEST, Layout, UsageError
from cleaner.model.options import Options
from cleaner.model.problems import Problem
from cleaner.verification.account import PROV
from cleaner.verification.case import HASH
from cleaner.verification.corpus import parts_of
from cleaner.verification.pieces import pieces_of
from cleaner.verification.records import Records


def files_come_out_the_same(output: Path, sources: Sequence[Path]) -> Iterator[Problem]:
    """Law 5: the same sources and options give the same bytes.

    Raises UsageError where the output was written by another version, which need not give the same.
    """
    from cleaner.pipeline import run

    pieces = {piece.name: piece.value for piece in pieces_of(output / MANIFEST) if not piece.in_list}
    if pieces["tool"]["version"] != __version__:
        raise UsageError(
            f"{output} was written by version {pieces['tool']['version']}; this is {__version__}, and can't tell what that one would write."
        )
    with tempfile.TemporaryDirectory(prefix="clean-again-") as scratch, closing(Records()) as before:
        fresh = Path(scratch, "out")
        for piece in pieces_of(output / MANIFEST):
            if piece.name == "outputs":
                before.add_bytes("output", piece.value["path"], piece.data)
        run(
            sources,
            fresh,
            _options(output, pieces["options"]),
            prov=bool(before.count("output", [PROV])),
            layout=_layout(output),
        )
        for piece in pieces_of(fresh / MANIFEST):
            if piece.name == "outputs":
                path = piece.value["path"]
                if before.get_bytes("output", path) != piece.data:
                    yield Problem(HASH, f"{path} comes out otherwise when the sources are cleaned again.", path)
                before.add_bytes("again", path, b"null")
        for path, _ in before.each("output"):
            if not before.count("again", [path]):
                yield Problem(HASH, f"{path} does not come out when the sources are cleaned again.", path)
        if (fresh / MANIFEST).read_bytes() != (output / MANIFEST).read_bytes():
            yield Problem(HASH, f"{MANIFEST} comes out otherwise when the sources are cleaned again.", MANIFEST)


def _layout(output: Path) -> Layout:
    if not parts_of(output):
        return Layout.FILES
    return Layout.BOTH if (output / "articles").is_dir() else Layout.SHARDS


def _options(output: Path, values: dict[str, Any]) -> Options:
    """The options that a manifest names. Raises UsageError for wrappers and accepted pairs, of which it has the names only."""
    if values.pop("wrapper", ()):
        raise UsageError(
            f"{output} was written with wrappers of a configuration file, and can't be cleaned again without it."
        )
    if values.pop("accept", ()):
        raise UsageError(
            f"{output} was written with accepted pairs of a configuration file, and can't be cleaned again without it."
        )
    return options_from(values, output / MANIFEST)
