"""A prepared canonical document and its dropped members in, the bytes of its files out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Protocol

from cleaner.model.documents import Document, Metadata
from cleaner.model.duplicates import Member
from cleaner.model.record import record
from cleaner.model.text import Op
from cleaner.stages.write.evidence import samples, traces
from cleaner.stages.write.frontmatter import front_matter
from cleaner.stages.write.ledger import Ledger, Place, account
from cleaner.stages.write.markdown import markdown
from cleaner.stages.write.prov import nodes
from cleaner.stages.write.text import PlainText, plain_text

# The rule of a break between two blocks that the source had lost.
RESTORED = "TXT009"


class Source(Protocol):
    """What the writer needs of a prepared document."""

    @property
    def document(self) -> Document: ...
    @property
    def encoding(self) -> str: ...
    @property
    def sha256(self) -> str: ...


@record
class Article:
    """A canonical document as it is written: the Markdown, the row of the corpus, the provenance, and what the report says of it.

    `samples` shows what its edits and losses look like, `traces` the way of a text with repeats; `prov` holds its nodes of provenance.jsonld.
    """

    id: str
    path: str
    provenance_path: str
    markdown: str
    row: bytes
    provenance: bytes
    summary: dict[str, Any]
    characters: dict[str, int]
    edits: dict[str, int]
    samples: list[dict[str, Any]]
    traces: list[dict[str, Any]]
    prov: bytes


def render(
    canonical: Source,
    members: Sequence[tuple[Source, Member]],
    slug: str,
    sentences: Sentences,
    *,
    exported: bool = False,
) -> Article:
    """The files of one canonical document; `sentences` places the sentences of a dropped document in the kept one.

    With `exported` its account is put into the words of PROV-O too.
    """
    import orjson

    document = canonical.document
    plain = plain_text(document.blocks)
    text = plain.text.text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    identity = digest[:16]
    path, provenance_path = f"articles/{slug}.md", f"provenance/{slug}.json"
    metadata = _filled(document.metadata, [member.document for member, _ in members])
    sources = tuple(
        dict.fromkeys(
            origin
            for found in (document, *(member.document for member, _ in members))
            for origin in found.origins or (found.source,)
        )
    )
    body, line_starts = markdown(document.blocks)
    head = front_matter(metadata, identity, sources, digest)
    ledger = account(
        document,
        plain,
        [(member.document, how.pair.relation, sentences(member.document, document, plain)) for member, how in members],
    )
    article_digest = sha256((head + body).encode("utf-8", "replace")).hexdigest()
    provenance = {
        "version": 1,
        "id": identity,
        "article": path,
        "text_sha256": digest,
        "article_sha256": article_digest,
        **account_entries(
            (canonical, *(member for member, _ in members)), plain, ledger, head.count("\n"), line_starts
        ),
    }
    strings = [origin.field.text for origin in ledger.origins]
    row = {
        "id": identity,
        "text": text,
        "source": document.source,
        "metadata": {**_members(metadata), "article": path, "sources": list(sources)},
    }
    return Article(
        identity,
        path,
        provenance_path,
        head + body,
        orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE),
        account_bytes(provenance),
        {
            "id": identity,
            "article": path,
            "title": metadata.title,
            "canonical_source": document.source,
            "sources": list(sources),
        },
        _characters(ledger),
        _edits(ledger),
        samples(document, text, ledger),
        traces(document, text, ledger),
        b"".join(nodes(provenance, metadata.title, text, strings)) if exported else b"",
    )


def account_entries(
    found: Sequence[Source], plain: PlainText, ledger: Ledger, head_lines: int, line_starts: Sequence[int]
) -> dict[str, Any]:
    """Where every character of the text came from, and where the rest of its sources went; `found` begins with the canonical document."""
    by_source = {one.document.source: one for one in found}
    document = found[0].document
    return {
        "confidence": document.confidence,
        **(
            {"alternatives": {name: list(lost) for name, lost in document.alternatives}}
            if document.alternatives
            else {}
        ),
        "sources": [
            {
                "source": origin.source,
                "sha256": by_source[origin.source].sha256,
                "encoding": by_source[origin.source].encoding,
                "format": by_source[origin.source].document.format,
                "pointer": origin.field.pointer,
                "length": len(origin.field.text),
            }
            for origin in ledger.origins
        ],
        "unmapped": {one.document.source: list(one.document.unmapped) for one in found if one.document.unmapped},
        "blocks": [
            {"line": head_lines + line + 1, "kind": block.kind, "out": (start, start + len(block.text.text))}
            for block, line, start in zip(document.blocks, line_starts, plain.starts, strict=True)
        ],
        "segments": list(_segments(ledger)),
        "dropped": list(_losses(ledger)),
    }


def account_bytes(provenance: dict[str, Any]) -> bytes:
    """The account as its file holds it: one line of JSON."""
    import orjson

    return orjson.dumps(provenance, option=orjson.OPT_APPEND_NEWLINE)


class Sentences(Protocol):
    """Places the sentences of a dropped document in the text of the kept one."""

    def __call__(self, member: Document, canonical: Document, plain: PlainText) -> Sequence[Place]: ...


def _filled(metadata: Metadata, members: Sequence[Document]) -> Metadata:
    """The metadata of the canonical document, and what only a dropped one knew of where the story stands and when it came out."""
    for member in members:
        other = member.metadata
        metadata = metadata.filled(Metadata(canonical_url=other.canonical_url, lang=other.lang))
    return metadata


def _members(metadata: Metadata) -> dict[str, Any]:
    members = ((name, getattr(metadata, name)) for name in metadata.__dataclass_fields__)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in members if value}


def _segments(ledger: Ledger) -> Iterator[dict[str, Any]]:
    for start, end, source, span, op, rules in ledger.segments:
        if span is None:
            yield {"out": (start, end), "op": op, "rules": rules}
        else:
            yield {"out": (start, end), "source": source, "span": span[:2], "op": op, "rules": rules}


def _losses(ledger: Ledger) -> Iterator[dict[str, Any]]:
    for source, span, rule, kept_at in ledger.losses:
        if kept_at:
            yield {"source": source, "span": span[:2], "rule": rule, "kept_at": kept_at}
        else:
            yield {"source": source, "span": span[:2], "rule": rule}


def _characters(ledger: Ledger) -> dict[str, int]:
    """How many characters of the sources were kept, and how many each rule dropped."""
    kept = 0
    dropped: dict[str, int] = defaultdict(int)
    for segment in ledger.segments:
        if span := segment.span:
            kept += span.end - span.start
    for _, span, rule, _ in ledger.losses:
        dropped[rule] += span.end - span.start
    return {"kept": kept, **dropped} if kept else dict(dropped)


def _edits(ledger: Ledger) -> dict[str, int]:
    """How often each rule made an edit; breaks that were put back are told too."""
    counts: Counter[str] = Counter()
    for segment in ledger.segments:
        if segment.rules and (segment.op is Op.EDIT or RESTORED in segment.rules):
            counts.update(rule for rule in segment.rules if segment.op is Op.EDIT or rule == RESTORED)
    return dict(counts)
