"""The plain text of the corpus: separators and list marks are insertions, every other character has its source."""

from __future__ import annotations

from dataclasses import replace

from helpers import block_of, check_document, made_of
from hypothesis import given
from hypothesis import strategies as st

from cleaner.model.documents import Block, Kind
from cleaner.model.text import Op
from cleaner.stages.write.text import leveled, plain_text


def item(text: str, level: int = 0, ordinal: int | None = None, info: str = "") -> Block:
    return block_of(Kind.ITEM, text, level=level, ordinal=ordinal, info=info)


def test_text_of_all_kinds() -> None:
    blocks = (
        block_of(Kind.HEADING, "The ferry", level=1),
        block_of(Kind.PARAGRAPH, "It left."),
        item("a coat"),
        item("wool", 1),
        item("boots", 0, 3, ")"),
        item("lamp", 0, 4),
        block_of(Kind.QUOTE, "We wait."),
        block_of(Kind.CODE, "x = 1\n\ny"),
        block_of(Kind.ROW, "a | b"),
    )
    found = plain_text(blocks)
    assert found.text.text == (
        "The ferry\n\nIt left.\n\n- a coat\n\n  - wool\n\n3) boots\n\n4. lamp\n\nWe wait.\n\nx = 1\n\ny\n\na | b"
    )
    assert [
        found.text.text[start:].startswith(block.text.text) for block, start in zip(blocks, found.starts, strict=True)
    ] == [True] * 9


@given(st.lists(st.sampled_from([Kind.HEADING, Kind.PARAGRAPH, Kind.ITEM, Kind.QUOTE]), max_size=6))
def test_only_separators_and_marks_are_inserted(kinds: list[Kind]) -> None:
    document = made_of([(kind, f"Block {number}") for number, kind in enumerate(kinds)])
    check_document(document)
    found = plain_text(document.blocks)
    at = 0
    for run in found.text.runs:
        piece = found.text.text[at : at + run.size]
        at += run.size
        if run.op is Op.INSERT:
            assert set(piece) <= set("\n- ")
            assert run.rules in (("separator",), ("list-mark",))
        else:
            assert run.op is Op.COPY
    assert sum(len(block.text) for block in document.blocks) == sum(
        span.end - span.start for span in found.text.spans()
    )


def test_restored_break_names_its_rule() -> None:
    first, second = made_of(["One.", "Two."]).blocks
    found = plain_text((first, replace(second, restored=True)))
    assert [run.rules for run in found.text.runs] == [(), ("TXT009",), ()]


def test_nothing_has_no_text() -> None:
    assert plain_text(()).text.text == ""


@given(
    st.lists(
        st.tuples(st.sampled_from([Kind.ITEM, Kind.PARAGRAPH, Kind.CODE, Kind.HEADING]), st.integers(0, 4)), max_size=10
    )
)
def test_depths_are_such_as_a_list_can_have(made: list[tuple[Kind, int]]) -> None:
    blocks = [block_of(kind, "x", level=level) for kind, level in made]
    found = leveled(blocks)
    deepest = 0
    for block, before in zip(found, blocks, strict=True):
        if block.kind is Kind.HEADING:
            assert block == before
            deepest = 0
            continue
        assert block.level <= before.level
        assert block.level <= deepest
        deepest = block.level + (block.kind is Kind.ITEM)
    assert leveled(found) == found
