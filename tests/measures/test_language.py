"""Languages by their scripts and their commonest words: every language of the table is told, and what is no evidence tells none."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import cases
from hypothesis import given
from hypothesis import strategies as st

from cleaner.measures.language import COMMON, SCRIPTS, language_of


@pytest.mark.parametrize("case", cases("measures/languages"))
def test_case(case: dict[str, Any]) -> None:
    assert language_of(case["text"]) == case.get("is", "")


@pytest.mark.parametrize("name", [name for said in COMMON.values() for name in said])
def test_every_language_has_words_of_its_own(name: str) -> None:
    said = next(said for said in COMMON.values() if name in said)
    own = set(said[name].split())
    assert len(own) >= 15
    assert all(len(own - set(other.split())) >= 6 for code, other in said.items() if code != name)


@given(st.text())
def test_any_text_has_a_language_of_the_table_or_none(text: str) -> None:
    known = {"", "ja", "zh", *SCRIPTS, *(name for said in COMMON.values() for name in said)}
    assert language_of(text) in known - {"kana", "han", *COMMON}
