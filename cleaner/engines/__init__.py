"""Where the stages run: one interface, behind it the processes of this machine or a cluster. The job does not know which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from cleaner.folders import UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")


class Lost(NamedTuple):
    """An item that has no result, because each process that worked on it came to an end; `overran` if it used up its processor time."""

    item: Any
    overran: bool
    how: str


class Engine(Protocol):
    """Runs kernels on items.

    A kernel is a picklable callable. It may be copied, and run twice on one item where a machine is lost; each copy has many items, so what it opens stays
    open, and its method `close` is called at the end, if it has one. A method `warm`, if it has one, is called with the first items before processes are
    forked: what it imports then is imported once for all of them.
    """

    is_remote: bool
    """Whether kernels run on other machines. These read a file themselves rather than be sent it, and have no cache in common."""

    def __enter__(self) -> Engine: ...

    def __exit__(self, *_: object) -> None: ...

    def begin(self, paths: Sequence[Path]) -> None:
        """Make ready for kernels that read and write below `paths`. Raises folders.UsageError where they could not, or would give another result than here."""

    def mapped(
        self, kernel: Callable[[Item], Result], items: Iterable[Item], size: Callable[[Item], int]
    ) -> Iterator[Result | Lost]:
        """`kernel` of each item, in order; `size` tells how many bytes of work an item is."""

    def close(self) -> None:
        """Let go of the processes: nothing is mapped for now."""


def whole(result: Result | Lost) -> Result:
    """A result of the work on documents that were read before; that all processes die of it is no fault of a file."""
    if isinstance(result, Lost):
        raise UsageError(
            f"A process ended {result.how} while it compared or wrote documents, twice. Is there enough memory? Run again with a smaller --jobs."
        )
    return result
