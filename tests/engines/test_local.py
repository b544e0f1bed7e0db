"""The local engine: results in the order of the items, and the same ones whatever the number of processes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from cleaner.engines.local import MIN_BYTES_FOR_POOL, mapped

ITEMS = [f"{number:03}" + "x" * (number % 7) for number in range(60)]
LARGE = [item + "y" * (MIN_BYTES_FOR_POOL // 50) for item in ITEMS]


def shouted(item: str) -> tuple[int, str]:
    return len(item), item[:6].upper()


def worker(item: str) -> int:
    return os.getpid()


def failing(item: str) -> str:
    raise ValueError(item[:3])


@pytest.mark.parametrize("items", [ITEMS, LARGE, [], ["one"]], ids=["small", "large", "none", "one"])
def test_one_and_two_processes_give_the_same_in_order(items: list[str]) -> None:
    wanted = [shouted(item) for item in items]
    assert list(mapped(shouted, items, len, 1)) == wanted
    assert list(mapped(shouted, items, len, 2)) == wanted


def test_large_work_goes_to_other_processes() -> None:
    assert os.getpid() not in set(mapped(worker, LARGE, len, 2))


def test_small_work_stays_here() -> None:
    assert set(mapped(worker, ITEMS, len, 2)) == {os.getpid()}


def test_one_process_reads_as_it_goes() -> None:
    taken: list[str] = []

    def items() -> Iterator[str]:
        for item in ITEMS:
            taken.append(item)
            yield item

    results = mapped(shouted, items(), len, 1)
    next(results)
    assert len(taken) == 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_failure_reaches_the_caller(jobs: int) -> None:
    with pytest.raises(ValueError, match="000"):
        list(mapped(failing, LARGE, len, jobs))
