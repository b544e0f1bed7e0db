"""The report and the manifest, gathered while documents pass by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cleaner.folders import TOOL, Input
from cleaner.model.duplicates import Cluster, Fingerprint, Member, Pair
from cleaner.model.options import Options
from cleaner.model.problems import Problem
from cleaner.pipeline.preparing import Failed, Prepared
from cleaner.stages.report import first_samples, most_repeated, shown_pairs
from cleaner.stages.unrepeat import Repeat

if TYPE_CHECKING:
    from cleaner.stages.write.article import Article


@dataclass(frozen=True, slots=True)
class Findings:
    """What the first pass and the comparisons found: all that the second pass goes by, but for the documents themselves."""

    inputs: list[Input]
    options: Options
    fingerprints: list[Fingerprint]
    failures: list[Failed]
    pairs: list[Pair]
    clusters: list[Cluster]


class Book:
    """Gathers the report and the manifest while documents pass by."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.problems: list[Problem] = [problem for failure in findings.failures for problem in failure.problems]
        self.documents: list[dict[str, Any]] = []
        self.repeats: list[dict[str, Any]] = []
        self.meant: list[dict[str, Any]] = []
        self.entries: dict[str, dict[str, Any]] = {}
        self.characters: Counter[str] = Counter()
        self.edits: Counter[str] = Counter()
        self.article_of: dict[int, str] = {}
        self.titles: dict[str, str] = {}
        self.samples: list[dict[str, Any]] = []
        self.traces: list[dict[str, Any]] = []
        # The texts that the report shows side by side; which they are is known before any document passes by.
        self.texts: dict[str, str] = {}
        self.shown = shown_pairs(findings.fingerprints, findings.pairs, findings.clusters)
        numbers = {number for pair in self.shown for number in pair}
        self.wanted = {found.source for found in findings.fingerprints if found.number in numbers}
        for failure in findings.failures:
            self.entries[failure.source] = _entry(
                failure.source, failure.sha256, failure.size, failure.format, failure.encoding, "failed", []
            )
        for item in findings.inputs:
            if item.skipped:
                self.entries[item.source] = {**_entry(item.source, "", 0, "", "", "skipped", []), "why": item.skipped}

    def enter(self, prepared: Prepared, members: Sequence[tuple[Prepared, Member]], article: Article) -> None:
        from cleaner.stages.write.text import plain_text

        self.article_of[prepared.fingerprint.number] = article.path
        for found in (prepared, *(member for member, _ in members)):
            status = "canonical" if found is prepared else "duplicate"
            source = found.document.source
            self.titles[source] = found.document.metadata.title
            if source in self.wanted:
                self.texts[source] = plain_text(found.document.blocks).text.text
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
        self.samples = first_samples(self.samples, article.samples)
        self.traces = most_repeated(self.traces, article.traces)

    def report(self) -> dict[str, Any]:
        from cleaner import __version__
        from cleaner.stages.report import Facts, build_report

        findings = self.findings
        entries = [self.entries[source] for source in sorted(self.entries)]
        return build_report(
            Facts(
                findings.fingerprints, findings.pairs, findings.clusters, self.documents, self.repeats, self.meant, self.problems, entries,
                dict(self.characters), dict(self.edits), findings.options,
                self.titles, self.texts, self.shown, self.samples, self.traces, {"name": TOOL, "version": __version__},
            )
        )  # fmt: skip

    def manifest(self, outputs: list[tuple[str, str, int]]) -> dict[str, Any]:
        from cleaner import __version__
        from cleaner.stages.report import option_values

        return {
            "version": 1,
            "tool": {"name": TOOL, "version": __version__},
            "options": option_values(self.findings.options),
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
