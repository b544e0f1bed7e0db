"""Traced text against a plain model of it: whatever is sliced, joined and spliced in whatever order, each character has the origin that it should have, and none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from helpers import check_origins
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, rule

from cleaner.model.text import EMPTY, Edit, Op, Span, TracedText

SOURCES = {
    "": "It left at dawn, and nobody saw it go.\n\nThe end",
    "/a~1b": "caf\u00c3\u00a9 \u200bopen \U0001f600 late",
}


class Cell(NamedTuple):
    """A character of a text: its span, and for one of an edit which edit it was and the place in it."""

    char: str
    span: Span | None
    edit: int = 0
    place: int = 0


class Pair(NamedTuple):
    """A traced text, and what the model holds of it."""

    text: TracedText
    cells: tuple[Cell, ...]


def can_cut(cells: Sequence[Cell], position: int) -> bool:
    if not 0 < position < len(cells):
        return True
    left, right = cells[position - 1], cells[position]
    return not (left.edit and left.edit == right.edit and left.place + 1 == right.place)


def spans_of(cells: Sequence[Cell]) -> list[Span]:
    """The spans of the cells in order, that of an edit once."""
    return [cell.span for number, cell in enumerate(cells) if cell.span and (not cell.edit or can_cut(cells, number))]


def points(spans: Sequence[Span]) -> Counter[tuple[str, int]]:
    """Every code point of the sources that the spans cover, with how often."""
    return Counter((span.pointer, place) for span in spans for place in range(span.start, span.end))


def contiguous(cells: Sequence[Cell]) -> Span | None:
    spans = spans_of(cells)
    if not cells or any(cell.span is None for cell in cells):
        return None
    if any(a.end != b.start or a.pointer != b.pointer for a, b in pairwise(spans)):
        return None
    return Span(spans[0].start, spans[-1].end, spans[0].pointer)


class TextMachine(RuleBasedStateMachine):
    texts = Bundle("texts")

    def __init__(self) -> None:
        super().__init__()
        self.edits = 0

    def edited(self, new: str, span: Span) -> tuple[Cell, ...]:
        self.edits += 1
        return tuple(Cell(char, span, self.edits, place) for place, char in enumerate(new))

    def checked(self, text: TracedText, cells: Sequence[Cell]) -> Pair:
        """Both, if they say the same: the text, that its runs tile it and copy what stands there, and the origin of each character."""
        assert text.text == "".join(cell.char for cell in cells)
        check_origins(text, SOURCES)
        assert [text.origin_of(place) for place in range(len(text))] == [cell.span for cell in cells]
        assert text.contiguous() == contiguous(cells)
        assert points(text.spans()) == points(spans_of(cells))
        assert [text.can_cut(place) for place in range(len(text) + 1)] == [
            can_cut(cells, place) for place in range(len(cells) + 1)
        ]
        # Replayed from its runs alone, with the words of the edits, it is the same again.
        at = 0
        for run in text.runs:
            if run.op is Op.COPY and run.span:
                assert text.text[at : at + run.size] == SOURCES[run.span.pointer][run.span.start : run.span.end]
            at += run.size
        return Pair(text, tuple(cells))

    @rule(target=texts, pointer=st.sampled_from(sorted(SOURCES)), data=st.data())
    def copied(self, pointer: str, data: Any) -> Pair:
        source = SOURCES[pointer]
        start = data.draw(st.integers(0, len(source)))
        end = data.draw(st.integers(0, len(source)))
        cells = [Cell(source[place], Span(place, place + 1, pointer)) for place in range(start, end)]
        return self.checked(TracedText.copied(source, start, end, pointer), cells)

    @rule(target=texts, pointer=st.sampled_from(sorted(SOURCES)), new=st.text("xyz ", max_size=4), data=st.data())
    def edit_of(self, pointer: str, new: str, data: Any) -> Pair:
        start = data.draw(st.integers(0, len(SOURCES[pointer]) - 1))
        span = Span(start, data.draw(st.integers(start + 1, len(SOURCES[pointer]))), pointer)
        return self.checked(TracedText.edited(new, span, "TXT001"), self.edited(new, span))

    @rule(target=texts, new=st.text("- \n", max_size=3), name=st.sampled_from(["separator", "list-mark"]))
    def inserted(self, new: str, name: str) -> Pair:
        return self.checked(TracedText.inserted(new, name), [Cell(char, None) for char in new])

    @rule(target=texts, parts=st.lists(texts, max_size=4))
    def joined(self, parts: list[Pair]) -> Pair:
        return self.checked(
            TracedText.join(part.text for part in parts), [cell for part in parts for cell in part.cells]
        )

    @rule(target=texts, pair=texts, data=st.data())
    def sliced(self, pair: Pair, data: Any) -> Any:
        text, cells = pair
        start, end = sorted((data.draw(st.integers(0, len(cells))), data.draw(st.integers(0, len(cells)))))
        if start < end and not (can_cut(cells, start) and can_cut(cells, end)):
            with pytest.raises(ValueError, match="one whole"):
                text.sliced(start, end)
            start, end = text.cuttable(start, end)
        assert start == end or (can_cut(cells, start) and can_cut(cells, end))
        return self.checked(text.sliced(start, end), cells[start:end])

    @rule(target=texts, pair=consumes(texts))
    def halved(self, pair: Pair) -> Any:
        """Cut in two and put together again, it is what it was."""
        middle = pair.text.cuttable(0, len(pair.text) // 2)[1]
        parts = [pair.text.sliced(0, middle), pair.text.sliced(middle)]
        self.checked(TracedText.join(parts), pair.cells)
        return multiple(self.checked(parts[0], pair.cells[:middle]), self.checked(parts[1], pair.cells[middle:]))

    @rule(target=texts, pair=texts)
    def stripped(self, pair: Pair) -> Pair:
        start, end = pair.text.inner()
        assert not pair.text.text[:start].strip()
        assert not pair.text.text[end:].strip()
        return self.checked(pair.text.stripped(), pair.cells[start:end])

    @rule(target=texts, pair=texts, data=st.data())
    def spliced(self, pair: Pair, data: Any) -> Any:
        text, cells = pair
        places = sorted(
            data.draw(st.lists(st.integers(0, len(cells)), max_size=6).filter(lambda them: len(them) % 2 == 0))
        )
        edits = [
            Edit(*text.cuttable(*places[number : number + 2]), data.draw(st.text("uv", max_size=2)), "TXT009")
            for number in range(0, len(places), 2)
        ]
        made: list[Cell] = []
        lost: list[Span] = []
        at, fails = 0, False
        for edit in edits:
            old = cells[edit.start : edit.end]
            # Widened to where the text can be cut, two edits may lie over each other.
            fails = fails or edit.start < at
            made += cells[at : edit.start]
            at = edit.end
            if not edit.new:
                lost += spans_of(old)
            elif all(cell.span is None for cell in old):
                made += [Cell(char, None) for char in edit.new]
            elif span := contiguous(old):
                made += self.edited(edit.new, span)
            else:
                fails = True
        if fails:
            with pytest.raises(ValueError, match=r"edits overlap|crosses"):
                text.spliced(edits)
            return multiple()
        result, dropped = text.spliced(edits)
        # Kept and dropped are what there was, no more and no less.
        assert points([*result.spans(), *(loss.span for loss in dropped)]) == points(text.spans())
        assert points([loss.span for loss in dropped]) == points(lost)
        assert {loss.rule for loss in dropped} <= {"TXT009"}
        return self.checked(result, [*made, *cells[at:]])

    @rule(pair=texts, by=st.integers(0, 9))
    def moved(self, pair: Pair, by: int) -> None:
        moved = pair.text.moved(by)
        assert moved.text == pair.text.text
        assert [(span.start - by, span.end - by) for span in moved.spans()] == [
            (span.start, span.end) for span in pair.text.spans()
        ]
        assert pair.text.spliced([]) == (pair.text, ())
        assert pair.text.sliced(0, 0) == EMPTY


TestText = TextMachine.TestCase
TestText.settings = settings(settings.get_profile("local"), max_examples=30, stateful_step_count=25)
