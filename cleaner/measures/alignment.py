"""Sequences of words in, the stretches that two places have in common out.

Exact matches of word n-grams are extended to maximal segments and chained where they follow one another in both places, as seed-and-extend
aligners and text-reuse tools do (Smith, Cordell & Dillon 2013, "Infectious Texts"; BLAST, Altschul et al. 1990).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from difflib import SequenceMatcher
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
# Gaps up to this many words on both sides are aligned word by word.
MAX_FILL = 60


class Segment(NamedTuple):
    """`size` equal words: at `a` in the one place, at `b` in the other."""

    a: int
    b: int
    size: int


class Chain(NamedTuple):
    """Segments that follow one another in both places."""

    segments: tuple[Segment, ...]

    @property
    def size(self) -> int:
        return sum(segment.size for segment in self.segments)

    @property
    def a(self) -> tuple[int, int]:
        return self.segments[0].a, self.segments[-1].a + self.segments[-1].size

    @property
    def b(self) -> tuple[int, int]:
        return self.segments[0].b, self.segments[-1].b + self.segments[-1].size


def repeats_within(words: Sequence[str], starts: Container[int] = (), seed_words: int = SEED_WORDS) -> list[Chain]:
    """The chains of words that stand twice in one sequence; `a` is always the earlier place, and the two don't overlap.

    Where the same words follow one another again and again, the copies are parted at one of `starts` (of sentences) if they can be.
    """
    seeds = _ngrams(words, seed_words)
    counts = Counter(seeds)
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    grower = _Grower(words, words)
    for b, seed in enumerate(seeds):
        if counts[seed] == 1:
            continue
        earlier = places[seed]
        grower.grow([a for a in earlier if a + seed_words <= b], b)
        if len(earlier) < MAX_LINKS:
            earlier.append(b)
        else:
            earlier[-1] = b
    return chained([_unlooped(segment, starts) for segment in grower.segments], within=True)


def matches_between(left: Sequence[str], right: Sequence[str], seed_words: int = SEED_WORDS) -> list[Chain]:
    """The chains of words that two sequences have in common; `a` counts in `left`, `b` in `right`."""
    right_seeds = _ngrams(right, seed_words)
    known = set(right_seeds)
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for a, seed in enumerate(_ngrams(left, seed_words)):
        if seed in known and len(places[seed]) < MAX_LINKS:
            places[seed].append(a)
    grower = _Grower(left, right)
    for b, seed in enumerate(right_seeds):
        if seed in places:
            grower.grow(places[seed], b)
    return chained(grower.segments, within=False)


def _ngrams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[place:] for place in range(size)), strict=False))


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
        self.live = [end for end in self.live if end > b]
        for a in places:
            if self.ends.get(b - a, 0) > b or len(self.live) >= MAX_LINKS:
                continue
            size = 0
            while (
                a + size < len(self.left) and b + size < len(self.right) and self.left[a + size] == self.right[b + size]
            ):
                size += 1
            self.ends[b - a] = b + size
            self.live.append(b + size)
            self.segments.append(Segment(a, b, size))


def _unlooped(segment: Segment, starts: Container[int]) -> Segment:
    """A segment longer than its distance overlaps itself: as much of it as there is before the second place, from the start of a sentence."""
    distance = segment.b - segment.a
    if segment.size <= distance:
        return segment
    shift = next((shift for shift in range(segment.size - distance + 1) if segment.b + shift in starts), 0)
    return Segment(segment.a + shift, segment.b + shift, distance)


def chained(segments: list[Segment], *, within: bool) -> list[Chain]:
    """The segments joined into chains, each to the chain whose end is nearest; `within` keeps the two sides of a chain apart."""
    open_chains: list[list[Segment]] = []
    done: list[Chain] = []
    for segment in sorted(segments, key=lambda found: (found.b, found.a)):
        still_open = []
        best: tuple[int, list[Segment]] | None = None
        for chain in open_chains:
            last = chain[-1]
            # A turn of phrase at a chain's end is bridged over a middling gap only, so most chains close soon.
            if segment.b - (last.b + last.size) > (LARGE_GAP if last.size >= MIN_BRIDGED_WORDS else MIDDLE_GAP):
                done.append(Chain(tuple(chain)))
                continue
            still_open.append(chain)
            distance = _distance(chain, segment, within=within)
            if distance is not None and (best is None or distance < best[0]):
                best = (distance, chain)
        open_chains = still_open
        if best is None:
            open_chains.append([segment])
        else:
            best[1].append(_without_overlap(best[1][-1], segment))
        if len(open_chains) > MAX_OPEN_CHAINS:
            # In text made of phrases there is always something that might go on; the longest chains are the likeliest to.
            open_chains.sort(key=lambda chain: sum(segment.size for segment in chain))
            done += (Chain(tuple(chain)) for chain in open_chains[: MAX_OPEN_CHAINS // 2])
            open_chains = open_chains[MAX_OPEN_CHAINS // 2 :]
    done += (Chain(tuple(chain)) for chain in open_chains)
    return sorted(done, key=lambda chain: (chain.b, chain.a))


def _distance(chain: list[Segment], segment: Segment, *, within: bool) -> int | None:
    """How far the segment is from the end of the chain; None where it does not follow it."""
    last = chain[-1]
    gap_a = segment.a - (last.a + last.size)
    gap_b = segment.b - (last.b + last.size)
    # Neighbouring segments may overlap by a few words where an edit repeats a word.
    if (
        min(gap_a, gap_b) < -SEED_WORDS
        or segment.a <= last.a
        or segment.b <= last.b
        or min(gap_a, gap_b) + segment.size <= 0
    ):
        return None
    if min(gap_a, gap_b) > SMALL_GAP or max(gap_a, gap_b) > LARGE_GAP:
        return None
    if max(gap_a, gap_b) > MIDDLE_GAP and min(last.size, segment.size) < MIN_BRIDGED_WORDS:
        return None
    if within and segment.a + segment.size > chain[0].b:
        return None
    return abs(gap_a - gap_b) + abs(gap_a) + abs(gap_b)


def _without_overlap(last: Segment, segment: Segment) -> Segment:
    overlap = max(last.a + last.size - segment.a, last.b + last.size - segment.b, 0)
    return Segment(segment.a + overlap, segment.b + overlap, segment.size - overlap)


def filled(chain: Chain, left: Sequence[str], right: Sequence[str]) -> Chain:
    """The chain with the equal words in its short gaps too, aligned word by word."""
    segments: list[Segment] = [chain.segments[0]]
    for segment in chain.segments[1:]:
        last = segments[-1]
        a, b = last.a + last.size, last.b + last.size
        segments += _equal_words(left, right, (a, segment.a), (b, segment.b))
        segments.append(segment)
    return Chain(tuple(segments))


def widened(
    chain: Chain, left: Sequence[str], right: Sequence[str], left_edges: tuple[int, int], right_edges: tuple[int, int]
) -> Chain:
    """The chain with the equal words before and behind it, as far as the given edges: of the sentences that it begins and ends in."""
    first, last = chain.segments[0], chain.segments[-1]
    before = _equal_words(left, right, (left_edges[0], first.a), (right_edges[0], first.b))
    behind = _equal_words(left, right, (last.a + last.size, left_edges[1]), (last.b + last.size, right_edges[1]))
    return Chain((*before, *chain.segments, *behind))


def _equal_words(left: Sequence[str], right: Sequence[str], a: tuple[int, int], b: tuple[int, int]) -> list[Segment]:
    if not (0 < a[1] - a[0] <= MAX_FILL and 0 < b[1] - b[0] <= MAX_FILL):
        return []
    matcher = SequenceMatcher(None, left[a[0] : a[1]], right[b[0] : b[1]], autojunk=False)
    return [Segment(a[0] + i, b[0] + j, size) for i, j, size in matcher.get_matching_blocks() if size]


def enclosing(starts: Sequence[int], end: int, interval: tuple[int, int]) -> tuple[int, int]:
    """The interval widened to the parts (given by their sorted starts; `end` closes the last) that its ends stand in."""
    first = bisect_right(starts, interval[0]) - 1
    last = bisect_right(starts, interval[1] - 1)
    return starts[max(first, 0)], starts[last] if last < len(starts) else end
