"""The cache saves time and nothing else: cold, warm, damaged or away, the bytes of the output are the same."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import paragraph

from cleaner.cache import FILE, Cache, clear, default_folder, program
from cleaner.model.options import Options
from cleaner.pipeline import run

ONE, TWO, THREE = (bytes([number]) * 16 for number in (1, 2, 3))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def cleaned(sources: Path, cache: Path | None, options: Options | None = None) -> dict[str, bytes]:
    output = sources.parent / "out"
    run([sources], output, options or Options(jobs=1), cache_folder=cache)
    return contents(output)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files that are enough for the cache: near-copies, a part of another, a file of records in several pieces, one that fails."""
    monkeypatch.setattr("cleaner.pipeline.MAX_UNCACHED_FILES", 3)
    monkeypatch.setattr("cleaner.containers.MIN_PIECE_BYTES", 300)
    monkeypatch.setattr("cleaner.containers.LINES_TO_AN_END", 2)
    chance = random.Random(11)
    sources = tmp_path / "in"
    sources.mkdir()
    for number in range(13):
        text = [" ".join(paragraph(chance, 5)) for _ in range(3)]
        (sources / f"s{number:02}.txt").write_text("\n\n".join(text))
        if number % 6 == 0:
            (sources / f"s{number:02}-copy.txt").write_text("\n\n".join(text).replace(" and ", " or ") + " Indeed so.")
        if number % 7 == 1:
            (sources / f"s{number:02}-part.txt").write_text(text[1])
    records = [{"title": f"Record {number}", "text": " ".join(paragraph(chance, 6))} for number in range(16)]
    (sources / "records.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (sources / "broken.json").write_text('{"text": ')
    return sources


def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the sources that are prepared, as they are."""
    names: list[str] = []
    from cleaner.pipeline import noting

    prepare = noting.prepare

    def told(unit, options, *, sketched):  # type: ignore[no-untyped-def]
        names.append(unit.source)
        return prepare(unit, options, sketched=sketched)

    monkeypatch.setattr(noting, "prepare", told)
    return names


def test_warm_and_cold_give_the_same_bytes(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cold = cleaned(world, None)
    names = made(monkeypatch)
    assert cleaned(world, tmp_path / "cache") == cold
    assert len(names) > 20
    names.clear()
    assert cleaned(world, tmp_path / "cache") == cold
    assert names == []


def test_only_what_changed_is_made_again(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned(world, tmp_path / "cache")
    (world / "s03.txt").write_text((world / "s05.txt").read_text() + "\n\nA last word was added.")
    lines = (world / "records.jsonl").read_text().splitlines(keepends=True)
    lines[3] = json.dumps({"title": "Another", "text": "The ferry left at dawn, and nobody saw it go."}) + "\n"
    (world / "records.jsonl").write_text("".join(lines))
    (world / "s11.txt").unlink()
    (world / "s00-new.txt").write_text((world / "s07.txt").read_text())
    names = made(monkeypatch)
    warm = cleaned(world, tmp_path / "cache")
    assert sorted(set(names)) == ["records.jsonl", "s00-new.txt", "s03.txt"]
    # Of the file of records a few pieces of many.
    assert names.count("records.jsonl") <= 3
    assert warm == cleaned(world, None)


@pytest.mark.parametrize("options", [Options(min_jaccard=95, jobs=1), Options(min_repeat_tokens=3, jobs=1)], ids=repr)
def test_other_options_find_nothing_that_is_not_theirs(world: Path, tmp_path: Path, options: Options) -> None:
    cleaned(world, tmp_path / "cache")
    assert cleaned(world, tmp_path / "cache", options) == cleaned(world, None, options)


def test_options_may_hold_lists(world: Path, tmp_path: Path) -> None:
    """Whoever calls it from Python need not know that they are tuples to us."""
    listed = Options(exclude=["page-0*"], jobs=1)  # type: ignore[arg-type]
    assert cleaned(world, tmp_path / "cache", listed) == cleaned(world, None, Options(exclude=("page-0*",), jobs=1))


def garbled(file: Path) -> None:
    file.write_bytes(b"This is no database." * 500)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flipped(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for place in range(20_000, len(data), 3_001):
        data[place] ^= 0xFF
    file.write_bytes(data)


def forged(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE entries SET value = x'00010203'")


def of_another_form(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE entries (something TEXT)")


@pytest.mark.parametrize("harm", [garbled, cut, flipped, forged, of_another_form])
def test_damaged_cache_changes_nothing(world: Path, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    cold = cleaned(world, tmp_path / "cache")
    harm(tmp_path / "cache" / FILE)
    assert cleaned(world, tmp_path / "cache") == cold
    assert cleaned(world, tmp_path / "cache") == cold


def test_cache_that_is_no_database_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"This is no database." * 500)
    broken = Cache(tmp_path)
    broken.put(ONE, b"value")
    broken.close()
    assert stored(tmp_path, ONE) is None
    put(tmp_path, ONE, b"value")
    assert stored(tmp_path, ONE) == b"value"


def test_place_that_can_not_be_written_is_done_without(world: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert cleaned(world, tmp_path / "file" / "cache") == cleaned(world, None)


def put(folder: Path, key: bytes, value: bytes) -> None:
    cache = Cache(folder)
    cache.put(key, value)
    cache.close()


def stored(folder: Path, key: bytes) -> bytes | None:
    cache = Cache(folder)
    found = cache.get([key]).get(key)
    cache.close()
    return found


def test_another_program_has_other_keys() -> None:
    assert Cache(None, b"one").key("pair", b"a") != Cache(None, b"two").key("pair", b"a")
    assert Cache(None, b"one").key("pair", b"a", b"b") != Cache(None, b"one").key("pair", b"ab", b"")
    assert program() == program()


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for day, key in enumerate((ONE, TWO, THREE)):
        cache.today = day
        cache.put(key, bytes(1000))
        cache.flush()
    cache.today = 9
    cache.get([ONE])
    cache.flush()
    assert cache.prune(10_000) == 0
    assert cache.prune(2_600) > 0
    assert set(cache.get([ONE, TWO, THREE])) == {ONE, THREE}
    cache.close()


WRITER = """
import os, sys
from pathlib import Path
from cleaner.cache import Cache
cache = Cache(Path(sys.argv[1]))
for number in range(2000):
    cache.put(f"{sys.argv[2]}-{number:014}".encode(), bytes(500))
if sys.argv[2] == "x":
    os._exit(9)
cache.close()
"""


def test_processes_write_at_once_and_one_may_be_killed(tmp_path: Path) -> None:
    started = [subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, name]) for name in "abx"]
    assert [process.wait() for process in started] == [0, 0, 9]
    cache = Cache(tmp_path)
    for name in "ab":
        keys = [f"{name}-{number:014}".encode() for number in range(2000)]
        assert sum(len(cache.get(keys[start : start + 100])) for start in range(0, 2000, 100)) == 2000
    cache.close()


RUN = """
import sys
from pathlib import Path
import cleaner.pipeline
from cleaner.model.options import Options
cleaner.pipeline.MAX_UNCACHED_FILES = 3
cleaner.pipeline.run([Path(sys.argv[1])], Path(sys.argv[2]), Options(jobs=1), cache_folder=Path(sys.argv[3]))
"""


def test_two_runs_share_a_cache_that_somebody_clears(world: Path, tmp_path: Path) -> None:
    cold = cleaned(world, None)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    outputs = [tmp_path / name / "out" for name in ("one", "two")]
    runs = [subprocess.Popen([sys.executable, "-c", RUN, world, output, tmp_path / "cache"]) for output in outputs]
    while any(process.poll() is None for process in runs):
        clear(tmp_path / "cache")
        time.sleep(0.05)
    assert [process.returncode for process in runs] == [0, 0]
    assert [contents(output) for output in outputs] == [cold, cold]


def test_cache_of_another_version_is_as_good_as_none(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cleaner.pipeline.program", lambda: b"another")
    cold = cleaned(world, tmp_path / "cache")
    monkeypatch.setattr("cleaner.pipeline.program", program)
    names = made(monkeypatch)
    assert cleaned(world, tmp_path / "cache") == cold
    assert len(names) > 20


def test_place_of_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEANER_CACHE_DIR", "somewhere")
    assert default_folder() == Path("somewhere")
    monkeypatch.delenv("CLEANER_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    if sys.platform not in ("darwin", "win32"):
        assert default_folder() == Path("/caches/article-cleaner")


def test_verb_shows_prunes_and_clears(tmp_path: Path) -> None:
    def told(*arguments: str) -> str:
        command = [sys.executable, "-m", "cleaner", "cache", *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, "CLEANER_CACHE_DIR": str(tmp_path)}
        )
        return done.stdout or f"{done.returncode}: {done.stderr}"

    for key in (ONE, TWO):
        put(tmp_path, key, bytes(1 << 20))
    assert told() == told("show") == f"{tmp_path}: 2 entries, 2.0 MB.\n"
    assert told("prune", "--max-megabytes", "1") == f"{tmp_path}: 2.0 MB went; 0 entries, 0.0 MB.\n"
    put(tmp_path, ONE, b"value")
    assert told("clear") == f"{tmp_path}: the cache is empty.\n"
    assert told() == f"{tmp_path}: 0 entries, 0.0 MB.\n"
    (tmp_path / "file").write_text("no folder")
    assert told("--cache-dir", str(tmp_path / "file")).startswith("2: clean: ")
