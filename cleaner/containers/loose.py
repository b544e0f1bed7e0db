"""A JSON text in, its value out; of a list with broken elements the others come out all the same, and what is wrong is told with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{},:]', re.DOTALL)
# What programs write that take JSON for their own language.
FOREIGNERS = {
    "number": "JSON has no NaN and no Infinity, write null",
    "nothing": "JSON knows null, true and false only, in small letters",
    "comment": "JSON has no comments",
    "quotes": "JSON has strings in double quotation marks only",
    "name": "JSON has names in double quotation marks only",
}
FOREIGN = re.compile(
    r"(?P<number>[-+]?(?:NaN|Infinity|nan|inf)\b)|(?P<nothing>(?:None|True|False|undefined)\b)|(?P<comment>/[/*])|(?P<quotes>')|(?P<name>[A-Za-z_$][\w$]*\s*:)"
)
WHITE = re.compile(r"[ \t\r\n]*")
OPENING, CLOSING = frozenset("[{"), frozenset("]}")
# JSON inside a string of JSON, inside a string of JSON: nobody does more than that on purpose.
MAX_DOUBLE = 3


# Deeper ones can't be walked through by code that calls itself.
MAX_NESTED = 150


class TooDeep(Exception):
    """A value is nested deeper than it may be; the message says so."""

    def __init__(self, max_depth: int) -> None:
        super().__init__(
            f"objects and lists stand more than {max_depth} deep in one another, the limit (max_json_depth)"
        )


class Fault(NamedTuple):
    """What is wrong at the code point `at` of the text, and the JSON Pointer of the element that is lost for it; `is_excess` where a bound is in the way."""

    message: str
    at: int
    pointer: str = ""
    is_excess: bool = False


class Loaded(NamedTuple):
    """A JSON text's value, None in the place of each broken element of a list; and the faults. Without a value the text as a whole is broken."""

    value: Any
    faults: tuple[Fault, ...] = ()


def load(text: str, max_depth: int = MAX_NESTED) -> Loaded:
    """The value of a JSON text in which objects and lists stand so deep in one another at most. A string that holds JSON itself (an object, a list of objects) is read as that."""
    depth = min(max_depth, MAX_NESTED)
    try:
        return Loaded(opened(orjson.loads(text), depth))
    except orjson.JSONDecodeError as error:
        whole = Fault(_said(error), error.pos)
        is_followed = whole.message == "unexpected content after document"
        if whole.message.startswith("depth limit"):
            return _too_deep(TooDeep(depth))
    except TooDeep as error:
        return _too_deep(error)
    try:
        if is_followed and (values := _one_by_one(text)):
            return Loaded(opened(values, depth))
        value, faults = _salvaged(text)
        return Loaded(opened(value, depth), tuple(faults)) if faults and value is not None else Loaded(None, (whole,))
    except TooDeep as error:
        return _too_deep(error)


def _too_deep(error: TooDeep) -> Loaded:
    return Loaded(None, (Fault(str(error), 0, is_excess=True),))


def _one_by_one(text: str) -> list[dict[str, Any]]:
    """The objects of a text that has one behind the other, as if they stood in a list; none where anything else stands there too."""
    import json

    def refused(name: str) -> None:
        raise ValueError(name)

    decoder = json.JSONDecoder(parse_constant=refused)
    values: list[dict[str, Any]] = []
    at = WHITE.match(text).end()  # type: ignore[union-attr]
    while at < len(text):
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return []
        if not isinstance(value, dict):
            return []
        values.append(value)
        at = WHITE.match(text, end).end()  # type: ignore[union-attr]
    return values


def _said(error: orjson.JSONDecodeError) -> str:
    """What is wrong, and what stands there if it is what other languages write."""
    said = str(error.msg).split(": line")[0]
    found = FOREIGN.match(error.doc, error.pos)
    return f"{said}; {FOREIGNERS[str(found.lastgroup)]}" if found else said


def opened(value: Any, max_depth: int = MAX_NESTED, doubles: int = 0, level: int = 0) -> Any:
    """The value with strings that hold JSON of their own replaced by what they hold; a JSON Pointer steps through them as if they were not strings.

    Raises TooDeep for a value that was made to break something.
    """
    if level > max_depth:
        raise TooDeep(max_depth)
    if isinstance(value, str):
        inner = _inner(value) if doubles < MAX_DOUBLE else None
        return value if inner is None else opened(inner, max_depth, doubles + 1, level + 1)
    if isinstance(value, dict):
        if not _may_hold(value):
            return value
        return {name: opened(member, max_depth, doubles, level + 1) for name, member in value.items()}
    if isinstance(value, list):
        return [opened(member, max_depth, doubles, level + 1) for member in value]
    return value


def _may_hold(value: dict[str, Any]) -> bool:
    """Whether a member is a container, or a string that could hold JSON: most objects need no copy."""
    return any(
        isinstance(member, dict | list) or (isinstance(member, str) and _looks_inner(member))
        for member in value.values()
    )


def _looks_inner(text: str) -> bool:
    return text[:1] in ("{", "[", '"', " ", "\n") and text.rstrip()[-1:] in ("}", "]", '"')


def _inner(text: str) -> Any:
    """The object or list of objects that a string holds; None where it is an ordinary text."""
    if not _looks_inner(text):
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if isinstance(value, str):
        return _inner(value)
    is_object = isinstance(value, dict) and bool(value)
    is_objects = isinstance(value, list) and bool(value) and all(isinstance(item, dict) and item for item in value)
    return value if is_object or is_objects else None


def _salvaged(text: str) -> tuple[Any, list[Fault]]:
    """The value of a broken text whose top is a list of objects, or an object with such a member, and what is wrong with it."""
    start = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    if text[start : start + 1] == "[":
        return _elements(text, start, "")
    if text[start : start + 1] != "{":
        return None, []
    value: dict[str, Any] = {}
    faults: list[Fault] = []
    holds_list = False
    for begin, end in _parts(text, start):
        name = TOKEN.match(text, begin)
        colon = text.find(":", name.end()) if name and name.group().startswith('"') else -1
        if name is None or colon < 0 or text[name.end() : colon].strip():
            faults.append(Fault("a name and a colon are expected", begin))
            continue
        try:
            key = str(orjson.loads(name.group()))
        except orjson.JSONDecodeError as error:
            faults.append(Fault(_said(error), begin + error.pos))
            continue
        at = colon + 1 + len(text[colon + 1 : end]) - len(text[colon + 1 : end].lstrip())
        try:
            value[key] = orjson.loads(text[at:end])
        except orjson.JSONDecodeError as error:
            if text[at : at + 1] == "[" and re.match(r"\[\s*\{", text[at:end]):
                value[key], own = _elements(text, at, f"/{key.replace('~', '~0').replace('/', '~1')}")
                faults += own
                holds_list = holds_list or value[key] is not None
            else:
                faults.append(Fault(_said(error), at + error.pos))
    return (value, faults) if holds_list else (None, [])


def _elements(text: str, start: int, pointer: str) -> tuple[Any, list[Fault]]:
    """The elements of the list that opens at `start`, None for those that are broken; no list at all where none is an object."""
    values: list[Any] = []
    faults: list[Fault] = []
    for begin, end in _parts(text, start):
        if begin == end:
            faults.append(Fault("a comma without an element behind it", begin))
            continue
        try:
            values.append(orjson.loads(text[begin:end]))
        except orjson.JSONDecodeError as error:
            faults.append(Fault(_said(error), min(begin + error.pos, len(text)), f"{pointer}/{len(values)}"))
            values.append(None)
    return (values, faults) if any(isinstance(value, dict) for value in values) else (None, [])


def _parts(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Where each element or member stands in the list or object that opens at `start`, white space around it left out."""
    depth, begin = 0, start + 1
    some = False
    for token in TOKEN.finditer(text, start):
        sign = token.group()
        if sign in OPENING:
            depth += 1
        elif sign in CLOSING:
            depth -= 1
        if (sign == "," and depth == 1) or depth == 0:
            part = _trimmed(text, begin, token.start())
            if part[0] < part[1] or some:
                yield part
            some = True
            begin = token.end()
        if depth == 0:
            return
    part = _trimmed(text, begin, len(text))
    if part[0] < part[1]:
        yield part


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    inside = text[start:end]
    left = start + len(inside) - len(inside.lstrip())
    return left, max(left, start + len(inside.rstrip()))


def value_at(value: Any, pointer: str) -> Any:
    """The value at a JSON Pointer (RFC 6901). Raises LookupError, TypeError or ValueError where there is none."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            if not re.fullmatch(r"0|[1-9]\d*", name):
                raise LookupError(f"{name!r} is no place in a list")
            value = value[int(name)]
        else:
            value = value[name]
    return value
