"""Blocks in, blocks with their damage mended out: mojibake, invisible characters, broken words, glued sentences; every change is traced."""

from __future__ import annotations

import difflib
import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from cleaner.measures.forms import is_composed, normalized
from cleaner.measures.words import MIN_GLUED_WORDS, glues_of
from cleaner.model.documents import Block, Document, Kind
from cleaner.model.problems import Problem
from cleaner.model.text import Cutter, Dropped, Edit, Run, Span, TracedText
from cleaner.rules import MARKUP, RULES, SEPARATOR

# Punctuation that no pair of the mojibake heuristic is made of, unless a letter or sign of another class stands beside it.
TYPOGRAPHY = "\u00a0\u2013\u2014\u2026\u2018\u2019\u201c\u201d"
# Text that holds none of this is left unchanged by every step below: ftfy's heuristic needs a C1 control, one of four letters, or two
# characters beyond ASCII side by side, of which one is not typography; the other steps need the characters named here.
SUSPICIOUS = re.compile(
    rf"""
      [\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]          # controls
    | &\#?[0-9A-Za-z]{{1,24}};                   # character references
    | [\u0152\u0153\u00c3\u00c2]                 # OE ligatures, A with tilde or circumflex: suspicious alone
    | [^\x00-\x7f{TYPOGRAPHY}][^\x00-\x7f]
    | [^\x00-\x7f][^\x00-\x7f{TYPOGRAPHY}]
    | [\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]   # Latin ligatures
    | [\u2028\u2029\ud800-\udfff\u206a-\u206f\ufeff\ufff9-\uffff]
    """,
    re.VERBOSE,
)  # fmt: skip
# Those of them that are no part of a mojibake sequence, so that they may go first.
STRANGERS = re.compile("[\u180e\u200b\u2060-\u2064\ufeff\ufff9-\ufffc]")
INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff\ufff9-\ufffc]")
# A manifest of C2PA in a text: its bytes as variation selectors behind a zero-width no-break space (C2PA Technical Specification, embedding manifests into
# unstructured text). It is told by its length: nobody writes so many selectors in a row.
MANIFEST = re.compile("\ufeff[\ufe00-\ufe0f\U000e0100-\U000e01ef]{8,}")
# Joiners shape Arabic, Indic scripts and emoji; between other characters they do nothing. (As what such a character is not: that compiles sooner.)
IDLE_JOINER = re.compile("(?<![^\0-\u058f])[\u200c\u200d]+(?![^\0-\u058f])")
BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
CONTROLS = re.compile("\x1b\\[[\\d;]*[a-zA-Z]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u206a-\u206f]")
# Those of the second set too, once what damaged text makes of them was mended: terminals obey them as well. The next line is white space.
ALL_CONTROLS = re.compile(rf"{CONTROLS.pattern}|[\x80-\x84\x86-\x9f]")
# Marks that open or close nothing; stars behind a letter and before a space may stand for letters that somebody would not print, and
# those before a variable, or a function's named arguments, are a program's.
STRAY_EMPHASIS = re.compile(
    r"""(?<![*\w\\])\*{2,}(?=[\w"'(\u201c\u2018])(?!kw(?:arg|d)s\b|[^\W\d]\w*[._]\w)  |  (?<=\w)\*{2,}(?=[.,;:!?])  |  (?<=[.,;:!?)"'\u201d\u2019])\*{2,}(?=\s|$)
      | (?<=\w\w\w)\*{2,}(?=\s|$)""",
    re.VERBOSE,
)
# The hyphen is looked for, not the word before it: a line of a million letters is then read once, not once a letter.
BROKEN_WORD = re.compile(r"(?<=[^\W\d_]{2})-\n(?=[^\W\d_]{2})")
HYPHENATED = re.compile(r"(?<![^\W\d_])([^\W\d_]+)-(?=([^\W\d_]+))")
SPACES = re.compile(r"[^\S\n]*\n\s*|\s{2,}|[^\S \u00a0\u202f\u2009\u3000]")
GLUED_ITEM = re.compile(r"[:.;][-\N{BULLET}](?<=[^\W\d_]..)\s+(?=[A-Z])")
# Text beyond ASCII that holds none of this is changed by no step at all: to what makes it suspicious come invisible characters and marks, stray
# stars, and white space that is not one space.
DAMAGED = re.compile(
    rf"{SUSPICIOUS.pattern} | [\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u061c] | \*\* | [^\S\u0020\u00a0\u202f\u2009\u3000] | \s\s",
    re.VERBOSE,
)


def repair(document: Document) -> tuple[Document, list[Problem]]:
    """The document with every block mended, and a problem for each rule that found something to mend."""
    mender = _Mender(document)
    blocks = [mended for block in document.blocks for mended in mender.mended(block)]
    metadata = replace(
        document.metadata,
        title=_clean(document.metadata.title),
        description=_clean(document.metadata.description),
        author=tuple(_clean(name) for name in document.metadata.author),
        publisher=_clean(document.metadata.publisher),
        section=_clean(document.metadata.section),
    )
    repaired = replace(document, blocks=tuple(blocks), metadata=metadata, dropped=(*document.dropped, *mender.dropped))
    return repaired, list(mender.problems())


# -- the steps on strings: each is named by its rule, and replays from the source span alone --


def unescape_references(text: str) -> str:
    """Character references as the characters that they stand for, unless the text holds markup."""
    if "<" in text or "&" not in text:
        return text
    from ftfy.fixes import unescape_html

    return unescape_html(text)


def mend_mojibake(text: str) -> str:
    """Text that was decoded with the wrong encoding, decoded again (ftfy)."""
    from ftfy import TextFixerConfig, fix_encoding
    from ftfy.fixes import fix_c1_controls, fix_surrogates

    return fix_surrogates(fix_c1_controls(fix_encoding(text, TextFixerConfig(unescape_html=False))))


def compose(text: str) -> str:
    """Normalization Form C, and Latin ligatures as their letters."""
    from ftfy.fixes import fix_latin_ligatures

    return normalized("NFC", fix_latin_ligatures(text))


REPLAYS: dict[str, Callable[[str], str]] = {
    "TXT004": unescape_references,
    "TXT001": mend_mojibake,
    "TXT006": compose,
    MARKUP: html.unescape,
}
# In the order in which they run, again and again until none changes anything.
MENDING = ("TXT004", "TXT001", "TXT006")
MAX_ROUNDS = 8
# A text longer than this is compared with what a rule made of it by stretches of so many words.
MAX_COMPARED = 4000
STRETCH = re.compile(r"(?:\S++\s*+){1,20}+|\s++")
WORD_OR_SPACE = re.compile(r"\S++|\s++")
# The pairs of equal characters in two texts that difflib is given; prose of a thousand characters has fifty thousand.
MAX_PAIRS = 100_000


def replay(rules: Iterable[str], text: str) -> str:
    """What the named repairs make of a source span. Raises KeyError for a rule that edits nothing."""
    rules = tuple(rules)
    for _ in range(MAX_ROUNDS):
        before = text
        for rule in rules:
            text = REPLAYS[rule](text)
        # A reference of the page's own markup is resolved once; only the repairs are repeated.
        rules = tuple(rule for rule in rules if rule != MARKUP)
        if text == before:
            break
    return text


def is_suspicious(text: str) -> bool:
    """Whether one of the mending steps could change `text`; False is proof that none does."""
    if text.isascii():
        return bool(SUSPICIOUS.search(text))
    return bool(SUSPICIOUS.search(text)) or not is_composed(text)


def is_sound(text: str) -> bool:
    """Whether no step of the repair but the cutting of glued sentences could change `text`; True is proof, and found in one pass or a few quick ones."""
    if text.isascii():
        return _is_evenly_spaced(text) and "**" not in text and "&" not in text
    return not DAMAGED.search(text) and is_composed(text)


def _is_evenly_spaced(text: str) -> bool:
    """Whether a text in ASCII has no control and no white space but single spaces; False says nothing of others."""
    return text.isascii() and text.isprintable() and "  " not in text


def _clean(text: str) -> str:
    """A string of the metadata, mended and on one line."""
    if is_sound(text):
        return " ".join(text.split())
    text = replay(MENDING, text) if is_suspicious(text) else text
    text = text if RIGHT_TO_LEFT.search(text) else BIDI.sub("", text)
    return " ".join(INVISIBLE.sub("", ALL_CONTROLS.sub("", text)).split())


class _Finding(NamedTuple):
    """The first place that a rule mended, in words."""

    span: Span | None
    before: str
    after: str


class _Mender:
    """Mends block by block and remembers what each rule dropped and found first."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.dropped: list[Dropped] = []
        self.first: dict[str, _Finding] = {}
        self.count: dict[str, int] = {}
        self.fields = {field.pointer: field.text for field in document.fields}

    @cached_property
    def whole(self) -> str:
        """The text of the document as it came, which shows what it writes with a full stop inside."""
        return "\n".join(block.text.text for block in self.document.blocks)

    def mended(self, block: Block) -> Iterator[Block]:
        if block.kind is Kind.CODE:
            yield self._disarmed(block)
            return
        if not is_sound(block.text.text):
            block = self._without_damage(block)
        # The first cell of a row may be empty.
        block = block if block.kind is Kind.ROW else self._stripped(block)
        if block.text.text:
            yield from self._unglued(block)

    def _disarmed(self, block: Block) -> Block:
        """Code as it is, but for what terminals obey and what makes it read otherwise than it runs."""
        block = self._without(block, ALL_CONTROLS, "TXT005")
        return block if RIGHT_TO_LEFT.search(block.text.text) else self._without(block, BIDI, "TXT003")

    def _stripped(self, block: Block) -> Block:
        """The block without white space around it; damage that was mended to white space is not lost without a word."""
        start, end = block.text.inner()
        if (start, end) == (0, len(block.text)):
            return block
        for around in (block.text.sliced(0, start), block.text.sliced(end)):
            self.dropped += _mended_spaces(around)
        return block.stripped()

    def _without_damage(self, block: Block) -> Block:
        """The block with every step of the repair carried out; where a control is left inside an edit, the controls go first."""
        mended = self._with_steps(block)
        if not ALL_CONTROLS.search(mended.text.text):
            return mended
        return self._with_steps(self._without(block, ALL_CONTROLS, "TXT005"))

    def _with_steps(self, block: Block) -> Block:
        if not block.text.text.isascii():
            block = self._without(block, MANIFEST, "ENC015")
            block = self._without(block, STRANGERS, "TXT002")
        if is_suspicious(block.text.text):
            block = self._without(block, CONTROLS, "TXT005")
            for _ in range(MAX_ROUNDS):
                before = block.text.text
                for rule in MENDING:
                    block = self._stepped(block, rule)
                if block.text.text == before:
                    break
            block = self._without(block, ALL_CONTROLS, "TXT005")
        if not block.text.text.isascii():
            block = self._without(block, INVISIBLE, "TXT002")
            block = self._without(block, IDLE_JOINER, "TXT002")
            if not RIGHT_TO_LEFT.search(block.text.text):
                block = self._without(block, BIDI, "TXT003")
        if "**" in block.text.text:
            block = self._without(block, STRAY_EMPHASIS, "TXT004")
        if "-\n" in block.text.text:
            block = self._rejoined(block)
        return self._spaced(block)

    def problems(self) -> Iterator[Problem]:
        for rule in sorted(self.count):
            finding, count = self.first[rule], self.count[rule]
            change = (
                f"{_shown(finding.before)} became {_shown(finding.after)}"
                if finding.after
                else f"{_shown(finding.before)} was dropped"
            )
            places = "1 place" if count == 1 else f"{count} places"
            yield Problem(
                rule, f"{RULES[rule].summary} Mended in {places}; first: {change}.", self.document.source, finding.span
            )

    def _edited(self, block: Block, edits: list[Edit]) -> Block:
        """The block with those of the edits carried out that leave every character replayable."""
        if not edits:
            return block
        cutter = Cutter(block.text)
        possible: list[Edit] = []
        at = 0
        for edit in edits:
            if at <= edit.start and self._can(cutter, edit):
                possible.append(edit)
                at = edit.end
        mended: dict[Span, Dropped] = {}
        for edit in possible:
            if edit.rule == MARKUP and cutter.has_edits:
                losses = _mended_spaces(cutter.sliced(edit.start, edit.end))
                mended.update((loss.span, loss) for loss in losses)
            if edit.rule in RULES:
                self.count[edit.rule] = self.count.get(edit.rule, 0) + 1
                if edit.rule not in self.first:
                    old = cutter.sliced(edit.start, edit.end)
                    self.first[edit.rule] = _Finding(old.hull(), old.text, edit.new)
        block, dropped = block.spliced(possible)
        self.dropped += (mended.get(loss.span, loss) for loss in dropped)
        return block

    def _can(self, text: Cutter, edit: Edit) -> bool:
        if text.has_edits and not (text.can_cut(edit.start) and text.can_cut(edit.end)):
            return False
        if not edit.new or edit.start == edit.end:
            return True
        old = text.sliced(edit.start, edit.end)
        span = old.contiguous()
        if span is None:
            return False
        rules = dict.fromkeys(rule for run in old.runs for rule in run.rules)
        return replay((*rules, edit.rule), self.fields[span.pointer][span.start : span.end]) == edit.new

    def _without(self, block: Block, pattern: re.Pattern[str], rule: str) -> Block:
        return self._edited(block, [Edit(*match.span(), "", rule) for match in pattern.finditer(block.text.text)])

    def _stepped(self, block: Block, rule: str) -> Block:
        """One mending step, its changes told apart so that each replays from as little of the source as can be."""
        before = block.text.text
        after = replay((rule,), before)
        if after == before:
            return block
        edits: list[Edit] = []
        for at, piece, became in _stretches(before, after, rule):
            edits += [edit._replace(start=edit.start + at, end=edit.end + at) for edit in _changes(piece, became, rule)]
        return self._edited(block, edits)

    def _rejoined(self, block: Block) -> Block:
        """Words that were broken at a line's end put together; a hyphen that the document writes elsewhere stays."""
        edits = []
        for match in BROKEN_WORD.finditer(block.text.text):
            keeps = _words_around(block.text.text, *match.span()) in self.hyphenated
            edits.append(Edit(match.start() + keeps, match.end(), "", "TXT007"))
        return self._edited(block, edits)

    @cached_property
    def hyphenated(self) -> frozenset[tuple[str, str]]:
        """What the document writes with a hyphen inside a line, as the words before and behind it."""
        return frozenset(words for field in self.document.fields for words in HYPHENATED.findall(field.text))

    def _spaced(self, block: Block) -> Block:
        """One space wherever there is white space; a line break that is meant stays one."""
        if _is_evenly_spaced(block.text.text):
            return block
        edits: list[Edit] = []
        cutter = Cutter(block.text)
        for match in SPACES.finditer(block.text.text):
            kept = "\n" if "\n" in match.group() and _is_break(cutter, match) else " "
            place = match.group().find(kept)
            if place < 0:
                edits += [Edit(match.start(), match.end(), "", MARKUP), Edit(match.end(), match.end(), kept, SEPARATOR)]
                continue
            edits += [
                Edit(start, end, "", MARKUP)
                for start, end in ((match.start(), match.start() + place), (match.start() + place + 1, match.end()))
                if start < end
            ]
        return self._edited(block, edits)

    def _unglued(self, block: Block) -> Iterator[Block]:
        """The paragraph cut where its sentences, or a list's first item, were glued together."""
        if block.kind is not Kind.PARAGRAPH:
            yield block
            return
        start, restored = 0, False
        kind, text = Kind.PARAGRAPH, block.text.text
        for cut, resume, following in _glues(block, self.whole):
            yield replace(block.sliced(start, cut).stripped(), kind=kind, restored=restored or block.restored)
            self.dropped += [Dropped(span, MARKUP) for span in block.text.sliced(cut, resume).spans()]
            place = block.text.sliced(cut, cut + 1).hull()
            self.first.setdefault(
                "TXT009",
                _Finding(
                    place,
                    text[max(0, cut - 12) : resume + 12],
                    f"{text[max(0, cut - 12) : cut]} \N{PILCROW SIGN} {text[resume : resume + 12]}",
                ),
            )
            self.count["TXT009"] = self.count.get("TXT009", 0) + 1
            start, restored, kind = resume, True, following
        yield (
            replace(block.sliced(start).stripped(), kind=kind, restored=restored or block.restored) if start else block
        )


def _mended_spaces(text: TracedText) -> list[Dropped]:
    """Of white space that is dropped, what damage became it: it goes by the rule that mended it. A letter with a lost space behind it may be one ("\\xc2 ")."""
    return [Dropped(run.span, run.rules[-1]) for run in text.runs if run.span and run.rules and run.rules[-1] in RULES]


def _words_around(text: str, start: int, end: int) -> tuple[str, str]:
    """The letters right before `start` and right behind `end`."""
    before, behind = start, end
    while before and text[before - 1].isalpha():
        before -= 1
    while behind < len(text) and text[behind].isalpha():
        behind += 1
    return text[before:start], text[end:behind]


def _is_break(cutter: Cutter, match: re.Match[str]) -> bool:
    """Whether the white space holds a line break that Markdown's hard break put there, and not one of the source's lines."""
    inside = cutter.sliced(*cutter.cuttable(match.start(), match.end()))
    return any(run.span is None and "\n" in piece for run, piece in _pieces(inside))


def _pieces(text: TracedText) -> Iterator[tuple[Run, str]]:
    at = 0
    for run in text.runs:
        yield run, text.text[at : at + run.size]
        at += run.size


def _glues(block: Block, around: str) -> Iterator[tuple[int, int, Kind]]:
    """Where a paragraph is to be cut: the end of the first part, the start of the next, and what that is."""
    text = block.text.text
    start = 0
    cutter = Cutter(block.text)
    found = [*glues_of(text, around), *GLUED_ITEM.finditer(text)]
    for match in sorted(found, key=lambda glue: glue.start() + (glue.re is GLUED_ITEM)):
        item = match.re is GLUED_ITEM
        # The mark before a glued item closes the sentence.
        cut, resume = (match.start() + 1, match.end()) if item else (match.end(), match.end())
        after = text[resume : resume + 400]
        enough = len(text[start:cut].split()) >= MIN_GLUED_WORDS and len(after.split()) >= MIN_GLUED_WORDS
        inside_mark = any(mark.start < cut < mark.end for mark in block.marks)
        colon = not item and match.group().startswith(":")
        if not enough or inside_mark or colon or not cutter.can_cut(cut):
            continue
        yield cut, resume, Kind.ITEM if item else Kind.PARAGRAPH
        start = resume


def _changes(before: str, after: str, rule: str) -> list[Edit]:
    """The edits by which a rule made one text of the other, each as small as it can be replayed."""
    if before == after:
        return []
    whole = [Edit(0, len(before), after, rule)]
    if len(before) > MAX_COMPARED:
        return whole
    edits: list[Edit] = []
    for start, end, new in _hunks(before, after):
        widened = _replayable(before, start, end, new, after, rule)
        if widened is None:
            return _changed_words(before, after, rule) or whole
        edits.append(widened)
    return edits


def _changed_words(before: str, after: str, rule: str) -> list[Edit]:
    """An edit for each word that the rule changes; none where it does not work word by word."""
    words = list(WORD_OR_SPACE.finditer(before))
    became = [replay((rule,), word.group()) for word in words]
    if "".join(became) != after:
        return []
    return [
        Edit(word.start(), word.end(), new, rule)
        for word, new in zip(words, became, strict=True)
        if new != word.group()
    ]


def _hunks(before: str, after: str) -> list[tuple[int, int, str]]:
    """The parts of `before` that differ from `after`, each as (start, end, what stands there afterwards)."""
    alike = Counter(after)
    if sum(alike[char] for char in before) > MAX_PAIRS:
        return _hunks_of_few_characters(before, after)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [(a, b, after[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]


def _hunks_of_few_characters(before: str, after: str) -> list[tuple[int, int, str]]:
    """The same by the longest common subsequence, which takes no longer where one character stands a thousand times."""
    from rapidfuzz.distance import LCSseq

    hunks = []
    end_before, end_after = 0, 0
    for block in LCSseq.editops(before, after).as_matching_blocks():
        if (end_before, end_after) != (block.a, block.b):
            hunks.append((end_before, block.a, after[end_after : block.b]))
        end_before, end_after = block.a + block.size, block.b + block.size
    return hunks


def _stretches(before: str, after: str, rule: str) -> Iterator[tuple[int, str, str]]:
    """A text and what a rule made of it, in stretches short enough to be compared: where each begins, what it was, and what it became.

    The comparison takes as long as the product of both lengths. What a long text is at white space, its stretches are by themselves; where they are not, what differs
    is one whole.
    """
    if len(before) <= MAX_COMPARED:
        yield 0, before, after
        return
    pieces = [match.group() for match in STRETCH.finditer(before)]
    became = [replay((rule,), piece) for piece in pieces]
    if "".join(became) != after:
        pieces, became = [before], [after]
    at = 0
    for piece, new in zip(pieces, became, strict=True):
        yield at, piece, new
        at += len(piece)


def _replayable(before: str, start: int, end: int, new: str, after: str, rule: str) -> Edit | None:
    """The hunk widened, first to its stretch beyond ASCII and then to its words, until the rule makes of it just what it must."""
    for widen in (r"[^\x00-\x7f]", r"[^\x00-\x7f\s]|\S", r"\S| "):
        left, right = start, end
        while left > 0 and re.fullmatch(widen, before[left - 1]) and start - left < 80:
            left -= 1
        while right < len(before) and re.fullmatch(widen, before[right]) and right - end < 80:
            right += 1
        wanted = before[left:start] + new + before[end:right]
        if replay((rule,), before[left:right]) == wanted and wanted in after:
            return Edit(left, right, wanted, rule)
    return None


def _shown(text: str) -> str:
    """A piece of text with its invisible characters named by number."""
    piece = text if len(text) <= 40 else text[:39] + "\N{HORIZONTAL ELLIPSIS}"
    return "\u201c" + "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in piece) + "\u201d"
