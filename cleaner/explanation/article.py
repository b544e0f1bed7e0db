"""A line of an article in, the answer to where it came from out."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby

from cleaner.explanation.answer import Explanation, Part, hull
from cleaner.explanation.output import Document, Output, meets
from cleaner.explanation.wording import changes, place_of, quoted
from cleaner.rules import METADATA
from cleaner.verification.account import Account, Place, Segment
from cleaner.verification.markdown import FRONT_LINE

KINDS = {"row": "table row", "item": "list item", "code": "code block", "quote": "quotation"}
OWN_MEMBERS = {
    "id": "The first 16 digits of `text_sha256`.",
    "text_sha256": "The SHA-256 of the article's plain text, which is `text` in corpus.jsonl.",
    "sources": "The sources of this article; the first is the one whose text was kept.",
}


def article_line(output: Output, where: str, article: str, number: int) -> Explanation | None:
    """What stands on a line of an article, and from which lines of which sources it came; None where nothing stands there."""
    document = output.document(article)
    if number > len(document.lines) or not document.lines[number - 1].strip():
        return None
    block = next((place for place in reversed(document.account.blocks) if place.line <= number), None)
    if block is None:
        return _front_matter(output, where, document, number)
    out = _out_of_line(document, block, number)
    if out is None:
        return Explanation(
            where,
            f"{where} is the markup of a {KINDS.get(block.kind, block.kind)}: no words of any source stand there.",
        )
    parts = tuple(_part_of_text(document, segment, out) for segment in _segments_in(document.account, out))
    before = _break_before(document, block)
    words = document.text[slice(*out)]
    summary = f"{where} is a {KINDS.get(block.kind, block.kind)}: {quoted(words)}"
    told = (*_origins(document, parts, words), *changes((*before, *parts)))
    return Explanation(where, summary, (*before, *parts), told, notes=output.notes(document))


def _break_before(document: Document, block: Place) -> tuple[Part, ...]:
    """The break that was put back in front of a block, where one was."""
    if not block.start:
        return ()
    segments = document.account.segments
    mark = segments[bisect_right(segments, block.start - 1, key=lambda segment: segment.end)]
    if mark.rules != ("TXT009",):
        return ()
    return (Part("insert", mark.rules, article_text=document.text[mark.start : mark.end]),)


def _origins(document: Document, parts: Sequence[Part], words: str) -> Iterator[str]:
    """Where the parts come from, one line for each source string."""
    copied = [part for part in parts if part.span]
    for (source, pointer), own in groupby(copied, key=lambda part: (part.source, part.pointer)):
        whole = hull(list(own))
        number = document.number_of(source, pointer)
        string = None if number is None else document.strings[number]
        there = " ".join(string[slice(*whole.span)].split()) if string is not None and whole.span else None
        same = there is None or there == " ".join(words.split())
        yield f"It comes from {place_of(whole)}{'.' if same else f', which says: {quoted(there or str())}'}"


def _part_of_text(document: Document, segment: Segment, out: tuple[int, int]) -> Part:
    start, end = (
        (segment.start, segment.end) if segment.op == "edit" else (max(segment.start, out[0]), min(segment.end, out[1]))
    )
    part = Part(segment.op, segment.rules, out=(start, end), article_text=document.text[start:end])
    if segment.op == "insert":
        return part
    shift = segment.span[0] - segment.start
    span = segment.span if segment.op == "edit" else (start + shift, end + shift)
    return document.placed(part, segment.origin, span)


def _front_matter(output: Output, where: str, document: Document, number: int) -> Explanation:
    """What a line of the front matter says, and where that was read."""
    name, value = front_member(document.lines, number)
    if not name:
        return Explanation(where, f"{where} is a mark of the front matter: what is known of the article stands in it.")
    # A date is written out in full, whatever the source has behind the day.
    told = OWN_MEMBERS.get(name) or _read_from(document, value[:10] if name in ("date", "updated") else value)
    shown = f"`{name}`" + (f": {quoted(value)}" if value else "")
    return Explanation(where, f"{where} is front matter, {shown}", told=(told,), notes=output.notes(document))


def _read_from(document: Document, value: str) -> str:
    """Where a value of the metadata was read: in a part of a source that went into the metadata, in the headline, or anywhere in a source."""
    if not value:
        return "Its values stand on the lines below."
    for loss in document.account.losses:
        string = document.strings[loss.origin]
        if loss.rule == METADATA and string is not None and value in (there := string[slice(*loss.span)]):
            start = loss.span[0] + there.index(value)
            part = document.placed(Part("dropped"), loss.origin, (start, start + len(value)))
            return f"It was read from {place_of(part)}."
    headline = next((block for block in document.account.blocks if block.kind == "heading"), None)
    if headline and document.text[headline.start : headline.end] == value:
        return f"It is the headline, which stands on line {headline.line}."
    for number, string in enumerate(document.strings):
        if string is not None and (at := string.find(value)) >= 0:
            part = document.placed(Part("dropped"), number, (at, at + len(value)))
            return f"It stands in {place_of(part)}."
    return f"It was worked out from what {document.account.origins[0].source} says in other words."


def front_member(lines: Sequence[str], number: int) -> tuple[str, str]:
    """The member that a line of the front matter belongs to, and the value there."""
    match = FRONT_LINE.fullmatch(lines[number - 1])
    if match is None:
        return "", ""
    if not match["item"]:
        return match["name"], _scalar(match["value"] or "")
    above = next(
        (
            found["name"]
            for line in reversed(lines[: number - 1])
            if (found := FRONT_LINE.fullmatch(line)) and found["name"]
        ),
        "",
    )
    return above, _scalar(match["item"])


def _scalar(value: str) -> str:
    return str(json.loads(value)) if value.startswith('"') else value


def _out_of_line(document: Document, block: Place, number: int) -> tuple[int, int] | None:
    """The code points of the text that a line of a block's Markdown holds; None where it holds none (a fence, the line below a table's head)."""
    inside = number - block.line - (block.kind == "code")
    pieces = document.text[block.start : block.end].split("\n")
    if block.kind == "row" or not 0 <= inside < len(pieces):
        return (block.start, block.end) if inside == 0 else None
    start = block.start + sum(len(piece) + 1 for piece in pieces[:inside])
    return (start, start + len(pieces[inside])) if pieces[inside] else None


def _segments_in(account: Account, out: tuple[int, int]) -> list[Segment]:
    return [segment for segment in account.segments if meets((segment.start, segment.end), out)]
