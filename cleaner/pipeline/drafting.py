"""A prepared document and the dropped ones that it stands for in, its article as bytes out, but for what is known later: its name, and the hashes of files.

Nearly all articles stand for one document. They are drafted while it is at hand, in the first pass, and only filled in by the second.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from cleaner.model.documents import Document
from cleaner.model.duplicates import Member
from cleaner.model.text import EMPTY, Cutter
from cleaner.pipeline.preparing import Prepared
from cleaner.pipeline.spool import COMPRESSION, joined, parted
from cleaner.stages.write.article import render

if TYPE_CHECKING:
    from cleaner.stages.write import ledger
    from cleaner.stages.write.text import PlainText


class Draft(NamedTuple):
    """The parts of an article: its Markdown, its provenance, its row of the corpus, its evidence, its nodes of provenance.jsonld, and what is said of it (`About`)."""

    markdown: bytes
    provenance: bytes
    row: bytes
    evidence: bytes
    prov: bytes
    about: bytes

    def packed(self) -> bytes:
        return zlib.compress(joined([[*self]]), COMPRESSION)

    @staticmethod
    def unpacked(data: bytes) -> Draft:
        return Draft(*parted(zlib.decompress(data))[0])

    def filled(self, slug: str, hashes: Sequence[tuple[bytes, str]]) -> Draft:
        """The article with its name, and the hashes of the files that its documents (by their keys, the canonical one first) came from."""
        marks = [(_mark("slug", hashes[0][0]), slug), *((_mark("file", key), sha256) for key, sha256 in hashes)]
        provenance, row, prov, about = self.provenance, self.row, self.prov, self.about
        for mark, value in ((mark.encode(), value.encode()) for mark, value in marks):
            provenance, prov = provenance.replace(mark, value), prov.replace(mark, value)
            row, about = row.replace(mark, value), about.replace(mark, value)
        return self._replace(provenance=provenance, row=row, prov=prov, about=about)


def _mark(what: str, key: bytes) -> str:
    """What stands in a draft for what is not known yet: no text that the key is a hash of can hold it, and it needs no escape.

    Not even the hash of a file is known: that of a file of records is another one when any record changes, and what was made of the others stays.
    """
    return blake2b(key, digest_size=32, person=what.encode()).hexdigest()


def drafted(
    canonical: tuple[bytes, Prepared], members: Sequence[tuple[bytes, Prepared, Member]], shingle_words: int, *, exported: bool
) -> Draft:  # fmt: skip
    """The draft of an article; each document comes with its key. With `exported` it has nodes of provenance.jsonld."""
    key, found = canonical
    article = render(
        replace(found, sha256=_mark("file", key)),
        [(replace(one, sha256=_mark("file", its)), how) for its, one, how in members],
        _mark("slug", key),
        partial(_places, shingle_words=shingle_words),
        exported=exported,
    )
    about: dict[str, Any] = {
        "id": article.id,
        "path": article.path,
        "provenance_path": article.provenance_path,
        "summary": article.summary,
        "characters": article.characters,
        "edits": article.edits,
    }
    evidence = article.samples, article.traces
    return Draft(
        article.markdown.encode("utf-8", "replace"),
        article.provenance,
        article.row,
        orjson.dumps(evidence) if any(evidence) else b"",
        article.prov,
        orjson.dumps(about),
    )


def _places(member: Document, canonical: Document, plain: PlainText, *, shingle_words: int) -> list[ledger.Place]:
    """The sentences of a dropped document, each with the code points of the kept text that say the same."""
    from cleaner.stages.confirm import numbered, placed_sentences
    from cleaner.stages.write.ledger import Place

    places = []
    cutter = Cutter(EMPTY)
    for found in placed_sentences(numbered(member, shingle_words), numbered(canonical, shingle_words)):
        kept_at = found.kept_at
        out = (plain.starts[kept_at[0]] + kept_at[1], plain.starts[kept_at[2]] + kept_at[3]) if kept_at else None
        if cutter.text is not found.block.text:
            cutter = Cutter(found.block.text)
        places.append(Place(cutter.sliced(*cutter.cuttable(found.start, found.end)).spans(), out))
    return places
