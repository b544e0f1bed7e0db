"""A document in, the same out with the language of its text, where nothing else tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cleaner.model.documents import Document, Kind

# Code and tables are in no language, or in another.
SPOKEN = frozenset((Kind.PARAGRAPH, Kind.ITEM, Kind.QUOTE, Kind.HEADING))


def speak(document: Document) -> Document:
    """The document with `lang` in its metadata, if it has none and its text is evidence enough."""
    if document.metadata.lang:
        return document
    from cleaner.measures.language import SAMPLE_CHARACTERS, language_of

    lang = language_of("\n".join(_sample(document, SAMPLE_CHARACTERS)))
    return replace(document, metadata=replace(document.metadata, lang=lang)) if lang else document


def _sample(document: Document, characters: int) -> Iterator[str]:
    """The texts of the first blocks that are in a language, until they have so many characters."""
    for block in document.blocks:
        if block.kind in SPOKEN:
            yield block.text.text
            characters -= len(block.text)
            if characters <= 0:
                return
