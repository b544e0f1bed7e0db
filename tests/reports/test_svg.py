"""The pictures: runs stand where they should, and none leaves its bar or is too thin to see."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.reports.svg import DOTS_SIZE, MIN_RUN_WIDTH, STRIP_WIDTH, Cell, Run, bar, cells, dots, streams

RECT = re.compile(r'<rect class="(\w+)" x="([\d.]+)" y="(\d+)" width="([\d.]+)"')


def rects(svg: str) -> list[tuple[str, float, int, float]]:
    return [(look, float(x), int(y), float(width)) for look, x, y, width in RECT.findall(svg)]


KEPT, COPY, NOTICE = (
    Run((250, 1000), (0, 750), "kept"),
    Run((0, 250), (100, 350), "dropped", "there", "<1>"),
    Run((990, 1000), None, "trimmed"),
)


def test_a_text_shrinks_to_what_stays_of_it() -> None:
    drawn = rects(streams([KEPT, COPY, NOTICE], 1000, 750))
    above = {(look, x, width) for look, x, y, width in drawn if y == 0}
    below = {(look, x, width) for look, x, y, width in drawn if y > 0}
    assert above == {("base", 0, 1000), ("kept", 250, 750), ("dropped", 0, 250), ("trimmed", 990, 10)}
    assert below == {("base", 0, 750), ("kept", 0, 750), ("kept", 100, 250)}


def test_a_ribbon_leads_from_a_run_to_its_place_and_a_click_on_it_to_the_passage() -> None:
    path = re.search(
        r'<a href="#there" tabindex="-1"><path class="ribbon dropped" d="M([\d.]+) .*? ([\d.]+) \d+H([\d.]+)C.*?"><title>(.*?)</title>',
        streams([COPY], 1000, 750),
    )
    assert path
    assert path.groups() == ("0", "100", "350", "&lt;1&gt;")


def test_what_leads_nowhere_has_no_ribbon_and_no_dot() -> None:
    assert "ribbon" not in streams([NOTICE], 1000, 1000)
    assert "<path" not in dots([NOTICE], 1000, 1000)


def test_equal_texts_are_a_diagonal() -> None:
    assert f'd="M0 0L{DOTS_SIZE} {DOTS_SIZE}"' in dots([Run((0, 10), (0, 10), "same")], 10, 10)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), min_size=1, max_size=5))
def test_runs_stay_within_the_bar_and_can_be_seen(spans: list[tuple[int, int]]) -> None:
    runs = [Run((start, start + size), (start, start + size), "kept") for start, size in spans]
    length = max(start + size for start, size in spans)
    for _, x, _, width in rects(streams(runs, length, length)):
        assert x >= 0
        assert x + width <= STRIP_WIDTH + 0.11
        assert width >= MIN_RUN_WIDTH - 0.11


def test_a_bar_has_a_tick_only_where_a_threshold_decided() -> None:
    assert 'width="86.5"' in bar(0.865, 70)
    assert 'd="M70 0v10"' in bar(0.865, 70)
    assert "tick" not in bar(0.865)


@pytest.mark.parametrize("number", [1, 2, 5, 10])
def test_names_in_a_drawing_are_escaped(number: int) -> None:
    drawn = cells([Cell("kept", "<script>&")] * number, 12)
    assert drawn.count("&lt;script&gt;&amp;") == number
    assert "<script>" not in drawn
