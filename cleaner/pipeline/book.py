"""The report and the manifest, put together from what waits in the spool while documents pass by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import orjson

from cleaner.disk import TOOL
from cleaner.engines import Engine
from cleaner.folders import Input, Written
from cleaner.model.duplicates import Cluster, Fingerprint, Pair, Passage
from cleaner.model.options import Options
from cleaner.model.problems import Problem
from cleaner.model.rows import Rows
from cleaner.model.text import Span
from cleaner.pipeline.comparing import Pairs
from cleaner.pipeline.noting import NOTHING, FailedNote, Note, Origin, Tally, prepared_at, skipped_note
from cleaner.pipeline.preparing import Prepared
from cleaner.pipeline.rendering import Made
from cleaner.pipeline.showing import shown
from cleaner.pipeline.spool import Place, Places, Spool
from cleaner.stages.report import first_samples, most_repeated, shown_pairs


@dataclass(frozen=True, slots=True)
class Findings:
    """What the first pass and the comparisons found: all that the second pass goes by, but for the documents themselves."""

    skipped: list[Input]
    options: Options
    notes: list[Note]
    failures: list[FailedNote]
    pairs: Pairs
    clusters: list[Cluster]
    templates: list[dict[str, Any]]

    @property
    def fingerprints(self) -> list[Fingerprint]:
        return [note.fingerprint for note in self.notes]


class _Line(NamedTuple):
    """One source of the report: where its lines are, how many; the number of its document, or -1."""

    source: str
    origin: Origin
    lines: Place
    tally: Tally
    number: int


class Book:
    """Gathers what the report and the manifest say; their long lists stay in the spool."""

    def __init__(self, findings: Findings, spool: Spool) -> None:
        self.findings = findings
        self.spool = spool
        self.characters: Counter[str] = Counter()
        self.edits: Counter[str] = Counter()
        self.samples: list[dict[str, Any]] = []
        self.traces: list[dict[str, Any]] = []
        self.documents = Places()
        self.shown: list[tuple[int, int]] = []
        self.texts: dict[str, str] = {}
        self.passages: dict[tuple[int, int], Sequence[Passage]] = {}
        # What became of each document: its status, and the id of the article that it went into.
        self.fates: list[tuple[str, str]] = [("", "")] * len(findings.notes)
        skipped = [skipped_note(item, spool) for item in findings.skipped]
        self.shared: list[dict[str, Any]] = []
        self.lines = sorted(
            [
                # First, for what is said last of a source is its entry.
                *self._shared_lines(),
                *(
                    _Line(found.source, found.origin, found.lines, found.tally, -1)
                    for found in (*findings.failures, *skipped)
                ),
                *(
                    _Line(note.fingerprint.source, note.origin, note.lines, note.tally, note.fingerprint.number)
                    for note in findings.notes
                ),
            ],
            key=lambda line: line.source,
        )

    def _shared_lines(self) -> Iterator[_Line]:
        """The lines that tell of blocks in several of the documents that are kept, which are gathered on the way."""
        from cleaner.stages.report import problem_entry
        from cleaner.stages.share import shared

        dropped = {member.number for found in self.findings.clusters for member in found.members if member.dropped}
        kept = sorted(
            (note for note in self.findings.notes if note.fingerprint.number not in dropped),
            key=lambda note: (note.fingerprint.source, note.fingerprint.number),
        )
        for found, problem in shared(
            len(kept),
            lambda place: self.spool.get(kept[place].kept.at("blocks")),
            lambda place: self._prepared(kept[place]).document,
            sum(note.kept.blocks for note in kept),
        ):
            examples = [kept[place].fingerprint.source for place in found.examples]
            self.shared.append({"text": found.text, "documents": found.documents, "examples": examples})
            lines = self.spool.add(orjson.dumps({"problems": [problem_entry(problem)]}))
            yield _Line(problem.source, NOTHING, lines, Tally(0, 0, 1), -1)

    def _prepared(self, note: Note) -> Prepared:
        return prepared_at(self.spool, note.kept.at("prepared"), note.origin, note.fingerprint.number)

    def enter(self, canonical: int, members: Sequence[int], made: Made) -> None:
        """Enter an article, the number of its document and those of the dropped ones."""
        self.fates[canonical] = ("canonical", made.id)
        for number in members:
            self.fates[number] = ("duplicate", made.id)
        self.documents.append(self.spool.add(orjson.dumps(made.summary)))
        self.characters.update(made.characters)
        self.edits.update(made.edits)
        if made.evidence:
            samples, traces = orjson.loads(self.spool.get(made.evidence))
            self.samples = first_samples(self.samples, samples)
            self.traces = most_repeated(self.traces, traces)

    def show(self, engine: Engine) -> None:
        """Make ready the pairs that the report shows side by side."""
        found = self.findings
        self.shown = shown_pairs(found.fingerprints, found.pairs, found.clusters, found.options)
        self.texts, self.passages = shown(self.shown, found.notes, found.options.shingle_words, engine, self.spool)

    def report(self) -> dict[str, Any]:
        """The report; its long lists are `Rows`, which read the spool."""
        from cleaner import __version__
        from cleaner.stages.propose import banding
        from cleaner.stages.report import Facts, build_report

        findings = self.findings
        tallies = [line.tally for line in self.lines]
        return build_report(
            Facts(
                findings.fingerprints,
                self._sorted_pairs(),
                findings.clusters,
                Rows(len(self.documents), lambda: (orjson.loads(self.spool.get(place)) for place in self.documents)),
                Rows(sum(tally.repeats for tally in tallies), lambda: self._section("repeats")),
                Rows(sum(tally.meant for tally in tallies), lambda: self._section("meant")),
                Rows(sum(tally.problems for tally in tallies), lambda: map(_problem, self._section("problems"))),
                self._entries(),
                dict(self.characters),
                dict(self.edits),
                findings.options,
                {note.fingerprint.source: note.title for note in findings.notes},
                self.texts,
                self.shown,
                self.samples,
                self.traces,
                {"name": TOOL, "version": __version__},
                self.shared,
                banding(findings.options.min_jaccard),
                findings.pairs.crowds,
                self.passages,
                findings.templates,
            )
        )

    def manifest(self, outputs: list[Written]) -> dict[str, Any]:
        from cleaner import __version__
        from cleaner.stages.report import option_values

        outputs.sort()
        return {
            "version": 1,
            "tool": {"name": TOOL, "version": __version__},
            "options": option_values(self.findings.options),
            "inputs": self._entries(),
            "outputs": Rows(
                len(outputs),
                lambda: ({"path": found.path, "sha256": found.sha256, "bytes": found.size} for found in outputs),
            ),
        }

    def problems(self) -> list[Problem]:
        return [_problem(entry) for entry in self._section("problems")]

    def _entries(self) -> Rows[dict[str, Any]]:
        return Rows(len({line.source for line in self.lines}), self._read_entries)

    def _read_entries(self) -> Iterator[dict[str, Any]]:
        for _, lines in groupby(self.lines, key=lambda line: line.source):
            # What was said last of a source counts.
            line = list(lines)[-1]
            entry = orjson.loads(self.spool.get(line.lines))["entry"]
            entry |= {"sha256": line.origin.sha256, "bytes": line.origin.size}
            if line.number >= 0:
                status, article = self.fates[line.number]
                entry |= {"status": status, "documents": [article]}
            yield entry

    def _section(self, name: str) -> Iterator[dict[str, Any]]:
        """The lines of one section, sorted by source and by their order in it."""
        for _, lines in groupby(self.lines, key=lambda line: line.source):
            found = [entry for line in lines for entry in orjson.loads(self.spool.get(line.lines)).get(name, ())]
            yield from sorted(found, key=_problem_order if name == "problems" else _repeat_order)

    def _sorted_pairs(self) -> Rows[Pair]:
        """The pairs by the names of their sources, which are not always in the order of the numbers: file#10 stands before file#9."""
        pairs, notes = self.findings.pairs, self.findings.notes
        ranks = [0] * len(notes)
        for rank, number in enumerate(sorted(range(len(notes)), key=lambda number: notes[number].fingerprint.source)):
            ranks[number] = rank
        places = [ranks[a] * len(notes) + ranks[b] for a, b in pairs.ends()]
        order = sorted(range(len(pairs)), key=places.__getitem__)
        return Rows(len(pairs), lambda: map(pairs.at, order))


def _problem(entry: dict[str, Any]) -> Problem:
    span = entry["span"]
    return Problem(
        entry["rule"],
        entry["message"],
        entry["source"],
        Span(span["start"], span["end"], span["pointer"]) if span else None,
        entry["line"],
        entry["column"],
    )


def _problem_order(entry: dict[str, Any]) -> tuple[int, str, str]:
    return entry["span"]["start"] if entry["span"] else -1, entry["rule"], entry["message"]


def _repeat_order(entry: dict[str, Any]) -> tuple[str, int]:
    return entry["dropped"]["pointer"], entry["dropped"]["start"]
