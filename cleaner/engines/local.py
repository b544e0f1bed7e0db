"""Items in, results out in the same order: in this process, or in a pool of processes that outlives the death of any of them."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner.engines import Item, Lost, Result
from cleaner.model.options import Options

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

# To start processes costs as much as to clean this many bytes.
MIN_BYTES_FOR_POOL = 3 << 20
# Items go to a process in batches of about this many bytes, and of so many items at the most. They are small, for at the end whoever has the last one is waited for.
# Processes that have started are given whatever is enough for two.
BATCH_BYTES = 48 << 10
MAX_BATCH_ITEMS = 64
# While a process works on one batch the next one waits in its pipe, if it fits: a pipe that was full on both sides would block both.
MAX_WAITING_BYTES = 32 << 10
# Results that came before their turn wait for it; no process runs ahead further than this many items.
MAX_AHEAD = 4096
# Items whose process dies are given to others, each by itself. The item is to blame that by itself ends so many.
MAX_DEATHS = 2
# What is added to the processor time that an item is given, for each megabyte of it.
CPU_SECONDS_PER_MEGABYTE = 60
# The signals by which a run is ended from outside.
ENDING = frozenset(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
DEFAULTS = Options()
# The exit code of a process that got no memory.
NO_MEMORY = 70


@dataclass(slots=True)
class _Batch:
    """Items on their way, from the place `first` in the whole. A process tells the results of all of them at once: to wake another process costs as much as a small item."""

    first: int
    items: list[Any]
    cpu_seconds: list[int]
    deaths: int = 0


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    batches: deque[_Batch] = field(default_factory=deque)


class LocalEngine:
    """Runs kernels on items, in `jobs` processes (0 for one a core). Small work stays in this process, and so does all of it with one job.

    Each process has its own copy of a kernel for the whole of a `mapped`. `isolated` has even small work done by another process, so that its death is not ours.
    """

    is_remote = False

    def __init__(self, jobs: int, *, isolated: bool = False, cpu_seconds: int = DEFAULTS.max_cpu_seconds) -> None:
        self.jobs = jobs or _cores()
        self.cpu_seconds = cpu_seconds
        self.isolated = isolated
        self.workers: list[_Worker] = []

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, paths: Sequence[Path]) -> None:
        """Nothing: processes of this machine see what this one sees, and start when there is work for them."""

    def mapped(
        self, kernel: Callable[[Item], Result], items: Iterable[Item], size: Callable[[Item], int]
    ) -> Iterator[Result | Lost]:
        """`kernel` of each item, in order; `size` tells how many bytes of work an item is."""
        stream = iter(items)
        head: list[Item] = []
        total = 0
        least = 2 * BATCH_BYTES if self.workers else MIN_BYTES_FOR_POOL
        if self.jobs > 1 and not self.isolated:
            for item in stream:
                head.append(item)
                total += size(item)
                if total >= least:
                    break
        if not self.isolated and total < least:
            yield from _here(kernel, chain(head, stream), lambda item: self._cpu_seconds(size(item)))
            return
        if not self.workers and hasattr(kernel, "warm") and _is_forking():
            kernel.warm(head)
        yield from self._pooled(kernel, _batches(chain(head, stream), size, self._cpu_seconds))

    def _cpu_seconds(self, bytes_of_work: int) -> int:
        """The processor time that an item is given."""
        return self.cpu_seconds + CPU_SECONDS_PER_MEGABYTE * bytes_of_work // (1 << 20)

    def close(self) -> None:
        """End the processes; those that still work are not waited for."""
        for worker in self.workers:
            with suppress(OSError):
                worker.connection.close()
            if worker.batches:
                worker.process.kill()
        for worker in self.workers:
            worker.process.join()
        self.workers.clear()

    def _pooled(self, kernel: Callable[[Item], Result], batches: Iterator[_Batch]) -> Iterator[Result | Lost]:
        task = _Task(pickle.dumps(kernel, pickle.HIGHEST_PROTOCOL), batches)
        clean = False
        try:
            self._begin(task)
            while True:
                self._feed(task)
                while task.place in task.ready:
                    yield task.ready.pop(task.place)
                    task.place += 1
                if not any(worker.batches for worker in self.workers) and not task.ready and task.is_handed_out:
                    break
                if any(worker.batches for worker in self.workers):
                    self._collect(task)
            self._end()
            clean = True
        finally:
            if not clean:
                self.close()

    def _begin(self, task: _Task) -> None:
        fresh = [self._started() for _ in range(self.jobs - len(self.workers))]
        for worker in fresh:
            _await_start(worker)
        for worker in list(self.workers):
            try:
                worker.connection.send_bytes(task.kernel)
            except OSError:
                self._bury(worker, task)

    def _end(self) -> None:
        """Have the kernels closed, all at a time; a process that died since its last result has nothing left to say."""
        for worker in self.workers:
            with suppress(OSError):
                worker.connection.send_bytes(pickle.dumps(None))
        for worker in list(self.workers):
            try:
                worker.connection.recv_bytes()
            except (EOFError, OSError):
                self.workers.remove(worker)
                worker.process.join()

    def _started(self) -> _Worker:
        import multiprocessing

        ours, theirs = multiprocessing.Pipe()
        # A forked process has copies of the pipes of the others; while it held them open, these would not hear that we are gone.
        forked = _is_forking()
        inherited = [ours, *(worker.connection for worker in self.workers)] if forked else []
        parent = os.getpid() if forked else 0
        process = multiprocessing.Process(target=_serve, args=(theirs, inherited, parent), daemon=True)
        with _held_back():
            process.start()
        theirs.close()
        self.workers.append(_Worker(process, ours))
        return self.workers[-1]

    def _feed(self, task: _Task) -> None:
        """Give every process that has room its next batch."""
        for worker in list(self.workers):
            while len(worker.batches) < 2 and (batch := task.next_batch()) is not None:
                message = pickle.dumps((batch.items, batch.cpu_seconds), pickle.HIGHEST_PROTOCOL)
                if worker.batches and (len(message) > MAX_WAITING_BYTES or os.name != "posix"):
                    task.again.appendleft(batch)
                    break
                worker.batches.append(batch)
                try:
                    worker.connection.send_bytes(message)
                except OSError:
                    self._bury(worker, task)
                    break

    def _collect(self, task: _Task) -> None:
        """Wait for results, and take all that have come."""
        from multiprocessing.connection import wait

        by_connection = {worker.connection: worker for worker in self.workers if worker.batches}
        for connection in wait(list(by_connection)):
            worker = by_connection[connection]  # type: ignore[index]
            try:
                self._receive(worker, task)
                while worker.batches and worker.connection.poll():
                    self._receive(worker, task)
            except (EOFError, OSError):
                self._bury(worker, task)

    def _receive(self, worker: _Worker, task: _Task) -> None:
        answer = pickle.loads(worker.connection.recv_bytes())
        if isinstance(answer, Exception):
            raise answer
        task.ready.update(enumerate(answer, worker.batches.popleft().first))

    def _bury(self, worker: _Worker, task: _Task) -> None:
        """A process has died: start another, and hand its items to whoever comes next, those of the batch that it worked on one by one."""
        worker.connection.close()
        worker.process.join()
        self.workers.remove(worker)
        again: list[_Batch] = []
        if worker.batches:
            batch = worker.batches.popleft()
            alone = [
                _Batch(place, [item], [seconds], batch.deaths)
                for place, (item, seconds) in enumerate(zip(batch.items, batch.cpu_seconds, strict=True), batch.first)
            ]
            if len(alone) == 1:
                overran = worker.process.exitcode == -getattr(signal, "SIGXCPU", 0)
                alone[0].deaths += 1
                if overran or alone[0].deaths >= MAX_DEATHS:
                    task.ready[batch.first] = Lost(batch.items[0], overran, _how(worker.process.exitcode))
                    alone.clear()
            again += alone
        task.again.extendleft(reversed([*again, *worker.batches]))
        fresh = self._started()
        _await_start(fresh)
        fresh.connection.send_bytes(task.kernel)


@dataclass(slots=True)
class _Task:
    """One `mapped` on its way: the pickled kernel, what is still to be handed out, and results that wait for their turn, from `place` on."""

    kernel: bytes
    batches: Iterator[_Batch]
    again: deque[_Batch] = field(default_factory=deque)
    ready: dict[int, Any] = field(default_factory=dict)
    place: int = 0
    is_handed_out: bool = False

    def next_batch(self) -> _Batch | None:
        """The next batch to hand out; None if there is none, or it is too far ahead."""
        if not self.again and not self.is_handed_out:
            if (batch := next(self.batches, None)) is not None:
                self.again.append(batch)
            self.is_handed_out = batch is None
        if not self.again or self.again[0].first - self.place > MAX_AHEAD:
            return None
        return self.again.popleft()


def _is_forking() -> bool:
    """Whether processes begin as copies of this one."""
    import multiprocessing

    return multiprocessing.get_start_method() == "fork"


def _cores() -> int:
    """The cores that this process may use: a container or taskset may leave it fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _here(
    kernel: Callable[[Item], Result], items: Iterable[Item], cpu_seconds: Callable[[Item], int]
) -> Iterator[Result | Lost]:
    try:
        for item in items:
            seconds = cpu_seconds(item)
            try:
                with _within(seconds):
                    result: Result | Lost = kernel(item)
            except _Overran:
                result = Lost(item, True, f"after {seconds} seconds of processor time")
            yield result
    finally:
        _closed(kernel)


class _Overran(BaseException):
    """An item has used up its processor time. No part of the work catches this by accident, as it may catch an exception."""


def _overran(*_: object) -> None:
    raise _Overran


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    """Raise _Overran in what is done here after so many seconds of processor time, where it can be told: in the main thread of a POSIX system.

    A function of a library that is not written in Python is ended when it returns; processes of the pool are ended by the system.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getsignal(signal.SIGPROF) is not signal.SIG_DFL:
        # Somebody measures this process.
        yield
        return
    signal.signal(signal.SIGPROF, _overran)
    try:
        # Again each second: a callback out of another language may swallow the first.
        signal.setitimer(signal.ITIMER_PROF, max(seconds, 0.01), 1)
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)


def _batches(items: Iterable[Any], size: Callable[[Any], int], cpu_seconds: Callable[[int], int]) -> Iterator[_Batch]:
    batch = _Batch(0, [], [])
    total = 0
    for place, item in enumerate(items):
        bytes_of_item = size(item)
        batch.items.append(item)
        batch.cpu_seconds.append(cpu_seconds(bytes_of_item))
        total += bytes_of_item
        if total >= BATCH_BYTES or len(batch.items) == MAX_BATCH_ITEMS:
            yield batch
            batch, total = _Batch(place + 1, [], []), 0
    if batch.items:
        yield batch


def _await_start(worker: _Worker) -> None:
    """Raise RuntimeError where processes die before they do anything: to blame every item for it would be wrong."""
    try:
        worker.connection.recv_bytes()
    except (EOFError, OSError):
        worker.process.join()
        raise RuntimeError(
            f"a process of the pool ended {_how(worker.process.exitcode)} before it began. A script that calls clean() needs "
            '`if __name__ == "__main__":` around it on this system; or run with one job.'
        ) from None


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"by {signal.Signals(-code).name}"
        except ValueError:
            return f"by signal {-code}"
    if code == NO_MEMORY:
        return "out of memory"
    return f"with exit code {code}"


def _closed(kernel: object) -> None:
    if hasattr(kernel, "close"):
        kernel.close()


@contextmanager
def _held_back() -> Iterator[None]:
    """Signals that end a run wait, so that none reaches a process that has begun with our handlers; it lets them in when it has its own (POSIX)."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ended_with(parent: int) -> None:
    """Have the system end this process with its parent, where it can (Linux); elsewhere it ends when it next tells a result."""
    import ctypes

    set_signal_of_parents_death = 1
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).prctl(set_signal_of_parents_death, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _serve(connection: Connection, inherited: list[Connection], parent: int) -> None:
    """The life of a process of the pool: a kernel, then batches until None, and again; it ends when the other side is gone."""
    # A key that is pressed to end a run is for the parent, which ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for ending in ENDING - {signal.SIGINT}:
        if callable(signal.getsignal(ending)):
            signal.signal(ending, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    if parent and sys.platform == "linux":
        _ended_with(parent)
    for other in inherited:
        other.close()
    # What the parent had is not ours to look through for cycles: to do so would copy every page of it.
    gc.freeze()
    bound = _Bound()
    with suppress(EOFError, OSError):
        connection.send_bytes(b"begun")
        while True:
            kernel = pickle.loads(connection.recv_bytes())
            while (message := pickle.loads(connection.recv_bytes())) is not None:
                items, cpu_seconds = message
                connection.send_bytes(_answers(kernel, items, cpu_seconds, bound))
            _closed(kernel)
            # What it held makes room for the next one, cycles too: these are hardly ever looked for while there is work.
            del kernel
            gc.collect()
            _give_back()
            connection.send_bytes(b"closed")


def _give_back() -> None:
    """Have the system take back what is free among what is used, where the C library can (glibc): long work leaves it scattered."""
    import ctypes

    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _answers(kernel: Callable[[Any], Any], items: list[Any], cpu_seconds: list[int], bound: _Bound) -> bytes:
    """The results of the items; or an exception, which is a bug and is raised on the other side."""
    try:
        found = []
        for item, seconds in zip(items, cpu_seconds, strict=True):
            bound.grant(seconds)
            found.append(kernel(item))
        return pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        os._exit(NO_MEMORY)
    except Exception as error:
        error.add_note(traceback.format_exc())
        try:
            return pickle.dumps(error, pickle.HIGHEST_PROTOCOL)
        except Exception:
            return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"), pickle.HIGHEST_PROTOCOL)


class _Bound:
    """Has the system end this process when an item overruns its processor time, where it can (POSIX)."""

    def __init__(self) -> None:
        self.until = 0

    def grant(self, seconds: int) -> None:
        """So many more seconds of processor time, and up to a tenth more: to tell the system of each item costs as much as a small one."""
        used = int(time.process_time()) + 1
        if used + seconds <= self.until <= used + seconds + seconds // 10:
            return
        try:
            import resource
        except ImportError:
            return
        self.until = used + seconds + seconds // 10
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        if hard == resource.RLIM_INFINITY or self.until < hard:
            resource.setrlimit(resource.RLIMIT_CPU, (self.until, hard))
