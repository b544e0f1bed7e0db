"""What many articles of one site have at their ends, in whole runs: cut and accounted for, the same from the cache, and nothing more the second time."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import paragraph

import cleaner
from cleaner.model.options import Options
from cleaner.pipeline import run

SITE = "https://www.harbour.example"
CHROME = (
    "Listen to this story instead",
    "Do you know more about this? Write to our desk today.",
    "Harbour Post, the harbour desk",
)


def write(folder: Path, number: int, extra: str = "") -> None:
    """One story of the site, in one of three shapes."""
    chance = random.Random(number)
    head, *foot = CHROME
    body = [*(" ".join(paragraph(chance)) for _ in range(4)), *filter(None, [extra]), *foot]
    title, url = f"Story {number} of the {chance.choice('north south east'.split())} quay", f"{SITE}/{number}"
    text = "\n\n".join([head, *body])
    if number % 3 == 0:
        page = "".join(f"<p>{part}</p>" for part in (head, *body))
        (folder / f"{number}.html").write_text(
            f"<html><head><title>{title}</title><link rel=canonical href={url}></head><body><article><h1>{title}</h1>{page}</article></body></html>"
        )
    elif number % 3 == 1:
        (folder / f"{number}.md").write_text(f"---\ntitle: {title}\nurl: {url}\n---\n\n# {title}\n\n{text}\n")
    else:
        (folder / f"{number}.json").write_text(json.dumps({"title": title, "url": url, "body": text}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (found := tmp_path / "in").mkdir()
    for number in range(9):
        write(found, number)
    return found


def files(output: Path) -> dict[str, bytes]:
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in output.rglob("*") if path.is_file()}


def test_it_goes_and_is_accounted_for(folder: Path, tmp_path: Path) -> None:
    cleaning = cleaner.clean(folder, tmp_path / "out")
    articles = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out" / "articles").iterdir())
    assert not any(chrome in articles for chrome in CHROME)
    assert [problem.message for problem in cleaner.verify(tmp_path / "out", sources=[folder])] == []
    told = cleaning.report["templates"]
    assert {entry["text"] for entry in told} == set(CHROME)
    assert all((entry["site"], entry["articles"], entry["of"]) == ("harbour.example", 9, 9) for entry in told)
    assert told[0]["examples"] == ["0.html", "1.md", "2.json"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "3 blocks cut as their site" in page
    assert f'<li dir="auto">{CHROME[2]} <small>(9 of 9 articles of harbour.example: 0.html, 1.md' in page
    cleaner.clean(tmp_path / "out" / "articles", tmp_path / "again")
    assert files(tmp_path / "again" / "articles") == files(tmp_path / "out" / "articles")


def test_it_stays_where_that_is_asked_for(folder: Path, tmp_path: Path) -> None:
    options = replace(Options(), min_template_share=0)
    cleaning = cleaner.clean(folder, tmp_path / "out", options)
    assert cleaning.report["templates"] == []
    articles = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out" / "articles").iterdir())
    assert all(chrome in articles for chrome in CHROME)


def test_run_after_a_change_gives_the_bytes_of_a_fresh_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cleaner.pipeline.MAX_UNCACHED_FILES", 0)
    options, cache = Options(jobs=1), tmp_path / "cache"
    run([folder], tmp_path / "first", options, cache_folder=cache)
    run([folder], tmp_path / "second", options, cache_folder=cache)
    assert files(tmp_path / "second") == files(tmp_path / "first")
    # With one story less and one changed, the counts differ for all.
    (folder / "4.md").unlink()
    write(folder, 5, "The lamps were lit again.")
    run([folder], tmp_path / "warm", options, cache_folder=cache)
    run([folder], tmp_path / "cold", options)
    assert files(tmp_path / "warm") == files(tmp_path / "cold")
