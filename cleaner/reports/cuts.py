"""What the page holds of much: texts cut and made harmless, lists cut, and in words how much more there is."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from cleaner.model.rows import Rows
from cleaner.reports.digest import clipped, some, unseen_parts, visible

# Names and texts are cut here, so that one monstrous line can't use up the page.
MAX_NAME, MAX_TEXT, MAX_PASSAGE = 240, 700, 4000
# White space that no one sees, by the sign that stands for it.
SIGNS = {"\n": "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}", "\t": "\N{RIGHTWARDS ARROW}", "\N{NO-BREAK SPACE}": "\N{SHOULDERED OPEN BOX}"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of each the page holds; report.json has all."""

    findings: int = 60
    places: int = 20
    clusters: int = 400
    members: int = 30
    sentences: int = 20
    comparisons: int = 120
    rows: int = 160
    pairs: int = 200
    groups: int = 1500
    alone: int = 6000
    strips: int = 60
    runs: int = 80
    meant: int = 100
    samples: int = 8
    problems: int = 600
    sources: int = 4000

    def tighter(self) -> Limits:
        """Less of it: first of what takes the most room, and only then of everything."""
        heavy = [name for name in HEAVY if getattr(self, name) > FEW]
        names = heavy or [field.name for field in fields(self)]
        return replace(self, **{name: max(1, getattr(self, name) // 2) for name in names})


# What takes the most room on the page, and how few of it are too few to be halved before the rest is.
HEAVY, FEW = ("comparisons", "rows", "strips", "runs", "sentences"), 12


class Cut(NamedTuple):
    """The first entries of a list, made when they are asked for; how many it has in words; and how many more there are (empty if none)."""

    shown: Sequence[Any]
    all: str
    more: str


class Head(Sequence[Any]):
    """The first entries of a list, and how many it has in all: what `cut` asks for."""

    def __init__(self, first: Sequence[Any], size: int) -> None:
        self.first = first
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        return self.first[place]


def cut(entries: Sequence[Any], limit: int, what: str, shown: Callable[[Any], Any]) -> Cut:
    return Cut(made(shown, entries[:limit]), some(len(entries), what), more(len(entries) - limit, what))


def made(shown: Callable[[Any], Any], entries: Sequence[Any]) -> Rows[Any]:
    """What the page shows of some entries, each made when its turn comes: what a page holds takes several times its room until it is written."""
    return Rows(len(entries), lambda: map(shown, entries))


def more(number: int, what: str) -> str:
    return some(number, f"more {what}") if number > 0 else ""


def name_of(source: str) -> str:
    """The name of a source, in one line that can't act on the page."""
    return clipped(visible(source, one_line=True), MAX_NAME)


def text_of(text: str) -> str:
    return clipped(visible(text), MAX_TEXT)


def pieces_of(pieces: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The parts of a passage, each with whether it is marked."""
    return [(visible(clipped(text, MAX_PASSAGE)), is_marked) for text, is_marked in pieces]


class Glyph(NamedTuple):
    """A part of a text; `name` is what a character is called that can't be seen, and its sign stands in its place."""

    text: str
    name: str = ""


def glyphs(text: str) -> list[Glyph]:
    """The text with signs for what nobody would see: controls, what has no width, line ends, spaces that don't break."""
    return [_glyph(part) if unseen else Glyph(part) for part, unseen in unseen_parts(clipped(text, MAX_TEXT))]


def _glyph(char: str) -> Glyph:
    code = f"U+{ord(char):04X}"
    return Glyph(SIGNS.get(char, code), f"{code} {unicodedata.name(char, 'control character').lower()}")
