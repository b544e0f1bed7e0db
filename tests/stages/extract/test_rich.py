"""Bodies that are trees of nodes: every editor of the table, hostile trees, and trees that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers import cases, check_document, shown, shown_metadata
from hypothesis import given
from hypothesis import strategies as st

from cleaner.stages.extract import extract
from cleaner.stages.extract.rich import BLOCKS, is_rich, rich_blocks

PROSE = "It left at dawn, and nobody on the quay saw it go."


@pytest.mark.parametrize("case", cases("extract/blocks"))
def test_case(case: dict[str, Any]) -> None:
    (document,), problems = extract(case["text"], "made.json", ".json")
    check_document(document)
    assert shown(document.blocks) == case["blocks"].rstrip("\n")
    assert document.fields[0].pointer == case["first"]
    assert shown_metadata(document.metadata) == case.get("metadata", {})
    assert [problem.rule for problem in problems] == case.get("problems", [])


def test_tree_without_an_end_is_cut() -> None:
    node: dict[str, Any] = {"type": "text", "text": PROSE}
    for _ in range(400):
        node = {"type": "group", "content": [node]}
    rich_blocks([node], "")


@pytest.mark.parametrize(
    "value",
    [
        [],
        ["a"],
        [{"title": "A", "type": "text", "text": PROSE}],
        [{"id": 1}],
        {"content": "x"},
        [{"type": "image", "url": "u"}],
        "text",
        None,
        3,
    ],
)
def test_other_values_are_no_trees(value: Any) -> None:
    assert not is_rich(value)


NODE: Any = st.recursive(
    st.fixed_dictionaries({"type": st.sampled_from(["text", "span", "hardBreak", "link"]), "text": st.text(max_size=8)}) | st.text(max_size=5) | st.none() | st.integers(),
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from([*sorted(BLOCKS), "bulletList", "ordered-list", "table", "table-cell", "image", "unknown"])},
        optional={name: st.lists(inner, max_size=3) | inner for name in ("content", "children", "items", "data", "marks", "caption", "level", "style", "ops")},
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(NODE, min_size=1, max_size=4))
def test_any_tree_keeps_its_account(nodes: list[Any]) -> None:
    documents, problems = extract(json.dumps({"text": "", "content": nodes}), "made.json", ".json")
    assert documents or problems
    for document in documents:
        check_document(document)
