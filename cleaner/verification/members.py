"""A JSON text in, where in it each value stands out: explanations count the lines of the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


class Member(NamedTuple):
    """A string, number, truth value or null of a JSON text: its JSON Pointer, and the code points that it is written in."""

    pointer: str
    start: int
    end: int


def members_of(text: str) -> Iterator[Member]:
    """The values of a JSON text that hold no others, in its order.

    >>> [(member.pointer, member.start) for member in members_of('{"a": [1, "b"]}')]
    [('/a/0', 7), ('/a/1', 10)]
    """
    steps: list[str | int] = []
    is_key = False
    for token in TOKEN.finditer(text):
        sign = token.group()
        if sign == "{":
            steps.append("")
            is_key = True
        elif sign == "[":
            steps.append(0)
            is_key = False
        elif sign in "}]":
            del steps[-1:]
            is_key = False
        elif sign == ",":
            is_key = bool(steps) and isinstance(steps[-1], str)
            if steps and isinstance(steps[-1], int):
                steps[-1] += 1
        elif sign == ":":
            is_key = False
        elif is_key and steps:
            steps[-1] = str(json.loads(sign, strict=False))
        else:
            yield Member("".join(f"/{_escaped(step)}" for step in steps), token.start(), token.end())


def members_on_line(text: str, number: int) -> list[Member]:
    """The values that stand on a line, from 1."""
    lines = text.split("\n")
    if number > len(lines):
        return []
    start = sum(len(line) + 1 for line in lines[: number - 1])
    end = start + len(lines[number - 1])
    return [member for member in members_of(text) if start <= member.start < end]


def _escaped(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")
