"""Alignment: what is reported as equal is equal, the two places of a repeat lie apart, and repetitive text stays linear."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.measures.alignment import (
    SEED_WORDS,
    Chain,
    Segment,
    _matching_blocks,
    enclosing,
    filled,
    matches_between,
    repeats_within,
    widened,
)

FEW = st.lists(st.sampled_from("abc"), max_size=60)
MANY = st.lists(st.integers(0, 40).map(str), max_size=40)


@st.composite
def with_copies(draw: st.DrawFn) -> list[str]:
    """A sequence in which stretches of earlier words are copied, some with a word changed."""
    words = draw(MANY)
    for _ in range(draw(st.integers(0, 4))):
        if len(words) < 6:
            break
        start = draw(st.integers(0, len(words) - 5))
        copy = words[start : start + draw(st.integers(4, 25))]
        if draw(st.booleans()):
            copy[len(copy) // 2] = "changed"
        at = draw(st.integers(0, len(words)))
        words = words[:at] + copy + words[at:]
    return words


WORDS = st.one_of(FEW, with_copies())


def check_chain(chain: Chain, left: list[str], right: list[str]) -> None:
    for segment in chain.segments:
        assert segment.size > 0
        assert left[segment.a : segment.a + segment.size] == right[segment.b : segment.b + segment.size]
        assert len(left[segment.a : segment.a + segment.size]) == segment.size
    for before, behind in pairwise(chain.segments):
        assert before.a + before.size <= behind.a
        assert before.b + before.size <= behind.b
    assert chain.size == sum(segment.size for segment in chain.segments)


@given(WORDS)
def test_repeats_are_equal_and_apart(words: list[str]) -> None:
    for chain in repeats_within(words):
        check_chain(chain, words, words)
        assert chain.a[1] <= chain.b[0]


@given(WORDS, WORDS)
def test_matches_are_equal(left: list[str], right: list[str]) -> None:
    for chain in matches_between(left, right):
        check_chain(chain, left, right)


@given(MANY, MANY)
def test_every_rare_seed_in_common_is_found(left: list[str], right: list[str]) -> None:
    covered = {
        (segment.a + shift, segment.b + shift)
        for chain in matches_between(left, right)
        for segment in chain.segments
        for shift in range(segment.size)
    }
    grams = [tuple(left[at : at + SEED_WORDS]) for at in range(len(left) - SEED_WORDS + 1)]
    others = [tuple(right[at : at + SEED_WORDS]) for at in range(len(right) - SEED_WORDS + 1)]
    for a, gram in enumerate(grams):
        if grams.count(gram) == others.count(gram) == 1:
            assert (a, others.index(gram)) in covered


@given(st.integers(5, 40), st.integers(0, 20))
def test_text_twice_is_one_chain(size: int, between: int) -> None:
    once = [f"w{number}" for number in range(size)]
    chains = repeats_within([*once, *(f"x{number}" for number in range(between)), *once])
    assert chains == [Chain((Segment(0, size + between, size),))]


def test_chain_bridges_an_edit() -> None:
    once = [f"w{number}" for number in range(30)]
    copy = [*once[:12], "edited", *once[13:]]
    (chain,) = repeats_within(once + copy)
    assert [tuple(segment) for segment in chain.segments] == [(0, 30, 12), (13, 43, 17)]
    (found,) = matches_between(once, copy)
    assert [tuple(segment) for segment in found.segments] == [(0, 0, 12), (13, 13, 17)]


def test_turns_of_phrase_far_apart_are_no_chain() -> None:
    words = [f"w{number}" for number in range(400)]
    copy = [f"x{number}" for number in range(400)]
    copy[10:15], copy[200:205] = words[10:15], words[200:205]
    assert [chain.size for chain in matches_between(words, copy)] == [5, 5]


@pytest.mark.parametrize("period", [1, 2, 3])
def test_repetitive_text_stays_linear(period: int) -> None:
    words = [str(at % period) for at in range(20_000)]
    for chains in (repeats_within(words), matches_between(words, words)):
        # The words looked at grow with the words reported; no word needs to be in more places than a seed has links.
        assert sum(chain.size for chain in chains) <= 20 * len(words)


def test_copies_of_a_loop_are_parted_at_a_sentence() -> None:
    words = "so we row home and sing so we row home and sing so we row home and sing".split()
    (first, *_) = repeats_within(words, lambda: {0, 6, 12})
    assert first.b[0] in {6, 12}


@given(with_copies(), with_copies())
def test_filled_chains_are_equal_still(left: list[str], right: list[str]) -> None:
    for chain in matches_between(left, right):
        more = filled(chain, left, right)
        check_chain(more, left, right)
        assert more.size >= chain.size
        assert (more.a, more.b) == (chain.a, chain.b)
        whole = widened(more, left, right, (0, len(left)), (0, len(right)))
        check_chain(whole, left, right)
        assert whole.size >= more.size


def test_short_gaps_are_filled_word_by_word() -> None:
    left, right = "a b c d x y e f g h".split(), "a b c d z y e f g h".split()
    chain = Chain((Segment(0, 0, 4), Segment(6, 6, 4)))
    assert filled(chain, left, right).segments == (Segment(0, 0, 4), Segment(5, 5, 1), Segment(6, 6, 4))


@pytest.mark.parametrize(
    ("interval", "wide"), [((0, 1), (0, 5)), ((4, 6), (0, 9)), ((5, 9), (5, 9)), ((10, 11), (9, 12))]
)
def test_enclosing_widens_to_whole_parts(interval: tuple[int, int], wide: tuple[int, int]) -> None:
    assert enclosing([0, 5, 9], 12, interval) == wide


@given(FEW, st.one_of(FEW, st.lists(st.sampled_from("abcdefgh"), unique=True)))
def test_short_passages_are_aligned_as_difflib_does(here: list[str], there: list[str]) -> None:
    blocks = SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()
    assert _matching_blocks(tuple(here), tuple(there)) == [tuple(block) for block in blocks if block.size]


@given(st.permutations("abcdefgh"), st.sets(st.integers(0, 7)), st.lists(st.sampled_from("xyz"), max_size=3))
def test_words_in_the_same_order_are_aligned_as_difflib_does(
    here: list[str], kept: set[int], others: list[str]
) -> None:
    there = tuple(others + [word for place, word in enumerate(here) if place in kept] + others)
    blocks = SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()
    assert _matching_blocks(tuple(here), there) == [tuple(block) for block in blocks if block.size]
