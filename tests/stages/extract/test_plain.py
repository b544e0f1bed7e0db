"""Plain text: cases, and on any text that what is copied stands in its place and nothing is used twice or lost."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import cases, check_document, shown, shown_metadata
from hypothesis import given
from hypothesis import strategies as st

from cleaner.stages.extract import extract

LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "", "  ", "Harbour", "The last ferry", "By Ann Orr", "- item", "  - deeper", "1. one", "2. two", "7) seven", "=====", "---", "* * *",
                "It left at dawn, and nobody on the quay saw it go, for it was the first day of the", "hyphen-", "well-known", "What now?",
                "> quoted and", "> > deeper", ">", "Page 3 of 9", "12", "13", "- 14 -", "-- ", "a) first", "b) second", "(1) one", "\u2460 circled", "\u30fb\u6e2f",
                "\u25a0\u4eca\u5f8c", "\u2013 dash", "BC-FERRY-CLOSES-04", "LONDON (Reuters) - It left.", "\u8239\u304c\u51fa\u305f\u3002", "\f",
            ]
        ),
        st.text(" ab.é渡-\u2028\x0c\x85\t", max_size=12),
    ),
    max_size=14,
)  # fmt: skip


@pytest.mark.parametrize("case", cases("extract/plain"))
def test_case(case: dict[str, Any]) -> None:
    (document,), problems = extract(case["text"], "made.txt", ".txt")
    check_document(document)
    assert shown(document.blocks) == case["blocks"].rstrip("\n")
    assert shown_metadata(document.metadata) == case.get("metadata", {})
    text = case["text"]
    assert [f"{loss.rule}: {text[loss.span.start : loss.span.end]}" for loss in document.dropped] == case.get(
        "dropped", []
    )
    assert problems == []


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_word_is_in_a_block_or_was_taken_out(lines: list[str], end: str) -> None:
    text = end.join(lines)
    (document,), _ = extract(text, "made.txt", ".txt")
    check_document(document)
    used = {at for block in document.blocks for span in block.text.spans() for at in range(span.start, span.end)}
    used |= {at for loss in document.dropped for at in range(loss.span.start, loss.span.end)}
    left = "".join(char for at, char in enumerate(text) if at not in used)
    assert not any(char.isalpha() for char in left)


@given(LINES)
def test_blocks_stand_in_the_order_of_the_text(lines: list[str]) -> None:
    (document,), _ = extract("\n".join(lines), "made.txt", ".txt")
    starts = [hull.start for block in document.blocks if (hull := block.text.hull())]
    assert starts == sorted(starts)
    assert all(block.text.text.strip() for block in document.blocks)
