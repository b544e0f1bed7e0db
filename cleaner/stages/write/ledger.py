"""A canonical document and the duplicates dropped in its favour in, the account of every character of all of them out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from cleaner.model.documents import Document, Field
from cleaner.model.duplicates import Relation
from cleaner.model.record import record
from cleaner.model.text import Dropped, Op, Span, TracedText
from cleaner.rules import MARKUP, NOT_ARTICLE, RULE_OF
from cleaner.stages.write.text import PlainText


class Segment(NamedTuple):
    """The code points `start` to `end` of the text, and what they are: a copy, an edit or an insertion."""

    start: int
    end: int
    source: int | None
    span: Span | None
    op: Op
    rules: tuple[str, ...]


class Loss(NamedTuple):
    """A span of a source that is not in the text, the rule that says why, and where in the text its surviving copy stands."""

    source: int
    span: Span
    rule: str
    kept_at: tuple[int, int] | None


class Place(NamedTuple):
    """A sentence of a dropped document by its source spans, and the code points of the canonical text that say the same."""

    spans: tuple[Span, ...]
    kept_at: tuple[int, int] | None


@record
class Origin:
    """One source string that the account covers: the source's name and the field."""

    source: str
    field: Field


@dataclass(slots=True)
class Ledger:
    """The account: origins, segments that tile the text, losses that with them tile the origins."""

    origins: list[Origin] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)


def account(
    document: Document, plain: PlainText, members: Sequence[tuple[Document, Relation, Sequence[Place]]]
) -> Ledger:
    """The ledger of a canonical document and of its dropped members (each with its relation and the places of its sentences)."""
    ledger = Ledger()
    index = {found.pointer: number for number, found in enumerate(document.fields)}
    ledger.origins += (Origin(document.source, found) for found in document.fields)
    ledger.segments = list(_segments(plain.text, index))
    spans = [run.span for run in plain.text.runs if run.span]
    ledger.losses += _tiled(document, index, spans, _placed(document.dropped, ledger.segments))
    for member, relation, places in members:
        _account_member(ledger, member, relation, places)
    return ledger


def _account_member(ledger: Ledger, member: Document, relation: Relation, places: Sequence[Place]) -> None:
    """Everything of a dropped member is a loss: its sentences by its relation, the rest as the stages said."""
    offset = len(ledger.origins)
    ledger.origins += (Origin(member.source, found) for found in member.fields)
    index = {found.pointer: offset + number for number, found in enumerate(member.fields)}
    rule = RULE_OF[relation]
    sentences = [(Dropped(span, rule), place.kept_at) for place in places for span in place.spans]
    rest = [(loss, _kept_in_member(loss.kept_at, places)) for loss in member.dropped]
    claimed = [loss.span for loss, _ in (*sentences, *rest)]
    body = [(Dropped(span, rule), None) for span in _unclaimed_body(member, claimed)]
    ledger.losses += _tiled(member, index, [], [*sentences, *rest, *body])


def _unclaimed_body(member: Document, claimed: Sequence[Span]) -> Iterator[Span]:
    """What of the member's blocks no sentence and no stage speaks of; the white space between its sentences is left to be markup."""
    for found in member.fields:
        taken = sorted((span.start, span.end) for span in claimed if span.pointer == found.pointer)
        body = sorted(
            (span.start, span.end)
            for block in member.blocks
            for span in block.text.spans()
            if span.pointer == found.pointer
        )
        for start, end in _outside(taken, body):
            if not found.text[start:end].isspace():
                yield Span(start, end, found.pointer)


def _kept_in_member(span: Span | None, places: Sequence[Place]) -> tuple[int, int] | None:
    """Where a repeat's surviving copy went, when the document that it survives in was itself dropped: with all its sentences, if they stand together."""
    if span is None:
        return None
    found = [
        place.kept_at
        for place in places
        if place.kept_at
        and any(own.pointer == span.pointer and own.start < span.end and span.start < own.end for own in place.spans)
    ]
    if not found:
        return None
    whole = min(start for start, _ in found), max(end for _, end in found)
    if whole[1] - whole[0] <= 2 * sum(end - start for start, end in found):
        return whole
    return max(found, key=lambda place: place[1] - place[0])


def _segments(text: TracedText, index: dict[str, int]) -> Iterator[Segment]:
    at = 0
    for size, span, rules in text.runs:
        end = at + size
        if span is None:
            yield Segment(at, end, None, None, Op.INSERT, rules)
        else:
            yield Segment(at, end, index[span.pointer], span, Op.EDIT if rules else Op.COPY, rules)
        at = end


def _placed(dropped: Sequence[Dropped], segments: list[Segment]) -> Iterator[tuple[Dropped, tuple[int, int] | None]]:
    """What the stages dropped, with the place in the text of what was kept for it."""
    kept = _Kept(segments) if any(loss.kept_at for loss in dropped) else None
    for loss in dropped:
        yield loss, kept.place_of(loss.kept_at) if kept and loss.kept_at else None


class _Kept:
    """Looks up where in the text a source span stands."""

    def __init__(self, segments: list[Segment]) -> None:
        self.by_span = sorted((segment for segment in segments if segment.span), key=_key)
        self.keys = [_key(segment) for segment in self.by_span]

    def place_of(self, span: Span) -> tuple[int, int] | None:
        first = bisect_left(self.keys, (span.pointer, span.start, 0))
        found: list[tuple[int, int]] = []
        for number in range(max(0, first - 1), len(self.by_span)):
            segment = self.by_span[number]
            own = segment.span
            if own is None or own.pointer != span.pointer or own.start >= span.end:
                break
            if own.end > span.start:
                left = segment.start + max(0, span.start - own.start) if segment.op is Op.COPY else segment.start
                right = segment.end - max(0, own.end - span.end) if segment.op is Op.COPY else segment.end
                found.append((left, right))
        return (min(left for left, _ in found), max(right for _, right in found)) if found else None


def _key(segment: Segment) -> tuple[str, int, int]:
    span = segment.span or Span(0, 0)
    return span.pointer, span.start, span.end


def _tiled(
    document: Document,
    index: dict[str, int],
    kept: Iterable[Span],
    losses: Iterable[tuple[Dropped, tuple[int, int] | None]],
) -> Iterator[Loss]:
    """The losses cut so that with the kept spans they tile every field; what nobody claimed is white space and markup."""
    taken: dict[str, list[tuple[int, int]]] = {found.pointer: [] for found in document.fields}
    for span in kept:
        taken[span.pointer].append((span.start, span.end))
    claims: dict[str, list[tuple[int, int, Dropped, tuple[int, int] | None]]] = {
        found.pointer: [] for found in document.fields
    }
    for order, (loss, kept_at) in enumerate(losses):
        claims[loss.span.pointer].append((loss.span.start, order, loss, kept_at))
    for found in document.fields:
        yield from _tiled_field(
            found,
            index[found.pointer],
            sorted(taken[found.pointer]),
            # No two have the same number.
            sorted(claims[found.pointer]),
        )


def _tiled_field(
    found: Field,
    source: int,
    kept: list[tuple[int, int]],
    claims: list[tuple[int, int, Dropped, tuple[int, int] | None]],
) -> Iterator[Loss]:
    pointer = found.pointer
    number = 0
    for left, right in _outside(kept, found.runs if found.runs is not None else ((0, len(found.text)),)):
        at = left
        while number < len(claims) and claims[number][2].span.end <= left:
            number += 1
        # The first of them that reaches beyond: mostly there is one, and the list is not cut for it.
        for place in range(number, len(claims)):
            _, _, loss, kept_at = claims[place]
            if loss.span.start >= right:
                break
            start, end = max(loss.span.start, at), min(loss.span.end, right)
            if start >= end:
                continue
            if at < start:
                yield Loss(source, Span(at, start, pointer), _rule_of_unclaimed(found, at, start), None)
            yield Loss(source, Span(start, end, pointer), loss.rule, kept_at)
            at = end
        if at < right:
            yield Loss(source, Span(at, right, pointer), _rule_of_unclaimed(found, at, right), None)


def _rule_of_unclaimed(found: Field, start: int, end: int) -> str:
    """Of what no stage spoke: markup; but text of a page, which has no markup inside its runs, is not part of the article."""
    return NOT_ARTICLE if found.runs is not None and unescape(found.text[start:end]).strip() else MARKUP


def _outside(kept: list[tuple[int, int]], runs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of the runs that are not kept."""
    number = 0
    for left, right in runs:
        at = left
        while number < len(kept) and kept[number][0] < right:
            start, end = kept[number]
            if start > at:
                yield at, start
            at = max(at, end)
            if end > right:
                break
            number += 1
        if at < right:
            yield at, right
