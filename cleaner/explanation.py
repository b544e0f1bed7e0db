"""A line of an article or of a source in, the answer to where it came from or where it went out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from cleaner.folders import UsageError
from cleaner.measures.words import words_of
from cleaner.rules import LEDGER_NAMES, MARKUP, RULES
from cleaner.verification.account import (
    CORPUS,
    MISSHAPEN,
    RECORD_FORMATS,
    REPORT,
    Account,
    Loss,
    Origin,
    Place,
    Segment,
    provenance_of,
    read_account,
    read_manifest,
)
from cleaner.verification.case import DROPPED_WHOLE
from cleaner.verification.sources import Sources, Unreadable

WHERE = re.compile(r"(?P<name>.+):(?P<number>[1-9]\d*)", re.DOTALL)
ARTICLE = re.compile(r"(?:.*/)?(?P<article>articles/[^/]+\.md)", re.DOTALL)
# So much of a passage is quoted.
QUOTED = 240
KINDS = {"row": "table row", "item": "list item", "code": "code block", "quote": "quotation"}


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the line that was asked about: what became of it, by which rules, and both its places.

    `span` counts code points of the source's text at `pointer`, `lines` the lines there (None where the source is not at hand); `out` counts code points
    of the article's text, `article_line` the line of the article: of the text itself, or for a copy that was dropped of the one that survives.
    """

    fate: str
    rules: tuple[str, ...] = ()
    source: str = ""
    pointer: str = ""
    span: tuple[int, int] | None = None
    lines: tuple[int, int] | None = None
    source_text: str | None = None
    out: tuple[int, int] | None = None
    article: str = ""
    article_line: int | None = None
    article_text: str | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer: what stands at the place asked for, the parts of the line in their order, what is told of them, and what decided."""

    where: str
    summary: str
    parts: tuple[Part, ...] = ()
    told: tuple[str, ...] = ()
    measures: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """The answer for a person to read."""
        return "\n".join([self.summary, *(f"- {line}" for line in self.told), *self.notes])

    def as_json(self) -> dict[str, Any]:
        """The answer for a program; members that are not known are left out."""
        parts = [
            {name: value for name in Part.__dataclass_fields__ if (value := getattr(part, name)) not in (None, "", ())}
            for part in self.parts
        ]
        answer = {"version": 1, "where": self.where, "summary": self.summary, "parts": parts, "notes": list(self.notes)}
        return {**answer, "measures": self.measures} if self.measures else answer


def explain(output: Path, where: str, sources: Iterable[Path] = ()) -> Explanation | None:
    """Where a line of an article came from (`articles/x.md:LINE`), or where a line of a source went and why (`SOURCE:LINE`, `SOURCE#RECORD:LINE`).

    None where nothing stands there. Of a JSON source, LINE counts the lines of the article's text in it, not those of the file. With `sources`, the folders
    that were cleaned, the words and lines of the sources are told; without, offsets, and of a source LINE is taken for one.

    Raises `folders.UsageError` for an output that is not ours and a `where` that has not this form.
    """
    output = Path(output)
    asked = WHERE.fullmatch(where)
    if not asked:
        raise UsageError(f"{where}: expected articles/NAME.md:LINE or SOURCE:LINE, with a line from 1 on.")
    manifest = read_manifest(output)
    name, number = asked["name"], int(asked["number"])
    with closing(Sources(sources)) as found:
        try:
            reader = _Reader(output, manifest, found)
            article = ARTICLE.fullmatch(name)
            if article and (output / article["article"]).is_file() and name not in reader.inputs:
                return reader.article_line(where, article["article"], number)
            return reader.source_line(where, name, number)
        except (OSError, *MISSHAPEN) as error:
            raise UsageError(
                f"{output}: its files are not as they were written ({type(error).__name__}: {error}). Run `clean verify` on it."
            ) from error


@dataclass(slots=True)
class _Document:
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


class _Reader:
    """Looks up in an output folder what an answer needs."""

    def __init__(self, output: Path, manifest: dict[str, Any], sources: Sources) -> None:
        self.output = output
        self.sources = sources
        self.inputs: dict[str, dict[str, Any]] = {entry["source"]: entry for entry in manifest["inputs"]}
        self.report: dict[str, Any] = orjson.loads((output / REPORT).read_bytes())

    # -- from an article to its source --

    def article_line(self, where: str, article: str, number: int) -> Explanation | None:
        document = self.document(article)
        if number > len(document.lines) or not document.lines[number - 1].strip():
            return None
        block = next((place for place in reversed(document.account.blocks) if place.line <= number), None)
        if block is None:
            names = ", ".join(document.account.sources())
            return Explanation(where, f"{where} is front matter: what is known of the article, read from {names}.")
        out = _out_of_line(document, block, number)
        if out is None:
            return Explanation(
                where,
                f"{where} is the markup of a {KINDS.get(block.kind, block.kind)}: no words of any source stand there.",
            )
        parts = tuple(self._part_of_text(document, segment, out) for segment in _segments_in(document.account, out))
        mark = (
            document.account.segments[
                bisect_right(document.account.segments, block.start - 1, key=lambda segment: segment.end)
            ]
            if block.start
            else None
        )
        before = (
            (Part("insert", mark.rules, article_text=document.text[mark.start : mark.end]),)
            if mark and mark.rules == ("TXT009",)
            else ()
        )
        words = document.text[slice(*out)]
        summary = f"{where} is a {KINDS.get(block.kind, block.kind)}: {_quoted(words)}"
        told = (*self._origins(document, parts, words), *_changes((*before, *parts)))
        return Explanation(where, summary, (*before, *parts), told, notes=self._notes(document))

    def _origins(self, document: _Document, parts: Sequence[Part], words: str) -> Iterator[str]:
        """Where the parts come from, one line for each source string."""
        copied = [part for part in parts if part.span]
        for (source, pointer), own in groupby(copied, key=lambda part: (part.source, part.pointer)):
            whole = _hull(list(own))
            number = next(
                index
                for index, origin in enumerate(document.account.origins)
                if (origin.source, origin.pointer) == (source, pointer)
            )
            string = document.strings[number]
            there = " ".join(string[slice(*whole.span)].split()) if string is not None and whole.span else None
            same = there is None or there == " ".join(words.split())
            yield f"It comes from {_place(whole)}{'.' if same else f', which says: {_quoted(there or str())}'}"

    def _part_of_text(self, document: _Document, segment: Segment, out: tuple[int, int]) -> Part:
        start, end = (
            (segment.start, segment.end)
            if segment.op == "edit"
            else (max(segment.start, out[0]), min(segment.end, out[1]))
        )
        part = Part(segment.op, segment.rules, out=(start, end), article_text=document.text[start:end])
        if segment.op == "insert":
            return part
        shift = segment.span[0] - segment.start
        span = segment.span if segment.op == "edit" else (start + shift, end + shift)
        return self._placed(part, document, segment.origin, span)

    # -- from a source to an article --

    def source_line(self, where: str, name: str, number: int) -> Explanation | None:
        entry = self.inputs.get(name)
        if entry is None and f"{name}#{number}" in self.inputs:
            return self._record(where, f"{name}#{number}")
        if entry is None:
            return None
        if entry["status"] in ("failed", "skipped"):
            return Explanation(where, f"{name} is in no article: {self._trouble(entry)}")
        document = self._document_of(entry)
        if document is None:
            return None
        origin = next(index for index, found in enumerate(document.account.origins) if found.source == name)
        asked = _asked_span(document.strings[origin], number, document.account.origins[origin].length)
        if asked is None:
            return None
        parts = tuple(self._fates(document, origin, asked))
        summary = self._summary(where, document, origin, asked)
        if not parts:
            summary += " No text of the page stands there: tags, scripts or comments only."
        notes = (*self._why(entry), *self._line_note(document, origin), *self._notes(document))
        return Explanation(where, summary, parts, tuple(_told_of_source(document, parts)), self._measures(name), notes)

    def _record(self, where: str, name: str) -> Explanation | None:
        """The answer for a whole line of a file of records."""
        entry = self.inputs[name]
        if entry["status"] in ("failed", "skipped"):
            return Explanation(where, f"{name} is in no article: {self._trouble(entry)}")
        document = self._document_of(entry)
        if document is None:
            return None
        became = "the text of" if entry["status"] == "canonical" else "dropped for"
        summary = f"{where} is the record {name}: {became} {document.account.article}. Ask for {name}:LINE to see one line of its text."
        return Explanation(where, summary, measures=self._measures(name), notes=self._why(entry))

    def _document_of(self, entry: dict[str, Any]) -> _Document | None:
        for listed in self.report["documents"]:
            if listed["id"] in entry["documents"]:
                document = self.document(listed["article"])
                if entry["source"] in document.account.sources():
                    return document
        return None

    def _fates(self, document: _Document, origin: int, asked: tuple[int, int]) -> Iterator[Part]:
        """What became of the spans that touch the line, in the order of the source."""
        every: list[Segment | Loss] = [*document.account.segments, *document.account.losses]
        touching = [one for one in every if one.origin == origin and _meets(one.span, asked)]
        for one in sorted(touching, key=lambda found: found.span):
            if isinstance(one, Segment):
                span = one.span if one.op == "edit" else (max(one.span[0], asked[0]), min(one.span[1], asked[1]))
                shift = one.start - one.span[0]
                out = (one.start, one.end) if one.op == "edit" else (span[0] + shift, span[1] + shift)
                part = Part(
                    one.op,
                    one.rules,
                    out=out,
                    article=document.account.article,
                    article_line=document.line_at(out[0]),
                    article_text=document.text[slice(*out)],
                )
            else:
                part = Part("dropped", (one.rule,))
                span = (max(one.span[0], asked[0]), min(one.span[1], asked[1]))
                if one.kept_at:
                    line, text = document.line_at(one.kept_at[0]), document.text[slice(*one.kept_at)]
                    part = replace(
                        part, out=one.kept_at, article=document.account.article, article_line=line, article_text=text
                    )
                part = replace(part, similarity=self._similarity(document.account.origins[origin], one))
            yield self._placed(part, document, origin, span)

    def _similarity(self, origin: Origin, loss: Loss) -> float | None:
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

    # -- what both ways need --

    def document(self, article: str) -> _Document:
        account = read_account((self.output / provenance_of(article)).read_bytes())
        lines = (self.output / article).read_bytes().decode("utf-8").split("\n")
        return _Document(
            account,
            self._text_of(article),
            lines,
            [self._string(account, number) for number in range(len(account.origins))],
        )

    def _text_of(self, article: str) -> str:
        needle = orjson.dumps(article)
        with (self.output / CORPUS).open("rb") as rows:
            for line in rows:
                if needle in line and (row := orjson.loads(line))["metadata"]["article"] == article:
                    return str(row["text"])
        raise ValueError(f"{article} is not in {CORPUS}")

    def _string(self, account: Account, number: int) -> str | None:
        if not self.sources:
            return None
        try:
            text = self.sources.text(account.origins[number])
        except Unreadable:
            return None
        return text if len(text) == account.origins[number].length else None

    def _placed(self, part: Part, document: _Document, origin: int, span: tuple[int, int]) -> Part:
        found, string = document.account.origins[origin], document.strings[origin]
        placed = replace(part, source=found.source, pointer=found.pointer, span=span)
        if string is None:
            return placed
        lines = string.count("\n", 0, span[0]) + 1, string.count("\n", 0, max(span[0], span[1] - 1)) + 1
        return replace(placed, lines=lines, source_text=string[slice(*span)])

    def _notes(self, document: _Document) -> tuple[str, ...]:
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

    def _line_note(self, document: _Document, number: int) -> tuple[str, ...]:
        origin = document.account.origins[number]
        if origin.format not in RECORD_FORMATS:
            return ()
        return (
            f"Lines are counted in the decoded text at {origin.pointer or 'the top'} of {origin.source}, not in the file.",
        )

    def _summary(self, where: str, document: _Document, origin: int, asked: tuple[int, int]) -> str:
        string = document.strings[origin]
        name = document.account.origins[origin].source
        if string is None:
            return f"{name}, at code point {asked[0]}:"
        return f"{where} says: {_quoted(string[slice(*asked)])}"

    def _trouble(self, entry: dict[str, Any]) -> str:
        told = [
            f"{problem['message']} ({problem['rule']} {problem['name']})"
            for problem in self.report["problems"]
            if problem["source"] == entry["source"]
        ]
        return " ".join(told) or f"it was {entry['status']}, being {entry.get('why') or 'of no use'}."

    def _measures(self, source: str) -> dict[str, Any] | None:
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

    def _why(self, entry: dict[str, Any]) -> tuple[str, ...]:
        """Why a whole document was dropped, with the measure that decided."""
        found = self._measures(entry["source"])
        if not found:
            return ()
        shares = f"Jaccard {found['jaccard']:.4f}, {100 * found['containment']:.1f} % of its phrases stand there"
        return (
            f"{entry['source']} was dropped in favour of {found['canonical']}: {found['relation']} ({shares}). That one was kept because {found['why']}.",
        )


def _out_of_line(document: _Document, block: Place, number: int) -> tuple[int, int] | None:
    """The code points of the text that a line of a block's Markdown holds; None where it holds none (a fence, the line below a table's head)."""
    inside = number - block.line - (block.kind == "code")
    pieces = document.text[block.start : block.end].split("\n")
    if block.kind == "row" or not 0 <= inside < len(pieces):
        return (block.start, block.end) if inside == 0 else None
    start = block.start + sum(len(piece) + 1 for piece in pieces[:inside])
    return (start, start + len(pieces[inside])) if pieces[inside] else None


def _segments_in(account: Account, out: tuple[int, int]) -> list[Segment]:
    return [segment for segment in account.segments if _meets((segment.start, segment.end), out)]


def _meets(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span[0] < other[1] and other[0] < span[1]


def _asked_span(string: str | None, number: int, length: int) -> tuple[int, int] | None:
    """The code points of a line; of a string that is not at hand, the one code point of that number."""
    if string is None:
        return (number, number + 1) if number < length else None
    lines = string.split("\n")
    if number > len(lines) or not lines[number - 1].strip():
        return None
    start = sum(len(line) + 1 for line in lines[: number - 1])
    return start, start + len(lines[number - 1])


def _says_nothing(part: Part) -> bool:
    """Whether a part is white space or markup that was left out or put in: of interest only where nothing else is."""
    if part.fate == "insert":
        return part.rules != ("TXT009",)
    return part.rules == (MARKUP,) and not any(char.isalnum() for char in part.source_text or "")


def _hull(parts: Sequence[Part]) -> Part:
    """One part over all of the given ones, which have one source string."""
    spans = [part.span for part in parts if part.span]
    lines = [part.lines for part in parts if part.lines]
    outs = [part.out for part in parts if part.out]
    return replace(
        parts[0],
        span=(min(start for start, _ in spans), max(end for _, end in spans)) if spans else None,
        lines=(min(first for first, _ in lines), max(last for _, last in lines)) if lines else None,
        out=(min(start for start, _ in outs), max(end for _, end in outs)) if outs else None,
    )


def _changes(parts: Sequence[Part]) -> Iterator[str]:
    """What was mended and put in, each change once with the number of its places."""
    counts = Counter(line for part in parts if (line := _change(part)))
    for line, places in counts.items():
        yield line if places == 1 else f"{line} ({places} places)"


def _change(part: Part) -> str:
    if part.fate == "edit":
        return f"Mended: {_shown(part.source_text)} became {_shown(part.article_text)}: {_named(part.rules)}"
    if part.fate == "insert" and not _says_nothing(part):
        return f"{_shown(part.article_text)} was put in: {_named(part.rules)}"
    return ""


def _told_of_source(document: _Document, parts: Sequence[Part]) -> Iterator[str]:
    """What became of the parts of a line: what was kept, by the line of the article that it stands on, and then what was dropped."""
    kept: dict[int | None, list[Part]] = {}
    for part in parts:
        if part.fate != "dropped":
            kept.setdefault(part.article_line, []).append(part)
    for line, own in kept.items():
        whole = _hull(own)
        yield f"Kept: {_quoted(document.text[slice(*whole.out)] if whole.out else '')} stands in {whole.article}:{line}."
        yield from _changes(own)
    dropped = [part for part in parts if part.fate == "dropped"]
    telling = [part for part in dropped if not _says_nothing(part)]
    for (_, _), again in groupby(telling or ([] if kept else dropped), key=lambda part: (part.rules, part.out)):
        yield _told_dropped(list(again))


def _told_dropped(parts: Sequence[Part]) -> str:
    """One passage that was dropped, why, and which copy of it survives."""
    part = _hull(parts)
    words = None if part.source_text is None else " ".join(one.source_text or "" for one in parts)
    told = f"Dropped: {_place(part) if words is None else _quoted(words)}: {_named(part.rules)}"
    if part.article_line is None:
        return f"{told} No other text says the same." if part.rules and part.rules[0] in DROPPED_WHOLE else told
    share = f" ({100 * part.similarity:.0f} % of its words)" if part.similarity is not None else ""
    same = words is not None and words_of(words).norms == words_of(part.article_text or "").norms
    return f"{told} The copy that survives{share} is {part.article}:{part.article_line}{', in the same words.' if same else f': {_quoted(part.article_text or str())}'}"


def _named(rules: Iterable[str]) -> str:
    """Rules by what they say."""
    return " ".join(
        f"{RULES[rule].summary} ({rule} {RULES[rule].name})"
        if rule in RULES
        else f"{LEDGER_NAMES.get(rule, rule)} ({rule})."
        for rule in rules
    )


def _place(part: Part) -> str:
    where = f"{part.source}{f' at {part.pointer}' if part.pointer else ''}"
    if part.lines:
        first, last = part.lines
        return f"{where}, line {first}" if first == last else f"{where}, lines {first} to {last}"
    return f"{where}, code points {part.span[0]} to {part.span[1]}" if part.span else where


def _quoted(text: str) -> str:
    """A passage on one line, cut where it is long."""
    return _shown(" ".join(text.split()))


def _shown(text: str | None) -> str:
    """A few characters, those that can't be seen by their numbers."""
    if text is None:
        return "what stood"
    if text == "\n\n":
        return "A break"
    piece = text if len(text) <= QUOTED else text[: QUOTED - 1] + "\N{HORIZONTAL ELLIPSIS}"
    seen = "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in piece)
    return f"\N{LEFT DOUBLE QUOTATION MARK}{seen}\N{RIGHT DOUBLE QUOTATION MARK}"
