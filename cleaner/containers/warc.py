"""A web archive (WARC, ISO 28500) in, the pages and texts that it holds out; requests, images and what the server refused are passed over."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from typing import Any, BinaryIO, NamedTuple

from cleaner.containers.streams import MissingPackage

# What an article may be served as, and what kind of file it is then.
TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/json": ".json",
    "application/ld+json": ".json",
    "application/feed+json": ".json",
    "application/rss+xml": ".xml",
    "application/atom+xml": ".xml",
    "application/xml": ".xml",
    "text/xml": ".xml",
}


class Response(NamedTuple):
    """A record that may hold an article: its number in the file, from 1, the address, the suffix that its type stands for, and its bytes."""

    number: int
    address: str
    suffix: str
    body: bytes


def responses(stream: BinaryIO, max_bytes: int) -> Iterator[Response]:
    """The responses and resources of an archive, in its order; of each one byte more than `max_bytes` at the most. Raises MissingPackage."""
    for number, record in enumerate(_each(_records(stream)), 1):
        if suffix := _suffix(record):
            address = record.rec_headers.get_header("WARC-Target-URI") or ""
            with _damages():
                body = record.content_stream().read(max_bytes + 1)
            yield Response(number, address.strip("<>"), suffix, body)


def offsets(stream: BinaryIO) -> list[int]:
    """Where each record of an archive begins, up to where it is damaged."""
    found = []
    records = _records(stream)
    with suppress(ValueError):
        for _ in _each(records):
            with _damages():
                found.append(records.get_record_offset())
    return found


def body_at(stream: BinaryIO, offset: int) -> tuple[str, bytes]:
    """The address and the bytes of the record that begins at `offset`."""
    stream.seek(offset)
    record = next(_each(_records(stream)))
    return (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>"), record.content_stream().read()


def _records(stream: BinaryIO) -> Any:
    try:
        from warcio.archiveiterator import ArchiveIterator
    except ImportError as error:
        raise MissingPackage(
            "Reading WARC needs the package warcio. Install it: pip install 'article-cleaner[warc]'."
        ) from error
    logging.getLogger("warcio").addHandler(logging.NullHandler())
    return ArchiveIterator(stream)


def _each(records: Any) -> Iterator[Any]:
    """The records. Raises ValueError where the archive is damaged."""
    while True:
        with _damages():
            record = next(records, None)
        if record is None:
            return
        yield record


@contextmanager
def _damages() -> Iterator[None]:
    """Whatever warcio raises on bytes that are no archive is a ValueError; but not what the disk says."""
    try:
        # What it has to say of a damaged archive are words of a stranger: they do not belong on our standard error.
        with redirect_stderr(io.StringIO()):
            yield
    except (OSError, MemoryError):
        raise
    except Exception as error:
        raise ValueError(f"{type(error).__name__} in a record of the web archive") from error


def _suffix(record: Any) -> str:
    """The suffix for the type of what was served; empty for what is no article."""
    if record.rec_type not in ("response", "resource"):
        return ""
    http = record.http_headers
    if http is not None and not (http.get_statuscode() or "").startswith("2"):
        return ""
    said = (
        http.get_header("Content-Type") if http is not None else record.rec_headers.get_header("Content-Type")
    ) or ""
    return TYPES.get(said.split(";")[0].strip().lower(), "")
