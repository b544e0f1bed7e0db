"""Text in, its words and sentences with their places out; both for comparison only."""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property, lru_cache

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


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    folded = unicodedata.normalize("NFKC", word).casefold()
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
        # a sentence's end, white space, and something that starts one
        (?<=[.!?\u2026])[.!?\u2026]*[{CLOSING}]*\s+(?=[{OPENING}]*[^\W_a-z])
        # an ideographic full stop needs no white space
      | (?<=[\u3002\uff01\uff1f])[\u3002\uff01\uff1f]*[{CLOSING}\u300d\u300f]*
        # danda, Arabic question mark and full stop, Khmer and Burmese full stop
      | (?<=[\u0964\u0965\u061f\u06d4\u17d4\u104b])\s+
      | (?<=\n)\n*
    )
    """,
    re.VERBOSE,
)
# "leader.But national": a lower-case letter, a sentence's end, and a capital that starts a word, without white space between them.
GLUE = re.compile(
    r"[.!?:](?<=[^\W\d_A-Z].)(?:(?<=[.!?])[\"\u201d\u2019)])??(?=[\"\u201c\u2018(]?[A-Z][a-z\u2019']*[ ,])"
)
LAST_WORD = re.compile(r"[\w.]+$")


def sentences_of(text: str) -> list[tuple[int, int]]:
    """The sentences of `text` as (start, end), white space around them left out; glued sentences are cut apart.

    >>> text = "Mr. Hale left.But Ms. Orr stayed. Why?"
    >>> [text[a:b] for a, b in sentences_of(text)]
    ['Mr. Hale left.', 'But Ms. Orr stayed.', 'Why?']
    """
    cuts = {match.end() for match in BOUNDARY.finditer(text) if not _after_abbreviation(text, match.start())}
    cuts |= {match.end() for match in GLUE.finditer(text)}
    sentences = []
    start = 0
    for cut in [*sorted(cuts), len(text)]:
        piece = text[start:cut]
        if stripped := piece.strip():
            left = start + len(piece) - len(piece.lstrip())
            sentences.append((left, left + len(stripped)))
        start = cut
    return sentences


def _after_abbreviation(text: str, position: int) -> bool:
    """Whether the full stop at `position` belongs to an abbreviation or an initial."""
    if text[position] != ".":
        return False
    match = LAST_WORD.search(text, max(0, position - 12), position)
    if match is None:
        return False
    word = match.group()
    return word.lower() in ABBREVIATIONS or (len(word) == 1 and word.isupper())
