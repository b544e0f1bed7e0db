"""Markdown: cases, and on any text that what is copied stands in its place and nothing is used twice."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import cases, check_document, shown, shown_metadata
from hypothesis import given
from hypothesis import strategies as st

from cleaner.stages.extract import extract

MARKDOWN = st.lists(
    st.one_of(
        st.sampled_from(
            """# ## - * ** _ ` ``` ~~~ > [ ] ( ) ](x) ![ | |---| \\ \\* &amp; &#33; < > <b> </b> <!-- --> 1. 2) === --- ~~ http://a.b <http://a.b> [x]: [[a|b]] ![[c]] [!note] {{<d>}} {%e%} {:.f} {#g} %%h%% == ^i ::: : [^j]: <li> <table><tr><td> \r\n""".split(
                " "
            )
        ),
        st.sampled_from([" ", "\n", "\n\n", "    ", "\t", "  \n", "word", "two words", "é", "\0"]),
    ),
    max_size=25,
).map("".join)


@pytest.mark.parametrize("case", cases("extract/markdown"))
def test_case(case: dict[str, Any]) -> None:
    (document,), problems = extract(case["text"], "made.md", ".md")
    check_document(document)
    assert shown(document.blocks) == case["blocks"].rstrip("\n")
    assert shown_metadata(document.metadata) == case.get("metadata", {})
    assert [problem.rule for problem in problems] == case.get("problems", [])


@given(MARKDOWN)
def test_any_markdown_keeps_the_laws(text: str) -> None:
    (document,), _ = extract(text, "made.md", ".md")
    check_document(document)


@given(st.lists(st.sampled_from(["word", "two words", "é", "*stress*", "`code`", "**bold**"]), min_size=1, max_size=8))
def test_every_word_is_in_a_block(parts: list[str]) -> None:
    text = " ".join(parts)
    (document,), _ = extract(text, "made.md", ".md")
    wanted = text.replace("*", "").replace("`", "")
    assert [block.text.text for block in document.blocks] == [wanted]


def test_body_in_json_is_traced_to_its_pointer() -> None:
    (document,), _ = extract('{"body_md": "A *star* &amp; more"}', "made.json", ".json")
    check_document(document)
    assert {span.pointer for block in document.blocks for span in block.text.spans()} == {"/body_md"}


def test_code_with_lone_carriage_returns_is_used_once() -> None:
    (document,), _ = extract("    :\r    :\n", "made.md", ".md")
    check_document(document)
