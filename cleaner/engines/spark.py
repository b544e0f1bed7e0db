"""The engine on Apache Spark: items go to the executors of a cluster, results come back in their order.

The machines share a file system: each reads sources and writes prepared documents and articles itself, under the paths that they have here. Through Spark go names,
places and notes only.
"""

from __future__ import annotations

import os
import pickle
import shutil
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cleaner.engines import Item, Lost, Result
from cleaner.engines.local import DEFAULTS, LocalEngine
from cleaner.folders import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from pyspark import SparkContext

Identity = dict[str, str]

# A task of Spark's has items of about this many bytes, some seconds of work: to hand one out and take it back costs a twentieth of a second.
TASK_BYTES = 1 << 20
MAX_TASK_ITEMS = 1024
# Tasks are handed over in waves, so that results stream back; the next wave fills the cores that the one before leaves idle. A wave has so many tasks for
# each core, and no more than this many bytes to be sent.
WAVES_AT_ONCE = 2
TASKS_PER_CORE = 4
MAX_WAVE_BYTES = 32 << 20
# The handshake asks each core so many times, so that some task of it comes to each executor.
GREETINGS_PER_CORE = 2
TAG = "article-cleaner"


class SparkEngine:
    """Runs kernels on the executors of a Spark cluster; `master` is its address, without one Spark's own configuration says which.

    `identity` tells of a process what it must have in common with this one. It is asked before the job, and again by every process that takes up work on the way.
    `cpu_seconds` is the processor time that an item is given there, as it is in processes of this machine.
    """

    is_remote = True

    def __init__(
        self, master: str | None, identity: Callable[[], Identity], *, cpu_seconds: int = DEFAULTS.max_cpu_seconds
    ) -> None:
        self.master = master
        self.cpu_seconds = cpu_seconds
        self.identity = identity
        self.context: SparkContext | None = None
        self.proof: _Proof | None = None

    def __enter__(self) -> SparkEngine:
        self.context = _context(self.master)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self.context is not None:
            self.context.stop()
            self.context = None

    def begin(self, paths: Sequence[Path]) -> None:
        self.proof = _Proof(self.identity, self.identity(), [os.path.abspath(path) for path in paths])
        greetings = GREETINGS_PER_CORE * self._running.defaultParallelism
        for answer in self._collected(_Greeting(self.proof), [b""] * greetings):
            _raise_stranger(answer)

    def mapped(
        self, kernel: Callable[[Item], Result], items: Iterable[Item], size: Callable[[Item], int]
    ) -> Iterator[Result | Lost]:
        """`kernel` of each item, in order; `size` tells how many bytes of work an item is."""
        if self.proof is None:
            raise RuntimeError("begin() comes before mapped()")
        work = _Work(self.proof, pickle.dumps(kernel, pickle.HIGHEST_PROTOCOL), self.cpu_seconds)
        with ThreadPoolExecutor(WAVES_AT_ONCE) as threads:
            running: deque[Future[list[Any]]] = deque()
            is_finished = False
            try:
                for wave in _waves(items, size, TASKS_PER_CORE * self._running.defaultParallelism):
                    running.append(threads.submit(self._collected, work, wave))
                    if len(running) == WAVES_AT_ONCE:
                        yield from _results(running.popleft().result())
                while running:
                    yield from _results(running.popleft().result())
                is_finished = True
            finally:
                # Whoever stops to wait for results, stops the executors too.
                if not is_finished:
                    self._running.cancelJobsWithTag(TAG)

    @property
    def _running(self) -> SparkContext:
        if self.context is None:
            raise RuntimeError("the engine runs inside `with` only")
        return self.context

    def _collected(self, work: Callable[[Iterable[bytes]], Iterable[Any]], tasks: list[bytes]) -> list[Any]:
        """What the tasks give, in their order; each goes to any executor, and to another one if that is lost."""
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        context = self._running
        context.addJobTag(TAG)
        try:
            answers: list[Any] = context.parallelize(tasks, len(tasks)).mapPartitions(work).collect()
            return answers
        except (Py4JError, PySparkException) as error:
            raise UsageError(_why(str(error))) from error


class _Stranger(NamedTuple):
    """A process that would not do the same as this one, and why."""

    message: str


class _Failure(NamedTuple):
    """An exception of a kernel, which is a bug and is raised here."""

    error: Exception


@dataclass(slots=True)
class _Proof:
    """What a process must show before it works: that it is the same program as the driver's, and sees its files."""

    identity: Callable[[], Identity]
    expected: Identity
    paths: list[str]

    def stranger(self) -> _Stranger | None:
        found = _identity_here(self.identity)
        differing = [
            f"{name} {found.get(name, 'is not there')} instead of {self.expected.get(name, 'none')}"
            for name in sorted(self.expected.keys() | found.keys())
            if self.expected.get(name) != found.get(name)
        ]
        if differing:
            return _Stranger(
                f"The executor on {socket.gethostname()} would not give the same bytes: {'; '.join(differing)}. Install the same versions there as here."
            )
        if missing := [path for path in self.paths if not os.path.exists(path)]:
            return _Stranger(
                f"The executor on {socket.gethostname()} does not see {missing[0]}. Sources and output must lie on a file system that all machines of the cluster share,"
                " under the same paths."
            )
        return None


@lru_cache(maxsize=1)
def _identity_here(identity: Callable[[], Identity]) -> Identity:
    return identity()


@dataclass(slots=True)
class _Greeting:
    proof: _Proof

    def __call__(self, tasks: Iterable[bytes]) -> Iterator[_Stranger | None]:
        for _ in tasks:
            yield self.proof.stranger()


@dataclass(slots=True)
class _Work:
    """What an executor does with a task, a pickled list of items: the pickled list of their results."""

    proof: _Proof
    kernel: bytes
    cpu_seconds: int

    def __call__(self, tasks: Iterable[bytes]) -> Iterator[bytes | _Stranger | _Failure]:
        for task in tasks:
            yield self.proof.stranger() or self._done(pickle.loads(task))

    def _done(self, sized: list[tuple[Any, int]]) -> bytes | _Failure:
        sizes = deque(size for _, size in sized)
        try:
            # The kernel is closed when this returns, so that what it wrote is there for the others.
            engine = _own_engine(self.cpu_seconds)
            found = list(
                engine.mapped(pickle.loads(self.kernel), (item for item, _ in sized), lambda _: sizes.popleft())
            )
        except OSError:
            # A disk of one machine; Spark has the task done by another.
            raise
        except Exception as error:
            return _Failure(error)
        return pickle.dumps(found, pickle.HIGHEST_PROTOCOL)


@lru_cache(maxsize=1)
def _own_engine(cpu_seconds: int) -> LocalEngine:
    """A process of the executor's own that does the work, with the same bounds as everywhere; an input that ends it is told as the same trouble."""
    return LocalEngine(1, isolated=True, cpu_seconds=cpu_seconds)


def _waves(items: Iterable[Item], size: Callable[[Item], int], tasks_at_once: int) -> Iterator[list[bytes]]:
    wave: list[bytes] = []
    for task in _tasks(items, size):
        wave.append(task)
        if len(wave) == tasks_at_once or sum(map(len, wave)) >= MAX_WAVE_BYTES:
            yield wave
            wave = []
    if wave:
        yield wave


def _tasks(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[bytes]:
    task: list[tuple[Item, int]] = []
    total = 0
    for item in items:
        task.append((item, size(item)))
        total += task[-1][1]
        if total >= TASK_BYTES or len(task) == MAX_TASK_ITEMS:
            yield pickle.dumps(task, pickle.HIGHEST_PROTOCOL)
            task, total = [], 0
    if task:
        yield pickle.dumps(task, pickle.HIGHEST_PROTOCOL)


def _results(answers: Iterable[Any]) -> Iterator[Any]:
    for answer in answers:
        _raise_stranger(answer)
        if isinstance(answer, _Failure):
            raise answer.error
        yield from pickle.loads(answer)


def _raise_stranger(answer: object) -> None:
    if isinstance(answer, _Stranger):
        raise UsageError(answer.message)


def _context(master: str | None) -> SparkContext:
    """A connection to the cluster. Raises UsageError where there is none to be had, and says what is missing."""
    try:
        from pyspark import SparkConf, SparkContext
        from pyspark.errors import PySparkException
    except ImportError as error:
        raise UsageError("--engine spark needs PySpark. Install it: pip install 'article-cleaner[spark]'.") from error
    if master and master.startswith("sc://"):
        raise UsageError(
            "--master sc://…: Spark Connect can't run this job. Give the address of the cluster itself, such as spark://HOST:7077."
        )
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java", path=os.path.join(home, "bin") if home else None):
        raise UsageError(
            "--engine spark needs Java 17 or later, and none is found. Install it (Debian: default-jre-headless), or set JAVA_HOME."
        )
    # Spark would take the first python3 of the path, which need not have this package.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        conf = SparkConf().setAppName(TAG)
        for name, value in QUIET.items():
            conf.setIfMissing(name, value)
        if master:
            conf.setMaster(master)
        return SparkContext(conf=conf)
    except PySparkException as error:
        if error.getCondition() == "MASTER_URL_NOT_SET":
            message = "Say with --master which cluster: spark://HOST:7077, yarn, k8s://…, or local[2] for this machine."
            raise UsageError(message) from error
        raise UsageError(_why(str(error))) from error
    except Exception as error:
        raise UsageError(_why(str(error))) from error


# Standard error is for what concerns the user of the command; Spark's configuration can say otherwise.
QUIET = {"spark.log.level": "ERROR", "spark.ui.showConsoleProgress": "false"}


def _why(trouble: str) -> str:
    """What Spark says is wrong, in one line, and what to do."""
    if "No module named" in trouble:
        name = trouble.partition("No module named")[2].split("\n")[0].strip(" '\".")
        return f"The executors have no package {name}. Install article-cleaner there as here, and name that Python with PYSPARK_PYTHON."
    if "PYTHON_VERSION_MISMATCH" in trouble:
        return "The executors run another version of Python than this is. Name one like it with PYSPARK_PYTHON."
    lines = [line.strip() for line in trouble.splitlines() if line.strip()]
    telling = [line for line in lines if "Error" in line or "Exception" in line] or lines or ["no reason is given"]
    return f"Spark gave up: {telling[-1].strip(': .')}. The old output, if there was one, stands as it was."
