"""Candidate pairs in, confirmed pairs out, in any process: the exact comparison of documents that wait in the spool."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import orjson

from cleaner.cache import Cache
from cleaner.model.documents import Document
from cleaner.model.duplicates import Crowd, Pair, Relation
from cleaner.model.options import BOUNDS, Options
from cleaner.pipeline.noting import Note, Stored, fingerprint_at, option_bytes, prepared_at, words_at
from cleaner.pipeline.spool import Spool

if TYPE_CHECKING:
    from cleaner.stages.confirm import Compared

# The exact comparison has documents of so many words at hand (some 200 bytes each); candidates are sorted, so the same ones come again and again.
MAX_RECENT_WORDS = 100_000
# So many pairs are one piece of work, as much as it is to clean so many bytes.
PAIRS_AT_ONCE = 128
BYTES_OF_WORK = 64 << 10
# The integers of a pair in `Pairs`, the last of them this where no similarity was computed.
ROW = 7
NO_SIMILARITY = -1
# Options that the comparison of two documents does not ask for; which bounds they kept within is in their own keys.
IDLE_OPTIONS = frozenset({"keep", "accept", "include", "exclude", "jobs", *BOUNDS})


class Chunk(NamedTuple):
    """Pairs to compare, and where their documents are."""

    pairs: list[tuple[int, int]]
    documents: dict[int, Stored]


def chunks(candidates: Iterable[tuple[int, int]], notes: Sequence[Note]) -> Iterator[Chunk]:
    """The candidates in pieces; their order is kept, for neighbours share documents."""
    pairs: list[tuple[int, int]] = []
    for pair in candidates:
        pairs.append(pair)
        if len(pairs) == PAIRS_AT_ONCE:
            yield _chunk(pairs, notes)
            pairs = []
    if pairs:
        yield _chunk(pairs, notes)


def _chunk(pairs: list[tuple[int, int]], notes: Sequence[Note]) -> Chunk:
    return Chunk(pairs, {number: notes[number].stored for number in set(chain.from_iterable(pairs))})


class Pairs(Sequence[Pair]):
    """Confirmed pairs, sorted by their numbers. Those that removed nothing are many, and are kept as a row of integers each."""

    def __init__(self) -> None:
        self.rows = array("i")
        self.alike: dict[int, Pair] = {}
        self.crowds: tuple[Crowd, ...] = ()

    def __len__(self) -> int:
        return len(self.rows) // ROW

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        if isinstance(place, slice):
            return [self.at(index) for index in range(*place.indices(len(self)))]
        return self.at(range(len(self))[place])

    def __iter__(self) -> Iterator[Pair]:
        return map(self.at, range(len(self)))

    def add(self, pair: Pair) -> None:
        if pair.relation is not Relation.REUSE:
            self.alike[len(self)] = pair
        similarity = NO_SIMILARITY if pair.similarity is None else pair.similarity
        self.rows.extend(
            (pair.a, pair.b, pair.common, pair.shingles_a, pair.shingles_b, pair.passage_words, similarity)
        )

    def extend(self, other: Pairs) -> None:
        """Add the pairs of a chunk behind these."""
        self.alike.update((len(self) + index, pair) for index, pair in other.alike.items())
        self.rows.extend(other.rows)

    def ends(self) -> Iterator[tuple[int, int]]:
        """The numbers of both documents of each pair."""
        return zip(self.rows[::ROW], self.rows[1::ROW], strict=True)

    def at(self, index: int) -> Pair:
        """The pair at an index that is known to be there."""
        if (pair := self.alike.get(index)) is not None:
            return pair
        a, b, common, shingles_a, shingles_b, words, similarity = self.rows[index * ROW : (index + 1) * ROW]
        return Pair(
            a,
            b,
            Relation.REUSE,
            common,
            shingles_a,
            shingles_b,
            passage_words=words,
            similarity=None if similarity == NO_SIMILARITY else similarity,
        )


@dataclass(slots=True)
class Comparing:
    """The kernel that confirms pairs."""

    options: Options
    spool: Spool
    cache: Cache
    option_bytes: bytes = field(init=False)
    recent: OrderedDict[int, Compared] = field(default_factory=OrderedDict)
    recent_words: int = 0

    def __post_init__(self) -> None:
        self.option_bytes = option_bytes(self.options, IDLE_OPTIONS)

    def __call__(self, chunk: Chunk) -> Pairs:
        from cleaner.stages.confirm import confirm

        pairs = Pairs()
        keys = [self._key(a, b, chunk) for a, b in chunk.pairs]
        known = self.cache.get(keys)
        for (a, b), key in zip(chunk.pairs, keys, strict=True):
            if key in known:
                pair = _pair_of(known[key], a, b)
            else:
                pair = confirm(self._compared(a, chunk), self._compared(b, chunk), self.options)
                self.cache.put(key, pair_bytes(pair))
            if pair:
                pairs.add(pair)
        return pairs

    def close(self) -> None:
        # What is at hand reads its documents through this kernel, and would wait for the search for cycles.
        self.recent.clear()
        self.spool.close()
        self.cache.close()

    def _key(self, a: int, b: int, chunk: Chunk) -> bytes:
        return self.cache.key("pair", self.option_bytes, chunk.documents[a].key, chunk.documents[b].key)

    def _compared(self, number: int, chunk: Chunk) -> Compared:
        from cleaner.stages.confirm import Compared, Numbered

        if number not in self.recent:
            stored = chunk.documents[number]
            found, head = fingerprint_at(self.spool, stored.kept.at("about"), number)
            words = words_at(self.spool, stored.kept.at("words"))
            read = partial(self._document, stored)
            self.recent[number] = Compared(found, Numbered(words, self.options.shingle_words, read, head))
            self.recent_words += found.words
            while self.recent_words > MAX_RECENT_WORDS and len(self.recent) > 2:
                _, oldest = self.recent.popitem(last=False)
                self.recent_words -= oldest.fingerprint.words
        self.recent.move_to_end(number)
        return self.recent[number]

    def _document(self, stored: Stored) -> Document:
        return prepared_at(self.spool, stored.kept.at("prepared"), stored.origin, stored.number).document


def pair_bytes(pair: Pair | None) -> bytes:
    """A pair for the cache: no numbers of documents are in it, for these are another run's."""
    if pair is None:
        return b"null"
    members = (
        pair.relation, pair.common, pair.shingles_a, pair.shingles_b, pair.unique_in_a, pair.unique_in_b,
        [int(number == pair.b) for number in pair.drops], pair.passage_words, pair.similarity,
    )  # fmt: skip
    return orjson.dumps(members)


def _pair_of(data: bytes, a: int, b: int) -> Pair | None:
    members = orjson.loads(data)
    if members is None:
        return None
    relation, common, shingles_a, shingles_b, unique_in_a, unique_in_b, drops, passage_words, similarity = members
    return Pair(
        a, b, Relation(relation), common, shingles_a, shingles_b, tuple(unique_in_a), tuple(unique_in_b),
        tuple((a, b)[end] for end in drops), passage_words, similarity,
    )  # fmt: skip
