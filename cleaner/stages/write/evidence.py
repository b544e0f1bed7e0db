"""An account in, what the report shows of it out: a few samples of every rule, and for a text with repeats the way of its runs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from itertools import islice
from typing import Any

from cleaner.model.documents import Document, Field
from cleaner.model.text import Op, Span
from cleaner.rules import METADATA, RULES, TRIMMED
from cleaner.stages.write.ledger import Ledger, Loss, Segment

# Of one document a rule shows so many samples, each cut to so many characters, with so many around it.
SAMPLES_PER_RULE = 2
SAMPLE_CHARACTERS, CONTEXT_CHARACTERS = 240, 48
# The entries of the account that are shown by sample: what was edited, and what was dropped for a repair or as no part of the article.
SHOWN_LOSSES = frozenset({code for code in RULES if code.startswith("TXT")} | {*TRIMMED, METADATA})
# Of a text with repeats so many passages are shown, each cut to so many characters.
SHOWN_PASSAGES, PASSAGE_CHARACTERS = 80, 1500
# Runs that follow one another this closely in both texts are one; between the text runs of a page stand its tags.
JOINING_GAP, JOINING_GAP_IN_PAGE = 8, 400
MAX_KEPT_RUNS = 400


def samples(document: Document, text: str, ledger: Ledger) -> list[dict[str, Any]]:
    """What a few edits and losses of the document look like: before, after, and the text around."""
    found: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for segment in ledger.segments:
        if segment.op is Op.COPY:
            continue
        for rule in segment.rules:
            if rule in RULES and seen[rule] < SAMPLES_PER_RULE:
                seen[rule] += 1
                found.append(_of_segment(document, text, segment, rule))
    for loss in ledger.losses:
        if loss.rule in SHOWN_LOSSES and loss.source < len(document.fields) and seen[loss.rule] < SAMPLES_PER_RULE:
            said = _said(document.fields[loss.source], loss.span)
            # A mark or white space between two trimmed parts shows nothing.
            if loss.rule.startswith("TXT") or any(map(str.isalnum, said)):
                seen[loss.rule] += 1
                found.append(_of_loss(document, loss, said))
    return found


def _of_segment(document: Document, text: str, segment: Segment, rule: str) -> dict[str, Any]:
    before = _said(document.fields[segment.source or 0], segment.span) if segment.span else ""
    return {
        "rule": rule,
        "source": document.source,
        "left": text[max(0, segment.start - CONTEXT_CHARACTERS) : segment.start],
        "before": before[:SAMPLE_CHARACTERS],
        "after": text[segment.start : segment.end][:SAMPLE_CHARACTERS],
        "right": text[segment.end : segment.end + CONTEXT_CHARACTERS],
    }


def _of_loss(document: Document, loss: Loss, said: str) -> dict[str, Any]:
    whole = document.fields[loss.source].text
    # Around a mended place stands the text that it was mended in; what was left out as a whole needs nothing around it.
    around = CONTEXT_CHARACTERS if loss.rule.startswith("TXT") and document.fields[loss.source].runs is None else 0
    return {
        "rule": loss.rule,
        "source": document.source,
        "left": whole[max(0, loss.span.start - around) : loss.span.start],
        "before": said[:SAMPLE_CHARACTERS],
        "after": "",
        "right": whole[loss.span.end : loss.span.end + around],
    }


def traces(document: Document, text: str, ledger: Ledger) -> list[dict[str, Any]]:
    """For each string of the document that had repeats: its kept runs, what was left out of it, and the passages that stood twice."""
    repeated = {loss.source for loss in ledger.losses if loss.rule == "DUP001" and loss.source < len(document.fields)}
    return [_trace(document, number, text, ledger) for number in sorted(repeated)]


def _trace(document: Document, number: int, text: str, ledger: Ledger) -> dict[str, Any]:
    own = document.fields[number]
    gap = JOINING_GAP if own.runs is None else JOINING_GAP_IN_PAGE
    losses = [loss for loss in ledger.losses if loss.source == number]
    passages = list(_joined([loss for loss in losses if loss.rule == "DUP001"], gap))
    return {
        "source": document.source,
        "pointer": own.pointer,
        "characters": len(own.text),
        "article_characters": len(text),
        "kept": [list(run) for run in islice(_kept_runs(ledger, number, gap), MAX_KEPT_RUNS)],
        "left_out": [[loss.span.start, loss.span.end, loss.rule] for loss in losses if loss.rule in SHOWN_LOSSES],
        "passages": [_passage(own, text, loss) for loss in passages[:SHOWN_PASSAGES]],
        "passages_in_all": len(passages),
    }


def _joined(losses: list[Loss], gap: int) -> Iterator[Loss]:
    """Losses that are pieces of one passage, whose copies are one too, put together."""
    last: Loss | None = None
    for loss in losses:
        if last and _continues(last, loss, gap):
            kept_at = (last.kept_at[0], loss.kept_at[1]) if last.kept_at and loss.kept_at else None
            last = last._replace(span=last.span._replace(end=loss.span.end), kept_at=kept_at)
            continue
        if last:
            yield last
        last = loss
    if last:
        yield last


def _continues(last: Loss, loss: Loss, gap: int) -> bool:
    if not (last.kept_at and loss.kept_at and 0 <= loss.span.start - last.span.end <= gap):
        return False
    return 0 <= loss.kept_at[0] - last.kept_at[1] <= JOINING_GAP


def _passage(own: Field, text: str, loss: Loss) -> dict[str, Any]:
    kept_at = loss.kept_at or (0, 0)
    # A place ends with its last word; what closes the sentence is read with it.
    closing = re.compile(r"[^\w\s]{0,3}").match(text, kept_at[1])
    end = closing.end() if closing and loss.kept_at else kept_at[1]
    return {
        "dropped": [loss.span.start, loss.span.end],
        "kept_at": list(kept_at),
        "dropped_text": _said(own, loss.span)[:PASSAGE_CHARACTERS],
        "kept_text": text[kept_at[0] : end][:PASSAGE_CHARACTERS],
    }


def _kept_runs(ledger: Ledger, number: int, gap: int) -> Iterator[tuple[int, int, int, int]]:
    """The runs of a source that are in the text: where they stood and where they stand."""
    last: tuple[int, int, int, int] | None = None
    for segment in ledger.segments:
        if segment.span is None or segment.source != number:
            continue
        run = segment.span.start, segment.span.end, segment.start, segment.end
        if last and 0 <= run[0] - last[1] <= gap and 0 <= run[2] - last[3] <= JOINING_GAP:
            last = last[0], run[1], last[2], run[3]
            continue
        if last:
            yield last
        last = run
    if last:
        yield last


def _said(own: Field, span: Span) -> str:
    """What stands at a span; in a page, as it reads."""
    said = own.text[span.start : span.end]
    return unescape(said) if own.runs is not None else said
