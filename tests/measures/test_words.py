"""Words and sentences: cases in several scripts, and that nothing stands outside the text or twice."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from helpers import cases
from hypothesis import given
from hypothesis import strategies as st

from cleaner.measures.words import sentences_of, words_of

SCRIPTS = st.text(st.sampled_from("aZ é.!?…:\"'”’ \n\t9_-渡。？न।؟كב\u0301\U0001f680ﬁ"), max_size=60)


@pytest.mark.parametrize("case", cases("measures/sentences"))
def test_sentences(case: dict[str, Any]) -> None:
    text = case["text"]
    assert [text[start:end] for start, end in sentences_of(text)] == case["sentences"]


@pytest.mark.parametrize("case", cases("measures/words"))
def test_words(case: dict[str, Any]) -> None:
    assert words_of(case["text"]).norms == case["words"]


@given(SCRIPTS)
def test_sentences_hold_all_that_is_not_white_space(text: str) -> None:
    found = sentences_of(text)
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in found)
    assert all(left[1] <= right[0] for left, right in pairwise(found))
    inside = {at for start, end in found for at in range(start, end)}
    assert all(char.isspace() for at, char in enumerate(text) if at not in inside)


@given(SCRIPTS)
def test_words_stand_where_they_say(text: str) -> None:
    words = words_of(text)
    assert len(words.norms) == len(words.starts) == len(words.ends) == len(words)
    assert all(start < end for start, end in zip(words.starts, words.ends, strict=True))
    assert all(end <= start for end, start in zip(words.ends, words.starts[1:], strict=False))
    inside = {at for start, end in zip(words.starts, words.ends, strict=True) for at in range(start, end)}
    assert all(at in inside for at, char in enumerate(text) if char.isalnum())


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_short_way_for_ascii_finds_the_same_words(text: str) -> None:
    other = words_of(text + " \N{HIRAGANA LETTER A}")
    assert other.norms[:-1] == words_of(text).norms
    assert other.starts[:-1] == words_of(text).starts
    assert other.ends[:-1] == words_of(text).ends
