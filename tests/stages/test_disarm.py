"""Links that run something are left out and told with their place, whatever the format; the others stay."""

from __future__ import annotations

import json

import pytest

from cleaner import Options
from cleaner.folders import read_bytes
from cleaner.model.documents import MarkKind
from cleaner.pipeline.preparing import Prepared, prepare
from cleaner.stages.disarm import scheme_of

TEXT = "The office was closed on Monday, and nobody came before nine, said the clerk who read the paper at the window."


@pytest.mark.parametrize(
    ("target", "scheme"),
    [
        ("https://example.org/a?b=c:d", "https"),
        ("/relative:x", ""),
        ("?a=b:c", ""),
        ("#a:b", ""),
        ("page:with-colon", "page"),
        ("MAILTO:a@example.org", "mailto"),
        (" Java\nScript:alert(1)", "javascript"),
        ("\x01java\tscript:x", "javascript"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}data:text/html,x", "data"),
        ("", ""),
    ],
)
def test_a_scheme_is_read_as_a_browser_reads_it(target: str, scheme: str) -> None:
    assert scheme_of(target) == scheme


FILES = {
    "a.md": f"# A title\n\n{TEXT} [one](javascript:x) [two](<data:text/html,y>) [three](https://a.example/) [four](&#106;avascript:x)\n",
    "b.md": f"# A title\n\n{TEXT} *one [two](VBScript:x)* <a href='java&#10;script:x'>three</a> [[javascript:x|four]] [x][y]\n\n[y]: javascript:z\n",
    "a.html": f"<html><body><article><h1>A title</h1><p>{TEXT}</p><p>{TEXT[::-1]} <a href='java&Tab;script&colon;x'>one</a> <a href=/x>two</a></p></article>",
    "a.json": json.dumps({"blocks": [{"_type": "block", "children": [{"_type": "span", "text": TEXT, "marks": ["m"]}], "markDefs": [{"_key": "m", "href": "javascript:x"}]}]}),
    "b.json": json.dumps({"title": "A title", "body_html": f"<p>{TEXT} <a href=javascript:x>one</a>"}),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_links_that_run_something_go_and_are_told(name: str) -> None:
    (unit,) = read_bytes(name, FILES[name].encode(), Options())
    (found,) = prepare(unit, Options(), sketched=False)
    assert isinstance(found, Prepared)
    marks = [mark for block in found.document.blocks for mark in block.marks if mark.kind is MarkKind.LINK]
    assert {scheme_of(mark.target) for mark in marks} <= {"", "https"}
    (told,) = [problem for problem in found.problems if problem.rule == "TXT010"]
    assert told.span is not None
    assert told.line


def test_other_schemes_go_without_a_word_and_the_rest_stays() -> None:
    text = f"# A title\n\n{TEXT} [one](ftp://a.example/) [two](tel:+1) [three](b.md) [[Help:Editing|four]]\n"
    (unit,) = read_bytes("a.md", text.encode(), Options())
    (found,) = prepare(unit, Options(), sketched=False)
    assert isinstance(found, Prepared)
    marks = [mark for block in found.document.blocks for mark in block.marks]
    assert [mark.target for mark in marks] == ["tel:+1", "b.md"]
    assert "TXT010" not in {problem.rule for problem in found.problems}
