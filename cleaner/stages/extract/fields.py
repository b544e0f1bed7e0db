"""Named members of a wrapper or a front matter in, metadata out: one visible table says which names mean what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from cleaner.model.documents import Metadata

# The first name that has a value wins; a dot steps into a member.
NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title.rendered", "title", "headline", "name", "headlines.main", "headline.main", "og:title", "metadata.title"),
    "author": ("author", "authors", "byline", "creator", "dc:creator", "by", "metadata.author", "metadata.authors"),
    "date": (
        "published_at", "datePublished", "date_published", "publish_date", "published", "publishedAt", "pubDate", "date_gmt", "date",
        "versioncreated", "pub_date", "firstcreated", "created_at", "created", "estimatedDate", "metadata.date", "metadata.published",
    ),
    "updated": ("updated_at", "dateModified", "date_modified", "modified_gmt", "modified", "updated", "updatedAt", "lastmod", "metadata.updated"),
    "section": ("section", "articleSection", "section_name", "category", "categories.0.name", "metadata.section"),
    "lang": ("lang", "language", "inLanguage", "humanLanguage", "meta_lang", "metadata.lang", "metadata.language"),
    "description": ("description", "summary", "excerpt.rendered", "excerpt", "standfirst", "subtitle", "abstract", "description_text", "meta_description", "metadata.description"),
    "tags": ("tags", "topics", "keywords", "meta_keywords", "categories", "metadata.tags"),
    "publisher": ("publisher.name", "publisher", "source.name", "site_name", "siteName", "sitename", "og:site_name", "provider", "metadata.publisher"),
    "url": ("url", "link", "permalink", "mainEntityOfPage.@id", "mainEntityOfPage", "web_url", "pageUrl", "source_url", "metadata.url", "metadata.source_url"),
    "canonical_url": ("canonical_source", "canonical_url", "canonical", "canonicalUrl", "canonical_link", "canonicalLink", "external_url", "metadata.canonical_url"),
}  # fmt: skip
LISTS = frozenset({"author", "tags"})
DATES = frozenset({"date", "updated"})
TAG = re.compile(r"<[^>]+>")
ADDRESSES = frozenset({"url", "canonical_url"})
ADDRESS = re.compile(r"https?://[^\"<>]+", re.IGNORECASE)
FORMATS = (
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%B %d %Y",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%Y%m%dT%H%M%SZ",
    "%Y%m%d",
    "%b. %d, %Y",
)


class Mapped(NamedTuple):
    """Metadata, the JSON Pointers of the members that it came from, and the dates that can't be read (name, value)."""

    metadata: Metadata
    pointers: tuple[str, ...]
    bad_dates: tuple[tuple[str, str], ...]


def map_fields(members: Any) -> Mapped:
    """The metadata that the members of a wrapper or front matter hold."""
    found: dict[str, Any] = {}
    pointers: list[str] = []
    bad_dates = []
    for name, paths in NAMES.items():
        for path in paths:
            pointer, value = _at(members, path)
            strings = list(_strings(value, name))
            if name in ADDRESSES:
                strings = [string for string in strings if ADDRESS.fullmatch(string)]
            if not strings:
                continue
            if name in DATES:
                date = iso_date(strings[0])
                if not date:
                    bad_dates.append((path, strings[0]))
                    continue
                strings = [date]
            found[name] = tuple(dict.fromkeys(strings)) if name in LISTS else strings[0]
            pointers.append(pointer)
            break
    return Mapped(replace(Metadata(), **found), tuple(pointers), tuple(bad_dates))


def _at(members: Any, path: str) -> tuple[str, Any]:
    """The value at a dotted path and its JSON Pointer; a name that holds the dot itself is tried first."""
    if isinstance(members, dict) and path in members:
        return "/" + _escaped(path), members[path]
    pointer, value = "", members
    for step in path.split("."):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return "", None
        pointer += "/" + _escaped(step)
    return pointer, value


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _strings(value: Any, name: str) -> Iterator[str]:
    """The strings that a member holds: itself, those of its list, or the name of an object."""
    if isinstance(value, list):
        for item in value:
            if name == "author" and isinstance(item, str):
                # Somebody has told the names apart already: "Ann Orr, PhD" is one.
                yield from filter(None, [" ".join(TAG.sub("", item).split())])
            else:
                yield from _strings(item, name)
    elif isinstance(value, dict):
        yield from _strings(
            next((value[key] for key in ("name", "rendered", "term", "title", "@id", "url") if key in value), None),
            name,
        )
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        # Numbers are a title or a time stamp at the most; an identity of an author or a category says nothing.
        if name in ("title", *DATES):
            yield str(value)
    else:
        string = " ".join(TAG.sub("", str(value)).split())
        if name == "tags" and ("," in string or ";" in string):
            yield from (tag for part in re.split(r"[,;]", string) if (tag := part.strip()))
        elif name == "author":
            yield from authors_of(string)
        elif string:
            yield string


def authors_of(byline: str) -> list[str]:
    """The names in a byline, without its "By".

    >>> authors_of("By Ann Orr and Ben Hale")
    ['Ann Orr', 'Ben Hale']
    """
    byline = re.sub(r"^\s*(?:by|von|par|por)\s+", "", byline, flags=re.IGNORECASE)
    names = re.split(r"\s*(?:;|,(?!\s*(?:jr|sr|phd|md)\b)|\band\b|&|\bund\b|\bet\b)\s*", byline, flags=re.IGNORECASE)
    return [name for name in names if name]


def iso_date(value: str) -> str:
    """A date as ISO 8601, with its time where it has one; empty where it can't be read.

    >>> iso_date("2026-07-04 15:51:32+00:00"), iso_date("March 3, 2025"), iso_date("soon")
    ('2026-07-04T15:51:32+00:00', '2025-03-03', '')
    """
    value = value.strip()
    readers: tuple[Callable[[str], str], ...] = (_iso, _epoch, _mail, _spelled)
    for read in readers:
        try:
            if date := read(value):
                return date
        except (ValueError, TypeError, OverflowError, IndexError, OSError):
            continue
    return ""


def _iso(value: str) -> str:
    if not re.match(r"\d{4}-\d{2}-\d{2}", value):
        return ""
    if len(value) == 10:
        return datetime.fromisoformat(value).date().isoformat()
    # More than six digits of a second are more than Python reads.
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value)).isoformat()


def _epoch(value: str) -> str:
    if not re.fullmatch(r"\d{10}(?:\d{3})?(?:\.\d+)?", value):
        return ""
    from datetime import UTC

    seconds = int(value[:10])
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _mail(value: str) -> str:
    if not re.match(r"(?:[A-Z][a-z]{2},\s*)?\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4}\s+\d", value):
        return ""
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(value).isoformat()


def _spelled(value: str) -> str:
    plain = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", " ".join(value.split()))
    for form in FORMATS:
        try:
            return datetime.strptime(plain, form).date().isoformat()
        except ValueError:
            continue
    return ""
