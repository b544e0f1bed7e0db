"""Blocks in, blocks without boilerplate out; what a notice tells (publisher, title, author, date) goes into the metadata."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from cleaner.model.documents import Block, Document, Kind, Metadata
from cleaner.model.problems import Problem
from cleaner.model.text import Dropped, Span
from cleaner.rules import METADATA


class Place(StrEnum):
    """Where in a document a notice may stand: its first blocks, its last blocks, or anywhere."""

    HEAD = "head"
    FOOT = "foot"
    ANYWHERE = "anywhere"
    ENDS = "head or foot"


class Notice(NamedTuple):
    """A kind of boilerplate: its name, the languages that its pattern knows, where it stands, and the pattern of the whole block."""

    name: str
    languages: str
    place: Place
    pattern: str


FLAGS = re.IGNORECASE | re.VERBOSE | re.DOTALL


def _whole(pattern: str) -> str:
    return rf"\s*(?:{pattern})\s*"


MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
DATE = rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}}\S*|{MONTH}\s+\d{{1,2}},?\s+\d{{4}}|\d{{1,2}}\s+{MONTH}\s+\d{{4}})"
NAME = r"(?-i:[A-Z][\w.'\u2019-]*)"

# The order is the order of trying; the first that fits the whole block wins.
NOTICES = (
    Notice("source-line", "en", Place.ANYWHERE, _whole(r"sources?\s*:\s+(?P<publisher>(?:[a-z0-9-]+\.)+[a-z]{2,})(?:\s+(?P<title>\S.{3,200}))?")),
    Notice("source-url", "en de fr es", Place.ENDS, _whole(r"(?:sources?|quelle|fuente|via|original(?:\s+article)?)\s*:\s*(?P<url>https?://\S+)")),
    Notice("source-name", "en de fr es", Place.ENDS, _whole(rf"(?:sources?|quelle|fuente)\s*:\s*(?P<publisher>{NAME}(?:\s+(?:{NAME}|of|the|and|de|la)){{0,5}})\.?")),
    Notice("last-edited", "en", Place.ENDS, _whole(rf"(?:last\s+)?(?:edited|updated|modified)(?:\s+(?:on|at))?\s*:?\s*(?P<updated>{DATE.replace('date', 'day')})?(?:[\s,|]+\d{{1,2}}:\d{{2}}.{{0,20}})?")),
    Notice("published", "en", Place.ENDS, _whole(rf"(?:first\s+)?(?:published|posted)(?:\s+(?:on|at))?\s*:?\s*{DATE}?(?:[\s,|]+\d{{1,2}}:\d{{2}}.{{0,20}})?")),
    Notice("dateline-only", "en", Place.HEAD, _whole(DATE)),
    Notice("byline", "en de fr es", Place.HEAD, _whole(rf"(?-i:By|BY|Von|Par|Por)\s+(?P<author>{NAME}(?:\s+(?:{NAME}|de|van|von|der|la|and|&|,)){{0,7}})(?:,\s*[\w ]{{0,40}}(?:correspondent|reporter|editor|writer))?")),
    Notice("byline", "zh ja ar", Place.HEAD, _whole(
        r"(?:(?:\u6587|\u4f5c\u8005|\u64b0\u6587|(?:\u672c\u62a5)?\u8bb0\u8005|\u8a18\u8005|\u6587\u30fb)\s*[/\uff0f:\uff1a|\u4e28]|\u0628\u0642\u0644\u0645)\s*:?\s*(?P<author>[^\W\d_][\w\u00b7]{1,20}(?:\s[^\W\d_][\w\u00b7]{0,20}){0,3})"
    )),
    Notice("discover-more", "en", Place.ENDS, _whole(r"discover\s+more\s+from\s+(?P<publisher>(?-i:[A-Z0-9])[^.!?]{0,60})")),
    Notice("subscribe", "en", Place.ENDS, _whole(
        r"""(?:subscribe|sign\s+up|register)\b[^.!?]{0,120}\b(?:e-?mail|inbox|newsletters?|updates?|alerts?|posts?|briefing|digest)\b[^.!?]{0,60}[.!]?
          | join\b[^.!?]{0,60}\b(?:newsletters?|mailing\s+list|subscribers)\b[^.!?]{0,60}[.!]?
          | (?:get|receive)\b[^.!?]{0,100}\b(?:inbox|newsletter|by\s+e-?mail|to\s+your\s+e-?mail)\b[^.!?]{0,40}[.!]?
          | (?:type|enter)\s+your\s+e-?mail.{0,40} | subscribe(?:\s+now)?[.!]? | (?:continue|keep)\s+reading"""
    )),
    Notice("subscribe", "de fr es", Place.ENDS, _whole(
        r"""(?:abonnieren|melden)\s+sie\b[^.!?]{0,100}\bnewsletter\b[^.!?]{0,60}[.!]? | (?:abonnez|inscrivez)-vous\b[^.!?]{0,120}[.!]?
          | (?:suscr[i\u00ed]b[ae]te|suscr[i\u00ed]base)\b[^.!?]{0,120}[.!]?"""
    )),
    Notice("share", "en", Place.ENDS, _whole(
        r"""share\s+this(?:\s+(?:article|story|post|page|news|entry|recipe|video))?(?:\s*(?:on|via|with|:)\s.{0,40})?[.!:]? | share\s+(?:on|via)\s\S.{0,30} | share:?
          | (?:tweet|pin|e-?mail|print|whatsapp|facebook|linkedin|reddit|telegram)(?:\s+this)? | copy\s+link
          | (?:follow|like|find)\s+us\s+on\s+(?:twitter|x|facebook|instagram|linkedin|youtube|tiktok|google|threads|mastodon|bluesky|social|telegram|whatsapp|pinterest|flipboard)\b.{0,80}
          | (?:click\s+to\s+)?(?:share|print)(?:\s*\(.{0,60}\))?"""
    )),
    Notice("read-more", "en de fr es", Place.ANYWHERE, _whole(
        r"""(?:read\s+(?:more|also|next)|also\s+read|more\s+on\s+this(?:\s+story)?|you\s+(?:may|might)\s+also\s+like
          |lesen\s+sie\s+auch|mehr\s+zum\s+thema|[a\u00e0]\s+lire\s+aussi|lire\s+aussi|lea\s+tambi[e\u00e9]n)(?:\s*[:|\u2026\u00bb>](?:.{0,158}[^.])?|\s*[.]{0,3})
          | (?:see\s+also|related(?:\s+(?:articles?|posts?|stories|news|content|reading))?|recommended(?:\s+for\s+you)?)
            (?:\s*[:|\u2026\u00bb>]\s*(?:(?-i:[A-Z\u00c0-\u00de0-9"\u201c\u2018']).{0,158}[^.])?|\s*[.]{0,3})"""
    )),
    Notice("copyright", "en", Place.FOOT, _whole(r"(?:\u00a9|\(c\)\s|copyright\s*(?:\u00a9|\(c\)|\d{4})).{0,160} | all\s+rights\s+reserved\.? | .{0,60}\ball\s+rights\s+reserved\.?")),
    Notice("cookies", "en", Place.ENDS, _whole(r"we\s+use\s+cookies\s+(?:to|on|and|for)\b.{0,300} | this\s+(?:web)?site\s+uses\s+cookies\b.{0,300} | accept\s+(?:all\s+)?cookies | cookie\s+(?:policy|settings|preferences)")),
    Notice("first-published", "en", Place.ENDS, _whole(
        r"""\(?(?:this|the)\s+(?:story|article|post|piece|report|column)\s+(?:(?:was|has\s+been|is)\s+(?:(?:originally|first|previously)\s+(?:published|posted|written|run)|republished)|(?:originally|first)\s+(?:appeared|ran))\b.{0,240}
          | \(?(?:originally|first)\s+(?:published|appeared)\s+(?:on|in|at|by)\b.{0,160}
          | (?:the\s+post\s+.{1,160}\s+)?appeared\s+first\s+on\s+.{1,80}"""
    )),
    Notice("navigation", "en", Place.ENDS, _whole(
        r"skip\s+to\s+(?:main\s+)?content | back\s+to\s+top | (?:previous|next)\s+(?:article|post)(?:\s*:.{0,160})? | (?:toggle\s+)?(?:navigation|menu) | advertisement | loading\s*(?:\.\.\.|\u2026) | home"
    )),
    Notice("comments", "en", Place.FOOT, _whole(r"(?:leave|post|add)\s+a\s+(?:comment|reply)\.? | \d+\s+comments? | comments?(?:\s*\(\d+\))? | (?:be\s+the\s+first\s+to\s+comment|comments\s+are\s+closed)\.?")),
    Notice("advertisement", "en de", Place.ANYWHERE, _whole(r"advertisement | anzeige | sponsored(?:\s+content)? | (?:story|article)\s+continues\s+below(?:\s+advertisement)?")),
    Notice("affiliate", "en", Place.ENDS, _whole(
        r"""(?=.{0,600}\b(?:links?|buy|purchased?|purchases)\b)(?=.{0,600}\b(?:we|i|us|our|my)\b)
            .{0,500}?\b(?:earns?|receives?|gets?|makes?)\b[^.!?]{0,40}\bcommissions?\b.{0,300}
          | (?:please\s+note\W+)?(?:(?:some|many)\s+of\s+)?(?:this|these|our|the)\b[^.!?]{0,40}\b(?:contains?|includes?|are)\s+affiliate\s+links?\b.{0,300}"""
    )),
    Notice("end-mark", "en de fr zh ja", Place.FOOT, _whole(r"-+\s*(?:30|ends?|ende|fin)\s*-+ | \#{3,} | \(?ends\)? | [(\uff08](?:ende|fin|\u5b8c|\u4e86)[)\uff09]")),
    Notice("more-follows", "en", Place.ANYWHERE, _whole(r"-+\s*more\s*-+ | \(more(?:\s+to\s+(?:follow|come))?\)")),
    Notice("credits", "en", Place.FOOT, _whole(r"\(\s*(?:additional\s+)?(?:reporting|writing)\s+(?:and\s+\w+\s+)?by\s[^()]{2,300}\)")),
    Notice("view-in-browser", "en de fr es", Place.ENDS, _whole(r"(?:(?:trouble|problems)\s+(?:view|read|see)ing\s+this\b.{0,40}\?\s*)?(?:view|read|open|see)\s+(?:this|it)(?:\s+(?:e-?mail|message|newsletter))?\s+(?:online|(?:in|with)\s+(?:your|a|the)\s+(?:web\s*)?browser)\b[^\n]{0,80} | (?:diese\s+)?e-?mail\s+im\s+browser\s+(?:ansehen|\u00f6ffnen|anzeigen)\.? | (?:voir|afficher|lire)\s+(?:cet?\s+)?(?:e-?mail|message)\s+dans\s+(?:votre|le|un)\s+navigateur\.? | ver\s+(?:este\s+)?(?:correo|e-?mail|mensaje)\s+en\s+(?:el|tu|su)\s+navegador\.?")),
    Notice("unsubscribe", "en de fr es", Place.FOOT, _whole(r"(?:you(?:\s+are|\s*['\u2019]re)?\s+(?:get|receiv)\w*\s+this\b.{0,200}?)?\bunsubscribe\b(?:\s+(?:here|now|from\s+this\s+(?:list|newsletter)|at\s+any\s+time|\|.{0,80}))?\.?(?:\s*:?\s*https?://\S+)? | (?:newsletter\s+)?abbestellen(?:\s*:?\s*https?://\S+)? | se\s+d\u00e9sabonner(?:\s*:?\s*https?://\S+)? | (?:darse\s+de\s+baja|cancelar\s+(?:la\s+)?suscripci\u00f3n)(?:\s*:?\s*https?://\S+)?")),
    Notice("agency-name", "en", Place.FOOT, _whole(r"(?P<publisher>reuters?|upi|afp|dpa)\s*\.*")),
    Notice("agency-sign", "en de fr es it", Place.FOOT, _whole(r"\(\s*(?:dpa|afp|apa|sda|ats|reuters|efe|ansa|ap)(?:\s*/\s*[a-z]{2,8})*\s*\)")),
)  # fmt: skip

# A notice is short; a longer block is text, whatever it begins with.
MAX_NOTICE_WORDS = 45
MAX_NOTICE_CHARACTERS = 600
# And no code or part of a table.
EXEMPT = (Kind.CODE, Kind.ROW)
HEAD_BLOCKS = 5
FOOT_BLOCKS = 8


def trim(document: Document) -> tuple[Document, list[Problem]]:
    """The document without its boilerplate, each piece in the ledger with its rule, and one problem that counts them."""
    found = list(_found(document))
    if not found:
        return document, []
    dropped: list[Dropped] = []
    metadata = document.metadata
    first = None
    for index, _, told in found:
        block = document.blocks[index]
        metadata = metadata.filled(told)
        rule = METADATA if told != Metadata() else "DOC004"
        dropped += [Dropped(span, rule) for span in block.text.spans()]
        first = first or block.text.hull()
    names = dict.fromkeys(notice.name for _, notice, _ in found)
    count = "1 block" if len(found) == 1 else f"{len(found)} blocks"
    problem = Problem("DOC004", f"Boilerplate trimmed: {count} ({', '.join(names)}).", document.source, first)
    gone = {index for index, _, _ in found}
    kept = tuple(block for index, block in enumerate(document.blocks) if index not in gone)
    return replace(document, blocks=kept, dropped=(*document.dropped, *dropped), metadata=metadata), [problem]


def _found(document: Document) -> Iterator[tuple[int, Notice, Metadata]]:
    """The blocks that are boilerplate (by number), with what kind each is and what it tells."""
    at_end, anywhere = _any_of(tuple(Place)), _any_of((Place.ANYWHERE,))
    foot = len(document.blocks) - FOOT_BLOCKS
    hosts: list[Span] | None = None
    for index, block in enumerate(document.blocks):
        text = block.text.text
        if block.kind in EXEMPT or len(text) > MAX_NOTICE_CHARACTERS or _has_many_words(text):
            continue
        could_be = at_end if index < HEAD_BLOCKS or index >= foot else anywhere
        match = could_be(text)
        if not match or not (found := _notice(block, _places(index, len(document.blocks)), _number(match))):
            continue
        if hosts is None:
            hosts = [loss.kept_at for loss in document.dropped if loss.kept_at]
        if not _survives(block, hosts):
            yield index, *found


def _has_many_words(text: str) -> bool:
    # With a space between, this many words are twice as many characters at least.
    return len(text) > 2 * MAX_NOTICE_WORDS and len(text.split()) > MAX_NOTICE_WORDS


@cache
def _any_of(places: tuple[Place, ...]) -> Callable[[str], re.Match[str] | None]:
    """What finds the first of the notices for these places that fits a text: one search where else there would be twenty."""
    patterns = (
        f"(?P<n{number}>{_groupless(notice.pattern)})"
        for number, notice in enumerate(NOTICES)
        if notice.place in places
    )
    return re.compile("|".join(patterns), FLAGS).fullmatch


def _groupless(pattern: str) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def _number(match: re.Match[str]) -> int:
    """Which of all notices a match of `_any_of` is: none before it fits, so that their patterns need not be made."""
    return int(str(match.lastgroup)[1:])


def _survives(block: Block, hosts: list[Span]) -> bool:
    """Whether a block is all that is left of something that stood twice: to trim it would lose the last copy."""
    return any(
        span.pointer == host.pointer and span.start < host.end and host.start < span.end
        for span in block.text.spans()
        for host in hosts
    )


def _places(index: int, blocks: int) -> set[Place]:
    """The places that a block stands in; a short document is both head and foot."""
    places = {Place.ANYWHERE}
    if index < HEAD_BLOCKS:
        places |= {Place.HEAD, Place.ENDS}
    if index >= blocks - FOOT_BLOCKS:
        places |= {Place.FOOT, Place.ENDS}
    return places


def _notice(block: Block, places: set[Place], first: int) -> tuple[Notice, Metadata] | None:
    text = block.text.text
    for notice in NOTICES[first:]:
        if notice.place in places and (match := re.fullmatch(notice.pattern, text, FLAGS)):
            return notice, _told(match.groupdict())
    return None


def _told(groups: dict[str, str | None]) -> Metadata:
    """What a notice tells about the article; its dates are made ISO 8601 by the caller of the run, so only whole ones count."""
    author = groups.get("author")
    return Metadata(
        title=groups.get("title") or "",
        author=tuple(name for part in re.split(r",|\band\b|&", author) if (name := part.strip())) if author else (),
        date=_day(groups.get("date")),
        updated=_day(groups.get("updated")),
        publisher=(groups.get("publisher") or "").rstrip("."),
        url=groups.get("url") or "",
    )


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _day(text: str | None) -> str:
    """A day as YYYY-MM-DD, from one of the forms of DATE."""
    if not text:
        return ""
    if iso := re.match(r"\d{4}-\d{2}-\d{2}", text):
        return iso.group()
    numbers = re.findall(r"\d+", text)
    month = next((number for number, name in enumerate(MONTHS, 1) if name in text.lower()), 0)
    if len(numbers) != 2 or not month or not 1 <= int(numbers[0]) <= 31:
        return ""
    return f"{numbers[1]}-{month:02}-{int(numbers[0]):02}"
