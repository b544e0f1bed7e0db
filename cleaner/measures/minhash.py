"""Words in, shingle hashes and MinHash signatures out, in bulk with NumPy."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaner.model.duplicates import Hashes, Signature

# One shingle in so many is kept in the sample that finds containment and reuse.
SAMPLE_SCALE = 4
MIX_1, MIX_2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
MAX_WORD_HASHES = 1 << 15
# Shingles whose outer product with the permutations stays in the cache of a core.
SHINGLES_AT_ONCE = 512
SHIFT = np.uint64(33)
STEP = 0x9E3779B97F4A7C15


def word_hash(word: str) -> int:
    """64 bits of BLAKE2b of a word: the same on every machine, unlike Python's own hash."""
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class _WordHashes(dict[str, int]):
    """The hashes of the words met so far; forgotten when there are too many to keep. A dictionary answers twice as fast as a cached function."""

    def __missing__(self, word: str) -> int:
        if len(self) >= MAX_WORD_HASHES:
            self.clear()
        found = self[word] = word_hash(word)
        return found


WORD_HASHES = _WordHashes()


def shingle_hashes(words: Sequence[str], size: int) -> Hashes:
    """The sorted, different 64-bit hashes of the word n-grams of `size` words; a shorter text is one shingle."""
    if not words:
        return np.empty(0, np.uint64)
    hashes = np.fromiter(map(WORD_HASHES.__getitem__, words), np.uint64, len(words))
    size = min(size, len(words))
    count = len(words) - size + 1
    mixed = np.zeros(count, np.uint64)
    for place in range(size):
        mixed = _mixed(mixed * np.uint64(STEP) + hashes[place : place + count] + np.uint64(place))
    mixed.sort()
    # numpy.unique would load masked arrays for this.
    different: Hashes = mixed[np.concatenate(([True], mixed[1:] != mixed[:-1]))]
    return different


def _mixed(hashes: Hashes) -> Hashes:
    """MurmurHash3's 64-bit finalizer."""
    hashes = (hashes ^ (hashes >> SHIFT)) * MIX_1
    hashes = (hashes ^ (hashes >> SHIFT)) * MIX_2
    return hashes ^ (hashes >> SHIFT)


@lru_cache(maxsize=4)
def permutations(size: int) -> tuple[Signature, Signature]:
    """The `a` (odd) and `b` of the `size` permutations `a*h + b mod 2**32`, as datasketch's scheme affine32 draws them from seed 1."""
    generator = np.random.RandomState(1)
    a = generator.randint(0, 1 << 31, size, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = generator.randint(0, 1 << 32, size, dtype=np.uint32)
    return a, b


def signature_of(shingles: Hashes, size: int) -> Signature:
    """The MinHash signature (uint32, shape `(size,)`) of a set of shingle hashes, of which the low 32 bits count.

    Bit-equal to `datasketch.MinHash(num_perm=size)` (scheme affine32: MurmurHash3's 32-bit finalizer, then `a*h + b mod 2**32`; Broder 1997).
    """
    if not len(shingles):
        return np.full(size, 0xFFFFFFFF, np.uint32)
    a, b = permutations(size)
    hashes = shingles.astype(np.uint32)
    hashes = (hashes ^ (hashes >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    hashes = (hashes ^ (hashes >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    hashes ^= hashes >> np.uint32(16)
    lowest = np.full(size, 0xFFFFFFFF, np.uint32)
    product = np.empty((size, min(len(hashes), SHINGLES_AT_ONCE)), np.uint32)
    for start in range(0, len(hashes), SHINGLES_AT_ONCE):
        part = hashes[None, start : start + SHINGLES_AT_ONCE]
        permuted = product[:, : part.shape[1]]
        np.multiply(a[:, None], part, out=permuted)
        permuted += b[:, None]
        np.minimum(lowest, permuted.min(axis=1), out=lowest)
    return lowest


def sample_of(shingles: Hashes) -> Hashes:
    """The hashes that are 0 modulo the scale: the same choice in every document, so samples of alike texts meet (FracMinHash, Irber et al. 2022)."""
    sample: Hashes = shingles[shingles % np.uint64(SAMPLE_SCALE) == 0]
    return sample
