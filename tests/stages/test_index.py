"""The index proposes what the exact comparison must see, of its bytes alone."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from hashlib import sha256

import pytest

from cleaner.model.duplicates import FINGERPRINT_VERSION, Fingerprint
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


@pytest.mark.parametrize(
    "data",
    [b"", b"article-cleaner index 1\n{}\n", b"article-cleaner index 2\n{}\n", built([])[:40], built(corpus(2))[:-2000]],
)
def test_other_bytes_are_no_index(data: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        Index(data)


def test_an_index_with_fingerprints_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.stages.index.FINGERPRINT_VERSION", FINGERPRINT_VERSION + 1)
    data = built(corpus(2))
    monkeypatch.undo()
    told = (
        f"its fingerprints are of version {FINGERPRINT_VERSION + 1}, and those of this program of {FINGERPRINT_VERSION}"
    )
    with pytest.raises(ValueError, match=re.escape(told)):
        Index(data)


def test_the_fingerprint_of_a_text_is_that_of_its_version() -> None:
    """Where this fails, FINGERPRINT_VERSION must be raised, for an index made before would be misread."""
    text = "The Caf\N{LATIN SMALL LETTER E WITH ACUTE}'s 1,200 guests didn\N{RIGHT SINGLE QUOTATION MARK}t leave at 7.30 p.m. \u6771\u4eac\u90fd\u306f\u4eca\u65e5\u3082\u6674\u308c\u3002"
    found = sketched([text, "A second block of e-mail and co-operation, 3.5% of it STRASSE."])
    parts = (found.exact, found.sketch.signature.astype("<u4").tobytes(), found.sketch.sample.astype("<u8").tobytes())  # type: ignore[union-attr]
    digest = sha256(b" ".join(part.encode() if isinstance(part, str) else part for part in parts)).hexdigest()[:16]
    assert (FINGERPRINT_VERSION, digest) == (1, "119eade65ed9e252")
