"""Blocks of all documents in, as hashes, those that stand in several documents out. They are reported; nothing is dropped for it.

That documents share a block is no evidence that it is none of theirs: only what many articles of one site have at their ends is cut (`template`).
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cleaner.measures.words import words_of
from cleaner.model.documents import Document, Kind
from cleaner.model.problems import Problem, placed

# A block of fewer words is a label, and one in fewer documents a passage in common, which the pairs tell of.
MIN_SHARED_WORDS = 5
MIN_SHARED_DOCUMENTS = 3
# So many of the most common ones are listed, each with so many examples and so many characters of its text.
MAX_SHARED = 100
MAX_EXAMPLES = 3
SHOWN_CHARACTERS = 300
# So many hashes are counted one by one, and so many sorted at once (some 24 bytes each), so that memory does not grow with the text.
MAX_COUNTED = 25_000
HASHES_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Shared:
    """A block that stands in several documents: its text as the first of them has it, how many have it, and the places of some."""

    text: str
    documents: int
    examples: tuple[int, ...]


def block_hashes(document: Document) -> bytes:
    """The 64-bit hashes of the document's different blocks of enough words, each once, sorted."""
    return hashes_of((block.kind, block.text.text) for block in document.blocks)


def hashes_of(blocks: Iterable[tuple[str, str]]) -> bytes:
    """The same of the kinds and texts of blocks."""
    hashes = (hash_of(text) for kind, text in blocks if kind not in (Kind.CODE, Kind.ROW))
    return array("Q", sorted({value for value in hashes if value is not None})).tobytes()


def hash_of(text: str) -> int | None:
    """The hash of a block; None where it has too few words."""
    words = words_of(text)
    return words.hash if len(words) >= MIN_SHARED_WORDS else None


def shared(
    count: int, hashes_at: Callable[[int], bytes], document_at: Callable[[int], Document], size: int
) -> Iterator[tuple[Shared, Problem]]:
    """The blocks that most documents have, the most common first, each with the problem that tells of it.

    `count` documents are asked for by their places, in the order of their names; `size` is the number of bytes of all their hashes.
    """
    common = list(most_common(count, hashes_at, size))
    told = _told(common, document_at)
    for value, documents, examples in common:
        text, problem = told[value]
        yield Shared(text, documents, examples), problem


def _told(
    common: Sequence[tuple[int, int, tuple[int, ...]]], document_at: Callable[[int], Document]
) -> dict[int, tuple[str, Problem]]:
    """For each hash the text and the problem that tells of it, by the first block that has it in the first document that does.

    A document is read once, for many blocks are first met in the same one; no two are in memory.
    """
    wanted: dict[int, dict[int, int]] = defaultdict(dict)
    for value, documents, examples in common:
        wanted[examples[0]][value] = documents
    told: dict[int, tuple[str, Problem]] = {}
    for place, counts in wanted.items():
        document = document_at(place)
        fields = {field.pointer: field.text for field in document.fields}
        for block in document.blocks:
            found = hash_of(block.text.text) if block.kind not in (Kind.CODE, Kind.ROW) else None
            if found is None or found not in counts or found in told:
                continue
            message = f"This block stands in {counts[found]} documents that were kept. If it is none of the article, cut it at its source."
            span = block.text.hull()
            problem = Problem("DUP002", message, document.source, span)
            told[found] = shown(block.text.text), placed(problem, fields.get(span.pointer, "") if span else "")
    return told


def shown(text: str) -> str:
    """A block's text as the report has it."""
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"


def most_common(count: int, hashes_at: Callable[[int], bytes], size: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """The hashes that most documents have, the most common first, with how many have it and the places of the first few."""
    hashes = size // 8
    common = _counted(count, hashes_at) if hashes <= MAX_COUNTED else _sorted(count, hashes_at, hashes)
    most = sorted(common, key=lambda item: (-item[1], item[0]))[:MAX_SHARED]
    places = _examples([value for value, _ in most], count, hashes_at)
    return ((value, documents, tuple(places[value])) for value, documents in most)


def _counted(count: int, hashes_at: Callable[[int], bytes]) -> list[tuple[int, int]]:
    """The hashes that enough documents have, and how many have each."""
    counts: Counter[int] = Counter()
    for place in range(count):
        counts.update(array("Q", hashes_at(place)))
    return [item for item in counts.items() if item[1] >= MIN_SHARED_DOCUMENTS]


def _sorted(count: int, hashes_at: Callable[[int], bytes], hashes: int) -> list[tuple[int, int]]:
    """The same of many hashes, slice by slice, and of each slice only the most common."""
    import numpy as np

    slices = -(-hashes // HASHES_AT_ONCE)
    common: list[tuple[int, int]] = []
    for number in range(slices):
        own = (np.frombuffer(hashes_at(place), np.uint64) for place in range(count))
        some = np.concatenate([one if slices == 1 else one[one % np.uint64(slices) == number] for one in own])
        values, counts = np.unique(some, return_counts=True)
        order = np.lexsort((values, -counts))[:MAX_SHARED]
        order = order[counts[order] >= MIN_SHARED_DOCUMENTS]
        common += zip(values[order].tolist(), counts[order].tolist(), strict=True)
    return common


def _examples(values: Sequence[int], count: int, hashes_at: Callable[[int], bytes]) -> dict[int, list[int]]:
    """The places of the first few documents that have each of the values."""
    found: dict[int, list[int]] = {value: [] for value in values}
    missing = set(values)
    for place in range(count):
        if not missing:
            break
        for value in missing.intersection(array("Q", hashes_at(place))):
            found[value].append(place)
            if len(found[value]) == MAX_EXAMPLES:
                missing.discard(value)
    return found
