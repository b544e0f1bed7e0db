"""The texts of two documents in, what they have in common and where they part out: rows to be read side by side, and runs to be drawn.

Sentences are bound to one another by the longest common subsequence of all words, so that what follows in the same order stands in one row; a
sentence that stands elsewhere is looked for by its passages. Case, punctuation and typography are set aside, as in all comparisons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count
from typing import NamedTuple

from cleaner.measures.alignment import SEED_WORDS, matches_between
from cleaner.measures.words import Words, sentences_of, words_of

# Two sentences belong together when this share of the shorter one's words is aligned between them, in percent.
MIN_BOUND_SHARE = 50
# A lone word in common is half the evidence of one in a run: "the" stands everywhere.
LONE_WEIGHT, RUN_WEIGHT = 1, 2
# A sentence stands elsewhere when this share of its words is aligned there, in percent; shorter ones than this are not looked for.
MIN_MOVED_SHARE = 70
MIN_MOVED_WORDS = 6


class Kind(StrEnum):
    """What a row shows."""

    SAME = "same"
    CHANGED = "changed"
    MOVED = "moved"
    KEPT_ONLY = "kept-only"
    OTHER_ONLY = "other-only"


class Piece(NamedTuple):
    """A part of a text, and whether the other text says something else in its place."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What stands beside each other; `number` counts the passages that both texts have. Spans are code points of the texts."""

    kind: Kind
    kept: tuple[Piece, ...] = ()
    other: tuple[Piece, ...] = ()
    number: int = 0
    words: int = 0
    kept_span: tuple[int, int] | None = None
    other_span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts compared: the rows in reading order, and the lengths of both texts."""

    rows: tuple[Row, ...]
    kept_length: int
    other_length: int


def compare(kept: str, other: str) -> Comparison:
    """What the two texts have in common, in rows that follow the kept text and, in the gaps, the other one."""
    left, right = _Side.of(kept), _Side.of(other)
    groups = _groups(_bound(left, right))
    numbers = count(1)
    rows = (replace(row, number=next(numbers)) if row.kept and row.other else row for row in _rows(left, right, groups))
    return Comparison(tuple(rows), len(kept), len(other))


def marked(kept: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two texts that say the same, each with the words marked that the other does not have."""
    left, right = _Side.of(kept), _Side.of(other)
    if not (left.sentences and right.sentences):
        return _whole(left, (0, len(kept))), _whole(right, (0, len(other)))
    row = _shared(left, right, _Group(0, len(left.sentences), 0, len(right.sentences)))
    return row.kept, row.other


@dataclass(frozen=True, slots=True)
class _Side:
    """A text with its words, and its sentences by their first and last word."""

    text: str
    words: Words
    sentences: list[tuple[int, int]] = field(default_factory=list)

    @staticmethod
    def of(text: str) -> _Side:
        # Past their caches, which are made for blocks: these are whole texts.
        words, at = words_of.__wrapped__(text), 0
        sentences: list[tuple[int, int]] = []
        for _, end in sentences_of.__wrapped__(text):
            first = at
            while at < len(words) and words.starts[at] < end:
                at += 1
            if at > first:
                sentences.append((first, at))
        return _Side(text, words, sentences)

    def norms(self, first: int, last: int) -> list[str]:
        """The words of the sentences `first` to `last` (half-open)."""
        return self.words.norms[self.sentences[first][0] : self.sentences[last - 1][1]]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The code points of the sentences `first` to `last`, with the marks around their words up to the next sentence or line."""
        start, end = self.sentences[first][0], self.sentences[last - 1][1]
        left = self.text.rfind("\n", 0, self.words.starts[start]) + 1
        if start:
            left = max(left, self._cut(start))
        right = self._cut(end) if end < len(self.words) else len(self.text)
        return left, right

    def _cut(self, word: int) -> int:
        """Where the sentence that begins with `word` begins: behind the white space before it, as far as there is any."""
        start = self.words.starts[word]
        gap = self.text[self.words.ends[word - 1] : start]
        blank = max(gap.rfind(" "), gap.rfind("\n"), gap.rfind("\t"))
        # A list mark belongs to the line that it opens.
        line = gap.rfind("\n")
        return self.words.ends[word - 1] + (line + 1 if line >= 0 else blank + 1)


def _bound(left: _Side, right: _Side) -> list[tuple[int, int]]:
    """The sentences (by number) that say the same in the same order."""
    from rapidfuzz.distance import LCSseq

    sentence_of = [_sentence_of_word(side) for side in (left, right)]
    aligned: Counter[tuple[int, int]] = Counter()
    for block in LCSseq.editops(left.words.norms, right.words.norms).as_matching_blocks():
        for offset in range(block.size):
            pair = sentence_of[0][block.a + offset], sentence_of[1][block.b + offset]
            aligned[pair] += RUN_WEIGHT if block.size > 1 else LONE_WEIGHT
    least = MIN_BOUND_SHARE * RUN_WEIGHT
    return sorted(pair for pair, weight in aligned.items() if 100 * weight >= least * _shorter(left, right, pair))


def _sentence_of_word(side: _Side) -> list[int]:
    return [number for number, (first, last) in enumerate(side.sentences) for _ in range(first, last)]


def _shorter(left: _Side, right: _Side, pair: tuple[int, int]) -> int:
    return min(last - first for first, last in (left.sentences[pair[0]], right.sentences[pair[1]]))


class _Group(NamedTuple):
    """Sentences of both texts that belong together, by their numbers, half-open."""

    a: int
    a_end: int
    b: int
    b_end: int


def _groups(bound: Sequence[tuple[int, int]]) -> list[_Group]:
    """Bound sentences that share one on either side, together. The pairs come in order in both texts."""
    groups: list[_Group] = []
    for a, b in bound:
        last = groups[-1] if groups else None
        if last and (a < last.a_end or b < last.b_end):
            groups[-1] = _Group(last.a, max(last.a_end, a + 1), min(last.b, b), max(last.b_end, b + 1))
        else:
            groups.append(_Group(a, a + 1, b, b + 1))
    return groups


def _rows(left: _Side, right: _Side, groups: Sequence[_Group]) -> Iterator[Row]:
    a = b = 0
    end = _Group(len(left.sentences), 0, len(right.sentences), 0)
    moved = _moved(left, right, groups)
    for group in (*groups, end):
        if a < group.a:
            span = left.span(a, group.a)
            yield Row(Kind.KEPT_ONLY, _whole(left, span), words=len(left.norms(a, group.a)), kept_span=span)
        yield from _right_alone(left, right, (b, group.b), moved)
        if group is not end:
            yield _shared(left, right, group)
        a, b = group.a_end, group.b_end


def _right_alone(
    left: _Side, right: _Side, between: tuple[int, int], moved: dict[int, tuple[int, int]]
) -> Iterator[Row]:
    """The sentences of the right text that have no place in the order: those that stand elsewhere, and what stands nowhere, run by run."""
    start = between[0]
    for number in range(between[0], between[1] + 1):
        if number < between[1] and number not in moved:
            continue
        if start < number:
            span = right.span(start, number)
            yield Row(Kind.OTHER_ONLY, (), _whole(right, span), words=len(right.norms(start, number)), other_span=span)
        if number < between[1]:
            yield replace(_shared(left, right, _Group(*moved[number], number, number + 1)), kind=Kind.MOVED)
        start = number + 1


def _moved(left: _Side, right: _Side, groups: Sequence[_Group]) -> dict[int, tuple[int, int]]:
    """The sentences of the right text that no group has, by the sentences of the left text that say the same somewhere else."""
    taken = {number for group in groups for number in range(group.b, group.b_end)}
    sentence_of = _sentence_of_word(left)
    seeds = set(_seeds(left.words.norms))
    found: dict[int, tuple[int, int]] = {}
    for number, (first, last) in enumerate(right.sentences):
        if number in taken or last - first < MIN_MOVED_WORDS:
            continue
        sentence = right.words.norms[first:last]
        # Most of what stands nowhere has not even a few words in a row in common.
        chains = [] if seeds.isdisjoint(_seeds(sentence)) else matches_between(sentence, left.words.norms)
        best = max(chains, key=lambda chain: (chain.size, -chain.b[0]), default=None)
        if best and 100 * best.size >= MIN_MOVED_SHARE * (last - first):
            found[number] = sentence_of[best.b[0]], sentence_of[best.b[1] - 1] + 1
    return found


def _seeds(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[place:] for place in range(SEED_WORDS)), strict=False)


def _shared(left: _Side, right: _Side, group: _Group) -> Row:
    """One row of both texts, with the words marked in which they part."""
    from rapidfuzz.distance import LCSseq

    a, b = left.norms(group.a, group.a_end), right.norms(group.b, group.b_end)
    kept_span, other_span = left.span(group.a, group.a_end), right.span(group.b, group.b_end)
    if a == b:
        return Row(
            Kind.SAME, _whole(left, kept_span), _whole(right, other_span), 0, len(a), kept_span, other_span
        )  # fmt: skip
    equal = _solid([tuple(block) for block in LCSseq.editops(a, b).as_matching_blocks()], len(a), len(b))
    kept = _marked(left, left.sentences[group.a][0], len(a), [(x, size) for x, _, size in equal], kept_span)
    other = _marked(right, right.sentences[group.b][0], len(b), [(y, size) for _, y, size in equal], other_span)
    return Row(Kind.CHANGED, kept, other, 0, sum(size for *_, size in equal), kept_span, other_span)


def _solid(blocks: Sequence[tuple[int, ...]], a_size: int, b_size: int) -> list[tuple[int, int, int]]:
    """Equal blocks without the lone words between longer edits, which would make the marks a rash."""
    solid: list[tuple[int, int, int]] = []
    full = [(x, y, size) for x, y, size in blocks if size]
    for at, (x, y, size) in enumerate(full):
        before = full[at - 1] if at else (0, 0, 0)
        behind = full[at + 1] if at + 1 < len(full) else (a_size, b_size, 0)
        gap_before = max(x - before[0] - before[2], y - before[1] - before[2])
        gap_behind = max(behind[0] - x - size, behind[1] - y - size)
        if size > 1 or min(gap_before, gap_behind) < 2:
            solid.append((x, y, size))
    return solid


def _marked(
    side: _Side, first: int, size: int, equal: Sequence[tuple[int, int]], span: tuple[int, int]
) -> tuple[Piece, ...]:
    """The text of a span in pieces: the words outside the equal blocks are marked, with the white space and marks between them."""
    same = {first + word for start, length in equal for word in range(start, start + length)}
    pieces: list[Piece] = []
    at = span[0]
    word = first
    while word < first + size:
        if word in same:
            word += 1
            continue
        start = word
        while word < first + size and word not in same:
            word += 1
        left, right = side.words.starts[start], side.words.ends[word - 1]
        if left > at:
            pieces.append(Piece(side.text[at:left], changed=False))
        pieces.append(Piece(side.text[left:right], changed=True))
        at = right
    return (*pieces, *((Piece(side.text[at : span[1]].rstrip(), changed=False),) if at < span[1] else ()))


def _whole(side: _Side, span: tuple[int, int]) -> tuple[Piece, ...]:
    return (Piece(side.text[span[0] : span[1]].strip("\n").rstrip(), changed=False),)
