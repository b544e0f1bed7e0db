"""A document in, the same without its repeats out: one host is chosen for each group of repeated runs, and no unique sentence is lost.

Runs of equal words are found across block borders, chained, and grouped by the cut of the document that most of them cross: a page that was
scraped twice is one such group, a pull quote another. In each group the region with more of its own (unique sentences, headings, lists) is
the host; in the other region the sentences that the host has are dropped.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, pairwise, repeat
from operator import itemgetter
from typing import NamedTuple

from cleaner.measures.alignment import SEED_WORDS, Chain, Characters, Coded, Segment, coded, completed, repeats_within
from cleaner.measures.words import sentences_of, words_of
from cleaner.model.documents import Block, Document, Kind
from cleaner.model.options import Options
from cleaner.model.problems import Problem
from cleaner.model.record import record
from cleaner.model.text import Dropped, Edit, Span

# The time at the head of an entry of a live blog ("18:15 GMT", "[6.15 pm]"): the entry may stand again under another one.
TIME = re.compile(
    r"[(\[]? \d{1,2} [:.h] [0-5]\d (?: [:.] [0-5]\d )? (?: \s? [ap]\.?m\b\.? )? (?: \s [A-Z]{2,4}T\b | \s UTC\b )? [)\]]? (?: \s* [-:|\u2013\u2014] )? \s+",
    re.VERBOSE,
)
# Tables and code repeat by their nature.
EXEMPT = (Kind.CODE, Kind.ROW)
# Inside a run that goes on before or behind it, a sentence is a copy from this share of its words on: edits are rare, and the run vouches.
MIN_SHARE_IN_RUN = 80
# Where a run ends, only one side vouches: two questions in a row of them may differ in the word that matters, and each lead into another answer.
MIN_SHARE_AT_END = 85
# A chain of this many words vouches for what it runs through; a shorter one may be a turn of phrase.
MIN_RUN_WORDS = 40
# A part of a longer sentence is a copy only if it has this share of that one's words, or at least this many words; a pull quote is often such
# a part, and stands as a block of its own. It must be cut from the other where a reader would cut, or stand in quotation marks.
MIN_SHARE_OF_HOST = 60
MIN_FRAGMENT_WORDS = 16
MIN_LONE_FRAGMENT_WORDS = 8
CUTS = frozenset('.!?;:"\u201c\u201d\u00ab\u00bb\u2026\u2014\u3002\uff01\uff1f\u300c\u300d\u0964\u06d4\u061f')
# Thai and Lao write a space between sentences, and nothing else; a part between two spaces is as long as a sentence from so many characters on.
UNMARKED = re.compile("[\u0e00-\u0eff]")
MIN_UNMARKED_FRAGMENT = 32
# Where each letter counts as a word (Thai, Lao, Burmese, Khmer), five in a row are a syllable or two: runs begin from so many.
LETTERS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
SEED_LETTERS = 15
# What parts the thousands of a figure; a full stop may be its point.
THOUSANDS = frozenset(",'\N{RIGHT SINGLE QUOTATION MARK}\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
# Nobody quotes a line of code for effect.
SYMBOLS = frozenset("<>{}=|")
QUOTES = frozenset("\"'\u2018\u201c\u201e\u00ab\u300c\u300e")
# It vouches only if so much of the copy stands in the other place, in percent, and one in so many of its sentences word for word: the lines of
# a list that all differ in a word are no copies of each other.
MIN_RUN_QUALITY = 90
MAX_EXACT_RATIO = 4
# A sentence that is like this many different ones is a line of a catalogue: what it differs in is what it says.
MIN_LIKE_LINES = 3
# Outside such a run a sentence may differ in one word of so many.
WORDS_PER_EDIT = 25
# A copy of a copy of a copy: as far as a line of copies is followed.
MAX_COPIES = 12
# Chains whose places are this close on both sides belong to one group.
MAX_GROUP_GAP = 400
MAX_PIECE_GAP = 40
# Chains are looked up by the stretch of so many words that they stand in.
STRETCH_WORDS = 128
# Only the last few groups and chains are looked at, so that pages made of phrases stay quick.
RECENT_GROUPS = 8
RECENT_CHAINS = 12
# A sentence that stands in this many separate places is a refrain or a formula.
MIN_REFRAINS = 3
# Verse: so many blocks at least, three quarters of them no longer than a line.
MIN_VERSE_LINES = 8
MAX_VERSE_WORDS = 11
SHOWN_CHARACTERS = 300
# Chains in longer places are completed in each round anew: they are few, and would be much to keep.
MAX_KNOWN_WORDS = 400

# Where a dropped sentence survives, and how many of its words do.
Host = tuple[Span | None, int]


@record
class Repeat:
    """A run that was dropped, or (`meant`) left alone; spans of the source, and the share of its words that the other place has, in percent."""

    dropped: Span
    kept_at: Span
    similarity: int
    text: str
    meant: str = ""


class Sentence(NamedTuple):
    """A sentence: its block, its code points in the block's text, and its words by number in the document."""

    block: int
    start: int
    end: int
    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first


class _Said:
    """What a block says: its words, each as a character too, and its sentences."""

    def __init__(self, text: str, characters: Characters) -> None:
        self.text = text
        self.words = words_of(text)
        self.coded = coded(self.words.norms, characters)

    @cached_property
    def sentences(self) -> list[tuple[int, int, int, int]]:
        """The code points that each one goes from and to, and its words, by number in the block."""
        sentences: list[tuple[int, int, int, int]] = []
        first = 0
        cuts = _with_time_apart(sentences_of(self.text), self.text)
        for start, end in cuts:
            last = bisect_left(self.words.starts, end, first) if len(cuts) > 1 else len(self.words)
            if last > first:
                sentences.append((start, end, first, last))
            first = last
        return sentences


# A chain in its place: the words of the sentences that it goes through on either side, and its segments as counted from there.
_Placed = tuple[Coded, Coded, tuple[Segment, ...]]


@dataclass(frozen=True, slots=True)
class Known:
    """What the rounds over one document have found out so far that holds in the next: what its blocks say, and what completes its chains."""

    characters: Characters = field(default_factory=Characters)
    said: dict[str, _Said] = field(default_factory=dict)
    completed: dict[_Placed, tuple[Segment, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class _Text:
    """The words of a document, numbered across its blocks, with the sentences and blocks that they stand in."""

    blocks: tuple[Block, ...]
    known: Known
    # The blocks that are compared and have words: where their words begin, their numbers, and what they say.
    words: list[str] = field(default_factory=list)
    coded: Coded = ""
    block_starts: list[int] = field(default_factory=list)
    block_of_start: list[int] = field(default_factory=list)
    said: list[_Said] = field(default_factory=list)
    # Known when the sentences are cut.
    sentences: list[Sentence] = field(default_factory=list)
    sentence_starts: list[int] = field(default_factory=list)
    sentence_ends: list[int] = field(default_factory=list)
    sentence_of: list[int] = field(default_factory=list)
    # The sentences (by number) that have the same words, where there are several.
    equals: list[list[int]] = field(default_factory=list)
    # For each sentence the number of the first that has the same words.
    same: list[int] = field(default_factory=list)
    # Whether a sentence stands more than once.
    again: bytearray = field(default_factory=bytearray)

    def read(self) -> None:
        known, characters = self.known.said, self.known.characters
        for index, block in enumerate(self.blocks):
            if block.kind in EXEMPT:
                continue
            text = block.text.text
            said = known.get(text) or known.setdefault(text, _Said(text, characters))
            if said.coded:
                self.block_starts.append(len(self.words))
                self.block_of_start.append(index)
                self.said.append(said)
                self.words += said.words.norms
        parts = [said.coded for said in self.said if isinstance(said.coded, str)]
        self.coded = "".join(parts) if len(parts) == len(self.said) else tuple(self.words)

    def seed_words(self) -> int:
        """How many equal words in a row begin a run."""
        in_letters = sum(LETTERS.match(self.words[start]) is not None for start in self.block_starts)
        return SEED_LETTERS if 2 * in_letters > len(self.block_starts) else SEED_WORDS

    def starts(self) -> frozenset[int]:
        """Where sentences begin; they are cut when somebody asks."""
        self.cut()
        return frozenset(self.sentence_starts)

    def cut(self) -> None:
        """Find the sentences, and those (by number) that stand more than once, word for word."""
        if self.sentences:
            return
        for offset, index, said in zip(self.block_starts, self.block_of_start, self.said, strict=True):
            for start, end, first, last in said.sentences:
                self.sentence_of += repeat(len(self.sentences), last - first)
                self.sentences.append(Sentence(index, start, end, offset + first, offset + last))
        self.sentence_starts = [sentence.first for sentence in self.sentences]
        self.sentence_ends = [sentence.last for sentence in self.sentences]
        self._find_equals()

    def _find_equals(self) -> None:
        words = self.coded
        said = [words[first:last] for _, _, _, first, last in self.sentences]
        earliest: dict[Coded, int] = {}
        self.same = list(map(earliest.setdefault, said, range(len(said))))
        self.again = bytearray(len(said))
        groups: dict[int, list[int]] = {}
        for number, first in enumerate(self.same):
            if first < number:
                groups.setdefault(first, [first]).append(number)
                self.again[first] = self.again[number] = 1
        self.equals = list(groups.values())

    def around(self, words: tuple[int, int]) -> tuple[int, int]:
        """From where to where the sentences go that the words from the one to the other (half-open) stand in."""
        return self.sentence_starts[self.sentence_of[words[0]]], self.sentence_ends[self.sentence_of[words[1] - 1]]

    def block_of(self, word: int) -> int:
        return self.sentences[self.sentence_of[word]].block

    def place(self, word: int) -> tuple[int, int, int]:
        """The block of a word, and from where to where it stands in its text."""
        index = bisect_right(self.block_starts, word) - 1
        words, own = self.said[index].words, word - self.block_starts[index]
        return self.block_of_start[index], words.starts[own], words.ends[own]

    def is_numbered(self, sentence: int) -> bool:
        """Whether a sentence begins with the number of a list item, as in `1)`."""
        found = self.sentences[sentence]
        if not self.words[found.first].isdigit():
            return False
        _, _, end = self.place(found.first)
        return self.blocks[found.block].text.text[end : end + 1] in (")", ".")

    def is_cut_before(self, word: int) -> bool:
        """Whether a mark that ends a sentence or a clause stands before a word that another one of its block goes before."""
        block, start, _ = self.place(word)
        _, _, end = self.place(word - 1)
        said = self.blocks[block].text.text
        is_unmarked = end < start and UNMARKED.match(said, start) and UNMARKED.match(said, end - 1)
        return not CUTS.isdisjoint(said[end:start]) or bool(is_unmarked)

    def figures(self, first: int, last: int) -> set[str]:
        """The figures among the words `first` to `last` (half-open); "1,000" and "1000" are one."""
        figures: list[str] = []
        behind: tuple[int, int] = (-1, 0)
        for word in range(first, last):
            said = self.words[word]
            if not _has_digit(said):
                continue
            block, start, end = self.place(word)
            text = self.blocks[block].text.text
            if behind == (block, start - 1) and len(said) == 3 and text[start - 1] in THOUSANDS:
                figures[-1] += said
            else:
                figures.append(said)
            behind = block, end
        return set(figures)

    def span(self, first: int, last: int) -> Span:
        """The source span of the words `first` to `last` (half-open) as far as they stand in the first one's block."""
        block, start, _ = self.place(first)
        following = bisect_right(self.block_starts, first)
        last = min(last, self.block_starts[following] if following < len(self.block_starts) else len(self.words))
        _, _, end = self.place(last - 1)
        return self.blocks[block].text.hull_of(start, end) or Span(0, 0)


def unrepeat(
    document: Document, options: Options, known: Known | None = None
) -> tuple[Document, list[Repeat], list[Problem]]:
    """The document with one copy of what stood in it twice, the runs that were dropped or left alone on purpose, and a problem that counts.

    A round that is told what was `known` after an earlier one, of the same document, need not find it out again.
    """
    text = _Text(document.blocks, known or Known())
    text.read()
    chains = repeats_within(text.coded, text.starts, text.seed_words(), options.min_repeat_tokens)
    # Many documents repeat nothing but turns of phrase.
    if not chains:
        return document, [], []
    text.cut()
    chains = [_completed(chain, text) for chain in chains]
    chains += _equal_sentences(chains, text, options)
    reached = _reached(chains, text)
    intended = _intended(text, options)
    if not _may_be_copies(reached, text, options):
        return document, list(_left_alone(intended, {}, text)), []
    twins = _twins(chains, reached, text)
    doomed = _doomed(twins, intended, text, options)
    meant = list(_left_alone(intended, doomed, text))
    if not doomed:
        return document, meant, []
    blocks, dropped = _without(doomed, text)
    repeats = list(_runs(doomed, text, document.dropped))
    problem = Problem(
        "DUP001",
        f"{len(doomed)} repeated sentence{'s' * (len(doomed) > 1)} in {len(repeats)} run{'s' * (len(repeats) > 1)} dropped; one copy of each is kept.",
        document.source,
        repeats[0].dropped,
    )
    gone = sorted((loss for loss in dropped if loss.kept_at), key=_place)
    places = [_place(loss) for loss in gone]
    earlier = (_redirected(loss, gone, places) for loss in document.dropped)
    return replace(document, blocks=blocks, dropped=(*earlier, *dropped)), repeats + meant, [problem]


def followed(earlier: list[Repeat], later: list[Repeat], document: Document) -> list[Repeat]:
    """The repeats of an earlier round, each told as it stands after the later one: where its copy survives now, and how alike that is at least."""
    gone = _Gone([repeat for repeat in later if not repeat.meant])
    if not earlier or not gone.repeats:
        return earlier
    losses = sorted((loss for loss in document.dropped if loss.rule == "DUP001" and loss.kept_at), key=_place)
    places = [_place(loss) for loss in losses]
    return [_followed(repeat, gone, losses, places) for repeat in earlier]


class _Gone:
    """The repeats of a round that were dropped, found by their places; the time of a search does not grow with their number."""

    def __init__(self, repeats: list[Repeat]) -> None:
        self.repeats = sorted(repeats, key=lambda repeat: (repeat.dropped.pointer, repeat.dropped.start))
        self.starts = [(repeat.dropped.pointer, repeat.dropped.start) for repeat in self.repeats]
        # Where the last of each and those before it ends: most do not meet, but nothing says so.
        ends = ((repeat.dropped.pointer, repeat.dropped.end) for repeat in self.repeats)
        self.ends = list(accumulate(ends, max))

    def meeting(self, span: Span) -> Iterator[Repeat]:
        """The repeats whose text was in `span`."""
        at = bisect_left(self.starts, (span.pointer, span.end))
        while at and self.ends[at - 1] > (span.pointer, span.start):
            at -= 1
            dropped = self.repeats[at].dropped
            if dropped.pointer == span.pointer and dropped.end > span.start:
                yield self.repeats[at]


def _with_time_apart(sentences: Sequence[tuple[int, int]], text: str) -> Sequence[tuple[int, int]]:
    """The sentences of a block, the time that it begins with as one of its own."""
    if not text[:1].isdigit() and text[:1] not in ("(", "["):
        return sentences
    time = TIME.match(text)
    if time is None or not sentences or time.end() >= sentences[0][1]:
        return sentences
    start, end = sentences[0]
    return [(start, start + len(text[start : time.end()].rstrip())), (time.end(), end), *sentences[1:]]


def _place(loss: Dropped) -> tuple[str, int]:
    return loss.span.pointer, loss.span.start


def _followed(repeat: Repeat, gone: _Gone, losses: list[Dropped], places: list[tuple[str, int]]) -> Repeat:
    kept, dropped = repeat.kept_at, repeat.dropped
    between = [other.similarity for other in gone.meeting(kept)]
    if not between:
        return repeat
    first = bisect_left(places, (dropped.pointer, dropped.start))
    last = bisect_left(places, (dropped.pointer, dropped.end))
    spans = [loss.kept_at for loss in losses[first:last] if loss.kept_at]
    now = Span(min(span.start for span in spans), max(span.end for span in spans), kept.pointer) if spans else kept
    return replace(repeat, kept_at=now, similarity=max(0, repeat.similarity + min(between) - 100))


def _redirected(loss: Dropped, gone: list[Dropped], places: list[tuple[str, int]]) -> Dropped:
    """An earlier loss whose surviving copy is now dropped itself points at that one's surviving copy."""
    kept = loss.kept_at
    if kept is None:
        return loss
    index = bisect_right(places, (kept.pointer, kept.start)) - 1
    if index < 0 or gone[index].span.pointer != kept.pointer or kept.start >= gone[index].span.end:
        return loss
    return loss._replace(kept_at=gone[index].kept_at)


def _equal_sentences(chains: list[Chain], text: _Text, options: Options) -> list[Chain]:
    """A chain for each sentence that is equal to an earlier one and that no chain pairs with an equal one yet.

    Among many alike the alignment looks at a few only. Where it has paired a sentence, a second chain beside the first would be a group of its
    own, and might choose another host than the paragraph around it.
    """
    groups = [group for group in text.equals if text.sentences[group[0]].size >= options.min_repeat_tokens]
    if not groups:
        return []
    paired = {
        number
        for chain in chains
        for segment in chain.segments
        if segment[2] >= options.min_repeat_tokens
        for number in _paired(segment, text)
    }
    places = (
        (text.sentences[group[0]], text.sentences[number])
        for group in groups
        for number in group[1:]
        if number not in paired
    )
    return sorted((Chain(((here.first, there.first, here.size),)) for here, there in places), key=lambda chain: chain.b)


def _paired(segment: Segment, text: _Text) -> Iterator[int]:
    """The sentences (by number) on the later side of a segment that it pairs with a whole sentence on the earlier one."""
    a, b, size = segment
    starts, ends, back = text.sentence_starts, text.sentence_ends, b - a
    first = bisect_left(starts, b)
    for number in range(first, bisect_right(ends, b + size, first)):
        there = text.sentence_of[starts[number] - back]
        if starts[there] + back == starts[number] and ends[there] + back == ends[number]:
            yield number


def _completed(chain: Chain, text: _Text) -> Chain:
    """The chain with its gaps filled, and widened to the ends of the sentences that it begins and ends in."""
    (start_a, end_a), (start_b, end_b) = text.around(chain.a), text.around(chain.b)
    if end_a > start_b:
        # Both places are in one sentence.
        (start_a, end_a), (start_b, end_b) = chain.a, chain.b
    if len(chain.segments) == 1 and (start_a, end_a) == chain.a and (start_b, end_b) == chain.b:
        return chain
    here, there = text.coded[start_a:end_a], text.coded[start_b:end_b]
    segments = tuple([(a - start_a, b - start_b, size) for a, b, size in chain.segments])
    known = text.known.completed
    found = known.get((here, there, segments))
    if found is None:
        found = completed(here, there, segments)
        if len(here) + len(there) <= MAX_KNOWN_WORDS:
            known[here, there, segments] = found
    if len(found) == len(segments):
        return chain
    return Chain(tuple([(start_a + a, start_b + b, size) for a, b, size in found]))


@dataclass(frozen=True, slots=True)
class Intended:
    """A sentence that is meant to stand again: the number of its occurrence before, and why it is left alone."""

    before: int
    why: str


def _intended(text: _Text, options: Options) -> dict[int, Intended]:
    """The equal sentences (by number, but for the first of each) that are meant to repeat, unless a long run of copies goes through them.

    A heading may stand again; a refrain, response or formula stands in at least three places of one kind with other text between; in verse two
    places are enough.
    """
    groups = [group for group in text.equals if text.sentences[group[0]].size >= options.min_repeat_tokens]
    again = {number for group in groups for number in group}
    # How many sentences before each one do not stand again.
    once = list(accumulate((number not in again for number in range(len(text.sentences))), initial=0))
    verse = _is_verse(text)
    intended: dict[int, Intended] = {}
    for group in groups:
        blocks = [text.blocks[text.sentences[number].block] for number in group]
        apart = all(once[b] > once[a + 1] for a, b in pairwise(group))
        own = [_is_own_block(text, number) for number in group]
        if all(own) and all(_is_part_heading(block) for block in blocks):
            why = "a repeated heading"
        elif apart and (verse or (len(group) >= MIN_REFRAINS and (all(own) or not any(own)))):
            why = "a refrain or formula"
        else:
            continue
        intended |= {after: Intended(before, why) for before, after in pairwise(group)}
    return intended


def _is_part_heading(block: Block) -> bool:
    """Whether a block is the heading of a part, and not a sentence that was taken for one."""
    said = block.text.text.rstrip("\"'\u201d\u2019")
    return block.kind is Kind.HEADING and block.level > 1 and not said.endswith((".", "\u3002"))


def _is_verse(text: _Text) -> bool:
    """Whether most blocks are lines rather than paragraphs."""
    lengths = sorted(after - before for before, after in pairwise([*text.block_starts, len(text.words)]))
    return len(lengths) >= MIN_VERSE_LINES and lengths[3 * len(lengths) // 4] <= MAX_VERSE_WORDS


def _is_own_block(text: _Text, sentence: int) -> bool:
    block = text.sentences[sentence].block
    before = sentence > 0 and text.sentences[sentence - 1].block == block
    behind = sentence + 1 < len(text.sentences) and text.sentences[sentence + 1].block == block
    return not before and not behind


def _reached(chains: list[Chain], text: _Text) -> list[int]:
    """For each sentence the share of its words that any chain leads through, in either place, in percent rounded down."""
    covered = bytearray(len(text.words))
    for chain in chains:
        for a, b, size in chain.segments:
            covered[a : a + size] = covered[b : b + size] = b"\1" * size
    before = list(accumulate(covered, initial=0))
    return [100 * (before[last] - before[first]) // (last - first) for _, _, _, first, last in text.sentences]


def _may_be_copies(reached: list[int], text: _Text, options: Options) -> bool:
    """Whether chains lead through so much of a sentence that it may be one from which a run of copies begins.

    Where there is no such sentence nothing is dropped, whatever the hosts; many documents have chains, and few copies.
    """
    return any(
        share >= options.min_block_similarity and sentence.size >= options.min_repeat_tokens
        for share, sentence in zip(reached, text.sentences, strict=True)
    )


# Words of a sentence that stand elsewhere too: where they begin in the sentence, where they begin there, and how many they are.
Stretch = tuple[int, int, int]


class Claim:
    """One chain's word on a sentence: the stretches of it that stand elsewhere too, in the order of both places, their words, and the first and the last word there."""

    __slots__ = ("chain", "first", "last", "stretches", "words")

    def __init__(self, chain: int, copy: int, host: int, size: int) -> None:
        self.chain = chain
        self.stretches: list[Stretch] = [(copy, host, size)]
        self.words = size
        self.first = host
        self.last = host + size - 1

    def add(self, copy: int, host: int, size: int) -> None:
        """The next stretch."""
        self.stretches.append((copy, host, size))
        self.words += size
        self.last = host + size - 1

    def host_of(self, word: int) -> int:
        """The word there that stands for `word`; -1 for none."""
        return next((host + word - copy for copy, host, size in self.stretches if copy <= word < copy + size), -1)

    def sentences(self, text: _Text) -> list[int]:
        """The sentences (by number) there, each once."""
        found = [text.sentence_of[self.first]]
        if self.last < text.sentence_ends[found[0]]:
            return found
        for _, host, size in self.stretches:
            first, last = text.sentence_of[host], text.sentence_of[host + size - 1]
            found += range(first + (found[-1:] == [first]), last + 1)
        return found


@dataclass(slots=True)
class _Twins:
    """For each sentence the claims of all chains, and the best of them: that which covers most of the sentence."""

    chains: list[Chain]
    claims: list[list[Claim]]
    best: list[Claim | None] = field(default_factory=list)
    # For each sentence the share of its words that stand elsewhere too, in percent rounded down, and the chain that leads there; -1 for none.
    shares: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    quality: dict[int, int] = field(default_factory=dict)
    vouching: set[int] = field(default_factory=set)
    # A short chain that runs along a long one, a few words beside it, is a part of its run.
    runs: dict[int, int] = field(default_factory=dict)

    def choose(self, text: _Text) -> None:
        """Find each sentence's best claim, and the chains that vouch for what they run through: long ones, most of it copied, a part exactly."""
        shares: dict[int, list[int]] = defaultdict(list)
        for number, claims in enumerate(self.claims):
            believed = _believed(number, claims, text) if claims else ()
            best = self._best_of(believed, text) if believed else None
            share = 100 * best.words // text.sentences[number].size if best else 0
            line = self.runs.get(best.chain, best.chain) if best else -1
            self.best.append(best)
            self.shares.append(share)
            self.lines.append(line)
            shares[line].append(share)
        for chain, quality in self.quality.items():
            if self.chains[chain].size >= MIN_RUN_WORDS and quality >= MIN_RUN_QUALITY:
                exact = shares[chain].count(100)
                if MAX_EXACT_RATIO * exact >= len(shares[chain]):
                    self.vouching.add(chain)

    def _best_of(self, claims: list[Claim], text: _Text) -> Claim:
        """The claim on the most words; of several the one whose place says the least besides, then that of the longest chain."""
        most = max([claim.words for claim in claims])
        rivals = [claim for claim in claims if claim.words == most]
        return rivals[0] if len(rivals) == 1 else min(rivals, key=lambda claim: self._rank(claim, text))

    def _rank(self, claim: Claim, text: _Text) -> tuple[int, int, int]:
        beside = sum([text.sentences[place].size for place in claim.sentences(text)])
        return beside, -self.chains[claim.chain].size, claim.chain

    def survivor(self, word: int, doomed: Container[int], text: _Text) -> int:
        """The word that stands in the end for `word`: -1 where the line of copies ends in a sentence that is dropped."""
        for _ in range(MAX_COPIES):
            number = text.sentence_of[word]
            if number not in doomed:
                return word
            claim = self.best[number]
            word = claim.host_of(word) if claim else -1
            if word < 0:
                return -1
        return -1

    def survivors(self, number: int, doomed: Container[int], text: _Text) -> list[int]:
        claim = self.best[number]
        if not claim:
            return []
        found = [
            self.survivor(host + place, doomed, text) for _, host, size in claim.stretches for place in range(size)
        ]
        return [word for word in found if word >= 0]


def _believed(number: int, claims: list[Claim], text: _Text) -> list[Claim]:
    """The claims on a sentence that may be believed.

    A sentence that stands elsewhere word for word is no edited copy of another that also stands twice, and one that is like several different
    ones is a line of a catalogue: of such only those words are copies that stand in one stretch.
    """
    size = text.sentences[number].size
    verbatim = [claim.words == size == claim.last - claim.first + 1 for claim in claims]
    if all(verbatim):
        return claims
    near = (_near(number, claim, text) for claim, exact in zip(claims, verbatim, strict=True) if not exact)
    lines = {text.same[place] for place in near if place >= 0}
    if len(lines) >= MIN_LIKE_LINES:
        return [claim for claim, exact in zip(claims, verbatim, strict=True) if exact]
    if not text.again[number]:
        return claims
    return [
        claim
        for claim, exact in zip(claims, verbatim, strict=True)
        if exact or not all(text.again[place] for place in claim.sentences(text))
    ]


def _is_verbatim(number: int, claim: Claim | None, text: _Text) -> bool:
    """Whether all words of a sentence stand in one stretch elsewhere."""
    return claim is not None and claim.words == text.sentences[number].size == claim.last - claim.first + 1


def _near(number: int, claim: Claim, text: _Text) -> int:
    """The one other sentence that has most of a sentence's words, and few more; -1 where there is none."""
    place = text.sentence_of[claim.first]
    host = text.sentences[place]
    longer = max(text.sentences[number].size, host.size)
    is_near = claim.last < host.last and 100 * claim.words >= MIN_SHARE_IN_RUN * longer
    return place if is_near else -1


def _twins(chains: list[Chain], reached: list[int], text: _Text) -> _Twins:
    """What each chain claims of the sentences in the region that is not its host."""
    twins = _Twins(chains, [[] for _ in text.sentences])
    riders = _riders(chains)
    twins.runs = {rider: carrier for rider, carrier in riders.items() if _is_beside(chains[rider], chains[carrier])}
    # Short chains side by side are pieces of one copy; far apart they are turns of phrase, and belong to none.
    own = [number for number in range(len(chains)) if number not in riders]
    groups = _neighbours([number for number in own if chains[number].size < MIN_RUN_WORDS], chains, MAX_PIECE_GAP)
    waiting = [number for number in own if chains[number].size >= MIN_RUN_WORDS]
    while waiting:
        crossing, waiting = _crossing_the_best_cut(waiting, chains)
        groups += _neighbours(crossing, chains, MAX_GROUP_GAP)
    carried: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for place, (rider, carrier) in enumerate(riders.items()):
        carried[carrier].append((place, rider))
    regions = _Regions(reached, text)
    for group in groups:
        extra = sorted(pair for number in group for pair in carried.get(number, ()))
        _settle([*group, *(rider for _, rider in extra)], regions, twins, text)
    twins.choose(text)
    return twins


def _riders(chains: list[Chain]) -> dict[int, int]:
    """The chains that lie within a long one in both places, with that one: their copies have the same host as all around them."""
    riders: dict[int, int] = {}
    # By the stretches of the document that their later places reach into, for a list of like lines has thousands of them.
    carriers: dict[int, list[tuple[int, int, int, int, int]]] = defaultdict(list)
    for number in sorted(range(len(chains)), key=lambda found: (-chains[found].size, found)):
        chain = chains[number]
        (start_a, end_a), (start_b, end_b) = chain.a, chain.b
        for carrier, least_a, most_a, least_b, most_b in carriers[start_b // STRETCH_WORDS]:
            if least_a <= start_a and end_a <= most_a and least_b <= start_b and end_b <= most_b:
                riders[number] = carrier
                break
        else:
            if chain.size >= MIN_RUN_WORDS:
                for stretch in range(start_b // STRETCH_WORDS, end_b // STRETCH_WORDS + 1):
                    carriers[stretch].append((number, start_a, end_a, start_b, end_b))
    return riders


def _is_beside(rider: Chain, carrier: Chain) -> bool:
    """Whether both lead nearly as far through the document there."""
    at = bisect_right(carrier.segments, rider.a[0], key=itemgetter(0))
    before_a, before_b, _ = carrier.segments[max(at - 1, 0)]
    return abs((rider.b[0] - rider.a[0]) - (before_b - before_a)) <= MAX_PIECE_GAP


def _crossing_the_best_cut(numbers: list[int], chains: list[Chain]) -> tuple[list[int], list[int]]:
    """The chains that cross the cut of the document which parts the most equal words, and the others."""
    weights: Counter[int] = Counter()
    for number in numbers:
        chain = chains[number]
        weights[chain.a[1]] += chain.size
        weights[chain.b[0] + 1] -= chain.size
    best, best_cut, weight = 0, 0, 0
    for cut in sorted(weights):
        weight += weights[cut]
        if weight > best:
            best, best_cut = weight, cut
    crossing = [number for number in numbers if chains[number].a[1] <= best_cut <= chains[number].b[0]]
    crossing = crossing or numbers
    taken = frozenset(crossing)
    return crossing, [number for number in numbers if number not in taken]


def _neighbours(numbers: list[int], chains: list[Chain], gap: int) -> list[list[int]]:
    """Chains grouped with those near them in both places, so that one host is chosen for all of them; each copy is a group of its own."""
    groups: list[_Group] = []
    recent: list[_Group] = []
    for number in sorted(numbers, key=lambda found: chains[found].a):
        (start_a, _), (start_b, end_b) = reach = chains[number].a, chains[number].b
        for group in recent:
            # Where it is near none of a group, it is not near where they are taken together either; most are told apart by that.
            if (
                start_a <= group.end_a + gap
                and start_b <= group.end_b + gap
                and group.start_b <= end_b + gap
                and group.takes(reach, gap)
            ):
                break
        else:
            group = _Group(reach)
            groups.append(group)
            recent = [*recent[1 - RECENT_GROUPS :], group]
        group.add(number, reach)
    return [group.numbers for group in groups]


# Where a chain begins and ends on the earlier side, and on the later one.
_Reach = tuple[tuple[int, int], tuple[int, int]]


class _Group:
    """Chains near each other on both sides: their numbers, where the last few of them begin and end, and how far all of them go."""

    __slots__ = ("end_a", "end_b", "numbers", "reaches", "start_b")

    def __init__(self, reach: _Reach) -> None:
        self.numbers: list[int] = []
        self.reaches: list[_Reach] = []
        (_, self.end_a), (self.start_b, self.end_b) = reach

    def add(self, number: int, reach: _Reach) -> None:
        (_, end_a), (start_b, end_b) = reach
        self.numbers.append(number)
        self.reaches = [*self.reaches[1 - RECENT_CHAINS :], reach]
        self.end_a = max(self.end_a, end_a)
        self.start_b, self.end_b = min(self.start_b, start_b), max(self.end_b, end_b)

    def takes(self, reach: _Reach, gap: int) -> bool:
        """Whether a chain is near one of the last few, and apart from all: pairing the same words on a side, it would lead to a different copy.

        The others begin before it on the earlier side.
        """
        (start_a, end_a), (start_b, end_b) = reach
        is_near = False
        for (other_start_a, other_end_a), (other_start_b, other_end_b) in self.reaches:
            # Below zero where the two overlap.
            gap_a = start_a - (end_a if end_a < other_end_a else other_end_a)
            gap_b = (start_b if start_b > other_start_b else other_start_b) - (
                end_b if end_b < other_end_b else other_end_b
            )
            if gap_a < 0 and -2 * gap_a > min(end_a - start_a, other_end_a - other_start_a):
                return False
            if gap_b < 0 and -2 * gap_b > min(end_b - start_b, other_end_b - other_start_b):
                return False
            is_near = is_near or (gap_a <= gap and gap_b <= gap)
        return is_near


def _settle(group: list[int], regions: _Regions, twins: _Twins, text: _Text) -> None:
    """Choose the host of a group, and give the words of the other region their twins in it."""
    chains = [twins.chains[number] for number in group]
    host_is_later = regions.is_host_later(chains)
    for number, chain in zip(group, chains, strict=True):
        first, last = chain.a if host_is_later else chain.b
        twins.quality[number] = 100 * chain.size // (last - first)
        _claim(number, chain, host_is_later, twins.claims, text)


def _claim(number: int, chain: Chain, host_is_later: bool, claims: list[list[Claim]], text: _Text) -> None:
    """Note what a chain claims of each sentence of its copy."""
    sentence_of, sentence_ends = text.sentence_of, text.sentence_ends
    claim: Claim | None = None
    claimed = -1
    for a, b, size in chain.segments:
        host, copy = (b, a) if host_is_later else (a, b)
        while size > 0:
            sentence = sentence_of[copy]
            inside = min(size, sentence_ends[sentence] - copy)
            if claim and sentence == claimed:
                claim.add(copy, host, inside)
            else:
                claim = Claim(number, copy, host, inside)
                claims[sentence].append(claim)
                claimed = sentence
            copy, host, size = copy + inside, host + inside, size - inside


class _Regions:
    """How much each region of a document has of its own."""

    def __init__(self, reached: list[int], text: _Text) -> None:
        self.sentence_of = text.sentence_of
        numbers = {index: number for number, index in enumerate(text.block_of_start)}
        # The block of each sentence, by number among those that are compared.
        self.block_of = [numbers[sentence.block] for sentence in text.sentences]
        own = [0] * len(numbers)
        for block, share, sentence in zip(self.block_of, reached, text.sentences, strict=True):
            if share < MIN_SHARE_IN_RUN:
                own[block] += sentence.size
        kinds = [text.blocks[index].kind for index in text.block_of_start]
        # Those before each block.
        self.own_words = list(accumulate(own, initial=0))
        self.structured = list(accumulate((kind in (Kind.HEADING, Kind.ITEM) for kind in kinds), initial=0))
        self.quoted = list(accumulate((kind is Kind.QUOTE for kind in kinds), initial=0))

    def is_host_later(self, chains: list[Chain]) -> bool:
        """Whether the region that chains of one group lead to says more of its own than that which they come from."""
        earlier = min([chain.a[0] for chain in chains]), max([chain.a[1] for chain in chains])
        later = min([chain.b[0] for chain in chains]), max([chain.b[1] for chain in chains])
        own_later, own_earlier = self.richness(later), self.richness(earlier)
        # A sentence in two paragraphs that both say more: the later one quotes.
        is_quoted = sum([chain.size for chain in chains]) < MIN_RUN_WORDS and own_later[0] and own_earlier[0]
        return not is_quoted and own_later > own_earlier

    def richness(self, region: tuple[int, int]) -> tuple[int, int, bool]:
        """The words of a region's sentences that stand nowhere else, its headings and list items, and whether it is more than a quotation."""
        first, end = self.block_of[self.sentence_of[region[0]]], self.block_of[self.sentence_of[region[1] - 1]] + 1
        is_more = self.quoted[end] - self.quoted[first] < end - first
        return self.own_words[end] - self.own_words[first], self.structured[end] - self.structured[first], is_more


def _doomed(twins: _Twins, intended: dict[int, Intended], text: _Text, options: Options) -> dict[int, Host]:
    """The sentences (by number, in their order) whose words stand elsewhere too, enough of them to be a copy, and where they survive.

    A sentence is a copy in its own right, or because the run of its chain goes through it from a sentence that is one.
    """
    shares, lines = twins.shares, twins.lines
    doomed = {
        number
        for number, share in enumerate(shares)
        if share >= options.min_block_similarity
        and (number not in intended or lines[number] in twins.vouching)
        and _is_copy(number, twins, text, options)
    }
    for step, order in ((1, range(1, len(lines))), (-1, range(len(lines) - 2, -1, -1))):
        for number in order:
            line = lines[number]
            if line < 0 or lines[number - step] != line or number - step not in doomed:
                continue
            vouched = line in twins.vouching
            long = text.sentences[number].size >= options.min_repeat_tokens
            behind = number + step
            ends = not (0 <= behind < len(lines) and lines[behind] == line)
            in_run = MIN_SHARE_AT_END if ends else MIN_SHARE_IN_RUN
            least = in_run if vouched and long else options.min_block_similarity
            meant = number in intended and not vouched
            if shares[number] >= least and not meant and not _says_another_thing(number, twins, text):
                doomed.add(number)
    hosts: dict[int, Host] = {}
    numbers = sorted(doomed)
    for number in numbers:
        # A sentence must stay whose words do not survive together in one place: its copies are to be dropped too, or lie scattered.
        host = _kept_at(number, doomed, twins, text)
        if 100 * host[1] < MIN_SHARE_IN_RUN * text.sentences[number].size:
            doomed.remove(number)
        else:
            hosts[number] = host
    hosts = _cut_alone(hosts, text)
    if len(hosts) < len(numbers):
        # Where one stays, the words of others survive in it.
        hosts = {number: _kept_at(number, hosts, twins, text) for number in hosts}
    return hosts


def _cut_alone(doomed: dict[int, Host], text: _Text) -> dict[int, Host]:
    """Those of the doomed sentences that can be cut out without a word of one that stays: what was mended as one whole can't be cut in two."""
    while held := {number for number in doomed if not all(other in doomed for other in _cut_with(number, text))}:
        doomed = {number: host for number, host in doomed.items() if number not in held}
    return doomed


def _cut_with(number: int, text: _Text) -> Iterator[int]:
    """The sentences (by number) of which something goes if this one is cut out."""
    sentence = text.sentences[number]
    start, end = text.blocks[sentence.block].text.cuttable(sentence.start, sentence.end)
    for step, stop in ((-1, -1), (1, len(text.sentences))):
        for other in range(number + step, stop, step):
            beside = text.sentences[other]
            if beside.block != sentence.block or beside.end <= start or beside.start >= end:
                break
            yield other


def _is_copy(number: int, twins: _Twins, text: _Text, options: Options) -> bool:
    """Whether a sentence that has nearly all of its words elsewhere is a copy, and not words that a longer sentence happens to use."""
    sentence, claim = text.sentences[number], twins.best[number]
    size = sentence.size
    if claim is None or size < options.min_repeat_tokens or _says_another_thing(number, twins, text):
        return False
    if twins.lines[number] in twins.vouching:
        return True
    stretch = claim.last - claim.first + 1
    if (
        max(size, stretch) - claim.words > size // WORDS_PER_EDIT
        or 100 * claim.words < options.min_block_similarity * stretch
    ):
        return False
    host_size = sum(text.sentences[host].size for host in claim.sentences(text))
    # A heading names what the text below says in the same words; only a sentence that is the same as a whole makes it a copy.
    if text.blocks[sentence.block].kind is Kind.HEADING:
        return size == host_size == claim.words
    if 100 * size >= options.min_block_similarity * host_size:
        return True
    enough = MIN_LONE_FRAGMENT_WORDS if _is_own_block(text, number) else MIN_FRAGMENT_WORDS
    return (size >= enough or 100 * size >= MIN_SHARE_OF_HOST * host_size) and _is_cut_out(
        number, claim.first, claim.last, text
    )


def _is_cut_out(number: int, first: int, last: int, text: _Text) -> bool:
    """Whether a part of a longer sentence, there the words `first` to `last`, is a quotation, or begins and ends there as sentences do."""
    sentence = text.sentences[number]
    block = text.blocks[sentence.block]
    said = block.text.text[sentence.start : sentence.end]
    is_unmarked = UNMARKED.match(text.words[sentence.first]) is not None
    if (block.kind is Kind.ITEM and not is_unmarked) or not SYMBOLS.isdisjoint(said):
        return False
    if block.kind is Kind.QUOTE or said[0] in QUOTES:
        return True
    if is_unmarked and sentence.size < MIN_UNMARKED_FRAGMENT:
        return False
    begins, ends = text.sentences[text.sentence_of[first]], text.sentences[text.sentence_of[last]]
    before = first == begins.first or text.is_cut_before(first)
    return before and (last == ends.last - 1 or text.is_cut_before(last + 1))


def _says_another_thing(number: int, twins: _Twins, text: _Text) -> bool:
    """Whether a sentence says something that its likeness does not: another figure, or as a heading what stands there in a sentence only."""
    sentence, claim = text.sentences[number], twins.best[number]
    if text.blocks[sentence.block].kind is Kind.HEADING and not _is_verbatim(number, claim, text):
        places = claim.sentences(text) if claim else []
        if not places or any(text.blocks[text.sentences[place].block].kind is not Kind.HEADING for place in places):
            return True
    # The number of a list item is none of what it says.
    first = sentence.first + text.is_numbered(number)
    missing = [
        word
        for word in range(first, sentence.last)
        if _has_digit(text.words[word]) and (claim is None or claim.host_of(word) < 0)
    ]
    if not missing or claim is None:
        return bool(missing)
    return not text.figures(missing[0], missing[-1] + 1) <= text.figures(claim.first, claim.last + 1)


def _has_digit(word: str) -> bool:
    return not word.isalpha() and any(map(str.isdigit, word))


def _without(doomed: dict[int, Host], text: _Text) -> tuple[tuple[Block, ...], list[Dropped]]:
    """The blocks without the doomed sentences, and the ledger of these."""
    by_block: dict[int, list[int]] = defaultdict(list)
    for number in doomed:
        by_block[text.sentences[number].block].append(number)
    blocks: list[Block] = []
    dropped: list[Dropped] = []
    for index, block in enumerate(text.blocks):
        edits: list[Edit] = []
        for number in by_block.get(index, ()):
            sentence = text.sentences[number]
            start, end = block.text.cuttable(*_with_space(block.text.text, sentence.start, sentence.end))
            start = max(start, edits[-1].end) if edits else start
            if start < end:
                edits.append(Edit(start, end, "", "DUP001"))
                kept_at, _ = doomed[number]
                dropped += [Dropped(span, "DUP001", kept_at) for span in block.text.sliced(start, end).spans()]
        rest = block.spliced(edits)[0].stripped() if edits else block
        if rest.text.text and (not edits or any(char.isalnum() for char in rest.text.text)):
            blocks.append(rest)
        elif edits:
            dropped += [Dropped(span, "DUP001", dropped[-1].kept_at) for span in rest.text.spans()]
    return tuple(blocks), dropped


def _with_space(text: str, start: int, end: int) -> tuple[int, int]:
    """A sentence with the white space behind it, so that what stays is separated once."""
    while end < len(text) and text[end].isspace():
        end += 1
    return start, end


def _kept_at(number: int, doomed: Container[int], twins: _Twins, text: _Text) -> Host:
    """Where most of a sentence's words survive, in one block and those beside it, and how many of them do."""
    survivors = twins.survivors(number, doomed, text)
    if not survivors:
        return None, 0
    blocks = [text.block_of(word) for word in survivors]
    block = blocks[0] if min(blocks) == max(blocks) else Counter(blocks).most_common(1)[0][0]
    near = sorted(word for word, own in zip(survivors, blocks, strict=True) if abs(own - block) <= 1)
    first, last = text.span(near[0], near[0] + 1), text.span(near[-1], near[-1] + 1)
    if first.pointer != last.pointer or last.end <= first.start:
        near = [word for word in near if text.block_of(word) == block]
        return text.span(near[0], near[-1] + 1), len(near)
    return Span(first.start, last.end, first.pointer), len(near)


def _runs(doomed: dict[int, Host], text: _Text, earlier: Iterable[Dropped]) -> Iterator[Repeat]:
    """Doomed sentences that follow one another in a block, as one run for the report. Where one between two of them was dropped before, a run ends."""
    gone = sorted(_place(loss) for loss in earlier if loss.rule == "DUP001")
    runs: list[list[int]] = []
    for number in doomed:
        here, last = text.sentences[number], text.sentences[runs[-1][-1]] if runs else None
        if last and runs[-1][-1] == number - 1 and last.block == here.block and not _is_parted(last, here, text, gone):
            runs[-1].append(number)
        else:
            runs.append([number])
    for run in runs:
        first, last = text.sentences[run[0]], text.sentences[run[-1]]
        block = text.blocks[first.block]
        hull = block.text.hull_of(first.start, last.end)
        kept = [doomed[number] for number in run]
        spans = [span for span, _ in kept if span]
        if hull and spans:
            own = [span for span in spans if span.pointer == spans[0].pointer]
            kept_at = Span(min(span.start for span in own), max(span.end for span in own), spans[0].pointer)
            similarity = 100 * sum(count for _, count in kept) // (last.last - first.first)
            yield Repeat(hull, kept_at, similarity, _shown(block.text.text[first.start : last.end]))


def _is_parted(one: Sentence, other: Sentence, text: _Text, gone: Sequence[tuple[str, int]]) -> bool:
    """Whether a dropped span of `gone` begins between two sentences."""
    before, behind = text.span(one.first, one.last), text.span(other.first, other.last)
    at = bisect_left(gone, (before.pointer, before.end))
    return at < len(gone) and gone[at] < (behind.pointer, behind.start)


def _left_alone(intended: dict[int, Intended], doomed: dict[int, Host], text: _Text) -> Iterator[Repeat]:
    """The repeats that are meant, for the report: an exception is listed, not silent. It tells a place that was kept."""
    for number in sorted(set(intended) - set(doomed)):
        here, before = text.sentences[number], text.sentences[intended[number].before]
        shown = _shown(text.blocks[here.block].text.text[here.start : here.end])
        surviving, _ = doomed.get(intended[number].before, (None, 0))
        kept_at = surviving or text.span(before.first, before.last)
        yield Repeat(text.span(here.first, here.last), kept_at, 100, shown, intended[number].why)


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
