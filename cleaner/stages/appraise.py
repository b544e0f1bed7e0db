"""A prepared document in, every place out that a rule finds fault with: read off the account of what was mended and left out.

The repairs themselves count what they did and name the first place; a check must name them all. The document's own runs and its ledger have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cleaner.measures.words import words_of
from cleaner.model.documents import Document
from cleaner.model.problems import Problem
from cleaner.model.text import Op, Span

MAX_QUOTED = 60
# A run takes out each sentence that comes again; a person is told of passages of prose of so many words in a row, or where they are so many percent
# of the document. Of 236 whole pages that people have picked, 10 have such a passage, and 55 a sentence, a price or a name that comes again.
MIN_REPEATED_WORDS = 25
MIN_REPEATED_SHARE = 8
# A first line of so many words may be a headline, whatever it ends with; no person needs to be told of it.
MAX_HEADLINE_WORDS = 20
SENTENCE_END = re.compile(
    r"[.!?\u2026\u3002\uff01\uff1f\u0964\u061f\u06d4][\"'*_)\]\u201d\u2019\u00bb\u300d\u300f\s]*$"
)
# What a check says of a place, by rule; {before} is the source there, {after} what the repair makes of it.
SAID = {
    "TXT001": "{before} should be {after}",
    "TXT002": "Invisible: {before}",
    "TXT003": "A control that reorders text: {before}",
    "TXT004": "Left over markup: {before}",
    "TXT005": "A control character: {before}",
    "TXT006": "{before} is not in Normalization Form C",
    "TXT007": "A word is broken by a hyphen at the line's end",
    "TXT009": "A new paragraph begins here without a break: {before}",
    "ENC015": "A C2PA manifest in invisible characters, which vouches for the text as it is here: {before}",
    "DOC004": "No part of the article: {before}",
}


class Copied(NamedTuple):
    """A passage that stands twice: the source span of the copy and of the passage that would stay."""

    dropped: Span
    kept_at: Span


class Fault(NamedTuple):
    """A problem of a document, and the source span of the twin of what it is about."""

    problem: Problem
    twin: Span | None = None


class _Place(NamedTuple):
    rule: str
    span: Span
    after: str = ""


def appraise(document: Document, problems: Sequence[Problem], copies: Iterable[Copied]) -> list[Fault]:
    """The faults of the document in the order of its text: of each rule one a line, the whole document's first."""
    texts = {field.pointer: field.text for field in document.fields}
    places = [*_mended(document), *_left_out(document)]
    twice = _told(_joined(copies, texts), texts)
    # A notice that told something is metadata, and no fault; what was mended in a part that was dropped later has no place of its own left.
    told = {place.rule for place in places} | {"DUP001"}
    if _may_be_headed(document):
        told |= {"DOC001"}
    others = (
        problem for problem in problems if problem.rule not in told and not (problem.rule == "DOC004" and problem.span)
    )
    faults = [Fault(_plainly(problem)) for problem in others]
    faults += (_fault(group, document.source, texts) for group in _by_line(places, texts))
    faults += (_repeated(group, document.source, texts) for group in twice)
    return faults


def _may_be_headed(document: Document) -> bool:
    """Whether a plain text begins with a line that may be a headline though nothing proves it: a question, a cry, a single word."""
    if document.format != "plain" or len(document.blocks) < 2:
        return False
    return len(document.blocks[0].text.text.split()) <= MAX_HEADLINE_WORDS


def _plainly(problem: Problem) -> Problem:
    return Problem(problem.rule, problem.message.removeprefix(f"{problem.source}: "), problem.source, problem.span, problem.line, problem.column)  # fmt: skip


def _mended(document: Document) -> Iterator[_Place]:
    """What was edited, and where a lost break was put back."""
    for block in document.blocks:
        at = 0
        for run in block.text.runs:
            if run.op is Op.EDIT and run.span:
                after = block.text.text[at : at + run.size]
                yield from (_Place(rule, run.span, after) for rule in run.rules if rule in SAID)
            at += run.size
        spans = block.text.spans()
        if block.restored and spans:
            yield _Place(
                "TXT009", Span(spans[0].start, min(spans[0].end, spans[0].start + MAX_QUOTED), spans[0].pointer)
            )


def _left_out(document: Document) -> Iterator[_Place]:
    """What was dropped by a rule that says what is wrong with it."""
    for loss in document.dropped:
        if loss.rule in SAID:
            yield _Place(loss.rule, loss.span)


def _by_line(places: Sequence[_Place], texts: dict[str, str]) -> list[list[_Place]]:
    """The places, those of one rule on one line together."""
    order = {pointer: number for number, pointer in enumerate(texts)}
    groups: dict[tuple[int, int, str], list[_Place]] = {}
    for place in sorted(
        places, key=lambda place: (order.get(place.span.pointer, -1), place.span.start, place.rule, place.span.end)
    ):
        text = texts.get(place.span.pointer, "")
        line = text.rfind("\n", 0, place.span.start)
        groups.setdefault((order.get(place.span.pointer, -1), line, place.rule), []).append(place)
    return list(groups.values())


def _fault(group: list[_Place], source: str, texts: dict[str, str]) -> Fault:
    first = group[0]
    before = _quoted(texts.get(first.span.pointer, "")[first.span.start : first.span.end])
    said = SAID[first.rule].format(before=before, after=_quoted(first.after))
    more = f" ({len(group) - 1} more on this line)" if len(group) > 1 else ""
    return Fault(Problem(first.rule, f"{said}{more}.", source, first.span))


def _joined(copies: Iterable[Copied], texts: dict[str, str]) -> list[list[Copied]]:
    """The passages that stand twice, those together between which nothing but white space stands."""
    groups: list[list[Copied]] = []
    for copy in sorted(copies, key=lambda copy: (copy.dropped.pointer, copy.dropped.start)):
        before = groups[-1][-1].dropped if groups else None
        if (
            before
            and before.pointer == copy.dropped.pointer
            and not texts.get(before.pointer, "")[before.end : copy.dropped.start].strip()
        ):
            groups[-1].append(copy)
        else:
            groups.append([copy])
    return groups


def _told(groups: list[list[Copied]], texts: dict[str, str]) -> list[list[Copied]]:
    """The repeats that are worth a look: a passage of prose, or shorter ones that together are much of the document."""
    words = [sum(_prose_words(texts.get(one.dropped.pointer, ""), one.dropped) for one in group) for group in groups]
    pointers = {one.dropped.pointer for group in groups for one in group}
    whole = sum(len(words_of(texts.get(pointer, ""))) for pointer in pointers)
    if 100 * sum(words) >= MIN_REPEATED_SHARE * whole:
        return [group for group, count in zip(groups, words, strict=True) if count]
    return [group for group, count in zip(groups, words, strict=True) if count >= MIN_REPEATED_WORDS]


def _prose_words(text: str, span: Span) -> int:
    """The words of a passage that ends as a sentence does; 0 for a name, a price, a label that comes again."""
    passage = text[span.start : span.end]
    return len(words_of(passage)) if SENTENCE_END.search(passage) else 0


def _repeated(group: list[Copied], source: str, texts: dict[str, str]) -> Fault:
    first, last = group[0].dropped, group[-1].dropped
    what = "This stands" if len(group) == 1 else f"These {len(group)} passages stand"
    quoted = _quoted(texts.get(first.pointer, "")[first.start : first.end])
    problem = Problem("DUP001", f"{what} in the document twice: {quoted}.", source, first._replace(end=last.end))
    return Fault(problem, group[0].kept_at)


def _quoted(text: str) -> str:
    """A piece of text in quotation marks, with what can't be seen named by number."""
    piece = " ".join(text.split(" ")) if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "\N{HORIZONTAL ELLIPSIS}"
    shown = "".join(char if char.isprintable() else " " if char == "\n" else f"<U+{ord(char):04X}>" for char in piece)
    return f"\N{LEFT DOUBLE QUOTATION MARK}{shown}\N{RIGHT DOUBLE QUOTATION MARK}"
