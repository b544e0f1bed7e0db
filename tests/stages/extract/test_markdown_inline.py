"""What is read without the parser is what the parser makes of it."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.model.documents import Block, Kind, MarkKind
from cleaner.model.text import TracedText
from cleaner.stages.extract import markdown
from cleaner.stages.extract.markdown import extract_markdown
from cleaner.stages.extract.markdown_inline import Line, inline_block

PIECES = [
    "word", "snake_case", "a", "7", " ", "  ", "\n", "\n\n", "*", "**", "***", "_", "__", "`", "``", "`code`", "` `", "\\", "\\*", "\\[", "\\]", "\\q", "\\\n",
    "[", "]", "(", ")", "](", "[label](", "address)", "[one](two)", "[one](<two>)", '[one](two "three")', "[`x`](y)", "[a](b(c))", "![", "![alt](image)", "!",
    "<", "<br>", "<br/>", "</dt>", "<a href='x'>", "<span id=\"a\" class=\"b c\">", "<span id>", "<i class=\"x\">", "<span title=\"a*b\">", "<span id=\"", "<http://host.example>", "&", "&amp;", "&#65;", "&nosuch", "~", "~~", "|", " | ", "# ", "- ", "> ", "1. ",
    ".", ",", "\u201cquoted\u201d", "\u2014", "\u00e9", "\u00a0", "\u2028", "\u4e2d", "\u20ac", "\t", "[label]: target\n\n", "[label]", "[label][]", "[[wiki|label]]", "[[wiki]]", "![[note]]", "[TOC]", "[!note]", "{{< ref x >}}", "{% tag %}", "{#id}", "==mark==", "%%", "%", "=", "^name", "<b>", "</b>", "<x-y>",
    "| a | b |\n|---|---|\n", "javascript:alert", "[x](javascript:alert)",
]  # fmt: skip


def blocks(text: str) -> tuple[Block, ...]:
    return extract_markdown(text, "", "x.md").blocks


def by_the_parser(text: str) -> tuple[Block, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "inline_block", lambda *_, **__: None)
        return blocks(text)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_same_as_the_parser(text: str) -> None:
    assert blocks(text) == by_the_parser(text)


@pytest.mark.parametrize(
    "text",
    [
        "plain words",
        "two\nlines  \nand a hard break",
        "`code` and ``more ` code``",
        "**strong** words, *soft* ones, __these__ and _those_",
        "[a label](an/address.html) and [**this**](b)",
        "snake_case_name 5 * 3 \\* \\\\ <br/> & ~ [x]",
    ],
)
def test_plain_markup_needs_no_parser(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = by_the_parser(text)
    monkeypatch.setattr(markdown._Reader, "_by_tokens", lambda *_: pytest.fail("asked the parser"))
    assert blocks(text) == expected


def test_marks_are_where_they_belong() -> None:
    (block,) = blocks("see **the** [`code`](a.html)")
    assert block.text.text == "see the code"
    assert [(mark.start, mark.end, mark.kind, mark.target) for mark in block.marks] == [
        (4, 7, MarkKind.STRONG, ""),
        (8, 12, MarkKind.CODE, ""),
        (8, 12, MarkKind.LINK, "a.html"),
    ]


@pytest.mark.parametrize("text", ["*a **b** c*", "[a [b](c)", "![a](b)", "&amp;", "<a href='b'>", "*open", "~~gone~~"])
def test_what_looks_far_ahead_is_left_to_the_parser(text: str) -> None:
    lines = [Line(0, 0)]
    copied = partial(TracedText.copied, text)
    assert inline_block(text, lines, copied, Kind.PARAGRAPH, 0, references=False) is None
