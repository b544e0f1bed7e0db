"""Titles in, file names out: ASCII, at most 80 characters, unique, and safe on every system."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import count

from cleaner.measures.forms import normalized

MAX_SLUG = 80
SUFFIX = 8
RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}
)


def slugs(named: Sequence[tuple[str, str, str]]) -> list[str]:
    """A slug for each (title, source, id). Those that would share one all get a part of their id, so that none depends on the order.

    The part grows until no two are equal; those that share their whole id too are numbered by their source.
    """
    plain = [_slug(title) or _slug(_stem(source)) or identity[:SUFFIX].lower() for title, source, identity in named]
    identities = [identity.lower() for _, _, identity in named]
    taken = [0] * len(named)
    while True:
        made = [_suffixed(*parts) for parts in zip(plain, identities, taken, strict=True)]
        counts = Counter(made)
        growing = [
            index
            for index, slug in enumerate(made)
            if (counts[slug] > 1 or slug in RESERVED) and taken[index] < len(identities[index])
        ]
        if not growing:
            return _numbered(made, [source for _, source, _ in named])
        for index in growing:
            taken[index] = 2 * taken[index] or SUFFIX


def _suffixed(slug: str, identity: str, length: int) -> str:
    """The slug with the first `length` characters of its id behind it."""
    return _joined(slug, identity[:length]) if length else slug


def _joined(slug: str, suffix: str) -> str:
    return f"{slug[: MAX_SLUG - len(suffix) - 1].rstrip('-')}-{suffix}"


def _numbered(made: list[str], sources: list[str]) -> list[str]:
    """The slugs, those that are equal numbered but for the first."""
    used = set(made)
    seen: set[str] = set()
    named = list(made)
    numbers: dict[str, Iterator[int]] = defaultdict(lambda: count(2))
    # The shorter source first: x, x-2 … x-10 keep their numbers when they are cleaned again.
    for index in sorted(range(len(made)), key=lambda place: (made[place], len(sources[place]), sources[place])):
        if made[index] in seen:
            free = (_joined(made[index], str(number)) for number in numbers[made[index]])
            named[index] = next(slug for slug in free if slug not in used)
            used.add(named[index])
        seen.add(made[index])
    return named


def _slug(text: str) -> str:
    ascii_text = normalized("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_text.replace("'", "")).strip("-")
    if len(words) <= MAX_SLUG:
        return words
    return words[: MAX_SLUG + 1].rpartition("-")[0].strip("-") or words[:MAX_SLUG]


def _stem(source: str) -> str:
    path, _, record = source.partition("#")
    name = path.rsplit("/", 1)[-1]
    name = re.sub(r"\.(?:gz|bz2|xz|zst)$", "", name)
    stem = name.rpartition(".")[0] or name
    return f"{stem}-{record.strip('/')}" if record else stem
