"""A C2PA manifest in a text is told and accounted for, and no mending of the file takes it out."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from cleaner import Options, clean, verify
from cleaner.cli import cli

# The bytes of the head of a wrapper, each as a variation selector.
WRAPPED = "\ufeff" + "".join(
    chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in b"C2PATXT\0\1\0\0\0\x20" + bytes(32)
)
STORY = "The harbour office\n\nThe harbour office opened at seven, and nobody came before nine.\n\nThe clerk read the pa\u200bper until the first ferry was in."


def test_a_manifest_is_told_and_accounted_for(tmp_path: Path) -> None:
    seeds, out = tmp_path / "seeds", tmp_path / "out"
    seeds.mkdir()
    for name, text in {
        "a.txt": STORY + WRAPPED,
        "b.md": f"# {STORY.replace('office', 'master')}\n\n{WRAPPED}\n",
    }.items():
        (seeds / name).write_text(text, encoding="utf-8")
    found = clean(seeds, out, options=Options(jobs=1)).problems
    assert sorted(problem.source for problem in found if problem.rule == "ENC015") == ["a.txt", "b.md"]
    assert verify(out, seeds) == []
    for path in (out / "provenance").iterdir():
        account = json.loads(path.read_bytes())
        (span,) = (loss["span"] for loss in account["dropped"] if loss["rule"] == "ENC015")
        text = (seeds / account["sources"][0]["source"]).read_text(encoding="utf-8")
        assert text[slice(*span)] == WRAPPED
    assert not any(
        char in article.read_text(encoding="utf-8") for article in (out / "articles").iterdir() for char in WRAPPED
    )


def test_mending_a_file_leaves_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(STORY + WRAPPED, encoding="utf-8")
    CliRunner().invoke(cli, ["check", str(tmp_path / "a.txt"), "--fix", "-q"], standalone_mode=False)
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == STORY.replace("\u200b", "") + WRAPPED
