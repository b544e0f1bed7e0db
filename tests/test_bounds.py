"""Bounds: what exceeds one is told with its rule and left out as a whole, its neighbours come out, and the options say where the bound is."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleaner import Options, check, clean
from cleaner.cli import cli
from cleaner.config import bounded
from cleaner.folders import UsageError
from cleaner.model.options import BOUNDS

ROOT = Path(__file__).parents[1]
STORY = "The harbour office opened at seven.\n\nNobody came before nine, and the clerk read the paper.\n"

# What each bound is told by: a file that keeps within its default and exceeds the given one.
EXCESSES: dict[str, tuple[int, str, bytes, str]] = {
    "max_file_bytes": (300, "long.txt", STORY.encode() * 20, "ENC007"),
    "max_unpacked_bytes": (300, "packed.txt.gz", gzip.compress(STORY.encode() * 20), "ENC007"),
    "max_unpacked_ratio": (3, "bomb.txt.gz", gzip.compress(b"The same line. \n" * (40 << 16), 9), "ENC007"),
    "max_nesting": (1, "nested.txt.gz", gzip.compress(gzip.compress(gzip.compress(STORY.encode()))), "ENC007"),
    "max_json_depth": (20, "deep.json", b'{"a":' * 30 + json.dumps(STORY).encode() + b"}" * 30, "ENC014"),
    "max_records": (3, "list.json", json.dumps([{"title": f"T{n}", "body": STORY} for n in range(4)]).encode(), "ENC014"),
    "max_line_characters": (400, "line.md", b"word " * 100, "ENC014"),
    "max_elements": (20, "tags.html", f"<html><body>{'<p>A word.</p>' * 20}".encode(), "ENC014"),
    "max_blocks": (10, "blocks.txt", b"A word here.\n\n" * 11, "ENC014"),
    "max_sentences": (20, "sentences.txt", b"A word is here. " * 21, "ENC014"),
}  # fmt: skip


@pytest.mark.parametrize("bound", EXCESSES)
def test_what_exceeds_a_bound_is_told_and_costs_no_neighbour(bound: str, tmp_path: Path) -> None:
    limit, name, data, rule = EXCESSES[bound]
    (tmp_path / name).write_bytes(data)
    (tmp_path / "neighbour.txt").write_text(STORY, encoding="utf-8")
    options = bounded(Options(jobs=1), [f"{bound}={limit}"])
    cleaning = clean(tmp_path, options=options)
    errors = [problem for problem in cleaning.problems if problem.source == name]
    assert [problem.rule for problem in errors] == [rule]
    assert bound in errors[0].message
    assert [entry["sources"] for entry in cleaning.report["documents"]] == [["neighbour.txt"]]
    assert rule in {problem.rule for problem in check(tmp_path, options=options)}


def test_what_keeps_within_a_bound_comes_out(tmp_path: Path) -> None:
    for bound, (_, name, data, _) in EXCESSES.items():
        # A bomb is one by default.
        if bound != "max_unpacked_ratio":
            (tmp_path / name).write_bytes(data)
    assert not [
        problem for problem in clean(tmp_path, options=Options(jobs=1)).problems if problem.rule in ("ENC007", "ENC014")
    ]


def test_broken_records_are_bounded_too(tmp_path: Path) -> None:
    (tmp_path / "commas.json").write_text('{"list": [{"a": 1},' + "," * 50 + "]}", encoding="utf-8")
    found = clean(tmp_path, options=Options(jobs=1, max_records=20)).problems
    assert [problem.rule for problem in found] == ["ENC014"]


def test_bounds_are_said_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(STORY, encoding="utf-8")
    said = ["check", "a.txt", "--output-format", "concise"]
    assert CliRunner().invoke(cli, said, standalone_mode=False).return_value == 0
    result = CliRunner().invoke(cli, [*said, "--bound", "file-bytes=20"], standalone_mode=False)
    assert result.return_value == 1
    assert "ENC007" in result.output
    (tmp_path / "cleaner.toml").write_text("max_file_bytes = 20\n", encoding="utf-8")
    assert CliRunner().invoke(cli, said, standalone_mode=False).return_value == 1
    assert CliRunner().invoke(cli, [*said, "--bound", "file_bytes=1_000"], standalone_mode=False).return_value == 0


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("file_byte=3", "file_byte is no bound. Did you mean file_bytes?"),
        ("zzz=3", "zzz is no bound. Known are max_file_bytes"),
        ("jobs=3", "jobs is no bound"),
        ("file_bytes", "expected a whole number, as in --bound file_bytes=1000000"),
        ("file_bytes=-3", "expected a whole number"),
        ("file_bytes=\N{SUPERSCRIPT TWO}", "expected a whole number"),
    ],
)
def test_what_is_no_bound_is_told(said: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        bounded(Options(), [said])


def test_the_page_tells_every_bound_with_its_default_and_rule() -> None:
    page = (ROOT / "docs/bounds.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(max_\w+)` \| ([\d,]+) \| (ENC\d+) \|", page, re.MULTILINE)
    assert [(name, int(default.replace(",", ""))) for name, default, _ in rows] == [
        (name, getattr(Options(), name)) for name in BOUNDS
    ]
    told = {name: rule for name, _, rule in rows}
    assert {name: rule for name, (*_, rule) in EXCESSES.items()}.items() <= told.items()
