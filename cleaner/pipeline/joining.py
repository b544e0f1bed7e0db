"""The join of the rare shingles in any process: sketches in the spool in, slices of their shingles, and of each slice the pairs that share some, out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cleaner.engines import Engine, whole
from cleaner.pipeline.spool import Place, Spool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaner.stages.propose import Counted, Slice

# So many documents are one piece of work, as much as it is to clean so many bytes.
DOCUMENTS_AT_ONCE = 4096
BYTES_OF_WORK = 64 << 10
# A row of a slice, or of what is counted, in bytes: an integer of eight and one of four.
ROW_BYTES = 12


class Some(NamedTuple):
    """Documents that follow one another: the row of the first, and where their sketches are."""

    first: int
    sketches: list[Place]


@dataclass(frozen=True, slots=True)
class Scattering:
    """The kernel that takes the shingles of some documents apart: of each slice, where they are."""

    signature_bytes: int
    bounds: list[int]
    spool: Spool

    def __call__(self, some: Some) -> list[Place]:
        import numpy as np

        from cleaner.stages.propose import scattered

        samples = [
            np.frombuffer(self.spool.get(place), np.uint64, offset=self.signature_bytes) for place in some.sketches
        ]
        slices = scattered(samples, some.first, self.bounds)
        return [self.spool.add(hashes.tobytes() + rows.tobytes()) for hashes, rows in slices]

    def close(self) -> None:
        self.spool.close()


@dataclass(frozen=True, slots=True)
class Gathering:
    """The kernel that joins a slice: where the pairs are, and how often each shares a shingle."""

    most: int
    base: int
    spool: Spool

    def __call__(self, parts: Sequence[Place]) -> Place:
        from cleaner.stages.propose import gathered

        codes, counts = gathered([_columns(self.spool.get(place)) for place in parts], self.most, self.base)
        return self.spool.add(codes.tobytes() + counts.tobytes())

    def close(self) -> None:
        self.spool.close()


def sharing(
    sketches: Sequence[Place], signature_bytes: int, engine: Engine, spool: Spool
) -> Callable[[int], Iterator[Counted]]:
    """What joins the documents whose sketches these are: given in how many a shingle may stand at the most, the pairs that share shingles, slice by slice."""
    from cleaner.stages.propose import slice_bounds

    shingles = sum(place.size - signature_bytes for place in sketches) // 8
    bounds = slice_bounds(shingles)

    def joined(most: int) -> Iterator[Counted]:
        some = (
            Some(first, list(sketches[first : first + DOCUMENTS_AT_ONCE]))
            for first in range(0, len(sketches), DOCUMENTS_AT_ONCE)
        )
        scattering = Scattering(signature_bytes, bounds, spool)
        table = list(map(whole, engine.mapped(scattering, some, lambda _: BYTES_OF_WORK)))
        slices: Iterable[Sequence[Place]] = zip(*table, strict=True)
        for place in map(whole, engine.mapped(Gathering(most, len(sketches), spool), slices, _bytes_of_slice)):
            codes, counts = _columns(spool.get(place))
            yield codes.astype("int64"), counts

    return joined


def _bytes_of_slice(parts: Sequence[Place]) -> int:
    return sum(place.size for place in parts)


def _columns(data: bytes) -> Slice:
    """Integers of eight bytes, and as many of four behind them."""
    import numpy as np

    rows = len(data) // ROW_BYTES
    wide: NDArray[np.uint64] = np.frombuffer(data, np.uint64, rows)
    return wide, np.frombuffer(data, np.int32, rows, offset=8 * rows)
