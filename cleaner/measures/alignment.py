"""Sequences of words in, the stretches that two places have in common out.

Exact matches of word n-grams are extended to maximal segments and chained where they follow one another in both places, as seed-and-extend
aligners and text-reuse tools do (Smith, Cordell & Dillon 2013, "Infectious Texts"; BLAST, Altschul et al. 1990).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

# Matches are seeded by this many equal words in a row.
SEED_WORDS = 5
# A word n-gram that stands in more places than this is linked to the first and the last of them only; keeps repetitive text linear.
MAX_LINKS = 6
# Two segments are one chain if at least one side runs on within the small gap, and the other within the large one; a gap beyond the middle
# one is bridged only from one passage of some length to another, or turns of phrase would be chained across half a document.
SMALL_GAP = 14
MIDDLE_GAP = 24
LARGE_GAP = 400
MIN_BRIDGED_WORDS = 8
MAX_OPEN_CHAINS = 48
# Equal words are counted in strides of this many.
STRIDE = 16
# Gaps up to this many words on both sides are aligned word by word.
MAX_FILL = 60


class Segment(NamedTuple):
    """`size` equal words: at `a` in the one place, at `b` in the other."""

    a: int
    b: int
    size: int


class Chain:
    """Segments that follow one another in both places: from where to where in each, and how many words are equal."""

    __slots__ = ("a", "b", "segments", "size")

    def __init__(self, segments: tuple[Segment, ...]) -> None:
        first, last = segments[0], segments[-1]
        self.segments = segments
        self.size = sum([segment.size for segment in segments])
        self.a = first.a, last.a + last.size
        self.b = first.b, last.b + last.size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chain) and self.segments == other.segments

    def __hash__(self) -> int:
        return hash(self.segments)

    def __repr__(self) -> str:
        return f"Chain({self.segments!r})"


def repeats_within(
    words: Sequence[str], starts: Callable[[], Container[int]] = tuple, seed_words: int = SEED_WORDS
) -> list[Chain]:
    """The chains of words that stand twice in one sequence; `a` is always the earlier place, and the two don't overlap.

    Where the same words follow one another again and again, the copies are parted at one of `starts` (of sentences) if they can be; it is
    called in that case only.
    """
    seeds = _ngrams(words, seed_words)
    first = _first_places(seeds)
    # Most documents have no word n-gram twice, and so no chains.
    if len(first) == len(seeds):
        return []
    places: dict[tuple[str, ...], list[int]] = {}
    grower = _Grower(words, words)
    for b, a in enumerate(map(first.__getitem__, seeds)):
        if a == b:
            continue
        earlier = places.setdefault(seeds[b], [a])
        grower.grow([a for a in earlier if a + seed_words <= b], b)
        if len(earlier) < MAX_LINKS:
            earlier.append(b)
        else:
            earlier[-1] = b
    segments = grower.segments
    if any(segment.size > segment.b - segment.a for segment in segments):
        known = starts()
        segments = [_unlooped(segment, known) for segment in segments]
    return chained(segments, within=True)


def matches_between(left: Sequence[str], right: Sequence[str], seed_words: int = SEED_WORDS) -> list[Chain]:
    """The chains of words that two sequences have in common; `a` counts in `left`, `b` in `right`."""
    seeds = _ngrams(left, seed_words)
    first = _first_places(seeds)
    # Few n-grams stand in several places.
    places: dict[tuple[str, ...], list[int]] = {}
    if len(first) < len(seeds):
        for a, seed in enumerate(seeds):
            if first[seed] != a and len(known := places.setdefault(seed, [first[seed]])) < MAX_LINKS:
                known.append(a)
    grower = _Grower(left, right)
    others = _ngrams(right, seed_words)
    for b, earliest in enumerate(map(first.get, others)):
        if earliest is not None:
            grower.grow(places.get(others[b]) or (earliest,), b)
    return chained(grower.segments, within=False)


def _ngrams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[place:] for place in range(size)), strict=False))


def _first_places(seeds: list[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """Each seed, and the first place that it stands in."""
    return dict(zip(reversed(seeds), range(len(seeds) - 1, -1, -1), strict=True))


class _Grower:
    """Grows seeds into segments, each as long as the words stay equal; no word of `right` is in more than MAX_LINKS of them."""

    def __init__(self, left: Sequence[str], right: Sequence[str]) -> None:
        self.left = left
        self.right = right
        self.segments: list[Segment] = []
        self.ends: dict[int, int] = {}
        self.live: list[int] = []

    def grow(self, places: Iterable[int], b: int) -> None:
        """The seeds at `b` that no segment of the same distance covers yet."""
        ends = self.ends
        fresh = [a for a in places if ends.get(b - a, 0) <= b]
        if not fresh:
            return
        self.live = [end for end in self.live if end > b]
        for a in fresh[: MAX_LINKS - len(self.live)]:
            size = _equal_size(self.left, self.right, a, b)
            ends[b - a] = b + size
            self.live.append(b + size)
            self.segments.append(Segment(a, b, size))


def _equal_size(left: Sequence[str], right: Sequence[str], a: int, b: int) -> int:
    """How many words are equal from `a` and `b` on; compared in strides, for many passages are long."""
    size = 0
    most = min(len(left) - a, len(right) - b)
    while size + STRIDE <= most and left[a + size : a + size + STRIDE] == right[b + size : b + size + STRIDE]:
        size += STRIDE
    while size < most and left[a + size] == right[b + size]:
        size += 1
    return size


def _unlooped(segment: Segment, starts: Container[int]) -> Segment:
    """A segment longer than its distance overlaps itself: as much of it as there is before the second place, from the start of a sentence."""
    distance = segment.b - segment.a
    if segment.size <= distance:
        return segment
    shift = next((shift for shift in range(segment.size - distance + 1) if segment.b + shift in starts), 0)
    return Segment(segment.a + shift, segment.b + shift, distance)


class _Open:
    """A chain that may go on, and what decides whether a segment follows it: where its last segment begins and ends, and its first begins."""

    __slots__ = ("end_a", "end_b", "first_b", "last_a", "last_b", "last_size", "reach_b", "segments", "size")

    def __init__(self, segment: Segment) -> None:
        self.segments: list[Segment] = []
        self.first_b = segment.b
        self.size = 0
        self.add(segment)

    def add(self, segment: Segment) -> None:
        self.segments.append(segment)
        self.last_a, self.last_b, self.last_size = segment
        self.size += self.last_size
        self.end_a, self.end_b = self.last_a + self.last_size, self.last_b + self.last_size
        # A turn of phrase at a chain's end is bridged over a middling gap only, so most chains close soon.
        self.reach_b = self.end_b + (LARGE_GAP if self.last_size >= MIN_BRIDGED_WORDS else MIDDLE_GAP)

    def closed(self) -> Chain:
        return Chain(tuple(self.segments))


def chained(segments: list[Segment], *, within: bool) -> list[Chain]:
    """The segments joined into chains, each to the chain whose end is nearest; `within` keeps the two sides of a chain apart."""
    waiting: list[_Open] = []
    done: list[Chain] = []
    for segment in sorted(segments, key=itemgetter(1, 0)):
        place = segment.b
        going_on = [chain for chain in waiting if chain.reach_b >= place]
        if len(going_on) < len(waiting):
            done += [chain.closed() for chain in waiting if chain.reach_b < place]
            waiting = going_on
        nearest = _nearest(waiting, segment, within=within)
        if nearest is None:
            waiting.append(_Open(segment))
        else:
            nearest.add(_without_overlap(nearest.segments[-1], segment))
        if len(waiting) > MAX_OPEN_CHAINS:
            # In text made of phrases there is always something that might go on; the longest chains are the likeliest to.
            waiting.sort(key=lambda chain: chain.size)
            done += (chain.closed() for chain in waiting[: MAX_OPEN_CHAINS // 2])
            waiting = waiting[MAX_OPEN_CHAINS // 2 :]
    done += (chain.closed() for chain in waiting)
    return sorted(done, key=lambda chain: (chain.b, chain.a))


def _nearest(waiting: list[_Open], segment: Segment, *, within: bool) -> _Open | None:
    """The chain that the segment follows, the nearest of several; None where it follows none."""
    a, b, size = segment
    nearest: _Open | None = None
    least = 0
    # Neighbouring segments may overlap by a few words where an edit repeats a word.
    overlap = min(SEED_WORDS, size - 1)
    for chain in waiting:
        gap_a = a - chain.end_a
        if not -overlap <= gap_a <= LARGE_GAP:
            continue
        gap_b = b - chain.end_b
        small, large = (gap_a, gap_b) if gap_a < gap_b else (gap_b, gap_a)
        if small > SMALL_GAP or small < -overlap or large > LARGE_GAP:
            continue
        if a <= chain.last_a or b <= chain.last_b or (within and a + size > chain.first_b):
            continue
        if large > MIDDLE_GAP and (size < MIN_BRIDGED_WORDS or chain.last_size < MIN_BRIDGED_WORDS):
            continue
        distance = large - small + abs(gap_a) + abs(gap_b)
        if nearest is None or distance < least:
            nearest, least = chain, distance
    return nearest


def _without_overlap(last: Segment, segment: Segment) -> Segment:
    overlap = max(last.a + last.size - segment.a, last.b + last.size - segment.b)
    if overlap <= 0:
        return segment
    return Segment(segment.a + overlap, segment.b + overlap, segment.size - overlap)


def filled(chain: Chain, left: Sequence[str], right: Sequence[str]) -> Chain:
    """The chain with the equal words in its short gaps too, aligned word by word."""
    if len(chain.segments) == 1:
        return chain
    segments: list[Segment] = [chain.segments[0]]
    for segment in chain.segments[1:]:
        last = segments[-1]
        a, b = last.a + last.size, last.b + last.size
        segments += _equal_words(left, right, (a, segment.a), (b, segment.b))
        segments.append(segment)
    return Chain(tuple(segments)) if len(segments) > len(chain.segments) else chain


def widened(
    chain: Chain, left: Sequence[str], right: Sequence[str], left_edges: tuple[int, int], right_edges: tuple[int, int]
) -> Chain:
    """The chain with the equal words before and behind it, as far as the given edges: of the sentences that it begins and ends in."""
    first, last = chain.segments[0], chain.segments[-1]
    if left_edges == chain.a and right_edges == chain.b:
        return chain
    before = _equal_words(left, right, (left_edges[0], first.a), (right_edges[0], first.b))
    behind = _equal_words(left, right, (last.a + last.size, left_edges[1]), (last.b + last.size, right_edges[1]))
    return Chain((*before, *chain.segments, *behind)) if before or behind else chain


def _equal_words(left: Sequence[str], right: Sequence[str], a: tuple[int, int], b: tuple[int, int]) -> list[Segment]:
    if not (0 < a[1] - a[0] <= MAX_FILL and 0 < b[1] - b[0] <= MAX_FILL):
        return []
    here, there = tuple(left[a[0] : a[1]]), tuple(right[b[0] : b[1]])
    if set(here).isdisjoint(there):
        return []
    return [Segment(a[0] + i, b[0] + j, size) for i, j, size in _matching_blocks(here, there)]


@lru_cache(maxsize=4096)
def _matching_blocks(here: tuple[str, ...], there: tuple[str, ...]) -> list[tuple[int, int, int]]:
    """The equal stretches of two short passages as (place here, place there, size); the same gaps come again and again in tables and lists."""
    places = dict(zip(there, range(len(there)), strict=True))
    matches = [(i, places[word]) for i, word in enumerate(here) if word in places]
    common = set(here)
    if sum(word in common for word in there) == len(matches) and all(
        before[1] < after[1] for before, after in pairwise(matches)
    ):
        # Words that stand once, and in the same order: whichever stretch is taken first, all of them are found.
        return _stretches(matches)
    matcher = SequenceMatcher(None, here, there, autojunk=False)
    return [(i, j, size) for i, j, size in matcher.get_matching_blocks() if size]


def _stretches(matches: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Pairs of places, in their order, with those that follow one another on both sides together."""
    stretches: list[tuple[int, int, int]] = []
    for i, j in matches:
        if stretches and (i - stretches[-1][2], j - stretches[-1][2]) == stretches[-1][:2]:
            stretches[-1] = (*stretches[-1][:2], stretches[-1][2] + 1)
        else:
            stretches.append((i, j, 1))
    return stretches


def enclosing(starts: Sequence[int], end: int, interval: tuple[int, int]) -> tuple[int, int]:
    """The interval widened to the parts (given by their sorted starts; `end` closes the last) that its ends stand in."""
    first = bisect_right(starts, interval[0]) - 1
    last = bisect_right(starts, interval[1] - 1)
    return starts[max(first, 0)], starts[last] if last < len(starts) else end
