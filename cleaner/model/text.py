"""Traced text: a string together with the source spans that its characters came from.

A span is half-open and counts Unicode code points of the decoded source text at a JSON Pointer ("" is the whole text), as the
TextPositionSelector of the W3C Web Annotation Data Model does. Nothing but this module makes a `TracedText`, and no operation here loses where a
character came from.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from cleaner.model.record import record


class Span(NamedTuple):
    """The code points `start` to `end` (half-open) of the decoded string at `pointer` (RFC 6901) of one source."""

    start: int
    end: int
    pointer: str = ""


class Op(StrEnum):
    """How a part of the output came about."""

    COPY = "copy"
    EDIT = "edit"
    INSERT = "insert"


class Run(NamedTuple):
    """The next `size` code points of a traced text: a copy of `span`, an edit of it by `rules`, or (no span) an insertion."""

    size: int
    span: Span | None
    rules: tuple[str, ...] = ()

    @property
    def op(self) -> Op:
        if self.span is None:
            return Op.INSERT
        return Op.EDIT if self.rules else Op.COPY


class Edit(NamedTuple):
    """Replace the code points `start` to `end` of a text by `new`, in the name of `rule`; an empty `new` drops them."""

    start: int
    end: int
    new: str
    rule: str


class Dropped(NamedTuple):
    """A source span that is not in the document, the rule that dropped it, and the source span of its surviving copy."""

    span: Span
    rule: str
    kept_at: Span | None = None


# A traced text as `TracedText.plain` puts it: with its runs, or with the one span that it is a copy of.
PlainText = tuple[str, list[tuple[int, tuple[Any, ...] | None, tuple[str, ...]]] | tuple[int, int, str]]


@record
class TracedText:
    """A string and the runs that tile it."""

    text: str
    runs: tuple[Run, ...]

    def __len__(self) -> int:
        return len(self.text)

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[type[TracedText], tuple[str, tuple[Run, ...]]]:
        # Faster than what a dataclass with slots does by itself; documents are pickled.
        return TracedText, (self.text, self.runs)

    def plain(self) -> PlainText:
        """The same in types that every language has, which are put away in less than half of the time."""
        if copy := self._copy_of():
            return self.text, (copy.start, copy.end, copy.pointer)
        return self.text, [(size, tuple(span) if span else None, rules) for size, span, rules in self.runs]

    @staticmethod
    def of_plain(plain: PlainText) -> TracedText:
        text, runs = plain
        if isinstance(runs, tuple):
            return TracedText(text, (Run(len(text), Span(*runs)),))
        return TracedText(text, tuple(Run(size, Span(*span) if span else None, rules) for size, span, rules in runs))

    @staticmethod
    def copied(source: str, start: int = 0, end: int | None = None, pointer: str = "") -> TracedText:
        """The code points `start` to `end` of the decoded string `source`, which stands at `pointer`."""
        end = len(source) if end is None else end
        if start >= end:
            return EMPTY
        return TracedText(source[start:end], (Run(end - start, Span(start, end, pointer)),))

    @staticmethod
    def edited(new: str, span: Span, rule: str) -> TracedText:
        """The text `new`, made from the source span `span` by `rule`."""
        return TracedText(new, (Run(len(new), span, (rule,)),)) if new else EMPTY

    @staticmethod
    def inserted(new: str, rule: str) -> TracedText:
        """The text `new`, which stands in no source: a separator, a restored break, a list mark."""
        return TracedText(new, (Run(len(new), None, (rule,)),)) if new else EMPTY

    @staticmethod
    def join(parts: Iterable[TracedText]) -> TracedText:
        """The parts one after another; copies that touch in the source become one run."""
        texts: list[str] = []
        runs: list[Run] = []
        for part in parts:
            texts.append(part.text)
            for run in part.runs:
                if runs and (merged := _merged(runs[-1], run)):
                    runs[-1] = merged
                else:
                    runs.append(run)
        return TracedText("".join(texts), tuple(runs))

    def can_cut(self, position: int) -> bool:
        """Whether the text may be cut before the code point `position`: everywhere but inside an edit, which is one whole."""
        return Cutter(self).can_cut(position)

    def cuttable(self, start: int, end: int) -> tuple[int, int]:
        """The part `start` to `end`, widened to where the text can be cut."""
        return (start, end) if self._copy_of() else Cutter(self).cuttable(start, end)

    def sliced(self, start: int, end: int | None = None) -> TracedText:
        """The code points `start` to `end`. Raises ValueError if that cuts an edit in two."""
        end = len(self.text) if end is None else min(end, len(self.text))
        start = max(start, 0)
        if start == 0 and end == len(self.text):
            return self
        if len(self.runs) == 1 and start < end:
            return TracedText(self.text[start:end], (_cut(self.runs[0], start, end),))
        return Cutter(self).sliced(start, end)

    def stripped(self) -> TracedText:
        """Without white space at both ends, as far as that is no part of an edit."""
        return self.sliced(*self.inner())

    def inner(self) -> tuple[int, int]:
        """Where the text begins and ends without the white space around it that can be cut off."""
        size = len(self.text)
        left = size - len(self.text.lstrip())
        right = max(left, len(self.text.rstrip()))
        return (0, size) if left == 0 and right == size else self.cuttable(left, right)

    def spliced(self, edits: Sequence[Edit]) -> tuple[TracedText, tuple[Dropped, ...]]:
        """The text with `edits` (sorted, apart from each other) carried out, and what they dropped.

        An edit that replaces must cover text that is contiguous in the source, for only then can it be replayed from its span; ValueError
        otherwise.
        """
        if not edits:
            return self, ()
        copy = self._copy_of()
        if copy and not any(edit.new for edit in edits):
            return self._thinned(copy, edits)
        cutter = Cutter(self)
        parts: list[TracedText] = []
        dropped: list[Dropped] = []
        at = 0
        for edit in edits:
            if edit.start < at:
                raise ValueError(f"edits overlap or are not sorted at {edit.start}")
            parts.append(cutter.sliced(at, edit.start))
            old = cutter.sliced(edit.start, edit.end)
            at = edit.end
            if edit.start == edit.end:
                parts.append(TracedText.inserted(edit.new, edit.rule))
            elif not edit.new:
                dropped += [Dropped(run.span, edit.rule) for run in old.runs if run.span]
            elif all(run.op is Op.INSERT for run in old.runs):
                parts.append(TracedText.inserted(edit.new, edit.rule))
            elif span := old.contiguous():
                rules = dict.fromkeys(rule for run in old.runs for rule in run.rules)
                parts.append(TracedText(edit.new, (Run(len(edit.new), span, (*rules, edit.rule)),)))
            else:
                raise ValueError(f"the edit at {edit.start} crosses from one part of the source into another")
        parts.append(cutter.sliced(at, len(self.text)))
        return TracedText.join(parts), tuple(dropped)

    def _copy_of(self) -> Span | None:
        """The one span that the text is a copy of, as most texts are; None where it is more than that."""
        if len(self.runs) != 1 or self.runs[0].rules:
            return None
        return self.runs[0].span

    def _thinned(self, copy: Span, edits: Sequence[Edit]) -> tuple[TracedText, tuple[Dropped, ...]]:
        """What `spliced` gives for a copy of one span and edits that drop."""
        begin, pointer = copy.start, copy.pointer
        texts: list[str] = []
        runs: list[Run] = []
        dropped: list[Dropped] = []
        at = 0
        size = len(self.text)
        for start, end, _, rule in [*edits, Edit(size, size, "", "")]:
            if start < at:
                raise ValueError(f"edits overlap or are not sorted at {start}")
            if start == end < size:
                continue
            if start > at:
                texts.append(self.text[at:start])
                runs.append(Run(start - at, Span(begin + at, begin + start, pointer)))
            if end > start:
                dropped.append(Dropped(Span(begin + start, begin + end, pointer), rule))
            at = end
        return TracedText("".join(texts), tuple(runs)), tuple(dropped)

    def spans(self) -> tuple[Span, ...]:
        """The source spans in the order of the text, insertions left out."""
        return tuple(run.span for run in self.runs if run.span)

    def moved(self, by: int) -> TracedText:
        """The text of a part of a source, as one of the source: its spans `by` code points further on."""
        runs = (
            run
            if run.span is None
            else run._replace(span=run.span._replace(start=run.span.start + by, end=run.span.end + by))
            for run in self.runs
        )
        return TracedText(self.text, tuple(runs))

    def contiguous(self) -> Span | None:
        """The one span that the text covers without a gap or an insertion; None where there is no such span."""
        if not self.runs or any(run.span is None for run in self.runs):
            return None
        spans = self.spans()
        if any(a.end != b.start or a.pointer != b.pointer for a, b in pairwise(spans)):
            return None
        return Span(spans[0].start, spans[-1].end, spans[0].pointer)

    def hull(self) -> Span | None:
        """The smallest span that holds all spans of the first pointer met; None for a text without origin."""
        spans = self.spans()
        if not spans:
            return None
        pointer = spans[0].pointer
        own = [span for span in spans if span.pointer == pointer]
        return Span(min(span.start for span in own), max(span.end for span in own), pointer)

    def hull_of(self, start: int, end: int) -> Span | None:
        """The hull of the part `start` to `end`; an edit that it meets is in it as a whole."""
        if start >= end:
            return None
        pointer: str | None = None
        least = most = at = 0
        for size, span, rules in self.runs:
            first, at = at, at + size
            if span is None or at <= start or (pointer is not None and span.pointer != pointer):
                continue
            if first >= end:
                break
            begin, stop = span.start, span.end
            if not rules:
                begin, stop = begin + max(start - first, 0), stop - max(at - end, 0)
            if pointer is None:
                least, most, pointer = begin, stop, span.pointer
            else:
                least, most = min(least, begin), max(most, stop)
        return None if pointer is None else Span(least, most, pointer)

    def origin_of(self, position: int) -> Span | None:
        """The span that the code point at `position` came from (one code point wide in a copy); None for an insertion."""
        starts = [0]
        for run in self.runs:
            starts.append(starts[-1] + run.size)
        index = bisect_right(starts, position) - 1
        if not 0 <= index < len(self.runs):
            raise IndexError(position)
        run = self.runs[index]
        if run.span is None or run.rules:
            return run.span
        start = run.span.start + position - starts[index]
        return Span(start, start + 1, run.span.pointer)


EMPTY = TracedText("", ())


class Cutter:
    """Cuts one text in many places, each in the time of a search, whatever the number of its runs."""

    def __init__(self, text: TracedText) -> None:
        self.text = text
        self.starts = list(accumulate([run.size for run in text.runs], initial=0))
        self.has_edits = any(run.rules and run.span is not None for run in text.runs)

    def can_cut(self, position: int) -> bool:
        """Whether the text may be cut before the code point `position`."""
        if not self.has_edits:
            return True
        index = bisect_right(self.starts, position) - 1
        inside = 0 <= index < len(self.text.runs) and self.starts[index] < position
        return not inside or self.text.runs[index].op is not Op.EDIT

    def cuttable(self, start: int, end: int) -> tuple[int, int]:
        """The part `start` to `end`, widened to where the text can be cut."""
        while start > 0 and not self.can_cut(start):
            start -= 1
        while end < len(self.text) and not self.can_cut(end):
            end += 1
        return start, end

    def sliced(self, start: int, end: int) -> TracedText:
        """The code points `start` to `end`. Raises ValueError if that cuts an edit in two."""
        if start >= end:
            return EMPTY
        if len(self.text.runs) == 1:
            return TracedText(
                self.text.text[start:end], (_cut(self.text.runs[0], max(start, 0), min(end, len(self.text))),)
            )
        first = bisect_right(self.starts, start) - 1
        last = bisect_left(self.starts, end)
        runs = tuple(
            _cut(run, max(start - offset, 0), min(end - offset, run.size))
            for run, offset in zip(self.text.runs[first:last], self.starts[first:last], strict=True)
        )
        return TracedText(self.text.text[start:end], runs)


def _merged(left: Run, right: Run) -> Run | None:
    """Two runs as one, where that says the same: copies that touch in the source, insertions by the same rules."""
    if left.span is None or right.span is None:
        if left.span is right.span and left.rules == right.rules:
            return Run(left.size + right.size, None, left.rules)
        return None
    if left.rules or right.rules or left.span.pointer != right.span.pointer or left.span.end != right.span.start:
        return None
    return Run(left.size + right.size, Span(left.span.start, right.span.end, left.span.pointer))


def _cut(run: Run, start: int, end: int) -> Run:
    """The code points `start` to `end` of one run."""
    if end - start == run.size:
        return run
    if run.span is None:
        return Run(end - start, None, run.rules)
    if run.rules:
        raise ValueError("an edit is one whole and can't be cut")
    return Run(end - start, Span(run.span.start + start, run.span.start + end, run.span.pointer))
