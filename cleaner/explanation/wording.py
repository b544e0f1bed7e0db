"""Parts of a line in, the sentences that tell a person of them out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from cleaner.explanation.answer import Part, hull
from cleaner.explanation.output import Document
from cleaner.measures.words import words_of
from cleaner.rules import LEDGER_NAMES, MARKUP, RULES
from cleaner.verification.case import DROPPED_WHOLE

# Where a link leads is told by the article's link.
LINK_TARGET = re.compile(r"\]\((?:[^)\n\]]|\](?!\())*\)")
# So much of a passage is quoted.
QUOTED = 240


def told_of_source(document: Document, parts: Sequence[Part]) -> Iterator[str]:
    """What became of the parts of a line: what was kept, by the line of the article that it stands on, and then what was dropped."""
    kept: dict[int | None, list[Part]] = {}
    for part in parts:
        if part.fate != "dropped":
            kept.setdefault(part.article_line, []).append(part)
    for line, own in kept.items():
        whole = hull(own)
        yield f"Kept: {quoted(document.text[slice(*whole.out)] if whole.out else '')} stands in {whole.article}:{line}."
        yield from changes(own)
    dropped = [part for part in parts if part.fate == "dropped"]
    telling = [part for part in dropped if not says_nothing(part)]
    for _, again in groupby(telling or ([] if kept else dropped), key=lambda part: (part.rules, part.article_line)):
        yield _told_dropped(document, list(again))


def _told_dropped(document: Document, parts: Sequence[Part]) -> str:
    """One passage that was dropped, why, and which copy of it survives."""
    part = hull(parts)
    if part.out:
        part = replace(part, article_text=document.text[slice(*part.out)])
    words = None if part.source_text is None else " ".join(one.source_text or "" for one in parts)
    told = f"Dropped: {place_of(part) if words is None else quoted(words)}: {named(part.rules)}"
    if part.article_line is None:
        return f"{told} No other text says the same." if part.rules and part.rules[0] in DROPPED_WHOLE else told
    share = f" ({100 * part.similarity:.0f} % of its words)" if part.similarity is not None else ""
    same = words is not None and words_of(words).norms == words_of(part.article_text or "").norms
    return f"{told} The copy that survives{share} is {part.article}:{part.article_line}{', in the same words.' if same else f': {quoted(part.article_text or str())}'}"


def changes(parts: Sequence[Part]) -> Iterator[str]:
    """What was mended and put in, each change once with the number of its places."""
    counts = Counter(line for part in parts if (line := _change(part)))
    for line, places in counts.items():
        yield line if places == 1 else f"{line} ({places} places)"


def _change(part: Part) -> str:
    if part.fate == "edit":
        why = "so the format writes it. (markup)" if part.rules == (MARKUP,) else named(part.rules)
        return f"Mended: {shown(part.source_text)} became {shown(part.article_text)}: {why}"
    if part.fate == "insert" and not says_nothing(part):
        return f"{shown(part.article_text)} was put in: {named(part.rules)}"
    return ""


def says_nothing(part: Part) -> bool:
    """Whether a part is white space or markup that was left out or put in: of interest only where nothing else is."""
    if part.fate == "insert":
        return part.rules != ("TXT009",)
    said = LINK_TARGET.sub("", part.source_text or "")
    return part.rules == (MARKUP,) and not any(char.isalnum() for char in said)


def named(rules: Iterable[str]) -> str:
    """Rules by what they say."""
    return " ".join(
        f"{RULES[rule].summary} ({rule} {RULES[rule].name})"
        if rule in RULES
        else f"{LEDGER_NAMES.get(rule, rule)} ({rule})."
        for rule in rules
    )


def place_of(part: Part) -> str:
    where = f"{part.source}{f' at {part.pointer}' if part.pointer else ''}"
    if part.lines:
        first, last = part.lines
        return f"{where}, line {first}" if first == last else f"{where}, lines {first} to {last}"
    return f"{where}, code points {part.span[0]} to {part.span[1]}" if part.span else where


def listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def quoted(text: str) -> str:
    """A passage on one line, cut where it is long."""
    return shown(" ".join(text.split()))


def shown(text: str | None) -> str:
    """A few characters, those that can't be seen by their numbers."""
    if text is None:
        return "what stood"
    if text == "\n\n":
        return "A break"
    piece = text if len(text) <= QUOTED else text[: QUOTED - 1] + "\N{HORIZONTAL ELLIPSIS}"
    seen = "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in piece)
    return f"\N{LEFT DOUBLE QUOTATION MARK}{seen}\N{RIGHT DOUBLE QUOTATION MARK}"
