"""The second pass in any process: the draft of an article out of the spool, or made again with its dropped members, its files written, and what the report says of it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from cleaner.cache import Cache
from cleaner.folders import PART_OF_ACCOUNTS, PART_OF_CORPUS, Layout, Writer, Written
from cleaner.model.duplicates import Member
from cleaner.model.options import Options
from cleaner.pipeline.comparing import IDLE_OPTIONS, pair_bytes
from cleaner.pipeline.drafting import Draft, drafted
from cleaner.pipeline.noting import Note, Stored, option_bytes, prepared_at
from cleaner.pipeline.preparing import Prepared
from cleaner.pipeline.spool import Place, Spool

# A part of a corpus has its next one when it holds so many bytes of rows and accounts.
SHARD_BYTES = 64 << 20


class Order(NamedTuple):
    """One article to be made: its canonical document, the dropped ones, and its name."""

    canonical: Stored
    members: list[tuple[Stored, Member]]
    slug: str

    @property
    def size(self) -> int:
        """Bytes of work. What is in the spool is packed to a third of its source or less; to fill in a draft is a small part of the work."""
        if not self.members:
            return self.canonical.kept.prepared
        return 3 * sum(stored.kept.prepared for stored in (self.canonical, *(found for found, _ in self.members)))


class Made(NamedTuple):
    """What was made: the files written; in the spool the row of the corpus, its account where that is no file, the evidence (samples, traces) and the nodes of provenance.jsonld; and what the report adds up. The text itself only where it is asked for."""

    id: str
    path: str
    written: list[Written]
    row: Place
    account: Place | None
    summary: dict[str, Any]
    characters: dict[str, int]
    edits: dict[str, int]
    evidence: Place | None
    prov: Place | None
    markdown: str


def order(note: Note, members: Sequence[tuple[Note, Member]], slug: str) -> Order:
    return Order(note.stored, [(found.stored, how) for found, how in members], slug)


@dataclass(slots=True)
class Rendering:
    """The kernel of the second pass. It writes the files of `layout`. Without a writer it hands back the articles; `exports` asks for the account in the words of PROV-O too."""

    options: Options
    spool: Spool
    cache: Cache
    writer: Writer | None
    layout: Layout
    collects: bool
    exports: bool

    def __call__(self, wanted: Order) -> Made:
        everything = wanted.canonical, *(found for found, _ in wanted.members)
        draft = self._draft(wanted).filled(wanted.slug, [(stored.key, stored.origin.sha256) for stored in everything])
        about = orjson.loads(draft.about)
        written: list[Written] = []
        if self.writer and self.layout is not Layout.SHARDS:
            written.append(self.writer.write(about["path"], draft.markdown))
        if self.writer and self.layout is Layout.FILES:
            written.append(self.writer.write(about["provenance_path"], draft.provenance))
        return Made(
            about["id"],
            about["path"],
            written,
            self.spool.add(draft.row),
            self.spool.add(draft.provenance) if self.layout is not Layout.FILES else None,
            about["summary"],
            about["characters"],
            about["edits"],
            self.spool.add(draft.evidence) if draft.evidence else None,
            self.spool.add(draft.prov) if self.exports else None,
            draft.markdown.decode() if self.collects else "",
        )

    def close(self) -> None:
        self.spool.close()
        self.cache.close()

    def _draft(self, wanted: Order) -> Draft:
        """The draft of the first pass, if the article stands for one document; else one with its members, from the cache if the same was made before."""
        if not wanted.members:
            return Draft.unpacked(self.spool.get(wanted.canonical.kept.at("draft")))
        key = self._key(wanted)
        known = self.cache.get([key]).get(key)
        if known is not None:
            return Draft.unpacked(known)
        own = wanted.canonical
        members = [(found.key, self._prepared(found), how) for found, how in wanted.members]
        draft = drafted((own.key, self._prepared(own)), members, self.options.shingle_words, exported=self.exports)
        if self.cache.is_usable:
            self.cache.put(key, draft.packed())
        return draft

    def _key(self, wanted: Order) -> bytes:
        parts = [option_bytes(self.options, IDLE_OPTIONS), b"exported" * self.exports, wanted.canonical.key]
        for stored, how in wanted.members:
            parts += [stored.key, pair_bytes(how.pair), b"first" if how.pair.a == stored.number else b"second"]
        return self.cache.key("article", *parts)

    def _prepared(self, stored: Stored) -> Prepared:
        return prepared_at(self.spool, stored.kept.at("prepared"), stored.origin, stored.number)


class Shard(NamedTuple):
    """A part of the corpus to be written: its number, its rows and their accounts."""

    number: int
    rows: list[Place]
    accounts: list[Place]

    @property
    def size(self) -> int:
        return sum(place.size for place in (*self.rows, *self.accounts))


def shards(rows: Iterable[Place], accounts: Iterable[Place]) -> Iterator[Shard]:
    """The rows in parts of about SHARD_BYTES, at least one. Where a part ends follows from the rows alone."""
    shard = Shard(0, [], [])
    size = 0
    for row, account in zip(rows, accounts, strict=True):
        if size >= SHARD_BYTES:
            yield shard
            shard, size = Shard(shard.number + 1, [], []), 0
        shard.rows.append(row)
        shard.accounts.append(account)
        size += row.size + account.size
    yield shard


@dataclass(slots=True)
class Sharding:
    """The kernel that writes parts of the corpus."""

    spool: Spool
    writer: Writer

    def __call__(self, shard: Shard) -> list[Written]:
        return [
            self.writer.write_lines(PART_OF_CORPUS.format(shard.number), map(self.spool.get, shard.rows)),
            self.writer.write_lines(PART_OF_ACCOUNTS.format(shard.number), map(self.spool.get, shard.accounts)),
        ]

    def close(self) -> None:
        self.spool.close()
