"""Clusters and compared pairs in, their cards out: who was kept and why, who was dropped and why, both texts side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import groupby
from typing import Any

from cleaner.reports import svg
from cleaner.reports.comparing import Comparison, Kind, Piece, Row, compare
from cleaner.reports.cuts import Cut, Limits, cut, made, more, name_of, pieces_of, text_of
from cleaner.reports.digest import Measure, deciding, percent, some

RELATIONS = {
    "exact": "the same words in the same order",
    "near": "nearly the same words",
    "revision": "an earlier revision of it: the same address or headline, another date",
    "contained": "all of it stands in the kept one, or nearly",
    "reuse": "a passage in common",
}
# The measures of a member: what it is called where it decides, its key in the report, and what it says.
MEASURES = (
    ("jaccard", "jaccard", "of all their word sequences are in both (Jaccard)"),
    ("similarity", "similarity", "of their words stand in the same order (similarity)"),
    ("containment", "containment", "of it stands in the kept one (containment)"),
    ("", "contained_in_it", "of the kept one stands in it"),
)
# So many sentences are shown at once; more are folded away.
FEW_SENTENCES = 5
# What only the kept text has is shown up to this many characters; what is the same is folded from so many words on.
SHOWN_CHARACTERS, FOLDED_WORDS = 320, 9
# Of the longer text's length, a part so small can't be seen.
HAIRS = 300
# Of so few pairs all are shown open.
OPEN_PAIRS = 3


@dataclass
class Pairs:
    """The compared pairs of a report that is `at_hand`, by their two sources; what is asked here is found once, however often the page is made anew."""

    report: dict[str, Any]
    compared: dict[tuple[str, str], Comparison] = field(default_factory=dict)

    def number(self, kept: str, other: str, limits: Limits) -> int:
        """The number of a pair's card on the page, from 1; 0 if the page has none."""
        for number, entry in enumerate(self.report["comparisons"][: limits.comparisons], 1):
            if {entry["kept"], entry["other"]} == {kept, other}:
                return number
        return 0

    def sources(self, limits: Limits) -> set[str]:
        """The documents that the page compares."""
        shown = self.report["comparisons"][: limits.comparisons]
        return {entry[end] for entry in shown for end in ("kept", "other")}

    @cached_property
    def apart(self) -> dict[frozenset[str], dict[str, Any]]:
        """The pairs of which nothing was dropped."""
        apart = {frozenset((pair["a"], pair["b"])): pair for pair in self.report["pairs"]}
        for cluster in self.report["clusters"]:
            for member in cluster["members"]:
                apart.pop(frozenset((cluster["canonical"], member["source"])), None)
        return apart

    def comparison(self, entry: dict[str, Any]) -> Comparison:
        key = entry["kept"], entry["other"]
        if key not in self.compared:
            texts = self.report["texts"]
            self.compared[key] = compare(texts[key[0]], texts[key[1]])
        return self.compared[key]


def clusters_of(report: dict[str, Any], pairs: Pairs, homes: dict[str, Any], limits: Limits) -> Cut:
    numbers = {_ends(entry): number for number, entry in enumerate(report["comparisons"][: limits.comparisons], 1)}
    shown = partial(_cluster, pairs=pairs, numbers=numbers, homes=homes, limits=limits)
    return cut(list(enumerate(report["clusters"], 1)), limits.clusters, "cluster", shown)


def _cluster(
    numbered: tuple[int, dict[str, Any]],
    *,
    pairs: Pairs,
    numbers: dict[frozenset[str], int],
    homes: dict[str, Any],
    limits: Limits,
) -> dict[str, Any]:
    number, cluster = numbered
    home = homes.get(cluster["canonical"], {})
    dropped = sum(member["dropped"] for member in cluster["members"])
    kept_too = len(cluster["members"]) - dropped
    fates = [some(dropped, "copy", "copies") + " dropped"] if dropped else []
    fates += [f"{kept_too:,} like it kept too"] if kept_too else []
    shown = partial(_member, cluster=cluster, pairs=pairs, numbers=numbers, limits=limits)
    compared_first = sorted(
        cluster["members"], key=lambda member: frozenset((cluster["canonical"], member["source"])) not in numbers
    )
    return {
        "number": number,
        "title": name_of(home.get("title") or cluster["title"] or cluster["canonical"]),
        "fates": ", ".join(fates),
        "canonical": name_of(cluster["canonical"]),
        "article": home.get("article", ""),
        "about": _about(cluster),
        "why": ("It was kept because " if dropped else "It is kept, and so are the others: ") + cluster["why"] + ".",
        "members": cut(compared_first, limits.members, "member", shown),
    }


def _about(entry: dict[str, Any]) -> str:
    """When it came out and how long it is."""
    dates = [entry["date"][:10], f"updated {entry['updated'][:10]}" if entry["updated"] else ""]
    return ", ".join(filter(None, [*dates, some(entry["words"], "word")]))


def _member(
    member: dict[str, Any],
    *,
    cluster: dict[str, Any],
    pairs: Pairs,
    numbers: dict[frozenset[str], int],
    limits: Limits,
) -> dict[str, Any]:
    options = pairs.report["method"]["options"]
    decided = deciding(member, options)
    own = member["unique_sentences"]
    number = numbers.get(frozenset((cluster["canonical"], member["source"])), 0)
    title = member["title"] if member["title"] != cluster["title"] else ""
    return {
        "source": name_of(member["source"]),
        "title": name_of(title),
        "about": _about(member),
        "look": "dropped" if member["dropped"] else "apart",
        "fate": "dropped" if member["dropped"] else "kept too",
        "relation": RELATIONS[member["relation"]],
        "decided": _decided(decided),
        "measures": [
            _measure(words, member[key], decided if decided and decided.name == name else None)
            for name, key, words in MEASURES
            # The same words are the same by every measure.
            if key in member and member["relation"] != "exact"
        ],
        "own": cut(own, limits.sentences, "sentence", text_of),
        # Side by side they stand out anyway.
        "few": len(own) <= FEW_SENTENCES and not number,
        "sides": sides(pairs, number, limits) if number else None,
    }


def _decided(measure: Measure | None) -> str:
    if measure is None:
        return ""
    return f"its {measure.word} is {measure.value:.1f}%, and {measure.threshold}% is enough"


def _measure(words: str, share: float, decided: Measure | None) -> tuple[str, str, str, str]:
    return words, percent(share), svg.bar(share, decided.threshold if decided else None), "decides" if decided else ""


def apart_of(report: dict[str, Any], pairs: Pairs, limits: Limits) -> Sequence[dict[str, Any]]:
    """The compared pairs of which nothing was dropped, with their texts side by side, and of some why not."""
    numbered = enumerate(report["comparisons"][: limits.comparisons], 1)
    found = [(number, entry) for number, entry in numbered if _ends(entry) in pairs.apart]
    return made(partial(_apart, pairs=pairs, limits=limits), found)


def _apart(numbered: tuple[int, dict[str, Any]], *, pairs: Pairs, limits: Limits) -> dict[str, Any]:
    number, entry = numbered
    pair = pairs.apart[_ends(entry)]
    return {
        "number": number,
        "one": name_of(entry["kept"]),
        "other": name_of(entry["other"]),
        "said": f"The longest passage in common has {pair.get('passage_words', 0):,} words; {percent(pair['jaccard'])} of all their word sequences are in both.",
        "reason": text_of(pairs.report["reasons"].get(_ends(entry), "")),
        "sides": sides(pairs, number, limits, dropped=False),
    }


def _ends(entry: dict[str, Any]) -> frozenset[str]:
    """The two documents of a comparison."""
    return frozenset((entry["kept"], entry["other"]))


def sides(pairs: Pairs, number: int, limits: Limits, *, dropped: bool = True) -> dict[str, Any]:
    """A pair side by side: pictures of what leads where, and the rows to be read."""
    entry = pairs.report["comparisons"][number - 1]
    found = pairs.comparison(entry)
    anchor = f"pair-{number}"
    runs = list(_runs(found, anchor))
    rows = list(_shown_rows(found.rows))
    cut_off = [
        length
        for length, all_of_it in zip((found.kept_length, found.other_length), entry["characters"], strict=True)
        if length < all_of_it
    ]
    return {
        "anchor": anchor,
        "kept": name_of(entry["kept"]),
        "other": name_of(entry["other"]),
        "other_head": "dropped" if dropped else "kept too",
        "other_look": "dropped" if dropped else "apart",
        "said": _said(found.rows, "dropped" if dropped else "upper", "kept" if dropped else "lower"),
        "not_there": ("not in the dropped one", "not in the kept one") if dropped else ("not in the other",) * 2,
        "streams": svg.streams(runs, found.other_length, found.kept_length),
        "dots": svg.dots(runs, found.other_length, found.kept_length),
        "rows": rows[: limits.rows],
        "more": more(len(rows) - limits.rows, "row"),
        "cut": f"Only the first {max(cut_off):,} characters of a text are compared here." if cut_off else "",
        "open": len(pairs.report["comparisons"]) <= OPEN_PAIRS,
    }


def _said(rows: Sequence[Row], upper: str, lower: str) -> str:
    """How the two texts lie to each other, in words."""
    words = {kind: sum(row.words for row in rows if row.kind is kind) for kind in Kind}
    passages = {kind: sum(row.kind is kind for row in rows) for kind in Kind}
    parts = [
        f"{some(passages[Kind.SAME], 'sentence')} word for word the same" if passages[Kind.SAME] else "",
        f"{passages[Kind.CHANGED]:,} with other words in places" if passages[Kind.CHANGED] else "",
        f"{passages[Kind.MOVED]:,} in another place" if passages[Kind.MOVED] else "",
        f"{some(words[Kind.OTHER_ONLY], 'word')} only in the {upper} one" if words[Kind.OTHER_ONLY] else "",
        f"{some(words[Kind.KEPT_ONLY], 'word')} only in the {lower} one" if words[Kind.KEPT_ONLY] else "",
    ]
    return "; ".join(filter(None, parts)) or "no text"


def _runs(found: Comparison, anchor: str) -> Iterator[svg.Run]:
    """What is drawn: passages in common, those that run on in both texts as one; then what only the upper text has."""
    hair = max(found.kept_length, found.other_length) // HAIRS + 4
    last: svg.Run | None = None
    for row in found.rows:
        if row.kind is Kind.OTHER_ONLY and row.other_span:
            yield svg.Run(row.other_span, None, "own", f"{anchor}-own-{row.other_span[0]}", "only here")
        if not (row.number and row.kept_span and row.other_span):
            continue
        run = svg.Run(row.other_span, row.kept_span, row.kind.value, f"{anchor}-{row.number}", f"Passage {row.number}")
        if last and _is_one(last, run, hair) and last.lower and run.lower:
            look = last.look if _size(last) >= _size(run) else run.look
            last = last._replace(upper=(last.upper[0], run.upper[1]), lower=(last.lower[0], run.lower[1]), look=look)
            continue
        if last:
            yield last
        last = run
    if last:
        yield last


def _is_one(last: svg.Run, run: svg.Run, hair: int) -> bool:
    """Whether two passages follow one another on both sides, and look alike or are too thin to be told apart."""
    gaps = [
        after[0] - before[1] for before, after in ((last.upper, run.upper), (last.lower, run.lower)) if before and after
    ]
    follows = all(0 <= gap <= hair for gap in gaps)
    return follows and (last.look == run.look or min(_size(last), _size(run)) < 2 * hair)


def _size(run: svg.Run) -> int:
    return run.upper[1] - run.upper[0]


def _shown_rows(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """The rows as the page shows them: longer stretches that are the same folded into one."""
    for is_same, group in groupby(rows, key=lambda row: row.kind is Kind.SAME):
        same = list(group)
        if is_same and sum(row.words for row in same) >= FOLDED_WORDS:
            yield _fold(same)
        else:
            yield from map(_shown_row, same)


def _fold(rows: Sequence[Row]) -> dict[str, Any]:
    first, last = rows[0].number, rows[-1].number
    return {
        "kind": "fold",
        "number": first,
        "numbers": f"{first}" if first == last else f"{first}\N{EN DASH}{last}",
        "all": range(first + 1, last + 1),
        "said": f"{some(sum(row.words for row in rows), 'word')}, the same in both",
        "kept": pieces_of([("\n".join("".join(piece.text for piece in row.kept) for row in rows), False)]),
        "other": [],
        "at": 0,
    }


def _shown_row(row: Row) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "number": row.number,
        "kept": _shortened(row.kept) if row.kind is Kind.KEPT_ONLY else pieces_of(row.kept),
        "other": pieces_of(row.other),
        "at": row.other_span[0] if row.other_span else 0,
    }


def _shortened(pieces: Sequence[Piece]) -> list[tuple[str, bool]]:
    """What only the kept text has: its beginning and its end."""
    text = "".join(piece.text for piece in pieces)
    if len(text) > SHOWN_CHARACTERS:
        half = SHOWN_CHARACTERS // 2
        text = f"{text[:half].rstrip()} \N{HORIZONTAL ELLIPSIS} {text[-half:].lstrip()}"
    return pieces_of([(text, False)])
