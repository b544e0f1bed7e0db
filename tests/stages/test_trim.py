"""Trimming: each notice of the table goes where it stands, and a sentence that begins alike stays."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import Any

import pytest
from helpers import CASES, block_of, cases, check_document, lost_words, made_of, shown_metadata, texts
from hypothesis import given
from hypothesis import strategies as st

from cleaner.model.documents import Document, Kind
from cleaner.stages.trim import NOTICES, trim

# Ten paragraphs on both sides are more than the head and the foot of a document hold.
BODY = [
    f"Paragraph {number} tells of the harbour, of its {number} boats, and of the people who wait for them."
    for number in range(10)
]


def standing(text: str, at: str) -> Document:
    return made_of({"head": [text, *BODY, *BODY], "middle": [*BODY, text, *BODY], "foot": [*BODY, *BODY, text]}[at])


@pytest.mark.parametrize("case", cases("trim/notices"))
def test_notice_goes(case: dict[str, Any]) -> None:
    document = standing(case["is"], case["at"])
    after, (problem,) = trim(document)
    assert texts(after) == [*BODY, *BODY]
    assert case["notice"] in problem.message
    assert problem.rule == "DOC004"
    assert [(document.fields[0].text[loss.span.start : loss.span.end], loss.rule) for loss in after.dropped] == [
        (case["is"], case.get("rule", "DOC004"))
    ]
    assert shown_metadata(after.metadata) == case.get("tells", {})
    check_document(after)


@pytest.mark.parametrize("case", cases("trim/notices"))
def test_sentence_that_begins_alike_stays(case: dict[str, Any]) -> None:
    for at in ("head", "middle", "foot"):
        document = standing(case["stays"], at)
        assert trim(document) == (document, [])


@pytest.mark.parametrize("case", cases("trim/notices", "sentence"))
def test_sentence_of_an_article_stays(case: dict[str, Any]) -> None:
    for at in ("head", "middle", "foot"):
        document = standing(case["text"], at)
        assert trim(document) == (document, [])


@pytest.mark.parametrize("case", [case for case in cases("trim/notices") if case.values[0]["at"] != "middle"])
def test_notice_in_the_middle_of_the_text_stays(case: dict[str, Any]) -> None:
    document = standing(case["is"], "middle")
    assert trim(document) == (document, [])


def test_every_notice_of_the_table_has_a_case() -> None:
    known = tomllib.loads((CASES / "trim" / "notices.toml").read_text(encoding="utf-8"))["case"]
    assert {case["notice"] for case in known} == {notice.name for notice in NOTICES}


@pytest.mark.parametrize("kind", [Kind.CODE, Kind.ROW])
def test_code_and_rows_stay(kind: Kind) -> None:
    document = made_of([*BODY, block_of(kind, "Advertisement")])
    assert trim(document) == (document, [])


@pytest.mark.parametrize("kind", [Kind.HEADING, Kind.ITEM, Kind.QUOTE, Kind.CAPTION])
def test_notices_of_other_kinds_go(kind: Kind) -> None:
    after, _ = trim(made_of([*BODY, (kind, "Read more")]))
    assert texts(after) == BODY


def test_long_block_is_text_whatever_it_begins_with() -> None:
    for words, stays in ((46, True), (45, False)):
        document = made_of([*BODY, "© " + "a b " * ((words - 1) // 2) + "c" * (1 - words % 2)])
        assert (trim(document) == (document, [])) == stays


def test_what_the_page_says_goes_before_what_a_notice_says() -> None:
    after, _ = trim(made_of(["By Ann Orr", *BODY], author=("Cy Dove",)))
    assert after.metadata.author == ("Cy Dove",)
    assert texts(after) == BODY


def test_document_without_notices_is_the_same() -> None:
    document = made_of(BODY)
    assert trim(document) == (document, [])


def test_problem_counts_and_names_each_kind_once() -> None:
    _, (problem,) = trim(made_of(["Read more", *BODY, "12 comments", "Read more"]))
    assert "3 blocks (read-more, comments)" in problem.message
    assert problem.span == (0, 9, "")


PARTS = st.sampled_from(
    ["Read more", "Share this", "Advertisement", "By Ann Orr", "© 2026", "Updated 09:15", *BODY[:4], "ends", "Home"]
)


@given(st.lists(PARTS, max_size=24))
def test_nothing_is_lost_and_the_order_is_kept(parts: list[str]) -> None:
    document = made_of(parts)
    after, problems = trim(document)
    assert lost_words(document, after) == ""
    assert bool(problems) == (len(after.blocks) < len(document.blocks))
    starts = [block.text.spans()[0].start for block in after.blocks]
    assert all(left < right for left, right in pairwise(starts))
    assert not any(
        text in BODY for text in {document.fields[0].text[loss.span.start : loss.span.end] for loss in after.dropped}
    )
