"""A report in, one self-contained page out: no request leaves it, and without JavaScript it reads the same."""

from __future__ import annotations

import pkgutil
from base64 import b64encode
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from cleaner.reports import svg
from cleaner.reports.digest import (
    Counts,
    Finding,
    clipped,
    counts,
    deciding,
    findings,
    first_of,
    grouped,
    percent,
    place,
    rule_words,
    settled,
    some,
    verdict,
    visible,
)
from cleaner.rules import LEDGER_NAMES, RULES

if TYPE_CHECKING:
    from jinja2 import Template

# A page that is larger opens slowly, and no mail or review tool takes it.
MAX_BYTES = 3_000_000
# Names and texts are cut here, so that one monstrous line can't use up the page.
MAX_NAME, MAX_TEXT = 240, 700


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of each the page holds; report.json has all."""

    findings: int = 60
    places: int = 12
    clusters: int = 400
    members: int = 30
    sentences: int = 20
    pairs: int = 200
    groups: int = 1500
    alone: int = 6000
    strips: int = 60
    runs: int = 120
    meant: int = 100
    problems: int = 1000
    sources: int = 4000

    def halved(self) -> Limits:
        return Limits(*(max(1, getattr(self, field.name) // 2) for field in fields(self)))


class Cut(NamedTuple):
    """The first entries of a list, and how many more there are."""

    shown: Sequence[Any]
    more: int


RELATIONS = {
    "exact": "the same words",
    "near": "nearly the same words",
    "revision": "another revision",
    "contained": "contained in the other",
    "reuse": "a passage in common",
}
STATUSES = {"canonical": "kept", "duplicate": "merged", "failed": "failed", "skipped": "skipped"}
# What became of the source characters: look, what it is called, the rules and ledger entries that it sums.
FATES = (
    ("dropped", "repeats inside a document, taken out", ("DUP001",)),
    ("merged", "copies of kept articles, merged away", ("DUP003", "DUP004", "DUP005", "DUP006")),
    ("trimmed", "boilerplate and page furniture, trimmed", ("DOC004", "not-article")),
    ("metadata", "read into the metadata", ("metadata",)),
    ("markup", "white space and markup", ("markup",)),
)
OPTION_WORDS = {
    "min_jaccard": "Two documents are nearly the same when this share of all their word sequences is common to both (Jaccard), in percent.",
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


def render_html(report: dict[str, Any]) -> str:
    """The page, of at most `MAX_BYTES`: of a large report fewer details are shown, and the page says how many more report.json holds."""
    style, script = _asset("report.css"), _asset("report.js")
    template = _template()
    limits = Limits()
    while True:
        page = template.render(view(report, limits), style=style, script=script, policy=_policy(style, script))
        if len(page.encode("utf-8", "replace")) <= MAX_BYTES or limits == limits.halved():
            return page
        limits = limits.halved()


def view(report: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """What the template shows: texts cut and made harmless, lists cut, pictures drawn."""
    options = report["method"]["options"]
    found = counts(report)
    groups, more_findings = first_of(grouped(findings(report)), limits.findings)
    homes, linked = _homes(report), _cluster_numbers(report)
    return {
        "verdict": verdict(report),
        "tiles": list(_tiles(found)),
        "eye": Cut([_eye(group, limits) for group in groups], more_findings),
        "settled": settled(report),
        "clusters": _cut(report["clusters"], limits.clusters, partial(_cluster, homes=homes, options=options, limits=limits)),
        "reused": _cut([pair for pair in report["pairs"] if pair["relation"] == "reuse"], limits.pairs, _pair),
        "shared": _cut(report["shared"], limits.pairs, lambda entry: {**entry, "text": _text(entry["text"])}),
        "map": _map(report, limits),
        "strips": _strips(report, limits),
        "meant": _cut(report["meant_repeats"], limits.meant, _repeat),
        "fates": _fates(report["summary"]["characters"]),
        "dropped": _by_rule(report["summary"]["characters"]["dropped"]),
        "edits": _by_rule(report["summary"]["edits"]),
        "problems": _cut(sorted(report["problems"], key=_badness), limits.problems, _problem),
        "sources": _cut(report["sources"], limits.sources, partial(_source, homes=homes, linked=linked)),
        "statuses": STATUSES,
        "thresholds": [(name, _value(value), OPTION_WORDS.get(name, "")) for name, value in options.items()],
        "rules": [
            (code, rule["name"], rule["severity"], rule["summary"], RULES[code].remedy if code in RULES else "")
            for code, rule in report["rules"].items()
        ],
    }


def _template() -> Template:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["some"] = some
    environment.filters["percent"] = percent
    environment.filters["number"] = "{:,}".format
    return environment.from_string(_asset("report.html.j2"))


def _asset(name: str) -> str:
    data = pkgutil.get_data("cleaner.reports", f"templates/{name}")
    if data is None:
        raise FileNotFoundError(f"cleaner/reports/templates/{name} is missing; install the package again.")
    # Git may check the file out with CRLF; the page, and so its hashes, are the same everywhere.
    return data.decode("utf-8").replace("\r\n", "\n")


def _policy(style: str, script: str) -> str:
    """The content security policy: nothing may be loaded, and only this style and this script run (CSP 3, hash sources)."""
    return (
        f"default-src 'none'; style-src '{_hash_source(style)}'; script-src '{_hash_source(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash_source(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _tiles(found: Counts) -> Sequence[tuple[str, int, str, str, str]]:
    """Look, number, what it counts, a word more, and the section to go to."""
    stray = f"and {some(found.stray, 'stray character')} dropped" if found.stray else "places"
    return [
        ("", found.read, "read", f"{some(found.skipped, 'other')} skipped" if found.skipped else "sources", "sources"),
        ("kept", found.written, "written", "articles", "sources"),
        ("merged", found.merged, "merged", "copies of a kept article", "clusters"),
        ("dropped", found.repeats, "repeats removed", some(found.repeat_characters, "character"), "repeats"),
        ("", found.mended, "mended", stray, "text"),
        ("", found.trimmed, "trimmed", "characters of boilerplate", "text"),
        ("failed" if found.failed else "", found.failed, "failed", "not converted", "eye"),
    ]


def _eye(group: list[Finding], limits: Limits) -> dict[str, Any]:
    first = group[0]
    told = {finding.reason for finding in group}
    return {
        "kind": first.kind.value,
        "code": first.code,
        "label": first.label,
        # Said once if it is the same everywhere, else beside each place.
        "reason": _text(first.reason) if len(told) == 1 else "",
        "action": _text(first.action),
        "places": _cut(group, limits.places, partial(_eye_place, alone=len(told) == 1)),
    }


def _eye_place(finding: Finding, *, alone: bool) -> dict[str, Any]:
    return {
        "where": _name(finding.where),
        "cluster": finding.cluster,
        "reason": "" if alone else _text(finding.reason),
    }


def _cluster(
    cluster: dict[str, Any], *, homes: dict[str, Any], options: dict[str, Any], limits: Limits
) -> dict[str, Any]:
    home = homes.get(cluster["canonical"], {})
    dropped = sum(member["dropped"] for member in cluster["members"])
    return {
        "canonical": _name(cluster["canonical"]),
        "title": _name(home.get("title") or cluster["canonical"]),
        "article": home.get("article", ""),
        "why": cluster["why"],
        "dropped": dropped,
        "apart": len(cluster["members"]) - dropped,
        "members": _cut(cluster["members"], limits.members, partial(_member, options=options, limits=limits)),
    }


def _member(member: dict[str, Any], *, options: dict[str, Any], limits: Limits) -> dict[str, Any]:
    measure = deciding(member, options)
    by = measure[0] if measure else ""
    return {
        "source": _name(member["source"]),
        "relation": RELATIONS[member["relation"]],
        "dropped": member["dropped"],
        "decided": f"{measure[1]:.1f}% against a threshold of {measure[2]}%" if measure else "",
        "measures": [
            _measure(
                "of all their word sequences are in both (Jaccard)",
                member["jaccard"],
                options["min_jaccard"] if by == "jaccard" else None,
            ),
            _measure(
                "of it stands in the kept one",
                member["containment"],
                options["min_containment"] if by == "containment" else None,
            ),
            _measure("of the kept one stands in it", member["contained_in_it"], None),
        ],
        "sentences": _cut(member["unique_sentences"], limits.sentences, _text),
        "unique": len(member["unique_sentences"]),
    }


def _measure(words: str, share: float, threshold: int | None) -> dict[str, Any]:
    return {"words": words, "percent": percent(share), "bar": svg.bar(share, threshold), "decides": threshold is not None}


def _pair(pair: dict[str, Any]) -> dict[str, Any]:
    return {**pair, "a": _name(pair["a"]), "b": _name(pair["b"])}


def _map(report: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Every document as a square, those of a cluster together; then the many that stand alone."""
    in_cluster = {cluster["canonical"] for cluster in report["clusters"]}
    in_cluster |= {member["source"] for cluster in report["clusters"] for member in cluster["members"]}
    alone = [entry["canonical_source"] for entry in report["documents"] if entry["canonical_source"] not in in_cluster]
    failed = [entry["source"] for entry in report["sources"] if entry["status"] == "failed"]
    shown = alone[: limits.alone]
    return {
        "groups": _cut(list(enumerate(report["clusters"])), limits.groups, _map_group),
        # Few documents are worth a name each; a crowd is drawn in tens.
        "alone": [svg.cells([svg.Cell("alone", _name(name))]) for name in shown]
        if len(shown) <= 300
        else [svg.crowd(min(10, len(shown) - start)) for start in range(0, len(shown), 10)],
        "alone_count": len(alone),
        "alone_more": len(alone) - len(shown),
        "failed": [svg.cells([svg.Cell("failed", _name(name))]) for name in failed[:100]],
        "failed_count": len(failed),
    }


def _map_group(numbered: tuple[int, dict[str, Any]]) -> dict[str, Any]:
    number, cluster = numbered
    members = [svg.Cell("merged" if member["dropped"] else "apart", _name(member["source"])) for member in cluster["members"]]
    return {
        "number": number,
        "name": _name(cluster["canonical"]),
        "size": 1 + len(members),
        "svg": svg.cells([svg.Cell("kept", _name(cluster["canonical"])), *members]),
    }


def _strips(report: dict[str, Any], limits: Limits) -> Cut:
    """The repeats by the text that they stand in, the most repeated first."""
    by_text: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for entry in report["repeats"]:
        by_text[entry["source"], entry["dropped"]["pointer"]].append(entry)
    texts = sorted(by_text.values(), key=lambda runs: (-sum(map(_dropped_length, runs)), runs[0]["source"]))
    entries = {entry["source"]: entry for entry in report["sources"]}
    return _cut(texts, limits.strips, partial(_strip, entries=entries, report=report, limits=limits))


def _strip(
    runs: list[dict[str, Any]], *, entries: dict[str, Any], report: dict[str, Any], limits: Limits
) -> dict[str, Any]:
    source, pointer = runs[0]["source"], runs[0]["dropped"]["pointer"]
    twins = [svg.Twin(_span(run["dropped"]), _span(run["kept_at"]) if run["kept_at"]["pointer"] == pointer else None) for run in runs]
    furthest = max(end for twin in twins for _, end in (twin.dropped, twin.kept or twin.dropped))
    problem_ends = [
        entry["span"]["end"]
        for entry in report["problems"]
        if entry["source"] == source and entry["span"] and entry["span"]["pointer"] == pointer
    ]
    known = 0 if pointer else entries.get(source, {}).get("characters", 0)
    length = max([known, furthest, *problem_ends])
    taken = sum(map(_dropped_length, runs))
    return {
        "source": _name(source),
        "pointer": _name(pointer),
        "count": len(runs),
        "taken": taken,
        "share": percent(taken / length),
        "lie": _lie(twins),
        "alike": "word for word" if all(run["similarity"] >= 1 for run in runs) else f"at least {percent(min(run['similarity'] for run in runs))} alike",
        "svg": svg.strip(twins, length),
        "runs": _cut(runs, limits.runs, _repeat),
    }


def _lie(twins: Sequence[svg.Twin]) -> str:
    """How the copies lie to the kept text, in words."""
    kept = [twin.kept for twin in twins if twin.kept]
    if not kept:
        return "The kept text stands in another part of the record."
    first, last = min(twin.dropped[0] for twin in twins), max(twin.dropped[1] for twin in twins)
    kept_first, kept_last = min(start for start, _ in kept), max(end for _, end in kept)
    copies, stays = f"the copies (characters {first:,} to {last:,})", f"the text that stays ({kept_first:,} to {kept_last:,})"
    order = " in the same order" if len(kept) > 2 and kept == sorted(kept) else ""
    if last <= kept_first:
        return f"First come {copies}; the same passages follow{order} in {stays}."
    if kept_last <= first:
        return f"First comes {stays}; the same passages follow{order} in {copies}."
    return f"{copies[0].upper()}{copies[1:]} and {stays} lie among each other."


def _repeat(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": _name(entry["source"]),
        "dropped": _span(entry["dropped"]),
        "kept": _span(entry["kept_at"]),
        "similarity": percent(entry["similarity"]),
        "text": _text(entry["text"]),
        "why": entry.get("why", ""),
    }


def _fates(characters: dict[str, Any]) -> dict[str, Any]:
    """What became of every source character, as one bar and its legend."""
    dropped = characters["dropped"]
    parts = [("kept", "kept in the articles", characters["kept"])]
    parts += [(look, words, sum(dropped.get(rule, 0) for rule in rules)) for look, words, rules in FATES]
    rest = characters["in"] - sum(amount for *_, amount in parts)
    parts = [part for part in [*parts, ("rest", "mended away: stray characters and the like", rest)] if part[2] > 0]
    return {
        "svg": svg.stack([(look, amount) for look, _, amount in parts]),
        "parts": [(look, words, amount, percent(amount / characters["in"])) for look, words, amount in parts],
        "whole": characters["in"],
    }


def _by_rule(amounts: dict[str, int]) -> list[tuple[str, str, str, int]]:
    """Code (empty for the ledger's own entries), name, what it says, amount; the greatest first."""
    return [
        (code if code in RULES else "", rule_words(code), RULES[code].summary if code in RULES else LEDGER_NAMES.get(code, ""), amount)
        for code, amount in sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _problem(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "rule": entry["rule"],
        "name": entry["name"],
        "severity": entry["severity"],
        "where": _name(place(entry["source"], entry["line"], entry["column"])),
        "message": _text(entry["message"]),
    }


def _source(entry: dict[str, Any], *, homes: dict[str, Any], linked: dict[str, int]) -> dict[str, Any]:
    home = homes.get(entry["source"], {})
    return {
        "name": _name(entry["source"]),
        "status": STATUSES[entry["status"]],
        "title": _name(home.get("title", "")),
        "article": home.get("article", ""),
        "cluster": linked.get(entry["source"]),
        "format": entry["format"],
        "encoding": entry["encoding"],
        "bytes": entry["bytes"],
        "why": _text(entry.get("why", "")),
    }


def _homes(report: dict[str, Any]) -> dict[str, Any]:
    """The kept document that each source went into."""
    return {source: document for document in report["documents"] for source in document["sources"]}


def _cluster_numbers(report: dict[str, Any]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for number, cluster in enumerate(report["clusters"]):
        for source in (cluster["canonical"], *(member["source"] for member in cluster["members"])):
            numbers.setdefault(source, number)
    return numbers


def _badness(entry: dict[str, Any]) -> tuple[int, str]:
    return ("error", "warning", "info").index(entry["severity"]), entry["rule"]


def _dropped_length(run: dict[str, Any]) -> int:
    return int(run["dropped"]["end"]) - int(run["dropped"]["start"])


def _span(span: dict[str, Any]) -> tuple[int, int]:
    return span["start"], span["end"]


def _value(value: Any) -> str:
    return ", ".join(value) or "none" if isinstance(value, list) else f"{value:,}" if isinstance(value, int) else str(value)


def _name(text: str) -> str:
    return clipped(visible(text, one_line=True), MAX_NAME)


def _text(text: str) -> str:
    return clipped(visible(text), MAX_TEXT)


def _cut(entries: Sequence[Any], limit: int, shown: Any) -> Cut:
    return Cut([shown(entry) for entry in entries[:limit]], max(0, len(entries) - limit))
