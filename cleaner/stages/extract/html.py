"""Takes a decoded HTML page, gives its article as blocks of traced text: trafilatura finds it, the page's own text runs say it."""

from __future__ import annotations

from typing import Any

from cleaner.model.documents import Extracted
from cleaner.model.problems import Problem
from cleaner.stages.extract.html_align import Alignment, align
from cleaner.stages.extract.html_blocks import blocks_of, dropped_of, text_runs
from cleaner.stages.extract.html_metadata import metadata_of
from cleaner.stages.extract.html_runs import Compact, Page, Piece, pieces_of, read_page

# A gap in a text block between words that were found is filled when it is at most this long: trafilatura lost a link's text, an abbreviation.
GAP_CHARACTERS = 80


def extract_html(text: str, pointer: str, source: str) -> Extracted:
    """The article of the HTML page `text`, which stands at `pointer` of `source`."""
    page = read_page(text)
    pieces = pieces_of(text, page.runs)
    kept, alignment = article_pieces(page, pieces)
    blocks = blocks_of(page, pieces, kept, pointer)
    metadata, metadata_runs = metadata_of(page)
    dropped = dropped_of(page, blocks, metadata_runs, pointer)
    return Extracted(tuple(blocks), metadata, dropped=dropped, runs=text_runs(page.runs), confidence=alignment.placed_percent)


def article_pieces(page: Page, pieces: list[Piece]) -> tuple[list[bool], Alignment]:
    """Which pieces of the page are the article."""
    candidates = [number for number, piece in enumerate(pieces) if page.runs[piece.run].element.tag not in ("title", "textarea")]
    compact = Compact([pieces[number] for number in candidates])
    alignment = align(strings_of(page.source), compact)
    kept = [False] * len(pieces)
    for start, end in alignment.stretches:
        for number in compact.pieces_between(start, end):
            kept[candidates[number]] = True
    fill_gaps(page, pieces, kept)
    return kept, alignment


def strings_of(source: str) -> list[str]:
    """The text nodes of what trafilatura takes for the article."""
    import trafilatura

    document: Any = trafilatura.bare_extraction(source, include_comments=False)
    return list(document.body.itertext()) if document is not None else []


def fill_gaps(page: Page, pieces: list[Piece], kept: list[bool]) -> None:
    """Keeps the words between kept ones of the same text block, if they are few."""
    last = -1
    for number, keep in enumerate(kept):
        if not keep:
            continue
        if last >= 0 and 1 < number - last and page.runs[pieces[last].run].block == page.runs[pieces[number].run].block:
            if pieces[number].start - pieces[last].end <= GAP_CHARACTERS * 4:
                lost = sum(len(piece.text) for piece in pieces[last + 1 : number])
                if lost <= GAP_CHARACTERS:
                    kept[last + 1 : number] = [True] * (number - last - 1)
        last = number
