"""A document in, its fingerprint out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256

from cleaner.measures.words import words_in, words_of
from cleaner.model.documents import Document
from cleaner.model.duplicates import Fingerprint, Sketch
from cleaner.model.options import Options


def fingerprint(document: Document, number: int) -> Fingerprint:
    """What the second pass needs to know of the document, but for its sketch."""
    words = words_in(document)
    # Where there are no words, it is the signs that make two texts the same.
    said = words or [block.text.text for block in document.blocks]
    metadata = document.metadata
    return Fingerprint(
        number,
        document.source,
        sha256(" ".join(said).encode("utf-8", "surrogatepass")).hexdigest(),
        len(words),
        " ".join(words_of(metadata.title).norms),
        plain_url(metadata.url),
        plain_url(metadata.canonical_url),
        metadata.date,
        metadata.updated,
        sum(bool(getattr(metadata, name)) for name in metadata.__dataclass_fields__),
    )


def sketch(document: Document, options: Options) -> Sketch:
    """The sketch of the document's words."""
    return sketched(words_in(document), options)


def sketched(words: Sequence[str], options: Options) -> Sketch:
    """The sketch of words that were cut before."""
    from cleaner.measures.minhash import sample_of, shingle_hashes, signature_of

    shingles = shingle_hashes(words, options.shingle_words)
    return Sketch(signature_of(shingles, options.signature_size), sample_of(shingles))


def plain_url(url: str) -> str:
    """A URL without what does not tell pages apart: scheme, `www.`, fragment, tracking parameters, the last slash."""
    url = re.sub(r"^https?://(?:www\.|m\.|amp\.)?", "", url.strip(), flags=re.IGNORECASE)
    url = url.partition("#")[0]
    path, _, query = url.partition("?")
    kept = [part for part in query.split("&") if part and not re.match(r"(?:utm_|fbclid|gclid|ref=|source=)", part)]
    return path.rstrip("/").lower() + ("?" + "&".join(kept) if kept else "")
