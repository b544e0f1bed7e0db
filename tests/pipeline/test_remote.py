"""Other machines read files themselves, and share the large ones: the output is that of a run where they are read here."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from helpers import paragraph

import cleaner.containers
from cleaner import folders
from cleaner.engines.local import LocalEngine
from cleaner.folders import UsageError
from cleaner.model.options import Options
from cleaner.pipeline import run


class Elsewhere(LocalEngine):
    """An engine that is told apart from the processes of this machine, though it is this process."""

    is_remote = True


def records(chance: random.Random, count: int) -> list[dict[str, str]]:
    found = [{"title": f"Story {n}", "text": " ".join(paragraph(chance, 6))} for n in range(count)]
    return [*found, {**found[3], "title": "Story 3, again"}]


def test_shared_files_come_out_as_whole_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in (
        (folders, "SMALL_FILE_BYTES", 4096),
        (cleaner.containers, "MIN_PIECE_BYTES", 1024),
        (cleaner.containers, "STRETCH_BYTES", 4096),
    ):
        monkeypatch.setattr(module, name, value)
    sources = tmp_path / "in"
    sources.mkdir()
    chance = random.Random(3)
    lines = [json.dumps(one).encode() for one in records(chance, 40)]
    (sources / "broken.jsonl").write_bytes(b"\n".join([*lines[:20], b'{"title": "cut off', b"", *lines[20:]]))
    # No more than a few of its lines tell that it is no UTF-8.
    old = [json.dumps({**one, "place": "café"}, ensure_ascii=False).encode("latin-1") for one in records(chance, 4)]
    (sources / "old.jsonl").write_bytes(b"\n".join([*old, *lines]))
    table = pyarrow.Table.from_pylist(records(chance, 40))
    pyarrow.parquet.write_table(table, sources / "table.parquet", row_group_size=9, compression="none")
    (sources / "note.txt").write_text(" ".join(paragraph(chance, 6)))
    run([sources], tmp_path / "here", Options())
    read: list[folders.Input | folders.Share] = []
    monkeypatch.setattr(folders, "read", lambda work, options, own=folders.read: (read.append(work), own(work, options))[1])  # fmt: skip
    run([sources], tmp_path / "there", Options(), engine=Elsewhere(1))
    assert sum(isinstance(work, folders.Share) for work in read) > 6
    assert {work.source for work in read if isinstance(work, folders.Input)} == {"note.txt"}
    outputs = [
        {path.relative_to(tmp_path / name).as_posix(): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("here", "there")
    ]
    assert outputs[0] == outputs[1]


def test_a_file_that_changes_after_it_was_cut_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "A story."}\n' * 300_000)
    first, *_ = folders.shares(folders.Input("a.jsonl", str(path)), Options())
    path.write_bytes(path.read_bytes() + b"{}\n")
    (unit,) = folders.read(first, Options())
    assert unit.problem is not None
    assert "changed while it was read" in unit.problem.message


def test_a_run_elsewhere_needs_a_place_for_what_waits(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A story.")
    with pytest.raises(UsageError, match="-o"):
        run([tmp_path], None, Options(), engine=Elsewhere(1))
