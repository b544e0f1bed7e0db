"""A line of a source in, the answer to where it went and why out."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cleaner.explanation.answer import Explanation, Part
from cleaner.explanation.article import OWN_MEMBERS, front_member
from cleaner.explanation.output import Document, Output, meets
from cleaner.explanation.wording import listed, quoted, told_of_source
from cleaner.rules import LEDGER_NAMES, METADATA, RULES
from cleaner.verification.account import Loss, Segment
from cleaner.verification.markdown import FRONT_LINE
from cleaner.verification.members import Member, members_on_line
from cleaner.verification.sources import Unreadable

UNMAPPED = "not read; there is no place for it in the article or its metadata (provenance lists it as `unmapped`)."


def source_line(output: Output, where: str, name: str, number: int) -> Explanation | None:
    """What became of a line of a source, of a record, or of a string in one; None where nothing stands there."""
    entry = output.inputs.get(name)
    if entry is None and f"{name}#{number}" in output.inputs:
        return _record(output, where, f"{name}#{number}", 1)
    if entry is None:
        return _inside(output, where, name, number)
    if entry["format"] == "json" and "#" not in name and output.sources and entry["documents"]:
        return _record(output, where, name, number)
    return _line_of(output, where, name, number, None)


def _inside(output: Output, where: str, name: str, number: int) -> Explanation | None:
    """The answer for a string of a record (`a.json#/body`, `a.jsonl#2/text`), or for a line of a file of which several records are sources."""
    for source, pointer in _records_named(name):
        if source in output.inputs:
            return _line_of(output, where, source, number, pointer)
    first = next((source for source in output.inputs if source.startswith(f"{name}#/")), None)
    return _record(output, where, name, number) if first and output.sources else None


def _line_of(output: Output, where: str, name: str, number: int, pointer: str | None) -> Explanation | None:
    """The answer for a line of one string of a source: of the one at the pointer, else of its text."""
    entry = output.inputs[name]
    if entry["status"] in ("failed", "skipped"):
        return Explanation(where, f"{name} is in no article: {output.trouble(entry)}")
    document = output.document_of(entry)
    if document is None:
        return None
    found = document.number_of(name, pointer)
    if found is None:
        is_listed = pointer in document.account.unmapped.get(name, ())
        return Explanation(where, f"{name} at {pointer}: {UNMAPPED}") if is_listed else None
    origin = found
    asked = _asked_span(document.strings[origin], number, document.account.origins[origin].length)
    if asked is None:
        return None
    parts = tuple(_fates(output, document, origin, asked))
    summary = _summary(where, document, origin, asked)
    told = tuple(told_of_source(document, parts))
    if not parts:
        summary += " No text of the page stands there: tags, scripts or comments only."
        told = tuple(_metadata_in(document, document.strings[origin], asked))
    notes = (*output.why(entry), *document.line_note(origin), *output.notes(document))
    return Explanation(where, summary, parts, told, output.measures(name), notes)


def _record(output: Output, where: str, name: str, number: int) -> Explanation | None:
    """The answer for a line of a JSON file, or (`name` is a record) for a whole line of a file of records: what became of each value on it."""
    own = [source for source in output.inputs if source == name or source.startswith(f"{name}#/")]
    if name in output.inputs and output.inputs[name]["status"] in ("failed", "skipped"):
        return Explanation(where, f"{name} is in no article: {output.trouble(output.inputs[name])}")
    documents = {source: found for source in own if (found := output.document_of(output.inputs[source]))}
    if not documents:
        return None
    source, document = next(iter(documents.items()))
    entry = output.inputs[source]
    became = "the text of" if entry["status"] == "canonical" else "dropped for"
    summary = f"{where} is the record {name}: {became} {document.account.article}."
    text = _written(output, document, source)
    if text is None:
        asking = f" Ask for {name}:LINE to see one line of its text."
        return Explanation(where, summary + asking, measures=output.measures(name), notes=output.why(entry))
    members = members_on_line(text, number)
    if name in output.inputs and "#" in name:
        told, notes = summary, output.why(entry)
    elif members:
        told, notes = f"{where} holds {listed([member.pointer or 'a string' for member in members])}.", ()
    elif number <= text.count("\n") + 1 and text.split("\n")[number - 1].strip():
        return Explanation(where, f"{where} holds no value: braces, brackets and names only.")
    else:
        return None
    answers = [(member, _value_told(output, documents, own, name, member, text)) for member in members]
    unread = [member.pointer for member, line in answers if line == UNMAPPED]
    rest = [f"{listed(unread)}: {UNMAPPED}"] if unread else []
    lines = [*(line for _, line in answers if line != UNMAPPED), *rest]
    return Explanation(where, told, told=tuple(lines), measures=output.measures(name), notes=notes)


def _written(output: Output, document: Document, source: str) -> str | None:
    number = document.number_of(source)
    if not output.sources or number is None or document.account.origins[number].format != "json":
        return None
    try:
        return output.sources.written(document.account.origins[number])
    except Unreadable:
        return None


def _value_told(
    output: Output, documents: dict[str, Document], own: Sequence[str], name: str, member: Member, text: str
) -> str:
    """What became of one value of a JSON text."""
    source = max((one for one in own if _pointer_in(one, name, member.pointer) is not None), key=len, default="")
    pointer = _pointer_in(source, name, member.pointer) if source else None
    shown = f"{quoted(str(json.loads(text[member.start : member.end], strict=False)))} at {member.pointer or 'the top'}"
    if pointer is None or source not in documents:
        trouble = f": {output.trouble(output.inputs[source])}" if source in output.inputs else "."
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
    return f"{shown} {_fate_told(document, numbers, source)}"


def _fate_told(document: Document, numbers: Sequence[int], source: str) -> str:
    """What became of whole strings: where most of them stands, and what was left out."""
    kept = [segment for segment in document.account.segments if segment.origin in numbers]
    lost: Counter[str] = Counter()
    for loss in document.account.losses:
        if loss.origin in numbers:
            lost[loss.rule] += loss.span[1] - loss.span[0]
    left_out = listed(
        [f"{count:,} by {RULES[rule].name if rule in RULES else rule} ({rule})" for rule, count in lost.most_common()]
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


def _fates(output: Output, document: Document, origin: int, asked: tuple[int, int]) -> Iterator[Part]:
    """What became of the spans that touch the line, in the order of the source."""
    every: list[Segment | Loss] = [*document.account.segments, *document.account.losses]
    touching = [one for one in every if one.origin == origin and meets(one.span, asked)]
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
            part = replace(part, similarity=output.similarity(document.account.origins[origin], one))
        yield document.placed(part, origin, span)


def _summary(where: str, document: Document, origin: int, asked: tuple[int, int]) -> str:
    string = document.strings[origin]
    name = document.account.origins[origin].source
    if string is None:
        return f"{name}, at code point {asked[0]}:"
    return f"{where} says: {quoted(string[slice(*asked)])}"


def _metadata_in(document: Document, string: str | None, asked: tuple[int, int]) -> Iterator[str]:
    """What of the article's metadata stands between the tags of a page or in a script there."""
    there = html.unescape(string[slice(*asked)]) if string is not None else ""
    for number, line in enumerate(document.lines[: document.account.blocks[0].line - 1], 1):
        name, value = front_member(document.lines, number) if FRONT_LINE.fullmatch(line) else ("", "")
        is_date = name in ("date", "updated")
        said = re.escape(value[:10]) if is_date else rf"{re.escape(value)}(?!\w)"
        if name not in OWN_MEMBERS and len(value) > 1 and re.search(rf"(?<!\w){said}", there):
            yield f"The article's metadata says the same: `{name}` is {quoted(value)} ({document.account.article}:{number})."


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


def _asked_span(string: str | None, number: int, length: int) -> tuple[int, int] | None:
    """The code points of a line; of a string that is not at hand, the one code point of that number."""
    if string is None:
        return (number, number + 1) if number < length else None
    lines = string.split("\n")
    if number > len(lines) or not lines[number - 1].strip():
        return None
    start = sum(len(line) + 1 for line in lines[: number - 1])
    return start, start + len(lines[number - 1])
