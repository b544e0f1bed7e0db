"""A line of an article or of a source in, the answer to where it came from or where it went out."""

from __future__ import annotations

import html
import json
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
from cleaner.rules import LEDGER_NAMES, MARKUP, METADATA, RULES
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
from cleaner.verification.corpus import require_articles, rows_of
from cleaner.verification.markdown import FRONT_LINE
from cleaner.verification.members import Member, members_on_line
from cleaner.verification.sources import Sources, Unreadable

WHERE = re.compile(r"(?P<name>.+):(?P<number>[1-9]\d*)", re.DOTALL)
ARTICLE = re.compile(r"(?:.*/)?(?P<article>articles/[^/]+\.md)", re.DOTALL)
# Where a link leads is told by the article's link.
LINK_TARGET = re.compile(r"\]\((?:[^)\n\]]|\](?!\())*\)")
# So much of a passage is quoted.
QUOTED = 240
UNMAPPED = "not read; there is no place for it in the article or its metadata (provenance lists it as `unmapped`)."
OWN_MEMBERS = {
    "id": "The first 16 digits of `text_sha256`.",
    "text_sha256": "The SHA-256 of the article's plain text, which is `text` in corpus.jsonl.",
    "sources": "The sources of this article; the first is the one whose text was kept.",
}
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

    None where nothing stands there. LINE counts the lines of the file, as an editor does. A string in a JSON file or record has lines of its own when it is
    decoded: `SOURCE#POINTER:LINE` asks for one (`a.json#/body_md:3`, `a.jsonl#12/text:3`); and `SOURCE#RECORD:LINE` for one of the record's text. With
    `sources`, the folders that were cleaned, the words and lines of the sources are told; without, offsets, and of a source LINE is taken for one.

    Raises `folders.UsageError` for an output that is not ours and a `where` that has not this form.
    """
    output = Path(output)
    asked = WHERE.fullmatch(where)
    if not asked:
        raise UsageError(f"{where}: expected articles/NAME.md:LINE or SOURCE:LINE, with a line from 1 on.")
    manifest = read_manifest(output)
    require_articles(output, "an explanation")
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
            return self._front_matter(where, document, number)
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

    def _front_matter(self, where: str, document: _Document, number: int) -> Explanation:
        """What a line of the front matter says, and where that was read."""
        name, value = _front_member(document.lines, number)
        if not name:
            return Explanation(
                where, f"{where} is a mark of the front matter: what is known of the article stands in it."
            )
        # A date is written out in full, whatever the source has behind the day.
        told = OWN_MEMBERS.get(name) or self._read_from(document, value[:10] if name in ("date", "updated") else value)
        shown = f"`{name}`" + (f": {_quoted(value)}" if value else "")
        return Explanation(where, f"{where} is front matter, {shown}", told=(told,), notes=self._notes(document))

    def _read_from(self, document: _Document, value: str) -> str:
        """Where a value of the metadata was read: in a part of a source that went into the metadata, in the headline, or anywhere in a source."""
        if not value:
            return "Its values stand on the lines below."
        for loss in document.account.losses:
            string = document.strings[loss.origin]
            if loss.rule == METADATA and string is not None and value in (there := string[slice(*loss.span)]):
                start = loss.span[0] + there.index(value)
                part = self._placed(Part("dropped"), document, loss.origin, (start, start + len(value)))
                return f"It was read from {_place(part)}."
        headline = next((block for block in document.account.blocks if block.kind == "heading"), None)
        if headline and document.text[headline.start : headline.end] == value:
            return f"It is the headline, which stands on line {headline.line}."
        for number, string in enumerate(document.strings):
            if string is not None and (at := string.find(value)) >= 0:
                part = self._placed(Part("dropped"), document, number, (at, at + len(value)))
                return f"It stands in {_place(part)}."
        return f"It was worked out from what {document.account.origins[0].source} says in other words."

    # -- from a source to an article --

    def source_line(self, where: str, name: str, number: int) -> Explanation | None:
        entry = self.inputs.get(name)
        if entry is None and f"{name}#{number}" in self.inputs:
            return self._record(where, f"{name}#{number}", 1)
        if entry is None:
            return self._inside(where, name, number)
        if entry["format"] == "json" and "#" not in name and self.sources and entry["documents"]:
            return self._record(where, name, number)
        return self._line_of(where, name, number, None)

    def _inside(self, where: str, name: str, number: int) -> Explanation | None:
        """The answer for a string of a record (`a.json#/body`, `a.jsonl#2/text`), or for a line of a file of which several records are sources."""
        for source, pointer in _records_named(name):
            if source in self.inputs:
                return self._line_of(where, source, number, pointer)
        first = next((source for source in self.inputs if source.startswith(f"{name}#/")), None)
        return self._record(where, name, number) if first and self.sources else None

    def _line_of(self, where: str, name: str, number: int, pointer: str | None) -> Explanation | None:
        """The answer for a line of one string of a source: of the one at the pointer, else of its text."""
        entry = self.inputs[name]
        if entry["status"] in ("failed", "skipped"):
            return Explanation(where, f"{name} is in no article: {self._trouble(entry)}")
        document = self._document_of(entry)
        if document is None:
            return None
        found = self._origin(document, name, pointer)
        if found is None:
            is_listed = pointer in document.account.unmapped.get(name, ())
            return Explanation(where, f"{name} at {pointer}: {UNMAPPED}") if is_listed else None
        origin = found
        asked = _asked_span(document.strings[origin], number, document.account.origins[origin].length)
        if asked is None:
            return None
        parts = tuple(self._fates(document, origin, asked))
        summary = self._summary(where, document, origin, asked)
        told = tuple(_told_of_source(document, parts))
        if not parts:
            summary += " No text of the page stands there: tags, scripts or comments only."
            told = tuple(_metadata_in(document, document.strings[origin], asked))
        notes = (*self._why(entry), *self._line_note(document, origin), *self._notes(document))
        return Explanation(where, summary, parts, told, self._measures(name), notes)

    def _origin(self, document: _Document, name: str, pointer: str | None) -> int | None:
        return next(
            (
                number
                for number, found in enumerate(document.account.origins)
                if found.source == name and pointer in (None, found.pointer)
            ),
            None,
        )

    def _record(self, where: str, name: str, number: int) -> Explanation | None:
        """The answer for a line of a JSON file, or (`name` is a record) for a whole line of a file of records: what became of each value on it."""
        own = [source for source in self.inputs if source == name or source.startswith(f"{name}#/")]
        if name in self.inputs and self.inputs[name]["status"] in ("failed", "skipped"):
            return Explanation(where, f"{name} is in no article: {self._trouble(self.inputs[name])}")
        documents = {source: found for source in own if (found := self._document_of(self.inputs[source]))}
        if not documents:
            return None
        source, document = next(iter(documents.items()))
        entry = self.inputs[source]
        became = "the text of" if entry["status"] == "canonical" else "dropped for"
        summary = f"{where} is the record {name}: {became} {document.account.article}."
        text = self._written(document, source)
        if text is None:
            asking = f" Ask for {name}:LINE to see one line of its text."
            return Explanation(where, summary + asking, measures=self._measures(name), notes=self._why(entry))
        members = members_on_line(text, number)
        if name in self.inputs and "#" in name:
            told, notes = summary, self._why(entry)
        elif members:
            told, notes = f"{where} holds {_listed([member.pointer or 'a string' for member in members])}.", ()
        elif number <= text.count("\n") + 1 and text.split("\n")[number - 1].strip():
            return Explanation(where, f"{where} holds no value: braces, brackets and names only.")
        else:
            return None
        answers = [(member, self._value_told(documents, own, name, member, text)) for member in members]
        unread = [member.pointer for member, line in answers if line == UNMAPPED]
        rest = [f"{_listed(unread)}: {UNMAPPED}"] if unread else []
        lines = [*(line for _, line in answers if line != UNMAPPED), *rest]
        return Explanation(where, told, told=tuple(lines), measures=self._measures(name), notes=notes)

    def _written(self, document: _Document, source: str) -> str | None:
        number = self._origin(document, source, None)
        if not self.sources or number is None or document.account.origins[number].format != "json":
            return None
        try:
            return self.sources.written(document.account.origins[number])
        except Unreadable:
            return None

    def _value_told(
        self, documents: dict[str, _Document], own: Sequence[str], name: str, member: Member, text: str
    ) -> str:
        """What became of one value of a JSON text."""
        source = max((one for one in own if _pointer_in(one, name, member.pointer) is not None), key=len, default="")
        pointer = _pointer_in(source, name, member.pointer) if source else None
        shown = f"{_quoted(str(json.loads(text[member.start : member.end], strict=False)))} at {member.pointer or 'the top'}"
        if pointer is None or source not in documents:
            trouble = f": {self._trouble(self.inputs[source])}" if source in self.inputs else "."
            return f"{shown} is in no article{trouble}"
        document = documents[source]
        if pointer in document.account.unmapped.get(source, ()):
            return UNMAPPED
        numbers = [
            number
            for number, origin in enumerate(document.account.origins)
            if origin.source == source and (origin.pointer == pointer or origin.pointer.startswith(f"{pointer}/"))
        ]
        if not numbers:
            return f"{shown} is no text: not read." if text[member.start] != '"' else f"{shown} is empty or not read."
        return f"{shown} {self._fate_told(document, numbers, source)}"

    def _fate_told(self, document: _Document, numbers: Sequence[int], source: str) -> str:
        """What became of whole strings: where most of them stands, and what was left out."""
        kept = [segment for segment in document.account.segments if segment.origin in numbers]
        lost: Counter[str] = Counter()
        for loss in document.account.losses:
            if loss.origin in numbers:
                lost[loss.rule] += loss.span[1] - loss.span[0]
        left_out = _listed(
            [
                f"{count:,} by {RULES[rule].name if rule in RULES else rule} ({rule})"
                for rule, count in lost.most_common()
            ]
        )
        if not kept and set(lost) <= {METADATA}:
            return f"was {LEDGER_NAMES[METADATA]}."
        origin = document.account.origins[numbers[0]]
        ask = f"Ask for {source}{'' if '#' in source else '#'}{origin.pointer}:LINE to see one line of it."
        if not kept:
            return f"was left out of {document.account.article}: {left_out} of {origin.length:,} characters. {ask}"
        count = sum(segment.span[1] - segment.span[0] for segment in kept)
        first = document.line_at(kept[0].start)
        rest = f"; left out: {left_out}" if lost else ""
        return f"became {document.account.article} from line {first} on: {count:,} of {origin.length:,} characters{rest}. {ask}"

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
        text, data = self._row_of(article)
        account = read_account((self.output / provenance_of(article)).read_bytes() if data is None else data)
        lines = (self.output / article).read_bytes().decode("utf-8").split("\n")
        return _Document(
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


def _front_member(lines: Sequence[str], number: int) -> tuple[str, str]:
    """The member that a line of the front matter belongs to, and the value there."""
    match = FRONT_LINE.fullmatch(lines[number - 1])
    if match is None:
        return "", ""
    if not match["item"]:
        return match["name"], _scalar(match["value"] or "")
    above = next(
        (
            found["name"]
            for line in reversed(lines[: number - 1])
            if (found := FRONT_LINE.fullmatch(line)) and found["name"]
        ),
        "",
    )
    return above, _scalar(match["item"])


def _scalar(value: str) -> str:
    return str(json.loads(value)) if value.startswith('"') else value


def _metadata_in(document: _Document, string: str | None, asked: tuple[int, int]) -> Iterator[str]:
    """What of the article's metadata stands between the tags of a page or in a script there."""
    there = html.unescape(string[slice(*asked)]) if string is not None else ""
    for number, line in enumerate(document.lines[: document.account.blocks[0].line - 1], 1):
        name, value = _front_member(document.lines, number) if FRONT_LINE.fullmatch(line) else ("", "")
        is_date = name in ("date", "updated")
        said = re.escape(value[:10]) if is_date else rf"{re.escape(value)}(?!\w)"
        if name not in OWN_MEMBERS and len(value) > 1 and re.search(rf"(?<!\w){said}", there):
            yield f"The article's metadata says the same: `{name}` is {_quoted(value)} ({document.account.article}:{number})."


def _records_named(name: str) -> Iterator[tuple[str, str]]:
    """The ways to read a name as a source and a JSON Pointer into it, the longest pointer last."""
    at = len(name)
    while (at := name.rfind("/", 0, at)) > 0:
        yield name[:at].removesuffix("#"), name[at:]


def _pointer_in(source: str, name: str, pointer: str) -> str | None:
    """A pointer into the file or line `name` as one into the record `source` of it; None where it leads elsewhere."""
    record = source[len(name) :].removeprefix("#")
    if pointer != record and not pointer.startswith(f"{record}/"):
        return None
    return pointer[len(record) :]


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


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
    said = LINK_TARGET.sub("", part.source_text or "")
    return part.rules == (MARKUP,) and not any(char.isalnum() for char in said)


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
        why = "so the format writes it. (markup)" if part.rules == (MARKUP,) else _named(part.rules)
        return f"Mended: {_shown(part.source_text)} became {_shown(part.article_text)}: {why}"
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
    for _, again in groupby(telling or ([] if kept else dropped), key=lambda part: (part.rules, part.article_line)):
        yield _told_dropped(document, list(again))


def _told_dropped(document: _Document, parts: Sequence[Part]) -> str:
    """One passage that was dropped, why, and which copy of it survives."""
    part = _hull(parts)
    if part.out:
        part = replace(part, article_text=document.text[slice(*part.out)])
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
