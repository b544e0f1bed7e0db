"""Fingerprints in, candidate pairs out: by exact hash, by bands of the MinHash signature, by rare shingles and by address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from cleaner.model.duplicates import Crowd, Fingerprint, Sketch
from cleaner.model.rows import Rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cleaner.model.duplicates import Hashes, Signature

    Codes = NDArray[np.int64]
    Numbers = NDArray[np.int32]
    # Sampled shingles and the rows of their documents; codes of pairs and how often each came.
    Slice = tuple[Hashes, Numbers]
    Counted = tuple[Codes, Numbers]
    # What joins documents by their rare shingles, slice by slice: given in how many documents one may stand at the most.
    Share = Callable[[int], Iterator[Counted]]

# So few documents are compared all with all: that is quicker than to load what makes sketches.
MAX_COMPARED_ALL = 12
# Bands and rows for 128 permutations: at a Jaccard of .60 a pair is proposed with probability 1 - (1 - .6**4)**32 = .988, at .50 with .87, at
# .30 with .23 (Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, 3.4).
BANDS = 32
ROWS = 4
# Signatures that agree in fewer places, in percent, belong to a Jaccard below .60 in all but one case in ten thousand (the estimate's standard
# deviation is .043 there).
MIN_SIGNATURE_SHARE = 43
# A shingle that stands in more documents than this is no evidence: a template, a turn of phrase. In a small folder two in a hundred are many.
MAX_DOCUMENTS_PER_SHINGLE = 24
MIN_DOCUMENTS_PER_SHINGLE = 4
DOCUMENTS_PER_COMMON_ONE = 50
# Two documents that share so many rare sampled shingles (of one in four) share a passage worth a look.
MIN_RARE_SHINGLES = 3
# For each document so many others at the most are proposed for a passage in common alone; those that share half of what is rare in one of them
# always are.
MAX_NEAREST = 4
# A band bucket with more members than this is compared with its first member only.
MAX_BUCKET = 64
# The rare shingles are joined in slices of about so many, so that memory does not grow with the text; one takes some 40 bytes on the way.
SLICE = 500_000
# There are no more slices than this, for each is written by everybody who reads documents.
MAX_SLICES = 512
# So many counts of pairs are gathered before they are added up.
MAX_COUNTS = 1_000_000
# So many pairs of signatures are compared at once.
SIGNATURES_AT_ONCE = 8192


def needs_sketches(documents: int) -> bool:
    """Whether so many documents can't be compared all with all."""
    return documents > MAX_COMPARED_ALL


def banding(min_jaccard: int) -> dict[str, Any]:
    """The bands and their rows, and how likely they alone propose a pair by its Jaccard: at the threshold (percent), and as a curve in steps of a tenth."""

    def likely(percent: int) -> float:
        return round(1 - (1 - (percent / 100) ** ROWS) ** BANDS, 4)

    return {
        "bands": BANDS,
        "rows": ROWS,
        "expected_recall": likely(min_jaccard),
        "s_curve": [{"jaccard": percent / 100, "proposed": likely(percent)} for percent in range(10, 100, 10)],
    }


class Candidates(Rows[tuple[int, int]]):
    """Pairs of numbers, the smaller first, sorted; and the crowds that were not compared each with each."""

    def __init__(
        self, size: int, read: Callable[[], Iterator[tuple[int, int]]], crowds: tuple[Crowd, ...] = ()
    ) -> None:
        super().__init__(size, read)
        self.crowds = crowds


def propose(
    fingerprints: Sequence[Fingerprint],
    sketch_of: Callable[[int], Sketch] | None = None,
    share: Share | None = None,
) -> Candidates:
    """The pairs that are worth an exact comparison. More than a few documents need their sketches: `sketch_of` gives that of the fingerprint at a place.

    `share` joins rows by their rare shingles elsewhere than in memory; rows are documents in the order of their numbers.
    """
    if sketch_of is None or not needs_sketches(len(fingerprints)):
        few = list(combinations(sorted(found.number for found in fingerprints), 2))
        return Candidates(len(few), lambda: iter(few))
    import numpy as np

    sketches = _read(fingerprints, sketch_of)
    crowds: list[Crowd] = []
    found = [
        *(_same(fingerprints, name, sketches.base, crowds) for name in ("exact", "url", "canonical_url", "title")),
        _alike_by_signature(sketches, crowds),
        _sharing_rare_shingles(sketches, share),
    ]
    codes, base = np.unique(np.concatenate(found)), sketches.base
    return Candidates(len(codes), lambda: _decoded(codes, base), tuple(sorted(crowds)))


@dataclass(frozen=True, slots=True)
class _Sketches:
    """The signatures of all documents as the rows of a matrix, their numbers, and the sizes of their samples; a sample itself is read when it is needed.

    A pair of numbers is coded as one integer, the first times `base` and the second.
    """

    numbers: Numbers
    signatures: Signature
    sizes: Numbers
    sample_of: Callable[[int], Hashes]
    base: int


def _read(fingerprints: Sequence[Fingerprint], sketch_of: Callable[[int], Sketch]) -> _Sketches:
    import numpy as np

    # In the order of their numbers, so that the first of a bucket does not depend on the order of the input.
    order = sorted(range(len(fingerprints)), key=lambda place: fingerprints[place].number)
    signatures = np.empty((len(order), len(sketch_of(order[0]).signature)), np.uint32)
    sizes = np.empty(len(order), np.int32)
    for row, place in enumerate(order):
        sketch = sketch_of(place)
        signatures[row], sizes[row] = sketch.signature, len(sketch.sample)
    numbers = np.array([fingerprints[place].number for place in order], np.int32)
    return _Sketches(numbers, signatures, sizes, lambda row: sketch_of(order[row]).sample, int(numbers[-1]) + 1)


def _decoded(codes: Codes, base: int) -> Iterator[tuple[int, int]]:
    for start in range(0, len(codes), SIGNATURES_AT_ONCE):
        some = codes[start : start + SIGNATURES_AT_ONCE]
        yield from zip((some // base).tolist(), (some % base).tolist(), strict=True)


def _same(fingerprints: Sequence[Fingerprint], name: str, base: int, crowds: list[Crowd]) -> Codes:
    """The pairs of fingerprints that have the same member `name`; in a crowd, only those with its first member."""
    import numpy as np

    buckets: dict[Hashable, list[int]] = defaultdict(list)
    for found in fingerprints:
        if key := getattr(found, name):
            buckets[key].append(found.number)
    codes = []
    for bucket in buckets.values():
        numbers = sorted(bucket)
        if len(numbers) > MAX_BUCKET:
            crowds.append(Crowd(name, len(numbers), numbers[0]))
            codes += [numbers[0] * base + other for other in numbers[1:]]
        else:
            codes += [one * base + other for one, other in combinations(numbers, 2)]
    return np.array(codes, np.int64)


def _alike_by_signature(sketches: _Sketches, crowds: list[Crowd]) -> Codes:
    """The pairs that share a band, and enough of the whole signature besides."""
    import numpy as np

    banded = np.empty(0, np.int64)
    largest: dict[int, int] = {}
    rows = np.arange(len(sketches.numbers), dtype=np.int64)
    with_words = rows[(sketches.signatures != np.uint32(0xFFFFFFFF)).any(axis=1)]
    for band in range(BANDS):
        columns = sketches.signatures[with_words, band * ROWS : (band + 1) * ROWS]
        order = np.lexsort(columns.T[::-1])
        columns = columns[order]
        breaks = (columns[1:] != columns[:-1]).any(axis=1)
        pairs, hubs = _within_groups(with_words[order], breaks, len(rows))
        banded = np.union1d(banded, pairs)
        for row, size in hubs:
            largest[row] = max(size, largest.get(row, 0))
    crowds += [Crowd("signature", size, int(sketches.numbers[row])) for row, size in largest.items()]
    left, right = banded // max(len(rows), 1), banded % max(len(rows), 1)
    least = MIN_SIGNATURE_SHARE * sketches.signatures.shape[1]
    agreeing = [
        np.count_nonzero(sketches.signatures[a] == sketches.signatures[b], axis=1)
        for a, b in (
            (left[start : start + SIGNATURES_AT_ONCE], right[start : start + SIGNATURES_AT_ONCE])
            for start in range(0, len(left), SIGNATURES_AT_ONCE)
        )
    ]
    enough = 100 * np.concatenate(agreeing) >= least if agreeing else np.empty(0, bool)
    return _coded(sketches, left[enough], right[enough])


def _coded(sketches: _Sketches, left: Codes, right: Codes) -> Codes:
    """The pairs of rows as codes of numbers."""
    import numpy as np

    codes: Codes = sketches.numbers[left].astype(np.int64) * sketches.base + sketches.numbers[right]
    return codes


def _within_groups(owners: Codes, breaks: NDArray[np.bool_], base: int) -> tuple[Codes, list[tuple[int, int]]]:
    """The pairs within groups of neighbours, which `breaks` tells apart; owners rise within a group. Of a crowd only the pairs with its first member.

    Also the first member and the size of each crowd.
    """
    import numpy as np

    group = np.concatenate(([0], np.cumsum(breaks)))
    sizes = np.bincount(group)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    in_crowd = sizes[group] > MAX_BUCKET
    first = owners[starts[group]]
    others = in_crowd & (np.arange(len(owners)) != starts[group])
    pairs = [first[others] * base + owners[others]]
    distance = 1
    while True:
        together = (group[distance:] == group[:-distance]) & ~in_crowd[distance:]
        if not together.any():
            break
        pairs.append(owners[:-distance][together] * base + owners[distance:][together])
        distance += 1
    hubs = [(int(owners[start]), int(size)) for start, size in zip(starts, sizes, strict=True) if size > MAX_BUCKET]
    return np.concatenate(pairs), hubs


def _sharing_rare_shingles(sketches: _Sketches, share: Share | None) -> Codes:
    """The pairs that share rare shingles: what finds containment and reuse, which a Jaccard can't see."""
    import numpy as np

    base = len(sketches.numbers)
    most = min(
        MAX_DOCUMENTS_PER_SHINGLE,
        MIN_DOCUMENTS_PER_SHINGLE + int(np.count_nonzero(sketches.sizes)) // DOCUMENTS_PER_COMMON_ONE,
    )
    codes, counts = np.empty(0, np.int64), np.empty(0, np.int32)
    waiting: list[Counted] = []
    for found in (share or _shared_here(sketches))(most):
        waiting.append(found)
        if sum(len(some) for some, _ in waiting) > MAX_COUNTS:
            codes, counts = _added([(codes, counts), *waiting])
            waiting = []
    codes, counts = _added([(codes, counts), *waiting])
    left, right = codes // base, codes % base
    plain = 2 * counts >= np.minimum(sketches.sizes[left], sketches.sizes[right])
    # In a corpus made from templates every document shares passages with hundreds; the nearest few say what there is to say.
    some = np.flatnonzero(~plain & (counts >= MIN_RARE_SHINGLES))
    owner = np.concatenate([left[some], right[some]])
    pair = np.concatenate([some, some])
    order = np.lexsort((codes[pair], -counts[pair], owner))
    owner, pair = owner[order], pair[order]
    starts = np.searchsorted(owner, owner)
    nearest = pair[np.arange(len(owner)) - starts < MAX_NEAREST]
    chosen = np.union1d(np.flatnonzero(plain), nearest)
    return _coded(sketches, left[chosen], right[chosen])


def slice_bounds(shingles: int) -> list[int]:
    """The lowest hash of each slice of so many sampled shingles, from 0 on."""
    count = min(max(1, -(-shingles // SLICE)), MAX_SLICES)
    return [(1 << 64) * number // count for number in range(count)]


def scattered(samples: Sequence[Hashes], first: int, bounds: Sequence[int]) -> list[Slice]:
    """The sampled shingles of documents by slice, each with the row of its document; rows begin with `first`, and rise within a slice."""
    import numpy as np

    hashes = np.concatenate([np.empty(0, np.uint64), *samples])
    rows = np.repeat(np.arange(first, first + len(samples), dtype=np.int32), [len(sample) for sample in samples])
    slots = np.searchsorted(np.array(bounds[1:], np.uint64), hashes, side="right")
    order = np.argsort(slots, kind="stable")
    cuts = np.searchsorted(slots[order], np.arange(len(bounds) + 1))
    parts = [order[start:end] for start, end in pairwise(cuts)]
    return [(hashes[part], rows[part]) for part in parts]


def gathered(parts: Sequence[Slice], most: int, base: int) -> Counted:
    """The pairs of documents that share shingles of a slice, as codes, and how many. A shingle counts that at least two and at most so many documents have; the parts are in the order of their rows."""
    import numpy as np

    hashes = np.concatenate([some for some, _ in parts])
    owners = np.concatenate([some for _, some in parts])
    # Stable, so that owners rise within a shingle as they do in the slice.
    order = np.argsort(hashes, kind="stable")
    hashes, owners = hashes[order], owners[order]
    starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
    owned = np.diff(np.concatenate((starts, [len(hashes)])))
    rare = np.repeat((owned > 1) & (owned <= most), owned)
    hashes, owners = hashes[rare], owners[rare]
    if not len(hashes):
        return np.empty(0, np.int64), np.empty(0, np.int32)
    pairs, _ = _within_groups(owners.astype(np.int64), hashes[1:] != hashes[:-1], base)
    codes, counts = np.unique(pairs, return_counts=True)
    return codes, counts.astype(np.int32)


def _shared_here(sketches: _Sketches) -> Share:
    """The join of few documents, in memory."""

    def joined(most: int) -> Iterator[Counted]:
        samples = [sketches.sample_of(row) for row in range(len(sketches.numbers))]
        for found in scattered(samples, 0, slice_bounds(int(sketches.sizes.sum()))):
            yield gathered([found], most, len(sketches.numbers))

    return joined


def _added(parts: Sequence[Counted]) -> Counted:
    """Each pair once, with how often it came in all."""
    import numpy as np

    codes = np.concatenate([some for some, _ in parts])
    counts = np.concatenate([some for _, some in parts])
    order = np.argsort(codes, kind="stable")
    codes, counts = codes[order], counts[order]
    starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1]))) if len(codes) else np.empty(0, np.int64)
    return codes[starts], np.add.reduceat(counts, starts) if len(codes) else counts
