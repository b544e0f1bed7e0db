"""Prepared documents between the passes: on disk, so that memory does not grow with the text."""

from __future__ import annotations

import pickle
from tempfile import SpooledTemporaryFile
from typing import IO

from cleaner.pipeline.preparing import Prepared


class Spool:
    """Prepared documents between the passes: on disk, so that memory does not grow with the text."""

    def __init__(self) -> None:
        self.stream: IO[bytes] = SpooledTemporaryFile(max_size=32 << 20)  # noqa: SIM115 - closed by close()
        self.offsets: list[int] = []

    def add(self, prepared: Prepared) -> int:
        self.stream.seek(0, 2)
        self.offsets.append(self.stream.tell())
        pickle.dump(prepared, self.stream, pickle.HIGHEST_PROTOCOL)
        return len(self.offsets) - 1

    def get(self, number: int) -> Prepared:
        self.stream.seek(self.offsets[number])
        prepared: Prepared = pickle.load(self.stream)
        return prepared

    def close(self) -> None:
        self.stream.close()
