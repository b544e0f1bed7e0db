"""Takes the strings that an extractor gave and the page's own words, gives which of the words they are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from cleaner.stages.extract.html_runs import Compact, comparable

# A string of this many characters that stands once in the page is an anchor: no phrase of that length is there by
# chance.
ANCHOR_CHARACTERS = 24

# How far beyond its neighbour a string too short to be told apart may stand, in characters without white space.
NEARBY_CHARACTERS = 240

# A string that is not found as it is, is cut in two and both halves are sought, down to this many words.
FEWEST_WORDS = 2


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where in the compact text of a page the strings were found (sorted, apart), and how many of their words were."""

    stretches: tuple[tuple[int, int], ...]
    words: int
    placed_words: int

    @property
    def placed_percent(self) -> int:
        return 100 * self.placed_words // self.words if self.words else 0


def align(strings: Sequence[str], compact: Compact) -> Alignment:
    """Finds each string in the page: first those that can be told apart, then the rest between their neighbours."""
    return _Aligner(strings, compact.text).aligned()


class _Aligner:
    def __init__(self, strings: Sequence[str], page: str) -> None:
        self.page = page
        self.strings = [(string, key) for string in strings if (key := comparable(string))]
        self.places: list[tuple[int, int] | None] = [None] * len(self.strings)
        self.words = sum(len(string.split()) for string, _ in self.strings)
        self.placed_words = 0
        self.extra: list[tuple[int, int]] = []

    def aligned(self) -> Alignment:
        self.place_anchors()
        self.place_between()
        places = [place for place in self.places if place] + self.extra
        return Alignment(tuple(united(places)), self.words, self.placed_words)

    def place_anchors(self) -> None:
        for number, (string, key) in enumerate(self.strings):
            if len(key) < ANCHOR_CHARACTERS:
                continue
            at = self.page.find(key)
            if at >= 0 and self.page.find(key, at + 1) < 0:
                self.set(number, string, at, len(key))

    def place_between(self) -> None:
        """Places what stands more than once or is short, beginning from the place before it."""
        following = self.following_anchors()
        cursor = 0
        for number, (string, key) in enumerate(self.strings):
            place = self.places[number]
            if place is None:
                limit = following[number]
                context = self.strings[number + 1][1][:ANCHOR_CHARACTERS] if number + 1 < len(self.strings) else ""
                at = self.seek(key, context, cursor, limit if limit >= cursor else len(self.page))
                if at >= 0:
                    self.set(number, string, at, len(key))
                    place = self.places[number]
                else:
                    cursor = self.place_parts(string, cursor, limit if limit >= cursor else len(self.page))
            if place is not None:
                cursor = place[1]

    def following_anchors(self) -> list[int]:
        starts = [len(self.page)] * len(self.strings)
        start = len(self.page)
        for number in range(len(self.strings) - 1, -1, -1):
            starts[number] = start
            if place := self.places[number]:
                start = place[0]
        return starts

    def seek(self, key: str, context: str, cursor: int, limit: int) -> int:
        """Where the key stands: here, just before the next anchor, with its context, soon, or (a long one) anywhere."""
        page = self.page
        if page.startswith(key, cursor):
            return cursor
        if limit < len(page) and page.startswith(key, limit - len(key)) and limit - len(key) >= cursor:
            return limit - len(key)
        if context and (at := page.find(key + context, cursor)) >= 0:
            return at
        if len(key) < ANCHOR_CHARACTERS:
            return page.find(key, cursor, min(limit, cursor + NEARBY_CHARACTERS + len(key)))
        at = page.find(key, cursor, limit)
        if at < 0:
            at = page.find(key, cursor)
        return at if at >= 0 else page.find(key)

    def place_parts(self, string: str, cursor: int, limit: int) -> int:
        """Places the halves of a string that is not in the page as it is; gives where the last one ended."""
        words = string.split()
        if len(words) < 2 * FEWEST_WORDS:
            return cursor
        for half in (words[: len(words) // 2], words[len(words) // 2 :]):
            key = comparable("".join(half))
            at = self.seek(key, "", cursor, limit) if key else -1
            if at >= 0:
                self.extra.append((at, at + len(key)))
                self.placed_words += len(half)
                cursor = at + len(key)
            else:
                cursor = self.place_parts(" ".join(half), cursor, limit)
        return cursor

    def set(self, number: int, string: str, at: int, size: int) -> None:
        self.places[number] = (at, at + size)
        self.placed_words += len(string.split())


def united(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches sorted, those that touch or overlap made one."""
    whole: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def covered(stretches: Sequence[tuple[int, int]], start: int, end: int) -> int:
    """How many of the code points `start` to `end` lie in the stretches (sorted, apart)."""
    first = bisect_right(stretches, (start, start)) - 1
    total = 0
    for left, right in stretches[max(first, 0) :]:
        if left >= end:
            break
        total += max(0, min(right, end) - max(left, start))
    return total
