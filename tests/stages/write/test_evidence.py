"""What the report shows of an account: samples of edits and losses, and the way of a text with repeats."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from helpers import paragraph

import cleaner
from cleaner.measures.words import words_of


@pytest.fixture
def report(tmp_path: Path) -> Any:
    """The report of one document: paragraphs without headings, a trimmed line, then the same paragraphs with headings and a mended word."""
    chance = random.Random(3)
    paragraphs = [" ".join(paragraph(chance)) for _ in range(6)]
    copies = "\n\n".join(paragraphs)
    whole = "\n\n".join(f"What happened in place {number}?\n\n{said}" for number, said in enumerate(paragraphs))
    text = f"{copies}\n\nSubscribe to get the latest posts sent to your email.\n\n{whole}\n\nThe caf\u00c3\u00a9 closed, said the owner of the place."
    (tmp_path / "twice.txt").write_text(text, encoding="utf-8")
    found = cleaner.clean(tmp_path)
    return {**found.report, "text": text, "article": next(iter(found.articles.values()))}


def test_a_trace_tells_where_each_passage_went(report: Any) -> None:
    (trace,) = report["traces"]
    assert trace["characters"] == len(report["text"])
    assert trace["passages_in_all"] == len(trace["passages"]) > 0
    for passage in trace["passages"]:
        assert report["text"][slice(*passage["dropped"])] == passage["dropped_text"]
        assert words_of(passage["dropped_text"]).norms == words_of(passage["kept_text"]).norms
    kept = trace["kept"]
    assert all(run[0] < run[1] and run[2] < run[3] for run in kept)
    assert kept[-1][3] == trace["article_characters"]
    assert "DOC004" in {rule for _, _, rule in trace["left_out"]}


def test_samples_show_before_and_after(report: Any) -> None:
    by_rule = {sample["rule"]: sample for sample in report["samples"]}
    assert (by_rule["TXT001"]["before"], by_rule["TXT001"]["after"]) == ("\u00c3\u00a9", "\u00e9")
    assert by_rule["TXT001"]["left"].endswith("The caf")
    assert by_rule["TXT001"]["right"].startswith(" closed")
    assert by_rule["DOC004"]["before"].startswith("Subscribe to get")
    assert by_rule["DOC004"]["after"] == ""
