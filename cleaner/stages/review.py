"""A finished document in, what is missing from it out: a title, an address, text enough to be an article."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.model.documents import Document, Kind
from cleaner.model.problems import Problem

# A text of fewer words is hardly an article; the shortest of the labelled pages has more.
MIN_ARTICLE_WORDS = 25
# A shorter paragraph that ends in an ellipsis is rhetoric; a longer one was cut off by a feed or an interface. These say so themselves: a count of
# what is missing ("[+2104 chars]", as news interfaces write), an ellipsis in brackets, a word.
MIN_BROKEN_WORDS = 8
# What says so stands in the last so many characters.
CUT_OFF_WITHIN = 200
CUT_OFF = re.compile(
    r"""(?:
        (?P<said>\[\+\s?[\d,]+\ (?:chars|characters|words)\]
              | [\[(](?:\N{HORIZONTAL ELLIPSIS}|\.\.\.)[\])]
              | [\[(](?:truncated|continued|read\ more|more|text\ cut)(?:\N{HORIZONTAL ELLIPSIS}|\.\.\.)?[\])]
              | (?:\N{HORIZONTAL ELLIPSIS}|\.\.\.)\s*(?:read|continue|see)\ (?:the\ )?(?:more|reading|full\ (?:article|story)|rest)
        )
      | \N{HORIZONTAL ELLIPSIS} | (?<!\.)\.\.\.
    )[\s.\N{RIGHTWARDS ARROW}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}]*$""",
    re.IGNORECASE | re.VERBOSE,
)


def review(document: Document) -> list[Problem]:
    """The problems of the document as a whole."""
    return list(_found(document))


def _found(document: Document) -> Iterator[Problem]:
    source, metadata = document.source, document.metadata
    if not document.blocks:
        yield Problem(
            "DOC007",
            "No article text is left after cleaning. See what was dropped in the report; nothing is written for it.",
            source,
        )
        return
    if not metadata.title:
        yield Problem(
            "DOC001",
            "No title was found. Add a headline above the text, or a `title` to its metadata.",
            source,
            document.blocks[0].text.hull(),
        )
    if not metadata.url and not metadata.canonical_url:
        yield Problem("DOC003", "Nothing says where the article came from. Add a `url` to its metadata.", source)
    words = sum(len(block.text.text.split()) for block in document.blocks)
    if words < MIN_ARTICLE_WORDS and not _is_unspaced(document):
        yield Problem(
            "DOC006",
            f"The article has {words} word{'s' * (words != 1)} only. See whether the whole of it was saved.",
            source,
            document.blocks[0].text.hull(),
        )
    last = document.blocks[-1]
    match = (
        CUT_OFF.search(last.text.text, max(0, len(last.text) - CUT_OFF_WITHIN)) if last.kind is not Kind.CODE else None
    )
    if match and (match["said"] or (last.kind is Kind.PARAGRAPH and len(last.text.text.split()) > MIN_BROKEN_WORDS)):
        end = last.text.sliced(*last.text.cuttable(match.start(), match.end())).hull()
        yield Problem("DOC005", "The last paragraph breaks off. Fetch the whole article.", source, end)


def _is_unspaced(document: Document) -> bool:
    """Whether the script writes no spaces between words, so that counting them says nothing."""
    text = "".join(block.text.text for block in document.blocks)
    return sum("\u0e00" <= char <= "\u0eff" or char > "\u3040" for char in text) * 2 > len(text)
