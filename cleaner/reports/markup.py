"""Patterns of markup and what goes into them in, markup out; all but markup is escaped on the way, so that no text can act on the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from string import Formatter
from urllib.parse import quote

# The ampersand first, for the others become one.
ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;"))


class Html(str):
    """Markup: what is put together here, drawn by `svg`, or ours."""

    __slots__ = ()


def escaped(value: object) -> str:
    """The value as text that can stand in an element or between quotation marks; markup as it is."""
    if isinstance(value, Html):
        return value
    text = str(value)
    # Several times as fast as a table of translations.
    for char, reference in ESCAPES:
        text = text.replace(char, reference)
    return text


def fill(pattern: str, **values: object) -> Html:
    """The pattern, of our own, with the values at the names in braces.

    >>> fill("<b>{name}</b>", name="<i>")
    '<b>&lt;i&gt;</b>'
    """
    return Html(pattern.format_map({name: escaped(value) for name, value in values.items()}))


def flowing(pattern: str, **values: object) -> Iterator[Html]:
    """The same in pieces: where a value is an iterator of markup, that passes by piece by piece, so that the whole is never in memory.

    >>> list(flowing("<ul>{items}</ul>", items=iter([Html("<li>1"), Html("<li>2")])))
    ['<ul>', '<li>1', '<li>2', '</ul>']
    """
    for literal, name in _cut(pattern):
        if literal:
            yield Html(literal)
        if name is None:
            continue
        value = values[name]
        if isinstance(value, Iterator):
            yield from value
        else:
            yield Html(escaped(value))


@lru_cache(maxsize=64)
def _cut(pattern: str) -> list[tuple[str, str | None]]:
    """What stands before each name of a pattern, and the name."""
    return [(literal, name) for literal, name, _, _ in Formatter().parse(pattern)]


def joined(parts: Iterable[Html]) -> Html:
    return Html("".join(parts))


def when(wanted: object, markup: str) -> Html:
    """Markup of our own, where it is wanted."""
    return Html(markup if wanted else "")


def link(path: str) -> str:
    """A path as a relative address."""
    return quote(path)
