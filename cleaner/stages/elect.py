"""Fingerprints in, the order of preference out, with the reason why one document goes before another."""

from __future__ import annotations

from collections.abc import Callable

from cleaner.model.duplicates import Fingerprint
from cleaner.model.options import Keep

Criterion = Callable[[Fingerprint], tuple[int | str, ...]]

# Smaller goes first. A missing date goes last.
CRITERIA: dict[Keep, tuple[Criterion, str]] = {
    Keep.LATEST_REVISION: (lambda found: (), "it is the latest revision"),
    Keep.CANONICAL_URL: (
        lambda found: (0 if found.url and found.url == found.canonical_url else 1,),
        "it stands at its own canonical address",
    ),
    Keep.EARLIEST: (lambda found: (found.date[:10] or "9999",), "it was published first"),
    Keep.COMPLETE: (lambda found: (-found.words,), "it is the most complete"),
    Keep.METADATA: (lambda found: (-found.metadata_members,), "it has the most metadata"),
    Keep.PATH: (lambda found: (found.source,), "its path comes first"),
}


def preference(fingerprint: Fingerprint, keep: tuple[Keep, ...]) -> tuple[tuple[int | str, ...], ...]:
    """The sort key of a document: one part a criterion, the path last, so that no tie is left."""
    return (*(CRITERIA[criterion][0](fingerprint) for criterion in keep), (fingerprint.source,), (fingerprint.number,))


def reason(kept: Fingerprint, dropped: Fingerprint, keep: tuple[Keep, ...]) -> str:
    """Why `kept` goes before `dropped`: the first criterion on which the two differ."""
    for criterion in keep:
        key, words = CRITERIA[criterion]
        if key(kept) < key(dropped):
            return words
    return CRITERIA[Keep.PATH][1]
