"""Written Markdown reads back as the same blocks, whatever stands in them."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from helpers import block_of, cases, shown
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.model.documents import Block, Kind, Mark, MarkKind
from cleaner.model.text import TracedText
from cleaner.stages.extract.markdown import extract_markdown
from cleaner.stages.write.markdown import markdown
from cleaner.stages.write.text import leveled

SIGNS = (
    r"* ** _ __ [ ] ( ) < > & | # ## \ ` `` ``` ~ ~~ ~~~ ! ![ ]( ](x) [x]: [x] = === - -- --- + ++ 1. 2) 007. :-- |--| &amp; &#33; &amp <b> </b> <!-- --> <a@b.c> "
    r"""<http://a.b> http://a.b www.a.b a@b.c \* \\ ' " $ { } : . , word two é 渡 I🎉 x1 **b** *e* `c` [l](u) snake_case_ {{<a>}} {{< {% %} {#a} {:.b} {.c} %% == ==a== ^ ^id ::: ::: [[a]] [[a|b]] ![[a]] [!note] [TOC] [^1] [^1]:"""
).split(" ")
TOKEN = st.one_of(st.sampled_from(SIGNS), st.sampled_from(["word", "two"]))
# Text as the repair leaves it: one space between, none at the ends.
LINE = st.lists(st.tuples(TOKEN, st.sampled_from([" ", " ", ""])), min_size=1, max_size=8).map(
    lambda parts: " ".join("".join(f"{token}{behind}" for token, behind in parts).split())
)
LINES = st.lists(LINE, min_size=1, max_size=2).map("\n".join)
MANY = settings(max_examples=2 * settings().max_examples)


def written(blocks: list[Block]) -> str:
    return markdown(leveled(blocks))[0]


def read(text: str) -> list[Block]:
    return list(extract_markdown(text, "", "made.md").blocks)


def said(blocks: list[Block]) -> list[tuple[str, int, int | None, str]]:
    return [(block.kind.value, block.level, block.ordinal, block.text.text) for block in blocks]


def check(blocks: list[Block]) -> None:
    text = written(blocks)
    assert said(read(text)) == said(list(leveled(blocks))), text
    assert written(read(text)) == text


@pytest.mark.parametrize("case", cases("write/markdown"))
def test_case(case: dict[str, Any]) -> None:
    blocks = read(case["text"])
    assert written(blocks) == case.get("written", case["text"])
    assert shown(read(written(blocks))) == shown(blocks)


@MANY
@given(LINES)
def test_paragraph(text: str) -> None:
    check([block_of(Kind.PARAGRAPH, text)])


@pytest.mark.parametrize("text", ["|\n:--", "ship | crew\n:-- | --:", "ship | crew\n--|--", "a\n|-"])
def test_second_line_makes_no_table(text: str) -> None:
    check([block_of(Kind.PARAGRAPH, text)])


@pytest.mark.parametrize("text", ["-- -", "--- -", "word\n-- --"])
def test_dashes_apart_are_no_thematic_break(text: str) -> None:
    check([block_of(Kind.PARAGRAPH, text)])


@MANY
@given(LINE, st.integers(1, 6))
def test_heading(text: str, level: int) -> None:
    check([block_of(Kind.HEADING, text, level=level)])


@MANY
@given(LINES, st.integers(0, 2))
def test_quotation(text: str, level: int) -> None:
    check([block_of(Kind.QUOTE, text, level=level, group=1)])


@MANY
@given(LINES, st.one_of(st.none(), st.integers(0, 999_999_999)))
def test_item(text: str, ordinal: int | None) -> None:
    check([block_of(Kind.ITEM, text, ordinal=ordinal, group=1)])


@MANY
@given(
    st.text(st.sampled_from("`~ \tab<&*\n#->|"), min_size=1).filter(str.strip),
    st.sampled_from(["", "python", "c++", "a b"]),
)
def test_code(text: str, info: str) -> None:
    check([block_of(Kind.CODE, text, info=info)])


@MANY
@example([("* |",)], "*")
@given(st.lists(st.lists(st.one_of(st.just(""), LINE), max_size=3).map(tuple), min_size=1, max_size=4), LINE)
def test_table(rows: list[tuple[str, ...]], last: str) -> None:
    check([row_of((*cells, last)) for cells in rows])


def row_of(cells: tuple[str, ...]) -> Block:
    marks, at = [], 0
    for cell in cells:
        marks.append(Mark(at, at + len(cell), MarkKind.CELL))
        at += len(cell) + 3
    return block_of(Kind.ROW, " | ".join(cells), marks, group=7)


KINDS = st.sampled_from([MarkKind.LINK, MarkKind.EMPHASIS, MarkKind.STRONG, MarkKind.CODE])
TARGETS = st.sampled_from(
    ["https://example.org/a_b*c", "/a(b)c", "/a b", "#x", "https://example.org/?a=1&b=[2]", "mailto:a@b.c"]
)


@st.composite
def marked(draw: st.DrawFn) -> Block:
    text = draw(LINE)
    marks = []
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text) - 1))
        kind = draw(KINDS)
        marks.append(
            Mark(start, draw(st.integers(start + 1, len(text))), kind, draw(TARGETS) if kind is MarkKind.LINK else "")
        )
    return block_of(Kind.PARAGRAPH, text, sorted(marks))


@example(block_of(Kind.PARAGRAPH, "word", [Mark(0, 1, MarkKind.CODE), Mark(0, 1, MarkKind.EMPHASIS)]))
@MANY
@given(marked())
def test_marks_change_no_text(block: Block) -> None:
    check([block])


def test_exclamation_mark_before_a_link_makes_no_image() -> None:
    check([block_of(Kind.PARAGRAPH, "Wow!here", [Mark(4, 8, MarkKind.LINK, "/a")])])


@pytest.mark.parametrize("text", ["<a@b.c>", "<1a@b.c>"])
def test_sign_before_a_mark_begins_no_address(text: str) -> None:
    check([block_of(Kind.PARAGRAPH, text, [Mark(len(text) - 6, len(text) - 5, MarkKind.EMPHASIS)])])


@MANY
@given(marked().filter(lambda block: len(block.marks) == 1))
def test_mark_changes_no_text(block: Block) -> None:
    check([block])


@pytest.mark.parametrize(
    "target",
    [
        "https://example.org/a_b*c",
        "https://example.org/?a=1&b=2#c",
        "/a(b)c",
        "/a)b",
        "#x",
        "/caf%C3%A9",
        "https://example.org/[1]",
        "https://example.org/?a=1&amp;b=2",
        "/?a=1&copy;=2",
    ],
)
def test_target_reads_back(target: str) -> None:
    (block,) = read(written([block_of(Kind.PARAGRAPH, "word", [Mark(0, 4, MarkKind.LINK, target)])]))
    assert [mark.target for mark in block.marks] == [target]


@given(st.lists(st.sampled_from(["ebb", "flow", "tide", "moon"]), min_size=3, max_size=6), KINDS, TARGETS, st.data())
def test_mark_on_plain_words_reads_back(words: list[str], kind: MarkKind, target: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first + 1, len(words)))
    start = len(" ".join(words[:first])) + (first > 0)
    mark = Mark(start, len(" ".join(words[:last])), kind, target if kind is MarkKind.LINK else "")
    (block,) = read(written([block_of(Kind.PARAGRAPH, " ".join(words), [mark])]))
    assert block.text.text == " ".join(words)
    assert [tuple(found[:3]) for found in block.marks] == [tuple(mark[:3])]


@st.composite
def documents(draw: st.DrawFn) -> list[Block]:
    """Blocks of all kinds one after another; lists with items at several depths, paragraphs and code in items, tables, quotations."""
    groups = count(1)
    blocks: list[Block] = []
    for _ in range(draw(st.integers(1, 5))):
        match draw(st.sampled_from(["heading", "paragraph", "list", "quote", "code", "table"])):
            case "heading":
                blocks.append(block_of(Kind.HEADING, draw(LINE), level=draw(st.integers(1, 6))))
            case "paragraph":
                blocks.append(block_of(Kind.PARAGRAPH, draw(LINES)))
            case "code":
                blocks.append(block_of(Kind.CODE, draw(st.sampled_from(["x = 1", "a\n\n  b", "```", "\tx", "- a"]))))
            case "table":
                group = next(groups)
                blocks += [
                    replace(row_of((draw(LINE), draw(LINE))), group=group) for _ in range(draw(st.integers(1, 3)))
                ]
            case "quote":
                group = next(groups)
                blocks += [
                    block_of(Kind.QUOTE, draw(LINES), level=draw(st.integers(0, 2)), group=group)
                    for _ in range(draw(st.integers(1, 3)))
                ]
            case _:
                blocks += draw(listed(next(groups)))
    return blocks


@st.composite
def listed(draw: st.DrawFn, group: int) -> list[Block]:
    """One list: at each depth all items are numbered, or none."""
    numbered = [draw(st.booleans()) for _ in range(3)]
    made: list[Block] = []
    depth, counters = 0, [0, 0, 0]
    for _ in range(draw(st.integers(1, 5))):
        level = draw(st.integers(0, min(depth, 2)))
        counters[level] += 1
        counters[level + 1 :] = [0] * (2 - level)
        ordinal = counters[level] if numbered[level] else None
        made.append(
            block_of(Kind.ITEM, draw(LINES), level=level, ordinal=ordinal, info="." if ordinal else "", group=group)
        )
        depth = level + 1
        if draw(st.booleans()) and draw(st.booleans()):
            made.append(block_of(Kind.PARAGRAPH, draw(LINE), level=level + 1))
    return made


@MANY
@given(documents())
def test_document(blocks: list[Block]) -> None:
    check(blocks)


@given(documents())
def test_each_block_begins_on_the_line_that_is_told(blocks: list[Block]) -> None:
    text, starts = markdown(leveled(blocks))
    lines = text.split("\n")
    assert text.endswith("\n")
    assert len(starts) == len(blocks)
    assert list(starts) == sorted(set(starts))
    assert all(lines[start].strip() for start in starts)


def test_restored_break_and_join_of_edits_are_nothing_special() -> None:
    text = TracedText.join(
        [TracedText.copied("a*b", 0, 1), TracedText.inserted("*", "separator"), TracedText.copied("a*b", 2, 3)]
    )
    assert written([Block(Kind.PARAGRAPH, text, restored=True)]) == "a\\*b\n"


def test_nothing_is_an_empty_line() -> None:
    assert markdown(()) == ("\n", ())
