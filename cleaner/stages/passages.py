"""Two documents in, the longest passages that they have in common out, each as a span of both sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cleaner.measures.alignment import Chain, matches_between
from cleaner.model.documents import Document
from cleaner.model.duplicates import Passage
from cleaner.model.text import Span
from cleaner.stages.confirm import MAX_PASSAGE_GAP, Numbered, numbered

# Of a pair so many passages are told, the longest; shorter ones than this are turns of phrase.
MAX_TOLD_PASSAGES, MIN_PASSAGE_WORDS = 3, 8


class _Stretch(NamedTuple):
    """A chain or a part of one: from the first word to behind the last in both texts, and the equal words of it."""

    a: tuple[int, int]
    b: tuple[int, int]
    words: int

    def meets(self, other: _Stretch) -> bool:
        return any(x[0] < y[1] and y[0] < x[1] for x, y in ((self.a, other.a), (self.b, other.b)))


def passages(one: Document, other: Document, shingle_words: int) -> list[Passage]:
    """The few longest passages in common, the longest first; none of them meets another. What differs inside one is in its spans too."""
    left, right = numbered(one, shingle_words), numbered(other, shingle_words)
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
    part: list[tuple[int, int]] = []
    for a, b in ((segment.a + place, segment.b + place) for segment in chain.segments for place in range(segment.size)):
        if part and (
            max(a - part[-1][0], b - part[-1][1]) > MAX_PASSAGE_GAP + 1
            or (left[a], right[b]) != (left[part[-1][0]], right[part[-1][1]])
        ):
            yield _stretch(part)
            part = []
        part.append((a, b))
    yield _stretch(part)


def _stretch(words: list[tuple[int, int]]) -> _Stretch:
    return _Stretch((words[0][0], words[-1][0] + 1), (words[0][1], words[-1][1] + 1), len(words))


def _pointers(text: Numbered) -> list[str | None]:
    """For each word the string of the source that its block came from."""
    hulls = [block.text.hull() for block in text.document.blocks]
    pointers = [hull.pointer if hull else None for hull in hulls]
    return [pointers[block] for block, _, _ in text.places]


def _span(text: Numbered, words: tuple[int, int]) -> Span | None:
    """The span of the source from the first of the words to the last; None where these have no origin, or one in another string."""
    (first, start, _), (last, _, end) = text.places[words[0]], text.places[words[1] - 1]
    blocks = text.document.blocks
    opening, closing = blocks[first].text.origin_of(start), blocks[last].text.origin_of(end - 1)
    if opening and closing and opening.pointer == closing.pointer and opening.start < closing.end:
        return Span(opening.start, closing.end, opening.pointer)
    return None
