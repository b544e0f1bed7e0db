"""Two documents in, the longest passages that they have in common out, each as a span of both sources."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from cleaner.measures.alignment import Chain, Segment, matches_between
from cleaner.model.duplicates import Passage
from cleaner.model.text import Span
from cleaner.stages.confirm import MAX_PASSAGE_GAP, Numbered

# Of a pair so many passages are told, the longest; shorter ones than this are turns of phrase.
MAX_TOLD_PASSAGES, MIN_PASSAGE_WORDS = 3, 8


class _Stretch(NamedTuple):
    """A chain or a part of one: from the first word to behind the last in both texts, and the equal words of it."""

    a: tuple[int, int]
    b: tuple[int, int]
    words: int

    def meets(self, other: _Stretch) -> bool:
        return any(x[0] < y[1] and y[0] < x[1] for x, y in ((self.a, other.a), (self.b, other.b)))


def passages(left: Numbered, right: Numbered) -> list[Passage]:
    """The few longest passages in common, the longest first; none of them meets another. What differs inside one is in its spans too."""
    pointers = _pointers(left), _pointers(right)
    stretches = (part for chain in matches_between(left.words, right.words) for part in _parts(chain, *pointers))
    told: list[_Stretch] = []
    found: list[Passage] = []
    for stretch in sorted(stretches, key=lambda part: (-part.words, part.a, part.b)):
        if stretch.words < MIN_PASSAGE_WORDS or len(found) == MAX_TOLD_PASSAGES:
            break
        if any(map(stretch.meets, told)):
            continue
        here, there = _span(left, stretch.a), _span(right, stretch.b)
        if here and there:
            told.append(stretch)
            found.append(Passage(here, there, stretch.words))
    return found


def _parts(chain: Chain, left: list[str | None], right: list[str | None]) -> Iterator[_Stretch]:
    """A chain, in parts where it breaks off for long, or goes on in another string of a source: a span is of one."""
    last: _Stretch | None = None
    for piece in (piece for segment in chain.segments for piece in _pieces(segment, left, right)):
        if (
            last
            and _goes_on(last, piece)
            and (left[piece.a[0]], right[piece.b[0]]) == (left[last.a[0]], right[last.b[0]])
        ):
            last = _Stretch((last.a[0], piece.a[1]), (last.b[0], piece.b[1]), last.words + piece.words)
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last


def _pieces(segment: Segment, left: list[str | None], right: list[str | None]) -> Iterator[_Stretch]:
    """Equal words, cut where one of the two texts goes on in another string."""
    a, b, size = segment
    cuts = [
        place
        for place in range(1, size)
        if left[a + place] != left[a + place - 1] or right[b + place] != right[b + place - 1]
    ]
    for start, end in pairwise([0, *cuts, size]):
        yield _Stretch((a + start, a + end), (b + start, b + end), end - start)


def _goes_on(last: _Stretch, piece: _Stretch) -> bool:
    return max(piece.a[0] - last.a[1], piece.b[0] - last.b[1]) <= MAX_PASSAGE_GAP


def _pointers(text: Numbered) -> list[str | None]:
    """For each word the string of the source that its block came from."""
    spans = (next((run.span for run in block.text.runs if run.span), None) for block in text.document.blocks)
    pointers = [span.pointer if span else None for span in spans]
    return [pointers[block] for block, _, _ in text.places]


def _span(text: Numbered, words: tuple[int, int]) -> Span | None:
    """The span of the source from the first of the words to the last; None where these have no origin, or one in another string."""
    (first, start, _), (last, _, end) = text.places[words[0]], text.places[words[1] - 1]
    blocks = text.document.blocks
    opening, closing = blocks[first].text.origin_of(start), blocks[last].text.origin_of(end - 1)
    if opening and closing and opening.pointer == closing.pointer and opening.start < closing.end:
        return Span(opening.start, closing.end, opening.pointer)
    return None
