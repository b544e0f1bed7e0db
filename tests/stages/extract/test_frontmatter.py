"""Front matter: strings stay strings, nothing is executed, trouble is said, and the body begins where it should."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import cases, check_document, shown, shown_metadata
from hypothesis import given
from hypothesis import strategies as st

from cleaner.rules import METADATA
from cleaner.stages.extract import extract
from cleaner.stages.extract.frontmatter import read_front_matter, read_headers


@pytest.mark.parametrize("case", cases("extract/frontmatter"))
def test_case(case: dict[str, Any]) -> None:
    found = read_front_matter(case["text"])
    if "members" not in case:
        assert found is None
        return
    assert found is not None
    assert found.members == case["members"]
    assert case["text"][found.end :] == case["body"]
    assert case.get("trouble", "") in found.trouble
    assert bool(found.trouble) == ("trouble" in case)


def test_metadata_and_ledger_of_a_document() -> None:
    head = "---\ntitle: NO\nauthor: By Ann Orr\nupdated: 2026-03-01\nlang: no\n---\n"
    (document,), problems = extract(f"{head}# Headline\n\nBody.\n", "made.md", ".md")
    check_document(document)
    assert shown_metadata(document.metadata) == {
        "title": "NO",
        "author": ["Ann Orr"],
        "updated": "2026-03-01",
        "lang": "no",
    }
    assert [(loss.rule, loss.span) for loss in document.dropped] == [(METADATA, (0, len(head), ""))]
    assert shown(document.blocks) == "heading 1: 'Headline'\nparagraph 0: 'Body.'"
    assert problems == []


@pytest.mark.parametrize("head", ["---\ntitle: [never closed\n---\n", "+++\n= 7\n+++\n", "---\n- a: b\n---\n"])
def test_malformed_front_matter_is_a_warning_and_the_text_is_kept(head: str) -> None:
    (document,), (problem,) = extract(f"{head}Body.\n", "made.md", ".md")
    assert problem.rule == "ENC006"
    assert problem.span == (0, len(head), "")
    assert [block.text.text for block in document.blocks] == ["Body."]
    check_document(document)


def test_bad_date_is_a_warning() -> None:
    (document,), problems = extract("---\ndate: soon\n---\nBody.\n", "made.md", ".md")
    assert [problem.rule for problem in problems] == ["DOC002"]
    assert "soon" in problems[0].message
    assert document.metadata.date == ""


def test_sources_of_an_article_of_ours_are_remembered() -> None:
    head = "---\ntitle: Ferry\nid: 0123456789abcdef\nsources:\n  - a.txt\n  - b.txt\ntext_sha256: abc\n---\n"
    (document,), _ = extract(f"{head}Body.\n", "made.md", ".md")
    assert document.origins == ("a.txt", "b.txt")
    (strange,), _ = extract(head.replace("id: 0123456789abcdef\n", "") + "Body.\n", "made.md", ".md")
    assert strange.origins == ()


@given(st.text(st.sampled_from("-+.:ab \n\r\t\"'[]{}&*!|>%@`#,?\ufeff\0é")))
def test_any_front_matter_is_read_or_said(raw: str) -> None:
    for fence in ("---", "+++"):
        text = f"{fence}\n{raw}\n{fence}\nBody.\n"
        found = read_front_matter(text)
        if found:
            assert all(isinstance(name, str) for name in found.members)
            assert 0 < found.end <= len(text)
        (document,), _ = extract(text, "made.md", ".md")
        check_document(document)


@pytest.mark.parametrize(
    ("text", "members"),
    [
        (
            "Title: The ferry\nAuthor: Ann Orr\n  and Ben Hale\n\nBody.\n",
            {"Title": "The ferry", "Author": "Ann Orr and Ben Hale"},
        ),
        ("Author: Ann Orr\nKeywords: sea, tide\n\nBody.\n", {"Author": "Ann Orr", "Keywords": "sea, tide"}),
        (
            "% The ferry\n% Ann Orr; Ben Hale\n% 2026-02-11\n\nBody.\n",
            {"title": "The ferry", "author": "Ann Orr; Ben Hale", "date": "2026-02-11"},
        ),
        ("% The ferry\n%\n% 2026-02-11\n\nBody.\n", {"title": "The ferry", "date": "2026-02-11"}),
    ],
)
def test_headers_without_a_fence(text: str, members: dict[str, str]) -> None:
    found = read_headers(text)
    assert found is not None
    assert found.members == members
    assert text[found.end :].strip() == "Body."


@pytest.mark.parametrize(
    "text",
    [
        "Note: it left at dawn.\n\nBody.\n",
        "Monday: it left.\nTuesday: it came back.\n\nBody.\n",
        "Title: A\nand so on\n\nBody.\n",
        "% of all ships\n\nBody.\n",
        "Title: A\nDate: B\nBody.\n",
    ],
)
def test_what_is_no_header(text: str) -> None:
    assert read_headers(text) is None


def test_headers_become_metadata() -> None:
    (document,), problems = extract("Title: The ferry\nDate: 2026-02-11\n\nIt left at dawn.\n", "made.md", ".md")
    assert (document.metadata.title, document.metadata.date, problems) == ("The ferry", "2026-02-11", [])
    assert [block.text.text for block in document.blocks] == ["It left at dawn."]
    check_document(document)
