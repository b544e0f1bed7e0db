"""The rules of what stands twice: within a document, and across documents."""

from __future__ import annotations

from cleaner.rules.rule import ERROR, INFO, WARNING, Rule

DUPLICATES = (
    Rule(
        "DUP001", "repeated-block", WARNING,
        "A part of the document stands in it twice.",
        "The page was saved twice into one file, or a pull quote was taken for a paragraph.",
        "The ferry was sold in May.\n\nNobody asked why the ferry was sold.\n\nThe ferry was sold in May.",
        "The ferry was sold in May.\n\nNobody asked why the ferry was sold.",
        "Nothing: `clean run` keeps one copy and accounts for the other. Save the page again, if more than a quotation is repeated.",
        settled=True,
    ),
    Rule(
        "DUP002", "shared-block", INFO,
        "A passage stands in several documents.",
        "A statement that two articles quote is no copy, but you may want to know of it.",
        "two articles that quote the same statement of 40 words",
        "the same: nothing is dropped for it",
        "Nothing: it is told only.",
        settled=True,
    ),
    Rule(
        "DUP003", "exact-copy", ERROR,
        "The document has the same words as another.",
        "It would count twice in everything that is made of the corpus.",
        "bridge.txt and bridge (1).txt, the same article",
        "bridge.txt",
        "Remove one of the two.",
    ),
    Rule(
        "DUP004", "near-copy", ERROR,
        "The document is nearly the same as another.",
        "It would count twice in everything that is made of the corpus.",
        "one wire story as two publishers ran it, with a few words changed",
        "one of them",
        "Remove one of the two, or accept the pair with a reason in the configuration ([[accept]]).",
    ),
    Rule(
        "DUP005", "revision", WARNING,
        "The document is another revision of an article.",
        "Only the later one says what the article says today.",
        "two files with the address https://news.example/bridge and two dates",
        "the one with the later date",
        "Keep the later one.",
    ),
    Rule(
        "DUP006", "contained", WARNING,
        "The document's text stands in a longer one.",
        "What it says would count twice.",
        "a brief made of paragraphs of a longer article",
        "the longer article",
        "Remove the shorter one.",
    ),
)  # fmt: skip
