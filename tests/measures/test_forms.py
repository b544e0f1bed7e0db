"""Normalization in bounded time is Python's own, whatever marks stand behind one another, and its steps grow with the length."""

from __future__ import annotations

import random
import unicodedata

import pytest

from cleaner.measures import forms
from cleaner.measures.forms import Form, is_composed, normalized

MARKS = [chr(code) for code in range(0x110000) if unicodedata.combining(unicodedata.normalize("NFKD", chr(code))[0])]
BASES = ("a", "\u1ebf", "\uac00", "x y", "\u0f40", "\u304b", "\uff76", "\U0001d15e", "\N{HORIZONTAL ELLIPSIS}")


@pytest.mark.parametrize("form", ["NFC", "NFKC", "NFKD"])
@pytest.mark.parametrize("seed", range(10))
def test_it_is_the_form_that_python_makes(form: Form, seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(
        chance.choice(BASES) + "".join(chance.choices(MARKS, k=chance.choice([0, 3, 70, 400]))) for _ in range(12)
    )
    text += "end" * forms.MIN_LENGTH
    assert normalized(form, text) == unicodedata.normalize(form, text)
    assert is_composed(text) == unicodedata.is_normalized("NFC", text)
    assert is_composed(unicodedata.normalize("NFC", text))


def test_what_python_is_given_has_no_long_run_out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(
        forms.unicodedata,
        "normalize",
        lambda form, text, real=unicodedata.normalize: given.append(text) or real(form, text),
    )
    normalized("NFC", "a" + "\N{COMBINING ACUTE ACCENT}\N{COMBINING CEDILLA}" * 5000)
    classes = [unicodedata.combining(char) for char in given[-1]]
    assert len(classes) == 10_001
    assert classes == sorted(classes)


def test_every_mark_is_seen_by_the_pattern_of_long_runs() -> None:
    assert [mark for mark in MARKS if not forms.LONG_RUN.fullmatch(mark * 64)] == []
