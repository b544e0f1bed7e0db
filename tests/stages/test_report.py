"""Which pairs, samples and documents the report holds in full: the ones that a person should see first, and never more than its bounds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from cleaner.model.duplicates import Cluster, Member, Pair, Relation
from cleaner.model.options import Options
from cleaner.stages import report
from cleaner.stages.report import first_samples, most_repeated, shown_pairs


def fingerprints(number: int, words: int = 100) -> list[Any]:
    return [SimpleNamespace(number=at, words=words) for at in range(number)]


def copy(a: int, b: int, common: int) -> Cluster:
    pair = Pair(a, b, Relation.EXACT if common == 100 else Relation.NEAR, common, 100, 100, similarity=common)
    return Cluster(a, "why", (Member(b, pair, dropped=True),))


def reuse(a: int, b: int, common: int) -> Pair:
    return Pair(a, b, Relation.REUSE, common, 100, 100)


def shown(words: list[Any], pairs: list[Pair], clusters: list[Cluster]) -> list[tuple[int, int]]:
    return shown_pairs(words, pairs, clusters, Options())


def test_the_least_sure_copies_come_first_then_the_likest_that_were_left_alone() -> None:
    pairs = [reuse(4, 5, 60), reuse(4, 6, 80), reuse(5, 6, 10)]
    found = shown(fingerprints(9), pairs, [copy(0, 1, 99), copy(2, 3, 91), copy(7, 8, 100)])
    assert found == [(2, 3), (0, 1), (4, 6), (4, 5)]


def test_texts_are_bounded() -> None:
    clusters = [copy(number, number + 1, 95) for number in range(0, 1000, 2)]
    assert len(shown(fingerprints(1000), [], clusters)) == report.SHOWN_PAIRS * 3 // 4
    long = shown(fingerprints(1000, words=1_000_000), [], clusters)
    assert 1 < len(long) < report.SHOWN_PAIRS // 4


def test_a_rule_has_a_few_samples() -> None:
    samples: list[dict[str, Any]] = []
    for number in range(report.SHOWN_SAMPLES * 2):
        samples = first_samples(samples, [{"rule": "TXT001", "at": number}])
    samples = first_samples(samples, [{"rule": "TXT002", "at": 0}])
    assert [sample["at"] for sample in samples] == [*range(report.SHOWN_SAMPLES), 0]


def test_the_documents_that_repeat_the_most_are_kept() -> None:
    traces: list[dict[str, Any]] = []
    for size in range(report.SHOWN_TRACES + 5):
        traces = most_repeated(traces, [{"source": str(size), "pointer": "", "passages": [{"dropped": [0, size]}]}])
    assert [trace["source"] for trace in traces] == [str(size) for size in range(report.SHOWN_TRACES + 4, 4, -1)]
