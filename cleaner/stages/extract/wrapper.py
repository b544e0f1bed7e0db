"""A parsed JSON value in, its records out, and for each record the article's body, its format, and its metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from cleaner.stages.extract.fields import Mapped, map_fields


class Format(StrEnum):
    """The format of a text."""

    PLAIN = "plain"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


class Wrapper(NamedTuple):
    """A common way to wrap an article in JSON: the path of its body, and the body's format (None: told by its content)."""

    name: str
    body: str
    format: Format | None


# The order is the preference: a Markdown or text body says more than the same body as HTML.
WRAPPERS = (
    Wrapper("body_md", "body_md", Format.MARKDOWN),
    Wrapper("dev.to", "body_markdown", Format.MARKDOWN),
    Wrapper("markdown", "markdown", Format.MARKDOWN),
    Wrapper("markdown", "content_md", Format.MARKDOWN),
    Wrapper("schema.org", "articleBody", None),
    Wrapper("JSON Feed", "content_html", Format.HTML),
    Wrapper("JSON Feed", "content_text", Format.PLAIN),
    Wrapper("WordPress REST", "content.rendered", Format.HTML),
    Wrapper("ninjs", "body_html", Format.HTML),
    Wrapper("ninjs", "body_xhtml", Format.HTML),
    Wrapper("ninjs", "body_text", Format.PLAIN),
    Wrapper("Readability", "textContent", Format.PLAIN),
    Wrapper("Diffbot", "objects.0.text", Format.PLAIN),
    Wrapper("Zyte", "article.articleBody", Format.PLAIN),
    Wrapper("Zyte", "articleBodyHtml", Format.HTML),
    Wrapper("newspaper", "text", None),
    Wrapper("trafilatura", "raw_text", Format.PLAIN),
    Wrapper("generic", "body", None),
    Wrapper("generic", "content", None),
    Wrapper("generic", "full_text", None),
    Wrapper("generic", "body_text", Format.PLAIN),
    Wrapper("generic", "html", Format.HTML),
    Wrapper("generic", "article", None),
    Wrapper("generic", "story", None),
)  # fmt: skip
ENVELOPES = ("data", "article", "response", "result", "post", "item", "document", "page")
COLLECTIONS = (
    "items",
    "articles",
    "records",
    "results",
    "posts",
    "entries",
    "documents",
    "data",
    "rows",
    "value",
    "docs",
)
PARAGRAPHS = re.compile(r"<(?:p|div|article|section|h[1-6]|ul|ol|br|blockquote|table)\b", re.IGNORECASE)
MARKDOWN_SIGNS = re.compile(r"^#{1,6} \S|\]\((?:https?:|/)|^\s*[-*] \S|\*\*\S[^*\n]*\*\*|^> \S|^```", re.MULTILINE)
TAG = re.compile(r"\s*<(?:[a-z][a-z0-9]*[\s/>]|!--|!doctype\b)", re.IGNORECASE)
# Fewer tags of blocks than this, inside a text, are markup that Markdown allows or that the text speaks of.
MIN_BLOCK_TAGS = 3
# Below this many characters a string is no article.
MIN_PROSE = 80


class Body(NamedTuple):
    """The text of an article in a record: its JSON Pointer, the decoded string, its format, and the wrapper's name."""

    pointer: str
    text: str
    format: Format
    wrapper: str


class Record(NamedTuple):
    """One article in a JSON value: the JSON Pointer of the record, and its value."""

    pointer: str
    value: Any


def records_of(value: Any) -> list[Record]:
    """The records of a JSON value: the value itself, the items of a list, or those of a member that holds a list of objects."""
    if isinstance(value, list):
        return (
            [Record(f"/{index}", item) for index, item in enumerate(value)]
            if any(isinstance(item, dict) for item in value)
            else [Record("", value)]
        )
    if isinstance(value, dict) and find_body(value, guess=False) is None:
        for name in COLLECTIONS:
            items = value.get(name)
            if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
                return [Record(f"/{name}/{index}", item) for index, item in enumerate(items)]
    return [Record("", value)]


def find_body(value: Any, *, guess: bool = True) -> Body | None:
    """The body of the article in a record: by the table, inside an envelope, or (a guess) the longest string of prose."""
    if isinstance(value, str):
        return Body("", value, format_of(value), "string")
    for wrapper in WRAPPERS:
        pointer, text = _string_at(value, wrapper.body)
        if text.strip():
            return Body(pointer, text, wrapper.format or format_of(text), wrapper.name)
    if isinstance(value, dict):
        for name in ENVELOPES:
            if isinstance(value.get(name), dict) and (body := find_body(value[name], guess=False)):
                return body._replace(pointer=f"/{name}{body.pointer}")
    if not guess:
        return None
    longest = max(_strings(value, ""), key=lambda found: len(found[1]), default=("", ""))
    if len(longest[1]) < MIN_PROSE or " " not in longest[1]:
        return None
    return Body(*longest, format_of(longest[1]), "longest string")


def metadata_of(value: Any, body: Body) -> Mapped:
    """The metadata of a record: of the object that holds the body first, and what that lacks from the record itself."""
    mapped = map_fields(value) if isinstance(value, dict) else map_fields({})
    envelope = body.pointer.split("/")[1] if body.pointer.count("/") > 1 else ""
    if isinstance(value, dict) and isinstance(value.get(envelope), dict) and envelope in ENVELOPES:
        inner = map_fields(value[envelope])
        pointers = tuple(f"/{envelope}{pointer}" for pointer in inner.pointers)
        mapped = Mapped(
            inner.metadata.filled(mapped.metadata), (*pointers, *mapped.pointers), (*inner.bad_dates, *mapped.bad_dates)
        )
    return mapped._replace(pointers=tuple(pointer for pointer in mapped.pointers if pointer != body.pointer))


def format_of(text: str) -> Format:
    """The format of a body, told by its content."""
    is_marked_down = bool(MARKDOWN_SIGNS.search(text))
    blocks = len(PARAGRAPHS.findall(text[:5000]))
    if (
        blocks
        and re.search(r"</\w+>|<br", text)
        and (TAG.match(text) or (blocks >= MIN_BLOCK_TAGS and not is_marked_down))
    ):
        return Format.HTML
    return Format.MARKDOWN if is_marked_down else Format.PLAIN


def string_members(value: Any) -> list[tuple[str, str]]:
    """Every string in a JSON value with its JSON Pointer."""
    return list(_strings(value, ""))


def value_at(value: Any, pointer: str) -> Any:
    """The value at a JSON Pointer (RFC 6901); KeyError where there is none."""
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def _string_at(value: Any, path: str) -> tuple[str, str]:
    pointer = ""
    for step in path.split("."):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return "", ""
        pointer += f"/{step}"
    return (pointer, value) if isinstance(value, str) else ("", "")


def _strings(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _strings(member, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _strings(member, f"{pointer}/{index}")
