"""The first pass in any process: files in, prepared documents into the spool, and of each a note of about a kilobyte out."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from cleaner import folders
from cleaner.cache import Cache
from cleaner.containers.kinds import suffix_of, unpacked_name
from cleaner.engines import Engine, Lost
from cleaner.engines.local import LocalEngine
from cleaner.folders import Input, Share, Unit
from cleaner.measures.words import words_in
from cleaner.model.documents import Document
from cleaner.model.duplicates import Fingerprint
from cleaner.model.options import Options
from cleaner.model.problems import Problem
from cleaner.pipeline.preparing import Failed, Prepared, bug, prepare
from cleaner.pipeline.spool import COMPRESSION, Place, Spool, joined, packed, parted, unpacked
from cleaner.stages.extract import import_for
from cleaner.stages.share import block_hashes
from cleaner.stages.template import ends_of, site_of

if TYPE_CHECKING:
    from cleaner.model.duplicates import Sketch
    from cleaner.stages.confirm import Head
    from cleaner.stages.unrepeat import Repeat


class Origin(NamedTuple):
    """The file that a document came from: its hash and size. They change with every record of the file, so nothing prepared holds them."""

    sha256: str
    size: int


class Tally(NamedTuple):
    """How many lines a source adds to the sections of the report."""

    repeats: int
    meant: int
    problems: int


NOTHING = Origin("", 0)


class Kept(NamedTuple):
    """Where a document is in the spool: side by side, in one part from `start` on, so many bytes of each that is kept of it.

    These are what the note says of it, its lines of the report, its words, its sketch (of no bytes in a small run), the hashes of its blocks, those of the ones at its ends, its draft, and itself as it was prepared.
    """

    part: int
    start: int
    about: int
    lines: int
    words: int
    sketch: int
    blocks: int
    ends: int
    draft: int
    prepared: int

    def at(self, name: str) -> Place:
        """The place of one of these."""
        number = self._fields.index(name)
        return Place(self.part, self.start + sum(self[FIRST_KEPT:number]), self[number])


FIRST_KEPT = 2


class Stored(NamedTuple):
    """A document in the spool."""

    number: int
    kept: Kept
    origin: Origin
    key: bytes

    def __reduce__(self) -> tuple[Any, ...]:
        # In one row: many go from process to process, and to pickle each of these values by itself takes three times as long.
        return _stored, (self.number, self.key, *self.origin, *self.kept)


def _stored(number: int, key: bytes, sha256: str, size: int, *kept: int) -> Stored:
    return Stored(number, Kept(*kept), Origin(sha256, size), key)


class Note(NamedTuple):
    """What the parent process keeps of a document: where it is in the spool, and its identity.

    `key` is that of the document in the cache; no two documents have the same. `site` is where it is from, as far as it is known.
    """

    fingerprint: Fingerprint
    title: str
    identity: str
    origin: Origin
    kept: Kept
    tally: Tally
    key: bytes
    site: str

    @property
    def lines(self) -> Place:
        return self.kept.at("lines")

    @property
    def stored(self) -> Stored:
        return Stored(self.fingerprint.number, self.kept, self.origin, self.key)


class FailedNote(NamedTuple):
    """The same of a source that gave no document."""

    source: str
    origin: Origin
    lines: Place
    tally: Tally


@dataclass(frozen=True, slots=True)
class Task:
    """A file to be read where it is worked on, what is shared of a large file of records, or a piece of one that was read before; `size` in bytes."""

    work: Input | Share | Unit
    size: int


def tasks(wanted: Iterable[Input], options: Options) -> Iterator[Task]:
    """The work of the first pass for processes of this machine. A large file is read here, once, and cut into pieces for several processes if it holds records."""
    for item in wanted:
        size = folders.size_of(item)
        if size <= folders.SMALL_FILE_BYTES:
            yield Task(item, size)
        else:
            yield from (Task(unit, len(unit.data)) for unit in folders.read(item, options))


def remote_tasks(wanted: Sequence[Input], options: Options, engine: Engine) -> Iterator[Task]:
    """The same for other machines: these read all files, and look first how they can share the large ones."""
    large = [item for item in wanted if folders.size_of(item) > folders.SMALL_FILE_BYTES]
    found = engine.mapped(partial(folders.shares, options=options), large, folders.size_of)
    shared = {item: [] if isinstance(few, Lost) else few for item, few in zip(large, found, strict=True)}
    for item in wanted:
        if few := shared.get(item):
            yield from (Task(share, share.stretch.size) for share in few)
        else:
            yield Task(item, folders.size_of(item))


# Options that the first pass does not ask for: with others, what it made is the same.
LATER_OPTIONS = frozenset(
    "min_jaccard min_similarity min_jaccard_any_order min_containment min_reuse_tokens max_unique_dropped min_document_tokens keep accept include exclude "
    "min_template_share max_file_bytes max_unpacked_bytes max_unpacked_ratio max_members max_nesting max_cpu_seconds jobs".split()
)


def option_bytes(options: Options, without: frozenset[str] = frozenset()) -> bytes:
    """The options that matter, for the key of a cache."""
    return "\n".join(
        f"{name}={getattr(options, name)!r}" for name in options.__dataclass_fields__ if name not in without
    ).encode("utf-8", "surrogatepass")


@dataclass(slots=True)
class Noting:
    """The kernel of the first pass; `exports` asks for drafts with nodes of provenance.jsonld."""

    options: Options
    sketched: bool
    exports: bool
    spool: Spool
    cache: Cache
    option_bytes: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.option_bytes = option_bytes(self.options, LATER_OPTIONS)

    def __call__(self, task: Task) -> list[Note | FailedNote]:
        return [note for unit in units_of(task.work, self.options) for note in self._notes(unit)]

    def warm(self, tasks: Sequence[Task]) -> None:
        """Import what such files are read with, and what proposes pairs in any case."""
        sources = (task.work.source for task in tasks if not isinstance(task.work, Share))
        for suffix in {suffix_of(unpacked_name(source)) for source in sources}:
            import_for(suffix)
        if self.sketched:
            import cleaner.measures.minhash  # noqa: F401

    def close(self) -> None:
        self.spool.close()
        self.cache.close()
        if self.sketched:
            from cleaner.measures.minhash import WORD_HASHES

            # Nothing is hashed behind the first pass but what templates are cut out of.
            WORD_HASHES.clear()

    def _notes(self, unit: Unit) -> list[Note | FailedNote]:
        origin = Origin(unit.sha256, unit.size)
        key = b"" if unit.problem else self._key(unit)
        known = None if unit.problem else self.cache.get([key]).get(key)
        if known is not None:
            kept = parted(known)
        else:
            found = prepare(unit, self.options, sketched=self.sketched)
            kept = [self._kept_or_bug(unit, one, _numbered(key, number)) for number, one in enumerate(found)]
            if not unit.problem:
                self.cache.put(key, joined(kept))
        return [self.noted(one, origin, _numbered(key, number)) for number, one in enumerate(kept)]

    def _key(self, unit: Unit) -> bytes:
        """What a unit is made into follows from its name, its bytes, how they are to be read, and the options."""
        names = (unit.source, unit.suffix, unit.form.value, unit.address)
        return self.cache.key(
            "prepared",
            self.option_bytes,
            b"%d %d %d" % (self.sketched, self.exports, unit.first_line),
            *(name.encode("utf-8", "surrogatepass") for name in names),
            unit.head,
            unit.data,
        )

    def _kept_or_bug(self, unit: Unit, found: Prepared | Failed, key: bytes) -> list[bytes]:
        try:
            return self.kept(found, key)
        except (OSError, MemoryError, ImportError):
            raise
        except Exception as error:
            # As in `prepare`: it costs the document and no other.
            source = found.source if isinstance(found, Failed) else found.document.source
            return self.kept(bug(unit, source, error), key)

    def kept(self, found: Prepared | Failed, key: bytes) -> list[bytes]:
        """What is kept of a source in the spool and in the cache: the parts of `Kept`; of one that failed what its note says, and the lines of the report."""
        lines = orjson.dumps(report_lines(found))
        if isinstance(found, Failed):
            return [orjson.dumps({"source": found.source, "tally": tuple(Tally(0, 0, len(found.problems)))}), lines]
        from cleaner.pipeline.drafting import drafted
        from cleaner.stages.confirm import head_of

        draft = drafted((key, found), (), self.options.shingle_words, exported=self.exports)
        fingerprint = found.fingerprint
        meant = sum(bool(repeat.meant) for repeat in found.repeats)
        about = {
            "fingerprint": [
                getattr(fingerprint, name) for name in fingerprint.__dataclass_fields__ if name != "sketch"
            ],
            "head": tuple(head_of(found.document)),
            "site": site_of(found.document.metadata),
            "identity": orjson.loads(draft.about)["id"],
            "tally": tuple(Tally(len(found.repeats) - meant, meant, len(found.problems))),
        }
        prepared = replace(found, sha256="", size=0, fingerprint=replace(fingerprint, sketch=None))
        return [
            orjson.dumps(about),
            lines,
            words_bytes(found.document),
            sketch_bytes(fingerprint.sketch) if fingerprint.sketch else b"",
            block_hashes(found.document),
            ends_of(found.document),
            draft.packed(),
            packed(prepared),
        ]

    def noted(self, kept: list[bytes], origin: Origin, key: bytes) -> Note | FailedNote:
        """The note of a document whose parts go into the spool."""
        about = orjson.loads(kept[0])
        tally = Tally(*about["tally"])
        if "fingerprint" not in about:
            return FailedNote(about["source"], origin, self.spool.add(kept[1]), tally)
        place = self.spool.add(b"".join(kept))
        sizes = Kept(place.part, place.start, *map(len, kept))
        fingerprint = Fingerprint(*about["fingerprint"])
        return Note(fingerprint, about["head"][0], about["identity"], origin, sizes, tally, key, about["site"])


def _numbered(key: bytes, number: int) -> bytes:
    """The key of one of the documents of a unit."""
    return b"%b%d" % (key, number)


def units_of(work: Input | Share | Unit, options: Options) -> Iterable[Unit]:
    """What the work of a task is read to."""
    return [work] if isinstance(work, Unit) else folders.read(work, options)


def rescued(lost: Lost, kernel: Noting) -> Iterator[Note | FailedNote]:
    """What can be had of a task that processes died of: of a file of records, all but the records that are to blame."""
    units = units_of(lost.item.work, kernel.options)
    pieces = [piece for unit in units for piece in folders.single_records(unit)]
    if len(pieces) < 2:
        yield _lost_note(pieces[0], lost, kernel.spool)
        return
    with LocalEngine(1, isolated=True, cpu_seconds=kernel.options.max_cpu_seconds) as engine:
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
        message = "It took more processor time than an input is given. Look at what is odd in it, or raise max_cpu_seconds. Skipped."
        return Problem("ENC012", message, source)
    message = f"The process that read it ended {lost.how}, and so did a second one. Look at what is odd in it, or give more memory. Skipped."
    return Problem("ENC011", message, source)


def fingerprint_at(spool: Spool, place: Place, number: int) -> tuple[Fingerprint, Head]:
    """The fingerprint of a document out of what its note says, with its number; and what the document is headed by."""
    from cleaner.stages.confirm import Head

    about = orjson.loads(spool.get(place))
    return replace(Fingerprint(*about["fingerprint"]), number=number), Head(*about["head"])


def prepared_at(spool: Spool, place: Place, origin: Origin, number: int) -> Prepared:
    """A prepared document out of the spool, with its file and its number."""
    found = unpacked(spool.get(place))
    return replace(found, sha256=origin.sha256, size=origin.size, fingerprint=replace(found.fingerprint, number=number))


def failed_note(found: Failed, spool: Spool) -> FailedNote:
    lines = spool.add(orjson.dumps(report_lines(found)))
    return FailedNote(found.source, Origin(found.sha256, found.size), lines, Tally(0, 0, len(found.problems)))


def skipped_note(item: Input, spool: Spool) -> FailedNote:
    lines = {"entry": {**_entry(item.source, "", "", "skipped"), "why": item.skipped}}
    return FailedNote(item.source, NOTHING, spool.add(orjson.dumps(lines)), Tally(0, 0, 0))


def words_bytes(document: Document) -> bytes:
    """The words of a document as the comparison needs them; none holds a space."""
    return zlib.compress(" ".join(words_in(document)).encode("utf-8", "surrogatepass"), COMPRESSION)


def words_at(spool: Spool, place: Place) -> list[str]:
    text = zlib.decompress(spool.get(place)).decode("utf-8", "surrogatepass")
    return text.split(" ") if text else []


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
        entry = _entry(found.source, found.format, found.encoding, "failed")
        return {"entry": entry, "problems": problems}
    document = found.document
    entry = _entry(document.source, document.format, found.encoding, "")
    return {
        "entry": {**entry, "characters": sum(len(field.text) for field in document.fields)},
        "problems": problems,
        "repeats": [_repeat(document.source, repeat) for repeat in found.repeats if not repeat.meant],
        "meant": [_repeat(document.source, repeat) for repeat in found.repeats if repeat.meant],
    }


def _entry(source: str, form: str, encoding: str, status: str) -> dict[str, Any]:
    """An input of the manifest; the hash and size of its file are put in when it is written."""
    return {
        "source": source,
        "sha256": "",
        "bytes": 0,
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
