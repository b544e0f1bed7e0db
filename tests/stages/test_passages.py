"""What two documents have in common, by the spans of both sources."""

from __future__ import annotations

import random

from cleaner.model.documents import Document
from cleaner.model.duplicates import Passage
from cleaner.model.options import Options
from cleaner.model.text import Span
from cleaner.stages.confirm import numbered
from cleaner.stages.passages import MAX_TOLD_PASSAGES, MIN_PASSAGE_WORDS
from cleaner.stages.passages import passages as passages_of
from tests.helpers import made_of, sentence

WORDS = Options().shingle_words


def passages(one: Document, other: Document) -> list[Passage]:
    return passages_of(numbered(one, WORDS), numbered(other, WORDS))


def sentences(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    return [sentence(chance) for _ in range(count)]


def source_of(document: Document) -> str:
    """The string that `made_of` takes its blocks from."""
    return document.fields[0].text


def said(document: Document, span: Span) -> str:
    return source_of(document)[span.start : span.end]


def test_the_longest_stand_first_and_the_spans_say_them() -> None:
    common, left, right = sentences(1, 6), sentences(2, 4), sentences(3, 4)
    one = made_of([left[0], " ".join(common[:4]), left[1], common[4], left[2]])
    other = made_of([" ".join([right[0], common[4], right[1]]), right[2], " ".join(common[:4])])
    found = passages(one, other)
    assert [(said(one, passage.one), said(other, passage.other)) for passage in found] == [
        (" ".join(common[:4]).rstrip("."),) * 2,
        (common[4].rstrip("."),) * 2,
    ]
    assert [passage.words for passage in found] == [len(said(one, passage.one).split()) for passage in found]


def test_a_few_words_between_belong_to_a_passage_and_many_part_it() -> None:
    common, own = sentences(4, 2), sentences(5, 3)
    other = made_of([" ".join(common)])
    few = made_of([f"{common[0]} Well now. {common[1]}"])
    assert [said(few, passage.one) for passage in passages(few, other)] == [source_of(few).rstrip(".")]
    many = made_of([" ".join([common[0], *own, common[1]])])
    assert sorted(said(many, passage.one) for passage in passages(many, other)) == sorted(
        text.rstrip(".") for text in common
    )


def test_they_are_few_and_none_is_a_turn_of_phrase() -> None:
    common, left, right = sentences(6, 6), sentences(7, 6), sentences(8, 6)
    one = made_of([text for both in zip(common, left, strict=True) for text in both])
    other = made_of([text for both in zip(right, reversed(common), strict=True) for text in both])
    assert len(passages(one, other)) == MAX_TOLD_PASSAGES
    phrase = " ".join(common[0].split()[: MIN_PASSAGE_WORDS - 1])
    assert passages(made_of([f"{phrase} {left[0]}"]), made_of([f"{phrase} {right[0]}"])) == []
