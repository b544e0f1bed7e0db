"""A report in, what the page shows out: texts cut and made harmless, lists cut, amounts in words, pictures drawn."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from cleaner.reports import svg
from cleaner.reports.digest import (
    Counts,
    Finding,
    Measure,
    clipped,
    counts,
    deciding,
    findings,
    first_of,
    grouped,
    percent,
    place,
    rule_name,
    rule_says,
    settled,
    some,
    verdict,
    visible,
)
from cleaner.rules import RULES

# Names and texts are cut here, so that one monstrous line can't use up the page.
MAX_NAME, MAX_TEXT = 240, 700


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of each the page holds; report.json has all."""

    findings: int = 60
    places: int = 20
    clusters: int = 400
    members: int = 30
    sentences: int = 20
    pairs: int = 200
    groups: int = 1500
    alone: int = 6000
    strips: int = 60
    runs: int = 120
    meant: int = 100
    problems: int = 600
    sources: int = 4000

    def halved(self) -> Limits:
        return Limits(*(max(1, getattr(self, field.name) // 2) for field in fields(self)))


class Cut(NamedTuple):
    """The first entries of a list, how many it has in words, and how many more there are (empty if none)."""

    shown: Sequence[Any]
    all: str
    more: str


RELATIONS = {
    "exact": "the same words",
    "near": "nearly the same words",
    "revision": "another revision: the same address or headline, another date",
    "contained": "contained in the other",
    "reuse": "a passage in common",
}
# The measures of a member: what it is called where it decides, its key in the report, and what it says.
MEASURES = (
    ("jaccard", "jaccard", "of all their word sequences are in both (Jaccard)"),
    ("similarity", "similarity", "of their words stand in the same order (similarity)"),
    ("containment", "containment", "of it stands in the kept one (containment)"),
    ("", "contained_in_it", "of the kept one stands in it"),
)
STATUSES = {"canonical": "kept", "duplicate": "dropped", "failed": "failed", "skipped": "skipped"}
# What became of the source characters: look, what it is called, the rules and ledger entries that it sums.
FATES = (
    ("dropped", "repeats inside a document, taken out", ("DUP001",)),
    ("merged", "copies of kept articles, dropped", ("DUP003", "DUP004", "DUP005", "DUP006")),
    ("trimmed", "boilerplate and page furniture, trimmed", ("DOC004", "not-article")),
    ("metadata", "read into the metadata", ("metadata",)),
    ("markup", "white space and markup", ("markup",)),
)
OPTION_WORDS = {
    "min_jaccard": "Two documents are nearly the same when this share of all their word sequences is in both (Jaccard), in percent, and the next holds too.",
    "min_similarity": "And their words stand in the same order by this share (Indel similarity), in percent.",
    "min_jaccard_any_order": "From this Jaccard on, in percent, the order does not matter.",
    "min_containment": "A document is contained in a longer one when this share of its word sequences stands there, in percent.",
    "shingle_words": "How many words a compared word sequence (shingle) has.",
    "max_unique_dropped": "A copy with more sentences of its own than this stays an article.",
    "min_reuse_tokens": "A passage in common is reported from this many words on; it removes nothing.",
    "min_repeat_tokens": "Within a document, a sentence of fewer words may stand twice.",
    "min_block_similarity": "Within a document, a lone sentence repeats another when this share of its words is aligned with it, in percent.",
    "min_document_tokens": "A document of fewer words is merged only with one that has the same words.",
    "signature_size": "Hash functions of the MinHash signature that proposes pairs; it decides nothing.",
    "keep": "What makes a copy the one to keep, the most important first.",
    "include": "Only files that match are read (all, if empty).",
    "exclude": "Files that match are left out.",
    "max_file_bytes": "A larger file is refused, in bytes.",
    "max_unpacked_bytes": "A compressed file that unpacks to more is refused, in bytes.",
}
# The more documents, the smaller their squares: up to so many, of so many pixels.
CELL_SIZES = ((60, 24), (1000, 12), (sys.maxsize, 7))
# Beyond this, documents that stand alone are drawn without their names.
NAMED_DOCUMENTS = 300
# So many sentences are shown at once; more are folded away.
FEW_SENTENCES = 5


def view(report: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """What the template shows. Names and texts are plain strings, which the template escapes; pictures are SVG."""
    report = {**report, "clusters": sorted(report["clusters"], key=lambda found: -len(found["members"]))}
    options = report["method"]["options"]
    homes, linked = _homes(report), _cluster_numbers(report["clusters"][: limits.clusters])
    reused = [pair for pair in report["pairs"] if pair["relation"] == "reuse"]
    dropped, edits = report["summary"]["characters"]["dropped"], report["summary"]["edits"]
    return {
        "verdict": verdict(report),
        "tiles": _tiles(counts(report)),
        "eye": _eye(report, limits),
        "settled": _settled(report),
        "clusters": _cut(
            list(enumerate(report["clusters"], 1)),
            limits.clusters,
            "cluster",
            partial(_cluster, homes=homes, options=options, limits=limits),
        ),
        "reused": _cut(reused, limits.pairs, "pair", _pair),
        "shared": _cut(report["shared"], limits.pairs, "passage", _shared),
        "map": _map(report, limits),
        "strips": _strips(report, limits),
        "meant": _cut(report["meant_repeats"], limits.meant, "repeat", _repeat),
        "fates": _fates(report["summary"]["characters"]),
        "amounts": [
            (title, unit, _by_rule(amounts))
            for title, unit, amounts in (
                ("Left out, by rule", "Characters", dropped),
                ("Mended, by rule", "Places", edits),
            )
            if amounts
        ],
        "problems": _problems(report["problems"], limits),
        "sources": _cut(report["sources"], limits.sources, "source", partial(_source, homes=homes, linked=linked)),
        "thresholds": [(name, _value(value), OPTION_WORDS.get(name, "")) for name, value in options.items()],
        "rules": [
            (code, rule_name(code), rule["severity"], rule["summary"], RULES[code].remedy if code in RULES else "")
            for code, rule in report["rules"].items()
        ],
    }


def _tiles(found: Counts) -> list[tuple[str, str, str, str, str]]:
    """Look, number, what it counts, a word more, and the section to go to."""
    tiles = [
        ("", found.read, "read", f"sources; {found.skipped:,} skipped" if found.skipped else "sources", "sources"),
        ("kept", found.written, "written", "articles", "sources"),
        ("dropped", found.merged, "merged", "copies of a kept article", "clusters"),
        ("dropped", found.repeats, "repeats removed", some(found.repeat_characters, "character"), "repeats"),
        (
            "",
            found.mended,
            "mended",
            f"places, {some(found.stray, 'stray character')} dropped" if found.stray else "places",
            "text",
        ),
        ("", found.trimmed, "trimmed", "characters of boilerplate", "text"),
        ("failed", found.failed, "failed", "not converted", "eye"),
    ]
    return [
        (look if number else "none", f"{number:,}", name, said, section) for look, number, name, said, section in tiles
    ]


def _eye(report: dict[str, Any], limits: Limits) -> Cut:
    groups, more = first_of(grouped(findings(report)), limits.findings)
    return Cut([_eye_item(group, limits) for group in groups], "", _more(more, "finding"))


def _eye_item(group: list[Finding], limits: Limits) -> dict[str, Any]:
    first = group[0]
    same = len({finding.reason for finding in group}) == 1
    return {
        "kind": first.kind.value,
        "look": first.kind.name.lower(),
        "code": first.code,
        "label": first.label if first.code else "",
        "one": _eye_place(first, limits, same=True) if len(group) == 1 else None,
        "places": _cut(group, limits.places, "document", partial(_eye_place, limits=limits, same=same)),
        # Said once if it is the same everywhere, else beside each place.
        "reason": _text(first.reason) if same else "",
        "action": _text(first.action),
    }


def _eye_place(finding: Finding, limits: Limits, *, same: bool) -> dict[str, Any]:
    return {
        "where": _name(finding.where),
        "cluster": None if finding.cluster is None else _card(finding.cluster + 1, limits),
        "reason": "" if same else _text(finding.reason),
    }


def _settled(report: dict[str, Any]) -> str:
    number = settled(report)
    if not number:
        return ""
    tells = (
        "asks nothing of you: the run has mended what it tells of"
        if number == 1
        else "ask nothing of you: the run has mended what they tell of"
    )
    return f"{some(number, 'other warning')} {tells}."


def _cluster(
    numbered: tuple[int, dict[str, Any]], *, homes: dict[str, Any], options: dict[str, Any], limits: Limits
) -> dict[str, Any]:
    number, cluster = numbered
    home = homes.get(cluster["canonical"], {})
    return {
        "number": number,
        "canonical": _name(cluster["canonical"]),
        "title": _name(home.get("title") or cluster["canonical"]),
        "article": home.get("article", ""),
        "why": ("because " if any(member["dropped"] for member in cluster["members"]) else "and so are the others: ")
        + cluster["why"],
        "members": _cut(cluster["members"], limits.members, "member", partial(_member, options=options, limits=limits)),
    }


def _member(member: dict[str, Any], *, options: dict[str, Any], limits: Limits) -> dict[str, Any]:
    decided = deciding(member, options)
    own = member["unique_sentences"]
    return {
        "source": _name(member["source"]),
        "look": "dropped" if member["dropped"] else "apart",
        "fate": "dropped" if member["dropped"] else "kept too",
        "relation": RELATIONS[member["relation"]]
        + (f"; {decided.name} {decided.value:.1f}% against a threshold of {decided.threshold}%" if decided else ""),
        "measures": [
            _measure(words, member[key], decided if decided and decided.name == name else None)
            for name, key, words in MEASURES
            if key in member
        ],
        "own": _cut(own, limits.sentences, "sentence", _text),
        "few": len(own) <= FEW_SENTENCES,
    }


def _measure(words: str, share: float, decided: Measure | None) -> tuple[str, str, str, str]:
    return words, percent(share), svg.bar(share, decided.threshold if decided else None), "decides" if decided else ""


def _pair(pair: dict[str, Any]) -> tuple[str, str, str, str]:
    return _name(pair["a"]), _name(pair["b"]), f"{pair.get('passage_words', 0):,}", percent(pair["jaccard"])


def _shared(entry: dict[str, Any]) -> tuple[str, str]:
    return _text(entry["text"]), some(entry["documents"], "document")


def _map(report: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Every document as a square, those of a cluster together; then the many that stand alone."""
    in_cluster = {cluster["canonical"] for cluster in report["clusters"]}
    in_cluster |= {member["source"] for cluster in report["clusters"] for member in cluster["members"]}
    alone = [entry["canonical_source"] for entry in report["documents"] if entry["canonical_source"] not in in_cluster]
    failed = [entry["source"] for entry in report["sources"] if entry["status"] == "failed"]
    size = next(size for most, size in CELL_SIZES if len(report["sources"]) <= most)
    groups = _cut(
        list(enumerate(report["clusters"], 1)), limits.groups, "cluster", partial(_map_group, limits=limits, size=size)
    )
    apart = any(not member["dropped"] for cluster in report["clusters"] for member in cluster["members"])
    legend = [
        ("kept", "kept, of several", bool(groups.shown)),
        ("dropped", "dropped as a copy", bool(groups.shown)),
        ("apart", "alike, but kept too", apart),
        ("alone", "like no other", bool(alone)),
        ("failed", "failed", bool(failed)),
    ]
    return {
        "legend": [(look, words) for look, words, is_there in legend if is_there],
        "groups": groups,
        "look": "dense" if size < 10 else "",
        "others": _squares("failed", failed, limits.alone, size) + _squares("alone", alone, limits.alone, size),
        "alone": f"{some(len(alone), 'document')} {'is' if len(alone) == 1 else 'are'} like no other.",
        "more": _more(len(alone) - limits.alone, "document"),
    }


def _map_group(numbered: tuple[int, dict[str, Any]], *, limits: Limits, size: int) -> tuple[int | None, str, str]:
    """The card of a cluster, what it is in words, and its squares."""
    number, cluster = numbered
    members = [
        svg.Cell("dropped" if member["dropped"] else "apart", _name(member["source"])) for member in cluster["members"]
    ]
    name = _name(cluster["canonical"])
    said = f"Cluster {number}: {name} and {some(len(members), 'other')}"
    return _card(number, limits), said, svg.cells([svg.Cell("kept", name), *members], size)


def _card(number: int, limits: Limits) -> int | None:
    """The card of a cluster to link to, if the page has it."""
    return number if number <= limits.clusters else None


def _squares(look: str, names: Sequence[str], limit: int, size: int) -> list[str]:
    """Documents by themselves: each with its name, or a crowd in tens."""
    if len(names) <= NAMED_DOCUMENTS:
        return [svg.cells([svg.Cell(look, _name(name))], size) for name in names[:limit]]
    shown = min(len(names), limit)
    return [svg.crowd(look, min(10, shown - start), size) for start in range(0, shown, 10)]


def _strips(report: dict[str, Any], limits: Limits) -> Cut:
    """The repeats by the text that they stand in, the most repeated first."""
    by_text: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for entry in report["repeats"]:
        by_text[entry["source"], entry["dropped"]["pointer"]].append(entry)
    texts = sorted(by_text.values(), key=lambda runs: (-sum(map(_dropped_length, runs)), runs[0]["source"]))
    ends = _known_ends(report)
    return _cut(list(enumerate(texts, 1)), limits.strips, "document", partial(_strip, ends=ends, limits=limits))


def _known_ends(report: dict[str, Any]) -> dict[tuple[str, str], int]:
    """How long each text is, by source and pointer, as far as the report tells: at least up to the last place it names."""
    ends: dict[tuple[str, str], int] = defaultdict(int)
    for entry in report["sources"]:
        ends[entry["source"], ""] = entry.get("characters", 0)
    spans = [entry["span"] for entry in report["problems"] if entry["span"]]
    for span in [*spans, *(entry[key] for entry in report["repeats"] for key in ("dropped", "kept_at"))]:
        at = span["source"], span["pointer"]
        ends[at] = max(ends[at], span["end"])
    return ends


def _strip(
    numbered: tuple[int, list[dict[str, Any]]], *, ends: dict[tuple[str, str], int], limits: Limits
) -> dict[str, Any]:
    number, runs = numbered
    source, pointer = runs[0]["source"], runs[0]["dropped"]["pointer"]
    twins = [_twin(run, pointer) for run in runs]
    length = max(1, ends[source, pointer])
    taken = sum(map(_dropped_length, runs))
    least = min(run["similarity"] for run in runs)
    return {
        "number": number,
        "source": _name(source + pointer),
        "count": some(len(runs), "passage"),
        "alike": "word for word" if least >= 1 else f"at least {percent(least)} of the words alike",
        "lie": _lie(twins),
        "taken": f"{some(taken, 'character')}, {percent(taken / length)} of the text",
        "svg": svg.strip(twins, length),
        "runs": _cut(runs, limits.runs, "passage", _repeat),
    }


def _twin(run: dict[str, Any], pointer: str) -> svg.Twin:
    return svg.Twin(_span(run["dropped"]), _span(run["kept_at"]) if run["kept_at"]["pointer"] == pointer else None)


def _lie(twins: Sequence[svg.Twin]) -> str:
    """How the copies lie to the kept text, in words."""
    kept = [twin.kept for twin in twins if twin.kept]
    if not kept:
        return "The kept text stands in another part of the record."
    first, last = min(twin.dropped[0] for twin in twins), max(twin.dropped[1] for twin in twins)
    kept_first, kept_last = min(start for start, _ in kept), max(end for _, end in kept)
    copies, stays = f"copies (characters {first:,} to {last:,})", f"text that stays ({kept_first:,} to {kept_last:,})"
    order = ", in the same order" if len(kept) > 2 and kept == sorted(kept) else ""
    if last <= kept_first:
        return f"First come the {copies}; then{order}, the {stays}."
    if kept_last <= first:
        return f"First comes the {stays}; then{order}, the {copies}."
    return f"The {copies} and the {stays} lie among each other."


def _repeat(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": _name(entry["source"]),
        "dropped": "{:,}–{:,}".format(*_span(entry["dropped"])),
        "kept": "{:,}–{:,}".format(*_span(entry["kept_at"])),
        "similarity": percent(entry["similarity"]),
        "text": _text(entry["text"]),
        "why": entry.get("why", ""),
    }


def _fates(characters: dict[str, Any]) -> dict[str, Any]:
    """What became of every source character, as one bar and its legend."""
    whole, dropped = characters["in"], characters["dropped"]
    parts = [("kept", "kept in the articles", characters["kept"])]
    parts += [(look, words, sum(dropped.get(rule, 0) for rule in rules)) for look, words, rules in FATES]
    parts.append(("rest", "mended away: stray characters and the like", whole - sum(amount for *_, amount in parts)))
    return {
        "svg": svg.stack([(look, amount) for look, _, amount in parts if amount]),
        "parts": [(look, words, f"{amount:,}", percent(amount / whole)) for look, words, amount in parts if amount],
        "whole": f"{whole:,}" if whole else "",
    }


def _by_rule(amounts: dict[str, int]) -> list[tuple[str, str, str, str]]:
    """Code (empty for the ledger's own entries), name, what it says, amount; the greatest first."""
    ordered = sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
    return [
        (code if code in RULES else "", rule_name(code), rule_says(code), f"{amount:,}") for code, amount in ordered
    ]


def _problems(problems: Sequence[dict[str, Any]], limits: Limits) -> Cut:
    """The problems, the worst first; one message about many sources stands once."""
    ordered = sorted(problems, key=_badness)
    groups = [list(group) for _, group in groupby(ordered, key=lambda entry: (entry["rule"], entry["message"]))]
    found = _cut(groups, limits.problems, "message", partial(_problem, limits=limits))
    return found._replace(all=some(len(problems), "problem"))


def _problem(group: list[dict[str, Any]], *, limits: Limits) -> dict[str, Any]:
    first = group[0]
    return {
        "rule": first["rule"],
        "name": rule_name(first["rule"]),
        "severity": first["severity"],
        "rank": _badness(first)[0],
        "message": _text(first["message"]),
        "places": _cut(group, limits.places, "place", _problem_place),
    }


def _problem_place(entry: dict[str, Any]) -> str:
    return _name(place(entry["source"], entry["line"], entry["column"]))


def _badness(entry: dict[str, Any]) -> tuple[int, str, str, str]:
    return ("error", "warning", "info").index(entry["severity"]), entry["rule"], entry["message"], entry["source"]


def _source(entry: dict[str, Any], *, homes: dict[str, Any], linked: dict[str, int]) -> dict[str, Any]:
    home = homes.get(entry["source"], {})
    return {
        "name": _name(entry["source"]),
        "status": STATUSES[entry["status"]],
        "cluster": linked.get(entry["source"]),
        "why": _text(entry.get("why", "")),
        "title": _name(home.get("title") or "untitled"),
        "article": home.get("article", ""),
        "format": " ".join(filter(None, [entry["format"], "" if entry["encoding"] == "utf-8" else entry["encoding"]])),
        "bytes": f"{entry['bytes']:,}",
    }


def _homes(report: dict[str, Any]) -> dict[str, Any]:
    """The kept document that each source went into."""
    return {
        source: document
        for document in report["documents"]
        for source in (*document["sources"], document["canonical_source"])
    }


def _cluster_numbers(clusters: Sequence[dict[str, Any]]) -> dict[str, int]:
    """The number of the card that each source stands on."""
    numbers: dict[str, int] = {}
    for number, cluster in enumerate(clusters, 1):
        for source in (cluster["canonical"], *(member["source"] for member in cluster["members"])):
            numbers.setdefault(source, number)
    return numbers


def _dropped_length(run: dict[str, Any]) -> int:
    return int(run["dropped"]["end"]) - int(run["dropped"]["start"])


def _span(span: dict[str, Any]) -> tuple[int, int]:
    return span["start"], span["end"]


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _name(text: str) -> str:
    return clipped(visible(text, one_line=True), MAX_NAME)


def _text(text: str) -> str:
    return clipped(visible(text), MAX_TEXT)


def _cut(entries: Sequence[Any], limit: int, what: str, shown: Callable[[Any], Any]) -> Cut:
    return Cut([shown(entry) for entry in entries[:limit]], some(len(entries), what), _more(len(entries) - limit, what))


def _more(number: int, what: str) -> str:
    return some(number, f"more {what}") if number > 0 else ""
