"""Fingerprints: the words decide, not their form; addresses without what does not tell pages apart."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import made_of

from cleaner.measures.minhash import shingle_hashes, signature_of
from cleaner.measures.words import words_of
from cleaner.model.documents import Kind
from cleaner.model.options import Options
from cleaner.stages.fingerprint import fingerprint, plain_url, sketch


def test_same_words_are_the_same_whatever_their_form() -> None:
    one = fingerprint(made_of(["The “twelve” boats — left.", "At dawn."]), 0)
    other = fingerprint(made_of([(Kind.HEADING, "THE 12 BOATS"), 'left, at "dawn"']), 1)
    assert one.exact == other.exact
    assert one.words == other.words == 6
    assert one.exact != fingerprint(made_of(["The twelve boats left at dusk."]), 0).exact


def test_metadata_is_made_comparable() -> None:
    found = fingerprint(
        made_of(
            ["x"],
            title="The “Last” Ferry!",
            url="https://www.example.org/Ferry/?utm_source=a#top",
            canonical_url="http://example.org/ferry",
            date="2026-03-01",
        ),
        3,
    )
    assert (found.number, found.title, found.url, found.canonical_url, found.date) == (
        3,
        "the last ferry",
        "example.org/ferry",
        "example.org/ferry",
        "2026-03-01",
    )
    assert found.metadata_members == 4


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://m.example.org/a/", "example.org/a"),
        ("HTTP://EXAMPLE.org/A?b=C&utm_medium=x&fbclid=y", "example.org/a?b=C"),
        ("https://example.org/?id=7", "example.org?id=7"),
        (" https://example.org ", "example.org"),
        ("", ""),
    ],
)
def test_plain_url(url: str, plain: str) -> None:
    assert plain_url(url) == plain


def test_sketch_is_that_of_the_words_of_all_blocks() -> None:
    document = made_of([(Kind.HEADING, "The last ferry"), "It left at dawn, and nobody saw it."])
    words = words_of("The last ferry It left at dawn and nobody saw it").norms
    found = sketch(document, Options(shingle_words=4, signature_size=16))
    assert np.array_equal(found.signature, signature_of(shingle_hashes(words, 4), 16))
    assert set(found.sample.tolist()) <= set(shingle_hashes(words, 4).tolist())
