"""What is known of documents that are alike: fingerprints, pairs with their exact measures, clusters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from cleaner.model.record import record
from cleaner.model.text import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Signature = NDArray[np.uint32]
    Hashes = NDArray[np.uint64]

# Raised whenever one text gets another fingerprint than before: by another splitting or folding of words, another hash of a word or a shingle, other
# permutations, another sample. Signatures of two versions can't be compared. `shingle_words` and `signature_size` are options, told beside it.
FINGERPRINT_VERSION = 1


class Relation(StrEnum):
    """How two documents are related; all but `reuse` make one of them a duplicate."""

    EXACT = "exact"
    REVISION = "revision"
    NEAR = "near"
    CONTAINED = "contained"
    REUSE = "reuse"


@dataclass(frozen=True, slots=True)
class Sketch:
    """What proposes pairs without comparing all with all.

    `signature` is the MinHash of a document's word n-grams; `sample` the hashes of some of them (those that are 0 modulo the scale, so the same
    ones in every document).
    """

    signature: Signature
    sample: Hashes


@record
class Fingerprint:
    """What the second pass knows of a document: about a kilobyte, whatever its length.

    `exact` is the SHA-256 of its words. `sketch` is there where the run is large enough to need one.
    """

    number: int
    source: str
    exact: str
    words: int
    title: str
    url: str
    canonical_url: str
    date: str
    updated: str
    metadata_members: int
    sketch: Sketch | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents (by number, `a` < `b`) and their exact measures: shingles in common and in each, and the longest passage in common.

    `similarity` is the Indel similarity of their words in percent, rounded down, where it was computed. `unique_in_a` and `unique_in_b` count the sentences that only one of the two has. `drops` names the members that may be dropped in favour of the
    other.
    """

    a: int
    b: int
    relation: Relation
    common: int
    shingles_a: int
    shingles_b: int
    unique_in_a: tuple[str, ...] = ()
    unique_in_b: tuple[str, ...] = ()
    drops: tuple[int, ...] = ()
    passage_words: int = 0
    similarity: int | None = None

    @property
    def union(self) -> int:
        return self.shingles_a + self.shingles_b - self.common

    def other(self, number: int) -> int:
        return self.b if number == self.a else self.a

    def unique_in(self, number: int) -> tuple[str, ...]:
        return self.unique_in_a if number == self.a else self.unique_in_b

    def shingles_of(self, number: int) -> int:
        return self.shingles_a if number == self.a else self.shingles_b


class Passage(NamedTuple):
    """Where a passage stands in the one source and in the other, and how many words of it are the same in both, in order."""

    one: Span
    other: Span
    words: int


class Crowd(NamedTuple):
    """So many documents share `by`, more than tells stories apart (an empty page, the frame of a template); they were compared with the number `first` only."""

    by: str
    documents: int
    first: int


@dataclass(frozen=True, slots=True)
class Member:
    """A document of a cluster that is not its canonical one, the pair that binds it to that one, and whether it was dropped."""

    number: int
    pair: Pair
    dropped: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """A star: the document that is kept, why it is the one, and the documents that directly match it."""

    canonical: int
    why: str
    members: tuple[Member, ...]
