"""The corpus that new files are checked against: a folder of sources, or an output folder of ours by its index."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cleaner import folders
from cleaner.folders import INDEX, Input, UsageError
from cleaner.model.documents import Document
from cleaner.model.duplicates import Fingerprint
from cleaner.model.options import Options
from cleaner.pipeline.noting import tasks
from cleaner.pipeline.spool import Stock

if TYPE_CHECKING:
    from cleaner.pipeline.checking import Inspected
    from cleaner.stages.index import Index

# So few inputs of an output folder are looked for to tell whether a file is one of them.
MAX_LOOKED_FOR = 64


@dataclass(frozen=True)
class Shown:
    """A document of the corpus, and the file that it was read from; `output` is the output folder that this is an article of."""

    found: Inspected
    path: Path
    output: Path | None

    @property
    def fingerprint(self) -> Fingerprint:
        if self.found.fingerprint is None:
            raise ValueError(f"{self.path} gave no document")
        return self.found.fingerprint

    def is_file(self, real: str) -> bool:
        """Whether it is, or was made of, the file at this real path."""
        if os.path.realpath(self.path) == real:
            return True
        return self.output is not None and any(
            _is_source(name.partition("#")[0], Path(real), self.output) for name in self.found.article.origins
        )


class Shelf(Protocol):
    """The documents of a corpus by number."""

    def candidates(self, document: Document, fingerprint: Fingerprint) -> Iterator[int]: ...

    def row(self, number: int) -> Shown: ...

    def close(self) -> None: ...


def opened(path: Path, options: Options) -> Shelf:
    """The shelf at a path. Raises UsageError where there is none."""
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder to check against.")
    if path.is_dir() and folders.is_ours(path):
        if (path / folders.PART_OF_CORPUS).parent.is_dir() and not (path / "articles").is_dir():
            raise UsageError(
                f"{path} holds its texts in parts only. To check against it, run `clean` again with --layout both."
            )
        if (path / INDEX).is_file():
            return IndexShelf(path, options)
        return FolderShelf(path / "articles", options, output=path)
    return FolderShelf(path, options)


def _inspected_file(item: Input, options: Options) -> list[Inspected]:
    from cleaner.pipeline.checking import inspect

    return [found for unit in folders.read(item, options) for found in inspect(unit, options) if found.document]


def _is_source(name: str, real: Path, output: Path) -> bool:
    """Whether the file is the source `name` of the output: its path ends so, and most other sources are where they would be then."""
    steps = Path(name).parts
    if not steps or real.parts[-len(steps) :] != steps:
        return False
    root = Path(*real.parts[: -len(steps)])
    names = _sources(output)
    return 2 * sum((root / other).exists() for other in names) >= len(names)


def _sources(output: Path) -> list[str]:
    """Some names of the inputs of an output folder."""
    import json

    try:
        entries = json.loads((output / folders.MANIFEST).read_bytes())["inputs"]
        names = sorted({str(entry["source"]).partition("#")[0] for entry in entries})
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return names[:: max(1, len(names) // MAX_LOOKED_FOR)]


class FolderShelf:
    """A folder of sources, or the articles of a small output: every document is read, and compared by sketches where there are many."""

    def __init__(self, path: Path, options: Options, output: Path | None = None) -> None:
        from cleaner.pipeline.checking import file_of, read, shown_inputs

        self.options, self.output = options, output
        self.spool: Stock[Shown] = Stock()
        self.fingerprints: list[Fingerprint] = []
        if output is not None and not path.is_dir():
            return
        inputs = [item for item in shown_inputs([path], options) if not item.skipped]
        paths = {item.source: item.place for item in inputs}
        for found in read(tasks(inputs, options), options):
            if found.fingerprint is not None:
                self.spool.add(Shown(replace(found, findings=()), Path(paths[file_of(found.path, paths)]), output))
                self.fingerprints.append(found.fingerprint)

    @cached_property
    def index(self) -> Index | None:
        from cleaner.stages.propose import needs_sketches

        if not needs_sketches(len(self.fingerprints)):
            return None
        from cleaner.stages.fingerprint import sketch
        from cleaner.stages.index import Entry, Index, build_index

        entries = [
            Entry("", replace(found, sketch=sketch(self.spool.get(number).found.article, self.options)))
            for number, found in enumerate(self.fingerprints)
        ]
        return Index(build_index(entries, self.options.shingle_words, self.options.signature_size))

    def candidates(self, document: Document, fingerprint: Fingerprint) -> Iterator[int]:
        if self.index is None:
            yield from range(len(self.fingerprints))
            return
        from cleaner.stages.fingerprint import sketch

        yield from self.index.candidates(replace(fingerprint, sketch=sketch(document, self.options)))

    def row(self, number: int) -> Shown:
        return self.spool.get(number)

    def close(self) -> None:
        self.spool.close()


class IndexShelf:
    """An output folder of ours: its index proposes, and only the articles that it proposes are read."""

    def __init__(self, output: Path, options: Options) -> None:
        from cleaner.stages.index import Index

        self.output, self.options = output, options
        try:
            with (output / INDEX).open("rb") as stream:
                data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            self.index = Index(memoryview(data))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{output / INDEX}: the index can't be used: {error}. Run `clean` again.") from error

    def candidates(self, document: Document, fingerprint: Fingerprint) -> Iterator[int]:
        from cleaner.stages.fingerprint import sketch

        options = replace(
            self.options, shingle_words=self.index.shingle_words, signature_size=self.index.signature_size
        )
        yield from self.index.candidates(replace(fingerprint, sketch=sketch(document, options)))

    def row(self, number: int) -> Shown:
        from cleaner.pipeline.checking import shown_path

        path = self.output / self.index.names[number]
        if not path.is_file():
            raise UsageError(f"{path}: the index names this article, but it is not there. Run `clean` again.")
        found = _inspected_file(Input(shown_path(path), str(path)), self.options)
        if not found:
            raise UsageError(f"{path}: this article can't be read. Run `clean` again.")
        return Shown(found[0], path, self.output)

    def close(self) -> None:
        """The map of the file goes with the process; views of it are still about."""
