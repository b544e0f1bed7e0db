"""Streams that are read within bounds: what a compressed file or an archive unpacks to is counted, and ends where the limit is."""

from __future__ import annotations

import importlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO, cast

from cleaner.containers.kinds import HEAD_BYTES

# Below this size a member is kept in memory while it is read, above it on the disk.
SPOOLED_BYTES = 8 << 20
CHUNK = 1 << 20
# What is unpacked before its ratio to the packed bytes is looked at: a page of one repeated line packs well, and is no bomb.
FREE_BYTES = 32 << 20
ZSTD = "zstandard"


class Exceeded(Exception):
    """A bound is reached; the message says which."""


class MissingPackage(Exception):
    """A format needs a package that is not installed; the message names it."""


@dataclass(slots=True)
class Budget:
    """What may still be unpacked of one file: bytes, members, archives inside archives."""

    packed: int
    max_unpacked: int
    max_ratio: int
    members: int
    depth: int
    unpacked: int = 0

    def spend(self, size: int) -> None:
        """Count `size` unpacked bytes. Raises Exceeded beyond the bounds."""
        self.unpacked += size
        if self.unpacked > self.max_unpacked:
            raise Exceeded(
                f"The file unpacks to more than the limit of {self.max_unpacked:,} bytes. Split it, or raise max_unpacked_bytes."
            )
        if self.unpacked > max(FREE_BYTES, self.max_ratio * self.packed):
            raise Exceeded(
                f"The file unpacks to more than {self.max_ratio} times its size, the limit. Unpack it yourself if you trust it, or raise max_unpacked_ratio."
            )

    def left(self) -> int:
        """How many bytes may be unpacked yet."""
        return self.max_unpacked - self.unpacked

    def enter(self) -> None:
        """Count one member. Raises Exceeded beyond the bound."""
        self.members -= 1
        if self.members < 0:
            raise Exceeded("The archive has more members than the limit. Split it, or raise max_members.")


class Counted(io.RawIOBase):
    """A stream whose bytes are counted against a budget as they are read; never more is asked for than the budget allows, and one byte to see it."""

    def __init__(self, stream: Any, budget: Budget) -> None:
        self.stream = stream
        self.budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.stream.read(min(len(buffer), self.budget.left() + 1))
        self.budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self.stream.close()
        super().close()


def counted(stream: Any, budget: Budget) -> io.BufferedReader:
    return io.BufferedReader(Counted(stream, budget), HEAD_BYTES)


def unpacking(stream: BinaryIO, module: str) -> Any:
    """The unpacked stream of a compressed one. Raises MissingPackage."""
    try:
        return importlib.import_module(module).open(stream, "rb")
    except ImportError as error:
        raise MissingPackage(
            f"Reading {module} needs the package {module}. Install it (pip install 'article-cleaner[zst]'), or unpack the file."
        ) from error


def head_of(stream: BinaryIO) -> bytes:
    """The first bytes of a stream, which stands at its start and stays there."""
    if isinstance(stream, io.BufferedReader):
        return stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    return head


def spooled(stream: BinaryIO) -> BinaryIO:
    """The whole of a stream in a temporary place where it can be read in any order."""
    spool = cast(BinaryIO, SpooledTemporaryFile(max_size=SPOOLED_BYTES))  # noqa: SIM115 - whoever asked for it closes it
    for chunk in chunks(stream):
        spool.write(chunk)
    spool.seek(0)
    return spool


def salvaged(stream: IO[bytes]) -> BinaryIO:
    """As `spooled`, of a damaged stream as much as can be read."""
    spool = spooled(io.BytesIO())
    try:
        while chunk := stream.read(HEAD_BYTES):
            spool.write(chunk)
    except damages():
        # What was read until here is what the run had, and what it could not read either is told by it.
        pass
    spool.seek(0)
    return spool


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def damages() -> tuple[type[Exception], ...]:
    """What reading a damaged container can raise."""
    import lzma
    import tarfile
    import zipfile

    found: tuple[type[Exception], ...] = (
        OSError, EOFError, ValueError, KeyError, IndexError, NotImplementedError, RuntimeError, zlib.error, lzma.LZMAError,
        zipfile.BadZipFile, zipfile.LargeZipFile, tarfile.TarError,
    )  # fmt: skip
    try:
        return (*found, importlib.import_module(ZSTD).ZstdError)
    except ImportError:
        return found
