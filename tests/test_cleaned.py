"""The committed `cleaned/` is what the program makes of `seeds/`, byte for byte, and says what the README promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cleaner

ROOT = Path(__file__).parents[1]
SEEDS, CLEANED = ROOT / "seeds", ROOT / "cleaned"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fresh") / "cleaned"
    cleaner.clean(SEEDS, out)
    return out


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_cleaned_is_what_the_program_makes_of_the_seeds(fresh: Path) -> None:
    made, committed = contents(fresh), contents(CLEANED)
    assert sorted(made) == sorted(committed)
    assert not [name for name in made if made[name] != committed[name]], "run: clean seeds/ -o cleaned/"


def test_what_merges_and_what_fails(fresh: Path) -> None:
    report = json.loads((fresh / "report.json").read_bytes())
    merged = {
        (member["source"], cluster["canonical"], member["relation"])
        for cluster in report["clusters"]
        for member in cluster["members"]
        if member["dropped"]
    }
    assert merged == {
        ("library-hours.json", "library-hours-updated.json", "revision"),
        ("orchard-brief.txt", "orchard-feature.md", "contained"),
        ("wire/tram-line-post.txt", "wire/tram-line-herald.txt", "near"),
    }
    assert [entry["source"] for entry in report["sources"] if entry["status"] == "failed"] == ["broken-feed.json"]
    assert report["summary"]["documents"] == 21


@pytest.mark.parametrize(
    ("article", "present", "absent"),
    [
        (
            "the-night-train-that-learned-to-pay-its-way",
            ["## From Siding to Sleeper", "- Book early"],
            ["Source:", "Last edited"],
        ),
        ("cafe-muller-keeps-its-last-typewriter-table", ["Caf\u00e9 M\u00fcller"], ["\u00c3", "\u200b", "\u00ad"]),
        ("le-phare-de-kermeur-rallume-sa-lampe-apres-douze-ans-de-silence", ["apr\u00e8s douze ans"], ["\ufffd"]),
        ("harbour-bakery", ["publisher: Harbour Herald", "- Opening hours"], ["Subscribe", "Discover more from"]),
        (
            "lantern-bridge-what-to-know-about-the-long-repair",
            ["## Why was the bridge closed?", "](https://"],
            ["originally published", "**"],
        ),
        ("the-library-where-every-loan-is-eaten", ["| --- |", "> ", "- "], ["cookie", "comments"]),
        ("the-hill-that-never-missed-a-morning", ["instruments", "Rosalind Achterberg"], ["instru-"]),
    ],
)
def test_what_stands_in_an_article(fresh: Path, article: str, present: list[str], absent: list[str]) -> None:
    text = (fresh / "articles" / f"{article}.md").read_text(encoding="utf-8")
    assert not [piece for piece in present if piece not in text]
    assert not [piece for piece in absent if piece in text]
