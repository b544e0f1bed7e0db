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
    Characters,
    coded,
    completed,
    matches_between,
    repeats_within,
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
    for a, b, size in chain.segments:
        assert size > 0
        assert left[a : a + size] == right[b : b + size]
        assert len(left[a : a + size]) == size
    for (a, b, size), (next_a, next_b, _) in pairwise(chain.segments):
        assert a + size <= next_a
        assert b + size <= next_b
    assert chain.size == sum(size for _, _, size in chain.segments)


@given(WORDS)
def test_repeats_are_equal_and_apart(words: list[str]) -> None:
    for chain in repeats_within(coded(words, Characters())):
        check_chain(chain, words, words)
        assert chain.a[1] <= chain.b[0]


@given(WORDS, WORDS)
def test_matches_are_equal(left: list[str], right: list[str]) -> None:
    for chain in matches_between(left, right):
        check_chain(chain, left, right)


@given(MANY, MANY)
def test_every_rare_seed_in_common_is_found(left: list[str], right: list[str]) -> None:
    covered = {
        (a + shift, b + shift)
        for chain in matches_between(left, right)
        for a, b, size in chain.segments
        for shift in range(size)
    }
    grams = [tuple(left[at : at + SEED_WORDS]) for at in range(len(left) - SEED_WORDS + 1)]
    others = [tuple(right[at : at + SEED_WORDS]) for at in range(len(right) - SEED_WORDS + 1)]
    for a, gram in enumerate(grams):
        if grams.count(gram) == others.count(gram) == 1:
            assert (a, others.index(gram)) in covered


@given(st.integers(5, 40), st.integers(0, 20))
def test_text_twice_is_one_chain(size: int, between: int) -> None:
    once = [f"w{number}" for number in range(size)]
    chains = repeats_within(coded([*once, *(f"x{number}" for number in range(between)), *once], Characters()))
    assert chains == [Chain(((0, size + between, size),))]


def test_chain_bridges_an_edit() -> None:
    once = [f"w{number}" for number in range(30)]
    copy = [*once[:12], "edited", *once[13:]]
    (chain,) = repeats_within(coded(once + copy, Characters()))
    assert chain.segments == ((0, 30, 12), (13, 43, 17))
    (found,) = matches_between(once, copy)
    assert found.segments == ((0, 0, 12), (13, 13, 17))


def test_turns_of_phrase_far_apart_are_no_chain() -> None:
    words = [f"w{number}" for number in range(400)]
    copy = [f"x{number}" for number in range(400)]
    copy[10:15], copy[200:205] = words[10:15], words[200:205]
    assert [chain.size for chain in matches_between(words, copy)] == [5, 5]


@pytest.mark.parametrize("period", [1, 2, 3])
def test_repetitive_text_stays_linear(period: int) -> None:
    words = [str(at % period) for at in range(20_000)]
    for chains in (repeats_within(coded(words, Characters())), matches_between(words, words)):
        # The words looked at grow with the words reported; no word needs to be in more places than a seed has links.
        assert sum(chain.size for chain in chains) <= 20 * len(words)


def test_copies_of_a_loop_are_parted_at_a_sentence() -> None:
    words = "so we row home and sing so we row home and sing so we row home and sing".split()
    (first, *_) = repeats_within(coded(words, Characters()), lambda: {0, 6, 12})
    assert first.b[0] in {6, 12}


@given(with_copies(), with_copies())
def test_completed_chains_are_equal_still(left: list[str], right: list[str]) -> None:
    for chain in matches_between(left, right):
        whole = Chain(completed(tuple(left), tuple(right), chain.segments))
        check_chain(whole, left, right)
        assert {*chain.segments} <= {*whole.segments}


def test_short_gaps_are_completed_word_by_word() -> None:
    left, right = "x a b c d x y e f g h i".split(), "i a b c d z y e f g h x".split()
    assert completed(tuple(left), tuple(right), ((1, 1, 4), (7, 7, 4))) == ((1, 1, 4), (6, 6, 1), (7, 7, 4))


@given(WORDS, WORDS)
def test_words_are_as_equal_as_their_characters(words: list[str], more: list[str]) -> None:
    characters = Characters()
    told = [*coded(words, characters), *coded(more, characters)]
    said = words + more
    assert [told.index(character) for character in told] == [said.index(word) for word in said]
    assert repeats_within(coded(said, characters)) == repeats_within(tuple(said))


def test_words_beyond_all_characters_are_taken_as_they_are() -> None:
    characters = Characters.fromkeys(map(str, range(0x110000)), "-")
    assert coded(["1", "2"], characters) == "--"
    assert coded(["1", "one more"], characters) == ("1", "one more")


@given(FEW, st.one_of(FEW, st.lists(st.sampled_from("abcdefgh"), unique=True)))
def test_short_passages_are_aligned_as_difflib_does(here: list[str], there: list[str]) -> None:
    blocks = SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()
    assert completed(tuple(here), tuple(there), ()) == tuple(tuple(block) for block in blocks if block.size)


@given(st.permutations("abcdefgh"), st.sets(st.integers(0, 7)), st.lists(st.sampled_from("xyz"), max_size=3))
def test_words_in_the_same_order_are_aligned_as_difflib_does(
    here: list[str], kept: set[int], others: list[str]
) -> None:
    there = tuple(others + [word for place, word in enumerate(here) if place in kept] + others)
    blocks = SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()
    assert completed(tuple(here), tuple(there), ()) == tuple(tuple(block) for block in blocks if block.size)
