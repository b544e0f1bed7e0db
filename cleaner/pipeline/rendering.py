"""The second pass in any process: a canonical document and its dropped members out of the spool, its files written, and what the report says of it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from cleaner.folders import Writer, Written
from cleaner.model.documents import Document
from cleaner.model.duplicates import Member
from cleaner.model.options import Options
from cleaner.pipeline.noting import Note, Origin, prepared_at
from cleaner.pipeline.preparing import Prepared
from cleaner.pipeline.spool import Place, Spool

if TYPE_CHECKING:
    from cleaner.stages.write import ledger
    from cleaner.stages.write.text import PlainText


class Stored(NamedTuple):
    """A prepared document in the spool."""

    number: int
    prepared: Place
    origin: Origin


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
    """What was made: the files written, the row of the corpus and the evidence (samples, traces) in the spool, and what the report adds up. The text itself only where it is asked for."""

    id: str
    path: str
    written: list[Written]
    row: Place
    summary: dict[str, Any]
    characters: dict[str, int]
    edits: dict[str, int]
    evidence: Place | None
    markdown: str


def order(note: Note, members: Sequence[tuple[Note, Member]], slug: str) -> Order:
    return Order(_stored(note), [(_stored(found), how) for found, how in members], slug)


def _stored(note: Note) -> Stored:
    return Stored(note.fingerprint.number, note.prepared, note.origin)


@dataclass(slots=True)
class Rendering:
    """The kernel of the second pass. Without a writer it hands back the articles."""

    options: Options
    spool: Spool
    writer: Writer | None
    collects: bool

    def __call__(self, wanted: Order) -> Made:
        from cleaner.stages.write.article import render

        canonical = self._prepared(wanted.canonical)
        members = [(self._prepared(found), how) for found, how in wanted.members]
        article = render(canonical, members, wanted.slug, partial(_places, options=self.options))
        written: list[Written] = []
        if self.writer:
            written.append(self.writer.write(article.path, article.markdown.encode("utf-8", "replace")))
            written.append(self.writer.write(article.provenance_path, article.provenance))
        evidence = article.samples, article.traces
        return Made(
            article.id,
            article.path,
            written,
            self.spool.add(article.row),
            article.summary,
            dict(article.characters),
            dict(article.edits),
            self.spool.add(orjson.dumps(evidence)) if any(evidence) else None,
            article.markdown if self.collects else "",
        )

    def close(self) -> None:
        self.spool.close()

    def _prepared(self, stored: Stored) -> Prepared:
        return prepared_at(self.spool, stored.prepared, stored.origin, stored.number)


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
