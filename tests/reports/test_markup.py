"""What goes into a pattern is text, unless it is markup that was put together before."""

from __future__ import annotations

import html

from hypothesis import given
from hypothesis import strategies as st

from cleaner.reports.markup import escaped, fill, joined, when


@given(st.text())
def test_text_reads_as_it_was_and_acts_on_nothing(text: str) -> None:
    made = fill('<b title="{text}">{text}</b>', text=text)
    inner = made.removeprefix('<b title="').removesuffix("</b>")
    assert set(inner.replace('">', "", 1)) & set("<>\"'") == set()
    assert html.unescape(escaped(text)) == text


def test_markup_is_not_escaped_again_and_its_braces_mean_nothing() -> None:
    inner = fill("<i>{name}</i>", name="{style} & {0}")
    assert inner == "<i>{style} &amp; {0}</i>"
    assert fill("<p>{inner}{number}</p>", inner=inner, number=7) == "<p><i>{style} &amp; {0}</i>7</p>"
    assert joined([inner, when(True, "<hr>"), when(0, "<br>")]) == f"{inner}<hr>"
