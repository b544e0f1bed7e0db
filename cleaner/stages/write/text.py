"""Blocks in, the plain text of the corpus out, traced: every separator and list mark is an insertion, every other character has its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cleaner.model.documents import Block, Kind
from cleaner.model.record import record
from cleaner.model.text import TracedText
from cleaner.rules import LIST_MARK, SEPARATOR


@record
class PlainText:
    """The text, and for each block the offset in it where the block's own characters begin."""

    text: TracedText
    starts: tuple[int, ...]


def plain_text(blocks: tuple[Block, ...]) -> PlainText:
    """The text of the blocks: a blank line between, headings without marks, list items with `- ` or `1. `, links without targets."""
    parts: list[TracedText] = []
    starts: list[int] = []
    size = 0
    for block in blocks:
        for part in (_separator(block) if parts else None, _mark(block)):
            if part is not None:
                parts.append(part)
                size += len(part)
        starts.append(size)
        parts.append(block.text)
        size += len(block.text)
    return PlainText(TracedText.join(parts), tuple(starts))


def leveled(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks with depths that a list can have: an item is at most one deeper than the item before it, what belongs to it no deeper."""
    settled: list[Block] = []
    depth = 0
    for block in blocks:
        if block.kind is Kind.ITEM:
            block = replace(block, level=min(block.level, depth)) if block.level > depth else block
            depth = block.level + 1
        elif block.kind in (Kind.PARAGRAPH, Kind.CODE) and block.level:
            block = replace(block, level=min(block.level, depth)) if block.level > depth else block
            depth = block.level
        else:
            depth = 0
        settled.append(block)
    return tuple(settled)


def _separator(block: Block) -> TracedText:
    return TracedText.inserted("\n\n", "TXT009" if block.restored else SEPARATOR)


def _mark(block: Block) -> TracedText | None:
    if block.kind is not Kind.ITEM:
        return None
    indent = "  " * block.level
    mark = f"{indent}- " if block.ordinal is None else f"{indent}{block.ordinal}{block.info or '.'} "
    return TracedText.inserted(mark, LIST_MARK)
