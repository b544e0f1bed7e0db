"""Units in, results out in the same order: in this process, or in a pool of processes with a bounded queue."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# To start processes costs as much as to clean this many bytes.
MIN_BYTES_FOR_POOL = 3 << 20
# Batches on their way for each process: enough that none waits, few enough that memory stays flat.
BATCHES_AHEAD = 3
BATCH_BYTES = 256 << 10


def mapped(
    function: Callable[[Item], Result], items: Iterable[Item], size: Callable[[Item], int], jobs: int
) -> Iterator[Result]:
    """`function` of each item, in order; `size` tells an item's bytes. `jobs` is the number of processes, 0 for one a core."""
    jobs = jobs or os.cpu_count() or 1
    stream = iter(items)
    head: list[Item] = []
    total = 0
    if jobs > 1:
        for item in stream:
            head.append(item)
            total += size(item)
            if total >= MIN_BYTES_FOR_POOL:
                break
    if jobs == 1 or total < MIN_BYTES_FOR_POOL:
        yield from (function(item) for item in chain(head, stream))
        return
    yield from _pooled(function, _batches(chain(head, stream), size), jobs)


def _batches(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    total = 0
    for item in items:
        batch.append(item)
        total += size(item)
        if total >= BATCH_BYTES:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def _pooled(function: Callable[[Item], Result], batches: Iterator[list[Item]], jobs: int) -> Iterator[Result]:
    from concurrent.futures import Future, ProcessPoolExecutor

    with ProcessPoolExecutor(jobs) as pool:
        waiting: deque[Future[list[Result]]] = deque(
            pool.submit(_each, function, batch) for batch in islice(batches, jobs * BATCHES_AHEAD)
        )
        while waiting:
            results = waiting.popleft().result()
            if (batch := next(batches, None)) is not None:
                waiting.append(pool.submit(_each, function, batch))
            yield from results


def _each(function: Callable[[Item], Result], batch: list[Item]) -> list[Result]:
    return [function(item) for item in batch]
