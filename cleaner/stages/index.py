"""Fingerprints of a whole corpus in, an index of bytes out; and of such bytes, the documents that one fingerprint is worth comparing with.

The bytes are arrays of integers as they lie in memory, so that a file of them is mapped and not read: a question touches a few pages of it. For
twelve thousand documents to compare a signature with all others takes some milliseconds and misses nothing, where the buckets of an LSH would have
to be loaded first and miss what no band proposes. The index only proposes; the exact comparison decides.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cleaner.model.duplicates import FINGERPRINT_VERSION, Fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint32]

MAGIC = b"article-cleaner index 2\n"
# As in propose: signatures that agree in fewer places belong to a Jaccard below .60 in all but one case in ten thousand.
MIN_SIGNATURE_SHARE = 43
# A sampled shingle that more documents have is no evidence, and this many rare ones in common are a passage worth a look.
MAX_DOCUMENTS_PER_SHINGLE = 24
MIN_RARE_SHINGLES = 3
# For a passage in common alone, so many documents at the most are proposed.
MAX_NEAREST = 4


class Entry(NamedTuple):
    """A document of the corpus: the name that it is found by, and its fingerprint with its sketch."""

    name: str
    fingerprint: Fingerprint


def build_index(entries: Iterable[Entry], shingle_words: int, signature_size: int) -> bytes:
    """The index of the entries, in their order. Each needs a sketch. The same entries give the same bytes."""
    return b"".join(index_pieces(entries, shingle_words, signature_size))


def index_pieces(entries: Iterable[Entry], shingle_words: int, signature_size: int) -> Iterator[bytes | memoryview]:
    """The same in pieces, so that it is never in memory twice; of an entry no more is held than what the index says of it."""
    signatures, sampled = bytearray(), bytearray()
    names: list[str] = []
    sizes, keys, keyed = array("I"), array("Q"), array("I")
    for number, (name, fingerprint) in enumerate(entries):
        if fingerprint.sketch is None:
            raise ValueError("an index is made of sketches, and a document has none")
        names.append(name)
        signatures += fingerprint.sketch.signature.astype("<u4").tobytes()
        sampled += fingerprint.sketch.sample.astype("<u4").tobytes()
        sizes.append(len(fingerprint.sketch.sample))
        keys.extend(_keys(fingerprint))
        keyed.extend([number] * (len(keys) - len(keyed)))
    by_key = np.lexsort((keyed, keys))
    posted, owners = _posted(np.frombuffer(sampled, "<u4"), np.array(sizes, np.int64))
    del sampled
    arrays = {
        "signatures": np.frombuffer(signatures, "<u4").reshape(-1, signature_size),
        "sizes": np.array(sizes, "<u4"),
        "keys": np.array(keys, "<u8")[by_key],
        "keyed": np.array(keyed, "<u4")[by_key],
        "posted": posted,
        "owners": owners,
    }
    head = {
        "fingerprint": FINGERPRINT_VERSION,
        "shingle_words": shingle_words,
        "signature_size": signature_size,
        "names": names,
        "arrays": {name: len(found) for name, found in arrays.items()},
    }
    said = json.dumps(head, ensure_ascii=True, separators=(",", ":")).encode()
    # The first array begins at a multiple of 8, as its integers want it.
    yield MAGIC + said + b" " * (-(len(MAGIC) + len(said) + 1) % 8) + b"\n"
    for found in arrays.values():
        if found.size:
            yield np.ascontiguousarray(found).data.cast("B")
        yield b"\0" * (-found.nbytes % 8)


def _posted(sampled: Numbers, sizes: NDArray[np.int64]) -> tuple[Numbers, Numbers]:
    """The sampled shingles of all entries sorted, and beside each the number of its entry; `sizes` tells how many each entry has."""
    # As one integer each: so they are sorted in place.
    together = sampled.astype("<u8")
    together <<= np.uint64(32)
    together |= np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)
    together.sort()
    halves = together.view("<u4")
    return halves[1::2], halves[::2]


class Index:
    """An index over the bytes that `build_index` made. Raises ValueError for other bytes."""

    def __init__(self, data: bytes | memoryview) -> None:
        buffer = memoryview(data)
        if bytes(buffer[: len(MAGIC)]) != MAGIC:
            raise ValueError("it is no index of this version")
        end = _line_end(buffer)
        head = json.loads(bytes(buffer[len(MAGIC) : end]))
        if head["fingerprint"] != FINGERPRINT_VERSION:
            raise ValueError(
                f"its fingerprints are of version {head['fingerprint']}, and those of this program of {FINGERPRINT_VERSION}"
            )
        self.names: list[str] = head["names"]
        self.shingle_words: int = head["shingle_words"]
        self.signature_size: int = head["signature_size"]
        at = end + 1
        found = {}
        for name, count in head["arrays"].items():
            kind = np.dtype("<u8" if name == "keys" else "<u4")
            width = self.signature_size if name == "signatures" else 1
            found[name] = np.frombuffer(buffer, kind, count * width, at)
            at += count * width * kind.itemsize
            at += -at % 8
        self.signatures = found["signatures"].reshape(-1, self.signature_size)
        self.sizes, self.keys, self.keyed = found["sizes"], found["keys"], found["keyed"]
        self.posted, self.owners = found["posted"], found["owners"]

    def candidates(self, fingerprint: Fingerprint) -> list[int]:
        """The numbers of the documents that are worth an exact comparison with this one, sorted; it needs a sketch."""
        if not self.names or fingerprint.sketch is None:
            return []
        near = np.count_nonzero(self.signatures == fingerprint.sketch.signature, axis=1) * 100
        found = set(np.flatnonzero(near >= MIN_SIGNATURE_SHARE * self.signature_size).tolist())
        for key in _keys(fingerprint):
            found.update(self._owned(self.keys, self.keyed, key).tolist())
        found.update(self._sharing(fingerprint.sketch.sample.astype(np.uint32)))
        return sorted(found)

    def _owned(self, values: NDArray[np.generic], owners: Numbers, value: int) -> Numbers:
        exact = values.dtype.type(value)
        return owners[np.searchsorted(values, exact) : np.searchsorted(values, exact, "right")]

    def _sharing(self, sample: Numbers) -> Iterator[int]:
        """The documents that share rare shingles: most of what one of the two has, or enough for a passage in common."""
        first, last = np.searchsorted(self.posted, sample), np.searchsorted(self.posted, sample, "right")
        rare = (last > first) & (last - first <= MAX_DOCUMENTS_PER_SHINGLE)
        owned = [self.owners[start:end] for start, end in zip(first[rare], last[rare], strict=True)]
        if not owned:
            return
        numbers, counts = np.unique(np.concatenate(owned), return_counts=True)
        most = 2 * counts >= np.minimum(self.sizes[numbers], len(sample))
        yield from numbers[most].tolist()
        passages = sorted((-count, number) for number, count in zip(numbers.tolist(), counts.tolist(), strict=True) if count >= MIN_RARE_SHINGLES)  # fmt: skip
        yield from (number for _, number in passages[:MAX_NEAREST])


def _line_end(buffer: memoryview) -> int:
    """Where the first line behind the magic ends, looked for in pieces, so that a mapped file is not read as a whole."""
    at = len(MAGIC)
    while at < len(buffer):
        found = bytes(buffer[at : at + (1 << 20)]).find(b"\n")
        if found >= 0:
            return at + found
        at += 1 << 20
    raise ValueError("it breaks off")


def _keys(fingerprint: Fingerprint) -> list[int]:
    """What two documents may share as a whole: all words, the address, the canonical address, the title; each as 64 bits."""
    named = (
        ("exact", fingerprint.exact),
        ("url", fingerprint.url),
        ("canonical_url", fingerprint.canonical_url),
        ("title", fingerprint.title),
    )
    return [
        int.from_bytes(blake2b(f"{name} {value}".encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
        for name, value in named
        if value
    ]
