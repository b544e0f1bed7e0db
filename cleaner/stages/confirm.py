"""A candidate pair in, its exact measures and the relation that follows from them out, or nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

from cleaner.measures.alignment import matches_between
from cleaner.measures.words import sentences_of, words_in, words_of
from cleaner.model.documents import Block, Document, Kind
from cleaner.model.duplicates import Fingerprint, Pair, Relation
from cleaner.model.options import Options

# Two documents with the same address, or the same headline and different dates, are revisions of one article from this Jaccard on, in percent.
MIN_REVISION_JACCARD = 25
# A container is longer than what it contains by this share at least; below it the two are near-duplicates or nothing.
MIN_CONTAINER_SURPLUS = 15
# Of what is contained, so many percent of the words are in sentences that stand whole in the container: all in one stretch, which has no more than
# this many words besides and these percent. A text whose sentences were added to is another version.
MIN_WHOLE_SHARE = 90
MAX_WORDS_BETWEEN = 2
MAX_SHARE_BETWEEN = 10
# A container begins with what it contains, within so many words (a headline, a dateline), or that is so many percent of it: what stands in the midst
# of something far longer is a part of it, as an article is of a digest or a bill of an omnibus.
MAX_WORDS_BEFORE = 30
MIN_SHARE_OF_CONTAINER = 25
# Short texts are near-duplicates at a lower similarity, if no more words than this differ.
MAX_WORDS_APART = 12
MIN_SIMILARITY_OF_FEW = 85
MIN_JACCARD_OF_FEW = 55
# So many names that only one of two texts has, or one so often, are a sign that it speaks of something else.
MIN_OTHER_NAMES = 2
# A text of no more words is a note: one figure may be all that it tells.
MAX_NOTE_WORDS = 45
# One figure that differs may be one that was corrected, if it is the only one.
MIN_FIGURES = 2
# "65.50" and "1,200" are one figure each.
FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
# A title's name in the form of code (EN_SETFOCUS, IStream::Clone, CopyEx, cabin.open), what it says in brackets to tell pages of one name apart
# ("Clone (method)"; a capital there may begin an agency's name), and what numbers it: a version,
# a figure at its end, or one within a word (Texture2D).
SUBJECT = re.compile(
    r"""
    (?<!\w) (?: \w+ (?: _ | :: | -> ) \w [\w:.]* | [^\W\d]\w+ \. \w{2,} | \w*[a-z][A-Z]\w* )
  | (?<=\() [a-z][^()]{1,60} (?=\))
  | (?<![\w.]) \d+ (?: \.\d+ )+ (?![\w.]) | (?<![\w.]) \d{1,4} $
  | (?<!\w) (?: \d+[^\W\d] | [^\W\d]+\d ) \w* (?!\w)
    """,
    re.VERBOSE,
)
# What stands behind one of these in a title is the name of the site.
SITE_NAME = re.compile(r"\s[|\N{MIDDLE DOT}\N{EN DASH}\N{EM DASH}-]\s")
# Headlines of fewer words are no evidence that two texts are one; they name what a page is about.
MIN_TITLE_WORDS = 4
# Words of so many letters that begin alike and are as like as this, in percent, are spellings of one: centre and center.
MIN_VARIED_LETTERS = 5
MIN_SPELLING_LIKENESS = 83
# A document that has one of these among its first words speaks about another.
NOTICE_WORDS = frozenset({"correction", "corrections", "erratum", "errata", "corrigendum", "retraction", "retracted"})
NOTICE_PLACES = 12
GRAVE_WORDS = frozenset({"retraction", "retracted"})
MAX_NOTICE_WORDS = 2
# A passage in common may break off for this many words; longer ones are looked at in pieces, and only the few longest are.
MAX_PASSAGE_GAP = 8
MAX_PASSAGE_WORDS = 300
MAX_PASSAGES = 4
# Two texts that share this much of the shorter one share passages, in percent.
MIN_PLAIN_REUSE = 30
# A sentence has a twin in the other document when this share of its words is aligned there, in percent.
MIN_SENTENCE_SHARE = 80


class Head(NamedTuple):
    """What a text is headed by: the title of the document, and how many of its words are those of the headline."""

    title: str
    words: int


def head_of(document: Document) -> Head:
    first = document.blocks[0] if document.blocks else None
    return Head(document.metadata.title, len(words_of(first.text.text)) if first and first.kind is Kind.HEADING else 0)


class Numbered:
    """The words of a document, numbered across its blocks; where they stand is found when somebody asks for it, for most comparisons do not.

    `read` gives the document; what it is headed by is known without it where that is given.
    """

    def __init__(
        self, words: list[str], shingle_words: int, read: Callable[[], Document], head: Head | None = None
    ) -> None:
        self.words = words
        self.shingle_words = shingle_words
        self.read = read
        self.given_head = head

    @cached_property
    def document(self) -> Document:
        return self.read()

    @property
    def head(self) -> Head:
        return self.given_head or head_of(self.document)

    @cached_property
    def sequence(self) -> list[tuple[str, ...]]:
        """The shingles in the order of the text; a text shorter than a shingle is one."""
        size = max(1, min(self.shingle_words, len(self.words)))
        return list(zip(*(self.words[place:] for place in range(size)), strict=False))

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        """The different shingles."""
        return frozenset(self.sequence)

    @cached_property
    def places(self) -> list[tuple[int, int, int]]:
        """The place of each word: block, start, end."""
        return [
            (index, start, end)
            for index, block in enumerate(self.document.blocks)
            for found in (words_of(block.text.text),)
            for start, end in zip(found.starts, found.ends, strict=True)
        ]

    @cached_property
    def sentences(self) -> list[tuple[int, int, int, int, int]]:
        """The sentences that have words: block, start, end, first word, last word."""
        sentences: list[tuple[int, int, int, int, int]] = []
        offset = 0
        for index, block in enumerate(self.document.blocks):
            found = words_of(block.text.text)
            at = 0
            for start, end in sentences_of(block.text.text):
                first = at
                while at < len(found) and found.starts[at] < end:
                    at += 1
                if at > first:
                    sentences.append((index, start, end, offset + first, offset + at))
            offset += len(found)
        return sentences

    @cached_property
    def capitals(self) -> list[int]:
        """The words (by number) that begin with a capital."""
        blocks = self.document.blocks
        return [
            number for number, (block, start, _) in enumerate(self.places) if blocks[block].text.text[start].isupper()
        ]

    def capital_words(self) -> set[str]:
        """The words that have a capital somewhere."""
        return {self.words[number] for number in self.capitals}

    def figures(self) -> set[str]:
        """The numbers that are written with digits, each as a whole."""
        found = (FIGURE.findall(block.text.text) for block in self.document.blocks)
        return {figure.replace(",", "") for figures in found for figure in figures}

    def names(self) -> Counter[str]:
        """The words that have a capital where no sentence begins, headings aside, and how often they stand in the text with one."""
        first = {sentence[3] for sentence in self.sentences}
        names = {
            self.words[number]
            for number in self.capitals
            if number not in first and self.document.blocks[self.places[number][0]].kind is not Kind.HEADING
        }
        return Counter(self.words[number] for number in self.capitals if self.words[number] in names)

    def opening(self) -> list[str]:
        """The words of the first sentence."""
        return self.words[: self.sentences[0][4]] if self.sentences else []

    def behind_opening(self) -> list[str]:
        return self.words[len(self.opening()) :]

    def body_words(self) -> list[str]:
        """The words below the headline."""
        return self.words[self.head.words :]


@dataclass(frozen=True, slots=True)
class Compared:
    """A document as the exact comparison sees it."""

    fingerprint: Fingerprint
    text: Numbered


def confirm(one: Compared, other: Compared, options: Options) -> Pair | None:
    """The pair with its exact measures; None where nothing relates the two. `one` has the smaller number."""
    a, b = one.fingerprint, other.fingerprint
    common = len(one.text.shingles & other.text.shingles)
    pair = Pair(a.number, b.number, Relation.REUSE, common, len(one.text.shingles), len(other.text.shingles))
    if a.exact == b.exact:
        return replace(pair, relation=Relation.EXACT, drops=(a.number, b.number), similarity=100)
    # Texts without words share none, and every measure of theirs would be a share of nothing.
    if not (a.words and b.words):
        return None
    if 100 * pair.common >= min(options.min_jaccard, MIN_JACCARD_OF_FEW) * pair.union:
        pair = replace(pair, similarity=_similarity(one.text.words, other.text.words))
    relation, drops = _relation(one, other, pair, options)
    if relation is Relation.REUSE:
        passage = _passage(one, other, common, options)
        return replace(pair, passage_words=passage) if passage >= options.min_reuse_tokens else None
    unique = unique_sentences(one.text, other.text), unique_sentences(other.text, one.text)
    if relation is not Relation.REVISION:
        own = dict(zip((a.number, b.number), unique, strict=True))
        drops = tuple(number for number in drops if len(own[number]) <= options.max_unique_dropped)
    return replace(pair, relation=relation, drops=drops, unique_in_a=unique[0], unique_in_b=unique[1])


def _relation(one: Compared, other: Compared, pair: Pair, options: Options) -> tuple[Relation, tuple[int, ...]]:
    """The relation, and the members that it lets drop. Integers only, so that every machine decides alike."""
    a, b = one.fingerprint, other.fingerprint
    if 100 * pair.common >= MIN_REVISION_JACCARD * pair.union and (
        _same_address(a, b) or (_same_headline(a, b) and not _figures_tell_apart(one.text, other.text))
    ):
        older = min((a, b), key=lambda found: (found.updated or found.date, found.words, -found.number))
        return Relation.REVISION, (older.number,)
    if min(a.words, b.words) < options.min_document_tokens or _is_about(one, other) or _is_about(other, one):
        return Relation.REUSE, ()
    if _is_near(one, other, pair, options):
        return (Relation.REUSE, ()) if _are_siblings(one, other) else (Relation.NEAR, (a.number, b.number))
    small, large = (one, other) if (pair.shingles_a, a.number) < (pair.shingles_b, b.number) else (other, one)
    if _is_contained(small.text, large.text, pair.common, options) and not _are_other_pages(small, large):
        return Relation.CONTAINED, (small.fingerprint.number,)
    return Relation.REUSE, ()


def _is_contained(small: Numbered, large: Numbered, common: int, options: Options) -> bool:
    """Whether the sentences of the smaller text stand whole in the larger one, which is the same text and more."""
    shingles = len(small.shingles)
    surplus = 100 * (len(large.shingles) - shingles) >= MIN_CONTAINER_SURPLUS * shingles
    if not surplus or 100 * common < options.min_containment * shingles:
        return False
    twin = _twins(small.words, large.words)
    begins = min((place for place in twin if place >= 0), default=0) <= MAX_WORDS_BEFORE
    if not begins and 100 * len(small.words) < MIN_SHARE_OF_CONTAINER * len(large.words):
        return False
    return 100 * _whole_words(small, large, twin) >= MIN_WHOLE_SHARE * len(small.words)


def _whole_words(small: Numbered, large: Numbered, twin: list[int]) -> int:
    """The words of the sentences that stand in the larger text in one stretch."""
    exact = _exact_sentences(large)
    whole = 0
    for _, _, _, first, last in small.sentences:
        size = last - first
        places = [place for place in twin[first:last] if place >= 0]
        if 100 * len(places) >= MIN_SENTENCE_SHARE * size:
            whole += size if _is_one_stretch(places, size) else 0
        elif tuple(small.words[first:last]) in exact:
            whole += size
    return whole


def _is_near(one: Compared, other: Compared, pair: Pair, options: Options) -> bool:
    if 100 * pair.common >= options.min_jaccard_any_order * pair.union:
        return True
    if pair.similarity is None:
        return False
    words = len(one.text.words) + len(other.text.words)
    apart = words * (100 - pair.similarity) // 100
    if apart <= MAX_WORDS_APART and not _are_of_one_frame(one.fingerprint.title, other.fingerprint.title):
        return pair.similarity >= min(options.min_similarity, MIN_SIMILARITY_OF_FEW)
    return pair.similarity >= options.min_similarity and 100 * pair.common >= options.min_jaccard * pair.union


def _are_of_one_frame(title: str, other: str) -> bool:
    """Whether two headlines share half of their words and differ in a word each: pages of a manual or a glossary. Of few words, one is the subject."""
    own, others = set(title.split()), set(other.split())
    return bool(own - others and others - own) and 2 * len(own & others) >= min(len(own), len(others))


def _similarity(left: list[str], right: list[str]) -> int:
    """The Indel similarity of two sequences of words in percent, rounded down: 200 times their longest common subsequence by both lengths."""
    from rapidfuzz.distance import LCSseq

    return 200 * LCSseq.similarity(left, right) // (len(left) + len(right))


def _is_about(one: Compared, other: Compared) -> bool:
    """Whether `one` is a notice about the other: a correction or retraction quotes what it corrects, and is no copy of it.

    One that says "Erratum to" above the whole text, and no word more, is another record of that text.
    """
    words, others = one.text.words, other.text.words
    notice = NOTICE_WORDS.intersection(words[:NOTICE_PLACES]) - set(others[:NOTICE_PLACES])
    if not notice or NOTICE_WORDS.intersection(others[:NOTICE_PLACES]):
        return False
    added = Counter(words) - Counter(others)
    return bool(notice & GRAVE_WORDS) or added.total() > MAX_NOTICE_WORDS or bool(Counter(others) - Counter(words))


def _are_siblings(one: Compared, other: Compared) -> bool:
    """Whether two texts that are alike speak of two things: releases, results and weather reports come out of one template."""
    return (
        _subjects_tell_apart(one.text.head.title, other.text.head.title)
        or _titles_tell_apart(one, other)
        or _figures_tell_apart(one.text, other.text)
        or _names_tell_apart(one.text, other.text)
    )


def _are_other_pages(small: Compared, large: Compared) -> bool:
    """Whether a text that stands in a longer one is a page of its own all the same: of another subject, or an index that the longer one repeats."""
    return _are_named_apart(small, large) or _subjects_tell_apart(small.text.head.title, large.text.head.title)


def _are_named_apart(small: Compared, large: Compared) -> bool:
    """Whether two titles of one frame name two things: in few words, above a note, or by a word that the longer text does not have."""
    titles = small.fingerprint.title, large.fingerprint.title
    if not _are_of_one_frame(*titles):
        return False
    words = set(titles[0].split()) - set(titles[1].split())
    return (
        small.fingerprint.words <= MAX_NOTE_WORDS
        or all(len(title.split()) < MIN_TITLE_WORDS for title in titles)
        or not _unlike(words, set(titles[1].split())).isdisjoint(set(small.text.body_words()) - set(large.text.words))
    )


def _subjects_tell_apart(title: str, other: str) -> bool:
    """Whether each title has a name that no editor would change and the other lacks: one in the form of code, or what its brackets hold."""
    own, others = (set(SUBJECT.findall(SITE_NAME.split(found)[0])) for found in (title, other))
    return bool(own - others and others - own)


def _titles_tell_apart(one: Compared, other: Compared) -> bool:
    """Whether what tells the titles apart, or without titles the first sentences, tells the rest of the texts apart too.

    A second publisher's headline differs in words that the text it took over does not. Titles of one frame, and those of few words, name what a page
    is about: there it is enough that one of the texts has its word alone, and of such as are both it is plain.
    """
    titles = one.fingerprint.title, other.fingerprint.title
    titled = bool(titles[0] and titles[1])
    heads = [set(found.fingerprint.title.split()) if titled else set(found.text.opening()) for found in (one, other)]
    bodies = [set(found.text.body_words() if titled else found.text.behind_opening()) for found in (one, other)]
    telling = [_unlike(heads[x] - heads[1 - x], heads[1 - x]) & (bodies[x] - bodies[1 - x]) for x in (0, 1)]
    if all(telling) or not titled:
        return all(telling)
    framed = _are_of_one_frame(*titles)
    short = [len(title.split()) < MIN_TITLE_WORDS for title in titles]
    return (any(telling) and (framed or any(short))) or (framed and all(short))


def _unlike(words: set[str], others: set[str]) -> set[str]:
    """Those of the words that are not spelt nearly as one of the others: harbour and harbor."""
    from rapidfuzz.fuzz import ratio

    return {
        word
        for word in words
        if not any(
            min(len(word), len(twin)) >= MIN_VARIED_LETTERS
            and word[0] == twin[0]
            and ratio(word, twin) >= MIN_SPELLING_LIKENESS
            for twin in others
        )
    }


def _figures_tell_apart(one: Numbered, other: Numbered) -> bool:
    """Whether most figures of each are not in the other: a copy may have one corrected, a page of the same template has its own.

    In a note of a few lines (a rate, a price, a result) the figure is the news.
    """
    here, there = one.figures(), other.figures()
    if max(len(one.words), len(other.words)) <= MAX_NOTE_WORDS and here - there and there - here:
        return True
    fewer = min(len(here), len(there))
    if fewer >= MIN_FIGURES and 2 * len(here & there) < fewer:
        return True
    return _give_way(here - there, one, other) if here > there else there > here and _give_way(there - here, other, one)


def _give_way(figures: set[str], one: Numbered, other: Numbered) -> bool:
    """Whether most figures of `one` are missing in the other, words stand in their places ("nil"), and the two differ in little else."""
    if len(figures) < MIN_FIGURES or 2 * len(figures) <= len(one.figures()):
        return False
    come = Counter(other.words) - Counter(one.words)
    if not len(figures) <= come.total() <= 2 * len(figures):
        return False
    matcher = SequenceMatcher(None, one.words, other.words, autojunk=False)
    places = (one.words[a:b] for tag, a, b, _, _ in matcher.get_opcodes() if tag == "replace")
    return sum(any(map(str.isdigit, words)) for words in places) >= len(figures)


def _names_tell_apart(one: Numbered, other: Numbered) -> bool:
    """Whether each speaks of names that the other does not have: of one that comes as often as any, or half so often, or of most of its names.

    A name or two that stand there once (a weekday, the paper that was told) are what an editor changes.
    """
    return all(
        _is_about_others(names, known)
        for names, known in ((one.names(), other.capital_words()), (other.names(), one.capital_words()))
    )


def _is_about_others(names: Counter[str], known: set[str]) -> bool:
    own = {name: count for name, count in names.items() if name not in known}
    if len(own) >= MIN_OTHER_NAMES and 2 * len(own) > len(names):
        return True
    return any(count >= MIN_OTHER_NAMES and 2 * count >= max(names.values()) for count in own.values())


def _passage(one: Compared, other: Compared, common: int, options: Options) -> int:
    """The words of the longest passage in common, aligned word by word; 0 where there is none of the length that is asked for. `common` is how many shingles both have."""
    # Looked for from the shorter text, so that it does not matter which of the two is named first.
    short, long = sorted((one.text, other.text), key=lambda text: (len(text.words), text.words))
    stretches = _dense_stretches(short, long, options)
    if 100 * common >= MIN_PLAIN_REUSE * min(len(short.shingles), len(long.shingles)):
        # Pages of one template: that they share passages is plain, and how long these are needs no alignment.
        return max((end - start for start, end in stretches), default=0)
    found = (chain.size for start, end in stretches for chain in matches_between(short.words[start:end], long.words))
    return max(found, default=0)


def _dense_stretches(one: Numbered, other: Numbered, options: Options) -> list[tuple[int, int]]:
    """The stretches of words in which most shingles stand in the other text too: only there a passage in common can be. The longest few."""
    stretches: list[tuple[int, int, int]] = []
    start = last = found = 0
    shingles = other.shingles
    for place in [place for place, shingle in enumerate(one.sequence) if shingle in shingles]:
        if found and place - last <= MAX_PASSAGE_GAP and place - start < MAX_PASSAGE_WORDS:
            found += 1
        else:
            stretches.append((found, start, last))
            start, found = place, 1
        last = place
    stretches.append((found, start, last))
    # An edit of one word breaks as many shingles as each has words.
    enough = sorted((stretch for stretch in stretches if 10 * stretch[0] >= 6 * options.min_reuse_tokens), reverse=True)
    return [(start, last + options.shingle_words) for _, start, last in enough[:MAX_PASSAGES]]


def _same_address(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether two documents say that they are the same page at different times."""
    same = (a.url and a.url == b.url) or (a.canonical_url and a.canonical_url == b.canonical_url)
    return bool(same) and (a.updated or a.date) != (b.updated or b.date)


def _same_headline(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether two documents have one headline under two dates."""
    days = a.updated or a.date, b.updated or b.date
    return (
        bool(a.title)
        and a.title == b.title
        and len(a.title.split()) >= MIN_TITLE_WORDS
        and all(days)
        and days[0] != days[1]
    )


def unique_sentences(one: Numbered, other: Numbered) -> tuple[str, ...]:
    """The sentences of `one` that `other` does not have, as they stand."""
    placed = placed_sentences(one, other)
    return tuple(place.block.text.text[place.start : place.end] for place in placed if place.kept_at is None)


@dataclass(frozen=True, slots=True)
class Placed:
    """A sentence of a dropped document (its block, code points in the block's text) and where its twin stands in the kept one: from the code point of
    a block's text to that of the same or a later one."""

    block: Block
    start: int
    end: int
    kept_at: tuple[int, int, int, int] | None


def placed_sentences(one: Numbered, other: Numbered) -> list[Placed]:
    """Each sentence of `one` with the place in `other` that says the same, by alignment of their words."""
    words, other_places = one.words, other.places
    twin = _twins(words, other.words)
    exact = _exact_sentences(other)
    placed = []
    for block, start, end, first, last in one.sentences:
        # A phrase that the sentence says twice has one twin where the other text says it once.
        twins = list(set(twin[first:last]) - {-1})
        own = _in_one_block(twins, other_places) if twins else []
        if 100 * len(own) < MIN_SENTENCE_SHARE * (last - first) and _is_one_stretch(twins, last - first):
            # It goes on over the end of a block: there a line ends without a mark that ends a sentence.
            own = twins
        kept_at: tuple[int, int, int, int] | None = None
        if 100 * len(own) >= MIN_SENTENCE_SHARE * (last - first):
            begins, ends = other_places[min(own)], other_places[max(own)]
            kept_at = begins[0], begins[1], ends[0], ends[2]
        elif found := exact.get(tuple(words[first:last])):
            kept_at = found[0], found[1], found[0], found[2]
        placed.append(Placed(one.document.blocks[block], start, end, kept_at))
    return placed


def _in_one_block(words: list[int], places: list[tuple[int, int, int]]) -> list[int]:
    """Those of the words that stand in the block where most of them do."""
    if places[min(words)][0] == places[max(words)][0]:
        return words
    hosts = Counter(places[word][0] for word in words)
    host = min(hosts, key=lambda block: (-hosts[block], block))
    return [word for word in words if places[word][0] == host]


def _is_one_stretch(words: list[int], size: int) -> bool:
    """Whether words, of a sentence that has `size`, stand with few others in between."""
    stretch = max(words, default=0) - min(words, default=0) + 1
    return 100 * (stretch - size - MAX_WORDS_BETWEEN) <= MAX_SHARE_BETWEEN * size


def _twins(words: list[str], others: list[str]) -> list[int]:
    """For each of the words the place of its twin among the others, of the longest chain that it is in; -1 where it has none."""
    twin = [-1] * len(words)
    for chain in sorted(matches_between(words, others), key=lambda found: (-found.size, found.a)):
        for a, b, size in chain.segments:
            if max(twin[a : a + size]) < 0:
                twin[a : a + size] = range(b, b + size)
                continue
            for offset in range(size):
                if twin[a + offset] < 0:
                    twin[a + offset] = b + offset
    return twin


def numbered(document: Document, shingle_words: int) -> Numbered:
    """The words of a document at hand."""
    return Numbered(words_in(document), shingle_words, lambda: document)


def _exact_sentences(text: Numbered) -> dict[tuple[str, ...], tuple[int, int, int]]:
    """The places of a document's sentences, from the first word to the last, by their words: short ones have no n-gram to align by."""
    exact: dict[tuple[str, ...], tuple[int, int, int]] = {}
    for block, _, _, first, last in text.sentences:
        place = (block, text.places[first][1], text.places[last - 1][2])
        exact.setdefault(tuple(text.words[first:last]), place)
    return exact
