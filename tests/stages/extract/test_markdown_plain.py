"""Blocks that are found without the parser's rules are those that the parser finds."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner.model.documents import Block, Kind
from cleaner.stages.extract import markdown
from cleaner.stages.extract.markdown import extract_markdown
from cleaner.stages.extract.markdown_plain import WHITE_SPACE

MANUALS = Path(__file__).resolve().parents[4] / "shared/data/scale/manuals.jsonl.gz"
LINES = [
    "", "", "", " ", "\t", "   ", "\u3000", "\x0b", "\x85", "Plain words.", "more of them", "\u00e9t\u00e9", "\u4e2d\u6587", "\u2022 a dot", "7 boats", "7. boats", "7) boats", "7.", "1986", "12345678901. x",
    "# One", "## Two ##", "###", "### ", "#none", "####### seven", "# #", "# \u00a0x\u00a0", " # indented", "    # code", "#\ttab",
    "**bold** words", "*soft*", "* item", "*", "***", "* * *", "- item", "-", "---", "--", "+ item", "===", "=", "_under_ words", "___", "_ _ _", "__init__", "`code` words", "``", "```", "```py", "~~~",
    "> quoted", ">", "<b>bold</b>", "<div>", "</div>", "<br>", "<!-- comment", "-->", "[label]: target", "[label]", "[label]:", "[a link](b) is here", "[open", "closed]: x", "[^1]: a note", "[^1] is cited", "[!note]", "[[wiki]]",
    ":::", "::: note", ": colon", "| a | b |", "|---|---|", "|:--|--:|", "| - | - |", "|--|", "|---||---|", "---|---", "a | b", "| a |", "| a | b | c |", "|", "||", "| |", "| a \\| b | c |", "| a \\\\| b |", "| `x` | **y** |", "|a|b",
    "  | a | b |", "| a | b |  ", "|---|---|\u00a0", "    indented", "  two spaces", "\tword", "word  ", "word\\", "{: .x}", "{% tag %}", "&amp; so", "\\# escaped", "!not", "![x](y)", "$5", "\ufeff# mark", "\u200b# none", "\u2003x",
]  # fmt: skip
TEXTS = st.tuples(st.lists(st.sampled_from(LINES), max_size=12), st.sampled_from(["\n", "\r\n", "\r"])).map(
    lambda drawn: drawn[1].join(drawn[0])
)


def blocks(text: str) -> tuple[Block, ...]:
    return extract_markdown(text, "", "x.md").blocks


def by_the_parser(text: str) -> tuple[Block, ...]:
    parser = markdown._parser()
    parser.block.ruler.disable(["plain"])
    try:
        return blocks(text)
    finally:
        parser.block.ruler.enable(["plain"])


@example("[open\nclosed]: x")
@example("one\n| a | b |\n|---|---|\n| c | d |")
@example("| a | b |\n|---|---|\n| c \\| d | e |\n| f |\n\nend")
@example("# One #\n## Two\nwords\n## Three\n\n   ")
@given(TEXTS)
def test_same_as_the_parser(text: str) -> None:
    assert blocks(text) == by_the_parser(text)


@pytest.mark.parametrize(
    "around",
    [
        ("{}",), ("Plain words.", "{}"), ("{}", "Plain words."), ("", "{}", "", "| a |"), ("# One", "{}"), ("{}", "# One"), ("| a | b |", "|---|---|", "{}"),
        ("| a | b |", "{}", "| c | d |"), ("{}", "|---|---|", "| c |"), ("{}", "---"), ("- item", "", "{}"), ("{}", "    more"), ("[open", "{}"),
    ],
)  # fmt: skip
def test_every_line_is_read_as_the_parser_reads_it(around: tuple[str, ...]) -> None:
    for line in LINES:
        text = "\n".join(around).replace("{}", line)
        assert blocks(text) == by_the_parser(text)


@pytest.mark.skipif(not MANUALS.is_file(), reason="the manuals lie beside the repository only")
def test_manuals_are_read_as_the_parser_reads_them() -> None:
    with gzip.open(MANUALS, "rt", encoding="utf-8") as rows:
        for row in islice(rows, 0, None, 100):
            text = json.loads(row)["text"]
            assert blocks(text) == by_the_parser(text)


def test_plain_blocks_need_no_other_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "# One\n\nWords,\nand **more**.\n## Two\n| a | b |\n|---|---|\n| c | |\n| d |\n\n[A link](x).\n   \n"
    expected = by_the_parser(text)
    for name in ("_inline", "_lines"):
        monkeypatch.setattr(markdown._Reader, name, lambda *_: pytest.fail("asked another rule"))
    assert blocks(text) == expected
    assert [block.kind for block in expected] == [
        Kind.HEADING, Kind.PARAGRAPH, Kind.HEADING, Kind.ROW, Kind.ROW, Kind.ROW, Kind.PARAGRAPH,
    ]  # fmt: skip


def test_contents_are_trimmed_as_the_parser_does() -> None:
    from markdown_it.common.utils import MD_TRIM_CHARS

    assert set(WHITE_SPACE) == set(MD_TRIM_CHARS)
