"""Blocks that stand in several documents are told of, the most common first, whatever the order of counting; nothing is dropped."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from helpers import made_of, paragraph

import cleaner
from cleaner.model.documents import Document, Kind
from cleaner.stages import share
from cleaner.stages.share import block_hashes, shared

FOOT = "The Norrby Courier is printed on the old quay and read on both sides of the sound."


def documents(count: int) -> list[Document]:
    chance = random.Random(1)
    made: list[Document] = []
    for number in range(count):
        parts: list[str | tuple[Kind, str]] = [" ".join(paragraph(chance)), "Read it aloud."]
        if number % 2 == 0:
            parts.append("You can write to our editors, and they read each letter." + " " * (number % 3))
        parts.append(FOOT if number % 3 else FOOT.upper())
        made.append(made_of(parts, f"{number:02}.txt"))
    return made


def found_in(made: list[Document]) -> list[tuple[str, int, tuple[int, ...]]]:
    hashes = [block_hashes(one) for one in made]
    found = list(shared(len(made), hashes.__getitem__, made.__getitem__, sum(map(len, hashes))))
    assert all(problem.rule == "DUP002" and problem.span and problem.line for _, problem in found)
    return [(one.text, one.documents, one.examples) for one, _ in found]


def test_blocks_in_many_documents_are_found_with_their_counts() -> None:
    assert found_in(documents(9)) == [
        (FOOT.upper(), 9, (0, 1, 2)),
        ("You can write to our editors, and they read each letter.", 5, (0, 2, 4)),
    ]


def test_two_documents_are_too_few() -> None:
    assert found_in(documents(2)) == []


def test_a_block_that_one_document_repeats_counts_once() -> None:
    assert found_in([made_of([FOOT, FOOT, FOOT])]) == []


def test_counting_in_slices_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = found_in(documents(9))
    monkeypatch.setattr(share, "MAX_COUNTED", 0)
    monkeypatch.setattr(share, "HASHES_AT_ONCE", 4)
    assert found_in(documents(9)) == whole


def test_code_and_rows_are_no_shared_blocks() -> None:
    line = "boat = launch(name, crew, nets, lamp, compass)"
    assert found_in([made_of([(Kind.CODE, line), (Kind.ROW, line)], f"{number}.txt") for number in range(4)]) == []


def test_report_lists_them_and_the_articles_keep_them(tmp_path: Path) -> None:
    chance = random.Random(2)
    for number in range(4):
        text = "\n\n".join([*(" ".join(paragraph(chance)) for _ in range(3)), FOOT])
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    cleaning = cleaner.clean(tmp_path)
    assert json.loads(json.dumps(cleaning.report["shared"])) == [
        {"text": FOOT, "documents": 4, "examples": ["0.txt", "1.txt", "2.txt"]}
    ]
    told = [problem for problem in cleaning.problems if problem.rule == "DUP002"]
    assert [(problem.source, problem.line) for problem in told] == [("0.txt", 7)]
    assert all(FOOT in article for article in cleaning.articles.values())
