"""A finished document in, what is missing from it out: a title, an address, text enough to be an article."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.model.documents import Document, Kind
from cleaner.model.problems import Problem

# A text of fewer words is hardly an article; the shortest of the labelled pages has more.
MIN_ARTICLE_WORDS = 25


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
            f"The article has {words} words only. See whether the whole of it was saved.",
            source,
            document.blocks[0].text.hull(),
        )
    last = document.blocks[-1]
    if (
        last.kind is Kind.PARAGRAPH
        and last.text.text.rstrip().endswith(("\N{HORIZONTAL ELLIPSIS}", "...", "[\N{HORIZONTAL ELLIPSIS}]", "[...]"))
        and len(last.text.text.split()) > 8
    ):
        yield Problem("DOC005", "The last paragraph breaks off. Fetch the whole article.", source, last.text.hull())


def _is_unspaced(document: Document) -> bool:
    """Whether the script writes no spaces between words, so that counting them says nothing."""
    text = "".join(block.text.text for block in document.blocks)
    return sum("\u0e00" <= char <= "\u0eff" or char > "\u3040" for char in text) * 2 > len(text)
