"""A list that is read anew each time it is gone through, so that it is never in memory as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar, overload

Row = TypeVar("Row")


class Rows(Sequence[Row]):
    """`size` rows, as `read` yields them."""

    def __init__(self, size: int, read: Callable[[], Iterator[Row]]) -> None:
        self.size = size
        self.read = read

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Row]:
        return self.read()

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        """One row or some, by going through those before them."""
        if isinstance(place, slice):
            start, stop, step = place.indices(self.size)
            if step > 0:
                return list(islice(self.read(), start, stop, step))
            return list(self.read())[place]
        index = range(self.size)[place]
        return next(islice(self.read(), index, None))
