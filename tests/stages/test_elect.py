"""The order of preference: each criterion decides where those before it don't."""

from __future__ import annotations

from itertools import permutations

import pytest

from cleaner.model.duplicates import Fingerprint
from cleaner.model.options import Keep, Options
from cleaner.stages.elect import CRITERIA, preference, reason

KEEP = Options().keep


def found(source: str = "m.txt", words: int = 100, members: int = 3, **known: str) -> Fingerprint:
    return Fingerprint(
        0,
        source,
        "",
        words,
        **{"title": "", "url": "", "canonical_url": "", "date": "", "updated": "", **known},
        metadata_members=members,
    )


BETTER = [
    (Keep.CANONICAL_URL, found(url="a.org/x", canonical_url="a.org/x"), found(url="b.org/x", canonical_url="a.org/x")),
    (Keep.CANONICAL_URL, found(url="a.org/x", canonical_url="a.org/x"), found()),
    (Keep.EARLIEST, found(date="2026-03-01"), found(date="2026-03-02")),
    (Keep.EARLIEST, found(date="2026-03-01"), found()),
    (Keep.COMPLETE, found(words=101), found()),
    (Keep.METADATA, found(members=4), found()),
    (Keep.PATH, found("a.txt"), found("b.txt")),
]


@pytest.mark.parametrize(("criterion", "kept", "dropped"), BETTER, ids=[case[0].value for case in BETTER])
def test_criterion_decides_and_says_why(criterion: Keep, kept: Fingerprint, dropped: Fingerprint) -> None:
    assert preference(kept, KEEP) < preference(dropped, KEEP)
    assert reason(kept, dropped, KEEP) == CRITERIA[criterion][1]


def test_every_criterion_has_its_place_in_the_table() -> None:
    assert set(CRITERIA) == set(Keep) == set(KEEP)


@pytest.mark.parametrize("keep", list(permutations([Keep.EARLIEST, Keep.COMPLETE])))
def test_policy_puts_the_criteria_in_order(keep: tuple[Keep, ...]) -> None:
    early, long = found("z.txt", date="2026-03-01"), found("a.txt", 500, date="2026-03-02")
    first = early if keep[0] is Keep.EARLIEST else long
    other = long if first is early else early
    assert preference(first, keep) < preference(other, keep)
    assert reason(first, other, keep) == CRITERIA[keep[0]][1]


def test_time_of_day_does_not_matter_for_the_earliest() -> None:
    one, other = found("a.txt", date="2026-03-01T23:00:00+00:00"), found("b.txt", date="2026-03-01")
    assert preference(one, KEEP) < preference(other, KEEP)
    assert reason(one, other, KEEP) == "its path comes first"


def test_no_tie_is_left() -> None:
    assert preference(found("a.txt"), ()) < preference(found("b.txt"), ())
    assert reason(found("a.txt"), found("b.txt"), ()) == "its path comes first"
