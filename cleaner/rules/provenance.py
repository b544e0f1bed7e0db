"""The rules of the account that an output folder gives of its sources; `clean verify` finds what breaks them."""

from __future__ import annotations

from cleaner.rules.rule import ERROR, Rule

PROVENANCE = (
    Rule(
        "PRV001", "hash-mismatch", ERROR,
        "A file is not the one that was recorded.",
        "What was proved of the recorded file says nothing about this one.",
        "an article that was edited by hand in the output folder",
        "the article as `clean` wrote it",
        "Run `clean` again, or restore the file.",
    ),
    Rule(
        "PRV002", "replay-mismatch", ERROR,
        "Text does not follow from the source that it names.",
        "Something was invented, or the account was changed.",
        "a segment that says it copies \u201csold in May\u201d, where the source says \u201csold in June\u201d",
        "a segment that copies what stands there",
        "Run `clean` again.",
    ),
    Rule(
        "PRV003", "uncovered-span", ERROR,
        "A part of a source is neither kept nor accounted for.",
        "Something was lost without a word.",
        "a sentence of the source that neither the article nor its account mentions",
        "the sentence in the article, or in the account with the rule that left it out",
        "Run `clean` again.",
    ),
)  # fmt: skip
