"""Records are compared, hashed and shown by their members, and have no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cleaner.model.record import record


@record
class Point:
    x: int
    y: int = 0


def test_a_record_is_its_members() -> None:
    assert Point(1) == Point(1, 0) == replace(Point(1, 2), y=0) != Point(1, 2)
    assert len({Point(1), Point(1, 0), Point(1, 2)}) == 2
    assert repr(Point(1)) == "Point(x=1, y=0)"


def test_a_record_has_no_other_members() -> None:
    with pytest.raises(AttributeError):
        object.__setattr__(Point(1), "z", 1)
