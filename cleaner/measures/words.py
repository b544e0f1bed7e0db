"""Text in, its words and sentences with their places out; both for comparison only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

from cleaner.measures.forms import normalized
from cleaner.model.documents import Document

# Scripts that write no spaces between words: each character counts as a word (Chinese, Japanese, Thai, Lao, Burmese, Khmer).
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"
)
# Marks that belong to the letter before them, which \w does not match; the Indic blocks but for the dandas are letters and marks throughout.
COMBINING = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"

WORD = re.compile(f"[{UNSPACED}](?:[{COMBINING}])*|(?:(?![{UNSPACED}])(?:[^\\W_]|[{COMBINING}]))+")
ASCII_WORD = re.compile(r"[A-Za-z0-9]+")
# Below U+0300 and among the signs of typography are no marks and no scripts without spaces, so that a simple pattern finds the same words.
# As what it is not, for a class is compiled by going over all that it names.
UNLIKE_LATIN = re.compile("[^\0-\u02ff\u2000-\u206f]")
LATIN_WORD = re.compile(r"[^\W_]+")

# Hebrew points and accents, Arabic vowel signs and the stroke that only lengthens a word: the same word is written with and without them.
POINTS = dict.fromkeys([*range(0x0591, 0x05BE), *range(0x05BF, 0x05C8), 0x0640, *range(0x064B, 0x0653), 0x0670])

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMERALS = {word: str(number) for number, word in enumerate(UNITS.split())}
NUMERALS |= {word: str(number) for number, word in zip(range(20, 100, 10), TENS.split(), strict=True)}


class Words:
    """The words of a text in comparison form, and where they start and end in it (code points); the places are found when asked for."""

    def __init__(self, norms: list[str], text: str, pattern: re.Pattern[str]) -> None:
        self.norms = norms
        self._text = text
        self._pattern = pattern

    def __len__(self) -> int:
        return len(self.norms)

    @cached_property
    def hash(self) -> int:
        """64 bits of the words in their order, the same on every machine."""
        return int.from_bytes(
            blake2b(" ".join(self.norms).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
        )

    @cached_property
    def starts(self) -> list[int]:
        return [match.start() for match in self._pattern.finditer(self._text)]

    @cached_property
    def ends(self) -> list[int]:
        return [match.end() for match in self._pattern.finditer(self._text)]


@lru_cache(maxsize=2048)
def words_of(text: str) -> Words:
    """The words of `text`: NFKC, case folded, small numerals as digits; a character each in scripts without spaces.

    Several stages ask for the same block, so the last few thousand answers are kept.

    >>> words_of("Twenty cafés\N{EM DASH}Ｏｐｅｎ!").norms
    ['20', 'cafés', 'open']
    """
    if text.isascii():
        pattern = ASCII_WORD
        norms = pattern.findall(text.lower())
    else:
        pattern = WORD if UNLIKE_LATIN.search(text) else LATIN_WORD
        norms = list(map(_folded, pattern.findall(text)))
    return Words(list(map(NUMERALS.get, norms, norms)), text, pattern)


def words_in(document: Document) -> list[str]:
    """The words of all blocks of a document in comparison form."""
    return list(chain.from_iterable(words_of(block.text.text).norms for block in document.blocks))


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    folded = normalized("NFKC", word).casefold()
    if "\u0590" <= folded[:1] <= "\u06ff":
        return folded.translate(POINTS) or folded
    return folded


# A full stop after one of these ends no sentence.
ABBREVIATED = (
    "mr mrs ms dr prof st sr jr rev gen col lt sgt capt hon gov sen rep pres vs no vol fig inc ltd co corp bros est dept "
    "approx e.g i.e cf al jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k u.n"
)
ABBREVIATIONS = frozenset(ABBREVIATED.split())
CLOSING = "\"'\u201d\u2019)\\]\u00bb"
OPENING = "\"'\u201c\u2018(\\[\u00ab\u00bf\u00a1"
# Each pattern begins with one class of characters, so that a search skips from one such character to the next.
BOUNDARY = re.compile(
    rf"""
    [.!?\u2026\u3002\uff01\uff1f\u0964\u0965\u061f\u06d4\u17d4\u104b\n]
    (?:
        # a sentence's end, white space, and something that starts one; of several marks the first, so that a line of a million dots is read once
        (?<=(?<![.!?\u2026])[.!?\u2026])[.!?\u2026]*[{CLOSING}]*\s+(?=[{OPENING}]*[^\W_a-z])
        # an ideographic full stop needs no white space
      | (?<=[\u3002\uff01\uff1f])[\u3002\uff01\uff1f]*[{CLOSING}\u300d\u300f]*
        # danda, Arabic question mark and full stop, Khmer and Burmese full stop
      | (?<=[\u0964\u0965\u061f\u06d4\u17d4\u104b])\s+
      | (?<=\n)\n*
    )
    """,
    re.VERBOSE,
)
# "leader.But national": a letter or a figure, a sentence's end, and a capital that starts a word, without white space between them.
GLUE = re.compile(r"[.!?:](?<=[^\W_A-Z].)(?:(?<=[.!?])[\"\u201d\u2019)])??(?=[\"\u201c\u2018(]?[A-Z][a-z\u2019']*[ ,])")
# What may end a sentence: a word of letters at the end of its token, or a year.
SENTENCE_END = re.compile(
    r"(?:^|[\s\u2013\u2014\u2026,;:\"\u201c\u2018'(\[\u00ab])([^\W\d_]+(?:['\u2019-][^\W\d_]+)*|(?<!\S)(?:1[5-9]|20)\d\d)$"
)
# What addresses, paths and code hold, and words do not.
UNLIKE_PROSE = re.compile(r"[/\\_@#=<>{}|~`*]|\w[.(\[]\w")
# A document that calls functions and names variables: a name with a capital behind its full stop is no surprise there.
CODE = re.compile(r"\w\(\)|\b[a-z]+_[a-z]+|\b\w+\.\w+\(|\w::\w")
NAME_WITH_STOP = re.compile(r"(?<!\w)(\w++)\.(?=([A-Za-z_]\w*))")
WORD_ALONE = re.compile(r"(?<![\w.])\w++(?!\.\w)")
PLAIN_WORD = re.compile(
    r"[\"\u201c\u2018'(\u00ab]*[^\W\d_]+(?:['\u2019-][^\W\d_]+)*[,;:\"\u201d\u2019')\u00bb]*|[$\u00a3\u20ac]?\d[\d.,]*%?|[\u2013\u2014-]"
)
# Words that begin sentences, and that nobody calls a part of a program or a site.
STARTING = (
    "a about above according across actually additionally after afterwards again against all almost along already also although always amid among "
    "an and another any anyone are around as asked at back because before behind below besides between beyond both but by can clearly could "
    "despite did do does during each earlier eventually even ever every everyone everything few finally first for fortunately four from further furthermore "
    "given had has have having he hence her here hers his how however i i'd i'll i'm i've if in indeed instead is it it's its just last "
    "later least less like many maybe meanwhile more moreover most much my nearly neither never nevertheless next no nobody none nor not nothing "
    "now obviously of often on once one only or other others otherwise our over perhaps rather recently she should similarly since so some someone "
    "something sometimes soon still such than that that's the their them then there there's therefore these they they're this those though three through "
    "throughout thus to today together too toward two under unfortunately unless unlike until up upon was we we're we've well were what what's when "
    "whenever where whereas whether which while who whose why will with within without would yes yesterday yet you you're your"
)
STARTERS = frozenset(STARTING.split())
# "Amazon.Com", "Node.Js": a name, not the end of a sentence.
NAME_ENDINGS = frozenset(
    "ai app co com de dev doc edu eu exe fr gov inc io java js json me mobi net org pdf py tv uk us zip".split()
)
# A word that may be a name begins a sentence only where this many words stand before it.
MIN_GLUED_WORDS = 3
LAST_WORD = re.compile(r"[\w.]+$")


@lru_cache(maxsize=2048)
def sentences_of(text: str) -> Sequence[tuple[int, int]]:
    """The sentences of `text` as (start, end), white space around them left out; glued sentences are cut apart.

    As with words, the last few thousand answers are kept.

    >>> text = "Mr. Hale left.But Ms. Orr stayed. Why?"
    >>> [text[a:b] for a, b in sentences_of(text)]
    ['Mr. Hale left.', 'But Ms. Orr stayed.', 'Why?']
    """
    cuts = {match.end() for match in BOUNDARY.finditer(text) if not _after_abbreviation(text, match.start())}
    cuts |= {match.end() for match in glues_of(text)}
    sentences: list[tuple[int, int]] = []
    start = 0
    for cut in [*sorted(cuts), len(text)]:
        piece = text[start:cut]
        if stripped := piece.strip():
            left = start + len(piece) - len(piece.lstrip())
            sentences.append((left, left + len(stripped)))
        start = cut
    return sentences


def glues_of(text: str, around: str = "") -> list[re.Match[str]]:
    """Where two sentences of `text` are glued; `around` is the document, which shows what it takes for a name.

    >>> text = "The town lost a leader.But the readme.Txt of logging.Handler says less."
    >>> [text[match.start() :][:5] for match in glues_of(text)]
    ['.But ']
    """
    return [match for match in GLUE.finditer(text) if _parts_sentences(text, match, around or text)]


def _parts_sentences(text: str, match: re.Match[str], around: str) -> bool:
    """Whether prose stands on both sides of the mark, and it is not the full stop inside a name."""
    before = text[max(0, match.start() - 200) : match.start()].rpartition("\n")[2]
    token = before.split()[-1]
    end = SENTENCE_END.search(token)
    if end is None or UNLIKE_PROSE.search(token):
        return False
    if match.group() != "." or not text[match.end()].isalpha():
        # Names have no other mark, and no quotation mark beside their full stop.
        return True
    left = re.split("['\u2019-]", end.group(1))[-1]
    right = text[match.end() : match.end() + 60].replace("\u2019", "'")
    word = re.split("[ ,]", right)[0]
    names = _names_in(around)
    if left in names.heads:
        return False
    if word.lower() in STARTERS:
        return True
    return (
        _is_ordinary(word)
        and re.match(r"[\w']+,? [\w\"\u201c'(]", right) is not None
        and _is_sentence(before)
        and (left.islower() or {left.lower(), word.lower()} <= names.words)
        and not names.code
        and f"{left}.{word}" not in names.recurring
    )


class _Names(NamedTuple):
    """What a document writes with a full stop inside, and what without."""

    heads: frozenset[str]  # "logging" of "logging.info": no sentence begins with a small letter
    recurring: frozenset[
        str
    ]  # names that stand again among other words; among the same words it is a copy of the place
    words: frozenset[str]  # in small letters, those that have no full stop and letter beside them
    code: bool


@lru_cache(maxsize=16)
def _names_in(text: str) -> _Names:
    heads, recurring = set(), set()
    first: dict[str, tuple[str, str]] = {}
    for match in NAME_WITH_STOP.finditer(text):
        left, right = match.groups()
        if not right[0].isupper():
            heads.add(left)
            continue
        before = text[max(0, match.start() - 40) : match.start()].split()[-1:]
        after = text[match.end() + len(right) : match.end() + len(right) + 40].split()[:1]
        place = ("".join(before), "".join(after))
        seen = first.setdefault(f"{left}.{right}", place)
        if seen[0] != place[0] and seen[1] != place[1]:
            recurring.add(f"{left}.{right}")
    words = frozenset(word.lower() for word in WORD_ALONE.findall(text))
    return _Names(frozenset(heads), frozenset(recurring), words, CODE.search(text) is not None)


def _is_ordinary(word: str) -> bool:
    """Whether the word may be said aloud, or stands before names, and does not end names of sites and files."""
    lower = word.lower()
    return lower not in NAME_ENDINGS and (lower in ABBREVIATIONS or re.search("[aeiouy]", lower) is not None)


def _is_sentence(before: str) -> bool:
    """Whether the text ends with several words in a row, and no bracket stands open."""
    words = re.split(r"[.!?]\s", before)[-1].split()
    several = len(words) >= MIN_GLUED_WORDS and all(map(PLAIN_WORD.fullmatch, words[-MIN_GLUED_WORDS:]))
    return several and before.count("(") <= before.count(")")


def _after_abbreviation(text: str, position: int) -> bool:
    """Whether the full stop at `position` belongs to an abbreviation or an initial."""
    if text[position] != ".":
        return False
    match = LAST_WORD.search(text, max(0, position - 12), position)
    if match is None:
        return False
    word = match.group()
    return word.lower() in ABBREVIATIONS or (len(word) == 1 and word.isupper())
