"""The laws that one document is held to: its text and its sources are tiled, each follows from the other, and all records of it agree."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import pairwise

from cleaner.model.problems import Problem
from cleaner.rules import LEDGER_NAMES, LIST_MARK, MARKUP, NOT_ARTICLE, RULES, SEPARATOR
from cleaner.verification.account import MISSHAPEN, RECORD_FORMATS, Origin, Place, Segment
from cleaner.verification.case import DROPPED_WHOLE, HASH, REPLAY, RULE_OF_RELATION, UNCOVERED, Case, replayed
from cleaner.verification.markdown import BLOCK_START, plain_cells, read_front_matter, said_by
from cleaner.verification.pages import text_runs
from cleaner.verification.sources import strings_in

FRONT_MATTER = (
    "title",
    "author",
    "date",
    "updated",
    "section",
    "lang",
    "description",
    "tags",
    "publisher",
    "url",
    "canonical_url",
    "id",
    "sources",
    "text_sha256",
)
INSERTED = {
    SEPARATOR: re.compile(r"\s+(?:\|\s+)*"),
    LIST_MARK: re.compile(r" *(?:-|\d{1,9}[.)]) "),
    "TXT009": re.compile(r"\n\n"),
}


def text_is_tiled(case: Case) -> Iterator[Problem]:
    """Law 2: segments tile the text."""
    at = 0
    for segment in case.account.segments:
        if segment.start != at:
            yield case.problem(
                REPLAY,
                f"segments leave a gap or overlap at code point {at} of the text.",
                span=_between(at, segment.start),
            )
        at = segment.end
    if at != len(case.text):
        yield case.problem(
            REPLAY,
            f"segments end at code point {at} of {len(case.text)} of the text.",
            span=_between(at, len(case.text)),
        )


# What stands before a block, behind the one before it.
BEFORE_BLOCK = re.compile(r"(?:\A|\n\n)")
BEFORE_ITEM = re.compile(r"(?:\A|\n\n) *(?:-|\d{1,9}[.)]) ")


def blocks_stand_apart(case: Case) -> Iterator[Problem]:
    """Law 2: blocks stand in the text in their order, and between them an empty line and the marks of items only."""
    at = 0
    for place in case.account.blocks:
        if place.start < at or place.end > len(case.text) or place.kind not in BLOCK_START:
            yield case.problem(REPLAY, f"a block ({place.kind}) is out of place.", span=(place.start, place.end))
        elif not (BEFORE_ITEM if place.kind == "item" else BEFORE_BLOCK).fullmatch(case.text, at, place.start):
            yield case.problem(REPLAY, "text stands between two blocks.", span=_between(at, place.start))
        at = place.end
    if at != len(case.text):
        yield case.problem(REPLAY, "text stands behind the last block.", span=_between(at, len(case.text)))


def _between(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def text_follows(case: Case) -> Iterator[Problem]:
    """Law 2: a copy is its span, an edit is what its rules make of its span, and an insertion is one that its rule may make."""
    for segment in case.account.segments:
        here = case.text[segment.start : segment.end]
        if segment.op == "insert":
            yield from _inserted(case, segment, here)
        elif segment.origin < 0 or segment.op not in ("copy", "edit") or (segment.op == "copy") is bool(segment.rules):
            yield case.problem(
                REPLAY,
                f"a segment says {segment.op!r} with the rules {list(segment.rules)}, which can't be.",
                span=(segment.start, segment.end),
            )
        elif segment.op == "copy" and segment.span[1] - segment.span[0] != len(here):
            yield case.problem(REPLAY, "a copy has another length than its source span.", segment.origin, segment.span)
        elif (string := case.strings[segment.origin]) is not None:
            there = string[slice(*segment.span)]
            made = there if segment.op == "copy" else replayed(segment.rules, there)
            if made != here or (segment.op == "edit" and here == there):
                yield case.problem(
                    REPLAY,
                    f"{here!r:.60} does not follow from {there!r:.60} ({', '.join(segment.rules) or 'a copy'}).",
                    segment.origin,
                    segment.span,
                )


def _inserted(case: Case, segment: Segment, here: str) -> Iterator[Problem]:
    allowed = INSERTED.get(segment.rules[0]) if len(segment.rules) == 1 else None
    if segment.origin >= 0 or allowed is None or not allowed.fullmatch(here):
        yield case.problem(
            REPLAY,
            f"{here!r:.60} is inserted in the name of {list(segment.rules)}, which may not insert it.",
            span=(segment.start, segment.end),
        )


def sources_are_tiled(case: Case) -> Iterator[Problem]:
    """Law 1: kept and dropped spans tile each string; of a page, its text runs."""
    spans: list[list[tuple[int, int]]] = [[] for _ in case.account.origins]
    for segment in case.account.segments:
        if segment.origin >= 0:
            spans[segment.origin].append(segment.span)
    for loss in case.account.losses:
        spans[loss.origin].append(loss.span)
    for number, (origin, own, string) in enumerate(zip(case.account.origins, spans, case.strings, strict=True)):
        own.sort()
        if string is not None and len(string) != origin.length:
            yield case.problem(
                UNCOVERED,
                f"{origin.source} has {len(string)} code points at {origin.pointer!r}, not {origin.length}.",
                number,
            )
        if own and own[-1][1] > origin.length:
            yield case.problem(UNCOVERED, f"a span ends behind the end of {origin.source}.", number, own[-1])
        runs = _runs_to_tile(origin, string, own)
        if runs is not None:
            yield from (case.problem(UNCOVERED, message, number, span) for message, span in _untiled(own, runs))
        else:
            yield from (
                case.problem(UNCOVERED, "kept or dropped twice.", number, b) for a, b in pairwise(own) if b[0] < a[1]
            )


Runs = list[tuple[int, int, bool]]


def _runs_to_tile(origin: Origin, string: str | None, own: Sequence[tuple[int, int]]) -> Runs | None:
    """The stretches that spans must tile, each with whether it must be; None where only the source could tell."""
    whole = [(0, origin.length, True)] if origin.length else []
    if origin.format not in ("html", *RECORD_FORMATS):
        return whole
    # Which format the body of a JSON source has is not recorded: one that is not covered from end to end is a page, or wrong.
    covered = (
        origin.format in RECORD_FORMATS
        and own[:1]
        and own[0][0] == 0
        and own[-1][1] == origin.length
        and all(a[1] == b[0] for a, b in pairwise(own))
    )
    if covered:
        return whole
    if string is None:
        return None
    return [(start, end, not string[start:end].isspace()) for start, end in text_runs(string)]


def _untiled(spans: Sequence[tuple[int, int]], runs: Runs) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where sorted spans overlap, leave a run's part out, or stand outside all runs."""
    number = 0
    for start, end, must in runs:
        at = start
        while number < len(spans) and spans[number][0] < end:
            left, right = spans[number]
            if left < start:
                yield "a span holds what is no text of the page.", (left, min(right, start))
            if left > at:
                yield "neither kept nor dropped.", (at, left)
            if left < at and at > start:
                yield "kept or dropped twice.", (left, min(right, at))
            at = max(at, right)
            number += 1
        if at > end:
            yield "a span holds what is no text of the page.", (end, at)
        if at < end and (must or at > start):
            yield "neither kept nor dropped.", (at, end)
    for left, right in spans[number:]:
        yield "a span holds what is no text of the page.", (left, right)


def losses_have_reasons(case: Case) -> Iterator[Problem]:
    """Law 1: every dropped span has a rule that is known; what is called markup says nothing."""
    dropped_by = _rules_of_members(case)
    for loss in case.account.losses:
        origin, string = case.account.origins[loss.origin], case.strings[loss.origin]
        if loss.rule not in RULES and loss.rule not in LEDGER_NAMES:
            yield case.problem(UNCOVERED, f"dropped by {loss.rule!r}, which is no rule.", loss.origin, loss.span)
        elif loss.kept_at and not loss.rule.startswith("DUP"):
            yield case.problem(
                UNCOVERED, f"dropped by {loss.rule}, and yet a copy is said to survive.", loss.origin, loss.span
            )
        elif loss.rule == NOT_ARTICLE and origin.format not in ("html", *RECORD_FORMATS):
            yield case.problem(
                UNCOVERED,
                f"{loss.rule} is said of a {origin.format} text, of which all is article.",
                loss.origin,
                loss.span,
            )
        elif loss.rule in DROPPED_WHOLE and loss.rule != dropped_by.get(origin.source):
            yield case.problem(
                UNCOVERED,
                f"dropped by {loss.rule}, but the report relates {origin.source} otherwise.",
                loss.origin,
                loss.span,
            )
        elif (
            loss.rule == MARKUP
            and string is not None
            and (words := _words_of_markup(origin.format, string[slice(*loss.span)]))
        ):
            yield case.problem(UNCOVERED, f"dropped as markup, but says {words!r:.60}.", loss.origin, loss.span)


def _rules_of_members(case: Case) -> dict[str, str]:
    return {
        source: RULE_OF_RELATION.get((case.told.records.get("member", source) or {}).get("relation", ""), "")
        for source in case.account.sources()[1:]
    }


LETTER = re.compile(r"[^\W\d_]")
# Markdown's own markup that has letters in it: these are no words of the article. White space is taken once and never given back, so that a
# line of a thousand spaces is read once.
LETTERED_MARKUP = re.compile(
    r"""
      !\[(?:\\.|[^\[\]\\]|\[(?:\\.|[^\[\]\\]|\[[^\[\]]*+\])*+\])*+\](?:\([^\n]*\)|\[[^\]]*\])?       # an image and what stands for it
    | \]\((?:(?!\]\()[^\n])*(?:\n(?:(?!\]\()[^\n])*)?\) | \]\[[^\]]*\]                         # a link's target, or the name of it
    | ^[ >]*\[[^\]]+\]:[^\n]*(?:\n[ ]+["'(][^\n]*)?$                  # where a named link leads
    | <(?i:script|style)\b.*?(?:</(?i:script|style)\s*>|\Z)             # what a program reads; to the end, if nothing ends it
    | !?\[\[(?:[^\[\]|\n]*\||[^\[\]\n]*\]\])                           # where a wiki link leads, an embedded note
    | \[!?\[?_?[A-Za-z][\w-]*\]\]?[+-]?                               # a callout's kind, a table of contents
    | \{\{[<%](?:(?!\{\{[<%]).)*?[>%]\}\} | \{%(?:(?!\{%).)*?%\} | \{[:\#.][^{}\n]*\}                 # shortcodes, tags of templates, attributes
    | %%.+?%% | \^[A-Za-z0-9-]+\s*$ | ^[ >]*:{3,}.*$                     # comments, names of blocks, directives
    | </?[A-Za-z](?:[^<>=]++|=\s*+(?:"[^"]*+"|'[^']*+')|=)*+>           # tags; the value of an attribute may have one in it
    | <!--.*?(?:-->|\Z) | <[!?][^<>]*> | &\#?\w+;                        # comments, declarations, character references
    | ^(?:[^\S\n]|>)*+(?:[-*+]|\d+[.)])?[^\S\n]*+(?:`{3,}|~{3,})[^\n]*$  # a fence and its language
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def _words_of_markup(form: str, markup: str) -> str:
    """What a span says that was dropped as markup, but for what a format writes in letters without saying it."""
    if not LETTER.search(markup):
        return ""
    rest = markup
    if form == "html":
        rest = html.unescape(markup)
    elif form != "plain":
        rest = LETTERED_MARKUP.sub("", markup)
    return markup if LETTER.search(rest) else ""


def article_agrees(case: Case) -> Iterator[Problem]:
    """The article's front matter and body say what the row of the corpus says, character for character but for marks and white space."""
    if case.article is None:
        return
    lines = case.article.split("\n")
    try:
        members, at = read_front_matter(lines)
    except ValueError as error:
        yield case.problem(REPLAY, f"{error}.")
        return
    known = {name: value for name, value in case.row["metadata"].items() if name != "article"}
    if members != {**known, "id": case.row["id"], "text_sha256": case.account.text_sha256}:
        yield case.problem(REPLAY, "the front matter does not say what corpus.jsonl says of the article.")
    if list(members) != [name for name in FRONT_MATTER if name in members]:
        yield case.problem(REPLAY, "the front matter's members are out of order.")
    starts = [place.line - 1 for place in case.account.blocks]
    if starts[:1] != [at + 1] or lines[at] or starts != sorted(set(starts)) or lines[-1]:
        yield case.problem(REPLAY, "the article's blocks are not on the lines that provenance names.")
        return
    for place, following in zip(case.account.blocks, [*starts[1:], len(lines)], strict=True):
        yield from _block_agrees(case, place, lines[place.line - 1 : following])


def _block_agrees(case: Case, place: Place, lines: Sequence[str]) -> Iterator[Problem]:
    said = case.text[place.start : place.end].encode("utf-8", "replace").decode("utf-8")
    try:
        found = said_by(place.kind, lines)
    except ValueError:
        yield case.problem(
            REPLAY, f"line {place.line} is no {place.kind}, as provenance says.", span=(place.start, place.end)
        )
        return
    if found != (plain_cells(said.split(" | ")) if place.kind == "row" else " ".join(said.split())):
        yield case.problem(
            REPLAY, f"line {place.line} says {found!r:.60}, the text says {said!r:.60}.", span=(place.start, place.end)
        )
    mark = BLOCK_START["item"].match(lines[0]) if place.kind == "item" else None
    if mark and not case.text[: place.start].endswith(f"{mark['mark']} "):
        yield case.problem(
            REPLAY, f"line {place.line} is marked {mark['mark']!r}, the text is not.", span=(place.start, place.end)
        )


def records_agree(case: Case) -> Iterator[Problem]:
    """The row of the corpus, the provenance, the report and the manifest name the same sources, hashes and identities."""
    account, row = case.account, case.row
    digest = sha256(case.text.encode("utf-8", "surrogatepass")).hexdigest()
    if not (account.text_sha256 == digest and account.id == row["id"] == digest[:16]):
        yield case.problem(HASH, "the text is not the one whose hash is recorded.")
    if case.article is not None and account.article_sha256 != sha256(case.article.encode()).hexdigest():
        yield case.problem(HASH, "the article is not the one whose hash provenance records.")
    if account.article != row["metadata"]["article"]:
        yield case.problem(REPLAY, "its provenance is that of another article.")
    if account.origins[0].source != row["source"] or not _names_its_sources(case):
        yield case.problem(REPLAY, "corpus.jsonl and provenance name different sources.")
    expected = {
        "id": row["id"],
        "article": case.name,
        "title": row["metadata"].get("title", ""),
        "canonical_source": row["source"],
        "sources": row["metadata"]["sources"],
    }
    if case.told.records.get("document", case.name) != expected:
        yield case.problem(REPLAY, "report.json does not say of it what corpus.jsonl says.")
    shown = case.told.records.get("text", row["source"])
    if shown is not None and not (shown and case.text.startswith(shown)):
        yield case.problem(REPLAY, "report.json shows another text than its own.")
    lengths: Counter[str] = Counter()
    for origin in account.origins:
        lengths[origin.source] += origin.length
    for number, origin in enumerate(account.origins):
        listed = case.told.records.get("input", origin.source) or {}
        status = "canonical" if origin.source == row["source"] else "duplicate"
        wanted = {
            "sha256": origin.sha256,
            "encoding": origin.encoding,
            "format": origin.format,
            "status": status,
            "documents": [row["id"]],
            "characters": lengths[origin.source],
        }
        if any(listed.get(name) != value for name, value in wanted.items()):
            yield case.problem(HASH, f"the manifest does not list {origin.source} as provenance does.", number)
    if not 0 <= account.confidence <= 100:
        yield case.problem(REPLAY, "the confidence is no percentage.")


def _names_its_sources(case: Case) -> bool:
    """Whether the row names the sources of provenance; an article of ours that is cleaned again goes on naming those that it came from."""
    named: list[str] = []
    for source in case.account.sources():
        number = next(number for number, origin in enumerate(case.account.origins) if origin.source == source)
        origin, string = case.account.origins[number], case.strings[number]
        if origin.format == "markdown" and string is None:
            return True
        named += (_former_sources(string) if origin.format == "markdown" and string is not None else []) or [source]
    return bool(list(dict.fromkeys(named)) == case.row["metadata"]["sources"])


def _former_sources(text: str) -> list[str]:
    try:
        members, _ = read_front_matter(text.split("\n"))
    except MISSHAPEN:
        return []
    return [str(name) for name in members.get("sources", ())] if "id" in members and "text_sha256" in members else []


def fields_are_listed(case: Case) -> Iterator[Problem]:
    """Law 1: every string of a JSON record is accounted for, or listed as unmapped."""
    for source in case.account.sources():
        own = [number for number, origin in enumerate(case.account.origins) if origin.source == source]
        if case.account.origins[own[0]].format not in RECORD_FORMATS or any(
            case.strings[number] is None for number in own
        ):
            continue
        pointers = {case.account.origins[number].pointer for number in own}
        unmapped = [
            pointer
            for pointer in strings_in(case.sources.record(case.account.origins[own[0]]))
            if pointer not in pointers
        ]
        if unmapped != case.account.unmapped.get(source, []):
            yield case.problem(
                UNCOVERED, f"the members listed as unmapped are not those that {source} has besides.", own[0]
            )
    if not set(case.account.unmapped) <= set(case.account.sources()):
        yield case.problem(UNCOVERED, "unmapped members are listed for a source that is none.")
