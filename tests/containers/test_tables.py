"""Rows of tables: heads, delimiters, rows over several lines, and rows that do not fit."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from cleaner.containers.tables import columns, row_at, rows

CELL = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=20)


def test_head_rows_and_lines() -> None:
    found = list(rows('title,text\nA,"one\ntwo"\n\nB,three\n'))
    assert [(row.line, row.record) for row in found] == [
        (2, {"title": "A", "text": "one\ntwo"}),
        (5, {"title": "B", "text": "three"}),
    ]


def test_piece_stands_below_its_head() -> None:
    (row,) = rows("B;three\n", 7, "title;text\n")
    assert (row.line, row.record) == (7, {"title": "B", "text": "three"})


def test_delimiters() -> None:
    for sign in (",", ";", "\t", "|"):
        assert columns(f'"a, b; c"{sign}text\n')[:2] == (["a, b; c", "text"], sign)


def test_columns_without_a_name_of_their_own_are_numbered() -> None:
    assert columns("a,,a,b\n")[0] == ["a", "2", "3", "b"]
    assert columns(f"{'long ' * 30},x\n")[::2] == (["1", "2"], False)


def test_row_with_too_many_cells_is_told() -> None:
    first, second = rows("title,text\nA,it left, and came back\nB,x\n")
    assert first.record == {"title": "A", "text": "it left", "3": " and came back"}
    assert "3 cells" in first.trouble
    assert not second.trouble


@given(st.lists(st.lists(CELL.filter(str.strip), min_size=2, max_size=2), min_size=1, max_size=6))
def test_rows_come_back_and_each_is_found_by_its_line(table: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([["title", "text"], *table])
    text = stream.getvalue()
    found = list(rows(text))
    assert [list(row.record.values()) for row in found] == table
    lines = [part + b"\n" for part in text.encode().split(b"\n")[:-1]]
    for row in found:
        assert row_at(lines[row.line - 1 :], "title,text\n", "utf-8") == row.record


def test_quotation_mark_that_is_never_closed_is_told() -> None:
    first, second = rows('title,text\nA,"it\nleft"\nB,"it came\nC,back\n')
    assert not first.trouble
    assert "never closed" in second.trouble
