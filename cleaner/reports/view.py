"""A report in, what the page shows out: texts cut and made harmless, lists cut, amounts in words, pictures drawn."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from cleaner.reports import svg
from cleaner.reports.cuts import MAX_NAME, Cut, Head, Limits, cut, glyphs, made, more, name_of, text_of
from cleaner.reports.digest import (
    Counts,
    Finding,
    Kind,
    accept_entry,
    counts,
    each_finding,
    grouped,
    leading,
    percent,
    place,
    rule_name,
    rule_says,
    settled,
    some,
    urgency,
    verdict,
)
from cleaner.reports.view_pairs import Pairs, apart_of, clusters_of
from cleaner.reports.view_repeats import repeats_of
from cleaner.rules import RULES, TRIMMED

# Of the documents that share a passage so many are named.
SHOWN_EXAMPLES = 3
# What only a person can decide, among what needs an eye.
DECISIONS = (Kind.BORDERLINE, Kind.UNIQUE)
STATUSES = {"canonical": "kept", "duplicate": "dropped", "failed": "failed", "skipped": "skipped"}
# What became of the source characters: look, what it is called, the rules and ledger entries that it sums.
FATES = (
    ("dropped", "repeats inside a document, taken out", ("DUP001",)),
    ("merged", "copies of kept articles, dropped", ("DUP003", "DUP004", "DUP005", "DUP006")),
    ("trimmed", "boilerplate and page furniture, trimmed", TRIMMED),
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
    "min_template_share": "A short block at an end of an article is cut if this share of its site's articles has it there, in percent, and three at least; half of them, if it is a sentence.",
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


def at_hand(report: dict[str, Any]) -> dict[str, Any]:
    """The report with no more of its long lists than a page can show, for the page goes over them more than once, and they grow with the corpus.

    Of the `pairs` that share a passage there are those that it shows, and `reused` is how many there are. Of the `problems` there are errors and warnings;
    `problem_groups` are all of them by their messages, the worst first. `findings` are what needs an eye, those that it shows: `finding_count` is how many there are, of the kinds `finding_kinds`, and `reasons` are those
    of the pairs that it compares. `homes` tells of sources that may be shown the title and the article of the kept document that each went into, and `alone` and `failed` are the names of documents like no other, and of sources that gave none.
    """
    limits = Limits()
    report = {name: list(member) if name == "repeats" else member for name, member in report.items()}
    sources = Head(list(islice(report["sources"], limits.sources)), len(report["sources"]))
    named = {entry["source"] for entry in sources.first} | {cluster["canonical"] for cluster in report["clusters"]}
    homes, alone = _documents(report, named, limits)
    problems, groups = _problem_groups(report["problems"], limits)
    compared = {frozenset((entry["kept"], entry["other"])) for entry in report["comparisons"]}
    pairs = _Passing(report["pairs"], compared, limits.pairs)
    found = each_finding({**report, "problems": problems, "pairs": pairs})
    failed = (entry["source"] for entry in report["sources"] if entry["status"] == "failed")
    report |= {
        "sources": sources,
        "homes": homes,
        "alone": alone,
        "failed": list(failed) if report["summary"]["failed"] else [],
        "problems": problems,
        "problem_groups": groups,
        "problem_count": len(report["problems"]),
        "meant_repeats": Head(list(islice(report["meant_repeats"], limits.meant)), len(report["meant_repeats"])),
        **_findings(found, compared, limits),
    }
    return {**report, "pairs": pairs.shown, "reused": pairs.reused}


def _findings(found: Iterable[Finding], compared: Set[frozenset[str]], limits: Limits) -> dict[str, Any]:
    """Those of the findings that the page shows, how many and of what kinds there are, and the reasons of pairs that it compares."""
    kinds: set[Kind] = set()
    told: list[Finding] = []

    def seen() -> Iterator[Finding]:
        for finding in found:
            kinds.add(finding.kind)
            if finding.other and {finding.source, finding.other} in compared:
                told.append(finding)
            yield finding

    first, count = leading(seen(), limits.findings)
    reasons = {frozenset((finding.source, finding.other)): finding.reason for finding in sorted(told, key=urgency)}
    return {"findings": first, "finding_count": count, "finding_kinds": kinds, "reasons": reasons}


def _documents(report: dict[str, Any], named: set[str], limits: Limits) -> tuple[dict[str, Any], Head]:
    """Title and article of the kept document that each of the named sources went into, and the names of those that are in no cluster."""
    in_cluster = {cluster["canonical"] for cluster in report["clusters"]}
    in_cluster |= {member["source"] for cluster in report["clusters"] for member in cluster["members"]}
    homes: dict[str, Any] = {}
    alone: list[str] = []
    count = 0
    for document in report["documents"]:
        canonical = document["canonical_source"]
        home = {"title": document["title"], "article": document["article"]}
        homes |= dict.fromkeys(named.intersection((*document["sources"], canonical)), home)
        if canonical not in in_cluster:
            count += 1
            if count <= limits.alone:
                alone.append(canonical)
    return homes, Head(alone, count)


def _problem_groups(problems: Iterable[dict[str, Any]], limits: Limits) -> tuple[list[dict[str, Any]], Head]:
    """The errors and warnings, and all problems by their messages, the worst first; one message about many sources stands once."""
    grave: list[dict[str, Any]] = []
    first: dict[tuple[int, str, str], list[dict[str, Any]]] = defaultdict(list)
    counts: Counter[tuple[int, str, str]] = Counter()
    for entry in problems:
        if entry["severity"] != "info":
            grave.append(entry)
        key = _badness(entry)
        counts[key] += 1
        if counts[key] <= limits.places:
            first[key].append(entry)
    order = sorted(first)
    return grave, Head([Head(first[key], counts[key]) for key in order[: limits.problems]], len(order))


@dataclass
class _Passing:
    """Pairs that pass by once. `shown` are then those that are `compared`, and the first `limit` that share a passage; `reused` is how many share one."""

    pairs: Iterable[dict[str, Any]]
    compared: Set[frozenset[str]]
    limit: int
    shown: list[dict[str, Any]] = field(default_factory=list)
    reused: int = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for pair in self.pairs:
            is_reuse = pair["relation"] == "reuse"
            self.reused += is_reuse
            if (is_reuse and self.reused <= self.limit) or {pair["a"], pair["b"]} in self.compared:
                self.shown.append(pair)
            yield pair


def view(report: dict[str, Any], limits: Limits, pairs: Pairs) -> dict[str, Any]:
    """What the page shows of a report that is `at_hand`. Names and texts are plain strings, which the page escapes; pictures are SVG."""
    report = {**report, "clusters": _ordered(report["clusters"], pairs, limits)}
    options = report["method"]["options"]
    linked = _cluster_numbers(report["clusters"][: limits.clusters])
    reused = [pair for pair in report["pairs"] if pair["relation"] == "reuse"]
    passages = cut(reused, limits.pairs, "pair", _pair)
    return {
        "verdict": verdict(report),
        "tool": report["tool"],
        "tiles": _tiles(counts(report)),
        "eye": _eye(report, pairs, limits),
        "eye_is_mixed": len({kind in DECISIONS for kind in report["finding_kinds"]}) > 1,
        "settled": _settled(report),
        "clusters": clusters_of(report, pairs, report["homes"], limits),
        "apart": apart_of(report, pairs, limits),
        "reused": passages._replace(
            all=some(report["reused"], "pair"), more=more(report["reused"] - limits.pairs, "pair")
        ),
        "shared": cut(report["shared"], limits.pairs, "passage", _shared),
        "templates": cut(report["templates"], limits.pairs, "block", _template),
        "map": _map(report, limits),
        "repeats": repeats_of(report, limits),
        "fates": _fates(report["summary"]["characters"]),
        "changes": _changes(report, limits),
        "problems": _problems(report, limits),
        "sources": cut(
            report["sources"], limits.sources, "source", partial(_source, homes=report["homes"], linked=linked)
        ),
        "thresholds": [(name, _value(value), OPTION_WORDS.get(name, "")) for name, value in options.items()],
        "rules": [
            (code, rule_name(code), rule["severity"], rule["summary"], RULES[code].remedy if code in RULES else "")
            for code, rule in report["rules"].items()
        ],
    }


def _ordered(clusters: Sequence[dict[str, Any]], pairs: Pairs, limits: Limits) -> list[dict[str, Any]]:
    """The largest clusters first; of more than the page holds those come first whose texts it compares."""
    compared = pairs.sources(limits)
    chosen = sorted(clusters, key=lambda found: (found["canonical"] not in compared, -len(found["members"])))
    first, others = chosen[: limits.clusters], chosen[limits.clusters :]
    return sorted(first, key=lambda found: -len(found["members"])) + others


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


def _eye(report: dict[str, Any], pairs: Pairs, limits: Limits) -> Cut:
    groups = grouped(report["findings"])[: limits.findings]
    count = report["finding_count"]
    drawn = list(enumerate(report["traces"][: limits.strips], 1))
    places = {entry["source"]: number for number, entry in reversed(drawn)}
    shown = partial(_eye_item, pairs=pairs, places=places, limits=limits)
    return Cut(made(shown, groups), some(count, "finding"), more(count - sum(map(len, groups)), "finding"))


def _eye_item(group: list[Finding], *, pairs: Pairs, places: dict[str, int], limits: Limits) -> dict[str, Any]:
    first = group[0]
    same = len({finding.reason for finding in group}) == 1
    alone = first if len(group) == 1 else None
    measure = alone.measure if alone else None
    return {
        "kind": first.kind.value,
        "look": first.kind.name.lower(),
        "code": first.code,
        "label": first.label if first.code else "",
        "one": _eye_place(first, places, limits, same=True) if alone else None,
        "other": name_of(first.other) if alone else "",
        "pair": pairs.number(first.source, first.other, limits) if first.other else 0,
        "strip": places.get(first.source, 0) if alone and first.code == "DUP001" else 0,
        "gauge": svg.bar(measure.value / 100, measure.threshold) if measure else "",
        "gauge_said": f"{measure.word} {measure.value:.1f}%, threshold {measure.threshold}%" if measure else "",
        "places": cut(group, limits.places, "document", partial(_eye_place, places=places, limits=limits, same=same)),
        # Said once if it is the same everywhere, else beside each place.
        "reason": text_of(first.reason) if same else "",
        "action": text_of(first.action),
        "accept": accept_entry(first) if alone and 0 < len(first.other) < MAX_NAME > len(first.source) else "",
    }


def _eye_place(finding: Finding, places: dict[str, int], limits: Limits, *, same: bool) -> dict[str, Any]:
    return {
        "where": name_of(finding.where),
        "cluster": None if finding.cluster is None else _card(finding.cluster + 1, limits),
        "reason": "" if same else text_of(finding.reason),
        "strip": places.get(finding.source, 0) if finding.code == "DUP001" else 0,
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


def _pair(pair: dict[str, Any]) -> tuple[str, str, str, str]:
    return name_of(pair["a"]), name_of(pair["b"]), f"{pair.get('passage_words', 0):,}", percent(pair["jaccard"])


def _shared(entry: dict[str, Any]) -> tuple[str, str]:
    examples = [name_of(source) for source in entry["examples"][:SHOWN_EXAMPLES]]
    others = ", ..." if entry["documents"] > len(examples) else ""
    where = f": {', '.join(examples)}{others}" if examples else ""
    return text_of(entry["text"]), some(entry["documents"], "document") + where


def _template(entry: dict[str, Any]) -> tuple[str, str]:
    examples = [name_of(source) for source in entry["examples"][:SHOWN_EXAMPLES]]
    where = f": {', '.join(examples)}, ..." if examples else ""
    return text_of(
        entry["text"]
    ), f"{entry['articles']:,} of {entry['of']:,} articles of {name_of(entry['site'])}{where}"


def _map(report: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Every document as a square, those of a cluster together; then the many that stand alone."""
    alone, failed = report["alone"], report["failed"]
    size = next(size for most, size in CELL_SIZES if len(report["sources"]) <= most)
    groups = cut(
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
        "more": more(len(alone) - limits.alone, "document"),
    }


def _map_group(numbered: tuple[int, dict[str, Any]], *, limits: Limits, size: int) -> tuple[int | None, str, str]:
    """The card of a cluster, what it is in words, and its squares."""
    number, cluster = numbered
    members = [
        svg.Cell("dropped" if member["dropped"] else "apart", name_of(member["source"]))
        for member in cluster["members"]
    ]
    name = name_of(cluster["canonical"])
    said = f"Cluster {number}: {name} and {some(len(members), 'other')}"
    return _card(number, limits), said, svg.cells([svg.Cell("kept", name), *members], size)


def _card(number: int, limits: Limits) -> int | None:
    """The card of a cluster to link to, if the page has it."""
    return number if number <= limits.clusters else None


def _squares(look: str, names: Sequence[str], limit: int, size: int) -> list[str]:
    """Documents by themselves: each with its name, or a crowd in tens."""
    if len(names) <= NAMED_DOCUMENTS:
        return [svg.cells([svg.Cell(look, name_of(name))], size) for name in names[:limit]]
    shown = min(len(names), limit)
    return [svg.crowd(look, min(10, shown - start), size) for start in range(0, shown, 10)]


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


def _changes(report: dict[str, Any], limits: Limits) -> dict[str, list[dict[str, Any]]]:
    """What was edited and what was left out, rule by rule: those of which a few places can be shown before and after, and the others."""
    samples: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for sample in report["samples"]:
        samples[sample["rule"]].append(sample)
    summary = report["summary"]
    amounts = [(rule, amount, "place") for rule, amount in summary["edits"].items() if rule in RULES]
    amounts += [(rule, amount, "character") for rule, amount in summary["characters"]["dropped"].items()]
    # What was mended, then what was trimmed, then what is no fault of the text.
    ordered = sorted(
        amounts, key=lambda found: (found[0][:3] not in ("TXT", "DOC"), found[0][:3] != "TXT", -found[1], found[0])
    )
    changes = [_change(rule, amount, unit, samples[rule], limits) for rule, amount, unit in ordered]
    return {
        "shown": [change for change in changes if change["samples"].shown],
        "others": [change for change in changes if not change["samples"].shown],
    }


def _change(rule: str, amount: int, unit: str, samples: Sequence[dict[str, Any]], limits: Limits) -> dict[str, Any]:
    return {
        "code": rule if rule in RULES else "",
        "name": rule_name(rule),
        "said": rule_says(rule),
        "amount": some(amount, unit) + (" mended" if unit == "place" else " left out"),
        "samples": cut(list(_of_unit(samples, unit)), limits.samples, "sample", _sample),
    }


def _of_unit(samples: Sequence[dict[str, Any]], unit: str) -> Iterator[dict[str, Any]]:
    """A rule may mend in one place and drop in another: what is left out has nothing after it."""
    return (sample for sample in samples if (unit == "place") == bool(sample["after"]))


def _sample(sample: dict[str, Any]) -> dict[str, Any]:
    around = {side: glyphs(sample[side]) for side in ("left", "right")}
    return {
        **around,
        **{side: glyphs(sample[side]) for side in ("before", "after")},
        "source": name_of(sample["source"]),
    }


def _problems(report: dict[str, Any], limits: Limits) -> Cut:
    """The problems by their messages."""
    found = cut(report["problem_groups"], limits.problems, "message", partial(_problem, limits=limits))
    return found._replace(all=some(report["problem_count"], "problem"))


def _problem(group: Sequence[dict[str, Any]], *, limits: Limits) -> dict[str, Any]:
    first = group[0]
    return {
        "rule": first["rule"],
        "name": rule_name(first["rule"]),
        "severity": first["severity"],
        "rank": _badness(first)[0],
        "message": text_of(first["message"]),
        "places": cut(group, limits.places, "place", _problem_place),
    }


def _problem_place(entry: dict[str, Any]) -> str:
    return name_of(place(entry["source"], entry["line"], entry["column"]))


def _badness(entry: dict[str, Any]) -> tuple[int, str, str]:
    return ("error", "warning", "info").index(entry["severity"]), entry["rule"], entry["message"]


def _source(entry: dict[str, Any], *, homes: dict[str, Any], linked: dict[str, int]) -> dict[str, Any]:
    home = homes.get(entry["source"], {})
    return {
        "name": name_of(entry["source"]),
        "status": STATUSES[entry["status"]],
        "cluster": linked.get(entry["source"]),
        "why": text_of(entry.get("why", "")),
        "title": name_of(home.get("title") or "untitled"),
        "article": home.get("article", ""),
        "format": " ".join(filter(None, [entry["format"], "" if entry["encoding"] == "utf-8" else entry["encoding"]])),
        "bytes": f"{entry['bytes']:,}",
    }


def _cluster_numbers(clusters: Sequence[dict[str, Any]]) -> dict[str, int]:
    """The number of the card that each source stands on."""
    numbers: dict[str, int] = {}
    for number, cluster in enumerate(clusters, 1):
        for source in (cluster["canonical"], *(member["source"] for member in cluster["members"])):
            numbers.setdefault(source, number)
    return numbers


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)
