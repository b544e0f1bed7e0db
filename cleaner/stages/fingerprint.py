"""A document in, its fingerprint and its shingles out."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from cleaner.measures.minhash import different, sample_of, shingle_sequence, signature_of
from cleaner.measures.words import words_of
from cleaner.model.documents import Document
from cleaner.model.duplicates import Fingerprint
from cleaner.model.options import Options

if TYPE_CHECKING:
    from cleaner.model.duplicates import Hashes


def fingerprint(document: Document, number: int, options: Options) -> tuple[Fingerprint, Hashes]:
    """What the second pass needs to know of the document, and its shingles in the order of the text, which the exact comparison needs."""
    words = [word for block in document.blocks for word in words_of(block.text.text).norms]
    sequence = shingle_sequence(words, options.shingle_words)
    shingles = different(sequence)
    metadata = document.metadata
    known = sum(bool(getattr(metadata, name)) for name in metadata.__dataclass_fields__)
    return Fingerprint(
        number,
        document.source,
        sha256(" ".join(words).encode("utf-8", "surrogatepass")).hexdigest(),
        len(words),
        len(shingles),
        signature_of(shingles, options.signature_size),
        sample_of(shingles),
        " ".join(words_of(metadata.title).norms),
        plain_url(metadata.url),
        plain_url(metadata.canonical_url),
        metadata.date,
        metadata.updated,
        known,
    ), sequence


def plain_url(url: str) -> str:
    """A URL without what does not tell pages apart: scheme, `www.`, fragment, tracking parameters, the last slash."""
    url = re.sub(r"^https?://(?:www\.|m\.|amp\.)?", "", url.strip(), flags=re.IGNORECASE)
    url = url.partition("#")[0]
    path, _, query = url.partition("?")
    kept = [part for part in query.split("&") if part and not re.match(r"(?:utm_|fbclid|gclid|ref=|source=)", part)]
    return path.rstrip("/").lower() + ("?" + "&".join(kept) if kept else "")
