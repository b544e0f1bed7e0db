"""The stages in their order: sources in, canonical documents, their accounts and the report out. Nothing is decided here."""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from cleaner import folders
from cleaner.engines.local import mapped
from cleaner.folders import Input, Unit, Writer
from cleaner.model.documents import Document
from cleaner.model.duplicates import Cluster, Fingerprint, Pair
from cleaner.model.options import Options
from cleaner.model.problems import Problem, placed
from cleaner.rules import severity
from cleaner.stages.decode import decode
from cleaner.stages.extract import extract
from cleaner.stages.repair import repair
from cleaner.stages.review import review
from cleaner.stages.trim import trim
from cleaner.stages.unrepeat import Repeat, followed, unrepeat

if TYPE_CHECKING:
    from cleaner.stages.write.ledger import Place
    from cleaner.stages.write.text import PlainText

# What one stage drops may lay bare more for the other; cleaning the cleaned must change nothing.
MAX_ROUNDS = 8
# Documents that the exact comparison has at hand; candidates are sorted, so the same ones come again and again.
MAX_RECENT = 256

# In a run of more files than this the processes that read them make the sketches too.
MAX_UNSKETCHED_FILES = 12

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document after the first pass, with all that the second needs of it."""

    document: Document
    encoding: str
    sha256: str
    size: int
    repeats: tuple[Repeat, ...]
    problems: tuple[Problem, ...]
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Failed:
    """A source that gave no document, and why."""

    source: str
    format: str
    encoding: str
    sha256: str
    size: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Cleaning:
    """What a run made: the report (as in report.json), the articles by their names, and the problems."""

    report: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    articles: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether any input could not be converted."""
        return bool(self.report["summary"]["failed"])


def prepare(unit: Unit, options: Options, *, sketched: bool) -> list[Prepared | Failed]:
    """The first pass over one unit: decode, extract, repair, trim, unrepeat, fingerprint."""
    if unit.problem:
        return [Failed(unit.source, "", "", unit.sha256, unit.size, (unit.problem,))]
    decoded = decode(unit.data, unit.source)
    if any(severity(problem.rule) == "error" for problem in decoded.problems):
        return [Failed(unit.source, "", decoded.encoding, unit.sha256, unit.size, decoded.problems)]
    documents, problems = extract(decoded.text, unit.source, unit.suffix, unit.first_line)
    problems = [*decoded.problems, *(placed(problem, decoded.text) for problem in problems)]
    results: list[Prepared | Failed] = []
    own: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        own[problem.source].append(problem)
    for document in documents:
        results.append(
            _prepared(document, unit, decoded.encoding, tuple(own.pop(document.source, ())), options, sketched=sketched)
        )
    for source, trouble in own.items():
        if any(severity(problem.rule) == "error" for problem in trouble):
            results.append(
                Failed(source, unit.suffix.lstrip("."), decoded.encoding, unit.sha256, unit.size, tuple(trouble))
            )
        else:
            # A warning about the file as a whole belongs to the first of its documents.
            first = next((number for number, found in enumerate(results) if isinstance(found, Prepared)), None)
            if first is not None:
                found = results[first]
                results[first] = _with_problems(found, trouble)
    return results


def _with_problems(found: Prepared | Failed, problems: Sequence[Problem]) -> Prepared | Failed:
    return replace(found, problems=(*found.problems, *problems))


def _prepared(
    document: Document, unit: Unit, encoding: str, problems: tuple[Problem, ...], options: Options, *, sketched: bool
) -> Prepared | Failed:
    from cleaner.stages.fingerprint import fingerprint, sketch
    from cleaner.stages.write.text import leveled

    texts = {found.pointer: found.text for found in document.fields}
    document, mended = repair(document)
    found = [*problems, *mended]
    repeats: list[Repeat] = []
    for _ in range(MAX_ROUNDS):
        before = document.blocks
        document, trimmed = trim(document)
        document, repeated, counted = unrepeat(document, options)
        found += [*trimmed, *counted]
        repeats = followed([repeat for repeat in repeats if not repeat.meant], repeated, document) + repeated
        if document.blocks == before:
            break
    document = replace(document, blocks=leveled(document.blocks))
    found += review(document)
    if any(problem.rule == "DOC007" for problem in problems):
        found = [problem for problem in found if problem.rule != "DOC007"] + [
            problem for problem in problems if problem.rule == "DOC007"
        ][:1]
    found = [
        placed(problem, texts[problem.span.pointer]) if problem.span and problem.span.pointer in texts else problem
        for problem in found
    ]
    if not document.blocks:
        return Failed(document.source, document.format, encoding, unit.sha256, unit.size, tuple(dict.fromkeys(found)))
    own = fingerprint(document, 0)
    if sketched:
        own = replace(own, sketch=sketch(document, options))
    return Prepared(document, encoding, unit.sha256, unit.size, tuple(repeats), tuple(dict.fromkeys(found)), own)


class Spool:
    """Prepared documents between the passes: on disk, so that memory does not grow with the text."""

    def __init__(self) -> None:
        self.stream: IO[bytes] = SpooledTemporaryFile(max_size=32 << 20)  # noqa: SIM115 - closed by close()
        self.offsets: list[int] = []

    def add(self, prepared: Prepared) -> int:
        self.stream.seek(0, 2)
        self.offsets.append(self.stream.tell())
        pickle.dump(prepared, self.stream, pickle.HIGHEST_PROTOCOL)
        return len(self.offsets) - 1

    def get(self, number: int) -> Prepared:
        self.stream.seek(self.offsets[number])
        prepared: Prepared = pickle.load(self.stream)
        return prepared

    def close(self) -> None:
        self.stream.close()


def run(
    paths: Iterable[Path],
    output: Path | None,
    options: Options,
    *,
    force: bool = False,
    write: bool = True,
    progress: Progress | None = None,
) -> Cleaning:
    """Clean the files below `paths` into `output` (written only if `write`). Raises folders.UsageError for a wrong use."""
    paths = [Path(path) for path in paths]
    inputs = folders.discover(paths, options)
    if output is not None and write:
        folders.check_output(output, paths, force=force)
    spool = Spool()
    try:
        fingerprints, failures = _first_pass(inputs, options, spool, progress or _silent)
        pairs = _pairs(fingerprints, spool, options, progress or _silent)
        clusters = _clusters(fingerprints, pairs, options)
        job = _Job(inputs, options, spool, fingerprints, failures, pairs, clusters)
        if output is None or not write:
            return job.finished(None)
        with folders.swapped_in(output) as writer:
            return job.finished(writer)
    finally:
        spool.close()


def _silent(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def _first_pass(
    inputs: list[Input], options: Options, spool: Spool, progress: Progress
) -> tuple[list[Fingerprint], list[Failed]]:
    wanted = [item for item in inputs if not item.skipped]
    done: set[str] = set()

    def units() -> Iterator[Unit]:
        for item in wanted:
            yield from folders.read(item, options)

    prepared: list[tuple[str, int, Fingerprint]] = []
    failures: list[Failed] = []
    work = partial(prepare, options=options, sketched=len(wanted) > MAX_UNSKETCHED_FILES)
    for results in mapped(work, units(), lambda unit: len(unit.data), options.jobs):
        for result in results:
            if isinstance(result, Failed):
                failures.append(result)
            else:
                prepared.append((result.document.source, spool.add(result), result.fingerprint))
            done.add(result.source if isinstance(result, Failed) else result.document.source)
        progress("reading", len(done), len(wanted))
    return [replace(found, number=number) for _, number, found in prepared], failures


def _pairs(fingerprints: list[Fingerprint], spool: Spool, options: Options, progress: Progress) -> list[Pair]:
    if len(fingerprints) < 2:
        return []
    from cleaner.stages.confirm import Compared, confirm, numbered
    from cleaner.stages.fingerprint import sketch
    from cleaner.stages.propose import needs_sketches, propose

    @lru_cache(maxsize=MAX_RECENT)
    def compared(number: int) -> Compared:
        return Compared(fingerprints[number], numbered(spool.get(number).document, options.shingle_words))

    if needs_sketches(len(fingerprints)):
        # Those of a small folder were not made on the way; it may hold many documents all the same.
        fingerprints[:] = [
            found if found.sketch else replace(found, sketch=sketch(spool.get(found.number).document, options))
            for found in fingerprints
        ]
    candidates = propose(fingerprints)
    pairs = []
    for done, (a, b) in enumerate(candidates):
        if pair := confirm(compared(a), compared(b), options):
            pairs.append(pair)
        progress("comparing", done + 1, len(candidates))
    return pairs


def _clusters(fingerprints: list[Fingerprint], pairs: list[Pair], options: Options) -> list[Cluster]:
    from cleaner.stages.cluster import cluster
    from cleaner.stages.elect import preference, reason

    return cluster(
        fingerprints,
        pairs,
        lambda found: preference(found, options.keep),
        lambda kept, dropped: reason(kept, dropped, options.keep),
    )


@dataclass(slots=True)
class _Job:
    """The second pass: every canonical document rendered, accounted for and written, and the run's report."""

    inputs: list[Input]
    options: Options
    spool: Spool
    fingerprints: list[Fingerprint]
    failures: list[Failed]
    pairs: list[Pair]
    clusters: list[Cluster]

    def finished(self, writer: Writer | None) -> Cleaning:
        from cleaner.stages.write.article import Article, render
        from cleaner.stages.write.slug import slugs

        star = {cluster.canonical: cluster for cluster in self.clusters}
        dropped = {member.number for cluster in self.clusters for member in cluster.members if member.dropped}
        kept = sorted(
            (found for found in self.fingerprints if found.number not in dropped), key=lambda found: found.source
        )
        identities = [_identity(self.spool.get(found.number).document) for found in kept]
        names = slugs(
            [(title, found.source, identity) for (title, identity, _), found in zip(identities, kept, strict=True)]
        )
        book = _Book(self)
        articles: dict[str, str] = {}
        rows: list[bytes] = []
        for found, name in zip(kept, names, strict=True):
            prepared = self.spool.get(found.number)
            members = [
                (self.spool.get(member.number), member)
                for member in (star[found.number].members if found.number in star else ())
                if member.dropped
            ]
            article: Article = render(prepared, members, name, partial(_places, options=self.options))
            book.enter(prepared, members, article)
            if writer:
                writer.write(article.path, article.markdown.encode("utf-8", "replace"))
                writer.write(article.provenance_path, article.provenance)
            else:
                articles[article.path] = article.markdown
            rows.append(article.row)
        report = book.report()
        if writer:
            self._write(writer, rows, report, book)
        return Cleaning(report, book.problems, articles)

    def _write(self, writer: Writer, rows: list[bytes], report: dict[str, Any], book: _Book) -> None:
        from cleaner.reports.html import render_html
        from cleaner.reports.json import dumped

        with writer.lines("corpus.jsonl") as sink:
            for row in rows:
                sink.write(row)
        writer.write("report.json", dumped(report))
        writer.write("report.html", render_html(report).encode("utf-8", "replace"))
        writer.write(folders.MANIFEST, dumped(book.manifest(writer.written)))


def _identity(document: Document) -> tuple[str, str, str]:
    """Title, identity and the text's hash of a document; the same words in the same order are the same document."""
    from cleaner.stages.write.text import plain_text

    digest = sha256(plain_text(document.blocks).text.text.encode("utf-8", "surrogatepass")).hexdigest()
    return document.metadata.title, digest[:16], digest


def _places(member: Document, canonical: Document, plain: PlainText, *, options: Options) -> list[Place]:
    """The sentences of a dropped document, each with the code points of the kept text that say the same."""
    from cleaner.stages.confirm import numbered, placed_sentences
    from cleaner.stages.write.ledger import Place

    places = []
    for found in placed_sentences(numbered(member, options.shingle_words), numbered(canonical, options.shingle_words)):
        kept_at = found.kept_at
        out = (plain.starts[kept_at[0]] + kept_at[1], plain.starts[kept_at[0]] + kept_at[2]) if kept_at else None
        places.append(Place(found.block.text.sliced(*found.block.text.cuttable(found.start, found.end)).spans(), out))
    return places


class _Book:
    """Gathers the report and the manifest while documents pass by."""

    def __init__(self, job: _Job) -> None:
        self.job = job
        self.problems: list[Problem] = [problem for failure in job.failures for problem in failure.problems]
        self.documents: list[dict[str, Any]] = []
        self.repeats: list[dict[str, Any]] = []
        self.meant: list[dict[str, Any]] = []
        self.entries: dict[str, dict[str, Any]] = {}
        self.characters: Counter[str] = Counter()
        self.edits: Counter[str] = Counter()
        self.article_of: dict[int, str] = {}
        for failure in job.failures:
            self.entries[failure.source] = _entry(
                failure.source, failure.sha256, failure.size, failure.format, failure.encoding, "failed", []
            )
        for item in job.inputs:
            if item.skipped:
                self.entries[item.source] = {**_entry(item.source, "", 0, "", "", "skipped", []), "why": item.skipped}

    def enter(self, prepared: Any, members: Sequence[tuple[Any, Any]], article: Any) -> None:
        self.article_of[prepared.fingerprint.number] = article.path
        for found in (prepared, *(member for member, _ in members)):
            status = "canonical" if found is prepared else "duplicate"
            source = found.document.source
            self.entries[source] = {
                **_entry(source, found.sha256, found.size, found.document.format, found.encoding, status, [article.id]),
                "characters": sum(len(field.text) for field in found.document.fields),
            }
            self.problems += found.problems
            for repeat in found.repeats:
                (self.meant if repeat.meant else self.repeats).append(_repeat(source, repeat))
        self.documents.append(article.summary)
        self.characters.update(article.characters)
        self.edits.update(article.edits)

    def report(self) -> dict[str, Any]:
        from cleaner.stages.report import Facts, build_report

        job = self.job
        entries = [self.entries[source] for source in sorted(self.entries)]
        return build_report(
            Facts(
                job.fingerprints, job.pairs, job.clusters, self.documents, self.repeats, self.meant, self.problems, entries,
                dict(self.characters), dict(self.edits), job.options,
            )
        )  # fmt: skip

    def manifest(self, outputs: list[tuple[str, str, int]]) -> dict[str, Any]:
        from cleaner import __version__
        from cleaner.stages.report import option_values

        return {
            "version": 1,
            "tool": {"name": folders.TOOL, "version": __version__},
            "options": option_values(self.job.options),
            "inputs": [self.entries[source] for source in sorted(self.entries)],
            "outputs": [{"path": path, "sha256": digest, "bytes": size} for path, digest, size in sorted(outputs)],
        }


def _entry(
    source: str, digest: str, size: int, form: str, encoding: str, status: str, documents: list[str]
) -> dict[str, Any]:
    return {
        "source": source,
        "sha256": digest,
        "bytes": size,
        "format": form,
        "encoding": encoding,
        "status": status,
        "documents": documents,
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
