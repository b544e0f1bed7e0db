"""Two texts side by side: every sentence of both is shown, what is equal says so, and the marked words are the ones that differ."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cleaner.measures.words import words_of
from cleaner.reports.comparing import Kind, Piece, Row, compare

SENTENCES = [
    "The ferry passed its last safety check on Monday.",
    "The ferry has passed its final safety check on Tuesday.",
    "Nobody on the pier had asked for a second boat.",
    "- A list item of a few words",
    "Rain is expected.",
    "The harbour board will meet again in the spring to decide.",
]
TEXTS = st.lists(st.tuples(st.sampled_from(SENTENCES), st.sampled_from([" ", "\n\n"])), max_size=9).map(
    lambda parts: "".join(said + gap for said, gap in parts).strip()
)


def said(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def marked(pieces: tuple[Piece, ...]) -> list[str]:
    return [piece.text for piece in pieces if piece.changed]


def rows(kept: str, other: str) -> tuple[Row, ...]:
    return compare(kept, other).rows


@given(TEXTS, TEXTS)
def test_every_word_of_both_texts_is_shown_once_and_in_order(kept: str, other: str) -> None:
    found = rows(kept, other)
    # What a moved sentence is like stands in a row of its own place too.
    left = [word for row in found if row.kind is not Kind.MOVED for word in words_of(said(row.kept)).norms]
    right = [word for row in found for word in words_of(said(row.other)).norms]
    assert left == words_of(kept).norms
    assert right == words_of(other).norms


@given(TEXTS, TEXTS)
def test_rows_say_what_they_are(kept: str, other: str) -> None:
    numbers = [row.number for row in rows(kept, other) if row.number]
    assert numbers == list(range(1, len(numbers) + 1))
    for row in rows(kept, other):
        left, right = words_of(said(row.kept)).norms, words_of(said(row.other)).norms
        assert bool(row.number) == (row.kind not in (Kind.KEPT_ONLY, Kind.OTHER_ONLY))
        assert bool(left) == (row.kind is not Kind.OTHER_ONLY)
        assert bool(right) == (row.kind is not Kind.KEPT_ONLY)
        if row.kind is Kind.SAME:
            assert left == right
        # What is not marked is the same on both sides.
        plain = [
            [word for piece in side if not piece.changed for word in words_of(piece.text).norms]
            for side in (row.kept, row.other)
        ]
        if row.number:
            assert plain[0] == plain[1]


def test_changed_words_are_marked() -> None:
    (row,) = rows("The ferry has passed its final check.", "The ferry has cleared its last check!")
    assert row.kind is Kind.CHANGED
    assert marked(row.kept) == ["passed", "final"]
    assert marked(row.other) == ["cleared", "last"]


def test_typography_is_no_change() -> None:
    (row,) = rows("\u201cIt\u2019s done\u201d, she said.", '"It\'s done", she said.')
    assert row.kind is Kind.SAME


def test_a_sentence_that_moved_is_found_where_it_stands() -> None:
    first, second = SENTENCES[0], SENTENCES[5]
    found = rows(f"{first} {SENTENCES[2]}\n\n{second}", f"{second}\n\n{first} {SENTENCES[2]}")
    assert (found[0].kind, said(found[0].kept)) == (Kind.MOVED, second)
    assert [row.kind for row in found][1:] == [Kind.SAME, Kind.SAME, Kind.KEPT_ONLY]


def test_what_only_one_text_has_stands_alone() -> None:
    found = rows(f"{SENTENCES[0]} {SENTENCES[2]}", f"{SENTENCES[5]} {SENTENCES[0]}")
    assert [row.kind for row in found] == [Kind.OTHER_ONLY, Kind.SAME, Kind.KEPT_ONLY]


def test_sentences_cut_otherwise_stand_in_one_row() -> None:
    found = rows("The boat left early, and nobody saw it go.", "The boat left early. And nobody saw it go.")
    assert [row.kind for row in found] == [Kind.SAME]


def test_texts_with_nothing_in_common_and_empty_ones() -> None:
    assert [row.kind for row in rows(SENTENCES[4], SENTENCES[3])] == [Kind.KEPT_ONLY, Kind.OTHER_ONLY]
    assert [row.kind for row in rows("", SENTENCES[3])] == [Kind.OTHER_ONLY]
    assert rows("", "") == ()
