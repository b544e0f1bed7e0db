"""The five real articles that stand beside the repository: each comes out as its table of shapes says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cleaner

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/seeds, other people's text, is not here")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("real") / "out"
    assert not cleaner.clean(SEEDS, place).failed
    return place


def row(out: Path, number: str) -> dict[str, Any]:
    rows = [json.loads(line) for line in (out / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 5
    return next(found for found in rows if found["source"].startswith(number))


def article(out: Path, number: str) -> str:
    return (out / row(out, number)["metadata"]["article"]).read_text(encoding="utf-8")


def sentences(text: str) -> Iterator[str]:
    for line in re.sub(r'([a-z\u201d")][.!?:])(?=[A-Z\u201c"])', r"\1\n", text).split("\n"):
        yield from re.split(r'(?<=[.!?])[\u201d"]?\s+(?=[A-Z\u201c"0-9])', line)


def words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def test_kicker_headline_and_standfirst(out: Path) -> None:
    found = row(out, "000")
    metadata = found["metadata"]
    assert metadata["section"] == "AI"
    assert found["text"].startswith(metadata["title"])
    assert len(found["text"].split("\n\n")[1:]) == 8
    assert found["text"].split("\n\n")[1] == metadata["description"]


def test_the_article_written_twice(out: Path) -> None:
    source = next(SEEDS.glob("001_*")).read_text(encoding="utf-8")
    unique = {words(one) for one in sentences(source) if len(words(one).split()) >= 6 and not one.startswith("Source:")}
    flat = " ".join(filter(None, map(words, sentences(row(out, "001")["text"])))) + " "
    assert len(unique) == 101
    assert [one for one in unique if flat.count(one + " ") != 1] == []
    metadata = row(out, "001")["metadata"]
    assert (metadata["publisher"], metadata["title"].split()[0]) == ("cheap-sound.com", "Could")
    text = article(out, "001")
    assert text.count("\n## ") == 14
    assert text.count("\n- ") == 4
    assert "Source:" not in text
    assert "Last edited" not in text


def test_question_headings_and_no_invented_title(out: Path) -> None:
    assert "title" not in row(out, "002")["metadata"]
    assert article(out, "002").count("\n## ") == 5
    report = json.loads((out / "report.json").read_bytes())
    assert [found["source"][:3] for found in report["problems"] if found["rule"] == "DOC001"] == ["002", "003"]


def test_list_and_newsletter_footer(out: Path) -> None:
    assert row(out, "003")["metadata"]["publisher"] == "TechBooky"
    assert article(out, "003").count("\n- ") == 5
    assert "Subscribe" not in row(out, "003")["text"]


def test_article_wrapped_in_json(out: Path) -> None:
    found = row(out, "004")
    metadata = found["metadata"]
    assert metadata["canonical_url"].startswith("https://techcrunch.com/")
    assert metadata["url"].startswith("https://wpnews.pro/")
    assert (metadata["date"], metadata["lang"]) == ("2026-07-04T15:51:32+00:00", "en")
    assert "large-language-models" in metadata["tags"]
    assert "](https://" in article(out, "004")
    assert "https://" not in found["text"]
    assert "\n## Who are Mistral AI\u2019s founders?" in article(out, "004")
    assert "originally published" not in found["text"]
