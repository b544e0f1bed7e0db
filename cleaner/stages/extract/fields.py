"""Named members of a wrapper or a front matter in, metadata out: one visible table says which names mean what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from cleaner.model.documents import Metadata

# The first name that has a value wins; a dot steps into a member. Names are compared without case, `_`, `-` and spaces: `publishedAt` is `published_at`.
NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title.rendered", "title", "headline", "name", "headlines.main", "headline.main", "headline.rendered", "og:title", "subject", "meta_title", "metadata.title", "meta.title"),
    "author": (
        "author", "authors", "byline", "creator", "dc:creator", "by", "from", "writer", "author_name", "primary_author", "_embedded.author",
        "metadata.author", "metadata.authors", "meta.author",
    ),
    "date": (
        "published_at", "date_published", "publish_date", "published_date", "publication_date", "published", "pub_date", "date_gmt", "date",
        "dc:date", "dcterms:created", "versioncreated", "firstcreated", "first_publication_date", "web_publication_date", "first_published_at", "display_date",
        "published_on", "created_at", "created", "date_created", "estimated_date", "timestamp", "created_utc",
        "metadata.date", "metadata.published", "metadata.published_at", "meta.date",
    ),
    "updated": ("updated_at", "date_modified", "modified_gmt", "modified", "updated", "update_date", "last_modified", "lastmod", "last_updated", "metadata.updated", "metadata.modified"),
    "section": ("section", "article_section", "section_name", "rubric", "category", "categories.0.name", "primary_section.name", "metadata.section"),
    "lang": ("lang", "language", "in_language", "human_language", "meta_lang", "locale", "metadata.lang", "metadata.language"),
    "description": (
        "description", "summary", "excerpt.rendered", "excerpt", "standfirst", "subtitle", "abstract", "dek", "teaser", "description_text", "meta_description",
        "trail_text", "metadata.description", "metadata.summary",
    ),
    "tags": ("tags", "tag_list", "topics", "keywords", "meta_keywords", "categories", "category", "taxonomy.tags", "metadata.tags", "metadata.keywords"),
    "publisher": ("publisher.name", "publisher", "source.name", "source.title", "site_name", "sitename", "og:site_name", "provider", "publication", "outlet", "metadata.publisher", "metadata.site_name"),
    "url": (
        "url", "link", "permalink", "main_entity_of_page.@id", "main_entity_of_page", "web_url", "page_url", "source_url", "website_url", "original_url",
        "snapshot-content-location", "content-location", "uri", "href", "metadata.url", "metadata.source_url", "meta.url",
    ),
    "canonical_url": ("canonical_source", "canonical_url", "canonical", "canonical_link", "external_url", "metadata.canonical_url"),
}  # fmt: skip
UNSPOKEN = str.maketrans("", "", "_- ")
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


def map_fields(members: Any, paths: Mapping[str, str] = MappingProxyType({})) -> Mapped:
    """The metadata that the members of a wrapper or front matter hold; `paths` names members that are looked at before those of the table."""
    found: dict[str, Any] = {}
    pointers: list[str] = []
    bad_dates = []
    there = spoken(members)
    for name, usual in NAMES.items():
        for path in (paths[name], *usual) if name in paths else usual:
            if not may_hold(there, path):
                continue
            pointer, value = at_path(members, path)
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


def at_path(members: Any, path: str) -> tuple[str, Any]:
    """The value at a dotted path and its JSON Pointer; a name that holds the dot itself is tried first. No pointer where there is nothing."""
    if isinstance(members, dict) and path in members:
        return "/" + escaped(path), members[path]
    pointer, value = "", members
    for step in path.split("."):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and (name := _member(value, step)) is not None:
            value, step = value[name], name
        else:
            return "", None
        pointer += "/" + escaped(step)
    return pointer, value


def _member(members: dict[str, Any], step: str) -> str | None:
    """The name that a member has which is called so, or nearly so."""
    if step in members:
        return step
    plain = _plain(step)
    return next((name for name in members if len(name) <= len(step) + 6 and _plain(name) == plain), None)


def _plain(name: str) -> str:
    return name.lower().translate(UNSPOKEN)


def spoken(members: Any) -> frozenset[str]:
    """The names of an object's members as they are compared; looked up once, for the many paths that lead nowhere."""
    return frozenset(map(_plain, members)) if isinstance(members, dict) else frozenset()


def looked_for(path: str) -> tuple[str, str]:
    """The names that a path can begin with, as they are compared: its first step, or all of it as the name of one member."""
    return _plain(path.split(".")[0]), _plain(path)


def may_hold(there: frozenset[str], path: str) -> bool:
    """Whether an object with members of these names can hold something at a path."""
    return not there.isdisjoint(LOOKED_FOR.get(path) or looked_for(path))


def escaped(step: str) -> str:
    """A name as a step of a JSON Pointer."""
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
    if not value:
        return ""
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


# Looked up once: most paths lead nowhere in most records.
LOOKED_FOR = {path: looked_for(path) for paths in NAMES.values() for path in paths}
