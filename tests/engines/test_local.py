"""The local engine: results in the order of the items, and the same ones whatever the number of processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from engine_kernels import Dying, failing, shouted, spinning, worker

from cleaner.engines import Lost, local
from cleaner.engines.local import MIN_BYTES_FOR_POOL, LocalEngine

ITEMS = [f"{number:03}" + "x" * (number % 7) for number in range(60)]
LARGE = [item + "y" * (MIN_BYTES_FOR_POOL // 50) for item in ITEMS]


def mapped(kernel: Callable[[Any], Any], items: Any, jobs: int, cpu_seconds: int = 300) -> list[Any]:
    with LocalEngine(jobs, cpu_seconds=cpu_seconds) as engine:
        return list(engine.mapped(kernel, items, len))


class Counting:
    """Counts what it has seen, and tells it at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen = 0

    def __call__(self, item: str) -> int:
        self.seen += 1
        return self.seen

    def close(self) -> None:
        (self.folder / str(os.getpid())).write_text(str(self.seen))


class Warmed:
    """Tells in which process it was made ready."""

    def __init__(self) -> None:
        self.process = 0

    def warm(self, items: list[str]) -> None:
        assert items == LARGE[: len(items)]
        self.process = os.getpid()

    def __call__(self, item: str) -> tuple[int, int]:
        return self.process, os.getpid()


@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="processes do not begin as copies here")
def test_kernel_is_made_ready_before_processes_are_forked() -> None:
    found = set(mapped(Warmed(), LARGE, 2))
    assert {made for made, _ in found} == {os.getpid()}
    assert os.getpid() not in {worked for _, worked in found}
    assert set(mapped(Warmed(), ITEMS, 2)) == {(0, os.getpid())}


def test_processes_that_have_started_take_small_work_too() -> None:
    some = ["z" * local.BATCH_BYTES] * 4
    with LocalEngine(2) as engine:
        assert set(engine.mapped(worker, some, len)) == {os.getpid()}
        list(engine.mapped(worker, LARGE, len))
        assert os.getpid() not in set(engine.mapped(worker, some, len))
        assert set(engine.mapped(worker, some[:1], len)) == {os.getpid()}


@pytest.mark.parametrize("items", [ITEMS, LARGE, [], ["one"]], ids=["small", "large", "none", "one"])
def test_one_and_two_processes_give_the_same_in_order(items: list[str]) -> None:
    wanted = [shouted(item) for item in items]
    assert mapped(shouted, items, 1) == wanted
    assert mapped(shouted, items, 2) == wanted


def test_large_work_goes_to_other_processes() -> None:
    assert os.getpid() not in set(mapped(worker, LARGE, 2))


def test_small_work_stays_here() -> None:
    assert set(mapped(worker, ITEMS, 2)) == {os.getpid()}


def test_one_process_reads_as_it_goes() -> None:
    taken: list[str] = []

    def items() -> Iterator[str]:
        for item in ITEMS:
            taken.append(item)
            yield item

    with LocalEngine(1) as engine:
        next(engine.mapped(shouted, items(), len))
    assert len(taken) == 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_failure_reaches_the_caller(jobs: int) -> None:
    # Of several processes any may be the first to fail.
    with pytest.raises(ValueError, match="000" if jobs == 1 else r"\A\d{3}"):
        mapped(failing, LARGE, jobs)


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.parametrize("jobs", [2, 3])
def test_item_that_ends_every_process_is_lost_and_no_other(jobs: int) -> None:
    found = mapped(Dying("031"), LARGE, jobs)
    assert [item for item in found if isinstance(item, Lost)] == [Lost(LARGE[31], False, "by SIGKILL")]
    assert [item for item in found if not isinstance(item, Lost)] == [item[:3] for item in LARGE if item[:3] != "031"]


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_process_that_is_killed_once_costs_nothing(tmp_path: Path) -> None:
    assert mapped(Dying("031", tmp_path / "died"), LARGE, 2) == [item[:3] for item in LARGE]


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU"), reason="needs a limit on processor time")
def test_item_that_never_ends_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "CPU_SECONDS_PER_MEGABYTE", 0)
    found = mapped(spinning, LARGE, 2, cpu_seconds=1)
    assert [item.item[:3] for item in found if isinstance(item, Lost) and item.overran] == ["007"]
    assert len(found) == len(LARGE)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer of processor time")
def test_small_item_that_never_ends_is_lost_in_this_process_too() -> None:
    before = signal.getsignal(signal.SIGPROF)
    found = mapped(spinning, ["006", "007", "008"], 1, cpu_seconds=0)
    assert [isinstance(item, Lost) and item.overran for item in found] == [False, True, False]
    assert signal.getsignal(signal.SIGPROF) is before


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU"), reason="needs a limit on processor time")
def test_bound_is_moved_when_less_is_left_or_much_more(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    told: list[int] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: told.append(limits[0]))
    bound = local._Bound()
    for _ in range(100):
        bound.grant(300)
    assert len(told) == 1
    bound.grant(400)
    bound.grant(300)
    used = time.process_time()
    assert [
        wanted <= until - used <= 1.1 * wanted + 1 for wanted, until in zip((300, 400, 300), told, strict=True)
    ] == [True] * 3


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_items_before_and_behind_one_that_ends_its_process_are_done_all_the_same(tmp_path: Path) -> None:
    small = ["x" * 10] * 4
    items = [*LARGE, *(f"{number:03}{item}" for number, item in enumerate(small, 60))]
    found = mapped(Dying("062"), items, 2)
    assert [place for place, item in enumerate(found) if isinstance(item, Lost)] == [62]
    assert [item for item in found if not isinstance(item, Lost)] == [item[:3] for item in items if item[:3] != "062"]


def test_small_work_can_be_isolated() -> None:
    with LocalEngine(1, isolated=True) as engine:
        assert os.getpid() not in set(engine.mapped(worker, ITEMS[:3], len))
        assert list(engine.mapped(shouted, ITEMS, len)) == [shouted(item) for item in ITEMS]


@pytest.mark.parametrize("items", [ITEMS, LARGE], ids=["small", "large"])
def test_kernel_lives_as_long_as_its_items_and_is_closed(items: list[str], tmp_path: Path) -> None:
    mapped(Counting(tmp_path), items, 2)
    assert sum(int(path.read_text()) for path in tmp_path.iterdir()) == len(items)


def test_work_that_is_given_up_leaves_no_process() -> None:
    engine = LocalEngine(2)
    results = engine.mapped(shouted, LARGE, len)
    next(results)
    processes = [worker.process for worker in engine.workers]
    results.close()
    assert not any(process.is_alive() for process in processes)
