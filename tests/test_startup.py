"""What a run imports: nothing that it does not use, for the command must answer at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = frozenset(
    "charset_normalizer datasketch duckdb ftfy htmldate lxml numpy pathspec pyarrow rapidfuzz rich trafilatura yaml".split()
)
# Of the standard library: what reads archives, the net and other processes.
UNUSED = frozenset("asyncio concurrent email http multiprocessing socket ssl tarfile xml zipfile".split())
PROGRAM = """
import sys
from cleaner.cli import main
sys.argv[0] = "clean"
try:
    main()
except SystemExit:
    pass
print("\\n", *sys.modules)
"""
TEXTS = {
    "kelp.txt": "Kelp farms grow\n\nThe first ropes went into the water in March, and nobody on the quay thought that they would hold.\n",
    "goats.md": "# Goats carry the mail\n\nAfter the landslip the **goats** of the upland farms carried letters over the [old path](path.html) for six weeks.\n",
    "clock.json": '{"title": "A clock", "text": "The town hall clock runs seven minutes fast, and the town has voted to keep it so for good."}',
    "tram.txt": "Tram to Gull Point\n\nThe last inspection is done, and the tram will carry its first paying passengers on a Saturday in June.\n",
    "mud.txt": "Robot maps the mud\n\nBeneath the docks a jointed robot has drawn a map of three centuries of mud, one probe at a time.\n",
}


def imported(*arguments: str | Path) -> set[str]:
    """The modules that a run of the command has imported at its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("\n ")[2].split())


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("rules",)])
def test_help_loads_no_stage(arguments: tuple[str, ...]) -> None:
    modules = imported(*arguments)
    assert "cleaner.cli" in modules
    assert packages(modules) & (HEAVY | UNUSED | {"markdown_it"}) == set()
    assert [
        name for name in modules if name.startswith(("cleaner.stages", "cleaner.pipeline", "cleaner.reports"))
    ] == []


def test_five_files_load_only_what_they_use(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for name, text in TEXTS.items():
        (source / name).write_text(text, encoding="utf-8")
    modules = imported(source, "-o", tmp_path / "out", "--jobs", "1")
    assert (tmp_path / "out" / "manifest.json").is_file()
    assert {"cleaner.pipeline", "markdown_it"} <= modules
    assert packages(modules) & (HEAVY | UNUSED) == set()
    assert {"cleaner.cli.verify", "cleaner.stages.extract.html"} & modules == set()
