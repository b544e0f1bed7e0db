"""Traced text: whatever is done to it, its runs tile it, and no character loses its origin."""

from __future__ import annotations

from collections import Counter

import pytest
from helpers import block_of, check_origins, check_tiling
from hypothesis import assume, given
from hypothesis import strategies as st

from cleaner.model.documents import Kind, Mark, MarkKind
from cleaner.model.text import EMPTY, Edit, Op, Run, Span, TracedText

SOURCES = {
    "": "The ferry left at dawn, and nobody on the quay saw it go.  \n\tLater it rained.\n",
    "/body": "\N{PARTY POPPER} Caf\N{LATIN SMALL LETTER E WITH ACUTE} \u200b na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve e\u0301\u05e9\u05dc  ",
}
Codes = Counter[tuple[str, int]]


@st.composite
def spans(draw: st.DrawFn) -> Span:
    pointer = draw(st.sampled_from(sorted(SOURCES)))
    start = draw(st.integers(0, len(SOURCES[pointer]) - 1))
    return Span(start, draw(st.integers(start + 1, min(start + 12, len(SOURCES[pointer])))), pointer)


def copied(span: Span) -> TracedText:
    return TracedText.copied(SOURCES[span.pointer], span.start, span.end, span.pointer)


PARTS = st.one_of(
    spans().map(copied),
    st.builds(TracedText.edited, st.text(" ab\u00e9\n", max_size=4), spans(), st.sampled_from(["TXT001", "TXT006"])),
    st.builds(TracedText.inserted, st.text(" \n-", max_size=3), st.sampled_from(["separator", "list-mark"])),
)
TRACED = st.lists(PARTS, max_size=8).map(TracedText.join)


def codes_of(spans_met: list[Span]) -> Codes:
    return Counter((span.pointer, at) for span in spans_met for at in range(span.start, span.end))


@given(spans())
def test_copied_is_one_run_equal_to_its_source(span: Span) -> None:
    text = copied(span)
    assert text.text == SOURCES[span.pointer][span.start : span.end]
    assert text.runs == (Run(span.end - span.start, span),)
    assert text.runs[0].op is Op.COPY


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 3), (5, 2)])
def test_nothing_copied_is_empty(start: int, end: int) -> None:
    assert TracedText.copied("source", start, end) is EMPTY


def test_whole_source_is_copied_where_no_end_is_given() -> None:
    assert TracedText.copied("source", 2, pointer="/a").runs == (Run(4, Span(2, 6, "/a")),)


def test_edited_and_inserted_say_what_they_are() -> None:
    assert [run.op for run in TracedText.edited("x", Span(0, 3), "TXT001").runs] == [Op.EDIT]
    assert [run.op for run in TracedText.inserted("x", "separator").runs] == [Op.INSERT]
    assert TracedText.edited("", Span(0, 3), "TXT001") == TracedText.inserted("", "separator") == EMPTY


@given(st.lists(TRACED, max_size=5))
def test_join_tiles_and_keeps_every_origin(parts: list[TracedText]) -> None:
    joined = TracedText.join(parts)
    check_origins(joined, SOURCES)
    assert joined.text == "".join(part.text for part in parts)
    assert codes_of(list(joined.spans())) == codes_of([span for part in parts for span in part.spans()])


def test_copies_that_touch_become_one_run() -> None:
    source = "one two"
    joined = TracedText.join([TracedText.copied(source, 0, 4), TracedText.copied(source, 4, 7)])
    assert joined.runs == (Run(7, Span(0, 7)),)
    apart = TracedText.join([TracedText.copied(source, 0, 3), TracedText.copied(source, 4, 7)])
    assert len(apart.runs) == 2
    elsewhere = TracedText.join([TracedText.copied(source, 0, 4), TracedText.copied(source, 4, 7, "/b")])
    assert len(elsewhere.runs) == 2


def test_edits_that_touch_stay_apart() -> None:
    joined = TracedText.join(
        [TracedText.edited("a", Span(0, 2), "TXT001"), TracedText.edited("b", Span(2, 4), "TXT001")]
    )
    assert len(joined.runs) == 2


@given(TRACED, st.data())
def test_slice_of_join_is_join_of_slices(text: TracedText, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)).filter(text.can_cut))
    left, right = text.sliced(0, cut), text.sliced(cut)
    check_tiling(left)
    check_tiling(right)
    assert TracedText.join([left, right]) == text
    start = data.draw(st.integers(0, len(text)).filter(text.can_cut))
    end = data.draw(st.integers(start, len(text)).filter(text.can_cut))
    both = TracedText.join([left.sliced(start, min(end, cut)), right.sliced(max(0, start - cut), max(0, end - cut))])
    assert both == text.sliced(start, end)


@given(TRACED, st.data())
def test_slices_are_slices_of_the_string(text: TracedText, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    if start < end and not (text.can_cut(start) and text.can_cut(end)):
        with pytest.raises(ValueError, match="cut"):
            text.sliced(start, end)
        start, end = text.cuttable(start, end)
    piece = text.sliced(start, end)
    check_origins(piece, SOURCES)
    assert piece.text == text.text[start:end]


@given(TRACED)
def test_text_can_be_cut_everywhere_but_inside_an_edit(text: TracedText) -> None:
    inside: set[int] = set()
    at = 0
    for run in text.runs:
        if run.op is Op.EDIT:
            inside |= set(range(at + 1, at + run.size))
        at += run.size
    assert {position for position in range(len(text) + 1) if not text.can_cut(position)} == inside


@given(TRACED, st.data())
def test_cuttable_widens_by_no_more_than_it_must(text: TracedText, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    left, right = text.cuttable(start, end)
    assert left <= start <= end <= right
    assert text.can_cut(left)
    assert text.can_cut(right)
    assert not any(text.can_cut(position) for position in range(left + 1, start + 1))
    assert not any(text.can_cut(position) for position in range(end, right))


@given(TRACED)
def test_stripped_is_the_string_stripped(text: TracedText) -> None:
    left = len(text.text) - len(text.text.lstrip())
    right = max(left, len(text.text.rstrip()))
    assume(left == right or (text.can_cut(left) and text.can_cut(right)))
    stripped = text.stripped()
    check_origins(stripped, SOURCES)
    assert stripped.text == text.text.strip()


@st.composite
def edited_texts(draw: st.DrawFn) -> tuple[TracedText, list[Edit]]:
    """A text and edits that can be carried out on it: sorted, apart, and a replacement only of what is contiguous in the source."""
    text = draw(TRACED)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)).filter(text.can_cut), max_size=8)))
    edits: list[Edit] = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        new = draw(st.sampled_from(["", "x", "new words", "\u00e9"]))
        old = text.sliced(start, end)
        if new and old.contiguous() is None and any(run.span for run in old.runs):
            new = ""
        edits.append(Edit(start, end, new, "TXT001"))
        if draw(st.booleans()):
            edits.append(Edit(end, end, "+", "separator"))
    return text, edits


@given(edited_texts())
def test_what_edits_drop_and_what_they_keep_is_what_there_was(made: tuple[TracedText, list[Edit]]) -> None:
    text, edits = made
    after, dropped = text.spliced(edits)
    check_tiling(after)
    kept = codes_of(list(after.spans()))
    assert kept + codes_of([loss.span for loss in dropped]) == codes_of(list(text.spans()))
    wanted, at = "", 0
    for edit in edits:
        wanted += text.text[at : edit.start] + edit.new
        at = edit.end
    assert after.text == wanted + text.text[at:]
    assert {loss.rule for loss in dropped} <= {"TXT001"}


def test_edit_of_an_edit_remembers_both_rules_in_their_order() -> None:
    text, _ = TracedText.copied("caf&eacute; x").spliced([Edit(3, 11, "e\u0301", "TXT004")])
    text, _ = text.spliced([Edit(3, 5, "\u00e9", "TXT006")])
    assert text.runs[1] == Run(1, Span(3, 11), ("TXT004", "TXT006"))
    assert text.text == "caf\u00e9 x"


def test_replaced_insertion_stays_an_insertion() -> None:
    text, dropped = TracedText.inserted("\n\n", "separator").spliced([Edit(0, 2, " ", "separator")])
    assert text == TracedText.inserted(" ", "separator")
    assert dropped == ()


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(2, 4, "", "TXT002"), Edit(3, 5, "", "TXT002")],
        [Edit(4, 5, "", "TXT002"), Edit(0, 1, "", "TXT002")],
    ],
    ids=["overlapping", "not sorted"],
)
def test_edits_that_overlap_are_a_misuse(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlap"):
        TracedText.copied("abcdef").spliced(edits)


def test_replacement_across_a_gap_in_the_source_is_a_misuse() -> None:
    text = TracedText.join([TracedText.copied("abcdef", 0, 2), TracedText.copied("abcdef", 4, 6)])
    with pytest.raises(ValueError, match="crosses"):
        text.spliced([Edit(1, 3, "x", "TXT001")])


@given(TRACED)
def test_contiguous_and_hull(text: TracedText) -> None:
    hull, whole = text.hull(), text.contiguous()
    met = text.spans()
    assert (hull is None) == (not met)
    if hull:
        own = [span for span in met if span.pointer == hull.pointer]
        assert own[0] == met[0]
        assert all(hull.start <= span.start and span.end <= hull.end for span in own)
        assert hull.start in {span.start for span in own}
        assert hull.end in {span.end for span in own}
    if whole:
        assert hull == whole
        assert sum(span.end - span.start for span in met) == whole.end - whole.start
        assert [code for span in met for code in range(span.start, span.end)] == list(range(whole.start, whole.end))
    else:
        one = len(met) == len(text.runs) == 1
        assert not one


@given(TRACED)
def test_origin_of_each_code_point(text: TracedText) -> None:
    runs = [(run, offset) for run in text.runs for offset in range(run.size)]
    for position, (run, offset) in enumerate(runs):
        origin = text.origin_of(position)
        if run.op is Op.COPY:
            assert origin is not None
            assert origin.end == origin.start + 1
            assert SOURCES[origin.pointer][origin.start] == text.text[position]
            assert run.span is not None
            assert origin.start == run.span.start + offset
        else:
            assert origin == run.span
    for outside in (-1, len(text)):
        with pytest.raises(IndexError):
            text.origin_of(outside)


# -- blocks: the marks stay on the same words --

WORDS = st.lists(st.sampled_from(["ebb", "flow", "tide", "moon", "salt"]), min_size=1, max_size=10)


@st.composite
def marked_blocks(draw: st.DrawFn) -> tuple[list[tuple[int, int]], set[int], list[Mark], str]:
    words = draw(WORDS)
    text = " ".join(words)
    places, at = [], 0
    for word in words:
        places.append((at, at + len(word)))
        at += len(word) + 1
    marked = draw(st.sets(st.integers(0, len(words) - 1)))
    marks = [
        Mark(*places[number], draw(st.sampled_from([MarkKind.LINK, MarkKind.STRONG])), f"#{number}")
        for number in sorted(marked)
    ]
    return places, marked, marks, text


@given(marked_blocks(), st.data())
def test_sliced_block_keeps_marks_on_the_same_words(
    made: tuple[list[tuple[int, int]], set[int], list[Mark], str], data: st.DataObject
) -> None:
    places, marked, marks, text = made
    first = data.draw(st.integers(0, len(places) - 1))
    last = data.draw(st.integers(first, len(places) - 1))
    block = block_of(Kind.PARAGRAPH, text, marks, level=3).sliced(places[first][0], places[last][1])
    kept = [number for number in sorted(marked) if first <= number <= last]
    assert [mark.target for mark in block.marks] == [f"#{number}" for number in kept]
    for mark, number in zip(block.marks, kept, strict=True):
        assert block.text.text[mark.start : mark.end] == text[places[number][0] : places[number][1]]
    assert (block.kind, block.level) == (Kind.PARAGRAPH, 3)


@given(TRACED, st.integers(0, 20), st.integers(0, 20))
def test_hull_of_a_part_is_that_of_its_slice(text: TracedText, start: int, size: int) -> None:
    start, end = min(start, len(text)), min(start + size, len(text))
    assert text.hull_of(start, end) == (text.sliced(*text.cuttable(start, end)).hull() if start < end else None)


@given(spans(), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=4))
def test_what_edits_leave_of_a_copy_are_copies(span: Span, cuts: list[tuple[int, int]]) -> None:
    text, at = copied(span), 0
    edits: list[Edit] = []
    for start, size in sorted(cuts):
        start, end = max(start, at), min(max(start, at) + size, len(text))
        if start <= end:
            edits.append(Edit(start, end, "", "TXT002"))
            at = end
    after, dropped = text.spliced(edits)
    edges = [0, *(place for edit in edits for place in edit[:2]), len(text)]
    kept = zip(edges[::2], edges[1::2], strict=True)
    assert after == TracedText.join(text.sliced(start, end) for start, end in kept)
    gone = (text.sliced(edit.start, edit.end).contiguous() for edit in edits)
    assert [loss.span for loss in dropped] == [span for span in gone if span]


@given(marked_blocks(), st.data())
def test_spliced_block_keeps_marks_on_the_same_words(
    made: tuple[list[tuple[int, int]], set[int], list[Mark], str], data: st.DataObject
) -> None:
    places, marked, marks, text = made
    touched = sorted(data.draw(st.sets(st.sampled_from(range(len(places))))) - marked)
    edits = []
    for number in touched:
        new = data.draw(st.sampled_from(["", "replaced", "x"]))
        edits.append(Edit(*places[number], new, "TXT001"))
    block, dropped = block_of(Kind.PARAGRAPH, text, marks).spliced(edits)
    assert [block.text.text[mark.start : mark.end] for mark in block.marks] == [
        text[mark.start : mark.end] for mark in marks
    ]
    assert [mark.target for mark in block.marks] == [mark.target for mark in marks]
    assert len(dropped) == sum(not edit.new for edit in edits)


@given(marked_blocks())
def test_mark_of_a_dropped_word_goes_with_it(made: tuple[list[tuple[int, int]], set[int], list[Mark], str]) -> None:
    places, marked, marks, text = made
    edits = [Edit(*places[number], "", "TXT002") for number in sorted(marked)]
    assert block_of(Kind.PARAGRAPH, text, marks).spliced(edits)[0].marks == ()


def test_empty_cell_of_a_row_is_kept() -> None:
    cells = [Mark(0, 0, MarkKind.CELL), Mark(3, 4, MarkKind.CELL)]
    row = block_of(Kind.ROW, " | a", cells)
    assert row.spliced([Edit(3, 4, "", "TXT002")])[0].marks == (Mark(0, 0, MarkKind.CELL), Mark(3, 3, MarkKind.CELL))


def test_stripped_block_moves_its_marks() -> None:
    block = block_of(
        Kind.PARAGRAPH, "  salt tide ", [Mark(2, 6, MarkKind.STRONG), Mark(0, 2, MarkKind.CODE)]
    ).stripped()
    assert block.text.text == "salt tide"
    assert block.marks == (Mark(0, 4, MarkKind.STRONG),)
