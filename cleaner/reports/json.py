"""A report or manifest in, its JSON bytes out: indented, for people read them too."""

from __future__ import annotations

from typing import Any


def dumped(value: dict[str, Any]) -> bytes:
    """The value as UTF-8 JSON, indented by two columns, ending in a line break."""
    import orjson

    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
