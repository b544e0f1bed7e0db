"""Files in, the same files with what is damaged in them mended out; the article that they give stays the same, or nothing is changed.

Only what a repair does by a rule that is certain is done to a file: its encoding, its line ends, and edits that the cleaned article has in the same
place. Duplicates, boilerplate and glued sentences are left to a person. The article is made of the file before and after, and compared.
"""

from __future__ import annotations

import codecs
import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, groupby, zip_longest
from pathlib import Path
from typing import NamedTuple

from cleaner import folders
from cleaner.containers.kinds import Form
from cleaner.disk import Busy, replace_file
from cleaner.engines.local import LocalEngine
from cleaner.folders import Input, Unit
from cleaner.model.documents import Document
from cleaner.model.options import Options
from cleaner.model.policy import Policy
from cleaner.model.text import Op, Span
from cleaner.pipeline.checking import Inspected, codes, inspect, offset_of, shown_inputs
from cleaner.reports.digest import visible
from cleaner.rules import RULES, severity
from cleaner.stages.decode import LINE_END, declared_encoding, decode, usual_end
from cleaner.stages.locate import Locator

# What is mended may lay bare more: mojibake of mojibake.
MAX_ROUNDS = 8
FIXABLE = frozenset(rule.code for rule in RULES.values() if rule.fixable)
EDITS = FIXABLE - {"ENC013", "TXT008"}
SHOWN_AROUND = 2
# Of a line so many characters are shown, from some before the place where it changes.
SHOWN_CHARACTERS, SHOWN_BEFORE = 1000, 200
PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|\?xml|!--)", re.IGNORECASE)


class Patch(NamedTuple):
    """The code points `start` to `end` of a file's text become `new`, by a rule."""

    start: int
    end: int
    new: str
    rule: str


@dataclass(slots=True)
class Change:
    """A file, its bytes before and after, and how many places were mended by each rule."""

    name: str
    path: Path
    before: bytes
    after: bytes
    counts: Counter[str] = field(default_factory=Counter)

    def write(self) -> bool:
        """Put the mended bytes into the file's place, whole, if it is still as it was read; whether it is."""
        try:
            return replace_file(self.path, self.after, before=self.before)
        except Busy:
            return False

    def said(self) -> str:
        """What was mended, in one line."""
        done = ", ".join(f"{rule} {RULES[rule].name} {count}" for rule, count in sorted(self.counts.items()))
        return f"fixed {visible(self.name, one_line=True)}: {done}"

    def left(self) -> str:
        """What is said of a file that somebody else changed meanwhile."""
        return f"left {visible(self.name, one_line=True)} alone: it is being changed by somebody else. Run again"

    def diff(self) -> str:
        """The difference as a person reads it: what can't be seen is written as its code point."""
        before, after = (visible(decode(data, "").text).split("\n") for data in (self.before, self.after))
        name = visible(self.name, one_line=True)
        lines = difflib.unified_diff(before, after, f"{name} (before)", f"{name} (after)", lineterm="", n=SHOWN_AROUND)
        return f"{self.said().replace('fixed', 'would fix', 1)}\n" + "".join(f"{line}\n" for line in _clipped(lines))


def _clipped(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a difference, of long ones the part around the place where the line before and the line after part."""
    for sign, group in groupby(lines, key=lambda line: line[:1] in "-+" and line[:3] not in ("---", "+++")):
        together = list(group)
        before, after = ([line for line in together if line.startswith(mark)] for mark in "-+")
        parted = [_common(old[1:], new[1:]) for old, new in zip(before, after, strict=False)] if sign else []
        for found in (before, after) if sign else (together,):
            for line, at in zip_longest(found, parted[: len(found)], fillvalue=0):
                yield _clip(str(line), int(at))


def _common(one: str, other: str) -> int:
    """How many characters two lines begin with together."""
    return next(
        (at for at, (here, there) in enumerate(zip(one, other, strict=False)) if here != there),
        min(len(one), len(other)),
    )


def _clip(line: str, at: int) -> str:
    """A line of a difference, short enough to be read, with what stands at the code point `at` behind its sign."""
    if len(line) <= SHOWN_CHARACTERS:
        return line
    start = max(0, at - SHOWN_BEFORE)
    end = start + SHOWN_CHARACTERS
    behind = f" [{len(line) - 1 - end:,} more]" if end < len(line) - 1 else ""
    return f"{line[0]}{f'[{start:,} before] ' if start else ''}{line[1 + start : 1 + end]}{behind}"


def fix(paths: Iterable[Path], options: Options, policy: Policy) -> Iterator[Change]:
    """The changes that would mend the files below the paths by the rules that the policy wants. Nothing is written."""
    chosen = set(chain.from_iterable(codes(policy.select))) - set(chain.from_iterable(codes(policy.ignore)))
    items = [item for item in shown_inputs(paths, options) if not item.skipped]
    with LocalEngine(options.jobs, cpu_seconds=options.max_cpu_seconds) as engine:
        for change in engine.mapped(Fixing(options, frozenset(chosen & FIXABLE)), items, folders.size_of):
            # A file that a process died of, or that used up its time, is told by the check and left as it is.
            if isinstance(change, Change):
                yield change


@dataclass(frozen=True, slots=True)
class Fixing:
    """The kernel of `--fix`: what would mend a file by the chosen rules; None where nothing would."""

    options: Options
    chosen: frozenset[str]

    def __call__(self, item: Input) -> Change | None:
        try:
            return _changed(item, self.options, self.chosen)
        except (OSError, MemoryError, ImportError):
            raise
        except Exception:
            # A bug that a file brings to light; the check tells it (ENC011), and the file stays as it is.
            return None


def _changed(item: Input, options: Options, chosen: frozenset[str]) -> Change | None:
    try:
        with folders.opened(item.place) as file:
            data = file.read(options.max_file_bytes + 1)
    except OSError:
        return None
    if len(data) > options.max_file_bytes:
        return None
    change = Change(item.source, item.path, data, data)
    for _ in range(MAX_ROUNDS):
        mended = _mended(item, change.after, options, chosen)
        if mended is None:
            break
        change.after, counts = mended
        change.counts += counts
    return change if change.after != change.before else None


def _mended(item: Input, data: bytes, options: Options, chosen: frozenset[str]) -> tuple[bytes, Counter[str]] | None:
    """The bytes with one round of mending, or None where there is nothing to mend that would leave the article as it is."""
    units = _units(item, data, options)
    decoded = decode(data, item.source) if units else None
    if not units or decoded is None or any(severity(problem.rule) == "error" for problem in decoded.problems):
        return None
    inspected = [one for unit in units for one in inspect(unit, options)]
    before = _article(inspected)
    tried = {data}
    # Where all at once would change the article, some of it may not.
    for rules in (chosen, chosen & EDITS, chosen - EDITS, *({rule} for rule in sorted(chosen))):
        counts: Counter[str] = Counter()
        text = _patched(decoded.text, _patches(inspected, decoded.text, frozenset(rules)), counts)
        if "TXT008" in rules and "\r" in text:
            text = _even(text, counts)
        encoding = "utf-8" if "ENC013" in rules and _may_be_utf_8(data) else decoded.encoding
        try:
            fresh = (codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b"") + text.encode(encoding)
        except UnicodeEncodeError:
            continue
        if encoding != decoded.encoding:
            counts["ENC013"] += 1
        elif encoding != "utf-8" and text == decoded.text:
            fresh = data
        if fresh in tried or not counts:
            continue
        tried.add(fresh)
        again = _units(item, fresh, options)
        if again and _article([one for unit in again for one in inspect(unit, options)]) == before:
            return fresh, counts
    return None


def _may_be_utf_8(data: bytes) -> bool:
    """Whether the file says nothing else of its encoding: a page that declares another one, or none, would be read wrongly."""
    if not PAGE.match(data.lstrip(codecs.BOM_UTF8)):
        return True
    return declared_encoding(data) == "utf-8"


def _units(item: Input, data: bytes, options: Options) -> list[Unit]:
    """The units that the bytes are made of; none for what is packed, and for formats whose text stands elsewhere."""
    units = list(folders.read_bytes(item.source, data, options))
    plain = all(unit.problem is None and unit.form in (Form.FILE, Form.LINES) and not unit.head for unit in units)
    return units if plain and b"".join(unit.data for unit in units) == data else []


def _article(found: list[Inspected]) -> list[object]:
    """All that a cleaned article shows of what was found in a file."""
    return [(one.source, _shown(one.document) if one.document else None) for one in found]


def _shown(document: Document) -> tuple[object, ...]:
    blocks = tuple(replace(block, text=None) for block in document.blocks)  # type: ignore[arg-type]
    return document.format, document.metadata, blocks, tuple(block.text.text for block in document.blocks)


def _patches(inspected: list[Inspected], text: str, rules: frozenset[str]) -> list[Patch]:
    """What the repairs did in the articles of a file, as changes of the file's text."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    patches: list[Patch] = []
    for found in inspected:
        if found.document is None:
            continue
        base = starts[found.first_line - 1] if found.first_line <= len(starts) else 0
        locator = Locator(found.text, found.first_line)
        for span, new, rule in _edits(found.document, rules):
            patch = _patch(found, span, new, rule, locator)
            if patch:
                patches.append(patch._replace(start=patch.start + base, end=patch.end + base))
    return sorted(set(patches))


def _edits(document: Document, rules: frozenset[str]) -> Iterator[tuple[Span, str, str]]:
    for block in document.blocks:
        at = 0
        for run in block.text.runs:
            if run.op is Op.EDIT and run.span and set(run.rules) <= rules & EDITS:
                yield run.span, block.text.text[at : at + run.size], run.rules[0]
            at += run.size
    for loss in document.dropped:
        if loss.rule in rules & EDITS:
            yield loss.span, "", loss.rule


def _patch(found: Inspected, span: Span, new: str, rule: str, locator: Locator) -> Patch | None:
    start, end = (offset_of(found, span, at, locator) for at in (span.start, span.end))
    if start is None or end is None or start >= end or found.document is None:
        return None
    if found.document.format == "json":
        new = json.dumps(new, ensure_ascii=False)[1:-1]
    elif found.document.format == "html" and set(new) & set("<>&\"'"):
        return None
    return Patch(start, end, new, rule)


def _patched(text: str, patches: list[Patch], counts: Counter[str]) -> str:
    parts: list[str] = []
    at = 0
    for patch in patches:
        if patch.start < at:
            continue
        parts += [text[at : patch.start], patch.new]
        counts[patch.rule] += 1
        at = patch.end
    return "".join([*parts, text[at:]])


def _even(text: str, counts: Counter[str]) -> str:
    """The text with the line ending that most of its lines have."""
    usual = usual_end(text)
    strangers = sum(match.group() != usual for match in LINE_END.finditer(text))
    if strangers:
        counts["TXT008"] += strangers
    return LINE_END.sub(usual, text) if strangers else text
