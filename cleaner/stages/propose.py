"""Fingerprints in, candidate pairs out: by exact hash, by bands of the MinHash signature, by rare shingles and by address."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import combinations

from cleaner.model.duplicates import Fingerprint

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


def needs_sketches(documents: int) -> bool:
    """Whether so many documents can't be compared all with all."""
    return documents > MAX_COMPARED_ALL


def propose(fingerprints: Sequence[Fingerprint]) -> list[tuple[int, int]]:
    """The pairs (numbers, the smaller first) that are worth an exact comparison, sorted. More than a few fingerprints need their sketches."""
    if not needs_sketches(len(fingerprints)):
        return list(combinations(sorted(found.number for found in fingerprints), 2))
    pairs: set[tuple[int, int]] = set()
    for name in ("exact", "url", "canonical_url", "title"):
        pairs |= set(_same((found, getattr(found, name)) for found in fingerprints))
    pairs |= set(_alike_by_signature(fingerprints))
    pairs |= set(_sharing_rare_shingles(fingerprints))
    return sorted(pairs)


def _alike_by_signature(fingerprints: Sequence[Fingerprint]) -> Iterator[tuple[int, int]]:
    """The pairs that share a band, and enough of the whole signature besides."""
    import numpy as np

    signatures = {found.number: found.sketch.signature for found in fingerprints if found.words and found.sketch}
    banded: set[tuple[int, int]] = set()
    for band in range(BANDS):
        rows = slice(band * ROWS, (band + 1) * ROWS)
        banded |= set(
            _same(
                (found, signatures[found.number][rows].tobytes())
                for found in fingerprints
                if found.number in signatures
            )
        )
    for a, b in banded:
        if 100 * np.count_nonzero(signatures[a] == signatures[b]) >= MIN_SIGNATURE_SHARE * len(signatures[a]):
            yield a, b


def _same(keyed: Iterable[tuple[Fingerprint, Hashable]]) -> Iterator[tuple[int, int]]:
    """The pairs of fingerprints that have the same key; in a bucket without measure, only those with its first member."""
    buckets: dict[Hashable, list[int]] = defaultdict(list)
    for found, key in keyed:
        if key:
            buckets[key].append(found.number)
    for bucket in buckets.values():
        numbers = sorted(bucket)
        hubs = numbers if len(numbers) <= MAX_BUCKET else numbers[:1]
        for hub in hubs:
            yield from ((hub, other) for other in numbers if other > hub)


def _sharing_rare_shingles(fingerprints: Sequence[Fingerprint]) -> Iterator[tuple[int, int]]:
    """The pairs that share rare shingles: what finds containment and reuse, which a Jaccard can't see."""
    import numpy as np

    sampled = [
        (found.number, found.sketch.sample) for found in fingerprints if found.sketch and len(found.sketch.sample)
    ]
    if len(sampled) < 2:
        return
    hashes = np.concatenate([sample for _, sample in sampled])
    owners = np.repeat(np.array([number for number, _ in sampled]), [len(sample) for _, sample in sampled])
    order = np.lexsort((owners, hashes))
    hashes, owners = hashes[order], owners[order]
    starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]])
    owned = np.diff(np.r_[starts, len(hashes)])
    counts: Counter[tuple[int, int]] = Counter()
    most = min(MAX_DOCUMENTS_PER_SHINGLE, MIN_DOCUMENTS_PER_SHINGLE + len(sampled) // DOCUMENTS_PER_COMMON_ONE)
    rare = (owned > 1) & (owned <= most)
    for start, size in zip(starts[rare], owned[rare], strict=True):
        members = owners[start : start + size].tolist()
        for index, one in enumerate(members):
            for other in members[index + 1 :]:
                counts[one, other] += 1
    # In a corpus made from templates every document shares passages with hundreds; the nearest few say what there is to say.
    nearest: dict[int, list[tuple[int, tuple[int, int]]]] = defaultdict(list)
    sizes = {number: len(sample) for number, sample in sampled}
    for pair, count in counts.items():
        if 2 * count >= min(sizes[pair[0]], sizes[pair[1]]):
            yield pair
        elif count >= MIN_RARE_SHINGLES:
            for number in pair:
                nearest[number].append((-count, pair))
    for number in nearest:
        yield from (pair for _, pair in sorted(nearest[number])[:MAX_NEAREST])
