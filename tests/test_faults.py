"""Faults from outside: full and read-only disks, a target that goes, signals, readers that leave, two runs at once. Each is told in one line with an exit code, and the old output stays."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from cleaner.disk import Claim

ROOT = Path(__file__).parents[1]
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs the signals and limits of POSIX")


def story(name: str) -> str:
    own = random.Random(name)
    return "\n\n".join(f"{' '.join(''.join(own.choices(SYLLABLES, k=4)) for _ in range(14))}." for _ in range(4)) + "\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with sources in `in`, and in `out` an output that another run made: it must stay as it is."""
    for name in "abcdef":
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / f"in/{name}.txt").write_text(story(name))
    (tmp_path / "out").mkdir()
    (tmp_path / "out/manifest.json").write_text('{"version": 1, "tool": {"name": "article-cleaner"}}')
    return tmp_path


def stands(place: Path) -> list[str]:
    """What stands where the output is made; the old output must be as it was."""
    assert [path.name for path in (place / "out").iterdir()] == ["manifest.json"]
    return sorted(path.name for path in place.iterdir() if path.name != "site")


def clean(*args: object, cwd: Path, site: str = "", **more: Any) -> subprocess.CompletedProcess[str]:
    """The command, with `site` executed at its start."""
    if site:
        (cwd / "site").mkdir(exist_ok=True)
        (cwd / "site/sitecustomize.py").write_text(site)
    named: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    done = subprocess.run(
        [sys.executable, "-m", "cleaner", *map(str, args)],
        text=True, timeout=120, check=False, cwd=cwd, env={**os.environ, "PYTHONPATH": f"{cwd / 'site'}:{ROOT}"}, **named,
    )  # fmt: skip
    assert "Traceback" not in (done.stderr or "")
    assert "This is a bug" not in (done.stderr or "")
    return done


def is_told(done: subprocess.CompletedProcess[str], *words: str, code: int = 2) -> None:
    """Whether the command ended with the code and one line that says all the words."""
    assert done.returncode == code, done.stderr
    # A key that interrupts leaves its sign on the line of the terminal; a new one is begun.
    (line,) = done.stderr.strip("\n").split("\n")
    assert line.startswith("clean: ")
    assert [word for word in words if word not in done.stderr] == []


@contextmanager
def mounted(place: Path, options: str) -> Iterator[None]:
    """A file system of its own in memory at a place, where we may mount one."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a file system needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


# -- the disk --


def test_full_disk(place: Path) -> None:
    with mounted(place / "disk", "size=64k"):
        out = place / "disk/out"
        out.mkdir()
        (out / "manifest.json").write_bytes((place / "out/manifest.json").read_bytes())
        is_told(clean("in", "-o", "disk/out", cwd=place), "No space left on device", "disk/", "Make room")
        assert [path.name for path in (place / "disk").iterdir()] == ["out"]
        assert [path.name for path in out.iterdir()] == ["manifest.json"]
        with suppress(OSError), (place / "disk/fill").open("wb", buffering=0) as fill:
            while True:
                fill.write(bytes(512))
        is_told(clean("in", "-o", "disk/out", cwd=place), "disk/", "Make room")
        assert {path.name for path in (place / "disk").iterdir()} == {"fill", "out"}


def test_mount_point_and_read_only_disk(place: Path) -> None:
    with mounted(place / "disk", "size=64k"):
        is_told(clean("in", "-o", "disk", cwd=place), "a disk is mounted here")
    with mounted(place / "other", "size=64k,ro"):
        is_told(clean("in", "-o", "other/out", cwd=place), "Read-only file system", "another place")


def test_limit_on_the_size_of_files(place: Path) -> None:
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))  # noqa: E731
    done = clean("in", "-o", "out", "--no-cache", cwd=place, preexec_fn=limit)
    is_told(done, ".out.tmp-")
    assert stands(place) == ["in", "out"]


def test_limit_on_open_files(place: Path) -> None:
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (6, 6))  # noqa: E731
    is_told(clean("in", "-o", "out", cwd=place, preexec_fn=limit), "Too many open files", "ulimit -n")
    assert clean("in", "-o", "new", "-q", cwd=place).returncode == 0
    assert clean("in", "-o", "out", "-q", cwd=place).returncode == 0
    assert sorted(path.name for path in place.iterdir()) == ["in", "new", "out"]


VANISHING = """
import shutil
from cleaner.pipeline import noting
prepare = noting.prepare
def prepared(unit, *args, **named):
    if unit.source == "c.txt":
        shutil.rmtree({place!r})
    return prepare(unit, *args, **named)
noting.prepare = prepared
"""


def test_target_that_goes(place: Path) -> None:
    (place / "far").mkdir()
    done = clean("in", "-o", "far/out", cwd=place, site=VANISHING.format(place=str(place / "far")))
    is_told(done, "far", "No such file or directory")
    assert stands(place) == ["in", "out"]


def test_files_that_go_and_change_are_told(place: Path) -> None:
    (place / "in/e.jsonl").write_text((json.dumps({"text": story("e"), "padding": "x" * 100_000}) + "\n") * 20)
    site = """
import os
from cleaner import folders
hashed = folders._hashed
def changing(file):
    found = hashed(file)
    if found[2] is file:
        with open("in/e.jsonl", "a") as stream:
            stream.write("{}")
    return found
folders._hashed = changing
discover = folders.discover
def found(*args):
    inputs = discover(*args)
    os.unlink("in/b.txt")
    os.unlink("in/c.txt")
    os.mkfifo("in/c.txt")
    return inputs
folders.discover = found
"""
    assert clean("in", "-o", "new", "-j", 1, "--no-cache", cwd=place, site=site).returncode == 1
    problems = json.loads((place / "new/report.json").read_bytes())["problems"]
    told = {problem["source"]: problem["message"] for problem in problems if problem["rule"] == "ENC001"}
    assert told.keys() == {"b.txt", "c.txt", "e.jsonl"}
    assert "changed while it was read" in told["e.jsonl"]
    assert "It is a pipe" in told["c.txt"]
    articles = "".join(path.read_text() for path in (place / "new/articles").iterdir())
    assert [name for name in "adf" if story(name).split("\n")[0] not in articles] == []


# -- signals --

ENDING = """
import os, signal, sys
# As a shell in front starts it: one in the background has interrupts ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from cleaner.engines import local
from cleaner.pipeline import noting
local.MIN_BYTES_FOR_POOL = 1
prepare = noting.prepare
def prepared(unit, *args, **named):
    if unit.source == "c.txt":
        os.killpg(os.getpgrp(), signal.{name})
    return prepare(unit, *args, **named)
noting.prepare = prepared
"""


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("SIGINT", 130, "Interrupted."),
        ("SIGTERM", 143, "Ended by SIGTERM."),
        ("SIGHUP", 129, "Ended by SIGHUP."),
    ],
)
def test_ended_from_outside(place: Path, name: str, code: int, said: str, jobs: int) -> None:
    done = clean("in", "-o", "out", "-j", jobs, cwd=place, site=ENDING.format(name=name), start_new_session=True)
    is_told(done, said, "No output folder is half written", code=code)
    assert stands(place) == ["in", "out"]


def test_ignored_hang_up_stays_ignored(place: Path) -> None:
    site = ENDING.format(name="SIGHUP") + "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    done = clean("in", "-o", "new", "-j", 2, "-q", cwd=place, site=site, start_new_session=True)
    assert (done.returncode, done.stderr) == (0, "")


# -- standard streams --


def closed(*numbers: int) -> Callable[[], None]:
    return lambda: [os.close(number) for number in numbers] and None


def test_reader_that_leaves(place: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = clean("in", "-o", "new", cwd=place, stdout=theirs)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")
    assert (place / "new/report.html").is_file()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_standard_output_that_is_full(place: Path) -> None:
    with open("/dev/full", "w") as full:
        is_told(clean("rules", cwd=place, stdout=full), "Standard output", "No space left")
        assert clean("rules", "ENC001", cwd=place, stdout=full, stderr=full).returncode == 2
    is_told(clean("in", "-o", "new", "--output-format", "json=/dev/full", cwd=place), "/dev/full", "No space left")


def test_closed_streams(place: Path) -> None:
    assert clean("in", "-o", "new", cwd=place, preexec_fn=closed(0, 1, 2), stdout=None, stderr=None).returncode == 0
    assert (place / "new/report.html").is_file()
    assert sorted(path.name for path in place.iterdir()) == ["in", "new", "out"]


# -- two runs at once, and what a dead one left --


def test_two_runs_at_once_are_told(place: Path) -> None:
    claim = Claim(place / ".out.run")
    is_told(clean("in", "-o", "out", cwd=place), f"another run (process {os.getpid()}) writes into it")
    assert stands(place) == [".out.run", "in", "out"]
    claim.release(lambda folder: None)
    assert clean("in", "-o", "out", "-q", cwd=place).returncode == 0


def test_folder_in_the_way_is_told(place: Path) -> None:
    (place / ".out.run").mkdir()
    (place / ".out.run/precious.txt").touch()
    is_told(clean("in", "-o", "out", cwd=place), "in the way", ".out.run")
    assert (place / ".out.run/precious.txt").exists()


def test_output_through_a_link(place: Path) -> None:
    (place / "far").mkdir()
    (place / "link").symlink_to("far/out")
    for _ in range(2):
        assert clean("in", "-o", "link", "-q", cwd=place).returncode == 0
        assert (place / "link").is_symlink()
        assert [path.name for path in (place / "far").iterdir()] == ["out"]
    assert stands(place) == ["far", "in", "link", "out"]
