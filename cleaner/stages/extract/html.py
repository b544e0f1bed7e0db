"""Takes a decoded HTML page, gives its article as blocks: trafilatura finds it, the page's own text runs say it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

from cleaner.model.documents import Block, Extracted
from cleaner.model.problems import Problem
from cleaner.stages.extract.html_align import Alignment, align
from cleaner.stages.extract.html_article import Article, Evidence, article_of, evidence_of, index_entries
from cleaner.stages.extract.html_blocks import blocks_of, dropped_of, text_runs
from cleaner.stages.extract.html_metadata import Said, metadata_of
from cleaner.stages.extract.html_runs import ESCAPABLE, Compact, Page, pieces_of, read_page

# A gap in a text block between words that were found is filled when it is at most this long: trafilatura lost a link's
# text, an abbreviation.
GAP_CHARACTERS = 80

# Where the extractor and the page's own prose agree less than this, the extractor is asked again in its other mode. Of 366 labelled pages 56 are such, and 6
# are read better then; between 80 and 90 percent the answer would be as good for 25 of 26 articles, and worse for one.
AGREED_PERCENT = 75
AGREED_PERCENT_OF_ARTICLES = 80

# On a page that does not call itself one article the longer answer counts, and the first mode finds most: where it found so many characters, the other mode never found
# more, on 57 such pages out of 1,275 of many kinds. The longest answer of a first mode that was outdone there had 3,616.
LONG_CHARACTERS = 5000

# Below this confidence a person should look: of 366 labelled pages 33 fall below, and half of them have an F1 below .8; of those above, 22 do.
SURE_PERCENT = 50

# A cell that spans more columns or rows than a table has: trafilatura fills each of them, thousands times thousands. Looked for is the value, for names can be
# written in any case, and a search for those takes four times as long.
SPANS = frozenset(("colspan", "rowspan"))
LARGE_VALUE = re.compile(r"""(=\s*+["']?\s*+)(?:[0-9]{3,}|[3-9][0-9])""")

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


class Sought(NamedTuple):
    """The words of a page among which those of an extractor are sought, and the number of each one's piece."""

    compact: Compact
    numbers: list[int]


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
    sought = sought_in(evidence)
    strings = strings_of(evidence.page, Mode.THREAD if evidence.said.is_thread else Mode.RECALL)
    candidate = candidate_of(evidence, sought, strings)
    agreement = candidate[0].agreement
    if agreement >= (AGREED_PERCENT_OF_ARTICLES if evidence.said.is_article else AGREED_PERCENT):
        return candidate
    if cannot_be_bettered(evidence, candidate[0]):
        return candidate
    others = strings_of(evidence.page, Mode.BALANCED)
    if others == strings:
        return candidate
    other = candidate_of(evidence, sought, others)
    is_longer = other[0].characters > candidate[0].characters
    return other if (other[0].agreement > agreement if evidence.said.is_article else is_longer) else candidate


def cannot_be_bettered(evidence: Evidence, article: Article) -> bool:
    """Whether another answer would not count: of an article without prose none agrees better, and what is long is hardly ever outdone."""
    return not any(evidence.prose) if evidence.said.is_article else article.characters >= LONG_CHARACTERS


def candidate_of(evidence: Evidence, sought: Sought, strings: Sequence[str]) -> tuple[Article, int]:
    """The article that comes of the strings that trafilatura finds, and its confidence: how far page and extractor agree."""
    alignment = align(strings, sought.compact)
    article = article_of(evidence, found_pieces(evidence, sought, alignment))
    return article, min(alignment.placed_percent, article.agreement)


def sought_in(evidence: Evidence) -> Sought:
    """All words of the page but those of its titles and of its text fields."""
    pieces, texts = evidence.pieces, evidence.texts
    run_of = attrgetter("run")
    numbers: list[int] = []
    words: list[str] = []
    start = 0
    for number, run in enumerate(evidence.page.runs):
        if run.element.tag in ESCAPABLE:
            end = bisect_left(pieces, number, start, key=run_of)
            numbers += range(start, end)
            words += texts[start:end]
            start = bisect_right(pieces, number, end, key=run_of)
    numbers += range(start, len(pieces))
    words += texts[start:]
    return Sought(Compact(words), numbers)


def found_pieces(evidence: Evidence, sought: Sought, alignment: Alignment) -> bytearray:
    """Which pieces of the page are those that were placed: a byte for each, 0 or 1."""
    found = bytearray(len(evidence.pieces))
    for start, end in alignment.stretches:
        between = sought.compact.pieces_between(start, end)
        first, last = sought.numbers[between[0]], sought.numbers[between[-1]]
        if last - first + 1 == len(between):
            found[first : last + 1] = b"\1" * len(between)
        else:
            for number in between:
                found[sought.numbers[number]] = 1
    fill_gaps(evidence, found)
    return found


def strings_of(page: Page, mode: Mode) -> list[str]:
    """The text nodes of what trafilatura takes for the article; none where it takes nothing, fails on the page, or is not asked."""
    if page.source.count("<") > MAX_TAGS_ASKED:
        return []
    import trafilatura

    try:
        document: Any = trafilatura.bare_extraction(
            narrowed(page),
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


def narrowed(page: Page) -> str:
    """The page without cells of more columns or rows than a table has, and without the attributes of crowded tags."""
    source = page.source
    for start, end in reversed(page.crowded):
        source = f"{source[:start]} {source[end:]}"
    return LARGE_VALUE.sub(_narrowed_value, source)


def _narrowed_value(match: re.Match[str]) -> str:
    """A value as it is, but for the columns or rows of a cell."""
    source, end = match.string, match.start()
    while end and source[end - 1].isspace():
        end -= 1
    return f"{match[1]}9" if source[max(end - 7, 0) : end].lower() in SPANS else match[0]


def fill_gaps(evidence: Evidence, found: bytearray) -> None:
    """Takes in the words between found ones of the same text block, if they are few."""
    runs, pieces = evidence.page.runs, evidence.pieces
    after = found.find(1)
    while after >= 0 and (gap := found.find(0, after)) >= 0 and (after := found.find(1, gap)) >= 0:
        is_within = runs[pieces[gap - 1].run].block == runs[pieces[after].run].block
        if is_within and sum(map(len, evidence.texts[gap:after])) <= GAP_CHARACTERS:
            found[gap:after] = b"\1" * (after - gap)


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
