"""YAML, TOML or JSON front matter at the top of a text, read as strings only: nothing is executed, and `NO` stays "NO"."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any, NamedTuple

FENCE = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*\r?$", re.MULTILINE),
}
OPENING = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*\r?\n")
LINE_BELOW = re.compile(r"[ \t]*\r?\n(?=\s*\S)")
YAML_KEY = re.compile(r"^[\w\"'-][^:\n]*:(?:\s|$)", re.MULTILINE)

# Headers of MultiMarkdown: lines of a name and a value, more of which may be indented below, up to an empty line. Two of them at least, or else it is a sentence.
HEADER = re.compile(r"^(\w[\w -]{0,30}):[ \t]+(\S.*(?:\n[ \t]+\S.*)*)\n?", re.MULTILINE)
HEADERS = re.compile(r"\ufeff?(?:\w[\w -]{0,30}:[ \t]+\S.*\n(?:[ \t]+\S.*\n)*){2,}(?=[ \t]*\r?\n)")
TELLING = frozenset(
    "title author date tags keywords language lang url subtitle publisher description category categories".split()
)
TITLE_BLOCK = re.compile(r"\ufeff?%[ \t]*\S.*\n(?:[ \t]+\S.*\n)*(?:%.*\n(?:[ \t]+\S.*\n)*){1,2}(?=[ \t]*\r?\n)")

# A longer one is none that anybody wrote; to read YAML takes seconds for a megabyte.
MAX_CHARACTERS = 100_000
# A front matter has at least a character for each of its values. Aliases let a value stand in many places; those of real ones stand in a few.
MIN_VALUES = 1000
# As deep as objects of JSON may stand in one another.
MAX_NESTED = 150


class FrontMatter(NamedTuple):
    """The members of a front matter, the code point where the body begins, and what is wrong with it (empty if nothing)."""

    members: dict[str, Any]
    end: int
    trouble: str = ""


def read_front_matter(text: str) -> FrontMatter | None:
    """The front matter of `text`; None where there is none (a thematic break is no front matter)."""
    opening = OPENING.match(text)
    if not opening:
        return _json(text) if text.startswith(("{\n", "{\r\n")) else None
    closing = FENCE[opening.group(1)].search(text, opening.end())
    if not closing:
        return None
    raw = text[opening.end() : closing.start()]
    end = closing.end() + (text[closing.end() : closing.end() + 1] == "\n")
    if opening.group(1) == "+++":
        return _toml(raw, end)
    return _yaml(raw, end) if YAML_KEY.search(raw) or not raw.strip() else None


def read_headers(text: str) -> FrontMatter | None:
    """What stands at the top of a Markdown file without a fence: the headers of MultiMarkdown, or the block of a title of Pandoc; None where there is neither."""
    if found := TITLE_BLOCK.match(text):
        parts = re.split(r"^%", found.group(), flags=re.MULTILINE)[1:]
        lines = ["; ".join(filter(None, map(str.strip, part.split("\n")))) for part in parts]
        return FrontMatter(
            {name: line for name, line in zip(("title", "author", "date"), lines, strict=False) if line}, found.end()
        )
    found = HEADERS.match(text)
    if not found:
        return None
    pairs = HEADER.findall(found.group())
    names = {name.strip().lower() for name, _ in pairs}
    members = {name.strip(): " ".join(value.split()) for name, value in pairs}
    return FrontMatter(members, found.end()) if len(names & TELLING) > 1 or "title" in names else None


def _yaml(raw: str, end: int) -> FrontMatter:
    import yaml

    if trouble := _too_much(raw):
        return FrontMatter({}, end, trouble)
    try:
        members = yaml.load(raw, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes strings, lists and mappings only
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return FrontMatter({}, end, " ".join(str(error).split())[:200])
    if members in (None, ""):
        return FrontMatter({}, end)
    if not isinstance(members, dict):
        return FrontMatter({}, end, "it is no mapping of names to values")
    if trouble := _excess(members, len(raw)):
        return FrontMatter({}, end, trouble)
    return FrontMatter({str(name): value for name, value in members.items()}, end)


def _too_much(raw: str) -> str:
    """Why a front matter is not read at all, empty where it is: the time of the reader goes with the square of the brackets that are open."""
    if len(raw) > MAX_CHARACTERS:
        return f"it has more than {MAX_CHARACTERS:,} characters"
    depth = max(accumulate((1 if sign in "[{" else -1 for sign in re.findall(r"[\[\]{}]", raw)), initial=0))
    return f"its values stand more than {MAX_NESTED} deep in one another" if depth > MAX_NESTED else ""


def _excess(members: dict[str, Any], size: int) -> str:
    """What of a front matter of so many characters was made to break something; empty where nothing was. An alias that holds itself never ends."""
    count = 0
    levels: list[Any] = [members]
    for _ in range(MAX_NESTED):
        inner: list[Any] = []
        for value in levels:
            if isinstance(value, dict):
                inner += value.values()
            elif isinstance(value, list):
                inner += value
            if count + len(inner) > max(size, MIN_VALUES):
                return "its aliases stand for more values than it has characters"
        if not inner:
            return ""
        count, levels = count + len(inner), inner
    return f"its values stand more than {MAX_NESTED} deep in one another"


def _json(text: str) -> FrontMatter | None:
    """Front matter that is an object of JSON with an empty line below it, as Hugo allows."""
    import json

    try:
        members, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    below = LINE_BELOW.match(text, end)
    if below is None:
        return None
    trouble = _excess(members, end)
    return FrontMatter({} if trouble else members, below.end(), trouble)


def _toml(raw: str, end: int) -> FrontMatter:
    import tomllib

    if trouble := _too_much(raw):
        return FrontMatter({}, end, trouble)
    try:
        members = tomllib.loads(raw)
    except (ValueError, RecursionError) as error:
        return FrontMatter({}, end, str(error))
    trouble = _excess(members, len(raw))
    return FrontMatter({} if trouble else members, end, trouble)
