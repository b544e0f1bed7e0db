"""The command as a user runs it: exit codes, messages, and nothing but results on standard output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STORY = "The harbour opens again\nThe first boat of the year came in on Monday with the morning tide and a hold full of salt.\n"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "one.txt").write_text(STORY, encoding="utf-8")
    return folder


def clean(*args: object, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "cleaner", *map(str, args)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, env=variables, check=False)
    assert "Traceback" not in result.stderr
    return result


def test_the_verb_run_may_be_left_out(seeds: Path, tmp_path: Path) -> None:
    short, long = clean(seeds, "-o", tmp_path / "a"), clean("run", seeds, "-o", tmp_path / "b")
    assert (short.returncode, long.returncode) == (0, 0)
    assert (tmp_path / "a/corpus.jsonl").read_bytes() == (tmp_path / "b/corpus.jsonl").read_bytes()


def test_a_file_that_fails_costs_no_other(seeds: Path, tmp_path: Path) -> None:
    (seeds / "broken.json").write_text('{"body": "cut', encoding="utf-8")
    result = clean(seeds, "-o", tmp_path / "out")
    assert result.returncode == 1
    assert "ENC005" in result.stdout
    assert "broken.json" in result.stdout
    assert len(list((tmp_path / "out/articles").iterdir())) == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nowhere", "-o", "out"], "no such file or folder"),
        (["explan", "out"], "Did you mean the verb explain"),
        (["{seeds}"], "Say with -o where to write"),
        (["{seeds}", "-o", "{seeds}/out"], "can't be inside an input"),
        (["{seeds}", "-o", "{stranger}"], "not written by article-cleaner"),
        (["{seeds}", "-o", "out", "--keep", "luck"], "luck"),
        (["rules", "XYZ999"], "no such rule"),
        (["verify", "{stranger}"], "manifest.json"),
        (["{seeds}", "-o", "out", "--min-jaccard", "7"], "7"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(args: list[str], said: str, seeds: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    (stranger / "precious.txt").write_text("mine", encoding="utf-8")
    result = clean(*(arg.format(seeds=seeds, stranger=stranger) for arg in args))
    assert result.returncode == 2
    assert said in result.stderr
    assert result.stdout == ""
    assert (stranger / "precious.txt").read_text(encoding="utf-8") == "mine"


def test_force_replaces_a_strangers_folder(seeds: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/old.txt").write_text("old", encoding="utf-8")
    assert clean(seeds, "-o", tmp_path / "out", "--force").returncode == 0
    assert not (tmp_path / "out/old.txt").exists()


def test_a_dry_run_writes_nothing(seeds: Path, tmp_path: Path) -> None:
    result = clean(seeds, "-o", tmp_path / "out", "--dry-run")
    assert result.returncode == 0
    assert "1 source" in result.stdout
    assert not (tmp_path / "out").exists()


def test_quiet_prints_nothing_and_json_prints_the_report(seeds: Path, tmp_path: Path) -> None:
    assert clean(seeds, "-o", tmp_path / "out", "-q").stdout == ""
    report = json.loads(clean(seeds, "-o", tmp_path / "out", "--output-format", "json").stdout)
    assert report["summary"]["documents"] == 1


def test_colour_only_where_it_is_asked_for(seeds: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert "\x1b" not in clean(seeds, "-o", out).stdout
    assert "\x1b" in clean(seeds, "-o", out, "--color", "always").stdout
    assert "\x1b" in clean(seeds, "-o", out, FORCE_COLOR="1").stdout
    assert "\x1b" not in clean(seeds, "-o", out, FORCE_COLOR="1", NO_COLOR="1").stdout


def test_verify_explain_and_report_answer(seeds: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    clean(seeds, "-o", out)
    assert clean("verify", out, "--sources", seeds).returncode == 0
    article = next((out / "articles").iterdir())
    article.write_text(article.read_text(encoding="utf-8").replace("salt", "sugar"), encoding="utf-8")
    assert clean("verify", out, "--sources", seeds).returncode == 1
    answer = clean("explain", out, "one.txt:2", "--sources", seeds)
    assert (answer.returncode, "one.txt" in answer.stdout) == (0, True)
    assert clean("explain", out, "one.txt:999", "--sources", seeds).returncode == 1
    assert clean("report", out).returncode == 0


def test_a_missing_package_is_named(seeds: Path, tmp_path: Path) -> None:
    (seeds / "table.md").write_text("# A table\n\n| a | b |\n| - | - |\n| c | d |\n", encoding="utf-8")
    (tmp_path / "markdown_it").mkdir()
    (tmp_path / "markdown_it/__init__.py").write_text(
        "raise ModuleNotFoundError('gone', name='markdown_it')", encoding="utf-8"
    )
    result = clean(seeds, "-o", tmp_path / "out", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert (result.returncode, "markdown_it is not installed" in result.stderr) == (2, True)
