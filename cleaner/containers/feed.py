"""An RSS or Atom feed in, the same as a value out: a mapping of what the feed says of itself, and a list of its items.

The value is what provenance points into: `/items/3/content:encoded` is the text of an element of the fourth item. Elements are named with the usual prefix of
their namespace; one that stands several times is a list, one with elements inside is a mapping, the others are their text.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.etree import _Element

ATOM = "http://www.w3.org/2005/Atom"
XHTML = "http://www.w3.org/1999/xhtml"
# Namespaces by the prefixes that everybody knows them by; the elements of a feed itself have none.
PREFIXES = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://wellformedweb.org/CommentAPI/": "wfw",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
}
OWN = frozenset(
    {"", ATOM, "http://purl.org/atom/ns#", "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/", "http://backend.userland.com/rss2"}
)  # fmt: skip
FEED = re.compile(
    # Atomic and possessive: a page of many comments must not be tried in every way to end them.
    r"\s*+(?:(?><\?[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>)\s*+)*+<(?:rss|(?:\w+:)?feed|rdf:RDF)\b",
    re.DOTALL,
)
DECLARATION = re.compile(r"<\?xml[^<>]*\?>")
# What a strict reader stumbles over in feeds that were put together by hand: stray ampersands, names of HTML's characters, control characters.
UNREADABLE = re.compile(
    r"(?P<kept><!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))|&(?P<name>[A-Za-z]\w*;)|&(?!#\d+;|#x[0-9A-Fa-f]+;)|[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]",
    re.DOTALL,
)
XML_NAMES = frozenset(("amp;", "lt;", "gt;", "quot;", "apos;"))
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


class Malformed(Exception):
    """The XML can't be read; `line` and `column` say where."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def is_feed(text: str) -> bool:
    """Whether the text is an RSS or Atom feed."""
    return bool(FEED.match(text))


def read_feed(text: str) -> dict[str, Any]:
    """The feed as a value. Raises Malformed. No entity that the file itself defines is expanded, and nothing is fetched."""
    text = DECLARATION.sub("", text.lstrip("\ufeff"), count=1)
    try:
        root = _parsed(text)
    except Malformed as error:
        mended = UNREADABLE.sub(_mended, text)
        if mended == text:
            raise
        try:
            root = _parsed(mended)
        except Malformed:
            raise error from None
    return _feed(root)


def _parsed(text: str) -> _Element:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise Malformed(str(error.msg).split(", line")[0], line or 1, column or 1) from None


def _mended(found: re.Match[str]) -> str:
    if found["kept"]:
        return found["kept"]
    name = found["name"]
    if name in XML_NAMES:
        return found.group()
    if name and name in html5:
        return "".join(f"&#{ord(char)};" for char in html5[name])
    return f"&amp;{found.group()[1:]}" if found.group().startswith("&") else ""


def _feed(root: _Element) -> dict[str, Any]:
    """The feed's own members, then its items: in Atom and RSS 1.0 beside them, in RSS 2.0 inside the channel."""
    channel = next((child for child in root if _name(child) == "channel"), root)
    members = [child for child in channel if _name(child) not in ("item", "entry")]
    items = [
        child for parent in dict.fromkeys((channel, root)) for child in parent if _name(child) in ("item", "entry")
    ]
    about = _mapping([child for child in members if not isinstance(child.tag, str) or _name(child) != "channel"])
    return {**about, "items": [_mapping(list(item)) for item in items]}


def _mapping(children: list[_Element]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in children:
        name = _name(child)
        if not name:
            continue
        value = _value(child, name)
        if name == "link" and isinstance(value, dict):
            # Atom's links say what they lead to; the one to the page itself is the item's own.
            name, value = (
                ("link", value["href"]) if value["rel"] == "alternate" and "link" not in found else ("links", value)
            )
        if name not in found:
            found[name] = [value] if name == "links" else value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _value(element: _Element, name: str) -> Any:
    if name == "link" and element.get("href"):
        return {"rel": element.get("rel", "alternate"), "href": str(element.get("href"))}
    if name == "category" and element.get("term"):
        return str(element.get("label") or element.get("term"))
    if element.get("type") == "xhtml" or any(_namespace(child) == XHTML for child in element):
        return _markup(element)
    if any(isinstance(child.tag, str) for child in element):
        return _mapping(list(element))
    text = _text(element)
    return (
        text
        if text or not element.attrib
        else {str(key).rsplit("}", 1)[-1]: str(value) for key, value in element.attrib.items()}
    )


def _text(element: _Element) -> str:
    """The text of an element; a reference to an entity of the file's own stays as it is written."""
    parts = [element.text or ""]
    for child in element:
        parts += [child.text or "", child.tail or ""]
    return "".join(parts)


def _markup(element: _Element) -> str:
    """The markup inside an element, as HTML."""
    from xml.sax.saxutils import escape, quoteattr

    parts = [escape(element.text or "")]
    for child in element:
        if isinstance(child.tag, str):
            name = child.tag.rsplit("}", 1)[-1]
            attributes = "".join(
                f" {str(key).rsplit('}', 1)[-1]}={quoteattr(str(value))}" for key, value in child.attrib.items()
            )
            parts.append(f"<{name}{attributes}>" if name in VOID else f"<{name}{attributes}>{_markup(child)}</{name}>")
        else:
            parts.append(escape(child.text or ""))
        parts.append(escape(child.tail or ""))
    return "".join(parts)


def _namespace(element: _Element) -> str:
    tag = element.tag
    return tag[1:].split("}", 1)[0] if isinstance(tag, str) and tag.startswith("{") else ""


def _name(element: _Element) -> str:
    """The name of an element with the prefix of its namespace; empty for what is no element."""
    if not isinstance(element.tag, str):
        return ""
    namespace, local = _namespace(element), element.tag.rsplit("}", 1)[-1]
    if namespace in OWN:
        return local
    prefix = PREFIXES.get(namespace) or element.prefix
    return f"{prefix}:{local}" if prefix else local
