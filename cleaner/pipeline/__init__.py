"""The stages in their order: sources in, canonical documents, their accounts and the report out. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner import folders
from cleaner.engines.local import mapped
from cleaner.folders import Input, Unit, Writer
from cleaner.model.documents import Document
from cleaner.model.duplicates import Cluster, Fingerprint, Pair
from cleaner.model.options import Options
from cleaner.model.problems import Problem
from cleaner.pipeline.book import Book, Findings
from cleaner.pipeline.preparing import Failed, prepare
from cleaner.pipeline.spool import Spool

if TYPE_CHECKING:
    from cleaner.stages.write.ledger import Place
    from cleaner.stages.write.text import PlainText

# Documents that the exact comparison has at hand; candidates are sorted, so the same ones come again and again.
MAX_RECENT = 256

# In a run of more files than this the processes that read them make the sketches too.
MAX_UNSKETCHED_FILES = 12

Progress = Callable[[str, int, int], None]


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
        job = _Job(Findings(inputs, options, fingerprints, failures, pairs, clusters), spool)
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

    findings: Findings
    spool: Spool

    def finished(self, writer: Writer | None) -> Cleaning:
        from cleaner.stages.write.article import Article, render
        from cleaner.stages.write.slug import slugs

        star = {cluster.canonical: cluster for cluster in self.findings.clusters}
        dropped = {member.number for cluster in self.findings.clusters for member in cluster.members if member.dropped}
        kept = sorted(
            (found for found in self.findings.fingerprints if found.number not in dropped),
            key=lambda found: found.source,
        )
        identities = [_identity(self.spool.get(found.number).document) for found in kept]
        names = slugs(
            [(title, found.source, identity) for (title, identity, _), found in zip(identities, kept, strict=True)]
        )
        book = Book(self.findings)
        articles: dict[str, str] = {}
        rows: list[bytes] = []
        for found, name in zip(kept, names, strict=True):
            prepared = self.spool.get(found.number)
            members = [
                (self.spool.get(member.number), member)
                for member in (star[found.number].members if found.number in star else ())
                if member.dropped
            ]
            article: Article = render(prepared, members, name, partial(_places, options=self.findings.options))
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

    def _write(self, writer: Writer, rows: list[bytes], report: dict[str, Any], book: Book) -> None:
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
