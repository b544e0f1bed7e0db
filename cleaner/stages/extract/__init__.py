"""Decoded text in, documents out: the leaf is chosen by content first and by suffix second."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from cleaner.model.documents import Block, Document, Extracted, Field, Kind, MarkKind, Metadata
from cleaner.model.problems import Problem
from cleaner.model.text import Dropped, Span
from cleaner.rules import METADATA
from cleaner.stages.extract.fields import Mapped, iso_date, map_fields
from cleaner.stages.extract.frontmatter import read_front_matter
from cleaner.stages.extract.wrapper import Body, Format, find_body, metadata_of, records_of, string_members, value_at

HTML_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
SUFFIXES = {
    ".html": Format.HTML, ".htm": Format.HTML, ".xhtml": Format.HTML, ".shtml": Format.HTML,
    ".md": Format.MARKDOWN, ".markdown": Format.MARKDOWN, ".mdown": Format.MARKDOWN, ".mkd": Format.MARKDOWN,
    ".json": Format.JSON, ".jsonl": Format.JSON, ".ndjson": Format.JSON,
}  # fmt: skip
RECORD_SUFFIXES = (".jsonl", ".ndjson")

# A paragraph that is bold as a whole is a heading; longer ones are emphasis.
MAX_BOLD_HEADING_WORDS = 20

Found = tuple[list[Document], list[Problem]]


def extract(text: str, source: str, suffix: str, first_line: int = 1) -> Found:
    """The articles in the decoded `text` of the file `source`; `suffix` is lower case, that of a compression left out.

    `first_line` is the number of the text's first line in its file, for a part of a file of records.
    """
    kind = format_of_file(text, suffix)
    if kind is Format.JSON:
        return _json_lines(text, source, first_line) if suffix in RECORD_SUFFIXES else _json(text, source)
    if kind is Format.MARKDOWN:
        return _markdown(text, source)
    document, problems = _document(Body("", text, kind, "file"), source, kind.value)
    return [document], problems


def format_of_file(text: str, suffix: str) -> Format:
    """The format of a file: an HTML page and a JSON object show themselves, the rest goes by the suffix."""
    if HTML_PAGE.match(text):
        return Format.HTML
    named = SUFFIXES.get(suffix)
    if named:
        return named
    head = text.lstrip("\ufeff \t\r\n")[:1]
    if (head == "{" and text.rstrip()[-1:] == "}") or (
        head == "[" and text.rstrip()[-1:] == "]" and re.match(r"\s*\[\s*[\[{\"]", text)
    ):
        return Format.JSON if _parses(text) else Format.PLAIN
    return Format.MARKDOWN if read_front_matter(text) else Format.PLAIN


def _parses(text: str) -> bool:
    import orjson

    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True


def _leaf(body: Body, source: str) -> Extracted:
    if body.format is Format.HTML:
        from cleaner.stages.extract.html import extract_html

        return extract_html(body.text, body.pointer, source)
    if body.format is Format.MARKDOWN:
        from cleaner.stages.extract.markdown import extract_markdown

        return extract_markdown(body.text, body.pointer, source)
    from cleaner.stages.extract.plain import extract_plain

    return extract_plain(body.text, body.pointer, source)


def _headed(blocks: Sequence[Block]) -> Iterator[Block]:
    """Paragraphs that are bold as a whole become headings, where a longer text follows."""
    for index, block in enumerate(blocks):
        bold = (
            block.kind is Kind.PARAGRAPH
            and block.level == 0
            and any(
                mark.kind is MarkKind.STRONG and mark.start == 0 and mark.end == len(block.text) for mark in block.marks
            )
        )
        follows = index + 1 < len(blocks) and blocks[index + 1].kind is not Kind.HEADING
        if (
            bold
            and follows
            and len(block.text.text.split()) <= MAX_BOLD_HEADING_WORDS
            and not block.text.text.endswith((".", ",", ":"))
        ):
            yield replace(
                block,
                kind=Kind.HEADING,
                level=2,
                marks=tuple(mark for mark in block.marks if mark.kind is not MarkKind.STRONG),
            )
        else:
            yield _filled(block)


def _filled(block: Block) -> Block:
    """A row of a table without the empty cells at its end; they only fill it up."""
    cells = [mark for mark in block.marks if mark.kind is MarkKind.CELL]
    while block.kind is Kind.ROW and len(cells) > 1 and cells[-1].start == cells[-1].end:
        gone = cells.pop()
        kept = tuple(mark for mark in block.marks if mark != gone)
        block = replace(block, marks=kept).sliced(0, cells[-1].end)
    return block


def _dated(metadata: Metadata) -> Metadata:
    """The metadata with its dates as ISO 8601; one that can't be read stays as the page has it, and the review reports it."""
    return replace(
        metadata, date=iso_date(metadata.date) or metadata.date, updated=iso_date(metadata.updated) or metadata.updated
    )


def _document(body: Body, source: str, form: str, mapped: Metadata | None = None) -> tuple[Document, list[Problem]]:
    extracted = _leaf(body, source)
    metadata = _dated((mapped or Metadata()).filled(extracted.metadata))
    field = Field(body.pointer, body.text, extracted.runs)
    document = Document(
        source,
        form,
        (field,),
        metadata,
        tuple(_headed(extracted.blocks)),
        extracted.dropped,
        confidence=extracted.confidence,
    )
    return document, list(extracted.problems)


def _markdown(text: str, source: str) -> Found:
    from cleaner.stages.extract.markdown import extract_markdown

    front = read_front_matter(text)
    if front is None:
        document, problems = _document(Body("", text, Format.MARKDOWN, "file"), source, Format.MARKDOWN.value)
        return [document], problems
    extracted = extract_markdown(text, "", source, front.end)
    span = Span(0, front.end)
    mapped = map_fields(front.members)
    problems = _bad_dates(mapped, source, span)
    if front.trouble:
        problems.append(
            Problem(
                "ENC006",
                f"The front matter can't be parsed: {front.trouble}. It is left out; the text is kept.",
                source,
                span,
            )
        )
    return [
        Document(
            source,
            Format.MARKDOWN.value,
            (Field("", text),),
            mapped.metadata.filled(extracted.metadata),
            tuple(_headed(extracted.blocks)),
            (Dropped(span, METADATA), *extracted.dropped),
            origins=_origins(front.members),
        )
    ], [*problems, *extracted.problems]


def _origins(members: dict[str, Any]) -> tuple[str, ...]:
    """The sources that an article of our own names in its front matter: cleaned again, it still comes from them."""
    sources = members.get("sources")
    ours = isinstance(sources, list) and "id" in members and "text_sha256" in members
    return tuple(str(name) for name in sources) if ours and isinstance(sources, list) else ()


def _json_lines(text: str, source: str, first_line: int) -> Found:
    documents: list[Document] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), first_line):
        if line.strip():
            found, trouble = _json(line, f"{source}#{number}", number, mark="")
            documents += found
            problems += trouble
    return documents, problems


def _json(text: str, source: str, line: int = 1, mark: str = "#") -> Found:
    """The articles in one JSON text, which begins on the given line of its file; `mark` stands between `source` and a record's pointer."""
    import orjson

    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        row = line + error.lineno - 1
        message = f"The JSON can't be parsed at line {row}, column {error.colno}: {error.msg}. Mend it there and run again. Skipped."
        return [], [Problem("ENC005", message, source, Span(error.pos, error.pos), row, error.colno)]
    documents: list[Document] = []
    problems: list[Problem] = []
    for record in records_of(value):
        name = f"{source}{mark}{record.pointer}" if record.pointer else source
        body = find_body(record.value)
        if body is None:
            problems.append(
                Problem(
                    "DOC007",
                    "No member of this JSON holds an article's text. Expected one like body, text or content. Skipped.",
                    name,
                )
            )
            continue
        document, trouble = _wrapped(record.value, body, name)
        documents.append(document)
        problems += trouble
    return documents, problems


def _wrapped(value: Any, body: Body, source: str) -> tuple[Document, list[Problem]]:
    mapped = metadata_of(value, body)
    document, problems = _document(body, source, Format.JSON.value, mapped.metadata)
    strings = dict(string_members(value))
    fields, dropped, used = list(document.fields), list(document.dropped), {body.pointer}
    for pointer in mapped.pointers:
        inside = [name for name in strings if name == pointer or name.startswith(pointer + "/")]
        for name in inside:
            if name in used:
                continue
            used.add(name)
            fields.append(Field(name, strings[name]))
            if strings[name]:
                dropped.append(Dropped(Span(0, len(strings[name]), name), METADATA))
    unmapped = tuple(name for name in strings if name not in used)
    if body.wrapper == "longest string":
        problems.append(
            Problem(
                "DOC007" if not document.blocks else "DOC004",
                f"An unknown wrapper: the longest text, at {body.pointer}, is taken for the article.",
                source,
            )
        )
    problems += _bad_dates(mapped, source, None)
    return replace(document, fields=tuple(fields), dropped=tuple(dropped), unmapped=unmapped), problems


def _bad_dates(mapped: Mapped, source: str, span: Span | None) -> list[Problem]:
    return [
        Problem(
            "DOC002", f"{name} is {value[:60]!r}, which is no date. Write it as YYYY-MM-DD. Left out.", source, span
        )
        for name, value in mapped.bad_dates
    ]


__all__ = ["Found", "extract", "format_of_file", "value_at"]
