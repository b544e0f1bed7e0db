"""Pairs that the report shows side by side in, their texts and what these have in common out, in any process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from cleaner.engines import Engine, whole
from cleaner.model.duplicates import Passage
from cleaner.pipeline.comparing import BYTES_OF_WORK
from cleaner.pipeline.noting import Note, Stored, prepared_at
from cleaner.pipeline.spool import Place, Spool
from cleaner.stages.confirm import Numbered, numbered

# So many pairs are one piece of work. They follow one another by clusters, and so many documents are kept at hand.
PAIRS_AT_ONCE = 4
AT_HAND = 16


class Shown(NamedTuple):
    """Where the texts of both documents of a pair are, and the longest passages in common."""

    kept: Place
    other: Place
    passages: list[Passage]


@dataclass(slots=True)
class Showing:
    """The kernel that makes ready what is shown of pairs, the kept document of each first."""

    shingle_words: int
    spool: Spool
    recent: dict[int, tuple[Numbered, Place]] = field(default_factory=dict)

    def __call__(self, pairs: Sequence[tuple[Stored, Stored]]) -> list[Shown]:
        from cleaner.stages.passages import passages

        found = []
        for kept, other in pairs:
            (one, one_place), (two, two_place) = self._read(kept), self._read(other)
            found.append(Shown(one_place, two_place, passages(one, two)))
        return found

    def close(self) -> None:
        self.spool.close()

    def _read(self, stored: Stored) -> tuple[Numbered, Place]:
        from cleaner.stages.write.text import plain_text

        if stored.number not in self.recent:
            document = prepared_at(self.spool, stored.kept.at("prepared"), stored.origin, stored.number).document
            text = plain_text(document.blocks).text.text.encode("utf-8", "surrogatepass")
            self.recent[stored.number] = numbered(document, self.shingle_words), self.spool.add(text)
            if len(self.recent) > AT_HAND:
                del self.recent[next(iter(self.recent))]
        return self.recent[stored.number]


def shown(
    pairs: Sequence[tuple[int, int]], notes: Sequence[Note], shingle_words: int, engine: Engine, spool: Spool
) -> tuple[dict[str, str], dict[tuple[int, int], Sequence[Passage]]]:
    """Of pairs (by number, the kept document first) the texts by their sources, and what the two of each have in common."""
    work = [
        [(notes[kept].stored, notes[other].stored) for kept, other in pairs[start : start + PAIRS_AT_ONCE]]
        for start in range(0, len(pairs), PAIRS_AT_ONCE)
    ]
    results = engine.mapped(Showing(shingle_words, spool), work, lambda _: BYTES_OF_WORK)
    texts: dict[str, str] = {}
    found: dict[tuple[int, int], Sequence[Passage]] = {}
    for pair, result in zip(pairs, chain.from_iterable(map(whole, results)), strict=True):
        for number, place in zip(pair, (result.kept, result.other), strict=True):
            source = notes[number].fingerprint.source
            if source not in texts:
                texts[source] = spool.get(place).decode("utf-8", "surrogatepass")
        found[pair] = result.passages
    return texts, found
