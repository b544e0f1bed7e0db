"""report.md: hostile text stays text, calls nobody, and the tables hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt

from cleaner.reports.markdown import render_markdown

Made = Callable[..., dict[str, Any]]

HOSTILE = "<script>alert(1)</script> [x](javascript:1) **bold** | cell | @somebody #12 https://evil.example `code` ![i](x)\n# Head"


def parsed(text: str) -> str:
    return str(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text))


def test_hostile_text_stays_text(made: Made) -> None:
    name = HOSTILE.replace("{", "{{").replace("}", "}}") + "{}"
    html = parsed(render_markdown(made(name=name, text=HOSTILE)))
    assert "<script" not in html
    assert "<a " not in html
    assert "<img" not in html
    assert "<strong>bold</strong>" not in html
    assert html.count("<h1>") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_nobody_is_called_and_nothing_is_linked(made: Made) -> None:
    text = render_markdown(made(text=HOSTILE))
    assert "somebody" in text
    outside = re.sub(r"<code>.*?</code>", "", parsed(text), flags=re.DOTALL)
    assert "@" not in outside
    assert not re.search(r"#\d", outside)
    assert "https://" not in text


def test_tables_keep_their_columns(made: Made) -> None:
    rows = [line for line in render_markdown(made(name="a|b`{}")).splitlines() if line.startswith("|")]
    merged = [len(re.findall(r"(?<!\\)\|", row)) for row in rows[3:]]
    assert len(rows) == 3 + 2 + 3
    assert set(merged) == {7}


def test_it_is_short_and_says_what_it_leaves_out(made: Made) -> None:
    text = render_markdown(made(3000))
    assert len(text) < 12_000
    assert "more clusters in `report.json`" in text
    assert "more documents in `report.json`" in text


def test_it_says_the_verdict_and_what_needs_an_eye(made: Made) -> None:
    text = render_markdown(made())
    assert "**10 sources became 6 articles: 3 copies were merged away" in text
    assert "- **ENC005** `news/broken.txt:5:2`" in text
