"""The laws of duplicates: of all that was dropped as a copy one copy survives, the report tells of it, and no text says a sentence twice."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from cleaner.measures.words import sentences_of, words_of
from cleaner.model.problems import Problem
from cleaner.model.text import Span
from cleaner.verification.account import RECORD_FORMATS, Account, Loss, origins_of
from cleaner.verification.case import DROPPED_WHOLE, REPEATED, UNCOVERED, Case, replayed


def copies_survive(case: Case) -> Iterator[Problem]:
    """Laws 1 and 4: what was dropped as a copy stands in the text, at the place that is named, in as many of its words as is said."""
    unique = _unique_words(case)
    for copy in copies_of(case.account, case.strings, case.account.losses):
        if copy.kept_at is None:
            if copy.rule == REPEATED and not (unique.get(case.account.origins[copy.origin].source)):
                yield case.problem(
                    UNCOVERED, "dropped as a repeat, but no copy is said to survive.", copy.origin, copy.span
                )
            continue
        start, end = copy.kept_at
        if copy.rule == "DUP002" or end > len(case.text):
            yield case.problem(UNCOVERED, "the place of the surviving copy is not in the text.", copy.origin, copy.span)
        elif not _ends_at_words(case, start, end):
            yield case.problem(
                UNCOVERED,
                f"the place of the surviving copy, {start} to {end}, begins or ends inside a word.",
                copy.origin,
                copy.span,
            )
        elif copy.words and copy.rule != REPEATED and not _is_tight(copy, case.text[start:end]):
            yield case.problem(
                UNCOVERED,
                f"the place of the surviving copy, {case.text[start:end]!r:.60}, begins or ends with words that were not dropped.",
                copy.origin,
                copy.span,
            )
        elif copy.words is not None and (share := copy.share(case.text)) < (least := _least_share(case, copy)):
            yield case.problem(
                UNCOVERED,
                f"{share} % of the words dropped stand at the surviving copy, {case.text[start:end]!r:.60}; {least} % at least must.",
                copy.origin,
                copy.span,
            )


# Words are counted here in any order: so much more of a repeat may be found to survive than an alignment says, in percent.
MAX_SURPLUS = 20


class Copy(NamedTuple):
    """A sentence that was dropped for a copy of it: where it stood, by which rule, where the copy stands, and its words (None: not known)."""

    origin: int
    span: tuple[int, int]
    rule: str
    kept_at: tuple[int, int] | None
    words: tuple[str, ...] | None

    def matched(self, text: str) -> int:
        """How many of the words stand at the surviving copy, in any order: never fewer than an alignment in order finds.

        Sentences side by side that one copy survives of are one here, so each of its words may stand for several.
        """
        if self.words is None or self.kept_at is None:
            return 0
        there = _mended_words(text[slice(*self.kept_at)])
        times = max(1, (2 * len(self.words) + len(there)) // (2 * len(there))) if there else 0
        return (Counter(self.words) & Counter(there * times)).total()

    def share(self, text: str) -> int:
        """The share of the words that stand at the surviving copy, in percent rounded down."""
        return 100 * self.matched(text) // len(self.words) if self.words else 100


def _is_tight(copy: Copy, there: str) -> bool:
    """Whether a place begins and ends with words of the copy that it is the place of."""
    words = _mended_words(there)
    return bool(words) and {words[0], words[-1]} <= set(copy.words or ())


def _least_share(case: Case, copy: Copy) -> int:
    """The share of its words, in percent, that stands at the place of a copy. A repeat in a document that was dropped stands there by way of that document's own copy."""
    from cleaner.stages.confirm import MIN_SENTENCE_SHARE
    from cleaner.stages.unrepeat import MIN_SHARE_IN_RUN

    if copy.rule != REPEATED:
        return MIN_SENTENCE_SHARE
    is_of_kept = case.account.origins[copy.origin].source == case.row["source"]
    return MIN_SHARE_IN_RUN if is_of_kept else MIN_SHARE_IN_RUN * MIN_SENTENCE_SHARE // 100


def copies_of(account: Account, strings: Sequence[str | None], losses: Iterable[Loss]) -> Iterator[Copy]:
    """The sentences that were dropped as copies: spans one after another with one rule and one surviving copy.

    In a body that is a tree of nodes, a sentence with a link in it stands in several strings.
    """
    together: list[Loss] = []
    for loss in [*losses, None]:
        if loss is not None and not loss.rule.startswith("DUP"):
            continue
        if together and (loss is None or not _goes_on(account, together[-1], loss)):
            first = together[0]
            same = [other for other in together if other.origin == first.origin]
            yield Copy(
                first.origin,
                (first.span[0], same[-1].span[1]),
                first.rule,
                first.kept_at,
                _words_together(account, strings, together),
            )
            together = []
        if loss is not None:
            together.append(loss)


def _goes_on(account: Account, last: Loss, loss: Loss) -> bool:
    """Whether a span goes on with the sentence of the one before it."""
    if (last.rule, last.kept_at) != (loss.rule, loss.kept_at):
        return False
    is_across = loss.rule in DROPPED_WHOLE and loss.kept_at is not None
    sources = account.origins[last.origin].source, account.origins[loss.origin].source
    return loss.origin == last.origin or (is_across and sources[0] == sources[1])


def _words_together(account: Account, strings: Sequence[str | None], losses: Sequence[Loss]) -> tuple[str, ...] | None:
    """The words of spans that were one sentence; None where a string of theirs is not at hand."""
    text, before = "", ""
    for origin, own in groupby(losses, lambda loss: loss.origin):
        string = strings[origin]
        if string is None:
            return None
        pointer = account.origins[origin].pointer
        # Two nodes of one list are parts of one word if need be; else they are of two blocks.
        is_beside = re.sub(r"\d+(?=\D*$)", "", before) == re.sub(r"\d+(?=\D*$)", "", pointer)
        text += ("" if is_beside or not text else " ") + _sentence(account.origins[origin].format, string, list(own))
        before = pointer
    return _mended_words(text)


# What a link leads to, and what a wiki link does, may have spaces and bars in it, and stands between two letters of a word if need be.
LINK_TARGET = re.compile(r"\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\]\[[^\]\n]*\]|\[\[[^\[\]|\n]*\|")

# A tag; the group is there where it parts two words.
TAG = re.compile(
    r"<(/?(?:p|div|br|hr|h[1-6]|[uod]l|li|d[dt]|t[drh]|table|t(?:head|body|foot)|caption|pre|blockquote|section|article|aside|header|footer|fig(?:ure|caption)|details|summary|center|address)\b)?[^<>]*>",
    re.IGNORECASE,
)


def _resolved(form: str, text: str) -> str:
    """The text with its character references resolved, where its format has them. In Markdown they have a semicolon: `&param1` is none, though a page may write `&para`."""
    if form == "markdown" and "&" in text:
        from ftfy.fixes import unescape_html

        return unescape_html(text)
    return html.unescape(text) if form in ("html", *RECORD_FORMATS) else text


def _sentence(form: str, string: str, losses: Sequence[Loss]) -> str:
    """The text of spans that were one sentence, as one string: white space and the borders of cells stay, inline markup goes."""
    parts: list[str] = []
    for before, loss in zip([None, *losses], losses, strict=False):
        if before is not None:
            gap = re.sub(
                TAG,
                lambda tag: " " if tag[1] else "",
                string[before.span[1] : loss.span[0]],
            )
            # White space may stand there as a reference: `&nbsp;`.
            gap = _resolved(form, gap)
            # Markup may stand around the space, or around the border of two cells: `**a** **b**`, `[a](x)|[b](y)`.
            apart = re.search(r"[\s|]", LINK_TARGET.sub("", gap))
            parts.append(" " if apart and not gap.startswith("-") else "")
        parts.append(string[slice(*loss.span)])
    text = "".join(parts)
    return _resolved(form, text)


CONTROL_SEQUENCE = re.compile("\x1b\\[[\\d;]*[a-zA-Z]")


JOINERS = "\t\n\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"


@lru_cache(maxsize=64)
def _mended_words(text: str) -> tuple[str, ...]:
    """The words of a text as they are when it is mended. Code is not, so what is compared is mended on both sides."""
    from cleaner.stages.repair import BIDI, IDLE_JOINER, RIGHT_TO_LEFT

    mended = replayed(("TXT004", "TXT001", "TXT006"), CONTROL_SEQUENCE.sub("", text)) or ""
    mended = IDLE_JOINER.sub("", mended)
    if mended.replace("\n", " ").isprintable():
        # Nothing in it is a control or a mark that is not seen.
        return tuple(words_of(mended).norms)
    # Other joiners stay, and so do the marks of direction in a text from right to left.
    stays = JOINERS if RIGHT_TO_LEFT.search(mended) is None else JOINERS + "".join(BIDI.findall(mended))
    plain = "".join(char for char in mended if char in stays or unicodedata.category(char) not in ("Cf", "Cc"))
    return tuple(words_of(plain).norms)


def _ends_at_words(case: Case, start: int, end: int) -> bool:
    """Whether a place begins and ends as words do, or as an edit does, which is one whole."""
    segments = case.account.segments

    def is_edge(position: int) -> bool:
        index = bisect_left(segments, position, key=lambda segment: segment.start)
        beside = segments[max(0, index - 1) : index + 1]
        return any(segment.op != "copy" and position in (segment.start, segment.end) for segment in beside)

    words = words_of(case.text[max(0, start - 40) : end + 40])
    shift = max(0, start - 40)
    return (start - shift in words.starts or is_edge(start)) and (end - shift in words.ends or is_edge(end))


def _unique_words(case: Case) -> dict[str, Counter[str]]:
    unique: dict[str, Counter[str]] = {}
    for source in case.account.sources()[1:]:
        member = case.told.records.get("member", source) or {}
        unique[source] = Counter(
            word for sentence in member.get("unique_sentences", ()) for word in _mended_words(sentence)
        )
    return unique


def unique_sentences_are_told(case: Case) -> Iterator[Problem]:
    """Law 1: of a dropped document, what no copy survives of is listed in the report, and nothing else."""
    told = _unique_words(case)
    lost: dict[str, Counter[str]] = {source: Counter() for source in told}
    for copy in copies_of(case.account, case.strings, case.account.losses):
        source = case.account.origins[copy.origin].source
        if copy.rule in DROPPED_WHOLE and copy.kept_at is None and source in lost:
            if copy.words is None:
                return
            lost[source].update(copy.words)
    for source in told:
        if missing := lost[source] - told[source]:
            yield case.problem(
                UNCOVERED,
                f"{source} says what no other text does, and the report does not list it: {' '.join(missing)!r:.60}.",
            )
        if surplus := told[source] - lost[source]:
            yield case.problem(
                UNCOVERED,
                f"the report lists words as unique to {source} that were not dropped as such: {' '.join(surplus)!r:.60}.",
            )


def repeats_are_told(case: Case) -> Iterator[Problem]:
    """Laws 3 and 4: every run that the report calls a repeat was dropped, its copy stands where it says, as similar as it says; and no other was."""
    losses = [loss for loss in case.account.losses if loss.rule == REPEATED]
    # By where they begin in their origin: a document of nothing but repeats has as many losses as the report has repeats.
    placed = sorted(losses, key=_begins)
    numbers = _numbers(case.account)
    told: set[Loss] = set()
    for source in case.account.sources():
        for repeat in case.told.records.all("repeats", source):
            dropped = repeat["dropped"]
            number = numbers.get((source, dropped["pointer"]), -1)
            first, last = (
                bisect_left(placed, (number, place), key=_begins) for place in (dropped["start"], dropped["end"])
            )
            own = placed[first:last]
            told.update(own)
            if own:
                yield from _is_as_told(case, repeat, source, own)
            else:
                place = Span(dropped["start"], dropped["end"], dropped["pointer"])
                yield Problem(
                    UNCOVERED, f"{case.name}: the report tells of a repeat that was not dropped.", source, place
                )
    # What is left of a block between its repeats (a full stop) goes with them: without the source it is known by where its copy stands.
    beside = {(loss.origin, loss.kept_at) for loss in told}
    for copy in copies_of(case.account, case.strings, (loss for loss in losses if loss not in told)):
        if copy.words != () and (copy.words or (copy.origin, copy.kept_at) not in beside):
            yield case.problem(
                UNCOVERED, "dropped as a repeat of which the report does not tell.", copy.origin, copy.span
            )


def _begins(loss: Loss) -> tuple[int, int]:
    return loss.origin, loss.span[0]


def _numbers(account: Account) -> dict[tuple[str, str], int]:
    """The number of each origin by its source and pointer."""
    return {(origin.source, origin.pointer): number for number, origin in enumerate(account.origins)}


def _is_as_told(case: Case, repeat: dict[str, Any], source: str, losses: Sequence[Loss]) -> Iterator[Problem]:
    """The surviving copy of a run stands where the report says, and is as similar."""
    dropped, kept_at, first = repeat["dropped"], repeat["kept_at"], case.account.origins[losses[0].origin]
    run = list(copies_of(case.account, case.strings, losses))
    place = run[0].origin, run[0].span
    named = {dropped["source"], kept_at["source"]} == {source} and {dropped["pointer"], kept_at["pointer"]} == {
        first.pointer
    }
    string = case.strings[losses[0].origin]
    rest = "" if string is None else string[dropped["end"] : losses[-1].span[1]]
    if not named or dropped["start"] != losses[0].span[0] or dropped["end"] > losses[-1].span[1] or rest.strip():
        yield case.problem(UNCOVERED, "the report tells of a repeat that begins or ends elsewhere.", *place)
    told = kept_at["start"], kept_at["end"]
    if source == case.row["source"] and (hull := _hull(case.account, run)) != told:
        yield case.problem(
            UNCOVERED, f"the report says that the copy survives at {told} of the source; it is {hull}.", *place
        )
    said, found = round(100 * repeat["similarity"]), _survives(case, run, string, told)
    if found is not None and not said <= found <= said + MAX_SURPLUS:
        yield case.problem(UNCOVERED, f"the report says that {said} % of a repeat survive; it is {found} %.", *place)
    shown, words = repeat["text"], [word for copy in run for word in copy.words or ()]
    if string is not None and not _tells(shown, words):
        yield case.problem(UNCOVERED, f"the report quotes a repeat as {shown!r:.60}; it says other words.", *place)


def _survives(case: Case, run: Sequence[Copy], string: str | None, kept_at: tuple[int, int]) -> int | None:
    """The share of a run's words that survive, in percent rounded down: in the text, or for a dropped document in its own source."""
    words = [word for copy in run for word in copy.words or ()]
    if string is None or not words:
        return None
    if case.account.origins[run[0].origin].source == case.row["source"]:
        return 100 * sum(copy.matched(case.text) for copy in run) // len(words)
    own = Counter(_mended_words(_sentence("html", string, [Loss(0, kept_at, "", None)])))
    return 100 * sum(sum((Counter(copy.words) & own).values()) for copy in run) // len(words)


def _tells(shown: str, words: Sequence[str]) -> bool:
    """Whether a passage that is shown, perhaps cut at its end, says the words."""
    said = _mended_words(shown.removesuffix("\N{HORIZONTAL ELLIPSIS}"))
    whole = said[:-1] if shown.endswith("\N{HORIZONTAL ELLIPSIS}") else said
    return tuple(words[: len(whole)]) == whole and (whole != said or len(words) == len(said))


def _hull(account: Account, run: Sequence[Copy]) -> tuple[int, int] | None:
    """The span of the source that the surviving copies of a run came from."""
    spans = [span for copy in run if copy.kept_at for _, span in origins_of(account, *copy.kept_at)]
    return (min(start for start, _ in spans), max(end for _, end in spans)) if spans else None


def nothing_stands_twice(case: Case) -> Iterator[Problem]:
    """Law 3: no sentence of enough words stands twice word for word, but in tables and code, or where the report says that it is meant."""
    least = case.told.options["min_repeat_tokens"]
    meant: dict[int, list[tuple[int, int]]] | None = None
    first: dict[tuple[str, ...], tuple[int, int]] = {}
    for place in case.account.blocks:
        if place.kind in ("code", "row"):
            continue
        text = case.text[place.start : place.end]
        for start, end in sentences_of(text):
            words = tuple(words_of(text[start:end]).norms)
            here = place.start + start, place.start + end
            there = first.setdefault(words, here)
            if len(words) < least or there == here:
                continue
            meant = _meant_spans(case) if meant is None else meant
            if not _is_meant(case, here, meant) and not _is_meant(case, there, meant):
                yield case.problem(REPEATED, f"{case.text[slice(*here)]!r:.80} stands twice.", span=here)


def _meant_spans(case: Case) -> dict[int, list[tuple[int, int]]]:
    """What the report calls repeats that are meant: for the number of each origin their spans, apart from one another and in order."""
    numbers = _numbers(case.account)
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for source in case.account.sources():
        for repeat in case.told.records.all("meant_repeats", source):
            for span in (repeat["dropped"], repeat["kept_at"]):
                if (number := numbers.get((span["source"], span["pointer"]), -1)) >= 0:
                    spans[number].append((span["start"], span["end"]))
    return {number: list(_united(sorted(own))) for number, own in spans.items()}


def _united(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sorted spans, those that touch or overlap made one: a refrain has as many as it has places, and each is asked for all."""
    start, end = -1, -1
    for left, right in spans:
        if left > end:
            if start >= 0:
                yield start, end
            start, end = left, right
        end = max(end, right)
    if start >= 0:
        yield start, end


def _is_meant(case: Case, out: tuple[int, int], meant: Mapping[int, Sequence[tuple[int, int]]]) -> bool:
    for number, (start, end) in origins_of(case.account, *out):
        spans = meant.get(number, ())
        # Of spans apart from one another, the last that begins before the end is the one that reaches furthest.
        index = bisect_left(spans, end, key=lambda span: span[0]) - 1
        if index >= 0 and start < spans[index][1]:
            return True
    return False


def meant_repeats_are_repeats(case: Case) -> Iterator[Problem]:
    """Law 3: an exception is one: what the report calls a repeat that is meant stands in the text, in the words that it quotes and as it did before.

    The place before may itself have gone, as a part of a longer repeat.
    """
    source = case.row["source"]
    numbers = _numbers(case.account)
    for repeat in case.told.records.all("meant_repeats", source):
        dropped, kept_at = repeat["dropped"], repeat["kept_at"]
        is_own = source == dropped["source"] == kept_at["source"] and dropped["pointer"] == kept_at["pointer"]
        number = numbers.get((source, dropped["pointer"])) if is_own else None
        here, there = (
            () if number is None else _mended_words(text_of(case, number, (span["start"], span["end"])))
            for span in (dropped, kept_at)
        )
        if not here or not _tells(repeat["text"], here) or there not in ((), here):
            yield Problem(
                UNCOVERED,
                f"{case.name}: the report tells of a repeat that is meant, {repeat['text']!r:.60}, which is none.",
                source,
                Span(dropped["start"], dropped["end"], dropped["pointer"]),
            )


def text_of(case: Case, origin: int, span: tuple[int, int]) -> str:
    """What the text says that came from a span."""
    start, end = span
    found = case.account.segments_from(origin, start, end)
    if not found:
        return ""
    first, last = found[0], found[-1]
    begin = first.start + (max(0, start - first.span[0]) if first.op == "copy" else 0)
    return case.text[begin : last.end - (max(0, last.span[1] - end) if last.op == "copy" else 0)]
