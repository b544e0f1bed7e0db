"""Sequences of words in, the stretches that two places have in common out.

Exact matches of word n-grams are extended to maximal segments and chained where they follow one another in both places, as seed-and-extend
aligners and text-reuse tools do (Smith, Cordell & Dillon 2013, "Infectious Texts"; BLAST, Altschul et al. 1990).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter

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
MAX_IDLE_CHAINS = 12
# Most seeds go on for a word or two; beyond so many, equal words are counted in strides, a power of two.
FEW_WORDS = 3
STRIDE = 16
# Gaps up to this many words on both sides are aligned word by word.
MAX_FILL = 60


# The words of a text, each as one character of a string, or (see `coded`) as they are; a part of it can be looked up as a whole.
Coded = str | tuple[str, ...]


# Equal words: where they begin in the one place, where in the other, and how many they are. A plain tuple, for there are hundreds of thousands.
Segment = tuple[int, int, int]


class Chain:
    """Segments that follow one another in both places: from where to where in each, and how many words are equal."""

    __slots__ = ("a", "b", "segments", "size")

    def __init__(self, segments: tuple[Segment, ...]) -> None:
        start_a, start_b, first_size = segments[0]
        end_a, end_b, last_size = segments[-1]
        self.segments = segments
        self.size = first_size if len(segments) == 1 else sum([size for _, _, size in segments])
        self.a = start_a, end_a + last_size
        self.b = start_b, end_b + last_size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chain) and self.segments == other.segments

    def __hash__(self) -> int:
        return hash(self.segments)

    def __repr__(self) -> str:
        return f"Chain({self.segments!r})"


class Characters(dict[str, str]):
    """A character for each word, the next one for a word that has none yet."""

    def __missing__(self, word: str) -> str:
        self[word] = character = chr(len(self))
        return character


def coded(words: Sequence[str], characters: Characters) -> Coded:
    """Each word as one character, the same for equal words: a string is cut, compared and hashed in a fraction of the time of a list of words.

    If there are more different words than characters the words themselves.

    >>> [ord(character) for character in coded(["to", "be", "or", "not", "to", "be"], Characters())]
    [0, 1, 2, 3, 0, 1]
    """
    try:
        return "".join(map(characters.__getitem__, words))
    except ValueError:
        return tuple(words)


def repeats_within(
    words: Coded, starts: Callable[[], Container[int]] = tuple, seed_words: int = SEED_WORDS, min_words: int = 0
) -> list[Chain]:
    """The chains of words that stand twice in one sequence; `a` is always the earlier place, and the two don't overlap.

    Where the same words follow one another again and again, the copies are parted at one of `starts` (of sentences) if they can be; it is
    called in that case only. Chains of fewer than `min_words` are left out.
    """
    seeds = [words[start : start + seed_words] for start in range(len(words) - seed_words + 1)]
    known: dict[Coded, int] = {}
    # For each place the first one where the same words follow.
    first = list(map(known.setdefault, seeds, range(len(seeds))))
    # Most documents have no word n-gram twice, and so no chains.
    if len(known) == len(seeds):
        return []
    segments = _grown(words, words, seed_words, _linked(first), least_distance=seed_words)
    if any(size > b - a for a, b, size in segments):
        at = starts()
        segments = [_unlooped(segment, at) for segment in segments]
    return chained(segments, within=True, min_words=min_words)


def matches_between(left: Sequence[str], right: Sequence[str], seed_words: int = SEED_WORDS) -> list[Chain]:
    """The chains of words that two sequences have in common; `a` counts in `left`, `b` in `right`."""
    first: dict[tuple[str, ...], int] = {}
    # Few n-grams stand in several places.
    places: dict[tuple[str, ...], list[int]] = {}
    for a, seed in enumerate(_ngrams(left, seed_words)):
        earliest = first.setdefault(seed, a)
        if earliest != a and len(known := places.setdefault(seed, [earliest])) < MAX_LINKS:
            known.append(a)
    others = _ngrams(right, seed_words)
    linked = (
        (places.get(others[b]) or (earliest,), b)
        for b, earliest in enumerate(map(first.get, others))
        if earliest is not None
    )
    return chained(_grown(left, right, seed_words, linked), within=False)


def _ngrams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[place:] for place in range(size)), strict=False))


def _linked(first: list[int]) -> Iterator[tuple[Sequence[int], int]]:
    """The places of each seed that stood before, the first few and the last one, and where it stands again."""
    # By the first place.
    places: dict[int, list[int]] = {}
    for b, a in enumerate(first):
        if a == b:
            continue
        earlier = places.get(a)
        if earlier is None:
            earlier = places[a] = [a]
        yield earlier, b
        if len(earlier) < MAX_LINKS:
            earlier.append(b)
        else:
            earlier[-1] = b


def _grown(
    left: Sequence[str],
    right: Sequence[str],
    seed_words: int,
    linked: Iterable[tuple[Sequence[int], int]],
    least_distance: int = 0,
) -> list[Segment]:
    """The seeds (their places in `left`, and one in `right`), each grown as long as the words stay equal.

    One that a segment of the same distance covers is none of its own, and no word of `right` is in more than MAX_LINKS segments.
    """
    segments: list[Segment] = []
    # How far the words are equal, by the distance of the two places; what is nearer than `least_distance` counts as covered.
    ends = dict.fromkeys(range(least_distance), len(right))
    live: list[int] = []
    for places, b in linked:
        fresh = [a for a in places if ends.get(b - a, 0) <= b]
        if fresh:
            live = [end for end in live if end > b]
            for a in fresh[: MAX_LINKS - len(live)]:
                size = _equal_size(left, right, a, b, seed_words)
                ends[b - a] = b + size
                live.append(b + size)
                segments.append((a, b, size))
    return segments


def _equal_size(left: Sequence[str], right: Sequence[str], a: int, b: int, size: int) -> int:
    """How many words are equal from `a` and `b` on, of which `size` are known to be."""
    most = min(len(left) - a, len(right) - b)
    few = min(most, size + FEW_WORDS)
    while size < few and left[a + size] == right[b + size]:
        size += 1
    if size < few:
        return size
    # A passage that goes on is compared in strides; what is left is shorter than one: half of it, a quarter of it, and so on.
    stride = STRIDE
    while size + stride <= most and left[a + size : a + size + stride] == right[b + size : b + size + stride]:
        size += stride
    while stride := stride // 2:
        if size + stride <= most and left[a + size : a + size + stride] == right[b + size : b + size + stride]:
            size += stride
    return size


def _unlooped(segment: Segment, starts: Container[int]) -> Segment:
    """A segment longer than its distance overlaps itself: as much of it as there is before the second place, from the start of a sentence."""
    a, b, size = segment
    distance = b - a
    if size <= distance:
        return segment
    shift = next((shift for shift in range(size - distance + 1) if b + shift in starts), 0)
    return a + shift, b + shift, distance


class _Open:
    """A chain that may go on, and what decides whether a segment follows it: where its last segment begins and ends, and its first begins."""

    __slots__ = ("end_a", "end_b", "first_b", "last_a", "last_b", "last_size", "reach_b", "segments", "size")

    def __init__(self, segment: Segment) -> None:
        self.segments: list[Segment] = []
        _, self.first_b, _ = segment
        self.size = 0
        self.add(segment)

    def add(self, segment: Segment) -> None:
        self.segments.append(segment)
        self.last_a, self.last_b, self.last_size = segment
        self.size += self.last_size
        self.end_a, self.end_b = self.last_a + self.last_size, self.last_b + self.last_size
        # A turn of phrase at a chain's end is bridged over a middling gap only, so most chains close soon.
        self.reach_b = self.end_b + (LARGE_GAP if self.last_size >= MIN_BRIDGED_WORDS else MIDDLE_GAP)


def chained(segments: list[Segment], *, within: bool, min_words: int = 0) -> list[Chain]:
    """The segments joined into chains, each to the chain whose end is nearest; `within` keeps the two sides of a chain apart.

    Chains of fewer than `min_words` are left out.
    """
    waiting: list[_Open] = []
    done: list[_Open] = []
    enough = MAX_IDLE_CHAINS
    for segment in sorted(segments, key=itemgetter(1, 0)):
        nearest = _nearest(waiting, segment, within=within)
        if nearest is None:
            waiting.append(_Open(segment))
        else:
            nearest.add(_without_overlap(nearest.segments[-1], segment))
        if len(waiting) > enough:
            # No segment is near those that it has left behind; they are laid aside now and then.
            _, place, _ = segment
            done += [chain for chain in waiting if chain.reach_b < place]
            waiting = [chain for chain in waiting if chain.reach_b >= place]
            enough = min(MAX_OPEN_CHAINS, len(waiting) + MAX_IDLE_CHAINS)
        if len(waiting) > MAX_OPEN_CHAINS:
            # In text made of phrases there is always something that might go on; the longest chains are the likeliest to.
            waiting.sort(key=lambda chain: chain.size)
            done += waiting[: MAX_OPEN_CHAINS // 2]
            waiting = waiting[MAX_OPEN_CHAINS // 2 :]
    chains = [Chain(tuple(chain.segments)) for chain in (*done, *waiting) if chain.size >= min_words]
    return sorted(chains, key=attrgetter("b", "a"))


def _nearest(waiting: list[_Open], segment: Segment, *, within: bool) -> _Open | None:
    """The chain that the segment follows, the nearest of several; None where it follows none."""
    a, b, size = segment
    nearest: _Open | None = None
    least = 0
    # Neighbouring segments may overlap by a few words where an edit repeats a word.
    overlap = min(SEED_WORDS, size - 1)
    first, last = a - LARGE_GAP, a + overlap
    for chain in [chain for chain in waiting if first <= chain.end_a <= last]:
        gap_a, gap_b = a - chain.end_a, b - chain.end_b
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
    (last_a, last_b, last_size), (a, b, size) = last, segment
    overlap = max(last_a + last_size - a, last_b + last_size - b)
    return segment if overlap <= 0 else (a + overlap, b + overlap, size - overlap)


def completed(here: Coded, there: Coded, segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """The segments of a chain with the equal words in its short gaps too, aligned word by word: before it, between any two, and behind it."""
    found: list[Segment] = []
    a = b = 0
    for segment in segments:
        next_a, next_b, size = segment
        if a < next_a and b < next_b:
            found += _equal_words(here, there, a, next_a, b, next_b)
        found.append(segment)
        a, b = next_a + size, next_b + size
    found += _equal_words(here, there, a, len(here), b, len(there))
    return tuple(found)


def _equal_words(here: Coded, there: Coded, a: int, end_a: int, b: int, end_b: int) -> Sequence[Segment]:
    """The equal words of two short gaps, here from `a` to `end_a`, there from `b` to `end_b`."""
    if not (0 < end_a - a <= MAX_FILL and 0 < end_b - b <= MAX_FILL):
        return ()
    here, there = here[a:end_a], there[b:end_b]
    common = set(here).intersection(there)
    if not common:
        return ()
    if len(common) == 1:
        (word,) = common
        if here.count(word) == 1 == there.count(word):
            return ((a + here.index(word), b + there.index(word), 1),)
    return [(a + i, b + j, size) for i, j, size in _matching_blocks(here, there)]


@lru_cache(maxsize=2048)
def _matching_blocks(here: Coded, there: Coded) -> list[Segment]:
    """The equal stretches of two short passages as difflib's SequenceMatcher chooses them: the longest, then those on both sides of it, and so on.

    The same gaps come again and again in tables and lists.
    """
    chosen: list[_Run] = []
    parts = [_equal_runs(here, there)]
    while parts:
        runs = parts.pop()
        longest = min(runs)
        chosen.append(longest)
        if len(runs) > 1:
            parts += filter(None, _beside(longest, runs))
    return sorted([(i, j, -less) for less, i, j in chosen])


# Equal words that go on for as long as they can, the longest and then the first to be the least: their number below zero, and where they begin.
_Run = tuple[int, int, int]


def _equal_runs(here: Coded, there: Coded) -> list[_Run]:
    """All runs of equal words of two passages that have some, also such as meet or cross."""
    places: dict[str, list[int]] = {word: [] for word in set(here).intersection(there)}
    for j, word in enumerate(there):
        if word in places:
            places[word].append(j)
    # By their distance, so that those of one run follow one another.
    pairs = sorted([(i - j, i) for i, word in enumerate(here) if word in places for j in places[word]])
    runs: list[_Run] = []
    distance, start = pairs[0]
    end = start
    for other, i in pairs:
        if other != distance or i != end:
            runs.append((start - end, start, start - distance))
            distance, start = other, i
        end = i + 1
    runs.append((start - end, start, start - distance))
    return runs


def _beside(chosen: _Run, runs: list[_Run]) -> tuple[list[_Run], list[_Run]]:
    """What of the runs is before the chosen one in both passages, and what is behind it."""
    less, start_i, start_j = chosen
    end_i, end_j = start_i - less, start_j - less
    before: list[_Run] = []
    behind: list[_Run] = []
    for run in runs:
        less, i, j = run
        inside = min(start_i - i, start_j - j)
        if inside > 0:
            before.append(run if inside >= -less else (-inside, i, j))
        outside = max(end_i - i, end_j - j)
        if outside < -less:
            behind.append(run if outside <= 0 else (less + outside, i + outside, j + outside))
    return before, behind
