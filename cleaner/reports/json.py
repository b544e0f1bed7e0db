"""A report or manifest in, its JSON bytes out: indented, for people read them too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cleaner.model.rows import Rows


def dumped(value: dict[str, Any]) -> bytes:
    """The value as UTF-8 JSON, indented by two columns, ending in a line break."""
    return b"".join(streamed(value))


def streamed(value: dict[str, Any]) -> Iterator[bytes]:
    """The same in pieces: the members that are `Rows` pass by row by row."""
    import orjson

    before = b"{\n  "
    for name, member in value.items():
        yield before + orjson.dumps(name) + b": "
        if isinstance(member, Rows):
            yield from _list(member)
        else:
            yield _indented(member, b"\n  ")
        before = b",\n  "
    yield b"\n}\n" if value else b"{}\n"


def _list(rows: Rows[Any]) -> Iterator[bytes]:
    before = b"[\n    "
    for row in rows:
        yield before + _indented(row, b"\n    ")
        before = b",\n    "
    yield b"\n  ]" if len(rows) else b"[]"


def _indented(value: Any, line_break: bytes) -> bytes:
    import orjson

    # A line feed inside a string is escaped, so each one here is between two members.
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).replace(b"\n", line_break)
