"""Takes a decoded HTML page, gives its article as blocks: trafilatura finds it, the page's own text runs say it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

from cleaner.model.documents import Block, Extracted
from cleaner.model.problems import Problem
from cleaner.stages.extract.html_align import Alignment, align
from cleaner.stages.extract.html_article import Article, Evidence, article_of, evidence_of, index_entries
from cleaner.stages.extract.html_blocks import blocks_of, dropped_of, text_runs
from cleaner.stages.extract.html_metadata import Said, metadata_of
from cleaner.stages.extract.html_runs import Compact, Page, Piece, pieces_of, read_page

# A gap in a text block between words that were found is filled when it is at most this long: trafilatura lost a link's
# text, an abbreviation.
GAP_CHARACTERS = 80

# Where the extractor and the page's own prose agree less than this, the extractor is asked again in its other mode. Of 366 labelled pages 56 are such, and 6
# are read better then; between 80 and 90 percent the answer would be as good for 25 of 26 articles, and worse for one.
AGREED_PERCENT = 75
AGREED_PERCENT_OF_ARTICLES = 80

# Below this confidence a person should look: of 366 labelled pages 33 fall below, and half of them have an F1 below .8; of those above, 22 do.
SURE_PERCENT = 50

# A cell that spans more columns or rows than a table has: trafilatura fills each of them, thousands times thousands.
WIDE_CELL = re.compile(r"""(\b(?:col|row)span\s*=\s*["']?\s*)(?:[3-9][0-9]|[0-9]{3,})""", re.IGNORECASE)

# Pages of more tags are read without trafilatura, whose time goes with the square of their number: of 50,000 open paragraphs it takes seven seconds. The most of the pages that were looked at is 30,000.
MAX_TAGS_ASKED = 60_000

# The frames of a page: their addresses, of which so many are named.
FRAME = re.compile(r"""<frame\s[^<>]*?\bsrc\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
FRAMES_NAMED = 5

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
    evidence = evidence_of(page, pieces, said)
    article, confidence = chosen_article(evidence)
    entries = index_entries(evidence, article.kept) if confidence < SURE_PERCENT else 0
    blocks = [] if entries else blocks_of(page, pieces, article.kept, pointer)
    dropped = dropped_of(page, blocks, said.runs | article.title_runs, pointer)
    problems = tuple(_problems(text, blocks, said, source, entries, confidence))
    return Extracted(
        tuple(blocks), said.metadata, dropped, problems, text_runs(page.runs), confidence, said.alternatives
    )


def chosen_article(evidence: Evidence) -> tuple[Article, int]:
    """The article, and how sure it is, in percent.

    Trafilatura's recall mode is its quickest. Where the page's own prose bears it out, no more is asked; elsewhere its slower, balanced
    mode is asked too. On a page that calls itself one article the answer counts that the prose bears out better, for the recall mode takes
    teasers along; on others the longer one, for products and lists have little prose. Of a thread, the comments are the text.
    """
    candidate = candidate_of(evidence, Mode.THREAD if evidence.said.is_thread else Mode.RECALL)
    agreement = candidate[0].agreement
    if agreement < (AGREED_PERCENT_OF_ARTICLES if evidence.said.is_article else AGREED_PERCENT):
        other = candidate_of(evidence, Mode.BALANCED)
        is_longer = other[0].characters > candidate[0].characters
        if other[0].agreement > agreement if evidence.said.is_article else is_longer:
            return other
    return candidate


def candidate_of(evidence: Evidence, mode: Mode) -> tuple[Article, int]:
    """The article that comes of what trafilatura finds, and its confidence: how far page and extractor agree."""
    found, alignment = found_pieces(evidence.page, evidence.pieces, mode)
    article = article_of(evidence, found)
    return article, min(alignment.placed_percent, article.agreement)


def found_pieces(page: Page, pieces: Sequence[Piece], mode: Mode) -> tuple[list[bool], Alignment]:
    """Which pieces of the page trafilatura takes for the article."""
    outside = {number for number, run in enumerate(page.runs) if run.element.tag in ("title", "textarea")}
    candidates = [number for number, piece in enumerate(pieces) if piece.run not in outside]
    compact = Compact([pieces[number] for number in candidates])
    alignment = align(strings_of(page, mode), compact)
    found = [False] * len(pieces)
    for start, end in alignment.stretches:
        for number in compact.pieces_between(start, end):
            found[candidates[number]] = True
    fill_gaps(page, pieces, found)
    return found, alignment


def strings_of(page: Page, mode: Mode) -> list[str]:
    """The text nodes of what trafilatura takes for the article; none where it takes nothing, fails on the page, or is not asked."""
    if page.source.count("<") > MAX_TAGS_ASKED:
        return []
    import trafilatura

    try:
        document: Any = trafilatura.bare_extraction(
            _narrowed(page),
            favor_recall=mode is Mode.RECALL,
            include_comments=mode is Mode.THREAD,
            # In its own format it would put the nodes together as a text too.
            output_format="txt",
        )
    except Exception:
        # What a parser of other people's may raise on a hostile page can't be listed. The page's own prose serves then,
        # and the confidence, which is how far both agree, is 0.
        return []
    if document is None:
        return []
    comments = [] if document.commentsbody is None else list(document.commentsbody.itertext())
    return list(document.body.itertext()) + comments


def _narrowed(page: Page) -> str:
    """The page without cells of more columns or rows than a table has, and without the attributes of crowded tags; plain searches keep the expression from most pages."""
    source = page.source
    for start, end in reversed(page.crowded):
        source = f"{source[:start]} {source[end:]}"
    lower = source.lower()
    return WIDE_CELL.sub(r"\g<1>9", source) if "colspan" in lower or "rowspan" in lower else source


def fill_gaps(page: Page, pieces: Sequence[Piece], found: list[bool]) -> None:
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


def _problems(
    text: str, blocks: list[Block], said: Said, source: str, entries: int, confidence: int
) -> Iterator[Problem]:
    """No article at all, only the start of one that has to be paid for, or one that may not be the right text."""
    if entries:
        what = (
            f"an index of {entries} headlines, and no article itself. Save the pages that it leads to, or leave it out."
        )
        yield Problem("DOC007", f"{source}: {what}", source)
        return
    if not blocks:
        yield Problem("DOC007", f"{source}: {_why_nothing(text)}, or leave it out.", source)
        return
    words = sum(len(block.text.text.split()) for block in blocks)
    what = ""
    if said.said_words > 2 * words and said.said_words - words > FEWEST_WORDS_MISSING:
        what = f"the page says that its article has {said.said_words} words, but holds {words}"
    elif said.is_paid and words < STUB_WORDS:
        what = f"the page says that its article is not free, and holds only {words} words of it"
    if what:
        what += ". Save it again while signed in, or leave it out."
        yield Problem("DOC005", f"{source}: {what}", source, blocks[-1].text.hull())
    if confidence < SURE_PERCENT:
        what = "It can't be told for sure which text of the page is the article. Read what was kept, and what was left out."
        yield Problem("DOC008", f"{source}: {what}", source, blocks[0].text.hull())


def _why_nothing(text: str) -> str:
    """Why a page has no article, and what to do."""
    if frames := list(dict.fromkeys(FRAME.findall(text))):
        named = ", ".join(frames[:FRAMES_NAMED]) + (", ..." if len(frames) > FRAMES_NAMED else "")
        return f"the page is only the frames of others ({named}). Save the one that holds the article"
    what = "no text in the page reads as an article" if text.strip() else "the page is empty"
    return f"{what}. Save it again after its scripts have run"
