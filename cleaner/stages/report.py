"""The facts of a run in, the report out: one model that the terminal, the page and the programs all read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cleaner.model.duplicates import Cluster, Fingerprint, Member, Pair, Relation
from cleaner.model.options import Options
from cleaner.model.problems import Problem
from cleaner.rules import LEDGER_NAMES, RULES, severity

# Options that say where and how fast a run goes, not what comes out.
SILENT_OPTIONS = frozenset({"jobs"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the stages found; `entries` are the inputs of the manifest, `characters` counts source characters kept and dropped by rule."""

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


def build_report(facts: Facts) -> dict[str, Any]:
    """The report as report.json holds it; see cleaner/schemas/report.schema.json."""
    sources = {found.number: found.source for found in facts.fingerprints}
    return {
        "version": 1,
        "summary": _summary(facts),
        "documents": sorted(facts.documents, key=lambda entry: entry["canonical_source"]),
        "clusters": [_cluster(cluster, sources) for cluster in facts.clusters],
        "pairs": sorted((_pair(pair, sources) for pair in facts.pairs), key=lambda entry: (entry["a"], entry["b"])),
        "repeats": sorted(facts.repeats, key=_place),
        "meant_repeats": sorted(facts.meant, key=_place),
        # Passages that kept documents have in common stand in `pairs`, as reuse.
        "shared": [],
        "problems": [_problem(problem) for problem in sorted(facts.problems, key=_order)],
        "sources": list(facts.entries),
        "rules": {
            code: {"name": rule.name, "severity": rule.severity.value, "summary": rule.summary}
            for code, rule in RULES.items()
        },
        "method": {"options": option_values(facts.options)},
    }


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


def _cluster(cluster: Cluster, sources: dict[int, str]) -> dict[str, Any]:
    return {
        "id": sources[cluster.canonical],
        "canonical": sources[cluster.canonical],
        "why": cluster.why,
        "members": [_member(cluster.canonical, member, sources) for member in cluster.members],
    }


def _member(canonical: int, member: Member, sources: dict[int, str]) -> dict[str, Any]:
    pair = member.pair
    return {
        "source": sources[member.number],
        "relation": pair.relation.value,
        "jaccard": _ratio(pair.common, pair.union),
        "containment": _ratio(pair.common, pair.shingles_of(member.number)),
        "contained_in_it": _ratio(pair.common, pair.shingles_of(canonical)),
        **_similarity(pair),
        "dropped": member.dropped,
        "unique_sentences": list(pair.unique_in(member.number)),
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


def _ratio(part: int, whole: int) -> float:
    """A share for people, to four digits; what was decided was decided on the integers."""
    return 10000 * part // whole / 10000 if whole else 1.0


def _place(entry: dict[str, Any]) -> tuple[str, str, int]:
    return entry["source"], entry["dropped"]["pointer"], entry["dropped"]["start"]


def _order(problem: Problem) -> tuple[str, int, str, str]:
    return problem.source, problem.span.start if problem.span else -1, problem.rule, problem.message


def _problem(problem: Problem) -> dict[str, Any]:
    rule = RULES[problem.rule]
    span = problem.span
    return {
        "rule": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "source": problem.source,
        "span": {"source": problem.source, "pointer": span.pointer, "start": span.start, "end": span.end}
        if span
        else None,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }
