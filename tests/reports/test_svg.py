"""The pictures: runs stand where they should, and none leaves its bar or is too thin to see."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.reports.svg import MIN_RUN_WIDTH, STRIP_WIDTH, Cell, Twin, bar, cells, strip

RECT = re.compile(r'<rect class="(\w+)" x="([\d.]+)" y="(\d+)" width="([\d.]+)"')


def rects(svg: str) -> list[tuple[str, float, int, float]]:
    return [(look, float(x), int(y), float(width)) for look, x, y, width in RECT.findall(svg)]


def test_a_strip_shows_both_copies_above_and_a_hole_below() -> None:
    drawn = rects(strip([Twin((0, 250), (500, 750))], 1000))
    above = {(look, x, width) for look, x, y, width in drawn if y == 0}
    below = {(look, x, width) for look, x, y, width in drawn if y > 0}
    assert above == {("base", 0, 1000), ("dropped", 0, 250), ("kept", 500, 250)}
    assert below == {("base", 0, 1000), ("hole", 0, 250), ("kept", 500, 250)}


def test_a_ribbon_leads_from_the_dropped_run_to_the_kept_one() -> None:
    path = re.search(r'data-run="1" d="M([\d.]+) .*? ([\d.]+) \d+H([\d.]+)C', strip([Twin((0, 250), (500, 750))], 1000))
    assert path
    assert path.groups() == ("0", "500", "750")


def test_no_ribbon_leads_into_another_text() -> None:
    assert "ribbon" not in strip([Twin((0, 250), None)], 1000)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), min_size=1, max_size=5))
def test_runs_stay_within_the_bar_and_can_be_seen(spans: list[tuple[int, int]]) -> None:
    twins = [Twin((start, start + size), (start, start + size)) for start, size in spans]
    for _, x, _, width in rects(strip(twins, max(start + size for start, size in spans))):
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
