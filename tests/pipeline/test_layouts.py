"""The layouts of an output: parts hold the rows and accounts that files hold, with articles or without, and verify as these do."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

import cleaner
from cleaner.folders import Layout, UsageError
from cleaner.model.options import Options
from cleaner.pipeline import rendering, run

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[Layout, Path]:
    """The seeds in each layout; parts of a few rows."""
    folder = tmp_path_factory.mktemp("layouts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "SHARD_BYTES", 20_000)
        for layout in Layout:
            run([SEEDS], folder / layout, Options(), layout=layout)
    return {layout: folder / layout for layout in Layout}


def joined(output: Path, room: str) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((output / room).glob("part-*.jsonl")))


@pytest.mark.parametrize("layout", [Layout.SHARDS, Layout.BOTH])
def test_parts_hold_the_rows_and_the_accounts(outputs: dict[Layout, Path], layout: Layout) -> None:
    files, parts = outputs[Layout.FILES], outputs[layout]
    assert len(list((parts / "corpus").iterdir())) > 2
    assert joined(parts, "corpus") == (files / "corpus.jsonl").read_bytes()
    rows = [json.loads(line) for line in (files / "corpus.jsonl").read_bytes().splitlines()]
    accounts = [(files / "provenance" / f"{Path(row['metadata']['article']).stem}.json").read_bytes() for row in rows]
    assert joined(parts, "provenance") == b"".join(accounts)
    assert (parts / "report.json").read_bytes() == (files / "report.json").read_bytes()
    wanted = {path.name: path.read_bytes() for path in (files / "articles").iterdir()}
    found = {path.name: path.read_bytes() for path in (parts / "articles").glob("*")}
    assert found == (wanted if layout is Layout.BOTH else {})


@pytest.mark.parametrize("layout", list(Layout))
def test_each_layout_verifies(outputs: dict[Layout, Path], layout: Layout) -> None:
    assert cleaner.verify(outputs[layout], [SEEDS]) == []


def forged(output: Path, name: str, data: bytes) -> None:
    """The file has other bytes, and the manifest their hash."""
    (output / name).write_bytes(data)
    manifest = json.loads((output / "manifest.json").read_bytes())
    for entry in manifest["outputs"]:
        if entry["path"] == name:
            entry.update(sha256=sha256(data).hexdigest(), bytes=len(data))
    (output / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def test_parts_that_were_changed_do_not_verify(tmp_path: Path) -> None:
    output = tmp_path / "out"
    run([SEEDS], output, Options(), layout=Layout.SHARDS)
    rows, accounts = "corpus/part-000000.jsonl", "provenance/part-000000.jsonl"
    before = {name: (output / name).read_bytes() for name in (rows, accounts, "manifest.json")}

    def breaches(name: str, data: bytes) -> str:
        forged(output, name, data)
        found = cleaner.verify(output)
        for each, whole in before.items():
            (output / each).write_bytes(whole)
        return " ".join(problem.message for problem in found)

    first, *rest = before[rows].splitlines(keepends=True)
    assert "the text is not the one" in breaches(rows, before[rows].replace(b"ferries", b"fairies"))
    less = b"".join(before[accounts].splitlines(keepends=True)[:-1])
    assert f"{rows}:{len(rest) + 1}: the row, its article or its provenance" in breaches(accounts, less)
    assert "not sorted" in breaches(rows, b"".join([*rest, first]))
    assert "do not list the same articles" in breaches(rows, b"".join(rest))
    (output / accounts).unlink()
    assert {problem.rule for problem in cleaner.verify(output)} == {"PRV001", "PRV002", "PRV003"}


def test_what_needs_articles_says_so(outputs: dict[Layout, Path], tmp_path: Path) -> None:
    parts, both = outputs[Layout.SHARDS], outputs[Layout.BOTH]
    with pytest.raises(UsageError, match="--layout both"):
        cleaner.explain(parts, "kelp-farms.txt:1")
    with pytest.raises(UsageError, match="--layout both"):
        cleaner.check(SEEDS / "kelp-farms.txt", parts)
    lines = (both / "articles" / "kelp-farms.md").read_text(encoding="utf-8").splitlines()
    place = f"articles/kelp-farms.md:{len(lines)}"
    told = cleaner.explain(both, place, SEEDS)
    assert told is not None
    assert told == cleaner.explain(outputs[Layout.FILES], place, SEEDS)
    copy = tmp_path / "copy.txt"
    copy.write_bytes((SEEDS / "wire" / "tram-line-post.txt").read_bytes())
    assert "DUP004" in {problem.rule for problem in cleaner.check(copy, both)}
    with pytest.raises(UsageError, match="--prov"):
        run([SEEDS], parts, Options(), layout=Layout.SHARDS, prov=True)
