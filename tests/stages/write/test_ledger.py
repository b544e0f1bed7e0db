"""The account: segments tile the text; kept and dropped spans tile every source, each character once."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

from helpers import made_of, noted, sentence
from hypothesis import given
from hypothesis import strategies as st

from cleaner.model.documents import Document, Field
from cleaner.model.duplicates import Relation
from cleaner.model.options import Options
from cleaner.model.text import Dropped, Op, Span, TracedText
from cleaner.stages.extract import extract
from cleaner.stages.repair import repair
from cleaner.stages.trim import trim
from cleaner.stages.unrepeat import unrepeat
from cleaner.stages.write.ledger import Ledger, Place, account
from cleaner.stages.write.text import plain_text


def check_account(ledger: Ledger, text: str) -> None:
    at = 0
    for segment in ledger.segments:
        assert segment.start == at < segment.end
        at = segment.end
        if segment.op is Op.INSERT:
            assert (segment.source, segment.span) == (None, None)
            continue
        assert segment.span is not None
        assert segment.source is not None
        stands = ledger.origins[segment.source].field.text[segment.span.start : segment.span.end]
        assert segment.op is Op.EDIT or stands == text[segment.start : segment.end]
    assert at == len(text)
    for number, origin in enumerate(ledger.origins):
        spans = [segment.span for segment in ledger.segments if segment.source == number and segment.span]
        spans += [loss.span for loss in ledger.losses if loss.source == number]
        assert all(span.pointer == origin.field.pointer for span in spans)
        spans.sort()
        assert all(span.start < span.end for span in spans)
        assert all(left.end <= right.start for left, right in pairwise(spans))
        runs = origin.field.runs if origin.field.runs is not None else ((0, len(origin.field.text)),)
        covered = {at for span in spans for at in range(span.start, span.end)}
        assert covered == {at for start, end in runs for at in range(start, end)}
    for loss in ledger.losses:
        assert loss.rule
        assert loss.kept_at is None or 0 <= loss.kept_at[0] < loss.kept_at[1] <= len(text)


def ledger_of(document: Document) -> tuple[Ledger, str]:
    plain = plain_text(document.blocks)
    return account(document, plain, []), plain.text.text


PARTS = st.lists(
    st.sampled_from(
        ["Harbour", "The last ferry", "By Ann Orr", "- item", "1. one", "2. two", "===", "The cafÃ© is\u200b &amp; closed\x07.", "Read more", "© 2026", "",
         "She is the best baker in the whole town.But nobody ever buys her bread.", "The ferry that has crossed the sound for eighty years will stop in April."]
    ),
    max_size=12,
)  # fmt: skip


@given(PARTS, st.sampled_from(["\n", "\n\n", "\r\n"]))
def test_every_character_of_a_plain_text_is_accounted_for(lines: list[str], end: str) -> None:
    (document,), _ = extract(end.join(lines), "made.txt", ".txt")
    document, _ = repair(document)
    document, _ = trim(document)
    document, _, _ = unrepeat(document, Options())
    check_account(*ledger_of(document))


@given(
    st.lists(
        st.sampled_from(
            [
                "# head",
                "- item",
                "> said",
                "`code` &amp; **bold**",
                "<b>x</b>",
                "| a | b |\n|---|---|\n| c |",
                "---",
                "![x](y) z",
                "",
            ]
        ),
        max_size=8,
    )
)
def test_every_character_of_a_markdown_is_accounted_for(parts: list[str]) -> None:
    (document,), _ = extract("---\ntitle: Ferry\n---\n" + "\n\n".join(parts), "made.md", ".md")
    document, _ = repair(document)
    ledger, text = ledger_of(document)
    check_account(ledger, text)
    assert [loss.rule for loss in ledger.losses][:1] == ["metadata"]


def test_pages_are_accounted_for_by_their_runs() -> None:
    text = "<p>The ferry</p><p>Share</p>"
    document = Document(
        "made.html",
        "html",
        (Field("", text, ((3, 12), (19, 24))),),
        blocks=(replace(made_of(["x"]).blocks[0], text=TracedText.copied(text, 3, 12)),),
    )
    ledger, plain = ledger_of(document)
    check_account(ledger, plain)
    assert [(loss.span, loss.rule) for loss in ledger.losses] == [(Span(19, 24), "not-article")]


def test_repeat_points_at_its_surviving_copy() -> None:
    line = "The ferry that has crossed the sound for eighty years will stop in April."
    document, _, _ = unrepeat(noted(f"{line}\nNobody had counted on it, and nobody had lit a lamp.\n{line}"), Options())
    ledger, text = ledger_of(document)
    check_account(ledger, text)
    (loss,) = [loss for loss in ledger.losses if loss.rule == "DUP001"]
    assert loss.kept_at is not None
    assert text[slice(*loss.kept_at)] == line.removesuffix(".")


@given(st.integers(0, 999))
def test_everything_of_a_dropped_member_is_a_loss(seed: int) -> None:
    chance = random.Random(seed)
    own, shared = [sentence(chance) for _ in range(4)], [sentence(chance) for _ in range(3)]
    document = made_of([" ".join(shared), *own[:2]], "kept.txt")
    member = made_of([" ".join([*shared[:2], own[2]]), own[3]], "dropped.txt")
    dropped_text = member.fields[0].text
    places, at = [], 0
    for one in [*shared[:2], own[2]]:
        start = dropped_text.index(one)
        kept = document.fields[0].text.find(one)
        places.append(Place((Span(start, start + len(one)),), (kept, kept + len(one)) if kept >= 0 else None))
        at = start + len(one)
    member = replace(member, dropped=(Dropped(Span(at, at + 1), "TXT002"),))
    plain = plain_text(document.blocks)
    ledger = account(document, plain, [(member, Relation.NEAR, places)])
    check_account(ledger, plain.text.text)
    losses = [loss for loss in ledger.losses if ledger.origins[loss.source].source == "dropped.txt"]
    assert not any(
        segment.source is not None and ledger.origins[segment.source].source == "dropped.txt"
        for segment in ledger.segments
    )
    for loss in losses:
        said = dropped_text[loss.span.start : loss.span.end]
        if loss.kept_at:
            assert plain.text.text[slice(*loss.kept_at)] == said
    assert {loss.rule for loss in losses} == {"DUP004", "TXT002", "markup"}
    assert sum(loss.kept_at is not None for loss in losses) == 2


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=6))
def test_claims_that_overlap_are_cut(claims: list[tuple[int, int]]) -> None:
    document = made_of(["The ferry left.", "Nobody on the quay saw it go, for it was dark."])
    length = len(document.fields[0].text)
    dropped = tuple(Dropped(Span(start, min(start + size, length)), "TXT002") for start, size in claims)
    ledger, text = ledger_of(replace(document, blocks=document.blocks[:1], dropped=dropped))
    check_account(ledger, text)
