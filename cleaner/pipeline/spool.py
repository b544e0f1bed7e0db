"""What waits on disk between the passes, so that memory does not grow with the text: bytes in, their place out, and back."""

from __future__ import annotations

import errno
import io
import os
import pickle
import zlib
from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, NamedTuple, TypeVar

import orjson

from cleaner.disk import named
from cleaner.folders import Scratch
from cleaner.model.documents import Block, Mark
from cleaner.model.text import Dropped, Span, TracedText

if TYPE_CHECKING:
    from cleaner.pipeline.preparing import Prepared

Item = TypeVar("Item")

# A file of 64 MB of text can become a few hundred of these; to squeeze them harder costs more than to write them.
COMPRESSION = 1
# A cluster writes a part for each piece of its work; so many are open to be read at a time.
MAX_OPENED = 128
PART_BYTES = 6


class Place(NamedTuple):
    """Where some bytes are: the number of the part, and the bytes `start` to `start + size` of it."""

    part: int
    start: int
    size: int


class Places:
    """Places in their order, in 24 bytes each."""

    def __init__(self) -> None:
        self.numbers = array("Q")

    def __len__(self) -> int:
        return len(self.numbers) // len(Place._fields)

    def __iter__(self) -> Iterator[Place]:
        numbers = iter(self.numbers)
        return map(Place, numbers, numbers, numbers)

    def append(self, place: Place) -> None:
        self.numbers.extend(place)


class Spool:
    """A folder of parts. Each process appends to a part of its own and reads those of all, so that no text goes from process to process.

    `owner` is what removes the folder when it is no longer used.
    """

    def __init__(self, folder: Path, owner: object = None) -> None:
        self.folder = folder
        self.owner = owner
        self.own: BinaryIO | None = None
        self.number = 0
        self.opened: dict[int, BinaryIO] = {}

    def __reduce__(self) -> tuple[type[Spool], tuple[Path]]:
        # In another process, a reader and writer of the same folder, which does not own it.
        return Spool, (self.folder,)

    @staticmethod
    def beside(output: Path | None) -> Spool:
        """A new spool beside the output, on the disk that has room for that; without an output, where temporary files belong."""
        scratch = Scratch(output)
        return Spool(scratch.folder, scratch)

    def add(self, data: bytes) -> Place:
        """Append bytes; any process can read them from now on."""
        if self.own is None:
            self._begin()
        # Asked of the file itself: an item that overran its time may have been ended right behind a write.
        place = Place(self.number, self.own.tell() if self.own else 0, len(data))
        with named(self.folder):
            size = self.own.write(data) if self.own else 0
        if size != len(data):
            raise OSError(errno.ENOSPC, "No room is left for temporary files", str(self.folder))
        return place

    def get(self, place: Place) -> bytes:
        if place.part not in self.opened:
            if len(self.opened) == MAX_OPENED:
                self.opened.pop(next(iter(self.opened))).close()
            self.opened[place.part] = (self.folder / f"{place.part}").open("rb", buffering=0)
        stream = self.opened[place.part]
        stream.seek(place.start)
        data = stream.read(place.size)
        if len(data) != place.size:
            raise OSError(f"{self.folder}: a temporary file was cut off")
        return data

    def close(self) -> None:
        """Close the files; what is in them stays, and can be read again."""
        for stream in [*self.opened.values(), *([self.own] if self.own else [])]:
            stream.close()
        self.opened.clear()
        self.own = None

    def _begin(self) -> None:
        """Open a part that no other process of any machine has. No result holds its number, which is drawn."""
        while self.own is None:
            self.number = int.from_bytes(os.urandom(PART_BYTES), "little")
            with suppress(FileExistsError):
                self.own = (self.folder / f"{self.number}").open("xb", buffering=0)


def packed(found: Prepared) -> bytes:
    """A prepared document as bytes for the spool. Its blocks and what was dropped are many small objects, and are put away as plain tuples."""
    document = found.document
    blocks = [
        (block.kind, block.text.plain(), block.level, block.ordinal, [*map(tuple, block.marks)], block.info, block.group, block.restored)
        for block in document.blocks
    ]  # fmt: skip
    dropped = [(tuple(span), rule, tuple(kept_at) if kept_at else None) for span, rule, kept_at in document.dropped]
    bare = replace(found, document=replace(document, blocks=(), dropped=()))
    return zlib.compress(pickle.dumps((bare, blocks, dropped), pickle.HIGHEST_PROTOCOL), COMPRESSION)


def joined(values: list[list[bytes]]) -> bytes:
    """Lists of bytes as one value: their sizes first."""
    sizes = orjson.dumps([[len(part) for part in parts] for parts in values])
    return b"".join([len(sizes).to_bytes(4, "little"), sizes, *(part for parts in values for part in parts)])


def parted(data: bytes) -> list[list[bytes]]:
    """The lists of bytes again."""
    at = 4 + int.from_bytes(data[:4], "little")
    values = []
    for sizes in orjson.loads(data[4:at]):
        parts = []
        for size in sizes:
            parts.append(data[at : at + size])
            at += size
        values.append(parts)
    return values


def unpacked(data: bytes) -> Prepared:
    """The document again. Only our own types are made: what lies in a cache may have been put there by somebody else."""
    found: Prepared
    found, plain_blocks, plain_dropped = _Unpickler(io.BytesIO(zlib.decompress(data))).load()
    blocks = (
        Block(kind, TracedText.of_plain(text), level, ordinal, tuple(Mark(*mark) for mark in marks), *rest)
        for kind, text, level, ordinal, marks, *rest in plain_blocks
    )
    dropped = (Dropped(Span(*span), rule, Span(*kept_at) if kept_at else None) for span, rule, kept_at in plain_dropped)
    return replace(found, document=replace(found.document, blocks=tuple(blocks), dropped=tuple(dropped)))


class _Unpickler(pickle.Unpickler):
    """Makes nothing but the classes of these modules, which hold data only."""

    MODULES = frozenset(
        {
            "cleaner.model.text",
            "cleaner.model.documents",
            "cleaner.model.problems",
            "cleaner.model.duplicates",
            "cleaner.pipeline.preparing",
            "cleaner.stages.unrepeat",
        }
    )

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module in self.MODULES and "." not in name else None
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a document")
        return found


class Stock(Generic[Item]):
    """Values on disk by number, for one process."""

    def __init__(self) -> None:
        self.spool = Spool.beside(None)
        self.places: list[Place] = []

    def add(self, value: Item) -> int:
        """Put a value by; its number."""
        data = zlib.compress(pickle.dumps(value, pickle.HIGHEST_PROTOCOL), COMPRESSION)
        self.places.append(self.spool.add(data))
        return len(self.places) - 1

    def get(self, number: int) -> Item:
        # Of any type: the file is this process's own.
        value: Item = pickle.loads(zlib.decompress(self.spool.get(self.places[number])))
        return value

    def close(self) -> None:
        self.spool.close()
