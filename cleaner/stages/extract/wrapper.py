"""A parsed JSON value in, its records out, and for each record the article's body, its format, and its metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from cleaner.containers.loose import value_at
from cleaner.model.documents import Metadata
from cleaner.stages.extract.fields import Mapped, at_path, escaped, looked_for, map_fields, may_hold, spoken
from cleaner.stages.extract.rich import is_parts, is_rich, text_size


class Format(StrEnum):
    """The format of a text."""

    PLAIN = "plain"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"
    BLOCKS = "blocks"


class Wrapper(NamedTuple):
    """A way to wrap an article: the dotted path of its body, the body's format (None: told by its content), and paths of metadata that only it uses."""

    name: str
    body: str
    format: Format | None = None
    metadata: tuple[tuple[str, str], ...] = ()


# The order is the preference: a Markdown or text body says more than the same body as HTML. Names are compared without case, `_`, `-` and spaces, so
# `bodyMarkdown` and `Body Markdown` are `body_markdown`. What metadata is usually called stands in `fields.NAMES`.
WRAPPERS = (
    Wrapper("body_md", "body_md", Format.MARKDOWN),
    Wrapper("dev.to", "body_markdown", Format.MARKDOWN),
    Wrapper("markdown", "markdown", Format.MARKDOWN),
    Wrapper("markdown", "content_md", Format.MARKDOWN),
    Wrapper("markdown", "content_markdown", Format.MARKDOWN),
    Wrapper("Zyte", "articleBodyHtml", Format.HTML),
    Wrapper("schema.org", "articleBody"),
    Wrapper("RSS", "content:encoded", Format.HTML),
    Wrapper("JSON Feed", "content_html", Format.HTML),
    Wrapper("JSON Feed", "content_text", Format.PLAIN),
    Wrapper("WordPress REST", "content.rendered", Format.HTML, (("publisher", "yoast_head_json.og_site_name"), ("author", "yoast_head_json.author"), ("lang", "yoast_head_json.og_locale"))),
    Wrapper("WordPress", "post_content", Format.HTML),
    Wrapper("ninjs", "body_html", Format.HTML),
    Wrapper("ninjs", "body_xhtml", Format.HTML),
    Wrapper("ninjs 2", "bodies.0.value", None, (("title", "headlines.0.value"), ("description", "descriptions.0.value"))),
    Wrapper("Diffbot", "objects.0.html", Format.HTML),
    Wrapper("Diffbot", "objects.0.text", Format.PLAIN),
    Wrapper("Drupal JSON:API", "body.processed", Format.HTML),
    Wrapper("Drupal JSON:API", "body.value"),
    Wrapper("MediaWiki", "text.*", Format.HTML),
    Wrapper("MediaWiki", "extract"),
    Wrapper("Arc ANS", "content_elements", Format.BLOCKS, (("title", "headlines.basic"), ("description", "description.basic"), ("author", "credits.by"))),
    Wrapper("Medium", "content.bodyModel.paragraphs", Format.BLOCKS),
    Wrapper("Gutenberg", "content.raw", Format.HTML),
    Wrapper("news-please", "maintext", Format.PLAIN),
    Wrapper("Dolma", "text"),
    Wrapper("trafilatura", "raw_text", Format.PLAIN),
    Wrapper("Reddit", "selftext", Format.MARKDOWN),
    Wrapper("generic", "body"),
    Wrapper("generic", "content"),
    Wrapper("Contentful GraphQL", "body.json", Format.BLOCKS),
    Wrapper("Contentful GraphQL", "content.json", Format.BLOCKS),
    Wrapper("ninjs", "body_text", Format.PLAIN),
    Wrapper("Readability", "textContent", Format.PLAIN),
    Wrapper("LangChain", "page_content"),
    Wrapper("generic", "full_text"),
    Wrapper("generic", "article_text"),
    Wrapper("generic", "article_body"),
    Wrapper("generic", "article_content"),
    Wrapper("generic", "main_text"),
    Wrapper("generic", "clean_text"),
    Wrapper("generic", "html", Format.HTML),
    Wrapper("generic", "raw_html", Format.HTML),
    Wrapper("generic", "html_content", Format.HTML),
    Wrapper("generic", "article_html", Format.HTML),
    Wrapper("Ghost", "lexical", Format.BLOCKS),
    Wrapper("Ghost", "mobiledoc", Format.BLOCKS),
    Wrapper("Tiptap", "content_json", Format.BLOCKS),
    Wrapper("generic", "body_plain", Format.PLAIN),
    Wrapper("generic", "plaintext", Format.PLAIN),
    Wrapper("generic", "article"),
    Wrapper("generic", "story"),
    Wrapper("generic", "blocks", Format.BLOCKS),
    Wrapper("generic", "paragraphs", Format.BLOCKS),
    Wrapper("generic", "sections", Format.BLOCKS),
    Wrapper("generic", "pages", Format.BLOCKS),
    *(
        Wrapper("generic", name)
        for name in ("inhalt", "volltext", "contenu", "texte", "contenido", "texto", "testo", "contenuto", "\u6b63\u6587", "\u5185\u5bb9", "\u672c\u6587", "\u0442\u0435\u043a\u0441\u0442")
    ),
)  # fmt: skip
BODY_NAMES = tuple(looked_for(wrapper.body) for wrapper in WRAPPERS)
# What may stand around an article, and around a list of them.
ENVELOPES = (
    "data", "article", "response", "result", "post", "item", "document", "page", "story", "entry", "node", "attributes", "fields", "_source", "payload",
    "record", "row", "props", "pageProps", "parse", "content", "body", "value", "hits", "feed", "query", "rss", "channel",
)  # fmt: skip
COLLECTIONS = (
    "items", "articles", "records", "results", "posts", "entries", "documents", "data", "rows", "value", "docs", "stories", "pages", "nodes", "hits",
    "children", "edges", "content", "result", "response", "item", "entry", "@graph",
)  # fmt: skip
# An object that is called so and has its text in parts is one article; others are a list of texts.
TITLES = frozenset(("title", "headline"))
# Of these lists only the items that are articles are meant.
MIXED = ("@graph",)
MAX_ENVELOPES = 4
PARAGRAPHS = re.compile(r"<(?:p|div|article|section|h[1-6]|ul|ol|br|blockquote|table)\b", re.IGNORECASE)
# Bullets alone make no Markdown: a plain text has them too, and its lines are paragraphs more often than not.
BULLETS = re.compile(r"^[^\S\n]*[-*] \S", re.MULTILINE)
MARKDOWN_SIGNS = re.compile(r"^#{1,6} \S|\]\((?:https?:|/)|\*\*\S[^*\n]*\*\*|^> \S|^```", re.MULTILINE)
TAG = re.compile(r"\s*<(?:[a-z][a-z0-9]*[\s/>]|!--|!doctype\b)", re.IGNORECASE)
# Fewer tags of blocks than this, inside a text, are markup that Markdown allows or that the text speaks of.
MIN_BLOCK_TAGS = 3
# Below this many characters a string is no article.
MIN_PROSE = 80


class Body(NamedTuple):
    """The text of an article in a record: its JSON Pointer, the decoded string or the tree of nodes, its format, and the wrapper that it was found by."""

    pointer: str
    content: Any
    format: Format
    wrapper: Wrapper

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else ""


STRING = Wrapper("string", "")
UNKNOWN = Wrapper("longest text", "")


class Record(NamedTuple):
    """One article in a JSON value: the JSON Pointer of the record, its value, and what the list that it stands in says of all."""

    pointer: str
    value: Any
    above: Metadata = Metadata()


def records_of(value: Any, wrappers: Sequence[Wrapper] = ()) -> list[Record]:
    """The records of a JSON value: the value itself, the items of a list, or those of a member that holds a list of objects."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value) and not is_rich(value):
        return [Record(f"/{index}", item) for index, item in enumerate(value) if item is not None]
    found = _collection(value, "", wrappers, MAX_ENVELOPES) if isinstance(value, dict) else []
    return found or _around_longest(value, wrappers) or [Record("", value)]


def _around_longest(value: Any, wrappers: Sequence[Wrapper]) -> list[Record]:
    """The records in a list, or an object, of an unknown name: each is called something and has a body by name, and the longest text lies in one of them."""
    if not isinstance(value, dict) or find_body(value, wrappers, guess=False) or not (longest := _longest(value)):
        return []
    holder, pointer = value, ""
    for step in longest.pointer.split("/")[1:]:
        items = holder.items() if isinstance(holder, dict) else enumerate(holder)
        found = [(name, item) for name, item in items if isinstance(item, dict) and _is_article(item, wrappers)]
        if (
            isinstance(holder, list | dict)
            and 2 * len(found) > len(holder)
            and (isinstance(holder, list) or len(found) > 1 or step.isdigit())
        ):
            return [Record(f"{pointer}/{escaped(str(name))}", item) for name, item in found]
        holder, pointer = value_at(holder, f"/{step}"), f"{pointer}/{step}"
        if not isinstance(holder, list | dict):
            break
    return []


def _is_article(item: dict[str, Any], wrappers: Sequence[Wrapper]) -> bool:
    body = find_body(item, wrappers, guess=False)
    return body is not None and bool(metadata_of(item, body).metadata.title)


def _collection(value: dict[str, Any], pointer: str, wrappers: Sequence[Wrapper], depth: int) -> list[Record]:
    """The records in a member of an object that is no article itself, or in an envelope inside it."""
    if find_body(value, wrappers, guess=False) is not None:
        return []
    for name in COLLECTIONS:
        items = value.get(name)
        if (
            isinstance(items, list)
            and not is_rich(items)
            and any(isinstance(item, dict) for item in items)
            and all(isinstance(item, dict | None) for item in items)
        ):
            above = above_of(value)
            records = [
                Record(f"{pointer}/{name}/{index}", item, above) for index, item in enumerate(items) if item is not None
            ]
            return _mixed(records, wrappers) if name in MIXED else records
    for name in ENVELOPES:
        if (
            depth
            and isinstance(value.get(name), dict)
            and (found := _collection(value[name], f"{pointer}/{name}", wrappers, depth - 1))
        ):
            return found
    return []


def _mixed(records: Sequence[Record], wrappers: Sequence[Wrapper]) -> list[Record]:
    """The articles among the nodes of a graph, with the names of the nodes that they refer to as their authors and publisher."""
    names = {node["@id"]: node["name"] for _, node, _ in records if {"@id", "name"} <= node.keys()}

    def named(value: Any) -> tuple[str, ...]:
        nodes = value if isinstance(value, list) else [value]
        found = (names.get(node.get("@id")) for node in nodes if isinstance(node, dict) and "name" not in node)
        return tuple(name for name in found if isinstance(name, str))

    return [
        record._replace(
            above=Metadata(
                author=named(record.value.get("author")), publisher="".join(named(record.value.get("publisher"))[:1])
            ).filled(record.above)
        )
        for record in records
        if find_body(record.value, wrappers, guess=False)
    ]


def above_of(value: dict[str, Any]) -> Metadata:
    """What a feed says of all of its items: its title is their publisher."""
    said = map_fields(
        {name: value[name] for name in ("title", "language", "lang") if isinstance(value.get(name), str)}
    ).metadata
    return Metadata(publisher=said.title, lang=said.lang)


def find_body(
    value: Any, wrappers: Sequence[Wrapper] = (), *, guess: bool = True, depth: int = MAX_ENVELOPES
) -> Body | None:
    """The body of the article in a record: by `wrappers` and the table, inside an envelope, or (a guess) the longest string of prose."""
    if isinstance(value, str):
        return Body("", value, format_of(value), STRING)
    there = spoken(value)
    for wrapper in (*(own for own in wrappers if may_hold(there, own.body)), *_possible(there)):
        pointer, found = at_path(value, wrapper.body)
        if isinstance(found, str) and found.strip() and wrapper.format is not Format.BLOCKS:
            return Body(pointer, found, wrapper.format or format_of(found), wrapper)
        if wrapper.format in (None, Format.BLOCKS) and (
            _is_body(found) or (is_parts(found) and not there.isdisjoint(TITLES))
        ):
            return Body(pointer, found, Format.BLOCKS, wrapper)
    if is_rich(value):
        return Body("", value, Format.BLOCKS, STRING)
    if isinstance(value, dict) and depth:
        for name in ENVELOPES:
            inner = value.get(name)
            if isinstance(inner, dict) and (body := find_body(inner, wrappers, guess=False, depth=depth - 1)):
                return body._replace(pointer=f"/{name}{body.pointer}")
    return _longest(value) if guess else None


def _possible(there: frozenset[str]) -> Iterator[Wrapper]:
    """The wrappers of the table whose body can be in an object with members of these names."""
    for wrapper, names in zip(WRAPPERS, BODY_NAMES, strict=True):
        if not there.isdisjoint(names):
            yield wrapper


def _is_body(found: Any) -> bool:
    """Whether a member that is no string is a text all the same: a tree of nodes, or a list of paragraphs."""
    return is_rich(found) or (
        isinstance(found, list)
        and bool(found)
        and all(isinstance(item, str) for item in found)
        and any(" " in item for item in found)
    )


def _longest(value: Any) -> Body | None:
    """The longest text of a record that is prose: a string with spaces between its words (or of a script without), or a tree of nodes."""
    texts = [(pointer, text) for pointer, text in _strings(value, "") if len(text) >= MIN_PROSE and _is_prose(text)]
    pointer, text = max(texts, key=lambda found: len(found[1]), default=("", ""))
    trees = [(place, tree) for place, tree in _trees(value, "", 0) if text_size(tree) > max(len(text), MIN_PROSE)]
    if trees:
        return Body(*max(trees, key=lambda found: text_size(found[1])), Format.BLOCKS, UNKNOWN)
    return Body(pointer, text, format_of(text), UNKNOWN) if text else None


def _is_prose(text: str) -> bool:
    """Not one long word, such as an address or a key; scripts that write no spaces have sentences."""
    return " " in text.strip() or any(
        char in text for char in "\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH COMMA}\N{IDEOGRAPHIC COMMA}"
    )


def _trees(value: Any, pointer: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > 12 or not isinstance(value, dict | list):
        return
    if is_rich(value):
        yield pointer, value
        return
    for name, member in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _trees(member, f"{pointer}/{escaped(str(name))}", depth + 1)


def metadata_of(value: Any, body: Body) -> Mapped:
    """The metadata of a record: of the object that holds the body first, and what that lacks from those around it."""
    mapped = map_fields({})
    steps = body.pointer.split("/")[1:]
    for count in range(len(steps), -1, -1):
        pointer = "".join(f"/{step}" for step in steps[:count])
        holder = value_at(value, pointer)
        if isinstance(holder, dict) and not (count == len(steps) and body.pointer):
            own = map_fields(holder, dict(body.wrapper.metadata))
            mapped = Mapped(
                mapped.metadata.filled(own.metadata),
                (*mapped.pointers, *(f"{pointer}{found}" for found in own.pointers)),
                (*mapped.bad_dates, *own.bad_dates),
            )
    return mapped._replace(
        pointers=tuple(pointer for pointer in dict.fromkeys(mapped.pointers) if pointer != body.pointer)
    )


def format_of(text: str) -> Format:
    """The format of a body, told by its content."""
    is_marked_down = bool(MARKDOWN_SIGNS.search(text))
    blocks = len(PARAGRAPHS.findall(text[:5000]))
    if (
        blocks
        and re.search(r"</\w+>|<br", text)
        and (TAG.match(text) or (blocks >= MIN_BLOCK_TAGS and not is_marked_down and not BULLETS.search(text)))
    ):
        return Format.HTML
    return Format.MARKDOWN if is_marked_down else Format.PLAIN


def string_members(value: Any) -> list[tuple[str, str]]:
    """Every string in a JSON value with its JSON Pointer."""
    return list(_strings(value, ""))


def _strings(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _strings(member, f"{pointer}/{escaped(name)}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _strings(member, f"{pointer}/{index}")
