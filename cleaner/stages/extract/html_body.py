"""Takes the HTML of an article's body alone, as an API or a feed gives it, gives all of it as blocks but for what its own elements speak against."""

from __future__ import annotations

from cleaner.model.documents import Block, Extracted
from cleaner.model.problems import Problem
from cleaner.stages.extract.html_article import MAX_AGAINST_PERCENT, NO_PROSE, SIGNS_AGAINST, evidence_of
from cleaner.stages.extract.html_blocks import blocks_of, dropped_of, text_runs
from cleaner.stages.extract.html_metadata import metadata_of
from cleaner.stages.extract.html_runs import Page, Piece, pieces_of, read_page

# In a body alone a caption is part of the article, and an aside is a box of it.
NO_BODY = NO_PROSE - {"figcaption", "figure", "aside"}


def extract_body(text: str, pointer: str, source: str) -> Extracted:
    """The article whose body is the HTML `text`, which stands at `pointer` of `source`."""
    page = read_page(text)
    pieces = pieces_of(text, page.runs)
    blocks = blocks_of(page, pieces, _kept(page, pieces), pointer)
    problems = (
        () if blocks else (Problem("DOC007", f"{source}: the body holds no text. Save the article again.", source),)
    )
    dropped = dropped_of(page, blocks, frozenset(), pointer)
    return Extracted(tuple(blocks), dropped=dropped, problems=problems, runs=text_runs(page.runs))


def body_blocks(text: str, pointer: str) -> list[Block]:
    """The blocks of a stretch of HTML that is a part of an article for certain: all of its text."""
    page = read_page(text, is_part=True)
    pieces = pieces_of(text, page.runs)
    return blocks_of(page, pieces, [True] * len(pieces), pointer)


def _kept(page: Page, pieces: list[Piece]) -> list[bool]:
    """Which pieces of a body are the article: all but those of elements that hold no prose, or whose names speak against them."""
    evidence = evidence_of(page, pieces, metadata_of(page))
    kept = [True] * len(pieces)
    against = []
    for block in evidence.blocks:
        if any(element.tag in NO_BODY for element in block.element.lineage()):
            kept[block.first : block.end] = [False] * (block.end - block.first)
        elif evidence.speaks_against(block, SIGNS_AGAINST, frozenset()):
            against.append(block)
    size = sum(len(piece.text) for piece in pieces)
    # Signs that would take most of a body are the names of the page that it was cut out of.
    if 100 * sum(block.characters for block in against) <= MAX_AGAINST_PERCENT * size:
        for block in against:
            kept[block.first : block.end] = [False] * (block.end - block.first)
    return kept
