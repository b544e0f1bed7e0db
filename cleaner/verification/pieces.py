"""A large JSON file of ours in, its members and the items of its lists out one by one, so that memory does not follow the file."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson


class Misformed(ValueError):
    """A file that is not written as `clean` writes it, byte for byte: rewritten by hand, or with a member twice."""


class Piece(NamedTuple):
    """A member of the file's object, or (`in_list`) one item of a member that is a list: the member's name, the value, and its bytes."""

    name: str
    value: Any
    data: bytes
    in_list: bool


def pieces_of(path: Path) -> Iterator[Piece]:
    """The members and list items of the JSON object in `path`, in their order. An empty list is a member with the value [].

    Read by lines: no string of a JSON text holds a line break, so the indentation tells where an item ends. Each is written again and compared, so that
    two files that are read alike are alike; what is not in the form that `clean` writes raises Misformed. OSError where it can't be read.
    """
    with path.open("rb") as stream:
        lines = iter(stream)
        if next(lines, b"") != b"{\n":
            raise Misformed("it does not begin as an indented JSON object")
        seen: set[str] = set()
        is_last = False
        for line in lines:
            if line == b"}\n" and is_last:
                if next(lines, b""):
                    raise Misformed("something stands behind the end of its object")
                return
            if is_last:
                raise Misformed("a member stands behind the last one")
            name, rest = _named(line)
            if name in seen:
                raise Misformed(f"it has the member {name!r:.40} twice")
            seen.add(name)
            if rest == b"[\n":
                is_last = yield from _items(name, lines)
            else:
                data, is_last = _whole(rest, lines, b"  ")
                yield Piece(name, _read(data, b"  "), data, False)
    raise Misformed("its end is missing")


def _named(line: bytes) -> tuple[str, bytes]:
    """The name of a member, and what stands behind it on its first line."""
    end = line.find(b'": ')
    if not line.startswith(b'  "') or end < 0:
        raise Misformed(f"{line[:40]!r} begins no member")
    return line[3:end].decode("utf-8"), line[end + 3 :]


def _items(name: str, lines: Iterator[bytes]) -> Generator[Piece, None, bool]:
    """The items of a list, up to its end; returns whether the list is the object's last member."""
    more = True
    for line in lines:
        if line in (b"  ]\n", b"  ],\n"):
            if more:
                raise Misformed(f"the list {name!r:.40} ends with a comma or is empty")
            return line == b"  ]\n"
        if not more or not line.startswith(b"    ") or line[4:5] == b" ":
            raise Misformed(f"{line[:40]!r} begins no item of {name!r:.40}")
        data, is_last = _whole(line[4:], lines, b"    ")
        more = not is_last
        yield Piece(name, _read(data, b"    "), data, True)
    raise Misformed(f"the end of the list {name!r:.40} is missing")


def _whole(first: bytes, lines: Iterator[bytes], indent: bytes) -> tuple[bytes, bool]:
    """The bytes of a value that begins with `first` and ends at its indentation, and whether no comma follows."""
    if not first.endswith((b"{\n", b"[\n")):
        data = first.removesuffix(b"\n")
    else:
        ends = {indent + b"}\n", indent + b"},\n", indent + b"]\n", indent + b"],\n"}
        parts = [first]
        for line in lines:
            parts.append(line)
            if line in ends:
                break
        data = b"".join(parts).removesuffix(b"\n")
    return data.removesuffix(b","), not data.endswith(b",")


def _read(data: bytes, indent: bytes) -> Any:
    try:
        value = orjson.loads(data)
    except ValueError as error:
        raise Misformed(f"{data[:40]!r} is no JSON value ({error})") from error
    if orjson.dumps(value, option=orjson.OPT_INDENT_2).replace(b"\n", b"\n" + indent) != data:
        raise Misformed(f"{data[:60]!r} is not written as `clean` writes it")
    return value


def read_line(data: bytes) -> Any:
    """The JSON value in the bytes of a line that ends in a line break. Raises Misformed as `pieces_of` does."""
    try:
        value = orjson.loads(data)
    except ValueError as error:
        raise Misformed(f"no JSON value ({error})") from error
    if orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE) != data:
        raise Misformed("not written as `clean` writes it")
    return value
