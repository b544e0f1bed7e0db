"""What every renderer says: the verdict, what needs an eye, and how numbers and hostile characters are written."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from cleaner.reports.digest import (
    Finding,
    Kind,
    accept_entry,
    clipped,
    deciding,
    findings,
    grouped,
    percent,
    some,
    verdict,
    visible,
)

Made = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("share", "shown"), [(0, "0%"), (0.0001, "<1%"), (0.014, "1%"), (0.9949, "99%"), (0.9999, ">99%"), (1, "100%")]
)
def test_percent_rounds_to_nothing_and_to_all_only_when_it_is(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_some() -> None:
    assert some(1, "copy", "copies") == "1 copy"
    assert some(1204, "copy", "copies") == "1,204 copies"
    assert some(0, "place") == "0 places"


def test_visible_leaves_what_scripts_need() -> None:
    assert visible("\u05d0\u200d\u200c\u200f e\u0301\n") == "\u05d0\u200d\u200c\u200f e\u0301\n"
    assert visible("a\x1b\u202e\u200b") == "a<U+001B><U+202E><U+200B>"
    assert visible("a\n", one_line=True) == "a<U+000A>"


def test_clipped_says_that_it_goes_on() -> None:
    assert clipped("abc", 3) == "abc"
    assert clipped("abcd", 3) == "ab\N{HORIZONTAL ELLIPSIS}"


def test_the_verdict_of_little(made: Made) -> None:
    assert verdict(made(0)) == "Nothing was read: no file matched."
    report = made(1)
    assert verdict(report).startswith("2 sources became 1 article: 1 source could not be converted, and 1 repeated")


def test_a_decision_near_its_threshold_needs_an_eye_and_a_clear_one_does_not(made: Made) -> None:
    report = made(3)
    member = report["clusters"][0]["members"][0]
    kinds = {}
    for jaccard in (0.7, 0.7499, 0.75, 0.9):
        member["jaccard"], member["similarity"] = jaccard, 0.99
        kinds[jaccard] = [finding.kind for finding in findings(report) if finding.kind is Kind.BORDERLINE]
    assert [len(found) for found in kinds.values()] == [1, 1, 0, 0]


def test_the_advice_for_a_borderline_copy_would_keep_it(made: Made) -> None:
    report = made(3)
    report["clusters"][0]["members"][0].update(jaccard=0.7419, similarity=0.99)
    (finding,) = [finding for finding in findings(report) if finding.kind is Kind.BORDERLINE]
    assert "min_jaccard to 75%" in finding.action


def test_a_pair_that_was_nearly_merged_needs_an_eye(made: Made) -> None:
    report = made(1)
    shares = {"containment_a_in_b": 0.5, "containment_b_in_a": 0.5, "similarity": 0.97}
    pair = {"a": "x.txt", "b": "y.txt", "relation": "reuse", **shares}
    report["pairs"] = [{**pair, "jaccard": 0.669}]
    (finding,) = [finding for finding in findings(report) if finding.kind is Kind.BORDERLINE]
    assert finding.source == "x.txt"
    assert "min_jaccard to 66%" in finding.action
    report["pairs"] = [{**pair, "jaccard": 0.5}]
    assert not [finding for finding in findings(report) if finding.kind is Kind.BORDERLINE]


def test_a_pair_kept_apart_in_spite_of_its_measures_needs_an_eye(made: Made) -> None:
    report = made(1)
    shares = {"jaccard": 0.8, "similarity": 0.97, "containment_a_in_b": 0.5, "containment_b_in_a": 0.5}
    report["pairs"] = [{"a": "x.txt", "b": "y.txt", "relation": "reuse", **shares}]
    assert [finding.source for finding in findings(report) if finding.kind is Kind.KEPT] == ["x.txt"]


@pytest.mark.parametrize(
    ("jaccard", "similarity", "name", "threshold"),
    [
        (0.75, 0.99, "jaccard", 70),  # in the same order: the Jaccard is the weaker part
        (0.9, 0.91, "similarity", 90),  # the order is
        (0.95, 0.4, "jaccard", 92),  # another order: only the words count
    ],
)
def test_the_weaker_part_of_the_stronger_way_decides(
    made: Made, jaccard: float, similarity: float, name: str, threshold: int
) -> None:
    report = made(3)
    member = {**report["clusters"][0]["members"][0], "jaccard": jaccard, "similarity": similarity}
    measure = deciding(member, report["method"]["options"])
    assert measure
    assert (measure.name, measure.threshold) == (name, threshold)


def test_a_loose_repeat_needs_an_eye(made: Made) -> None:
    report = made(1)
    report["repeats"][0]["similarity"] = 0.93
    assert [finding.kind for finding in findings(report) if finding.code == "DUP001"] == [Kind.BORDERLINE]


def test_what_the_run_mended_needs_none(made: Made) -> None:
    report = made(1)
    report["problems"].append({**report["problems"][0], "rule": "TXT001", "severity": "warning"})
    assert "TXT001" not in {finding.code for finding in findings(report)}


def test_the_same_of_many_sources_is_one_thing(made: Made) -> None:
    groups = {group[0].code: len(group) for group in grouped(findings(made(9)))}
    assert groups["DOC001"] == 6
    assert groups["ENC005"] == 1


def test_an_entry_to_accept_is_toml_that_names_both_and_lacks_the_reason() -> None:
    names = 'wire "a".txt', "wire\\b\u202e.txt"
    finding = Finding(Kind.BORDERLINE, "", names[0], "near", other=names[1])
    (entry,) = tomllib.loads(accept_entry(finding))["accept"]
    assert entry == {"files": sorted(names), "reason": ""}
    assert "\u202e" not in accept_entry(finding)


def test_a_pair_that_was_accepted_needs_no_eye(made: Made) -> None:
    report = made(3)
    report["clusters"][0]["members"][0].update(jaccard=0.71, similarity=0.99, dropped=False)
    told = [finding for finding in findings(report) if finding.other]
    assert {(finding.source, finding.other) for finding in told} == {("news/1.txt", "news/0.txt")}
    report["method"]["options"]["accept"] = ["0.txt, elsewhere.txt", "news/0.txt, 1.txt (DUP004)"]
    assert not [finding for finding in findings(report) if finding.other]
