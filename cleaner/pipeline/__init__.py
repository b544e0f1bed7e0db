"""The stages in their order: sources in, canonical documents, their accounts and the report out. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner import folders
from cleaner.cache import MAX_BYTES, Cache, program
from cleaner.engines import Engine, Lost, whole
from cleaner.engines.local import LocalEngine
from cleaner.folders import Input, Layout, Writer, Written
from cleaner.model.duplicates import Cluster, Member, Pair, Sketch
from cleaner.model.options import Acceptance, Options
from cleaner.model.problems import Problem
from cleaner.model.rows import Rows
from cleaner.pipeline.book import Book, Findings
from cleaner.pipeline.comparing import BYTES_OF_WORK, PAIRS_AT_ONCE, Comparing, Pairs, chunks
from cleaner.pipeline.noting import FailedNote, Note, Noting, remote_tasks, rescued, sketch_at, tasks, words_at
from cleaner.pipeline.rendering import Made, Rendering, Sharding, order, shards
from cleaner.pipeline.spool import Places, Spool
from cleaner.pipeline.templating import Cutting, Told, marked
from cleaner.rules import RULE_OF

if TYPE_CHECKING:
    from cleaner.stages.propose import Share

# In a run of more files or bytes than this the processes that read them make the sketches too.
MAX_UNSKETCHED_FILES = 12
MAX_SMALL_BYTES = 1 << 20
# And a run of more than this asks the cache: to open it takes as long as to clean a few dozen files.
MAX_UNCACHED_FILES = 64
# So many files are looked for by another machine before it works on any.
WITNESSES = 8

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Cleaning:
    """What a run made: the articles by their names (where nothing was written), the report and the problems.

    `lines` is the report with its long lists left on disk, as `Rows`; `idle` are the entries of `accept` that keep no pair apart, though their files are there.
    """

    lines: dict[str, Any]
    articles: dict[str, str]
    book: Book
    idle: tuple[Acceptance, ...] = ()

    @property
    def report(self) -> dict[str, Any]:
        """The report, as in report.json, in memory."""
        return {name: list(member) if isinstance(member, Rows) else member for name, member in self.lines.items()}

    @property
    def problems(self) -> list[Problem]:
        return self.book.problems()

    @property
    def failed(self) -> bool:
        """Whether any input could not be converted."""
        return bool(self.lines["summary"]["failed"])


def run(
    paths: Iterable[Path],
    output: Path | None,
    options: Options,
    *,
    force: bool = False,
    write: bool = True,
    cache_folder: Path | None = None,
    prov: bool = False,
    layout: Layout = Layout.FILES,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Cleaning:
    """Clean the files below `paths` into `output`, in `layout` (written only if `write`; with `prov`, provenance.jsonld too). Raises folders.UsageError for a wrong use.

    In `cache_folder` lies what earlier runs made; small runs do without, and so do all without one. `engine` is where the work is done, if not in processes of
    this machine.
    """
    paths = [Path(path) for path in paths]
    if prov and layout is not Layout.FILES:
        raise folders.UsageError(
            "--prov goes with --layout files only: provenance.jsonld is one file about one corpus.jsonl. Leave out one of the two."
        )
    inputs = folders.discover(paths, options)
    if output is not None and write:
        folders.check_output(output, paths, force=force)
    with engine or LocalEngine(options.jobs, cpu_seconds=options.max_cpu_seconds) as working:
        if working.is_remote and output is None:
            raise folders.UsageError(
                "Say with -o where to write: what waits on disk lies beside it, where all machines of the cluster see it."
            )
        # The spool goes when nobody holds the report any more.
        spool = Spool.beside(output if write or working.is_remote else None)
        working.begin([spool.folder, *_witnesses(inputs)])
        cache = _cache(inputs, None if working.is_remote else cache_folder)
        exports = prov and write and output is not None
        job = _Job(inputs, options, working, spool, cache, progress or _silent, layout, exports)
        del inputs
        if output is None or not write:
            cleaning = job.finished(None, collects=write)
        else:
            with folders.swapped_in(output) as writer:
                cleaning = job.finished(writer, collects=False)
        cache.prune(MAX_BYTES)
        cache.close()
        return cleaning


def _silent(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


@dataclass(slots=True)
class _Job:
    """One run: the first pass over all sources, the comparisons, the second pass over all articles."""

    inputs: list[Input]
    options: Options
    engine: Engine
    spool: Spool
    cache: Cache
    progress: Progress
    layout: Layout
    exports: bool

    def finished(self, writer: Writer | None, *, collects: bool) -> Cleaning:
        kernel = self._noting()
        notes, failures = self._first_pass(kernel)
        # Of what was read nothing but the notes is asked for from here on.
        skipped = self.inputs = [item for item in self.inputs if item.skipped]
        told = self._without_templates(notes, kernel)
        pairs = self._pairs(notes)
        clusters = _clusters(notes, pairs, self.options)
        findings = Findings(skipped, self.options, notes, failures, pairs, clusters, told)
        book = Book(findings, self.spool)
        articles: dict[str, str] = {}
        written: list[Written] = []
        rows, accounts, nodes = Places(), Places(), Places()
        paths: list[str] = []
        for made in self._made(findings, book, writer, collects=collects):
            written += made.written
            rows.append(made.row)
            if made.account:
                accounts.append(made.account)
            paths.append(made.path)
            if made.prov:
                nodes.append(made.prov)
            if collects:
                articles[made.path] = made.markdown
        if writer:
            written += self._corpus(writer, rows, accounts)
        book.show(self.engine)
        # What follows is done here, and has the memory of the processes.
        self.engine.close()
        report = book.report()
        if writer:
            if self.exports:
                written.append(self._exported(writer, report["tool"], written[-1].sha256, nodes))
            written += self._write_index(writer, findings, paths)
            _write_report(writer, report, book, written)
        return Cleaning(report, articles, book, self._idle(pairs, notes))

    def _corpus(self, writer: Writer, rows: Places, accounts: Places) -> list[Written]:
        if self.layout is Layout.FILES:
            return [writer.write_lines("corpus.jsonl", map(self.spool.get, rows))]
        found = self.engine.mapped(Sharding(self.spool, writer), shards(rows, accounts), lambda shard: shard.size)
        return [file for files in map(whole, found) for file in files]

    def _exported(self, writer: Writer, tool: dict[str, str], corpus_sha256: str, nodes: Places) -> Written:
        from cleaner.stages.write.prov import document

        return writer.write_lines("provenance.jsonld", document(tool, corpus_sha256, map(self.spool.get, nodes)))

    def _first_pass(self, kernel: Noting) -> tuple[list[Note], list[FailedNote]]:
        wanted = [item for item in self.inputs if not item.skipped]
        notes: list[Note] = []
        failures: list[FailedNote] = []
        is_remote = self.engine.is_remote
        work = remote_tasks(wanted, self.options, self.engine) if is_remote else tasks(wanted, self.options)
        for result in self.engine.mapped(kernel, work, lambda task: task.size):
            for note in rescued(result, kernel) if isinstance(result, Lost) else result:
                if isinstance(note, FailedNote):
                    failures.append(note)
                else:
                    notes.append(note._replace(fingerprint=replace(note.fingerprint, number=len(notes))))
            self.progress("reading", len(notes) + len(failures), len(wanted))
        return notes, failures

    def _noting(self) -> Noting:
        is_small = _is_small(self.inputs, MAX_UNSKETCHED_FILES)
        return Noting(self.options, not is_small, self.exports, self.spool, self.cache)

    def _without_templates(self, notes: list[Note], noting: Noting) -> list[dict[str, Any]]:
        """Put notes of documents without what many articles of their site have at their ends in the place of theirs; what that is."""
        if not self.options.min_template_share:
            return []
        tasks = list(
            marked(notes, lambda number: self.spool.get(notes[number].kept.at("ends")), self.options.min_template_share)
        )
        if not tasks:
            return []
        kernel = Cutting(noting)
        told = Told()
        for task, result in zip(
            tasks, self.engine.mapped(kernel, tasks, lambda task: 3 * task.note.kept.prepared), strict=True
        ):
            found = whole(result)
            notes[found.note.fingerprint.number] = found.note
            told.enter(task, found)
        return told.listed()

    def _pairs(self, notes: list[Note]) -> Pairs:
        pairs = Pairs()
        if len(notes) < 2:
            return pairs
        from cleaner.stages.propose import needs_sketches, propose

        sketches = self._sketch_reader(notes) if needs_sketches(len(notes)) else None
        candidates = propose([note.fingerprint for note in notes], sketches, self._sharing(notes))
        pairs.crowds = candidates.crowds
        done = 0
        kernel = Comparing(self.options, self.spool, self.cache)
        for found in self.engine.mapped(kernel, chunks(candidates, notes), lambda chunk: BYTES_OF_WORK):
            pairs.extend(whole(found))
            done += PAIRS_AT_ONCE
            self.progress("comparing", min(done, len(candidates)), len(candidates))
        pairs.alike = {place: self._accepted(pair, notes) for place, pair in pairs.alike.items()}
        return pairs

    def _sharing(self, notes: list[Note]) -> Share | None:
        """What joins documents by their rare shingles, if their sketches are in the spool."""
        places = [note.kept.at("sketch") for note in notes]
        if not all(place.size for place in places):
            return None
        from cleaner.pipeline.joining import sharing

        return sharing(places, 4 * self.options.signature_size, self.engine, self.spool)

    def _accepted(self, pair: Pair, notes: list[Note]) -> Pair:
        """The pair; where an entry of `accept` names both, nothing is dropped for it, and the two stay linked."""
        rule = RULE_OF[pair.relation]
        sources = notes[pair.a].fingerprint.source, notes[pair.b].fingerprint.source
        is_named = any(len(entry.files) > 1 and entry.covers(rule, *sources) for entry in self.options.accept)
        return replace(pair, drops=()) if is_named else pair

    def _idle(self, pairs: Pairs, notes: list[Note]) -> tuple[Acceptance, ...]:
        """The entries of `accept` about pairs of these documents that fit none."""
        entries = [entry for entry in dict.fromkeys(self.options.accept) if len(entry.files) > 1]
        sources = [note.fingerprint.source for note in notes]
        idle = [entry for entry in entries if entry.is_about(sources)]
        for pair in pairs if idle else ():
            idle = [
                entry for entry in idle if not entry.covers(RULE_OF[pair.relation], sources[pair.a], sources[pair.b])
            ]
        return tuple(idle)

    def _write_index(self, writer: Writer, findings: Findings, paths: list[str]) -> list[Written]:
        """The index that `clean check --against` goes by; a corpus of a handful of documents needs none, and one without articles has no use for it."""
        from cleaner.stages.propose import needs_sketches

        if self.layout is Layout.SHARDS or not needs_sketches(len(findings.notes)):
            return []
        from cleaner.stages.index import Entry, index_pieces

        read = self._sketch_reader(findings.notes)
        kept = [note.fingerprint for note in _kept(findings.notes, findings.clusters)]
        entries = (Entry(path, replace(one, sketch=read(one.number))) for path, one in zip(paths, kept, strict=True))
        pieces = index_pieces(entries, self.options.shingle_words, self.options.signature_size)
        return [writer.write_lines(folders.INDEX, pieces)]

    def _sketch_reader(self, notes: list[Note]) -> Callable[[int], Sketch]:
        """What reads the sketch of a document. Those of a small folder were not made on the way; it may hold many documents all the same."""
        from cleaner.stages.fingerprint import sketched

        def read(number: int) -> Sketch:
            note = notes[number]
            if not note.kept.sketch:
                return sketched(words_at(self.spool, note.kept.at("words")), self.options)
            return sketch_at(self.spool, note.kept.at("sketch"), self.options.signature_size)

        return read

    def _made(self, findings: Findings, book: Book, writer: Writer | None, *, collects: bool) -> Iterator[Made]:
        """The articles, sorted by the names of their sources."""
        from cleaner.stages.write.slug import slugs

        notes = findings.notes
        members: dict[int, list[Member]] = {
            cluster.canonical: [member for member in cluster.members if member.dropped] for cluster in findings.clusters
        }
        kept = _kept(notes, findings.clusters)
        names = slugs([(note.title, note.fingerprint.source, note.identity) for note in kept])
        orders = (
            order(note, [(notes[member.number], member) for member in members.get(note.fingerprint.number, ())], name)
            for note, name in zip(kept, names, strict=True)
        )
        kernel = Rendering(self.options, self.spool, self.cache, writer, self.layout, collects, self.exports)
        found = self.engine.mapped(kernel, orders, lambda wanted: wanted.size)
        for done, (note, made) in enumerate(zip(kept, map(whole, found), strict=True), 1):
            number = note.fingerprint.number
            book.enter(number, [member.number for member in members.get(number, ())], made)
            self.progress("writing", done, len(kept))
            yield made


def _witnesses(inputs: list[Input]) -> list[Path]:
    """Some of the files to be read, from all over the list: whoever sees them sees them all."""
    places = [item.place for item in inputs if not item.skipped]
    return [Path(place) for place in places[:: max(1, len(places) // WITNESSES)]]


def _is_small(inputs: list[Input], max_files: int) -> bool:
    """Whether a run reads no more files than that, and few bytes."""
    wanted = [item for item in inputs if not item.skipped]
    return len(wanted) <= max_files and sum(map(folders.size_of, wanted)) <= MAX_SMALL_BYTES


def _cache(inputs: list[Input], folder: Path | None) -> Cache:
    """The cache, if there is one and the run is large enough to be worth it."""
    if folder is None or _is_small(inputs, MAX_UNCACHED_FILES):
        return Cache(None)
    return Cache(folder, program())


def _clusters(notes: list[Note], pairs: Pairs, options: Options) -> list[Cluster]:
    from cleaner.stages.cluster import cluster
    from cleaner.stages.elect import preference, reason

    return cluster(
        [note.fingerprint for note in notes],
        list(pairs.alike.values()),
        lambda found: preference(found, options.keep),
        lambda kept, dropped: reason(kept, dropped, options.keep),
    )


def _kept(notes: list[Note], clusters: list[Cluster]) -> list[Note]:
    """The canonical documents, sorted by their sources."""
    dropped = {member.number for cluster in clusters for member in cluster.members if member.dropped}
    kept = (note for note in notes if note.fingerprint.number not in dropped)
    return sorted(kept, key=lambda note: note.fingerprint.source)


def _write_report(writer: Writer, report: dict[str, Any], book: Book, written: list[Written]) -> None:
    from cleaner.reports.html import render_html
    from cleaner.reports.json import streamed

    written.append(writer.write_lines("report.json", streamed(report)))
    written.append(writer.write("report.html", render_html(report)))
    writer.write_lines(folders.MANIFEST, streamed(book.manifest(written)))
