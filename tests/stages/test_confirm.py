"""Confirmed pairs: the exact measures, the relation that follows from them, and what only one of the two says."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from helpers import cases, made_of, paragraph, sentence
from hypothesis import given
from hypothesis import strategies as st

from cleaner.measures.words import words_of
from cleaner.model.documents import Document, Kind
from cleaner.model.duplicates import Pair, Relation
from cleaner.model.options import Options
from cleaner.stages.confirm import Compared, Numbered, confirm, head_of, numbered, placed_sentences, unique_sentences
from cleaner.stages.fingerprint import fingerprint

OPTIONS = Options()


def compared(document: Document, number: int, options: Options = OPTIONS) -> Compared:
    return Compared(fingerprint(document, number), numbered(document, options.shingle_words))


def pair_of(one: Document, other: Document, options: Options = OPTIONS) -> Pair | None:
    return confirm(compared(one, 0, options), compared(other, 1, options), options)


def article(seed: int, paragraphs: int = 5) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(paragraph(chance)) for _ in range(paragraphs)]


def grams(document: Document) -> set[tuple[str, ...]]:
    words = [word for block in document.blocks for word in words_of(block.text.text).norms]
    return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}


def check_measures(pair: Pair, one: Document, other: Document) -> None:
    left, right = grams(one), grams(other)
    assert (pair.common, pair.shingles_a, pair.shingles_b) == (len(left & right), len(left), len(right))
    assert pair.union == len(left | right)


def unread() -> Document:
    raise AssertionError("the document is not asked for")


def test_what_a_text_is_headed_by_needs_no_document() -> None:
    document = made_of([(Kind.HEADING, "The ferry to Carrow"), *article(1)])
    known = numbered(document, 3)
    bare = Numbered(known.words, 3, unread, head_of(document))
    assert bare.head == known.head
    assert bare.body_words() == known.body_words()
    assert bare.words == ["the", "ferry", "to", "carrow", *bare.body_words()]
    assert numbered(made_of(article(1)), 3).head.words == 0


def test_same_words_are_exact() -> None:
    one, other = made_of(["The “twelve” boats left."]), made_of(["The 12 boats", "left"])
    pair = pair_of(one, other)
    assert pair is not None
    assert (pair.relation, pair.drops) == (Relation.EXACT, (0, 1))


def test_edited_copy_is_near() -> None:
    own = article(1)
    one, other = made_of(own), made_of([*own[:4], own[4].replace(own[4].split()[3], "otherwise")])
    pair = pair_of(one, other)
    assert pair is not None
    assert (pair.relation, pair.drops) == (Relation.NEAR, (0, 1))
    check_measures(pair, one, other)


def test_part_is_contained_and_only_the_part_may_go() -> None:
    own = article(2)
    for one, other, dropped in ((own, own[1:3], 1), (own[1:3], own, 0)):
        pair = pair_of(made_of(one), made_of(other))
        assert pair is not None
        assert (pair.relation, pair.drops) == (Relation.CONTAINED, (dropped,))
        check_measures(pair, made_of(one), made_of(other))


def cut_off(sentences: list[str]) -> list[str]:
    return [" ".join(sentences)[: len(" ".join(sentences[:-1])) + 9]]


LONG = [sentence(random.Random(seed), 12) for seed in range(60)]
CONTAINED = [
    ("breaks off in the midst of a sentence", cut_off(LONG[:9]), [" ".join(LONG[:16])], True),
    ("whole sentences were left out here and there", [" ".join(LONG[0:5] + LONG[9:14] + LONG[18:23])], [" ".join(LONG[:24])], True),
    ("below a headline", [" ".join(LONG[4:9])], [LONG[0], " ".join(LONG[4:24])], True),
    ("with its own sentences added to", ["".join(LONG[:9])], [" ".join(f"{one[:-1]} as {two[:20]}" for one, two in zip(LONG[:9], LONG[30:], strict=False))], False),
    ("in the midst of a digest", [" ".join(LONG[10:16])], [" ".join(LONG)], False),
    ("in the midst of a text of twice its length", [" ".join(LONG[10:30])], [" ".join(LONG[:40])], True),
]  # fmt: skip


@pytest.mark.parametrize(("label", "part", "whole", "contained"), CONTAINED, ids=[case[0] for case in CONTAINED])
def test_what_is_contained_stands_there_whole(label: str, part: list[str], whole: list[str], contained: bool) -> None:
    for one, other, dropped in ((part, whole, 0), (whole, part, 1)):
        pair = pair_of(made_of(one), made_of(other))
        found = (pair.relation, pair.drops) if pair else None
        assert (found == (Relation.CONTAINED, (dropped,))) is contained, found


def test_passage_in_common_is_reuse_and_drops_nothing() -> None:
    shared = " ".join(sentence(random.Random(3), 40).split())
    one, other = made_of([*article(4), shared]), made_of([shared, *article(5)])
    pair = pair_of(one, other)
    assert pair is not None
    assert (pair.relation, pair.drops) == (Relation.REUSE, ())
    assert pair.passage_words == 40
    assert pair_of(one, other, replace(OPTIONS, min_reuse_tokens=41)) is None


def test_strangers_are_no_pair() -> None:
    assert pair_of(made_of(article(6)), made_of(article(7))) is None


def test_short_texts_are_compared_exactly_only() -> None:
    one, other = (
        "The ferry left at dawn today and nobody on the quay saw it.",
        "The ferry left at dawn today and nobody on the quay saw.",
    )
    assert pair_of(made_of([one]), made_of([other])) is None
    pair = pair_of(made_of([one]), made_of([one]))
    assert pair is not None
    assert pair.relation is Relation.EXACT


REVISED = [
    ("one address, two dates", {"url": "https://example.org/a"}, True),
    ("one canonical address, two dates", {"canonical_url": "https://example.org/a"}, True),
    ("one headline of some length, two dates", {"title": "The last ferry to the island"}, True),
    ("one short headline says nothing", {"title": "Harbour news"}, False),
]


@pytest.mark.parametrize(("known", "is_revision"), [case[1:] for case in REVISED], ids=[case[0] for case in REVISED])
def test_revision_drops_the_older(known: dict[str, Any], is_revision: bool) -> None:
    own, more = article(8), article(9)
    later = made_of([*own, *more[:4]], date="2026-03-01", updated="2026-03-05", **known)
    older = made_of([*own[:3], more[4]], date="2026-03-01", **known)
    for one, other, dropped in ((older, later, 0), (later, older, 1)):
        pair = pair_of(one, other)
        if is_revision:
            assert pair is not None
            assert (pair.relation, pair.drops) == (Relation.REVISION, (dropped,))
        else:
            assert pair is None or pair.relation is not Relation.REVISION


def test_same_headline_over_other_text_is_no_revision() -> None:
    one = made_of(article(10), title="The last ferry to the island", date="2026-03-01")
    other = made_of(article(11), title="The last ferry to the island", date="2026-03-02")
    assert pair_of(one, other) is None


def test_same_date_is_no_revision() -> None:
    own = article(12)
    known = {"url": "https://example.org/a", "date": "2026-03-01"}
    pair = pair_of(made_of(own, **known), made_of(own[:4], **known))
    assert pair is not None
    assert pair.relation is not Relation.REVISION


def test_twin_with_much_of_its_own_is_not_dropped() -> None:
    own = article(13, 30)
    chance = random.Random(14)
    extra = [sentence(chance, 7) for _ in range(3)]
    one, other = made_of(own), made_of([*own, " ".join(extra)])
    pair = pair_of(one, other, replace(OPTIONS, max_unique_dropped=2))
    assert pair is not None
    assert pair.relation is Relation.NEAR
    assert pair.drops == (0,)
    assert list(pair.unique_in_b) == extra
    assert pair.unique_in_a == ()


def test_threshold_is_met_by_equality() -> None:
    own = article(15)
    one, other = made_of(own), made_of([*own, sentence(random.Random(16), 12)])
    pair = pair_of(one, other)
    assert pair is not None
    share = 100 * pair.common // pair.union
    strict = replace(OPTIONS, min_jaccard=share + 1, min_jaccard_any_order=101, min_containment=101)
    again = pair_of(one, other, replace(strict, min_jaccard=share))
    assert again is not None
    assert again.relation is Relation.NEAR
    none = pair_of(one, other, strict)
    assert none is None or none.relation is Relation.REUSE


@pytest.mark.parametrize("case", cases("confirm/siblings"))
def test_pages_of_one_template_are_told_from_copies(case: dict[str, Any]) -> None:
    one, other = (
        made_of(
            [line for line in case[side].split("\n") if line],
            title=case.get("titles", ("", ""))[number],
            date=case.get("dates", ("", ""))[number],
            url=case.get("url", ""),
        )
        for number, side in enumerate(("one", "other"))
    )
    for left, right in ((one, other), (other, one)):
        pair = pair_of(left, right)
        relation = pair.relation.value if pair and pair.relation is not Relation.REUSE else ""
        assert relation == case["relation"]
        assert bool(pair and pair.drops) == bool(relation)


def test_notice_that_says_nothing_else_is_another_record_of_the_text() -> None:
    own = article(9)
    for notice, relation in (("Erratum to:", Relation.NEAR), ("Retraction of:", None), ("Erratum: it was noon.", None)):
        pair = pair_of(made_of(own), made_of([f"{notice} {own[0]}", *own[1:]]))
        assert (pair.relation if pair and pair.drops else None) is relation


def test_correction_is_no_copy_of_what_it_corrects() -> None:
    own = article(17)
    pair = pair_of(made_of(own), made_of(["Correction: the ferry left at noon.", *own]))
    assert pair is None or pair.drops == ()


@given(st.integers(0, 500), st.integers(0, 500))
def test_two_views_of_a_pair_agree(seed: int, cut: int) -> None:
    own = article(seed, 3)
    words = " ".join(own).split()
    one, other = made_of(own), made_of([" ".join(words[cut % len(words) :]) or "x", sentence(random.Random(cut))])
    there, back = pair_of(one, other), pair_of(other, one)
    if there is None or back is None:
        assert there == back
        return
    check_measures(there, one, other)
    assert there.relation == back.relation
    assert sorted(1 - number for number in back.drops) == sorted(there.drops)
    assert (there.unique_in_a, there.unique_in_b) == (back.unique_in_b, back.unique_in_a)
    assert there.common == back.common


def test_sentence_that_ends_no_block_there_is_placed_over_its_blocks() -> None:
    kept = made_of(["What the ferry carries on a summer day", "four hundred bicycles and a hearse", "It rained."])
    one = made_of(["What the ferry carries on a summer day four hundred bicycles and a hearse. It rained."])
    placed = placed_sentences(numbered(one, 3), numbered(kept, 3))
    assert [place.kept_at for place in placed] == [(0, 0, 1, 34), (2, 0, 2, 9)]
    assert unique_sentences(numbered(one, 3), numbered(kept, 3)) == ()


def test_phrase_said_twice_is_no_twin_of_one_said_once() -> None:
    kept = made_of(["The lamp is lit when a ship has been seen at the mouth of the outer harbour.", "It rained."])
    one = made_of(
        [
            "The lamp is lit when a ship has been seen at the mouth of the outer harbour or a boat has been seen at the mouth of the outer harbour."
        ]
    )
    (place,) = placed_sentences(numbered(one, 3), numbered(kept, 3))
    assert place.kept_at is None


def test_sentences_are_placed_where_their_twins_stand() -> None:
    own = ["The ferry left at dawn today. Nobody on the quay saw it go.", "It rained."]
    kept = made_of(["A lead.", "Nobody on the quay saw it go. It rained. The ferry left at dawn today!"])
    one = made_of([*own, "A sentence that nobody else has said before."])
    said = []
    for place in placed_sentences(numbered(one, 3), numbered(kept, 3)):
        there = place.kept_at
        twin = kept.blocks[there[0]].text.text[there[1] : there[3]] if there else None
        said.append((place.block.text.text[place.start : place.end], twin))
    assert said == [
        ("The ferry left at dawn today.", "The ferry left at dawn today"),
        ("Nobody on the quay saw it go.", "Nobody on the quay saw it go"),
        ("It rained.", "It rained"),
        ("A sentence that nobody else has said before.", None),
    ]
    assert unique_sentences(numbered(one, 3), numbered(kept, 3)) == ("A sentence that nobody else has said before.",)
