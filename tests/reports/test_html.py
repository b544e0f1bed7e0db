"""The page: hostile text stays text, nothing is loaded, large reports are cut honestly, and the markup is sound."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from cleaner.reports.html import MAX_BYTES, render_html

Made = Callable[..., dict[str, Any]]

HOSTILE = "\"'></title></style><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}{style}{0}{}<!-- "
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """The elements of a page, in order, with their attributes and own text; complains about markup that does not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[int] = []
        self.errors: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.elements[self.open[-1]][0] != tag:
            self.errors.append(tag)
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.elements[self.open[-1]][2].append(data)

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attrs, "".join(text)) for name, attrs, text in self.elements if name == tag]


def hash_of(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_hostile_text_stays_text(made: Made) -> None:
    name = "{}" + HOSTILE.replace("{", "{{").replace("}", "}}")
    html = render_html(made(name=name, text=HOSTILE, title=HOSTILE)).decode()
    page = Page(html)
    assert len(page.all("script")) == 1
    assert len(page.all("style")) == 1
    assert not page.all("img")
    assert not page.errors
    assert not [name for _, attrs, _ in page.elements for name in attrs if name.startswith("on")]
    # It is there to be read: in names, titles, messages, sentences and repeats.
    told = [text for _, _, texts in page.elements for text in texts if HOSTILE.strip() in text]
    assert len(told) > 20
    assert "49" not in "".join(told)
    for tag in ("bdi", "td", "li", "del"):
        assert HOSTILE.strip() in "".join(text for _, text in page.all(tag)), tag


def test_policy_allows_only_the_style_and_the_script_of_the_page(made: Made) -> None:
    page = Page(render_html(made()).decode())
    policy = next(
        attrs["content"] for attrs, _ in page.all("meta") if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in (policy or "").split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == hash_of(page.all("style")[0][1])
    assert rules["script-src"] == hash_of(page.all("script")[0][1])
    assert rules["base-uri"] == rules["form-action"] == "'none'"
    # The policy forbids these, so a page that had them would be broken.
    assert not [attrs for _, attrs, _ in page.elements if "style" in attrs]


def test_nothing_is_loaded_from_anywhere(made: Made) -> None:
    html = render_html(made()).decode()
    page = Page(html)
    assert not [attrs for _, attrs, _ in page.elements if "src" in attrs or "srcset" in attrs or "xlink:href" in attrs]
    assert not page.all("link")
    links = [attrs["href"] or "" for attrs, _ in page.all("a")]
    assert all(link.startswith(("#", "articles/", "report.json")) for link in links)
    style = page.all("style")[0][1]
    assert "url(" not in style
    assert "@import" not in style
    assert "http:" not in html
    assert "https:" not in html


def test_a_report_of_twelve_thousand_documents_fits_and_says_what_it_leaves_out(made: Made) -> None:
    report = made(12_000, text="A long sentence of a copy. " * 80)
    html = render_html(report).decode()
    assert len(html.encode()) <= MAX_BYTES
    text = "".join("".join(texts) for _, _, texts in Page(html).elements)
    shown = len(Page(html).all("article"))
    assert 100 < shown < len(report["clusters"]) + len(report["repeats"])
    for what in ("cluster", "source", "document", "message", "place", "finding"):
        assert f"more {what}" in text


def test_a_monstrous_name_or_text_is_cut(made: Made) -> None:
    html = render_html(made(3, name="{}" + "x" * 2_000_000, text="y" * 2_000_000)).decode()
    assert len(html.encode()) < 200_000


def test_small_reports_are_whole(made: Made) -> None:
    report = made(30)
    html = render_html(report).decode()
    for entry in report["sources"]:
        assert entry["source"] in html
    assert "more source" not in html
    assert "more cluster" not in html


def test_the_page_does_not_depend_on_the_hash_seed(made: Made) -> None:
    code = "import json,sys; from cleaner.reports.html import render_html; sys.stdout.buffer.write(render_html(json.load(sys.stdin)))"
    pages = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=json.dumps(made(40)).encode(),
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(pages) == 1
    assert len(pages.pop()) > 10_000


@pytest.mark.parametrize("documents", [0, 1, 9])
def test_markup_is_sound(made: Made, documents: int) -> None:
    page = Page(render_html(made(documents)).decode())
    assert not page.errors
    levels = [int(tag[1]) for tag, _, _ in page.elements if tag in {"h1", "h2", "h3", "h4"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [attrs["id"] for _, attrs, _ in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    wanted = {(attrs["href"] or "")[1:] for attrs, _ in page.all("a") if (attrs["href"] or "").startswith("#")}
    assert wanted <= set(ids)
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(attrs.get("scope") in {"col", "row"} for attrs, _ in page.all("th"))


def test_links_to_cards_that_were_cut_are_not_made(made: Made) -> None:
    page = Page(render_html(made(6_000)).decode())
    ids = {attrs["id"] for _, attrs, _ in page.elements if "id" in attrs}
    wanted = {(attrs["href"] or "")[1:] for attrs, _ in page.all("a") if (attrs["href"] or "").startswith("#")}
    assert wanted <= ids


def test_decisions_near_a_threshold_come_first(made: Made) -> None:
    page = Page(render_html(made()).decode())
    kinds = [text for attrs, text in page.all("span") if attrs.get("class") == "badge"]
    assert kinds[0] in ("borderline", "unique text")
    assert kinds.index("unique text") < kinds.index("failed") < kinds.index("warning") < kinds.index("kept apart")


def test_controls_and_overrides_in_names_are_shown(made: Made) -> None:
    html = render_html(made(name="{}\u202egpj.exe\x00\x1b[31m.txt")).decode()
    assert "\u202e" not in html
    assert "\x00" not in html
    assert "\x1b" not in html
    assert "&lt;U+202E&gt;gpj.exe&lt;U+0000&gt;" in html
