"""What several tests need: cases read from files, documents made of texts, blocks as a person reads them, and the laws of the spans."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cleaner.model.documents import Block, Document, Field, Kind, Mark, Metadata
from cleaner.model.text import Op, Span, TracedText

CASES = Path(__file__).parent / "cases"
SHARED = Path(__file__).parents[2] / "shared" / "data"


def cases(name: str, table: str = "case") -> list[Any]:
    """The cases of `tests/cases/<name>.toml`, each a parameter named by its label; one with `fails` is a strict expected failure."""
    found = tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))[table]
    labels = [case["label"] for case in found]
    assert len(labels) == len(set(labels)), f"two cases of {name} share a label"
    return [
        pytest.param(
            case,
            id=case["label"],
            marks=[pytest.mark.xfail(reason=case["fails"], strict=True)] if "fails" in case else [],
        )
        for case in found
    ]


def shown(blocks: Iterable[Block]) -> str:
    """Blocks and their marks, one a line: kind, level, number, group, info, then the text as Python would write it."""
    lines: list[str] = []
    for block in blocks:
        signs = [block.kind.value, str(block.level)]
        signs += [f"no. {block.ordinal}"] if block.ordinal is not None else []
        signs += [f"group {block.group}"] if block.group else []
        signs += [block.info] if block.info else []
        signs += ["restored"] if block.restored else []
        lines.append(f"{' '.join(signs)}: {block.text.text!r}")
        for mark in block.marks:
            target = f" -> {mark.target}" if mark.target else ""
            lines.append(f"    {mark.kind.value}: {block.text.text[mark.start : mark.end]!r}{target}")
    return "\n".join(lines)


def shown_metadata(metadata: Metadata) -> dict[str, Any]:
    """The members that are known; tuples as lists, as in the case files."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(metadata).items() if value
    }


def check_tiling(text: TracedText) -> None:
    """The runs tile the text, and each says of itself what it is."""
    assert sum(run.size for run in text.runs) == len(text.text)
    for run in text.runs:
        assert run.size > 0
        if run.op is Op.COPY:
            assert run.span is not None
            assert run.span.end - run.span.start == run.size
        elif run.op is Op.EDIT:
            assert run.span is not None
            assert run.rules
        else:
            assert run.rules


def check_origins(text: TracedText, fields: dict[str, str]) -> None:
    """Every copy says what stands in its source, and every edit of markup what its references stand for."""
    check_tiling(text)
    at = 0
    for run in text.runs:
        said = text.text[at : at + run.size]
        at += run.size
        if run.span is None:
            continue
        stands = fields[run.span.pointer][run.span.start : run.span.end]
        assert 0 <= run.span.start < run.span.end <= len(fields[run.span.pointer])
        if run.op is Op.COPY:
            assert said == stands
        elif run.rules == ("markup",):
            assert said == unescape(stands)


def check_document(document: Document) -> None:
    """Every copied run is equal to its source; nothing is used twice; marks lie inside their block."""
    fields = {field.pointer: field.text for field in document.fields}
    spans: list[tuple[str, int, int]] = []
    for block in document.blocks:
        check_origins(block.text, fields)
        spans += [(span.pointer, span.start, span.end) for span in block.text.spans()]
        assert all(0 <= mark.start <= mark.end <= len(block.text) for mark in block.marks)
    for left, right in pairwise(sorted(spans)):
        assert left[0] != right[0] or left[2] <= right[1], f"{left} and {right} overlap"
    for dropped in document.dropped:
        assert 0 <= dropped.span.start < dropped.span.end <= len(fields[dropped.span.pointer])


def lost_words(before: Document, after: Document) -> str:
    """The source characters, white space aside, that `before` had in its blocks and `after` has neither there nor in its ledger."""
    fields = {field.pointer: field.text for field in before.fields}
    had = {(span.pointer, at) for span in _spans(before.blocks) for at in range(span.start, span.end)}
    has = {(span.pointer, at) for span in _spans(after.blocks) for at in range(span.start, span.end)}
    has |= {(loss.span.pointer, at) for loss in after.dropped for at in range(loss.span.start, loss.span.end)}
    return unescape("".join(fields[pointer][at] for pointer, at in sorted(had - has))).strip()


def _spans(blocks: Iterable[Block]) -> list[Span]:
    return [span for block in blocks for span in block.text.spans()]


def made_of(parts: Sequence[str | tuple[Kind, str] | Block], source: str = "made.txt", **metadata: Any) -> Document:
    """A document whose source is the given parts with an empty line between: paragraphs, or blocks of a kind. A made block lends its properties."""
    text = "\n\n".join(_said(part) for part in parts)
    blocks: list[Block] = []
    at = 0
    for part in parts:
        said = _said(part)
        if said:
            traced = TracedText.copied(text, at, at + len(said))
            if isinstance(part, Block):
                blocks.append(replace(part, text=traced))
            else:
                kind = Kind.PARAGRAPH if isinstance(part, str) else part[0]
                blocks.append(Block(kind, traced, level=2 if kind is Kind.HEADING else 0))
        at += len(said) + 2
    return Document(source, "plain", (Field("", text),), Metadata(**metadata), tuple(blocks))


def _said(part: str | tuple[Kind, str] | Block) -> str:
    if isinstance(part, Block):
        return part.text.text
    return part if isinstance(part, str) else part[1]


def block_of(kind: Kind, text: str, marks: Sequence[Mark] = (), **properties: Any) -> Block:
    """A block whose text is the whole of a source of its own."""
    return Block(kind, TracedText.copied(text), marks=tuple(marks), **properties)


def texts(document: Document) -> list[str]:
    """The texts of a document's blocks."""
    return [block.text.text for block in document.blocks]


NOUNS = """anchor apron barge beacon bell biscuit bollard brick bridge bucket cabin candle carpet cellar chapel chimney cliff clock compass copper cradle
crane current curtain dinghy drawer engine fender field fiddle forge fountain garden gravel gutter hammer harbour hatch herring hinge jetty kettle
ladder lantern ledger lobster locker market meadow millstone mirror needle orchard organ oven paddle pantry parcel pebble pepper pigeon pillow plank
plough pocket pulley quarry rafter raven ribbon ridge rudder saddle sailor scarf shelf shovel signal skipper spindle stable steeple stove stream
summit tavern teapot thimble timber tower trawler tunnel valley velvet village wagon walnut warden window winter""".split()
VERBS = """admired answered avoided blamed borrowed carried chased cleaned counted covered crossed described doubted drew echoed emptied feared filled
followed forgot guarded guided heated hid imitated joined kicked lifted lowered measured mended missed moved named needed noticed opened outlived
painted passed pleased praised pulled pushed reached refused remembered repaired replaced rescued saved shook shut sold spared startled stole
strengthened surprised swallowed taught tolerated touched towed traded trusted turned washed watched weighed welcomed wiped""".split()
MANNER = """badly boldly bravely briefly calmly carefully cheaply clumsily coldly daily duly eagerly early easily fairly fondly gently gladly hardly
hastily idly kindly lately lightly loudly mainly mildly narrowly neatly nightly nobly oddly openly partly plainly politely proudly purely quickly
quietly rarely readily roughly sadly safely seldom sharply shyly silently slowly softly solemnly steadily strangely swiftly tenderly thinly tightly
twice vaguely warmly weakly weekly wildly wisely yearly""".split()


def sentence(chance: Any, words: int = 11) -> str:
    """A sentence of nonsense of about so many words, unlike any other that the same random generator makes."""
    said: list[str] = []
    while len(said) < words:
        said += [chance.choice(NOUNS), chance.choice(VERBS), chance.choice(NOUNS), chance.choice(MANNER)]
    return " ".join(said[:words]).capitalize() + "."


def paragraph(chance: Any, sentences: int = 4) -> list[str]:
    """The sentences of a paragraph of nonsense."""
    return [sentence(chance, chance.randint(7, 16)) for _ in range(sentences)]


SIGNS = {"^ ": Kind.CAPTION, "# ": Kind.HEADING, "- ": Kind.ITEM, "> ": Kind.QUOTE, "` ": Kind.CODE, "| ": Kind.ROW}


def noted(notation: str) -> Document:
    """The document that a notation stands for: a block a line, headings, items, quotations, code and rows marked by their first two characters."""
    lines = [line for line in notation.split("\n") if line.strip()]
    return made_of([(SIGNS[line[:2]], line[2:]) if line[:2] in SIGNS else line for line in lines])


def notation(document: Document) -> str:
    """The notation of a document's blocks."""
    sign = {kind: mark for mark, kind in SIGNS.items()}
    return "\n".join(sign.get(block.kind, "") + block.text.text for block in document.blocks)
