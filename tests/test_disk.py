"""Folders that are ours while we live, what dead processes left, and files that are replaced whole."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cleaner import disk
from cleaner.disk import LOCK, Busy, Claim, beside, clear_left, replace_file, sync

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs the locks of POSIX")

HOLDER = """
import sys
from pathlib import Path
from cleaner.disk import Claim
claims = [Claim(Path(name)) for name in sys.argv[1:]]
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(*folders: Path) -> Iterator[int]:
    """The number of another process, which holds the folders."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, *folders], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield holder.pid
    finally:
        holder.kill()
        holder.communicate()


def emptied(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != LOCK:
            path.unlink()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# -- folders --


def test_folder_of_a_process_alive_is_refused_and_that_of_a_dead_one_taken_over(tmp_path: Path) -> None:
    with held(tmp_path / "room") as process:
        with pytest.raises(Busy, match=f"process {process}"):
            Claim(tmp_path / "room")
        (tmp_path / "room/left.txt").touch()
    claim = Claim(tmp_path / "room")
    assert names(tmp_path / "room") == ["left.txt", LOCK]
    claim.release(emptied)
    assert names(tmp_path) == []


def test_folder_of_a_stranger_is_refused_and_an_empty_one_taken(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/precious.txt").touch()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / LOCK).write_text("of another program")
    (tmp_path / "empty").mkdir()
    for name in ("theirs", "other"):
        with pytest.raises(FileExistsError, match="not made by this tool"):
            Claim(tmp_path / name)
    Claim(tmp_path / "empty").release(emptied)
    assert names(tmp_path) == ["other", "theirs"]
    assert names(tmp_path / "theirs") == ["precious.txt"]


def test_what_can_not_be_removed_stays_ours(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    claim = Claim(tmp_path / "room")
    (tmp_path / "room/kept.txt").touch()
    claim.release(lambda folder: None)
    assert names(tmp_path / "room") == ["kept.txt", LOCK]
    Claim(tmp_path / "room").release(emptied)
    assert names(tmp_path) == []


def test_only_what_dead_processes_left_is_cleared(tmp_path: Path) -> None:
    alive, dead = tmp_path / ".out.tmp-alive", tmp_path / ".out.tmp-dead"
    with held(dead):
        (dead / "1").touch()
    for name in (".out.tmp-theirs/1", ".out.tmp-other/lock", ".another.tmp-x/1"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("theirs")
    (tmp_path / ".out.tmp-empty").mkdir()
    (tmp_path / ".out.tmp-link").symlink_to(".out.tmp-theirs")
    (tmp_path / ".out.tmp-file").touch()
    with held(alive):
        (alive / "1").touch()
        clear_left(tmp_path, ".out.tmp-", emptied)
        assert names(alive) == ["1", LOCK]
    assert names(tmp_path) == [
        ".another.tmp-x", ".out.tmp-alive", ".out.tmp-file", ".out.tmp-link", ".out.tmp-other", ".out.tmp-theirs"
    ]  # fmt: skip
    assert names(tmp_path / ".out.tmp-theirs") == ["1"]


def test_without_locks_nothing_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with held(tmp_path / "left"):
        pass
    monkeypatch.setattr(disk, "_lock", lambda descriptor: False)
    with pytest.raises(Busy):
        Claim(tmp_path / "left")
    Claim(tmp_path / "new").release(emptied)
    assert names(tmp_path) == ["left"]


@pytest.mark.parametrize("name", ["out", "x" * 255, "\N{GREEK SMALL LETTER OMEGA}" * 127])
def test_hidden_name_fits_whatever_the_name(tmp_path: Path, name: str) -> None:
    beside(tmp_path / name, ".tmp-12345678").mkdir()
    assert beside(tmp_path / name, ".run").name.startswith(".")


# -- what was lost is told --


def test_bytes_that_did_not_reach_the_disk_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").touch()
    sync([tmp_path / "a", tmp_path], tmp_path)

    def broken(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", broken)
    code = errno.EINVAL
    sync([tmp_path / "a"], tmp_path)
    code = errno.EIO
    with pytest.raises(OSError, match="/a'"):
        sync([tmp_path / "a"], tmp_path)


def test_many_files_are_synced_with_their_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", None)
    if sys.platform == "linux":
        sync([tmp_path / "not there"] * 100, tmp_path)


# -- files --


def test_file_is_replaced_through_a_link_with_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.txt").write_bytes(b"old")
    (tmp_path / "real/a.txt").chmod(0o640)
    (tmp_path / "link.txt").symlink_to("real/a.txt")
    assert replace_file(tmp_path / "link.txt", b"new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real/a.txt").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "real/a.txt").stat().st_mode) == 0o640
    assert names(tmp_path / "real") == ["a.txt"]


def test_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    replace_file(tmp_path / "new", b"new")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_file_that_somebody_else_changed_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"changed meanwhile")
    assert not replace_file(tmp_path / "a.txt", b"new", before=b"old")
    assert (tmp_path / "a.txt").read_bytes() == b"changed meanwhile"
    assert names(tmp_path) == ["a.txt"]


def test_name_of_255_bytes(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".txt")
    path.write_bytes(b"old")
    assert replace_file(path, b"new")
    assert path.read_bytes() == b"new"


def test_what_a_killed_process_left_of_a_file_is_used_up(tmp_path: Path) -> None:
    (tmp_path / ".a.txt.new").write_bytes(b"half of something that was long" * 100)
    assert replace_file(tmp_path / "a.txt", b"new")
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    assert names(tmp_path) == ["a.txt"]


def test_two_processes_do_not_write_one_file_at_once(tmp_path: Path) -> None:
    descriptor, _ = disk.locked(tmp_path / ".a.txt.new")
    with pytest.raises(Busy):
        replace_file(tmp_path / "a.txt", b"new")
    os.close(descriptor)
    assert replace_file(tmp_path / "a.txt", b"new")


def test_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert replace_file(tmp_path / "pipe", b"new")
    assert os.read(reader, 9) == b"new"
    os.close(reader)
    assert names(tmp_path) == ["pipe"]
    assert replace_file(Path(os.devnull), b"new")
    assert not Path(os.devnull).is_file()
