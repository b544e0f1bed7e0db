"""The facts of a run in, the report out: one model that the terminal, the page and the programs all read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any, TypeVar

from cleaner.model.duplicates import FINGERPRINT_VERSION, Cluster, Crowd, Fingerprint, Member, Pair, Passage, Relation
from cleaner.model.options import Options
from cleaner.model.problems import Problem
from cleaner.model.rows import Rows
from cleaner.model.text import Span
from cleaner.rules import LEDGER_NAMES, RULES, severity

Fact = TypeVar("Fact")

# Options that say where and how fast a run goes, not what comes out.
SILENT_OPTIONS = frozenset({"jobs"})
# The report holds the texts of so many pairs, least sure first, of so many words in all; a longer text is cut.
SHOWN_PAIRS, SHOWN_WORDS, SHOWN_TEXT = 160, 160_000, 16_000
# A pair that removed nothing is shown if it was so near to a threshold, in percent.
MAX_SHOWN_DISTANCE = 40
# So many samples of a rule, and so many documents with repeats.
SHOWN_SAMPLES, SHOWN_TRACES = 8, 60


@dataclass(frozen=True, slots=True)
class Facts:
    """What the stages found; `entries` are the inputs of the manifest, `characters` counts source characters kept and dropped by rule.

    `titles` and `texts` are by source; the texts are those of the `shown` pairs (by number), and `passages` are what each of these has in common. `samples` and `traces` show how text was changed.
    """

    fingerprints: Sequence[Fingerprint]
    pairs: Sequence[Pair]
    clusters: Sequence[Cluster]
    documents: Sequence[dict[str, Any]]
    repeats: Sequence[dict[str, Any]]
    meant: Sequence[dict[str, Any]]
    problems: Sequence[Problem]
    entries: Sequence[dict[str, Any]]
    characters: dict[str, int]
    edits: dict[str, int]
    options: Options
    titles: dict[str, str]
    texts: dict[str, str]
    shown: Sequence[tuple[int, int]]
    samples: Sequence[dict[str, Any]]
    traces: Sequence[dict[str, Any]]
    tool: dict[str, str]
    shared: Sequence[dict[str, Any]]
    banding: dict[str, Any]
    crowds: Sequence[Crowd] = ()
    passages: dict[tuple[int, int], Sequence[Passage]] = field(default_factory=dict)
    templates: Sequence[dict[str, Any]] = ()


def build_report(facts: Facts) -> dict[str, Any]:
    """The report as report.json holds it; see cleaner/schemas/report.schema.json."""
    known = {found.number: found for found in facts.fingerprints}
    sources = {number: found.source for number, found in known.items()}
    return {
        "version": 1,
        "tool": facts.tool,
        "summary": _summary(facts),
        "documents": _listed(facts.documents, lambda entry: entry["canonical_source"], dict),
        "clusters": [_cluster(cluster, known, facts.titles) for cluster in facts.clusters],
        "pairs": _listed(
            facts.pairs, lambda pair: (sources[pair.a], sources[pair.b]), lambda pair: _pair(pair, sources)
        ),
        "repeats": _listed(facts.repeats, _place, dict),
        "meant_repeats": _listed(facts.meant, _place, dict),
        "comparisons": [_comparison(pair, facts.passages.get(pair, ()), sources, facts.texts) for pair in facts.shown],
        "texts": {source: text[:SHOWN_TEXT] for source, text in sorted(facts.texts.items())},
        "traces": list(facts.traces),
        "samples": sorted(facts.samples, key=lambda sample: str(sample["rule"])),
        "shared": list(facts.shared),
        "templates": list(facts.templates),
        "problems": _listed(facts.problems, _order, problem_entry),
        "sources": facts.entries,
        "rules": {
            code: {"name": rule.name, "severity": rule.severity.value, "summary": rule.summary}
            for code, rule in RULES.items()
        },
        "method": {
            "options": option_values(facts.options),
            "fingerprint": FINGERPRINT_VERSION,
            "candidates": facts.banding,
            **_crowds(facts.crowds, sources),
        },
    }


def _crowds(crowds: Sequence[Crowd], sources: dict[int, str]) -> dict[str, Any]:
    """What was not compared each with each, where there is any."""
    told = [{"by": found.by, "documents": found.documents, "first": sources[found.first]} for found in crowds]
    return {"crowds": told} if told else {}


def _listed(found: Sequence[Fact], order: Callable[[Fact], Any], shown: Callable[[Fact], Any]) -> Sequence[Any]:
    """Facts as the report shows them, in their order. `Rows` are in order already, and stay out of memory."""
    if isinstance(found, Rows):
        return Rows(len(found), lambda: map(shown, found))
    return [shown(fact) for fact in sorted(found, key=order)]


def option_values(options: Options) -> dict[str, Any]:
    """The options that matter for the result, as JSON."""
    values = {name: getattr(options, name) for name in options.__dataclass_fields__ if name not in SILENT_OPTIONS}
    return {name: list(map(str, value)) if isinstance(value, tuple) else value for name, value in values.items()}


def _summary(facts: Facts) -> dict[str, Any]:
    statuses = Counter(entry["status"] for entry in facts.entries)
    dropped = {rule: count for rule, count in sorted(facts.characters.items()) if rule != "kept"}
    severities = Counter(severity(problem.rule).value for problem in facts.problems)
    members = [member for cluster in facts.clusters for member in cluster.members if member.dropped]
    return {
        "sources": len(facts.entries),
        "documents": len(facts.documents),
        "duplicates": statuses["duplicate"],
        "failed": statuses["failed"],
        "skipped": statuses["skipped"],
        "clusters": sum(any(member.dropped for member in cluster.members) for cluster in facts.clusters),
        "by_relation": dict(sorted(Counter(member.pair.relation.value for member in members).items())),
        "pairs": len(facts.pairs),
        "repeats": len(facts.repeats),
        "characters": {
            "in": sum(facts.characters.values()),
            "kept": facts.characters.get("kept", 0),
            "dropped": dropped,
        },
        "edits": dict(sorted(facts.edits.items())),
        "problems": {name: severities[name] for name in ("error", "warning", "info")},
        "words": {rule: LEDGER_NAMES[rule] for rule in dropped if rule in LEDGER_NAMES},
    }


def _cluster(cluster: Cluster, known: dict[int, Fingerprint], titles: dict[str, str]) -> dict[str, Any]:
    canonical = known[cluster.canonical]
    return {
        "id": canonical.source,
        "canonical": canonical.source,
        "why": cluster.why,
        **_about(canonical, titles),
        "members": [_member(cluster.canonical, member, known, titles) for member in cluster.members],
    }


def _member(canonical: int, member: Member, known: dict[int, Fingerprint], titles: dict[str, str]) -> dict[str, Any]:
    pair = member.pair
    return {
        "source": known[member.number].source,
        "relation": pair.relation.value,
        "jaccard": _ratio(pair.common, pair.union),
        "containment": _ratio(pair.common, pair.shingles_of(member.number)),
        "contained_in_it": _ratio(pair.common, pair.shingles_of(canonical)),
        **_similarity(pair),
        "dropped": member.dropped,
        "unique_sentences": list(pair.unique_in(member.number)),
        **_about(known[member.number], titles),
    }


def _about(found: Fingerprint, titles: dict[str, str]) -> dict[str, Any]:
    """What a person tells documents apart by."""
    return {
        "title": titles.get(found.source, ""),
        "date": found.date,
        "updated": found.updated,
        "words": found.words,
    }


def _pair(pair: Pair, sources: dict[int, str]) -> dict[str, Any]:
    entry = {
        "a": sources[pair.a],
        "b": sources[pair.b],
        "jaccard": _ratio(pair.common, pair.union),
        "containment_a_in_b": _ratio(pair.common, pair.shingles_a),
        "containment_b_in_a": _ratio(pair.common, pair.shingles_b),
        "relation": pair.relation.value,
    }
    entry |= _similarity(pair)
    return {**entry, "passage_words": pair.passage_words} if pair.relation is Relation.REUSE else entry


def _similarity(pair: Pair) -> dict[str, float]:
    """The measure that decided, where it did: between near-duplicates."""
    decided = pair.similarity is not None and pair.relation in (Relation.NEAR, Relation.EXACT)
    return {"similarity": (pair.similarity or 0) / 100} if decided else {}


def shown_pairs(
    fingerprints: Sequence[Fingerprint], pairs: Sequence[Pair], clusters: Sequence[Cluster], options: Options
) -> list[tuple[int, int]]:
    """The pairs whose texts the report holds, the kept document first: of the copies the least sure first, then the likest of those left alone.

    Documents with the same words are none of them: there is nothing to be compared.
    """
    words = {found.number: found.words for found in fingerprints}
    bound = [(member.pair, cluster.canonical) for cluster in clusters for member in cluster.members]

    def order(found: tuple[Pair, int]) -> tuple[int, int, int]:
        return _distance(found[0], options), found[0].a, found[0].b

    merged = sorted((found for found in bound if found[0].relation is not Relation.EXACT), key=order)
    reused = nsmallest(
        SHOWN_PAIRS // 4,
        (
            (pair, pair.a)
            for pair in pairs
            if pair.relation is Relation.REUSE and _distance(pair, options) <= MAX_SHOWN_DISTANCE
        ),
        key=order,
    )
    shown: list[tuple[int, int]] = []
    held: set[int] = set()
    size = 0
    for pair, kept in [*merged[: SHOWN_PAIRS * 3 // 4], *reused]:
        ends = kept, pair.other(kept)
        size += sum(min(words[number], SHOWN_TEXT // 5) for number in ends if number not in held)
        if size > SHOWN_WORDS:
            break
        shown.append(ends)
        held.update(ends)
    return shown


def _distance(pair: Pair, options: Options) -> int:
    """How far a pair's measures are from the threshold that decided on it, in percent."""
    if pair.relation is Relation.REVISION:
        # No threshold decides on a revision; the more of it is lost, the more it needs an eye.
        return -max(map(len, (pair.unique_in_a, pair.unique_in_b)))
    jaccard = 100 * pair.common // max(1, pair.union)
    containment = 100 * pair.common // max(1, min(pair.shingles_a, pair.shingles_b))
    in_order = min(jaccard - options.min_jaccard, (pair.similarity or 0) - options.min_similarity)
    near = max(in_order, jaccard - options.min_jaccard_any_order)
    match pair.relation:
        case Relation.NEAR:
            return abs(near)
        case Relation.CONTAINED:
            return abs(containment - options.min_containment)
        case _:
            return -max(near, containment - options.min_containment)


def _comparison(
    pair: tuple[int, int], passages: Sequence[Passage], sources: dict[int, str], texts: dict[str, str]
) -> dict[str, Any]:
    kept, other = (sources[number] for number in pair)
    return {
        "kept": kept,
        "other": other,
        "characters": [len(texts[kept]), len(texts[other])],
        "passages": [
            {"kept": _told_span(kept, found.one), "other": _told_span(other, found.other), "words": found.words}
            for found in passages
        ],
    }


def _told_span(source: str, span: Span) -> dict[str, Any]:
    return {"source": source, "pointer": span.pointer, "start": span.start, "end": span.end}


def first_samples(samples: list[dict[str, Any]], more: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The samples with those of one more document, as far as their rules have not enough of them."""
    counts = Counter(sample["rule"] for sample in samples)
    fresh = [sample for sample in more if counts[sample["rule"]] < SHOWN_SAMPLES]
    return [*samples, *fresh] if fresh else samples


def most_repeated(traces: list[dict[str, Any]], more: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The traces with those of one more document: the texts of which most was taken out."""
    if len(traces) == SHOWN_TRACES:
        most = _repetition(traces[-1])
        more = [trace for trace in more if _repetition(trace) < most]
    return sorted([*traces, *more], key=_repetition)[:SHOWN_TRACES] if more else traces


def _repetition(trace: dict[str, Any]) -> tuple[int, str, str]:
    taken = sum(passage["dropped"][1] - passage["dropped"][0] for passage in trace["passages"])
    return -taken, trace["source"], trace["pointer"]


def _ratio(part: int, whole: int) -> float:
    """A share for people, to four digits; what was decided was decided on the integers."""
    return 10000 * part // whole / 10000 if whole else 1.0


def _place(entry: dict[str, Any]) -> tuple[str, str, int]:
    return entry["source"], entry["dropped"]["pointer"], entry["dropped"]["start"]


def _order(problem: Problem) -> tuple[str, int, str, str]:
    return problem.source, problem.span.start if problem.span else -1, problem.rule, problem.message


def problem_entry(problem: Problem) -> dict[str, Any]:
    """A problem as the report holds it."""
    rule = RULES[problem.rule]
    span = problem.span
    return {
        "rule": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "source": problem.source,
        "span": _told_span(problem.source, span) if span else None,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }
