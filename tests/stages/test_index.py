"""The index proposes what the exact comparison must see, of its bytes alone."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from cleaner.model.duplicates import Fingerprint
from cleaner.model.options import Options
from cleaner.stages.fingerprint import fingerprint, sketch
from cleaner.stages.index import Entry, Index, build_index
from tests.helpers import made_of, paragraph

OPTIONS = Options()


def sketched(paragraphs: list[str], number: int = 0, **metadata: str) -> Fingerprint:
    document = made_of(paragraphs, **metadata)
    return replace(fingerprint(document, number), sketch=sketch(document, OPTIONS))


def corpus(size: int = 40) -> list[list[str]]:
    chance = random.Random(5)
    return [[" ".join(paragraph(chance)) for _ in range(4)] for _ in range(size)]


def built(texts: list[list[str]]) -> bytes:
    entries = [Entry(f"articles/{number}.md", sketched(text, number)) for number, text in enumerate(texts)]
    return build_index(entries, OPTIONS.shingle_words, OPTIONS.signature_size)


def test_copies_parts_and_containers_are_proposed_and_strangers_are_not() -> None:
    texts = corpus()
    index = Index(built(texts))
    chance = random.Random(9)
    new = [" ".join(paragraph(chance)) for _ in range(4)]
    assert index.candidates(sketched(texts[7])) == [7]
    assert index.candidates(sketched([*texts[7][:3], new[0]])) == [7]
    assert index.candidates(sketched(texts[7][:1])) == [7]
    assert index.candidates(sketched([*new, *texts[7], *new])) == [7]
    assert index.candidates(sketched(new)) == []


def test_an_address_or_a_title_in_common_is_enough() -> None:
    texts = corpus(3)
    entries = [Entry("a", sketched(texts[0], 0, url="https://news.example/a", title="A bridge is closed again"))]
    index = Index(build_index(entries, OPTIONS.shingle_words, OPTIONS.signature_size))
    assert index.candidates(sketched(texts[1], url="http://www.news.example/a/")) == [0]
    assert index.candidates(sketched(texts[1], title="A bridge is closed again!")) == [0]
    assert index.candidates(sketched(texts[1], canonical_url="https://news.example/a")) == []


def test_the_same_entries_give_the_same_bytes_and_these_the_same_answers() -> None:
    texts = corpus(20)
    data = built(texts)
    assert data == built(texts)
    index = Index(memoryview(data))
    assert index.names == [f"articles/{number}.md" for number in range(20)]
    assert (index.shingle_words, index.signature_size) == (OPTIONS.shingle_words, OPTIONS.signature_size)


def test_an_empty_index_proposes_nothing() -> None:
    assert Index(build_index([], 3, 128)).candidates(sketched(corpus(1)[0])) == []


@pytest.mark.parametrize("data", [b"", b"article-cleaner index 2\n{}\n", built([])[:40], built(corpus(2))[:-2000]])
def test_other_bytes_are_no_index(data: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        Index(data)
