"""The first pass in any process: files in, prepared documents into the spool, and of each a note of about a kilobyte out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from cleaner import folders
from cleaner.engines.local import LocalEngine, Lost
from cleaner.folders import Input, Unit
from cleaner.model.duplicates import Fingerprint
from cleaner.model.options import Options
from cleaner.model.problems import Problem
from cleaner.pipeline.preparing import Failed, Prepared, prepare
from cleaner.pipeline.spool import Place, Spool, packed, unpacked
from cleaner.rules import severity

if TYPE_CHECKING:
    from cleaner.model.duplicates import Sketch
    from cleaner.stages.unrepeat import Repeat


class Origin(NamedTuple):
    """The file that a document came from: its hash and size. They change with every record of the file, so nothing prepared holds them."""

    sha256: str
    size: int


class Tally(NamedTuple):
    """How many lines a source adds to the sections of the report."""

    repeats: int
    meant: int
    problems: dict[str, int]


class Note(NamedTuple):
    """What the parent process keeps of a document: where its prepared form, its lines of the report, its sketch and the hashes of its blocks are in the spool, and its identity."""

    fingerprint: Fingerprint
    title: str
    identity: str
    origin: Origin
    prepared: Place
    lines: Place
    sketch: Place | None
    blocks: Place
    tally: Tally


class FailedNote(NamedTuple):
    """The same of a source that gave no document."""

    source: str
    lines: Place
    tally: Tally


@dataclass(frozen=True, slots=True)
class Task:
    """A file to be read where it is worked on, or a piece of a large file of records; `size` in bytes."""

    work: Input | Unit
    size: int


def tasks(wanted: list[Input], options: Options) -> Iterator[Task]:
    """The work of the first pass. A large file is read here, once, and cut into pieces for several processes if it holds records."""
    for item in wanted:
        size = folders.size_of(item)
        if size <= folders.SMALL_FILE_BYTES:
            yield Task(item, size)
        else:
            yield from (Task(unit, len(unit.data)) for unit in folders.read(item, options))


@dataclass(slots=True)
class Noting:
    """The kernel of the first pass."""

    options: Options
    sketched: bool
    spool: Spool

    def __call__(self, task: Task) -> list[Note | FailedNote]:
        units = folders.read(task.work, self.options) if isinstance(task.work, Input) else [task.work]
        return [note for unit in units for note in self._notes(unit)]

    def close(self) -> None:
        self.spool.close()

    def _notes(self, unit: Unit) -> Iterator[Note | FailedNote]:
        for found in prepare(unit, self.options, sketched=self.sketched):
            yield failed_note(found, self.spool) if isinstance(found, Failed) else self._note(found)

    def _note(self, found: Prepared) -> Note:
        from cleaner.stages.share import block_hashes
        from cleaner.stages.write.text import plain_text

        fingerprint = found.fingerprint
        text = plain_text(found.document.blocks).text.text
        return Note(
            replace(fingerprint, sketch=None),
            found.document.metadata.title,
            sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16],
            Origin(found.sha256, found.size),
            self.spool.add(packed(replace(found, sha256="", size=0))),
            self.spool.add(orjson.dumps(report_lines(found))),
            self.spool.add(sketch_bytes(fingerprint.sketch)) if fingerprint.sketch else None,
            self.spool.add(block_hashes(found.document)),
            Tally(
                sum(not repeat.meant for repeat in found.repeats),
                sum(bool(repeat.meant) for repeat in found.repeats),
                severities(found),
            ),
        )


def rescued(lost: Lost, kernel: Noting) -> Iterator[Note | FailedNote]:
    """What can be had of a task that processes died of: of a file of records, all but the records that are to blame."""
    work = lost.item.work
    units = list(folders.read(work, kernel.options)) if isinstance(work, Input) else [work]
    pieces = [piece for unit in units for piece in folders.single_records(unit)]
    if len(pieces) < 2:
        yield _lost_note(pieces[0], lost, kernel.spool)
        return
    with LocalEngine(1, isolated=True) as engine:
        found = engine.mapped(kernel, (Task(piece, len(piece.data)) for piece in pieces), lambda task: task.size)
        for piece, result in zip(pieces, found, strict=True):
            if isinstance(result, Lost):
                yield _lost_note(piece, result, kernel.spool)
            else:
                yield from result


def _lost_note(unit: Unit, lost: Lost, spool: Spool) -> FailedNote:
    source = f"{unit.source}#{unit.first_line}" if unit.form in folders.BY_LINE else unit.source
    problem = lost_problem(source, lost)
    return failed_note(Failed(source, "", "", unit.sha256, unit.size, (problem,)), spool)


def lost_problem(source: str, lost: Lost) -> Problem:
    """What became of an input that processes died of."""
    if lost.overran:
        message = "It took more processor time than an input is given. Look at what is odd in it. Skipped."
        return Problem("ENC012", message, source)
    message = f"The process that read it ended {lost.how}, and so did a second one. Look at what is odd in it, or give more memory. Skipped."
    return Problem("ENC011", message, source)


def prepared_at(spool: Spool, place: Place, origin: Origin, number: int) -> Prepared:
    """A prepared document out of the spool, with its file and its number."""
    found: Prepared = unpacked(spool.get(place))
    return replace(found, sha256=origin.sha256, size=origin.size, fingerprint=replace(found.fingerprint, number=number))


def failed_note(found: Failed, spool: Spool) -> FailedNote:
    return FailedNote(found.source, spool.add(orjson.dumps(report_lines(found))), Tally(0, 0, severities(found)))


def skipped_note(item: Input, spool: Spool) -> FailedNote:
    lines = {"entry": {**_entry(item.source, "", 0, "", "", "skipped"), "why": item.skipped}}
    return FailedNote(item.source, spool.add(orjson.dumps(lines)), Tally(0, 0, {}))


def severities(found: Prepared | Failed) -> dict[str, int]:
    return dict(Counter(severity(problem.rule).value for problem in found.problems))


def sketch_bytes(sketch: Sketch) -> bytes:
    return sketch.signature.tobytes() + sketch.sample.tobytes()


def sketch_at(spool: Spool, place: Place, signature_size: int) -> Sketch:
    import numpy as np

    from cleaner.model.duplicates import Sketch

    data = spool.get(place)
    return Sketch(
        np.frombuffer(data, np.uint32, signature_size), np.frombuffer(data, np.uint64, offset=4 * signature_size)
    )


def report_lines(found: Prepared | Failed) -> dict[str, Any]:
    """What the report and the manifest say of one source, but for what became of it."""
    from cleaner.stages.report import problem_entry

    problems = [problem_entry(problem) for problem in found.problems]
    if isinstance(found, Failed):
        entry = _entry(found.source, found.sha256, found.size, found.format, found.encoding, "failed")
        return {"entry": entry, "problems": problems}
    document = found.document
    entry = _entry(document.source, "", 0, document.format, found.encoding, "")
    return {
        "entry": {**entry, "characters": sum(len(field.text) for field in document.fields)},
        "problems": problems,
        "repeats": [_repeat(document.source, repeat) for repeat in found.repeats if not repeat.meant],
        "meant": [_repeat(document.source, repeat) for repeat in found.repeats if repeat.meant],
    }


def _entry(source: str, digest: str, size: int, form: str, encoding: str, status: str) -> dict[str, Any]:
    return {
        "source": source,
        "sha256": digest,
        "bytes": size,
        "format": form,
        "encoding": encoding,
        "status": status,
        "documents": [],
    }


def _repeat(source: str, repeat: Repeat) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "source": source,
        "dropped": {
            "source": source,
            "pointer": repeat.dropped.pointer,
            "start": repeat.dropped.start,
            "end": repeat.dropped.end,
        },
        "kept_at": {
            "source": source,
            "pointer": repeat.kept_at.pointer,
            "start": repeat.kept_at.start,
            "end": repeat.kept_at.end,
        },
        "similarity": repeat.similarity / 100,
        "text": repeat.text,
    }
    if repeat.meant:
        entry["why"] = repeat.meant
    return entry
