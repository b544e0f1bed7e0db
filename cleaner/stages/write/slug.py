"""Titles in, file names out: ASCII, at most 80 characters, unique, and safe on every system."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

MAX_SLUG = 80
SUFFIX = 8
RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}
)


def slugs(named: Sequence[tuple[str, str, str]]) -> list[str]:
    """A slug for each (title, source, id). Those that would share one all get a part of their id, so that none depends on the order."""
    plain = [_slug(title) or _slug(_stem(source)) or identity[:SUFFIX] for title, source, identity in named]
    counts = Counter(plain)
    return [
        slug
        if counts[slug] == 1 and slug not in RESERVED
        else f"{slug[: MAX_SLUG - SUFFIX - 1].rstrip('-')}-{identity[:SUFFIX]}"
        for slug, (_, _, identity) in zip(plain, named, strict=True)
    ]


def _slug(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
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
