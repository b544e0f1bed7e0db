"""A plain text in, its lines out: where each stands, how it is quoted, and which of them are of the paper and not of the text.

Pages that were pasted from a document leave their numbers and running heads between the lines; a mail ends in a signature; a wire story begins with a slug.
Such lines go, each with its reason, and the sentence that a page cut goes on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple
from unicodedata import east_asian_width

from cleaner.model.record import record
from cleaner.model.text import Dropped, Span

BOILERPLATE = "DOC004"
# Scripts that write no spaces between words: first and last characters.
UNSPACED = (("\u2e80", "\u312f"), ("\u3190", "\u9fff"), ("\uf900", "\ufaff"), ("\uff01", "\uff60"))
SENTENCE_END = re.compile(
    r"""[.!?:\N{HORIZONTAL ELLIPSIS}\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH QUESTION MARK}\N{ARABIC QUESTION MARK}\N{ARABIC FULL STOP}\N{DEVANAGARI DANDA}]
        ["'\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT CORNER BRACKET})\]]*\s*""",
    re.VERBOSE,
)
# The number of a page: with the word for it or the number of all pages, in a few languages, or bare.
PAGE = re.compile(
    r"""(?:[-\N{EN DASH}\N{EM DASH}|]\s*)?
        (?P<word>(?:page|seite|p[a\u00e1]gina|p[a\u00e1]g\.|side|pagina|strona|\u0635\u0641\u062d\u0629|\u7b2c|p\.|s\.)\s*)?
        (?P<number>\d{1,4})
        (?:\s*(?:/|of|von|de|sur|di|\u0645\u0646)\s*(?P<all>\d{1,4}))?
        (?P<counter>\s*(?:\u9875|\u9801|\u30da\u30fc\u30b8))?
        (?:\s*[-\N{EN DASH}\N{EM DASH}|])?""",
    re.VERBOSE | re.IGNORECASE,
)
QUOTED = re.compile(r"(?:>[ \t]?)+")
# Who wrote what is quoted below, in mails.
ATTRIBUTION = re.compile(
    r"(?:on|am|le|el|il|em|op)\b.{4,120}(?:wrote|schrieb|a \u00e9crit|escribi\u00f3|ha scritto|escreveu)\b.{0,80}:\s*|.{4,120}(?:wrote|schrieb.{0,60}|a \u00e9crit|escribi\u00f3|ha scritto)\s?:\s*",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"""-{2,}\s*(?:forwarded\ message|original\ message|weitergeleitete\ nachricht|urspr\u00fcngliche\ nachricht|message\ (?:transf\u00e9r\u00e9|d'origine)
        |mensaje\ (?:reenviado|original)|messaggio\ (?:inoltrato|originale)|mensagem\ (?:encaminhada|original)|doorgestuurd\ bericht)\s*-{2,}
      | begin\ forwarded\ message:|anfang\ der\ weitergeleiteten\ (?:nachricht|e-mail):|d\u00e9but\ du\ message\ (?:transf\u00e9r\u00e9|r\u00e9exp\u00e9di\u00e9)\s?:""",
    re.VERBOSE | re.IGNORECASE,
)
REPEATED_HEADER = re.compile(
    r"""\*?(?:from|von|de|da|van|fra|fr\u00e5n|date|datum|fecha|data|gesendet|sent|envoy\u00e9|enviado|inviato|verzonden|subject|betreff|objet|asunto|oggetto|assunto|onderwerp
        |to|an|\u00e0|para|a|aan|cc|kopie|reply-to|antwort\ an)\*?\s?:\*?\s""",
    re.VERBOSE | re.IGNORECASE,
)
MAX_REPEATED_HEADERS = 8
SLUG = re.compile(r"(?=[^\s]{6,60}\Z)(?=.*[A-Z]{3})[A-Z0-9]+(?:[-/:_^][A-Z0-9&']+){2,}(?:,\d{3,5})?")
MAX_SIGNATURE_LINES = 12
# A running head repeats beside the numbers of pages, and is a title, not a line of text.
MAX_HEAD_CHARACTERS = 80
# Bare numbers are pages if they count on this often, and sentences run on across them or form feeds stand there.
MIN_BARE_PAGES = 2


@record
class Line:
    """The code points `start` to `end` of the text, white space and marks of quotation around them left out; `indent` and `blank_before` speak of its place.

    `quoted` is how deep it is quoted, `goes_on` says that the sentence of the line before goes on in it, across a page's end.
    """

    start: int
    end: int
    indent: int
    blank_before: bool
    quoted: int = 0
    goes_on: bool = False

    def of(self, text: str) -> str:
        return text[self.start : self.end]


class Lines(NamedTuple):
    """The lines of a text, and what was taken out from between them."""

    lines: list[Line]
    dropped: tuple[Dropped, ...]


def lines_of(text: str, pointer: str) -> Lines:
    """The lines of `text` without those that are of its paper."""
    lines = _quotations(_all_lines(text), text)
    gone = {*_pages(lines, text), *_signature(lines, text), *_forwarding(lines, text), *_slug(lines, text)}
    if not gone:
        return Lines(lines, ())
    dropped = tuple(
        Dropped(Span(lines[number].start, lines[number].end, pointer), BOILERPLATE) for number in sorted(gone)
    )
    return Lines(list(_without(lines, gone, text)), dropped)


def _all_lines(text: str) -> list[Line]:
    lines = []
    blank = True
    start = 0
    for raw in text.splitlines(keepends=True):
        body = raw.strip()
        if body:
            indent = len(raw) - len(raw.lstrip())
            lines.append(Line(start + indent, start + indent + len(body), indent, blank))
        blank = not body
        start += len(raw)
    return lines


def _quotations(lines: list[Line], text: str) -> list[Line]:
    """The lines with their marks of quotation taken off; a lone mark is an empty line. One line that begins with a sign proves nothing."""
    marked = [number for number, line in enumerate(lines) if text[line.start] == ">"]
    if not marked or (len(marked) < 2 and not (marked[0] and ATTRIBUTION.fullmatch(lines[marked[0] - 1].of(text)))):
        return lines
    found: list[Line] = []
    blank = False
    for line in lines:
        mark = QUOTED.match(text, line.start, line.end)
        if mark and mark.end() == line.end:
            blank = True
            continue
        line = replace(line, blank_before=line.blank_before or blank)
        found.append(replace(line, start=mark.end(), indent=0, quoted=mark.group().count(">")) if mark else line)
        blank = False
    return found


def _slug(lines: list[Line], text: str) -> Iterator[int]:
    """The slug of a wire story: its first line, one word of capitals and hyphens."""
    if len(lines) > 2 and SLUG.fullmatch(lines[0].of(text)):
        yield 0


def _signature(lines: list[Line], text: str) -> Iterator[int]:
    """The signature of a mail: what follows a line of two hyphens and a space (RFC 3676, 4.3), if it is short."""
    for number in range(len(lines) - 1, max(0, len(lines) - MAX_SIGNATURE_LINES - 2), -1):
        line = lines[number]
        if line.of(text) == "--" and text.startswith("-- ", line.start):
            yield from range(number, len(lines))
            return


def _forwarding(lines: list[Line], text: str) -> Iterator[int]:
    """What a mail program writes above a message that is passed on, and the headers that it repeats."""
    for number, line in enumerate(lines):
        if FORWARDED.fullmatch(line.of(text)):
            yield number
            for below in range(number + 1, min(len(lines), number + 1 + MAX_REPEATED_HEADERS)):
                if not REPEATED_HEADER.match(lines[below].of(text)) or (
                    lines[below].blank_before and below > number + 1
                ):
                    break
                yield below


def _pages(lines: list[Line], text: str) -> set[int]:
    """The lines that are numbers of pages, and the running heads beside them."""
    found = [
        (number, page)
        for number, line in enumerate(lines)
        if line.end - line.start <= 24 and (page := PAGE.fullmatch(line.of(text)))
    ]
    if not found:
        return set()
    named = [
        (number, int(page["number"])) for number, page in found if (page["word"] and page["all"]) or page["counter"]
    ]
    named += _counting(
        [(number, int(page["number"])) for number, page in found if bool(page["word"]) != bool(page["all"])]
    )
    bare = _counting(
        [
            (number, int(page["number"]))
            for number, page in found
            if not (page["word"] or page["all"] or page["counter"])
        ]
    )
    if 2 * sum(_cuts(lines, number, text) for number, _ in bare) < len(bare):
        bare = []
    ends = {number for number, _ in (*named, *bare)}
    return ends | _running_heads(lines, ends, text)


def _counting(pages: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The candidates that count on from one another, with lines between."""
    runs: list[list[tuple[int, int]]] = []
    for line, page in pages:
        if runs and page == runs[-1][-1][1] + 1 and line > runs[-1][-1][0] + 1:
            runs[-1].append((line, page))
        else:
            runs.append([(line, page)])
    return [found for run in runs if len(run) >= MIN_BARE_PAGES for found in run]


def _cuts(lines: list[Line], number: int, text: str) -> bool:
    """Whether a page ends at this line: a form feed stands there, a sentence runs on across it, or the text does not go on at all."""
    after = lines[number + 1] if number + 1 < len(lines) else None
    if (
        after is None
        or "\f" in text[lines[number].end : after.start]
        or (number and "\f" in text[lines[number - 1].end : lines[number].start])
    ):
        return True
    before = next((line for line in reversed(lines[:number]) if len(line.of(text)) > 30), None)
    return before is not None and _runs_on(before, after, text)


def _runs_on(before: Line, after: Line, text: str) -> bool:
    is_open = not SENTENCE_END.search(text[max(before.start, before.end - 3) : before.end])
    return is_open and (text[after.start].islower() or is_unspaced(text[after.start]))


def _running_heads(lines: list[Line], ends: set[int], text: str) -> set[int]:
    """Lines beside the ends of pages that say the same but for their digits: above a number set apart from the text, below it the first of the page."""
    beside: dict[int, str] = {}
    for end in ends:
        for number in (end - 1, end + 1):
            is_apart = number > end or (number > 0 and lines[number].blank_before)
            if (
                is_apart
                and number < len(lines)
                and number not in ends
                and len(lines[number].of(text)) <= MAX_HEAD_CHARACTERS
            ):
                beside[number] = re.sub(r"\d+", "0", lines[number].of(text)).casefold()
    said = Counter(beside.values())
    return {number for number, words in beside.items() if said[words] > 1}


def _without(lines: list[Line], gone: set[int], text: str) -> Iterator[Line]:
    """The lines that stay; one that a page cut off from the line before goes on with it."""
    before: Line | None = None
    passed = False
    for number, line in enumerate(lines):
        if number in gone:
            passed = True
            continue
        if passed and before is not None and _runs_on(before, line, text):
            line = replace(line, blank_before=False, goes_on=True)
        elif passed:
            line = replace(line, blank_before=True)
        yield line
        before, passed = line, False


def is_unspaced(letter: str) -> bool:
    """Whether the letter is of a script that writes no spaces between words; no letter is of none."""
    return any(first <= letter <= last for first, last in UNSPACED)


def columns(text: str) -> int:
    """How many columns a text takes on a terminal."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
