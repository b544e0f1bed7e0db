"""A document in, the same out without links that lead to neither a page nor a person; those that run or carry a program are told."""

from __future__ import annotations

import re
from dataclasses import replace

from cleaner.model.documents import Block, Document, Mark, MarkKind
from cleaner.model.problems import Problem
from cleaner.model.text import Span
from cleaner.rules import RULES

# A target begins with its scheme, or leads on from the page that it stands on: no colon stands before its first slash.
SCHEME = re.compile(r"([^:/?#]*):")
SAFE_SCHEMES = frozenset(("http", "https", "mailto", "tel"))
SCRIPT_SCHEMES = frozenset(("javascript", "vbscript", "data"))


def disarm(document: Document) -> tuple[Document, list[Problem]]:
    """The document with the links that a reader may follow, and a problem if there were others that would run something."""
    places: list[tuple[str, Span | None]] = []
    blocks = tuple(_disarmed(block, places) for block in document.blocks)
    if blocks == document.blocks:
        return document, []
    problems = [_told(places, document.source)] if places else []
    return replace(document, blocks=blocks), problems


def _disarmed(block: Block, places: list[tuple[str, Span | None]]) -> Block:
    """The block without unsafe links; of those that run something, the scheme and the place are added to `places`."""
    schemes = {mark: scheme_of(mark.target) for mark in block.marks if mark.kind is MarkKind.LINK}
    if SAFE_SCHEMES.issuperset(filter(None, schemes.values())):
        return block
    kept: list[Mark] = []
    for mark in block.marks:
        scheme = schemes.get(mark, "")
        if not scheme or scheme in SAFE_SCHEMES:
            kept.append(mark)
        elif scheme in SCRIPT_SCHEMES:
            places.append((scheme, block.text.hull_of(mark.start, mark.end)))
    return replace(block, marks=tuple(kept))


def scheme_of(target: str) -> str:
    """The scheme of a link's target in small letters; empty for one that leads on from the page. What a browser passes over hides none."""
    if ":" not in target:
        return ""
    found = SCHEME.match("".join(char for char in target if char.isprintable() and not char.isspace()))
    return found[1].lower() if found else ""


def _told(places: list[tuple[str, Span | None]], source: str) -> Problem:
    scheme, span = places[0]
    count = "1 place" if len(places) == 1 else f"{len(places)} places"
    return Problem(
        "TXT010",
        f"{RULES['TXT010'].summary} Its text is kept, without the link, in {count}; first: {scheme}:",
        source,
        span,
    )
