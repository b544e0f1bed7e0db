"""Decoded text in, documents out: the leaf is chosen by content first and by suffix second."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from cleaner.containers.feed import Malformed, is_feed, read_feed
from cleaner.containers.kinds import LINES, Form
from cleaner.containers.loose import Fault, load, value_at
from cleaner.containers.mail import is_read, read_mail
from cleaner.containers.streams import Exceeded
from cleaner.containers.tables import rows
from cleaner.model.documents import Block, Document, Extracted, Field, Kind, MarkKind, Metadata
from cleaner.model.options import Options
from cleaner.model.problems import Problem
from cleaner.model.text import Dropped, Span
from cleaner.rules import METADATA
from cleaner.stages.extract.fields import Mapped, iso_date, map_fields
from cleaner.stages.extract.frontmatter import read_front_matter, read_headers
from cleaner.stages.extract.wrapper import (
    UNKNOWN,
    Body,
    Format,
    Record,
    Wrapper,
    above_of,
    find_body,
    format_of,
    metadata_of,
    records_of,
    string_members,
)

HTML_PAGE = re.compile(
    # Atomic and possessive: a text of many comments must not be tried in every way to end them.
    r"\s*+(?:(?><\?xml[^>]*>|<!--.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
# Where a feed's item has its text, the whole before the teaser.
FEED_BODIES = (
    Wrapper("RSS", "content:encoded", Format.HTML),
    Wrapper("Atom", "content"),
    # An aggregator gives the teaser of another's page, and says whose.
    Wrapper("RSS", "description", None, (("publisher", "source"),)),
    Wrapper("Atom", "summary"),
)
# What mail programs put before a subject that is answered or passed on.
REPLY = re.compile(r"^(?:(?:re|fwd?|aw|wg|tr|rv|i|r|sv|vs|antw|doorst)(?:\[\d+\])?\s?:\s*)+(?=\S)", re.IGNORECASE)
MARKUP_SIGN = re.compile(r"<[A-Za-z!][^<>]*>|&(?:#\d+|\w+);")
SUFFIXES = {
    ".html": Format.HTML, ".htm": Format.HTML, ".xhtml": Format.HTML, ".shtml": Format.HTML,
    ".md": Format.MARKDOWN, ".markdown": Format.MARKDOWN, ".mdown": Format.MARKDOWN, ".mkd": Format.MARKDOWN,
    ".mdx": Format.MARKDOWN, ".qmd": Format.MARKDOWN, ".rmd": Format.MARKDOWN,
    ".json": Format.JSON, ".jsonl": Format.JSON, ".ndjson": Format.JSON,
}  # fmt: skip

# A paragraph that is bold as a whole is a heading; longer ones are emphasis.
MAX_BOLD_HEADING_WORDS = 20

OPTIONS = Options()

Found = tuple[list[Document], list[Problem]]


def extract(
    text: str,
    source: str,
    suffix: str,
    first_line: int = 1,
    *,
    form: Form = Form.FILE,
    head: str = "",
    address: str = "",
    options: Options = OPTIONS,
) -> Found:
    """The articles in the decoded `text` of the file `source`; `suffix` is lower case, that of a compression left out.

    Of a file of records the text may be a part: `form` says how they stand in it, `first_line` is the number of its first line in the file, `head` the first
    row of the table. `address` is where a web archive has the file from.
    """
    try:
        return _extracted(text, source, suffix, first_line, form=form, head=head, address=address, options=options)
    except Exceeded as error:
        return [], [Problem("ENC014", str(error), source)]


def _extracted(
    text: str, source: str, suffix: str, first_line: int, *, form: Form, head: str, address: str, options: Options
) -> Found:
    wrappers = wrappers_of(options)
    if form is Form.TABLE:
        return _table(text, source, first_line, head, wrappers)
    if form in (Form.LINES, Form.PARQUET) or suffix in LINES:
        return _json_lines(text, source, first_line, "parquet" if form is Form.PARQUET else "json", wrappers, options)
    if is_feed(text):
        documents, problems = _feed(text, source, wrappers, options.max_records)
    elif (kind := format_of_file(text, suffix)) is Format.JSON:
        mark = "" if address else "#"
        documents, problems = _json(text, source, wrappers, mark=mark, options=options)
    elif (excess := _excess(text, kind, options)) is not None:
        return [], [Problem("ENC014", excess, source)]
    elif kind is Format.MARKDOWN:
        documents, problems = _markdown(text, source)
    else:
        document, problems = _document(Body("", text, kind, UNKNOWN), source, kind.value)
        documents = [document]
    return [_from_address(document, address) for document in documents], problems


def _excess(text: str, kind: Format, options: Options) -> str | None:
    """Which bound a text or page exceeds, in words; None where it keeps within all."""
    if kind is Format.HTML and text.count("<") > options.max_elements:
        return f"The page has more than {options.max_elements:,} tags, the limit. Split it, or raise max_elements."
    if len(text) > options.max_line_characters and max(map(len, text.split("\n"))) > options.max_line_characters:
        return f"A line has more than {options.max_line_characters:,} characters, the limit. Break it, or raise max_line_characters."
    return None


def _count_records(count: int, max_records: int) -> None:
    """Raise Exceeded where a file has more records than it may."""
    if count > max_records:
        raise Exceeded(
            f"The file has more than {max_records:,} records, the limit. Write one record a line (.jsonl), split it, or raise max_records."
        )


def extract_mail(data: bytes, source: str) -> tuple[list[Document], list[Problem], str]:
    """The article in the bytes of a message, and the encoding of its body."""
    mail = read_mail(data)
    content = value_at(mail.value, mail.body) if mail.body else ""
    if not content.strip():
        message = "The message has no text and no page. Skipped."
        return [], [Problem("DOC007", message, source)], mail.encoding
    form = Format.HTML if mail.body == "/html" else Format.PLAIN
    body = Body(mail.body, content, form, Wrapper("mail", mail.body[1:], form))
    document, problems = _wrapped(Record("", mail.value), body, source, "mail")
    title = REPLY.sub("", document.metadata.title)
    document = replace(document, metadata=replace(document.metadata, title=title or document.metadata.title))
    if names := [name for name in mail.value.get("attachments", ()) if not is_read(name)]:
        message = f"The attachments are not read: {', '.join(names)}. Save those that are articles beside the message."
        problems.append(Problem("DOC004", message, source))
    return [document], problems, mail.encoding


def wrappers_of(options: Options) -> tuple[Wrapper, ...]:
    """The wrappers that the configuration adds."""
    return tuple(
        Wrapper(own.name, own.body, Format(own.format) if own.format else None, own.metadata) for own in options.wrapper
    )


def _from_address(document: Document, address: str) -> Document:
    """A document from a web archive was at the address that the archive has it from, unless it says otherwise."""
    return replace(document, metadata=document.metadata.filled(Metadata(url=address))) if address else document


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


def import_for(suffix: str) -> None:
    """Import what a file with that suffix is read with; late elsewhere, for it takes longer than a small article."""
    if SUFFIXES.get(suffix) is Format.HTML:
        import trafilatura  # noqa: F401

        from cleaner.stages.extract import html  # noqa: F401


def _leaf(body: Body, source: str) -> Extracted:
    if body.format is Format.HTML and body.pointer and not HTML_PAGE.match(body.text):
        from cleaner.stages.extract.html_body import extract_body

        return extract_body(body.text, body.pointer, source)
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
    if not metadata.date and not metadata.updated:
        return metadata
    return replace(
        metadata, date=iso_date(metadata.date) or metadata.date, updated=iso_date(metadata.updated) or metadata.updated
    )


def _document(body: Body, source: str, form: str, mapped: Metadata | None = None) -> tuple[Document, list[Problem]]:
    if body.format is Format.BLOCKS:
        return _of_blocks(body, source, form, mapped or Metadata()), []
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
        alternatives=extracted.alternatives,
    )
    return document, list(extracted.problems)


def _of_blocks(body: Body, source: str, form: str, mapped: Metadata) -> Document:
    """The document of a body that is a tree of nodes: a field for each string of it that has text."""
    from cleaner.stages.extract.rich import rich_blocks

    blocks, leaves = rich_blocks(body.content, body.pointer)
    fields = tuple(Field(leaf.pointer, leaf.text) for leaf in dict.fromkeys(leaves))
    title = next((block.text.text for block in blocks if block.kind is Kind.HEADING and block.level == 1), "")
    return Document(source, form, fields, _dated(mapped).filled(Metadata(title=title)), tuple(_headed(blocks)))


def _markdown(text: str, source: str) -> Found:
    from cleaner.stages.extract.markdown import extract_markdown

    front = read_front_matter(text) or read_headers(text)
    if front is None:
        document, problems = _document(Body("", text, Format.MARKDOWN, UNKNOWN), source, Format.MARKDOWN.value)
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


def _json_lines(
    text: str, source: str, first_line: int, form: str, wrappers: Sequence[Wrapper], options: Options
) -> Found:
    documents: list[Document] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), first_line):
        if line.strip():
            found, trouble = _json(line, f"{source}#{number}", wrappers, number, mark="", form=form, options=options)
            documents += found
            problems += trouble
    return documents, problems


def _json(
    text: str,
    source: str,
    wrappers: Sequence[Wrapper],
    line: int = 1,
    mark: str = "#",
    form: str = "json",
    options: Options = OPTIONS,
) -> Found:
    """The articles in one JSON text, which begins on the given line of its file; `mark` stands between `source` and a record's pointer."""
    value, faults = load(text, options.max_json_depth)
    _count_records(len(faults), options.max_records)
    documents: list[Document] = []
    problems = [
        _malformed(fault, text, f"{source}{mark}{fault.pointer}" if fault.pointer else source, line) for fault in faults
    ]
    if value is None and faults:
        return [], problems
    for record in records_of(value, wrappers):
        name = f"{source}{mark}{record.pointer}" if record.pointer else source
        found, trouble = _record(record, name, form, wrappers)
        documents += found
        problems += trouble
        _count_records(len(documents), options.max_records)
    return documents, problems


def _malformed(fault: Fault, text: str, source: str, line: int) -> Problem:
    row = line + text.count("\n", 0, fault.at)
    column = fault.at - text.rfind("\n", 0, fault.at)
    if fault.is_excess:
        message = f"The JSON is too deep: {fault.message}. Flatten it. Skipped."
        return Problem("ENC014", message, source, Span(fault.at, fault.at), row, column)
    message = f"The JSON can't be parsed at line {row}, column {column}: {fault.message}. Mend it there and run again. Skipped."
    return Problem("ENC005", message, source, Span(fault.at, fault.at), row, column)


def _record(record: Record, source: str, form: str, wrappers: Sequence[Wrapper]) -> Found:
    """The article in one record of a file."""
    body = find_body(record.value, wrappers)
    if body is None:
        message = "No member of this record holds an article's text. Expected one like body, text or content; a [[wrapper]] in cleaner.toml can name another. Skipped."
        return [], [Problem("DOC007", message, source)]
    document, problems = _wrapped(record, body, source, form)
    return [document], problems


def _wrapped(record: Record, body: Body, source: str, form: str) -> tuple[Document, list[Problem]]:
    mapped = metadata_of(record.value, body)
    document, problems = _document(body, source, form, mapped.metadata)
    document = replace(document, metadata=_without_site(document.metadata.filled(record.above)))
    strings = dict(string_members(record.value))
    fields, dropped, used = list(document.fields), list(document.dropped), {field.pointer for field in document.fields}
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
    if body.wrapper is UNKNOWN:
        problems.append(
            Problem(
                "DOC007" if not document.blocks else "DOC004",
                f"An unknown wrapper: the longest text, at {body.pointer}, is taken for the article.",
                source,
            )
        )
    problems += _bad_dates(mapped, source, None)
    return replace(document, fields=tuple(fields), dropped=tuple(dropped), unmapped=unmapped), problems


def _without_site(metadata: Metadata) -> Metadata:
    """The metadata with a title that does not end with its publisher's name, as news services give it out ("The ferry stays - Harbour News")."""
    site = re.escape(metadata.publisher)
    found = (
        re.fullmatch(rf"(.+?)\s+[-|\N{{EN DASH}}\N{{EM DASH}}\N{{MIDDLE DOT}}]\s+{site}", metadata.title)
        if site
        else None
    )
    return replace(metadata, title=found[1]) if found else metadata


def _table(text: str, source: str, first_line: int, head: str, wrappers: Sequence[Wrapper]) -> Found:
    """The articles in the rows of a table, each named by the line that it begins on."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for row in rows(text, first_line, head):
        name = f"{source}#{row.line}"
        if row.trouble:
            problems.append(Problem("ENC009", f"{row.trouble}. See to its quotation marks.", name, None, row.line, 1))
        if row.record:
            found, trouble = _record(Record("", row.record), name, "csv", wrappers)
            documents += found
            problems += trouble
    return documents, problems


def _feed(text: str, source: str, wrappers: Sequence[Wrapper], max_records: int) -> Found:
    """The articles in the items of an RSS or Atom feed."""
    try:
        feed = read_feed(text)
    except Malformed as error:
        message = f"The feed can't be parsed at line {error.line}, column {error.column}: {error}. Mend it there and run again. Skipped."
        return [], [Problem("ENC010", message, source, None, error.line, error.column)]
    documents: list[Document] = []
    problems: list[Problem] = []
    _count_records(len(feed["items"]), max_records)
    for number, item in enumerate(feed["items"]):
        name = f"{source}#/items/{number}"
        body = find_body(item, (*wrappers, *FEED_BODIES), guess=False)
        if body is None:
            problems.append(Problem("DOC007", "The item has neither content nor a description. Skipped.", name))
            continue
        if body.format is not Format.BLOCKS and MARKUP_SIGN.search(body.text):
            body = body._replace(format=Format.HTML)
        document, trouble = _wrapped(Record("", item, above_of(feed)), body, name, "feed")
        documents.append(document)
        problems += trouble
    if not documents and not problems:
        problems.append(Problem("DOC007", "The feed has no items. Skipped.", source))
    return documents, problems


def _bad_dates(mapped: Mapped, source: str, span: Span | None) -> list[Problem]:
    return [
        Problem(
            "DOC002", f"{name} is {value[:60]!r}, which is no date. Write it as YYYY-MM-DD. Left out.", source, span
        )
        for name, value in mapped.bad_dates
    ]


__all__ = ["Found", "extract", "extract_mail", "format_of", "format_of_file", "value_at"]
