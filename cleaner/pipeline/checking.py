"""Files in, findings out: each file by itself, the files among themselves, and against a corpus. Nothing is written."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from itertools import chain
from pathlib import Path

from cleaner import folders
from cleaner.containers.kinds import Form
from cleaner.engines import Lost
from cleaner.engines.local import LocalEngine
from cleaner.folders import Input, Unit, UsageError
from cleaner.model.documents import Document
from cleaner.model.duplicates import Cluster, Fingerprint, Pair, Relation, Sketch
from cleaner.model.findings import NO_EXCERPT, Checked, Excerpt, Finding
from cleaner.model.options import Acceptance, Options
from cleaner.model.policy import Policy
from cleaner.model.problems import Place, Problem
from cleaner.model.text import Span
from cleaner.pipeline.noting import Task, lost_problem, tasks, units_of
from cleaner.pipeline.preparing import Failed, Prepared, bug, prepare
from cleaner.pipeline.shelves import Shelf, Shown, opened
from cleaner.pipeline.spool import Stock
from cleaner.rules import RULE_OF, named, severity
from cleaner.stages.appraise import Copied, appraise
from cleaner.stages.confirm import Compared, Numbered, confirm, numbered, placed_sentences
from cleaner.stages.locate import Locator, Spot

# A line of a file of records can be as long as a book; so much of it is shown around a place.
SHOWN_BEFORE, SHOWN_AFTER = 60, 100
# Words that are looked for in a record are so many code points, and a row of a table has so many lines at the most.
MIN_SEARCHED, MAX_SEARCHED = 8, 40
MAX_ROW_LINES = 2000
# Sketches of so many documents are kept at hand, at a kilobyte or two each.
MAX_SKETCHES = 20_000
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Inspected:
    """A document of a checked file, with the text that its places are looked up in; `findings` are those that it has by itself."""

    path: str
    source: str
    findings: tuple[Finding, ...]
    text: str = ""
    first_line: int = 1
    pointer: str = ""
    document: Document | None = None
    fingerprint: Fingerprint | None = None

    @property
    def article(self) -> Document:
        """The document, for a source that has one; ValueError for one that failed."""
        if self.document is None:
            raise ValueError(f"{self.source} gave no document")
        return self.document


def check(
    paths: Iterable[Path],
    against: Iterable[Path],
    options: Options,
    policy: Policy,
    *,
    stdin: tuple[str, bytes] | None = None,
    progress: Progress | None = None,
) -> Checked:
    """The findings for the files below `paths`, sorted by their places. Raises folders.UsageError for a wrong use.

    `against` are folders of sources or output folders of ours; `stdin` is a name and bytes that are checked as if they were that file.
    """
    inputs = shown_inputs(paths, options)
    wanted = [item for item in inputs if not item.skipped]
    shelves = [opened(Path(path), options) for path in against]
    spool: Stock[Inspected] = Stock()
    try:
        findings: list[Finding] = []
        documents: list[Fingerprint] = []
        places: list[str] = []
        for found in read(chain(_stdin_tasks(stdin, options), tasks(wanted, options)), options):
            findings += found.findings
            if found.fingerprint is not None:
                documents.append(replace(found.fingerprint, number=spool.add(found)))
                places.append(found.path)
            if progress:
                progress("reading", min(len(documents), len(wanted)), len(wanted))
        real = {item.source: os.path.realpath(item.place) for item in wanted}
        if stdin:
            real[stdin[0]] = os.path.realpath(stdin[0])
        findings += _Comparison(documents, places, spool, shelves, real, options).findings()
    finally:
        spool.close()
        for shelf in shelves:
            shelf.close()
    return settled(findings, tuple(sorted(real)), len(documents), options, policy)


def shown_inputs(paths: Iterable[Path], options: Options) -> list[Input]:
    """The files below the paths, named as a person names them: by their path from here."""
    found = folders.discover([Path(path) for path in paths], options)
    return sorted((replace(item, source=shown_path(item.path)) for item in found), key=lambda item: item.source)


def shown_path(path: Path) -> str:
    """A path from the working directory, where it leads down from there; as it is otherwise. POSIX style."""
    here = os.path.relpath(path.absolute())
    shown = path.absolute().as_posix() if here.startswith("..") else Path(here).as_posix()
    return shown.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def read(work: Iterable[Task], options: Options) -> Iterator[Inspected]:
    """The documents of files and what each has against it, in order, by as many processes as it is worth."""
    with LocalEngine(options.jobs, cpu_seconds=options.max_cpu_seconds) as engine:
        for found in engine.mapped(Inspecting(options), work, lambda task: task.size):
            if isinstance(found, Lost):
                source = found.item.work.source
                problem = lost_problem(source, found)
                yield Inspected(source, source, (_finding(Inspected(source, source, ()), problem, source),))
            else:
                yield from found


@dataclass(frozen=True, slots=True)
class Inspecting:
    """The kernel of a check."""

    options: Options

    def __call__(self, task: Task) -> list[Inspected]:
        return [found for unit in units_of(task.work, self.options) for found in inspect(unit, self.options)]

    def close(self) -> None:
        """Nothing is open."""


def _stdin_tasks(stdin: tuple[str, bytes] | None, options: Options) -> Iterator[Task]:
    if stdin:
        yield from (Task(unit, len(unit.data)) for unit in folders.read_bytes(*stdin, options))


def file_of(name: str, files: Mapping[str, str]) -> str:
    """The file that holds a source: itself, or the archive that it is a member of."""
    while name and name not in files:
        name = name.rpartition("/")[0]
    return name


def inspect(unit: Unit, options: Options) -> list[Inspected]:
    """The documents of one unit and what each has against it, with places in the file."""
    from cleaner.stages.decode import decode

    try:
        text = decode(unit.data, unit.source).text if unit.data else ""
        return [_inspected(found, unit, text) for found in prepare(unit, options, sketched=False)]
    except (OSError, MemoryError, ImportError):
        raise
    except Exception as error:
        # As in `prepare`: it costs the unit and no other.
        return [_inspected(bug(unit, unit.source, error), unit, "")]


def _inspected(found: Prepared | Failed, unit: Unit, text: str) -> Inspected:
    source = found.source if isinstance(found, Failed) else found.document.source
    text, line, pointer = _record(unit, text, source.removeprefix(unit.source).removeprefix("#"))
    shell = Inspected(unit.source, source, (), text, line, pointer)
    if isinstance(found, Failed):
        content = text or sha256(unit.data).hexdigest()
        return replace(shell, findings=tuple(_finding(shell, problem, content) for problem in found.problems))
    # A page keeps its problems where no block is left; a document has its account.
    whole = replace(shell, document=found.document, fingerprint=found.fingerprint)
    copies = [Copied(repeat.dropped, repeat.kept_at) for repeat in found.repeats if not repeat.meant]
    faults = appraise(found.document, found.problems, copies)
    findings = tuple(_finding(whole, fault.problem, found.fingerprint.exact, fault.twin) for fault in faults)
    return replace(whole, findings=findings)


def _record(unit: Unit, text: str, name: str) -> tuple[str, int, str]:
    """The part of a file's text that holds the record `name`, the line it begins on, and the pointer to the record in it."""
    number, slash, pointer = name.partition("/")
    if not number.isdigit() or unit.form is Form.PARQUET:
        return text, unit.first_line, name if slash else ""
    lines = _lines(text)
    at = max(0, int(number) - unit.first_line)
    size = MAX_ROW_LINES if unit.form is Form.TABLE else 1
    return "\n".join(lines[at : at + size]), int(number), slash + pointer


@lru_cache(maxsize=1)
def _lines(text: str) -> list[str]:
    """The lines of a file of records, which are asked for record by record."""
    return text.split("\n")


def _finding(found: Inspected, problem: Problem, content: str, twin: Span | None = None) -> Finding:
    """The problem with its place in the file; `content` is what a place-less problem is about."""
    locator = _locator(found.text, found.first_line)
    start, end, said = _place(found, problem, locator)
    if problem.span is None and problem.line is None:
        # It speaks of the document as a whole.
        start = end = None
    first = locator.spot(start if start is not None else 0)
    last = locator.spot(end) if end is not None else first
    if start is None and problem.line is not None and (problem.span is None or not problem.span.pointer):
        # It was placed in the file before the file was cut into records.
        line = problem.line - found.first_line
        lines = found.text.split("\n")
        if 0 <= line < len(lines):
            start = sum(len(before) + 1 for before in lines[:line]) + (problem.column or 1) - 1
        first = last = Spot(problem.line, problem.column or 1, start or 0)
    other = None
    if twin is not None and (at := offset_of(found, twin, twin.start, locator)) is not None:
        spot = locator.spot(at)
        other = Place(found.path, spot.line, spot.column, _line(locator, at))
    return Finding(
        replace(problem, line=first.line, column=first.column, twin=other or problem.twin),
        found.path,
        severity(problem.rule),
        first.line,
        first.column,
        last.line,
        last.column,
        fingerprint_of(problem.rule, said or content),
        _excerpt(locator, start, end) if start is not None else NO_EXCERPT,
    )


@lru_cache(maxsize=4)
def _locator(text: str, first_line: int) -> Locator:
    return Locator(text, first_line)


def _place(found: Inspected, problem: Problem, locator: Locator) -> tuple[int | None, int | None, str]:
    """Where the problem begins and ends in the text, and the words that it is about: the line of its field."""
    span = problem.span
    if span is None or (problem.line is not None and found.document is None and problem.rule == "ENC005"):
        return None, None, ""
    start, end = offset_of(found, span, span.start, locator), offset_of(found, span, span.end, locator)
    if start is None:
        start = end = _searched(found, span, span.start)
    field = next((field.text for field in found.document.fields if field.pointer == span.pointer), "") if found.document else locator.text  # fmt: skip
    line = field[field.rfind("\n", 0, span.start) + 1 :].partition("\n")[0]
    return start, end, " ".join(line.split())


def offset_of(found: Inspected, span: Span, at: int, locator: Locator) -> int | None:
    """Where in the file's text the code point `at` of the string of a span stands; None where it stands there in no form of its own."""
    form = found.document.format if found.document is not None else ""
    if form == "json":
        return locator.inside(found.pointer + span.pointer, at)
    return at if not span.pointer and at <= len(found.text) else None


def _searched(found: Inspected, span: Span, at: int) -> int | None:
    """Where the words at a code point stand in the file's text, for records that are written otherwise than they are read: tables, feeds, mails."""
    field = next((field.text for field in found.document.fields if field.pointer == span.pointer), "") if found.document else ""  # fmt: skip
    words = re.split(r"[\"\n<>&\\]", field[at : at + MAX_SEARCHED])[0]
    place = found.text.find(words) if len(words) >= MIN_SEARCHED else -1
    return place if place >= 0 else None


def _line(locator: Locator, offset: int) -> str:
    start, line = locator.line_of(offset)
    return line[max(0, offset - start - SHOWN_BEFORE) : offset - start + SHOWN_AFTER]


def _excerpt(locator: Locator, start: int, end: int | None) -> Excerpt:
    """The line of a place, as much of it as a person wants to see."""
    begins, line = locator.line_of(start)
    column = start - begins
    left = max(0, column - SHOWN_BEFORE)
    size = min((end if end is not None else start) - start, len(line) - column)
    return Excerpt(line[left : column + SHOWN_AFTER], column - left, max(1, min(size, SHOWN_AFTER)))


def fingerprint_of(rule: str, content: str) -> str:
    """What tells a finding from others, whatever the line and the file that it stands in."""
    return sha256(f"{rule}\0{content}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(slots=True)
class _Comparison:
    """The checked documents among themselves and against the shelves of the corpus."""

    documents: list[Fingerprint]
    places: list[str]
    spool: Stock[Inspected]
    shelves: Sequence[Shelf]
    real: dict[str, str]
    options: Options

    def findings(self) -> Iterator[Finding]:
        if not self.documents or (len(self.documents) < 2 and not self.shelves):
            return
        corpus: list[Shown] = []
        wanted: set[tuple[int, int]] = set()
        known: dict[tuple[int, int], int] = {}
        for number, found in enumerate(self.documents):
            inspected = self.spool.get(found.number)
            for index, shelf in enumerate(self.shelves):
                for row in shelf.candidates(inspected.article, found):
                    if (index, row) not in known:
                        known[index, row] = len(corpus)
                        corpus.append(shelf.row(row))
                    if not corpus[known[index, row]].is_file(
                        self.real.get(file_of(self.places[number], self.real), "")
                    ):
                        wanted.add((known[index, row], number))
        own = [replace(found, number=len(corpus) + number) for number, found in enumerate(self.documents)]
        everything = [*(replace(row.fingerprint, number=number) for number, row in enumerate(corpus)), *own]
        pairs = [(old, len(corpus) + new) for old, new in wanted]
        pairs += self._among_themselves(own)
        confirmed = self._confirmed(sorted(pairs), corpus, everything)
        yield from self._told(confirmed, corpus, everything)

    def _among_themselves(self, own: list[Fingerprint]) -> list[tuple[int, int]]:
        from cleaner.stages.fingerprint import sketch
        from cleaner.stages.propose import propose

        @lru_cache(maxsize=MAX_SKETCHES)
        def sketch_of(place: int) -> Sketch:
            return sketch(self.spool.get(self.documents[place].number).article, self.options)

        return list(propose(own, sketch_of))

    def _confirmed(
        self, pairs: list[tuple[int, int]], corpus: list[Shown], everything: list[Fingerprint]
    ) -> list[Pair]:
        options = self.options

        @lru_cache(maxsize=256)
        def compared(number: int) -> Compared:
            return Compared(everything[number], self._numbered(number, corpus))

        return [pair for a, b in pairs if (pair := confirm(compared(a), compared(b), options))]

    def _numbered(self, number: int, corpus: list[Shown]) -> Numbered:
        document = self._document(number, corpus)
        return numbered(document, self.options.shingle_words)

    def _document(self, number: int, corpus: list[Shown]) -> Document:
        return self._shown(number, corpus).article

    def _shown(self, number: int, corpus: list[Shown]) -> Inspected:
        return corpus[number].found if number < len(corpus) else self._inspected(number, corpus)

    def _inspected(self, number: int, corpus: list[Shown]) -> Inspected:
        return self.spool.get(self.documents[number - len(corpus)].number)

    def _told(self, pairs: list[Pair], corpus: list[Shown], everything: list[Fingerprint]) -> Iterator[Finding]:
        """One finding for each checked document that is a copy, in favour of the nearest; and one for what it shares with others."""
        told: set[int] = set()
        for cluster in _clusters(everything, pairs, len(corpus), self.options):
            for member in cluster.members:
                subject, twin = self._subject(cluster, member.number, len(corpus))
                if subject < len(corpus) or subject in told:
                    continue
                told.add(subject)
                yield self._copy(member.pair, subject, twin, corpus, everything)
        shared: dict[int, list[Pair]] = defaultdict(list)
        for pair in pairs:
            if pair.relation is Relation.REUSE:
                shared[pair.b].append(pair)
        for _, found in sorted(shared.items()):
            longest = max(found, key=lambda pair: (pair.passage_words, -pair.a))
            yield self._shared(longest, len(found), corpus)

    def _subject(self, cluster: Cluster, member: int, corpus: int) -> tuple[int, int]:
        """Which of the two a finding is about, and its twin: the copy, but never a document of the corpus if the other is none."""
        if member < corpus:
            return cluster.canonical, member
        return member, cluster.canonical

    def _copy(self, pair: Pair, subject: int, twin: int, corpus: list[Shown], everything: list[Fingerprint]) -> Finding:
        found = self._inspected(subject, corpus)
        document = self._document(subject, corpus)
        kept = self._document(twin, corpus)
        sentences = placed_sentences(numbered(document, self.options.shingle_words), numbered(kept, self.options.shingle_words))  # fmt: skip
        first = next((sentence for sentence in sentences if sentence.kept_at), None)
        other = self._twin_place(twin, corpus, first.kept_at if first else None)
        message = _message(pair, subject, twin, other, everything)
        span = document.blocks[0].text.hull()
        problem = Problem(RULE_OF[pair.relation], message, found.source, span, twin=other)
        finding = _finding(found, problem, "")
        return replace(finding, fingerprint=fingerprint_of(problem.rule, everything[subject].exact))

    def _shared(self, pair: Pair, count: int, corpus: list[Shown]) -> Finding:
        found = self._inspected(pair.b, corpus)
        document, other = self._document(pair.b, corpus), self._document(pair.a, corpus)
        words = self.options.shingle_words
        sentences = placed_sentences(numbered(document, words), numbered(other, words))
        run: list[int] = []
        best: list[int] = []
        for number, sentence in enumerate(sentences):
            run = [*run, number] if sentence.kept_at else []
            if sum(sentences[at].end - sentences[at].start for at in run) > sum(sentences[at].end - sentences[at].start for at in best):  # fmt: skip
                best = run
        span = None
        kept_at = None
        if best:
            first = sentences[best[0]]
            span = first.block.text.sliced(*first.block.text.cuttable(first.start, first.end)).hull()
            kept_at = first.kept_at
        place = self._twin_place(pair.a, corpus, kept_at)
        more = f" and {count - 1} other document{'s' * (count > 2)}" if count > 1 else ""
        message = f"A passage of {pair.passage_words} words stands in {place.source}:{place.line}{more} too."
        span = span or document.blocks[0].text.hull()
        return _finding(found, Problem("DUP002", message, found.source, span, twin=place), "")

    def _twin_place(self, number: int, corpus: list[Shown], kept_at: tuple[int, int, int, int] | None) -> Place:
        """Where the twin says the same: a sentence of it, or its beginning."""
        shown = self._shown(number, corpus)
        block = shown.article.blocks[kept_at[0] if kept_at else 0]
        start = kept_at[1] if kept_at else 0
        span = block.text.sliced(*block.text.cuttable(start, min(len(block.text), start + 1))).hull()
        locator = _locator(shown.text, shown.first_line)
        at = (offset_of(shown, span, span.start, locator) if span else None) or 0
        spot = locator.spot(at)
        return Place(shown.source if "#" in shown.source else shown.path, spot.line, spot.column, _line(locator, at))


def _clusters(everything: list[Fingerprint], pairs: list[Pair], corpus: int, options: Options) -> list[Cluster]:
    """Stars as a run would form them, but that what is in the corpus already goes before what is new."""
    from cleaner.stages.cluster import cluster
    from cleaner.stages.elect import preference, reason

    return cluster(
        everything,
        pairs,
        lambda found: ((int(found.number >= corpus),), *preference(found, options.keep)),
        lambda kept, dropped: reason(kept, dropped, options.keep),
    )


def _message(pair: Pair, subject: int, twin: int, place: Place, everything: list[Fingerprint]) -> str:
    where = f"{place.source}:{place.line}"
    jaccard = f"{100 * pair.common // max(pair.union, 1)}%"
    own = len(pair.unique_in(subject))
    unique = f"; {own} of its sentences {'is' if own == 1 else 'are'} not there" if own else ""
    if pair.relation is Relation.EXACT:
        return f"The same words as {where}. Remove one of the two."
    if pair.relation is Relation.NEAR:
        return f"Nearly the same as {where} (Jaccard {jaccard}{unique}). Remove one of the two."
    if pair.relation is Relation.REVISION:
        older = pair.drops == (subject,)
        said = "An earlier" if older else "A later"
        return f"{said} revision of {where} (Jaccard {jaccard}{unique}). Keep the later one."
    if pair.shingles_of(subject) <= pair.shingles_of(twin):
        share = 100 * pair.common // max(pair.shingles_of(subject), 1)
        return f"{share}% of it stands in {where}, which is longer{unique}. Remove the shorter one."
    share = 100 * pair.common // max(pair.shingles_of(twin), 1)
    return f"It holds {share}% of {where}, which is shorter. Remove the shorter one."


def settled(
    findings: Iterable[Finding], paths: tuple[str, ...], documents: int, options: Options, policy: Policy
) -> Checked:
    """The findings that the policy wants and no entry accepts, sorted, those with one fingerprint numbered."""
    chosen = set(chain.from_iterable(codes(policy.select))) - set(chain.from_iterable(codes(policy.ignore)))
    ignored = [
        (_matching(pattern), set(chain.from_iterable(codes(names))))
        for pattern, names in policy.per_file_ignores.items()
    ]
    kept: list[Finding] = []
    accepted = 0
    used: set[Acceptance] = set()
    for found in sorted(findings, key=_order):
        rule = found.problem.rule
        entries = [entry for entry in options.accept if _accepts(entry, found)]
        used.update(entries)
        if rule not in chosen or any(rule in names and matches(found.path) for matches, names in ignored):
            continue
        if entries:
            accepted += 1
            continue
        kept.append(found)
    counts: Counter[str] = Counter()
    numbered_ones = []
    for found in kept:
        counts[found.fingerprint] += 1
        numbered_ones.append(replace(found, occurrence=counts[found.fingerprint]))
    idle = (entry for entry in dict.fromkeys(options.accept) if entry not in used and entry.is_about(paths))
    return Checked(tuple(numbered_ones), paths, documents, accepted, idle=tuple(idle))


def codes(names: Iterable[str]) -> Iterator[list[str]]:
    """The codes that selectors stand for. Raises UsageError for one that stands for none."""
    for name in names:
        found = named(name)
        if not found:
            raise UsageError(f"{name}: there is no such rule. `clean rules` lists them.")
        yield found


def _matching(pattern: str) -> Callable[[str], bool]:
    from pathspec import GitIgnoreSpec

    matches: Callable[[str], bool] = GitIgnoreSpec.from_lines([pattern]).match_file
    return matches


def _accepts(entry: Acceptance, found: Finding) -> bool:
    rule, twin = found.problem.rule, found.problem.twin
    if rule.startswith("DUP") and rule != "DUP001" and twin is not None:
        return len(entry.files) > 1 and entry.covers(rule, found.problem.source, twin.source)
    return bool(entry.rule) and len(entry.files) == 1 and entry.covers(rule, found.problem.source)


def _order(found: Finding) -> tuple[str, int, int, str, str]:
    return found.path, found.line, found.column, found.problem.rule, found.problem.message
