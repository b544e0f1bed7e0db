"""An output folder in, looked up there what an answer needs: articles with their accounts, and what the report says of a source."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from cleaner.explanation.answer import Part
from cleaner.verification.account import (
    CORPUS,
    RECORD_FORMATS,
    REPORT,
    Account,
    Loss,
    Origin,
    provenance_of,
    read_account,
)
from cleaner.verification.corpus import rows_of
from cleaner.verification.sources import Sources, Unreadable


@dataclass(slots=True)
class Document:
    """An article with its account and its text, and the strings of its sources as far as they are at hand."""

    account: Account
    text: str
    lines: list[str]
    strings: list[str | None]

    def line_at(self, position: int) -> int:
        """The line of the article that a code point of the text stands on."""
        block = self.account.blocks[
            max(0, bisect_right(self.account.blocks, position, key=lambda place: place.start) - 1)
        ]
        return block.line + (block.kind == "code") + self.text.count("\n", block.start, max(block.start, position))

    def number_of(self, source: str, pointer: str | None = None) -> int | None:
        """The number of a source's string: of the one at the pointer, else of the first."""
        return next(
            (
                number
                for number, found in enumerate(self.account.origins)
                if found.source == source and pointer in (None, found.pointer)
            ),
            None,
        )

    def placed(self, part: Part, origin: int, span: tuple[int, int]) -> Part:
        """The part with its place in a string of the sources."""
        found, string = self.account.origins[origin], self.strings[origin]
        placed = replace(part, source=found.source, pointer=found.pointer, span=span)
        if string is None:
            return placed
        lines = string.count("\n", 0, span[0]) + 1, string.count("\n", 0, max(span[0], span[1] - 1)) + 1
        return replace(placed, lines=lines, source_text=string[slice(*span)])

    def line_note(self, number: int) -> tuple[str, ...]:
        """What is counted as a line, where that is not the line of the file."""
        origin = self.account.origins[number]
        if origin.format not in RECORD_FORMATS:
            return ()
        return (
            f"Lines are counted in the decoded text at {origin.pointer or 'the top'} of {origin.source}, not in the file.",
        )


class Output:
    """Looks up in an output folder what an answer needs."""

    def __init__(self, output: Path, manifest: dict[str, Any], sources: Sources) -> None:
        self.output = output
        self.sources = sources
        self.inputs: dict[str, dict[str, Any]] = {entry["source"]: entry for entry in manifest["inputs"]}
        self.report: dict[str, Any] = orjson.loads((output / REPORT).read_bytes())

    def document(self, article: str) -> Document:
        """An article of the output by its path."""
        text, data = self._row_of(article)
        account = read_account((self.output / provenance_of(article)).read_bytes() if data is None else data)
        lines = (self.output / article).read_bytes().decode("utf-8").split("\n")
        return Document(
            account,
            text,
            lines,
            [self._string(account, number) for number in range(len(account.origins))],
        )

    def _row_of(self, article: str) -> tuple[str, bytes | None]:
        """The text of an article, and its account where that is no file of its own."""
        needle = orjson.dumps(article)
        for row in rows_of(self.output):
            if needle in row.data and (found := orjson.loads(row.data))["metadata"]["article"] == article:
                return str(found["text"]), row.account
        raise ValueError(f"{article} is not in {CORPUS}")

    def _string(self, account: Account, number: int) -> str | None:
        if not self.sources:
            return None
        try:
            text = self.sources.text(account.origins[number])
        except Unreadable:
            return None
        return text if len(text) == account.origins[number].length else None

    def document_of(self, entry: dict[str, Any]) -> Document | None:
        """The article that a source stands in or was dropped for; None where it is in none."""
        for listed in self.report["documents"]:
            if listed["id"] in entry["documents"]:
                document = self.document(listed["article"])
                if entry["source"] in document.account.sources():
                    return document
        return None

    def trouble(self, entry: dict[str, Any]) -> str:
        """Why nothing came of a source."""
        told = [
            f"{problem['message']} ({problem['rule']} {problem['name']})"
            for problem in self.report["problems"]
            if problem["source"] == entry["source"]
        ]
        return " ".join(told) or f"it was {entry['status']}, being {entry.get('why') or 'of no use'}."

    def measures(self, source: str) -> dict[str, Any] | None:
        """What a dropped document was measured to have in common with the kept one."""
        for cluster in self.report["clusters"]:
            for member in cluster["members"]:
                if member["source"] == source and member["dropped"]:
                    names = ("relation", "jaccard", "containment", "contained_in_it")
                    return {
                        "canonical": cluster["canonical"],
                        "why": cluster["why"],
                        **{name: member[name] for name in names},
                    }
        return None

    def why(self, entry: dict[str, Any]) -> tuple[str, ...]:
        """Why a whole document was dropped, with the measure that decided."""
        found = self.measures(entry["source"])
        if not found:
            return ()
        shares = f"Jaccard {found['jaccard']:.4f}, {100 * found['containment']:.1f} % of its phrases stand there"
        return (
            f"{entry['source']} was dropped in favour of {found['canonical']}: {found['relation']} ({shares}). That one was kept because {found['why']}.",
        )

    def similarity(self, origin: Origin, loss: Loss) -> float | None:
        """The similarity that the report gives for the run which a repeat is a part of."""
        if loss.rule != "DUP001":
            return None
        for repeat in self.report["repeats"]:
            span = repeat["dropped"]
            if (span["source"], span["pointer"]) == (origin.source, origin.pointer) and span["start"] <= loss.span[
                0
            ] < span["end"]:
                return float(repeat["similarity"])
        return None

    def notes(self, document: Document) -> tuple[str, ...]:
        """What the answer could not tell, and why."""
        missing = [
            origin.source
            for origin, string in zip(document.account.origins, document.strings, strict=True)
            if string is None
        ]
        if not self.sources:
            return ("Places in sources are offsets in code points; give --sources to see lines and words.",)
        if not missing:
            return ()
        return (
            f"{', '.join(dict.fromkeys(missing))} is not among the sources, or has changed since: its places are offsets.",
        )


def meets(span: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two half-open spans have something in common."""
    return span[0] < other[1] and other[0] < span[1]
