"""Shingles and MinHash: datasketch is the reference, Python's sets the other one."""

from __future__ import annotations

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from cleaner.measures.minhash import SAMPLE_SCALE, sample_of, shingle_hashes, signature_of, word_hash

HASHES = st.sets(st.integers(0, (1 << 64) - 1), max_size=60)
WORDS = st.lists(st.sampled_from(["ebb", "flow", "tide", "é", "渡", ""]), max_size=30)


def sorted_array(hashes: set[int]) -> np.ndarray:
    return np.array(sorted(hashes), np.uint64)


def common(left: np.ndarray, right: np.ndarray) -> int:
    return len(set(left.tolist()) & set(right.tolist()))


def reference(hashes: set[int], size: int) -> np.ndarray:
    """The signature that datasketch makes of the low 32 bits of the hashes, taken as they are."""
    made = MinHash(num_perm=size, seed=1, hashfunc=lambda known: known, scheme="affine32")
    made.update_batch([known & 0xFFFFFFFF for known in sorted(hashes)])
    return made.hashvalues


@given(HASHES, st.sampled_from([1, 2, 16, 128, 256]))
def test_signature_is_bit_equal_to_datasketch(hashes: set[int], size: int) -> None:
    assert signature_of(sorted_array(hashes), size).tolist() == reference(hashes, size).astype(np.uint64).tolist()


@pytest.mark.parametrize("count", [1023, 1024, 1025, 5000])
def test_signature_of_many_shingles_is_bit_equal_too(count: int) -> None:
    hashes = set(np.random.RandomState(count).randint(0, 1 << 63, count, dtype=np.uint64).tolist())
    assert signature_of(sorted_array(hashes), 128).tolist() == reference(hashes, 128).astype(np.uint64).tolist()


def test_signature_of_nothing_is_that_of_an_empty_minhash() -> None:
    assert signature_of(np.empty(0, np.uint64), 16).tolist() == [0xFFFFFFFF] * 16


def test_equal_places_of_two_signatures_estimate_the_jaccard() -> None:
    left = set(np.random.RandomState(3).randint(0, 1 << 63, 3000, dtype=np.uint64).tolist())
    right = set(sorted(left)[:2000]) | {known + 1 for known in sorted(left)[2000:]}
    exact = len(left & right) / len(left | right)
    equal = np.mean(signature_of(sorted_array(left), 512) == signature_of(sorted_array(right), 512))
    assert abs(equal - exact) < 0.08


@given(WORDS, st.integers(1, 6))
def test_shingles_are_sorted_and_different(words: list[str], size: int) -> None:
    hashes = shingle_hashes(words, size)
    assert hashes.dtype == np.uint64
    assert hashes.tolist() == sorted(set(hashes.tolist()))
    size = min(size, len(words))
    grams = {tuple(words[at : at + size]) for at in range(len(words) - size + 1)} if words else set()
    assert len(hashes) == len(grams)


@given(WORDS, WORDS, st.integers(1, 4))
def test_shingles_in_common_are_the_grams_in_common(left: list[str], right: list[str], size: int) -> None:
    def grams(words: list[str]) -> set[tuple[str, ...]]:
        own = min(size, len(words))
        return {tuple(words[at : at + own]) for at in range(len(words) - own + 1)} if words else set()

    assert common(shingle_hashes(left, size), shingle_hashes(right, size)) == len(grams(left) & grams(right))


def test_shingle_says_the_order_of_its_words() -> None:
    assert common(shingle_hashes(["a", "b", "c"], 3), shingle_hashes(["c", "b", "a"], 3)) == 0
    assert common(shingle_hashes(["a", "a", "b"], 2), shingle_hashes(["a", "b", "b"], 2)) == 1


def test_text_shorter_than_a_shingle_is_one_shingle() -> None:
    assert shingle_hashes(["a", "b"], 3).tolist() == shingle_hashes(["a", "b"], 2).tolist()
    assert len(shingle_hashes([], 3)) == 0


def test_hash_of_a_word_is_the_same_on_every_machine() -> None:
    assert word_hash("ferry") == 7949881795909877008
    assert word_hash("\ud800") != word_hash("?")


@given(HASHES)
def test_sample_is_chosen_by_the_hash_alone(hashes: set[int]) -> None:
    assert sample_of(sorted_array(hashes)).tolist() == sorted(known for known in hashes if known % SAMPLE_SCALE == 0)
