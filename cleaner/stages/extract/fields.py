"""Named members of a wrapper or a front matter in, metadata out: one visible table says which names mean what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from html import unescape
from types import MappingProxyType
from typing import Any, NamedTuple

from cleaner.model.documents import Metadata

# The first name that has a value wins; a dot steps into a member. Names are compared without case, `_`, `-` and spaces: `publishedAt` is `published_at`.
NAMES: dict[str, tuple[str, ...]] = {
    "title": (
        "title.rendered", "title", "headline", "name", "headlines.main", "headline.main", "headline.rendered", "og:title", "subject", "meta_title", "post_title",
        "web_title", "properties.title.title", "properties.name.title", "metadata.title", "meta.title",
        "titel", "\u00fcberschrift", "titre", "titulo", "t\u00edtulo", "titolo", "\u6807\u9898", "\u6a19\u984c", "\u30bf\u30a4\u30c8\u30eb", "\u0437\u0430\u0433\u043e\u043b\u043e\u0432\u043e\u043a",
    ),
    "author": (
        "author", "authors", "byline.original", "byline", "creator", "dc:creator", "by", "from", "writer", "author_name", "primary_author", "published_bylines", "_embedded.author",
        "metadata.author", "metadata.authors", "meta.author", "canonical_source.author",
        "autor", "autorin", "auteur", "autore", "\u4f5c\u8005", "\u8457\u8005", "\u0430\u0432\u0442\u043e\u0440",
    ),
    "date": (
        "published_at", "date_published", "publish_date", "published_date", "publication_date", "date_publish", "published_time", "article_published_time", "published", "pub_date",
        "post_date_gmt", "post_date", "date_gmt", "date",
        "dc:date", "dcterms:created", "versioncreated", "firstcreated", "first_publication_date", "web_publication_date", "first_published_at", "display_date",
        "published_on", "properties.date.date.start", "created_at", "created", "created_time", "date_created", "estimated_date", "timestamp", "created_utc",
        "metadata.date", "metadata.published", "metadata.published_at", "metadata.published_time", "meta.date", "canonical_source.published_at", "canonical_source.date",
        "datum", "date_publication", "date_de_publication", "fecha", "data_pubblicazione", "\u65e5\u671f", "\u53d1\u5e03\u65f6\u95f4", "\u65e5\u4ed8", "\u0434\u0430\u0442\u0430",
    ),
    "updated": (
        "updated_at", "date_modified", "modified_gmt", "post_modified_gmt", "modified", "date_modify", "updated", "changed", "update_date", "last_modified", "lastmod", "last_updated",
        "modified_time", "last_edited_time", "metadata.updated", "metadata.modified", "metadata.modified_time",
    ),
    "section": ("section", "article_section", "section_name", "rubric", "rubrik", "rubrique", "category", "categories.0.name", "primary_section.name", "primary_tag.name", "_embedded.wp:term.0.0.name", "metadata.section"),
    "lang": ("lang", "language", "in_language", "human_language", "meta_lang", "langcode", "locale", "sys.locale", "metadata.lang", "metadata.language", "sprache", "langue"),
    "description": (
        "description", "summary", "excerpt.rendered", "excerpt", "standfirst", "subtitle", "abstract", "dek", "teaser", "description_text", "meta_description",
        "trail_text", "og_description", "post_excerpt", "metadata.description", "metadata.summary",
    ),
    "tags": ("tags", "tag_list", "topics", "keywords", "meta_keywords", "_embedded.wp:term", "properties.tags.multi_select", "categories", "category", "taxonomy.tags", "metadata.tags", "metadata.keywords"),
    "publisher": (
        "publisher.name", "publisher", "source.name", "source.title", "site_name", "sitename", "og:site_name", "og_site_name", "source-hostname", "provider", "publication", "outlet", "infosources.0.name",
        "metadata.publisher", "metadata.site_name", "metadata.og_site_name", "canonical_source.publisher", "canonical_source.name",
    ),
    "url": (
        "url", "link", "permalink", "main_entity_of_page.@id", "main_entity_of_page", "web_url", "page_url", "source_url", "website_url", "original_url",
        "snapshot-content-location", "content-location", "uri", "href", "guid", "source", "metadata.url", "metadata.source_url", "meta.url",
    ),
    "canonical_url": ("canonical_source", "canonical_url", "canonical", "canonical_link", "external_url", "metadata.canonical_url"),
}  # fmt: skip
UNSPOKEN = str.maketrans("", "", "_- ")
LISTS = frozenset({"author", "tags"})
DATES = frozenset({"date", "updated"})
TAG = re.compile(r"<[^<>]+>")
# Members that are called `en-US` and `de-DE` say one thing in several languages.
LOCALE = re.compile(r"[a-z]{2}[-_][A-Z]{2}")
MAX_LOCALES = 40
# What the name of a person or thing is called in its object, and what may stand around it.
NAMED = ("name", "rendered", "term", "title", "plain_text", "label", "display_name")
AROUND = ("node", "nodes", "data", "attributes", "items", "edges")
LANGUAGE = re.compile(
    r"(?P<language>[A-Za-z]{2,3})(?:[-_](?P<script>[A-Za-z]{4}))?(?:[-_](?P<region>[A-Za-z]{2}|\d{3}))?(?:[.@][\w-]+)?"
)
TAG_OF = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "fran\u00e7ais": "fr", "spanish": "es", "espa\u00f1ol": "es", "italian": "it", "italiano": "it",
    "portuguese": "pt", "portugu\u00eas": "pt", "dutch": "nl", "nederlands": "nl", "swedish": "sv", "svenska": "sv", "danish": "da", "dansk": "da", "norwegian": "no", "norsk": "no",
    "finnish": "fi", "suomi": "fi", "polish": "pl", "polski": "pl", "czech": "cs", "hungarian": "hu", "romanian": "ro", "turkish": "tr", "russian": "ru", "ukrainian": "uk",
    "greek": "el", "arabic": "ar", "hebrew": "he", "hindi": "hi", "chinese": "zh", "japanese": "ja", "korean": "ko", "thai": "th", "vietnamese": "vi", "indonesian": "id",
}  # fmt: skip
# What WordPress adds to each teaser.
APPEARED = re.compile(r"(?<!\s)\s*\bThe post .{1,300} appeared first on .{1,200}\.$")
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
            if name == "lang":
                strings = [language_tag(strings[0])]
            if name == "description":
                strings = [APPEARED.sub("", strings[0]) or strings[0]]
            found[name] = tuple(dict.fromkeys(strings)) if name in LISTS else strings[0]
            pointers.append(pointer)
            break
    return Mapped(replace(Metadata(), **found), tuple(pointers), tuple(bad_dates))


def at_path(members: Any, path: str) -> tuple[str, Any]:
    """The value at a dotted path and its JSON Pointer; a name that holds the dot itself is tried first. No pointer where there is nothing.

    Where a member says the same in several languages (Contentful), the first is taken.
    """
    if isinstance(members, dict) and path in members:
        return _spoken_once("/" + escaped(path), members[path])
    pointer, value = "", members
    for step in path.split("."):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and (name := _member(value, step)) is not None:
            value, step = value[name], name
        else:
            return "", None
        pointer, value = _spoken_once(f"{pointer}/{escaped(step)}", value)
    return pointer, value


def _spoken_once(pointer: str, value: Any) -> tuple[str, Any]:
    """A value as it is, or what it is in the first of the languages that it is an object of."""
    if isinstance(value, dict) and 0 < len(value) <= MAX_LOCALES and all(map(LOCALE.fullmatch, value)):
        name = next(iter(value))
        return f"{pointer}/{escaped(name)}", value[name]
    return pointer, value


def _member(members: dict[str, Any], step: str) -> str | None:
    """The name that a member has which is called so, or nearly so."""
    if step in members:
        return step
    plain = _plain(step)
    return next((name for name in members if len(name) <= len(step) + 6 and _plain(name) == plain), None)


def _plain(name: str) -> str:
    # An index has a whole record in `_source`, which is not where an article is from.
    return name if name == "_source" else name.lower().translate(UNSPOKEN)


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
                yield from filter(None, [_plain_text(item)])
            else:
                yield from _strings(item, name)
    elif isinstance(value, dict):
        yield from _strings(_named(value, name), name)
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        # Numbers are a title or a time stamp at the most; an identity of an author or a category says nothing.
        if name in ("title", *DATES):
            yield str(value)
    else:
        string = _plain_text(str(value))
        if name == "tags" and ("," in string or ";" in string):
            yield from (tag for part in re.split(r"[,;]", string) if (tag := part.strip()))
        elif name == "author":
            yield from authors_of(string)
        elif string:
            yield string


def _named(value: dict[str, Any], name: str) -> Any:
    """What an object is called. Where it leads to (`@id`) is an address at the most."""
    names = (*NAMED, "@id", "url") if name in ADDRESSES else NAMED
    if key := next((key for key in names if key in value), ""):
        return value[key]
    if around := next((key for key in AROUND if isinstance(value.get(key), dict | list)), ""):
        return value[around]
    is_mapping = name in LISTS and all(isinstance(member, dict) for member in value.values())
    return list(value.values()) if is_mapping else None


def _plain_text(value: str) -> str:
    """A value without its markup, on one line."""
    text = TAG.sub("", value)
    return " ".join((unescape(text) if "&" in text else text).split())


def language_tag(said: str) -> str:
    """A language as a tag of BCP 47, where it is one or is spelled out; else as it is said.

    >>> language_tag("en_GB.UTF-8"), language_tag("German"), language_tag("zh-hant-tw")
    ('en-GB', 'de', 'zh-Hant-TW')
    """
    tag = TAG_OF.get(said.strip().lower(), said.strip())
    found = LANGUAGE.fullmatch(tag)
    if not found:
        return tag
    steps = found["language"].lower(), (found["script"] or "").title(), (found["region"] or "").upper()
    return "-".join(filter(None, steps))


def authors_of(byline: str) -> list[str]:
    """The names in a byline, without its "By".

    >>> authors_of("By Ann Orr and Ben Hale")
    ['Ann Orr', 'Ben Hale']
    """
    byline = re.sub(r"^\s*(?:by|von|par|por)\s+", "", byline, flags=re.IGNORECASE)
    names = re.split(r"(?:;|,(?!\s*(?:jr|sr|phd|md)\b)|\band\b|&|\bund\b|\bet\b)", byline, flags=re.IGNORECASE)
    return [name.strip() for name in names if name.strip()]


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
