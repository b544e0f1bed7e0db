"""Confirmed pairs in, stars out: a document is dropped only if it directly matches one that is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from cleaner.model.duplicates import Cluster, Fingerprint, Member, Pair, Relation

WHY = {
    Relation.EXACT: "same words",
    Relation.REVISION: "it is the latest revision",
    Relation.CONTAINED: "it holds the shorter text",
}
BOTH = "both have much of their own"
TEMPLATE = "so many short texts under as many titles are pages of one template"
# A star of so many documents, none with more words, most of which have a title that no other has, is a template: what they share is its frame, and
# what a page says is in its title. Of 12,000 pages of manuals 43 were in two such stars (a notice of 70 words under each title), all of them pages of
# their own; of 6,000 wire stories none, and of the labelled abstracts none.
MIN_TEMPLATE_PAGES = 6
MAX_TEMPLATE_PAGE_WORDS = 150


def cluster(
    fingerprints: Sequence[Fingerprint],
    pairs: Sequence[Pair],
    order: Callable[[Fingerprint], tuple[tuple[int | str, ...], ...]],
    reason: Callable[[Fingerprint, Fingerprint], str],
) -> list[Cluster]:
    """The clusters, sorted by their canonical document; no transitive closure, for likeness is not transitive."""
    by_number = {found.number: found for found in fingerprints}
    edges: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.relation is not Relation.REUSE:
            edges[pair.a].append(pair)
            edges[pair.b].append(pair)
    kept_by: dict[int, tuple[int, Pair] | None] = {}
    for number in _superiors_first(sorted(edges, key=lambda found: order(by_number[found])), edges):
        stars = [
            pair for pair in edges[number] if number in pair.drops and kept_by.get(pair.other(number), (0,)) is None
        ]
        # The nearest star; ties go to the one that is preferred.
        best = min(
            stars,
            key=lambda pair: (-100 * pair.common // max(pair.union, 1), order(by_number[pair.other(number)])),
            default=None,
        )
        kept_by[number] = (best.other(number), best) if best else None
    released = _template_pages(kept_by, by_number)
    members: dict[int, list[Member]] = defaultdict(list)
    for number, star in kept_by.items():
        if star:
            members[star[0]].append(Member(number, star[1], dropped=number not in released))
    for number, star in kept_by.items():
        if star is None:
            members[number] += _linked(number, edges[number], kept_by)
    return [
        Cluster(
            number,
            _why(number, own, released, by_number, reason),
            tuple(sorted(own, key=lambda member: by_number[member.number].source)),
        )
        for number, own in sorted(members.items(), key=lambda item: by_number[item[0]].source)
        if own
    ]


def _template_pages(kept_by: dict[int, tuple[int, Pair] | None], known: dict[int, Fingerprint]) -> set[int]:
    """The documents that would be dropped for one whose star looks like a template, and have a title of their own."""
    stars: dict[int, list[int]] = defaultdict(list)
    for number, star in kept_by.items():
        if star and star[1].relation is not Relation.REVISION:
            stars[star[0]].append(number)
    released: set[int] = set()
    for center, dropped in stars.items():
        pages = [center, *dropped]
        titles = Counter(known[number].title for number in pages if known[number].title)
        is_short = max(known[number].words for number in pages) <= MAX_TEMPLATE_PAGE_WORDS
        if is_short and len(titles) >= MIN_TEMPLATE_PAGES and 4 * len(titles) >= 3 * len(pages):
            released |= {number for number in dropped if titles[known[number].title] == 1}
    return released


def _superiors_first(numbers: list[int], edges: dict[int, list[Pair]]) -> list[int]:
    """The numbers in their order, but each after those in whose favour alone it may be dropped: its later revision, its container."""
    ordered: dict[int, None] = {}
    entered: set[int] = set()
    for first in numbers:
        stack = [first]
        while stack:
            number = stack[-1]
            entered.add(number)
            superiors = [
                pair.other(number)
                for pair in edges[number]
                if pair.drops == (number,) and pair.other(number) not in entered
            ]
            if superiors:
                stack.append(min(superiors))
            else:
                ordered.setdefault(stack.pop())
    return list(ordered)


def _linked(number: int, pairs: list[Pair], kept_by: dict[int, tuple[int, Pair] | None]) -> list[Member]:
    """The kept documents that are like this one and come after it: both stay, and say so."""
    return [
        Member(pair.other(number), pair, dropped=False)
        for pair in pairs
        if kept_by.get(pair.other(number), (0,)) is None
        and (number not in pair.drops or pair.other(number) not in pair.drops)
        and number < pair.other(number)
    ]


def _why(
    number: int,
    members: list[Member],
    released: set[int],
    by_number: dict[int, Fingerprint],
    reason: Callable[[Fingerprint, Fingerprint], str],
) -> str:
    """Why this one is kept, in the words of its nearest dropped member."""
    dropped = [member for member in members if member.dropped]
    if not dropped:
        return TEMPLATE if any(member.number in released for member in members) else BOTH
    nearest = min(dropped, key=lambda member: (-100 * member.pair.common // max(member.pair.union, 1), member.number))
    if nearest.pair.relation in (Relation.REVISION, Relation.CONTAINED):
        return WHY[nearest.pair.relation]
    return reason(by_number[number], by_number[nearest.number])
