"""Takes the words of a page that an extractor found, gives those that are the article, judged by where they stand.

An extractor loses headings, list items and rows on the way, and lets comments, sign-up forms and authors' portraits
pass. What the page's own elements say puts that right: the names of their classes, where most of the article stands,
and how much of a block is links.
Measured on 236 mixed pages and 130 news pages: F1 .869 to .896, and .910 to .930.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, compress
from operator import itemgetter
from typing import NamedTuple

from cleaner.measures.words import UNSPACED
from cleaner.stages.extract.html_blocks import block_element
from cleaner.stages.extract.html_metadata import Said
from cleaner.stages.extract.html_runs import ANCHORS, HEADINGS, Element, Page, Piece, ends_of_runs

# Words in the class, id or role of an element whose text is not the article's, even if an extractor took it.
SIGNS_AGAINST = frozenset(
    """advert advertisement author bio biography breadcrumb breadcrumbs byline carousel comment comments consent
    cookie cookies copyright cta disclosure disqus email foot footer form instagram menu modal nav navigation
    newsletter newsletters popup privacy promo rail recirc recommendations recommended related share sharing
    sidebar signup social sponsored strapline subscribe subscription toggle trending tweet""".split()
)

# What also speaks against a block that no extractor took.
SIGNS_AGAINST_FILLING = SIGNS_AGAINST | frozenset(
    "caption captions card cards compare comparison gallery more most paywall popular rating specs widget".split()
)

# Elements that hold no prose of the article.
NO_PROSE = frozenset(
    """aside button dialog figcaption figure footer form iframe label nav noscript object option select svg textarea
    title""".split()
)

# Of those, the ones that a whole page may stand in: one form around everything, an article for browsers without scripts alone. They must
# hold more than half of its prose, and more than a request to turn scripts on.
MAY_HOLD_PAGE = frozenset(("form", "noscript"))
HOLD_NO_PROSE = NO_PROSE - MAY_HOLD_PAGE
NOSCRIPT = frozenset(("noscript",))
FEWEST_HELD_CHARACTERS = 400

# On the page of a product, what an element with one of these names holds was written by its buyers.
REVIEWS = frozenset(("review", "reviews"))

# And in a post of a forum: what its writer adds to each post.
SIGNS_AGAINST_POST = SIGNS_AGAINST | frozenset(("signature",))

# The kinds of blocks that an extractor loses; a bare div between two paragraphs is as often an advertisement.
OFTEN_LOST = frozenset("blockquote code dd dt h2 h3 h4 h5 h6 li p pre td th".split())

# What the elements of AMP that are not the article's are, in the words above.
AMP_SIGNS = {"amp-ad": " advert", "amp-consent": " consent", "amp-embed": " recommendations", "amp-sidebar": " sidebar"}

# What generators of documentation call the elements around a heading and what belongs to it.
SECTION = re.compile(r"section|level[1-6]")

# The attributes that name an element.
NAMES = ("class", "id", "role", "itemprop", "data-component", "data-testid", "aria-label")

# All words that are looked for in the names of an element.
SIGNS_ASKED = SIGNS_AGAINST_FILLING | SIGNS_AGAINST_POST | REVIEWS

# Where the article can't be told from the page around it: signs further out than these say nothing.
OUTERMOST = frozenset(("article", "body", "main"))

# The smallest element that holds this much of what was found is the article's; from 80 to 97 F1 changes by less than
# .003.
ROOT_PERCENT = 90
# For filling, a smaller share serves: what was found outside of it is not taken away by this.
FILL_ROOT_PERCENT = 75

# A page is an index if this many headings are links, outside of what stands beside the text, and what was found is no more than a teaser for
# each.
INDEX_HEADINGS = frozenset(("h2", "h3", "h4"))
BESIDE = frozenset(("aside", "footer", "nav"))
FEWEST_ENTRIES = 6
TEASER_CHARACTERS = 250

# A sign is wrong when it would take more than this from the article; a page that says it is one article is believed
# further.
MAX_AGAINST_PERCENT = 50
MAX_AGAINST_ARTICLE_PERCENT = 90

# A skipped paragraph shorter than this is more often a label than a sentence.
FILL_PARAGRAPH_WORDS = 8

# "Read more: ...": a label, then nearly nothing but a link.
RELATED_LINK = re.compile(r"\W{0,2}[A-Z][\w ]{1,30}:")
RELATED_LINK_CHARACTERS = 200

# The article's text in JSON-LD is often a teaser; it bounds the article only if it says nearly all that was found.
BODY_PERCENT = 70
FEWEST_BODY_LETTERS = 400
BODY_LETTERS_COMPARED = 60
FEWEST_POST_LETTERS = 20

# What the software of forums calls the body of a post; and how much of what was found must stand in such bodies.
POST_BODY = re.compile(
    r"""\b(?:class|id)\s*=\s*["']?(?:[^"'<>=]*\s)?(?:
      bbWrapper | messageText                      # XenForo
    | post_?message_?[0-9]+                        # vBulletin
    | msg_[0-9]+                                   # Simple Machines
    | cooked                                       # Discourse
    | js-post-body                                 # Stack Exchange
    | ipsComment_content | cPost_contentWrap       # Invision
    | commtext                                     # Hacker News
    | usertext-body                                # Reddit
    | (?:forum-)?post-?(?:body|text)|postbody|post_content[0-9]+   # phpBB, MyBB and others
    )(?=["'\s>])""",
    re.VERBOSE,
)
# One of these is in each of those names; a page without any is told from a thread at once.
POST_WORDS = (
    "bbWrapper", "messageText", "message_", "msg_", "cooked", "post-body", "Comment_content", "contentWrap", "commtext",
    "usertext-body", "postbody", "post-text", "posttext", "post_content", "postmessage",
)  # fmt: skip
POSTS_PERCENT = 50

# Where fewer characters were found, the extractor may have missed the article; it has when there is this many times as
# much prose.
FEW_CHARACTERS = 3000
PROSE_TIMES = 2
PROSE_WORDS = 12
PROSE_PAGE_PERCENT = 51
PROSE_ROOT_PERCENT = 70

# In scripts that write no spaces between words so many characters count as one.
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
CHARACTERS_PER_UNSPACED_WORD = 2

TITLE_WITHIN_BLOCKS = 8
STANDFIRST_WITHIN_BLOCKS = 25
STANDFIRST_LETTERS = 60
FEWEST_STANDFIRST_LETTERS = 20

# What ends a sentence, in most scripts; and how little of a lead is links.
SENTENCE_END = re.compile(r"[.!?\u2026\u3002\uff01\uff1f\u061f\u0964][\"'\u2019\u201d\u00bb)\u300d\u300f]*$")
LEAD_LINKED_TIMES = 4
# What is folded up under a headline tells of who wrote or checked the article.
NO_LEAD = NO_PROSE | frozenset(("details",))

# A block of which less was found keeps only what was found.
WHOLE_PERCENT = 50
FEWEST_FOUND_CHARACTERS = 40

NOT_A_LETTER = re.compile(r"[\W_]+")
WORD = re.compile(r"[a-z]+")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(slots=True)
class TextBlock:
    """Consecutive pieces of one text block, and its characters: all, and those in links."""

    first: int
    end: int
    element: Element
    characters: int = 0
    linked: int = 0


@dataclass(slots=True)
class Evidence:
    """The text blocks of a page and what may be asked of them; `texts` is what each of the pieces reads as."""

    page: Page
    pieces: Sequence[Piece]
    texts: list[str]
    said: Said
    blocks: Sequence[TextBlock]
    words: dict[int, frozenset[str]] = field(default_factory=dict)
    said_letters: dict[int, str] = field(default_factory=dict)
    held: dict[bytes, dict[Element, int]] = field(default_factory=dict)
    prose: Chosen = field(default_factory=list)

    def letters(self, block: TextBlock) -> str:
        if block.first not in self.said_letters:
            self.said_letters[block.first] = letters("".join(self.texts[block.first : block.end]))
        return self.said_letters[block.first]

    def text(self, block: TextBlock) -> str:
        return " ".join(self.texts[block.first : block.end])

    def held_by(self, chosen: Chosen) -> dict[Element, int]:
        """How many characters of the chosen blocks each element holds; asked for the same blocks often."""
        key = bytes(chosen)
        if key not in self.held:
            self.held[key] = _held(self.blocks, chosen)
        return self.held[key]

    def words_in(self, block: TextBlock) -> int:
        """The words of a block; in a script that writes no spaces, about as many as they would be."""
        pieces = block.end - block.first
        if pieces >= PROSE_WORDS or block.characters < CHARACTERS_PER_UNSPACED_WORD * PROSE_WORDS:
            return pieces
        text = self.text(block)
        if text.isascii():
            return pieces
        return pieces + len(UNSPACED_CHARACTER.findall(text)) // CHARACTERS_PER_UNSPACED_WORD

    def signs(self, element: Element) -> frozenset[str]:
        """The words in an element's name, class, id and role that speak against it."""
        known = self.words.get(id(element))
        if known is None:
            attributes = element.attributes() if element.start < element.end else {}
            if self.is_slug(element, attributes):
                del attributes["id"]
            names = " ".join([attributes[name] for name in NAMES if name in attributes])
            names += AMP_SIGNS.get(element.tag, "")
            known = SIGNS_ASKED.intersection(WORD.findall(CAMEL.sub(" ", names).lower())) if names else NONE
            self.words[id(element)] = known
        return known

    def is_slug(self, element: Element, attributes: dict[str, str]) -> bool:
        """Whether the element's id is made of a heading's words, as a mark to link to: of its own, or of the one that a section begins with."""
        if "id" not in attributes or element.tag in HEADINGS:
            return "id" in attributes
        if element.first_run == element.end_run or not SECTION.fullmatch(attributes.get("class", "section")):
            return False
        first = self.page.runs[element.first_run].element
        heading = next((outer for outer in first.lineage() if outer.tag in HEADINGS), None)
        return heading is not None and letters(self.page.text_of(heading)) == letters(attributes["id"])

    def speaks_against(self, block: TextBlock, signs: frozenset[str], outer: frozenset[Element]) -> bool:
        """Whether an element around the block, within the article's own, has one of the signs."""
        for element in block.element.lineage():
            if element in outer or element.tag in OUTERMOST:
                return False
            if not signs.isdisjoint(self.signs(element)):
                return True
        return False


NONE: frozenset[str] = frozenset()
NOWHERE: frozenset[Element] = frozenset()
Chosen = list[bool]


def letters(text: str) -> str:
    """The letters and digits of a text alone, for comparing headlines."""
    return NOT_A_LETTER.sub("", text.casefold())


class Article(NamedTuple):
    """Which pieces are the article, which runs say only its title, how far the page's prose agrees (in percent), and its characters."""

    kept: list[bool]
    title_runs: frozenset[int]
    agreement: int
    characters: int


def evidence_of(page: Page, pieces: Sequence[Piece], said: Said) -> Evidence:
    """The text blocks of the page, to be asked what their elements say of them."""
    texts = list(map(itemgetter(2), pieces))
    return Evidence(page, pieces, texts, said, text_blocks(page, pieces, texts))


def article_of(evidence: Evidence, found: bytearray) -> Article:
    """Which of the pieces are the article, beginning from those that an extractor found (a byte for each piece, 0 or 1)."""
    counts = [_characters_found(evidence, found, block) for block in evidence.blocks]
    refined = half_found(evidence, counts)
    for refine in REFINEMENTS:
        refined = refine(evidence, refined)
    refined = or_all_posts(evidence, refined)
    evidence.prose = evidence.prose or all_prose(evidence)
    prose = evidence.prose
    chosen = or_all_prose(evidence, refined, prose)
    without = without_title(evidence, chosen)
    title = frozenset(
        evidence.pieces[number].run
        for block, before, after in zip(evidence.blocks, chosen, without, strict=True)
        if before and not after
        for number in range(block.first, block.end)
    )
    kept = _kept(evidence, without, counts, found)
    return Article(kept, title, _agreement(evidence, refined, prose), _characters(evidence, chosen))


def index_entries(evidence: Evidence, kept: Sequence[bool]) -> int:
    """How many entries a page of teasers has: headings that are links, with little text between them; 0 for any other page."""
    if evidence.said.is_article:
        return 0
    entries = characters = 0
    for block in evidence.blocks:
        tags = block.element.tags
        if tags & INDEX_HEADINGS and block.linked == block.characters and not tags & BESIDE:
            entries += 1
        elif kept[block.first] and not tags & HEADINGS:
            characters += block.characters
    return entries if entries >= FEWEST_ENTRIES and characters < entries * TEASER_CHARACTERS else 0


def half_found(evidence: Evidence, counts: Sequence[int]) -> Chosen:
    """The blocks of which an extractor found half or more."""
    return [
        100 * count >= WHOLE_PERCENT * block.characters for block, count in zip(evidence.blocks, counts, strict=True)
    ]


def _characters_found(evidence: Evidence, found: bytearray, block: TextBlock) -> int:
    """How many characters of the block an extractor found."""
    pieces = found.count(1, block.first, block.end)
    if pieces in (0, block.end - block.first):
        return block.characters if pieces else 0
    return sum(map(len, compress(evidence.texts[block.first : block.end], found[block.first : block.end])))


def or_all_posts(evidence: Evidence, chosen: Chosen) -> Chosen:
    """The chosen blocks, or, on a thread, its posts: what the software of forums marks as such, or what the page tells search engines."""
    if evidence.said.is_article:
        return chosen
    posts = _marked_posts(evidence)
    if not any(posts) and evidence.said.is_thread:
        posts = _told_posts(evidence)
    return (
        posts if 100 * _characters(evidence, posts) >= POSTS_PERCENT * max(_characters(evidence, chosen), 1) else chosen
    )


def _marked_posts(evidence: Evidence) -> Chosen:
    """What stands in the bodies of posts, if there are two at least."""
    if not any(word in evidence.page.source for word in POST_WORDS):
        return [False] * len(evidence.blocks)
    bodies = [_post_body(evidence, block) for block in evidence.blocks]
    is_thread = len({id(body) for body in bodies if body is not None}) > 1
    return [is_thread and body is not None for body in bodies]


def _post_body(evidence: Evidence, block: TextBlock) -> Element | None:
    """The body of a post around a block that is part of what the post says: no link to itself, no name, no button."""
    for element in block.element.lineage():
        if element.start < element.end and POST_BODY.search(element.source, element.start, element.end):
            return element
        is_title = element.tag in HEADINGS and block.linked == block.characters
        if is_title or element.tag in ("button", "form", "nav") or evidence.signs(element) & SIGNS_AGAINST_POST:
            return None
    return None


def _told_posts(evidence: Evidence) -> Chosen:
    posts = [letters(post) for post in evidence.said.posts]
    wanted = sum(len(post) for post in posts)
    told = [
        bool(said := evidence.letters(block))
        and any(_is_said(said, post) if len(said) >= FEWEST_POST_LETTERS else said == post for post in posts)
        and NO_PROSE.isdisjoint(block.element.tags)
        for block in evidence.blocks
    ]
    is_whole = 100 * _characters(evidence, told) >= BODY_PERCENT * wanted
    return [is_whole and is_told for is_told in told]


def or_all_prose(evidence: Evidence, chosen: Chosen, prose: Chosen) -> Chosen:
    """The chosen blocks, or, if they are few, the page's prose if it is twice as much."""
    characters = _characters(evidence, chosen)
    is_missed = characters < FEW_CHARACTERS and _characters(evidence, prose) >= PROSE_TIMES * max(characters, 1)
    return prose if is_missed else chosen


def all_prose(evidence: Evidence) -> Chosen:
    """All that reads as prose in the one place of the page that has most of it: an extraction that asks no one."""
    prose = _sentences(evidence)
    # What holds half of the prose is the page itself, whatever its name says ("page-with-sidebar").
    outer = _root(evidence, prose, PROSE_PAGE_PERCENT)
    prose = [
        is_prose and not evidence.speaks_against(block, SIGNS_AGAINST_FILLING, outer)
        for block, is_prose in zip(evidence.blocks, prose, strict=True)
    ]
    outer = _root(evidence, prose, PROSE_ROOT_PERCENT)
    prose = [is_prose and _inside(block, outer) for block, is_prose in zip(evidence.blocks, prose, strict=True)]
    return with_standfirst(evidence, without_related_links(evidence, with_skipped(evidence, prose)))


def _sentences(evidence: Evidence) -> Chosen:
    """All that reads as prose, wherever on the page it stands."""
    prose = [_is_prose(evidence, block) for block in evidence.blocks]
    is_much = _characters(evidence, prose) >= FEWEST_HELD_CHARACTERS
    whole = _root(evidence, prose, PROSE_PAGE_PERCENT) if is_much else NOWHERE
    return [
        is_prose and not _is_held(block, MAY_HOLD_PAGE, whole)
        for block, is_prose in zip(evidence.blocks, prose, strict=True)
    ]


def _is_held(block: TextBlock, tags: frozenset[str], outer: frozenset[Element]) -> bool:
    """Whether one of such elements stands around the block, within the article's own."""
    if tags.isdisjoint(block.element.tags):
        return False
    return any(element.tag in tags and element not in outer for element in block.element.lineage())


def _is_prose(evidence: Evidence, block: TextBlock) -> bool:
    if 3 * block.linked >= block.characters or evidence.words_in(block) < PROSE_WORDS:
        return False
    if not HOLD_NO_PROSE.isdisjoint(block.element.tags):
        return False
    return not (
        evidence.said.is_product and any(evidence.signs(element) & REVIEWS for element in block.element.lineage())
    )


def _agreement(evidence: Evidence, chosen: Chosen, prose: Chosen) -> int:
    """The share of what either has that both have, in percent of the characters."""
    both = _characters(evidence, [one and other for one, other in zip(chosen, prose, strict=True)])
    either = _characters(evidence, [one or other for one, other in zip(chosen, prose, strict=True)])
    return 100 * both // either if either else 0


def _kept(evidence: Evidence, chosen: Chosen, counts: Sequence[int], found: bytearray) -> list[bool]:
    outer = _root(evidence, chosen, ROOT_PERCENT)
    kept = [False] * len(evidence.pieces)
    for block, count, choose in zip(evidence.blocks, counts, chosen, strict=True):
        if choose:
            kept[block.first : block.end] = [True] * (block.end - block.first)
        elif (
            _is_partly_found(block, count)
            and _inside(block, outer)
            and not evidence.speaks_against(block, SIGNS_AGAINST, outer)
        ):
            kept[block.first : block.end] = map(bool, found[block.first : block.end])
    if ANCHORS.isdisjoint(evidence.texts):
        return kept
    return [
        keep and not (piece.text in ANCHORS and evidence.page.is_anchor(piece.text, evidence.page.runs[piece.run]))
        for keep, piece in zip(kept, evidence.pieces, strict=True)
    ]


def _is_partly_found(block: TextBlock, count: int) -> bool:
    return count >= FEWEST_FOUND_CHARACTERS and 100 * count < WHOLE_PERCENT * block.characters


def text_blocks(page: Page, pieces: Sequence[Piece], texts: Sequence[str]) -> list[TextBlock]:
    """The text blocks of the page, whose pieces read as `texts`."""
    blocks: list[TextBlock] = []
    number_of_block = -1
    up_to = list(accumulate(map(len, texts), initial=0))
    first = 0
    for run, end in ends_of_runs(pieces).items():
        _, _, element, of_block = page.runs[run]
        if of_block != number_of_block:
            number_of_block = of_block
            blocks.append(TextBlock(first, end, block_element(element)))
        block = blocks[-1]
        block.end = end
        block.characters += up_to[end] - up_to[first]
        if "a" in element.tags:
            block.linked += up_to[end] - up_to[first]
        first = end
    return blocks


def without_boilerplate(evidence: Evidence, chosen: Chosen) -> Chosen:
    """Leaves out what stands in elements whose names speak against it, unless that is most of the article."""
    outer = _root(evidence, chosen, ROOT_PERCENT)
    against = [
        choose and evidence.speaks_against(block, SIGNS_AGAINST, outer)
        for block, choose in zip(evidence.blocks, chosen, strict=True)
    ]
    percent = MAX_AGAINST_ARTICLE_PERCENT if evidence.said.is_article else MAX_AGAINST_PERCENT
    if 100 * _characters(evidence, against) > percent * _characters(evidence, chosen):
        return chosen
    return [choose and not bad for choose, bad in zip(chosen, against, strict=True)]


def without_requests(evidence: Evidence, chosen: Chosen) -> Chosen:
    """Leaves out what only browsers without scripts show, unless that is the page's article."""
    is_much = _characters(evidence, chosen) >= FEWEST_HELD_CHARACTERS
    whole = _root(evidence, chosen, PROSE_PAGE_PERCENT) if is_much else NOWHERE
    return [
        choose and not _is_held(block, NOSCRIPT, whole) for block, choose in zip(evidence.blocks, chosen, strict=True)
    ]


def without_reviews(evidence: Evidence, chosen: Chosen) -> Chosen:
    """Leaves out what its buyers say of a product."""
    if not evidence.said.is_product:
        return chosen
    return [
        choose and not any(evidence.signs(element) & REVIEWS for element in block.element.lineage())
        for block, choose in zip(evidence.blocks, chosen, strict=True)
    ]


def within_root(evidence: Evidence, chosen: Chosen) -> Chosen:
    """Leaves out what stands outside of the element that holds nearly all of the article, but for an introduction before it."""
    outer = _root(evidence, chosen, ROOT_PERCENT)
    inside = [choose and _inside(block, outer) for block, choose in zip(evidence.blocks, chosen, strict=True)]
    introduction = _introduction(evidence, chosen, inside, outer)
    return [choose or number in introduction for number, choose in enumerate(inside)]


def _introduction(evidence: Evidence, chosen: Chosen, inside: Chosen, outer: frozenset[Element]) -> frozenset[int]:
    """The numbers of the paragraphs between the headline and the article's element that an extractor found there."""
    first, _ = _bounds(inside)
    return frozenset(
        number
        for number in _below_headline(evidence, first)
        if chosen[number]
        and evidence.blocks[number].element.tag == "p"
        and _is_prose(evidence, evidence.blocks[number])
        and not evidence.speaks_against(evidence.blocks[number], SIGNS_AGAINST_FILLING, outer)
    )


def _below_headline(evidence: Evidence, first: int) -> range:
    """The numbers of the blocks between the headline and the first block of the article; none where no headline stands before it."""
    title = letters(evidence.said.metadata.title)
    for number in range(first - 1, -1, -1):
        block = evidence.blocks[number]
        if block.element.tag == "h1" or (title and block.element.tag in HEADINGS and evidence.letters(block) == title):
            return range(number + 1, first)
    return range(0)


def with_skipped(evidence: Evidence, chosen: Chosen) -> Chosen:
    """Takes in the headings, paragraphs, items and rows between others of the article that the extractor lost."""
    outer = _root(evidence, chosen, FILL_ROOT_PERCENT)
    first, last = _bounds(chosen)
    return [
        choose or (first < number < last and _inside(block, outer) and _is_lost(evidence, block, outer))
        for number, (block, choose) in enumerate(zip(evidence.blocks, chosen, strict=True))
    ]


def _is_lost(evidence: Evidence, block: TextBlock, outer: frozenset[Element]) -> bool:
    tag = block.element.tag
    if tag not in OFTEN_LOST or 2 * block.linked > block.characters:
        return False
    if tag == "p" and evidence.words_in(block) < FILL_PARAGRAPH_WORDS:
        return False
    if _is_held(block, NO_PROSE, outer):
        return False
    return not evidence.speaks_against(block, SIGNS_AGAINST_FILLING, outer)


def with_bare_text(evidence: Evidence, chosen: Chosen) -> Chosen:
    """Takes in the sentences that no paragraph holds, but the element that holds the paragraphs: often the first of an article.

    A div of its own between two paragraphs is as often an advertisement.
    """
    first, last = _bounds(chosen)
    holders = {
        block.element.parent
        for block, choose in zip(evidence.blocks, chosen, strict=True)
        if choose and block.element.tag == "p"
    }
    return [
        choose
        or (
            first - 1 <= number < last
            and block.element in holders
            and evidence.words_in(block) >= FILL_PARAGRAPH_WORDS
            and _is_lead(evidence, block)
        )
        for number, (block, choose) in enumerate(zip(evidence.blocks, chosen, strict=True))
    ]


def without_related_links(evidence: Evidence, chosen: Chosen) -> Chosen:
    """Leaves out lines that only lead to another article."""
    return [
        choose
        and not (
            block.characters < RELATED_LINK_CHARACTERS
            and block.characters < 2 * block.linked < 2 * block.characters
            and RELATED_LINK.match(evidence.text(block))
        )
        for block, choose in zip(evidence.blocks, chosen, strict=True)
    ]


def within_article_body(evidence: Evidence, chosen: Chosen) -> Chosen:
    """Leaves out what stands before and after the text that the page gives to search engines, if that is nearly all."""
    body = letters(evidence.said.article_body)
    if len(body) < FEWEST_BODY_LETTERS:
        return chosen
    said = [
        choose and _is_said(evidence.letters(block), body)
        for block, choose in zip(evidence.blocks, chosen, strict=True)
    ]
    if 100 * _characters(evidence, said) < BODY_PERCENT * _characters(evidence, chosen):
        return chosen
    first, last = _bounds(said)
    return [choose and first <= number <= last for number, choose in enumerate(chosen)]


def _is_said(block: str, body: str) -> bool:
    return block[:BODY_LETTERS_COMPARED] in body


def with_standfirst(evidence: Evidence, chosen: Chosen) -> Chosen:
    """Takes in the block just before the article that says what the page gives as its description."""
    wanted = letters(evidence.said.metadata.description)[:STANDFIRST_LETTERS]
    first, _ = _bounds(chosen)
    if len(wanted) < FEWEST_STANDFIRST_LETTERS or first < 0:
        return chosen
    # The description may be the beginning of the text, over two paragraphs of it.
    texts = [evidence.letters(block) for block, choose in zip(evidence.blocks, chosen, strict=True) if choose]
    text = "".join(texts)
    if any(text.startswith(wanted, at) for at in accumulate(map(len, texts), initial=0)):
        return chosen
    for number in range(max(0, first - STANDFIRST_WITHIN_BLOCKS), first):
        block = evidence.blocks[number]
        said = evidence.letters(block)[:STANDFIRST_LETTERS]
        if block.element.tag != "title" and len(said) >= FEWEST_STANDFIRST_LETTERS and said == wanted:
            return [choose or other == number for other, choose in enumerate(chosen)]
    return chosen


def with_lead(evidence: Evidence, chosen: Chosen) -> Chosen:
    """Takes in the sentence under the headline, which names, dates and share links part from the article."""
    first, _ = _bounds(chosen)
    below = _below_headline(evidence, first)
    lead = next((number for number in below if evidence.words_in(evidence.blocks[number]) >= FILL_PARAGRAPH_WORDS), -1)
    if lead < 0 or not _is_lead(evidence, evidence.blocks[lead]):
        return chosen
    return [choose or number == lead for number, choose in enumerate(chosen)]


def _is_lead(evidence: Evidence, block: TextBlock) -> bool:
    if not SENTENCE_END.search(evidence.text(block)) or LEAD_LINKED_TIMES * block.linked > block.characters:
        return False
    return not (_is_held(block, NO_LEAD, NOWHERE) or evidence.speaks_against(block, SIGNS_AGAINST_FILLING, NOWHERE))


def without_title(evidence: Evidence, chosen: Chosen) -> Chosen:
    """Leaves out the headline where it says just what the metadata say."""
    title = letters(evidence.said.metadata.title)
    if not title:
        return chosen
    left = list(chosen)
    for number in [number for number, choose in enumerate(chosen) if choose][:TITLE_WITHIN_BLOCKS]:
        if evidence.letters(evidence.blocks[number]) == title:
            left[number] = False
    return left


REFINEMENTS: tuple[Callable[[Evidence, Chosen], Chosen], ...] = (
    without_requests,
    without_reviews,
    without_boilerplate,
    within_root,
    with_skipped,
    with_bare_text,
    without_related_links,
    within_article_body,
    with_standfirst,
    with_lead,
)


def _characters(evidence: Evidence, chosen: Chosen) -> int:
    return sum(block.characters for block, choose in zip(evidence.blocks, chosen, strict=True) if choose)


def _bounds(chosen: Chosen) -> tuple[int, int]:
    """The numbers of the first and the last chosen block; -1 for none."""
    numbers = [number for number, choose in enumerate(chosen) if choose]
    return (numbers[0], numbers[-1]) if numbers else (-1, -1)


def _inside(block: TextBlock, root: frozenset[Element]) -> bool:
    """Whether a block stands in the innermost of the elements `root`, which stand in one another."""
    line = block.element.lineage()
    return not root or (len(line) >= len(root) and line[-len(root)] in root)


def _root(evidence: Evidence, chosen: Chosen, percent: int) -> frozenset[Element]:
    """The innermost element that holds so much of the chosen text (more than half of it), and all around it."""
    held = evidence.held_by(chosen)
    # What holds the whole page holds all of it.
    total = max(held.values(), default=0)
    # More than half of the text can't stand in each of two neighbours: all that hold so much stand in one another.
    return frozenset(element for element, characters in held.items() if 100 * characters >= percent * total)


def _held(blocks: Sequence[TextBlock], chosen: Chosen) -> dict[Element, int]:
    """By element: how many characters of the chosen blocks stand in it; of every element around one of them."""
    held: dict[Element, int] = {}
    for block, choose in zip(blocks, chosen, strict=True):
        if choose:
            held[block.element] = held.get(block.element, 0) + block.characters
    # From the innermost outwards, each element hands on what it holds, all its own parts having handed on before.
    by_depth: dict[int, list[Element]] = {}
    for element in held:
        by_depth.setdefault(len(element.lineage()), []).append(element)
    for depth in range(max(by_depth, default=0), 0, -1):
        for element in by_depth.get(depth, ()):
            if (outer := element.parent) is None:
                continue
            if outer not in held:
                by_depth.setdefault(depth - 1, []).append(outer)
            held[outer] = held.get(outer, 0) + held[element]
    return held
