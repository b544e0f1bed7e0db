"""Takes a decoded HTML page, gives its article as blocks: trafilatura finds it, the page's own text runs say it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from cleaner.model.documents import Block, Extracted
from cleaner.model.problems import Problem
from cleaner.stages.extract.html_align import Alignment, align
from cleaner.stages.extract.html_article import Article, article_of, evidence_of
from cleaner.stages.extract.html_blocks import blocks_of, dropped_of, text_runs
from cleaner.stages.extract.html_metadata import Said, metadata_of
from cleaner.stages.extract.html_runs import Compact, Page, Piece, pieces_of, read_page

# A gap in a text block between words that were found is filled when it is at most this long: trafilatura lost a link's
# text, an abbreviation.
GAP_CHARACTERS = 80

# Where the extractor and the page's own prose agree less than this, the extractor is asked again in its other mode.
AGREED_PERCENT = 75

# Of 130 news pages 19 say that they are not free and yet hold the whole article, the shortest in 156 words; with fewer
# it is a stub.
STUB_WORDS = 100
FEWEST_WORDS_MISSING = 150


class Mode(StrEnum):
    """How trafilatura is asked."""

    RECALL = "recall"
    BALANCED = "balanced"
    THREAD = "balanced, with comments"


def extract_html(text: str, pointer: str, source: str) -> Extracted:
    """The article of the HTML page `text`, which stands at `pointer` of `source`."""
    page = read_page(text)
    pieces = pieces_of(text, page.runs)
    said = metadata_of(page)
    article, placed_percent = chosen_article(page, pieces, said)
    blocks = blocks_of(page, pieces, article.kept, pointer)
    dropped = dropped_of(page, blocks, said.runs | article.title_runs, pointer)
    confidence = min(placed_percent, article.agreement)
    return Extracted(
        tuple(blocks), said.metadata, dropped, problems_of(text, blocks, said, source), text_runs(page.runs), confidence
    )


def chosen_article(page: Page, pieces: list[Piece], said: Said) -> tuple[Article, int]:
    """The article, and how much of what trafilatura says was found in the page, in percent.

    Trafilatura's recall mode is its quickest. Where the page's own prose bears it out, no more is asked; elsewhere its slower, balanced
    mode is asked too, and the longer of both answers counts.
    """
    evidence = evidence_of(page, pieces, said)
    found, alignment = found_pieces(page, pieces, Mode.RECALL)
    article = article_of(evidence, found)
    if article.agreement < AGREED_PERCENT:
        found, other_alignment = found_pieces(page, pieces, Mode.THREAD if said.is_thread else Mode.BALANCED)
        other = article_of(evidence, found)
        if other.characters > article.characters:
            return other, other_alignment.placed_percent
    return article, alignment.placed_percent


def found_pieces(page: Page, pieces: list[Piece], mode: Mode) -> tuple[list[bool], Alignment]:
    """Which pieces of the page trafilatura takes for the article."""
    candidates = [
        number for number, piece in enumerate(pieces) if page.runs[piece.run].element.tag not in ("title", "textarea")
    ]
    compact = Compact([pieces[number] for number in candidates])
    alignment = align(strings_of(page.source, mode), compact)
    found = [False] * len(pieces)
    for start, end in alignment.stretches:
        for number in compact.pieces_between(start, end):
            found[candidates[number]] = True
    fill_gaps(page, pieces, found)
    return found, alignment


def strings_of(source: str, mode: Mode) -> list[str]:
    """The text nodes of what trafilatura takes for the article; none where it takes nothing, or fails on the page."""
    import trafilatura

    try:
        document: Any = trafilatura.bare_extraction(
            source, favor_recall=mode is Mode.RECALL, include_comments=mode is Mode.THREAD
        )
    except Exception:
        # What a parser of other people's may raise on a hostile page can't be listed. The page's own prose serves then,
        # and the confidence, which is how far both agree, is 0.
        return []
    if document is None:
        return []
    comments = [] if document.commentsbody is None else list(document.commentsbody.itertext())
    return list(document.body.itertext()) + comments


def fill_gaps(page: Page, pieces: list[Piece], found: list[bool]) -> None:
    """Takes in the words between found ones of the same text block, if they are few."""
    last = -1
    for number, is_found in enumerate(found):
        if not is_found:
            continue
        is_gap = 0 <= last < number - 1
        if is_gap and page.runs[pieces[last].run].block == page.runs[pieces[number].run].block:
            lost = sum(len(piece.text) for piece in pieces[last + 1 : number])
            found[last + 1 : number] = [lost <= GAP_CHARACTERS] * (number - last - 1)
        last = number


def problems_of(text: str, blocks: list[Block], said: Said, source: str) -> tuple[Problem, ...]:
    """No article at all, or only the start of one that has to be paid for."""
    if not blocks:
        what = "no text in the page reads as an article" if text.strip() else "the page is empty"
        return (
            Problem("DOC007", f"{source}: {what}. Save it again after its scripts have run, or leave it out.", source),
        )
    words = sum(len(block.text.text.split()) for block in blocks)
    if said.said_words > 2 * words and said.said_words - words > FEWEST_WORDS_MISSING:
        what = f"the page says that its article has {said.said_words} words, but holds {words}"
    elif said.is_paid and words < STUB_WORDS:
        what = f"the page says that its article is not free, and holds only {words} words of it"
    else:
        return ()
    return (
        Problem(
            "DOC005",
            f"{source}: {what}. Save it again while signed in, or leave it out.",
            source,
            blocks[-1].text.hull(),
        ),
    )
