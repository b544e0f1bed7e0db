"""The second pass in any process: a canonical document and its dropped members out of the spool, its files written, and what the report says of it out."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from cleaner.cache import Cache
from cleaner.folders import Writer, Written
from cleaner.model.documents import Document
from cleaner.model.duplicates import Member
from cleaner.model.options import Options
from cleaner.pipeline.comparing import IDLE_OPTIONS, pair_bytes
from cleaner.pipeline.noting import Note, Origin, option_bytes, prepared_at
from cleaner.pipeline.preparing import Prepared
from cleaner.pipeline.spool import COMPRESSION, Place, Spool, joined, parted

if TYPE_CHECKING:
    from cleaner.stages.write import ledger
    from cleaner.stages.write.text import PlainText


class Stored(NamedTuple):
    """A prepared document in the spool."""

    number: int
    prepared: Place
    origin: Origin
    key: bytes


class Order(NamedTuple):
    """One article to be made: its canonical document, the dropped ones, and its name."""

    canonical: Stored
    members: list[tuple[Stored, Member]]
    slug: str

    @property
    def size(self) -> int:
        """Bytes of work. What is in the spool is packed to a third of its source or less."""
        return 3 * sum(stored.prepared.size for stored in (self.canonical, *(found for found, _ in self.members)))


class Made(NamedTuple):
    """What was made: the files written, the row of the corpus, the evidence (samples, traces) and the nodes of provenance.jsonld in the spool, and what the report adds up. The text itself only where it is asked for."""

    id: str
    path: str
    written: list[Written]
    row: Place
    summary: dict[str, Any]
    characters: dict[str, int]
    edits: dict[str, int]
    evidence: Place | None
    prov: Place | None
    markdown: str


def order(note: Note, members: Sequence[tuple[Note, Member]], slug: str) -> Order:
    return Order(_stored(note), [(_stored(found), how) for found, how in members], slug)


def _stored(note: Note) -> Stored:
    return Stored(note.fingerprint.number, note.prepared, note.origin, note.key)


@dataclass(slots=True)
class Rendering:
    """The kernel of the second pass. Without a writer it hands back the articles; `exports` asks for the account in the words of PROV-O too."""

    options: Options
    spool: Spool
    cache: Cache
    writer: Writer | None
    collects: bool
    exports: bool

    def __call__(self, wanted: Order) -> Made:
        parts, about = self._rendered(wanted)
        written: list[Written] = []
        if self.writer:
            written.append(self.writer.write(about["path"], parts[0]))
            written.append(self.writer.write(about["provenance_path"], parts[1]))
        return Made(
            about["id"],
            about["path"],
            written,
            self.spool.add(parts[2]),
            about["summary"],
            about["characters"],
            about["edits"],
            self.spool.add(parts[3]) if parts[3] else None,
            self.spool.add(parts[4]) if self.exports else None,
            parts[0].decode() if self.collects else "",
        )

    def close(self) -> None:
        self.spool.close()
        self.cache.close()

    def _rendered(self, wanted: Order) -> tuple[list[bytes], dict[str, Any]]:
        """The article, its provenance, its row, its evidence and its nodes of provenance.jsonld; and what is said of it. From the cache, if the same was made before."""
        key = self._key(wanted)
        known = self.cache.get([key]).get(key)
        if known is not None:
            *parts, about = parted(zlib.decompress(known))[0]
        else:
            *parts, about = made = self._made(wanted)
            if self.cache.is_usable:
                self.cache.put(key, zlib.compress(joined([made]), COMPRESSION))
        for stored in (wanted.canonical, *(found for found, _ in wanted.members)):
            for number in (1, 4):
                parts[number] = parts[number].replace(_mark(stored).encode(), stored.origin.sha256.encode())
        return parts, orjson.loads(about)

    def _made(self, wanted: Order) -> list[bytes]:
        from cleaner.stages.write.article import render

        canonical = self._prepared(wanted.canonical)
        members = [(self._prepared(found), how) for found, how in wanted.members]
        article = render(canonical, members, wanted.slug, partial(_places, options=self.options), exported=self.exports)
        evidence = article.samples, article.traces
        about = {
            "id": article.id,
            "path": article.path,
            "provenance_path": article.provenance_path,
            "summary": article.summary,
            "characters": dict(article.characters),
            "edits": dict(article.edits),
        }
        return [
            article.markdown.encode("utf-8", "replace"),
            article.provenance,
            article.row,
            orjson.dumps(evidence) if any(evidence) else b"",
            article.prov,
            orjson.dumps(about),
        ]

    def _key(self, wanted: Order) -> bytes:
        parts = [option_bytes(self.options, IDLE_OPTIONS), wanted.slug.encode(), b"exported" * self.exports]
        parts.append(wanted.canonical.key)
        for stored, how in wanted.members:
            parts += [stored.key, pair_bytes(how.pair), b"first" if how.pair.a == stored.number else b"second"]
        return self.cache.key("article", *parts)

    def _prepared(self, stored: Stored) -> Prepared:
        return prepared_at(self.spool, stored.prepared, Origin(_mark(stored), stored.origin.size), stored.number)


def _mark(stored: Stored) -> str:
    """What stands for the hash of a document's file until the article is written: a file of records has another hash when any record changes."""
    return blake2b(stored.key, digest_size=32, person=b"file").hexdigest()


def _places(member: Document, canonical: Document, plain: PlainText, *, options: Options) -> list[ledger.Place]:
    """The sentences of a dropped document, each with the code points of the kept text that say the same."""
    from cleaner.stages.confirm import numbered, placed_sentences
    from cleaner.stages.write.ledger import Place as Sentence

    places = []
    for found in placed_sentences(numbered(member, options.shingle_words), numbered(canonical, options.shingle_words)):
        kept_at = found.kept_at
        out = (plain.starts[kept_at[0]] + kept_at[1], plain.starts[kept_at[0]] + kept_at[2]) if kept_at else None
        places.append(
            Sentence(found.block.text.sliced(*found.block.text.cuttable(found.start, found.end)).spans(), out)
        )
    return places
