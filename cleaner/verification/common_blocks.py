"""Blocks that several articles have: what the report says of them is what the articles hold."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.model.problems import Problem
from cleaner.stages.share import SHOWN_CHARACTERS, hash_of, hashes_of, most_common
from cleaner.verification.account import REPORT
from cleaner.verification.case import UNCOVERED, Case, Told


def keep_blocks(case: Case) -> None:
    """Keep the hashes of an article's blocks."""
    blocks = ((place.kind, case.text[place.start : place.end]) for place in case.account.blocks)
    case.told.records.add_bytes("blocks", case.row["source"], hashes_of(blocks))


def shared_agree(told: Told) -> Iterator[Problem]:
    """As many articles have a block as the report says, the first of them are its examples, and none that more have is missing."""
    records = told.records
    sources = sorted(records.names("blocks"))
    size = sum(len(records.get_bytes("blocks", source) or b"") for source in sources)
    found = list(most_common(len(sources), lambda place: records.get_bytes("blocks", sources[place]) or b"", size))
    said = [entry for _, entry in records.each("shared")]
    if len(found) != len(said):
        yield Problem(UNCOVERED, f"{REPORT}: {len(found)} blocks stand in several articles, and {len(said)} are told.", REPORT)  # fmt: skip
    for (value, documents, places), entry in zip(found, said, strict=False):
        # A longer text is told by its beginning.
        is_whole = len(entry["text"]) < SHOWN_CHARACTERS
        examples = [sources[place] for place in places]
        if (entry["documents"], entry["examples"]) != (documents, examples) or (
            is_whole and hash_of(entry["text"]) != value
        ):
            yield Problem(UNCOVERED, f"{REPORT}: {entry['text']!r:.80} is not the block that {documents} articles have, {', '.join(examples)} among them.", examples[0])  # fmt: skip
