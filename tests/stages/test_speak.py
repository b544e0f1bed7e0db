"""The language of a document: from its metadata, else from its text where that is evidence."""

from __future__ import annotations

from dataclasses import replace

from cleaner.model.documents import Metadata
from cleaner.stages.extract import extract
from cleaner.stages.speak import speak

TEXT = "Die Fähre lief im Morgengrauen aus, und niemand am Kai sah sie gehen, denn es war noch dunkel und hatte seit dem Abend geregnet.\n"


def test_language_is_told_by_the_text_where_nothing_else_tells_it() -> None:
    (document,), _ = extract(TEXT, "made.txt", ".txt")
    assert speak(document).metadata.lang == "de"
    said = replace(document, metadata=Metadata(lang="gsw"))
    assert speak(said) is said


def test_code_and_numbers_are_in_no_language() -> None:
    (document,), _ = extract(f"```\n{TEXT}```\n\nKolmar 4\n", "made.md", ".md")
    assert speak(document) is document
