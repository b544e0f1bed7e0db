"""Text in, its Unicode normalization form out, in a time that grows with its length however many marks stand on one letter."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import Literal

Form = Literal["NFC", "NFKC", "NFKD"]

# What is shorter is normalized in no time whatever it holds; the time of Python's own function goes with the square of the marks on a letter.
MIN_LENGTH = 2000
# Where so many marks could stand behind one another. They are neither letters nor digits, but for two of Japanese in half width.
LONG_RUN = re.compile(r"(?:[^\w\s\x00-\u02ff]|[\uff9e\uff9f]){64,}+")


def normalized(form: Form, text: str) -> str:
    """As `unicodedata.normalize`."""
    return unicodedata.normalize(form, _ordered(form, text) if len(text) >= MIN_LENGTH else text)


def is_composed(text: str) -> bool:
    """Whether a text is in Normalization Form C."""
    if len(text) >= MIN_LENGTH and LONG_RUN.search(text):
        return normalized("NFC", text) == text
    return unicodedata.is_normalized("NFC", text)


def _ordered(form: Form, text: str) -> str:
    """The text with its long runs of marks decomposed and in canonical order (Unicode Standard, D108), which normalization leaves as it is."""
    decomposition: Form | Literal["NFD"] = "NFD" if form == "NFC" else "NFKD"

    def sorted_run(found: re.Match[str]) -> str:
        marks = "".join(unicodedata.normalize(decomposition, mark) for mark in found.group())
        together = groupby(marks, key=lambda mark: unicodedata.combining(mark) > 0)
        return "".join(
            "".join(sorted(run, key=unicodedata.combining) if is_moved else run) for is_moved, run in together
        )

    return LONG_RUN.sub(sorted_run, text)
