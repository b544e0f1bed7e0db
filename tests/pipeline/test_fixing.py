"""What is mended in the files themselves: nothing but what leaves the article as it is, whole, and once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cleaner
from cleaner.model.options import Options
from cleaner.model.policy import Policy
from cleaner.pipeline.fixing import Change, fix
from tests.helpers import cases


def fixed(path: Path, **policy: Any) -> list[Change]:
    return list(fix([path], Options(), Policy(**policy)))


def articles(path: Path) -> dict[str, str]:
    return cleaner.clean(path).articles


@pytest.mark.parametrize("case", cases("check/fix"))
def test_case(tmp_path: Path, case: dict[str, Any]) -> None:
    path = tmp_path / case["name"]
    path.write_bytes(case["before"].encode(case.get("encoding", "utf-8")))
    before = articles(path)
    changes = fixed(path, select=tuple(case.get("select", ["ALL"])))
    assert path.read_bytes() == case["before"].encode(case.get("encoding", "utf-8")), "nothing is written by itself"
    for change in changes:
        change.write()
    after = path.read_bytes()
    assert after.decode(case.get("after_encoding", "utf-8")) == case["after"]
    assert {rule for change in changes for rule in change.counts} == set(case["rules"])
    assert articles(path) == before
    assert fixed(path, select=tuple(case.get("select", ["ALL"]))) == [], "once is enough"


DAMAGE: tuple[Callable[[str], str], ...] = (
    lambda text: text.replace(" ", " \N{ZERO WIDTH SPACE}", 3),
    lambda text: text.replace("é", "Ã©"),
    lambda text: text.replace("é", "e\N{COMBINING ACUTE ACCENT}"),
    lambda text: text.replace("\n", "\r\n", 2),
    lambda text: text.replace(". ", ".\x07 ", 1),
    lambda text: "\N{RIGHT-TO-LEFT OVERRIDE}" + text,
    lambda text: text.replace("and", "a\N{SOFT HYPHEN}nd"),
    lambda text: text.replace(",", "&comma;", 1),
)
BODY = (
    "# The café that was never closed\n\nThe café on the quay, it is said, was never closed, and nobody knows who has the key. *Émile* has looked for it. \n\n"
    "- a cup, a saucer and a spoon\n- the key, where it is not\n\nIt rained on the café, and on the quay; the river rose by a foot, and went its way.\n"
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(DAMAGE), max_size=4),
    st.sampled_from(["a.txt", "a.md", "a.json", "a.jsonl", "a.html"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_the_article_stays_and_twice_is_once(
    tmp_path_factory: pytest.TempPathFactory, damage: list[Callable[[str], str]], name: str, encoding: str
) -> None:
    text = BODY
    for harm in damage:
        text = harm(text)
    if name.startswith("a.json"):
        text = json.dumps(
            {"title": "A café", "body": text, "url": "https://news.example/a"}, ensure_ascii=len(damage) % 2 == 0
        )
    elif name == "a.html":
        text = f"<html><head><meta charset='utf-8'></head><body><article><h1>A café</h1><p>{text}</p></article></body></html>"
    path = tmp_path_factory.mktemp("fix") / name
    path.write_bytes(text.encode(encoding))
    before = articles(path)
    for change in fixed(path):
        change.write()
    assert articles(path) == before
    assert fixed(path) == []
    if name.startswith("a.json"):
        json.loads(path.read_bytes().decode("utf-8-sig" if encoding != "utf-16" else "utf-8"))


def test_a_file_is_written_whole_with_its_permissions_and_through_links(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The café\n\nThe CafÃ© on the quay was never closed.\n", encoding="utf-8")
    path.chmod(0o640)
    (tmp_path / "link.txt").symlink_to(path)
    (change,) = fixed(tmp_path / "link.txt")
    change.write()
    assert (tmp_path / "link.txt").is_symlink()
    assert "Café" in path.read_text(encoding="utf-8")
    assert os.stat(path).st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.txt", "link.txt"]


def test_the_difference_is_shown_without_characters_that_act(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The café\n\nThe CafÃ© on\x1b[31m the quay was never closed.\n", encoding="utf-8")
    (change,) = fixed(path)
    shown = change.diff()
    assert "\x1b" not in shown
    assert "-The CafÃ© on<U+001B>[31m the quay was never closed." in shown
    assert "+The Café on the quay was never closed." in shown
    assert "TXT001 mojibake 1" in change.said()


def test_of_a_long_line_the_difference_shows_what_is_around_the_place(tmp_path: Path) -> None:
    words = "word " * 20_000
    change = Change(
        "a.txt",
        tmp_path / "a.txt",
        f"One.\n{words}caf\x07e{words}\n".encode(),
        f"One.\n{words}cafe{words}\n".encode(),
    )
    header, _, _, _, one, before, after, _ = change.diff().split("\n", 7)
    assert header.startswith("would fix a.txt")
    assert one == " One."
    assert (before[:8], after[:8]) == ("-[99,803", "+[99,803")
    assert "caf<U+0007>e" in before
    assert "cafe" in after
    assert max(map(len, change.diff().split("\n"))) < 1100
