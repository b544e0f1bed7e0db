"""The disk: what is found and how it is named, what is read and refused, and an output that is swapped in whole or not at all."""

from __future__ import annotations

import bz2
import errno
import gzip
import json
import lzma
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from cleaner import containers, disk
from cleaner.containers.kinds import Form
from cleaner.folders import Input, Unit, UsageError, check_output, discover, is_ours, read, read_report, swapped_in
from cleaner.model.options import Options

OPTIONS = Options()


def tree(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return folder


def names(paths: list[Path], options: Options = OPTIONS) -> dict[str, str]:
    """The names that are found, with the reason where one is skipped."""
    found = discover(paths, options)
    assert [item.source for item in found] == sorted(item.source for item in found)
    assert len({item.source for item in found}) == len(found)
    return {item.source: item.skipped for item in found}


# -- what is found --


def test_names_are_relative_to_the_path_and_sorted(tmp_path: Path) -> None:
    tree(tmp_path, "b.txt", "a/z.txt", "a/b/c.txt", "Ä.txt")
    assert list(names([tmp_path])) == ["a/b/c.txt", "a/z.txt", "b.txt", "Ä.txt"]
    assert list(names([tmp_path / "a" / "z.txt"])) == ["z.txt"]


def test_equal_names_are_told_apart_by_their_path(tmp_path: Path) -> None:
    tree(tmp_path, "one/a.txt", "one/b.txt", "two/a.txt")
    found = names([tmp_path / "one", tmp_path / "two"])
    assert list(found) == ["b.txt", "one/a.txt", "two/a.txt"]
    assert list(names([tmp_path / "two", tmp_path / "one"])) == list(found)


def test_equal_names_of_equal_paths_are_numbered(tmp_path: Path) -> None:
    tree(tmp_path, "x/in/a.txt", "y/in/a.txt")
    assert list(names([tmp_path / "x" / "in", tmp_path / "y" / "in"])) == ["in/a.txt", "in/a.txt~2"]


def test_a_file_that_is_called_like_a_record_of_another_is_numbered(tmp_path: Path) -> None:
    tree(tmp_path, "d.jsonl", "d.jsonl#2", "d.jsonl#2~2", "d.jsonl#x", "e.jsonl#2", "f", "f#/x.txt", "g#1/h.txt")
    assert list(names([tmp_path])) == [
        "d.jsonl", "d.jsonl#2~2", "d.jsonl#2~3", "d.jsonl#x", "e.jsonl#2", "f", "f#/x.txt~2", "g#1/h.txt",
    ]  # fmt: skip


def test_file_that_two_paths_lead_to_is_one_input(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", "b.txt")
    assert len(names([tmp_path, tmp_path])) == 2


def test_file_in_a_path_that_is_named_too_is_one_input(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", "b.txt")
    assert names([tmp_path / "a.txt", tmp_path]) == names([tmp_path, tmp_path / "a.txt"]) == {"a.txt": "", "b.txt": ""}
    assert names([tmp_path, tmp_path / "a.txt"], Options(exclude=("*.txt",))) == {"a.txt": "", "b.txt": "excluded"}


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", ".hidden.txt", ".git/config", "b/.secret/x.txt")
    assert names([tmp_path]) == {"a.txt": ""}
    assert names([tmp_path / ".hidden.txt"]) == {".hidden.txt": ""}


def test_excludes_and_includes_are_those_of_gitignore(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", "b.bak", "old/a.txt", "new/old.txt", "new/deep/keep.bak")
    found = names([tmp_path], Options(exclude=("*.bak", "/old/", "!keep.bak")))
    assert found == {
        "a.txt": "",
        "b.bak": "excluded",
        "old/a.txt": "excluded",
        "new/old.txt": "",
        "new/deep/keep.bak": "",
    }
    found = names([tmp_path], Options(include=("*.txt",), exclude=("new/",)))
    assert {name for name, skipped in found.items() if not skipped} == {"a.txt", "old/a.txt"}
    assert found["b.bak"] == "not included"


def test_path_that_does_not_exist_is_a_misuse(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        discover([tmp_path / "none"], OPTIONS)


def test_links_inside_are_followed_and_those_that_leave_are_not(tmp_path: Path) -> None:
    tree(tmp_path, "in/a.txt", "out/secret.txt")
    (tmp_path / "in" / "inside.txt").symlink_to("a.txt")
    (tmp_path / "in" / "outside.txt").symlink_to(tmp_path / "out" / "secret.txt")
    (tmp_path / "in" / "broken.txt").symlink_to("nowhere")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "out")
    found = names([tmp_path / "in"])
    assert found["a.txt"] == found["inside.txt"] == ""
    assert found["outside.txt"] == "a link that leaves the folder"
    assert found["broken.txt"].startswith("unreadable")
    assert found["folder"] == "a link that leaves the folder"
    assert not any(name.startswith("folder/") for name in found)


def test_folder_that_links_to_itself_ends(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert names([tmp_path]) == {"a.txt": "", "again": "a link to a folder"}


def test_link_that_leads_to_itself_is_skipped(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt")
    (tmp_path / "x").symlink_to("y")
    (tmp_path / "y").symlink_to("x")
    found = names([tmp_path])
    assert found["x"] == "unreadable: a link that loops"


def test_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert names([tmp_path]) == {"pipe": "not a regular file"}


def test_name_that_is_no_text_is_shown_with_signs_of_replacement(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("x")
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    (name,) = names([tmp_path])
    assert name == "caf\N{REPLACEMENT CHARACTER}.txt"
    (unit,) = read(discover([tmp_path], OPTIONS)[0], OPTIONS)
    assert unit.data == b"x"


def test_name_of_a_file_that_is_given_itself_is_text_too(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    try:
        path.write_text("x")
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    assert list(names([path])) == ["caf\N{REPLACEMENT CHARACTER}.txt"]


def test_number_that_tells_names_apart_is_no_other_name(tmp_path: Path) -> None:
    tree(tmp_path, "x/in/a.txt", "y/in/a.txt", "x/in/in/a.txt~2", "y/a.txt~2")
    found = names([tmp_path / "x" / "in", tmp_path / "y" / "in", tmp_path / "y/a.txt~2"])
    assert list(found) == ["a.txt~2", "in/a.txt", "in/a.txt~2", "in/a.txt~3"]


def test_folder_that_can_not_be_read_is_an_input_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.txt", "closed/b.txt", "out/c.txt")
    plain = os.scandir

    def scandir(folder: str):  # type: ignore[no-untyped-def]
        if folder.endswith(("closed", "out")):
            raise PermissionError(errno.EACCES, "Permission denied", folder)
        return plain(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    found = discover([tmp_path], Options(exclude=("out/",), include=("*.txt",)))
    assert [(item.source, item.skipped) for item in found] == [("a.txt", ""), ("closed", "")]
    (unit,) = read(found[1], OPTIONS)
    assert unit.problem is not None
    assert unit.problem.rule == "ENC001"
    assert "The folder can't be read" in unit.problem.message


@contextmanager
def levels(folder: Path, name: str, count: int) -> Iterator[int]:
    """So many folders in one another; a descriptor of the last. They are removed from below: a name that is too long for a path is not, and not by way of recursion."""
    held = [os.open(folder, os.O_RDONLY)]
    for _ in range(count):
        os.mkdir(name, dir_fd=held[-1])
        held.append(os.open(name, os.O_RDONLY, dir_fd=held[-1]))
    yield held[-1]
    os.close(held.pop())
    while held:
        os.rmdir(name, dir_fd=held[-1])
        os.close(held.pop())


def test_tree_of_hundreds_of_levels(tmp_path: Path) -> None:
    with levels(tmp_path, "d", 900) as last:
        os.close(os.open("deep.txt", os.O_CREAT | os.O_WRONLY, dir_fd=last))
        assert names([tmp_path]) == {f"{'d/' * 900}deep.txt": ""}
        os.unlink("deep.txt", dir_fd=last)


def test_tree_that_is_too_deep_for_a_path_is_told(tmp_path: Path) -> None:
    with levels(tmp_path, "d" * 200, 30):
        (item,) = discover([tmp_path], OPTIONS)
        (unit,) = read(item, OPTIONS)
    assert unit.problem is not None
    assert unit.problem.rule == "ENC001"


# -- what is read --


def units(path: Path, options: Options = OPTIONS) -> list[Unit]:
    return list(read(Input(path.name, str(path)), options))


def test_plain_file(tmp_path: Path) -> None:
    (tmp_path / "a.TXT").write_bytes(b"It left.")
    assert units(tmp_path / "a.TXT") == [Unit("a.TXT", ".txt", b"It left.", sha256(b"It left.").hexdigest(), 8)]


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_compressed_file_is_unpacked_within_a_limit(tmp_path: Path, suffix: str, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / f"a.md{suffix}"
    packed = pack(b"x" * 5000)
    path.write_bytes(packed)
    (unit,) = units(path)
    assert (unit.suffix, unit.data, unit.size) == (".md", b"x" * 5000, len(packed))
    assert unit.sha256 == sha256(packed).hexdigest()
    assert units(path, Options(max_unpacked_bytes=5000))[0].problem is None
    (bomb,) = units(path, Options(max_unpacked_bytes=4999))
    assert bomb.problem is not None
    assert (bomb.problem.rule, bomb.data) == ("ENC007", b"")
    path.write_bytes(packed[: len(packed) // 2])
    (broken,) = units(path)
    assert broken.problem is not None
    assert broken.problem.rule == "ENC003"
    assert "damaged" in broken.problem.message


def test_bomb_is_not_unpacked_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    plain = gzip.GzipFile.read

    def counted(self: gzip.GzipFile, size: int = -1) -> bytes:
        asked.append(size)
        return plain(self, size)

    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"x" * 10_000))
    monkeypatch.setattr(gzip.GzipFile, "read", counted)
    assert units(tmp_path / "a.txt.gz", Options(max_unpacked_bytes=100))[0].problem is not None
    assert asked
    assert all(0 <= size <= 101 for size in asked)


def test_two_members_of_a_gz_are_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"one ") + gzip.compress(b"two"))
    assert units(tmp_path / "a.txt.gz")[0].data == b"one two"


def test_file_that_is_too_large_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 101)
    (unit,) = units(tmp_path / "a.txt", Options(max_file_bytes=100))
    assert unit.problem is not None
    assert unit.problem.rule == "ENC007"
    assert "more bytes than the limit of 100" in unit.problem.message
    assert units(tmp_path / "a.txt", Options(max_file_bytes=101))[0].problem is None


@pytest.mark.parametrize("name", ["pipe", "folder"])
def test_what_is_no_file_is_a_problem_and_is_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (unit,) = units(tmp_path / name)
    assert unit.problem is not None
    assert unit.problem.rule == "ENC001"


def test_file_that_is_gone_is_a_problem(tmp_path: Path) -> None:
    (unit,) = units(tmp_path / "none.txt")
    assert unit.problem is not None
    assert unit.problem.rule == "ENC001"


def test_records_come_in_pieces_that_end_with_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "RECORD_BYTES", 10)
    lines = b"".join(b'{"n": %d}\n' % number for number in range(20)) + b'{"last": 1}'
    (tmp_path / "a.jsonl").write_bytes(lines)
    found = units(tmp_path / "a.jsonl")
    assert len(found) > 5
    assert b"".join(unit.data for unit in found) == lines
    assert all(unit.data.endswith(b"\n") for unit in found[:-1])
    at = 1
    for unit in found:
        assert unit.first_line == at
        at += unit.data.count(b"\n")
    assert {unit.sha256 for unit in found} == {sha256(lines).hexdigest()}


def test_empty_file_of_records_is_one_unit(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    assert units(tmp_path / "a.jsonl") == [Unit("a.jsonl", ".jsonl", b"", sha256(b"").hexdigest(), 0, form=Form.LINES)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_records_in_a_wide_encoding_are_one_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(containers, "RECORD_BYTES", 10)
    data = ('{"n": "\N{LATIN SMALL LETTER C WITH DOT ABOVE}"}\n' * 20).encode(encoding)
    (tmp_path / "a.jsonl").write_bytes(data)
    assert [unit.data for unit in units(tmp_path / "a.jsonl")] == [data]
    assert units(tmp_path / "a.jsonl", Options(max_file_bytes=100))[0].problem is not None


def test_records_may_be_larger_than_a_file_but_none_of_their_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "RECORD_BYTES", 10)
    monkeypatch.setattr(Path, "read_bytes", None)
    (tmp_path / "a.jsonl").write_bytes(b'{"n": 1}\n' * 50)
    assert all(unit.problem is None for unit in units(tmp_path / "a.jsonl", Options(max_file_bytes=100)))
    (tmp_path / "a.jsonl").write_bytes(b'{"n": 1}\n{"n": 2}\n' + b"x" * 200 + b"\n{}\n")
    *good, last = units(tmp_path / "a.jsonl", Options(max_file_bytes=100))
    assert [(unit.data, unit.problem) for unit in good] == [(b'{"n": 1}\n', None), (b'{"n": 2}\n', None)]
    assert last.problem is not None
    assert last.problem.rule == "ENC007"
    assert "line 3" in last.problem.message


# -- where it is written --


def ours(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(
        json.dumps({"version": 1, "tool": {"name": "article-cleaner", "version": "0"}})
    )
    return folder


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("in", "inside an input"),
        ("in/out", "inside an input"),
        (".", "is inside the output"),
        ("full", "not empty"),
        ("file", "this is a file"),
    ],
)
def test_output_that_would_overwrite_is_refused(tmp_path: Path, output: str, message: str) -> None:
    tree(tmp_path, "in/a.txt", "full/precious.txt", "file")
    with pytest.raises(UsageError, match=message):
        check_output(tmp_path / output, [tmp_path / "in"], force=False)


def test_force_replaces_a_strangers_folder_but_never_a_source(tmp_path: Path) -> None:
    tree(tmp_path, "in/a.txt", "full/precious.txt")
    check_output(tmp_path / "full", [tmp_path / "in"], force=True)
    with pytest.raises(UsageError, match="inside an input"):
        check_output(tmp_path / "in" / "out", [tmp_path / "in"], force=True)
    with pytest.raises(UsageError, match="is inside the output"):
        check_output(tmp_path, [tmp_path / "in" / "a.txt"], force=True)


def test_output_that_is_new_empty_ours_or_beside_the_input_is_fine(tmp_path: Path) -> None:
    tree(tmp_path, "in/a.txt")
    (tmp_path / "empty").mkdir()
    ours(tmp_path / "ours")
    for name in ("new", "empty", "ours"):
        check_output(tmp_path / name, [tmp_path / "in"], force=False)
    check_output(tmp_path / "in" / "out", [tmp_path / "in" / "a.txt"], force=False)


def test_link_to_an_input_is_no_way_around(tmp_path: Path) -> None:
    tree(tmp_path, "in/a.txt")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    with pytest.raises(UsageError, match="inside an input"):
        check_output(tmp_path / "link" / "out", [tmp_path / "in"], force=True)


def test_manifest_of_another_program_is_not_ours(tmp_path: Path) -> None:
    tree(tmp_path, "manifest.json")
    assert not is_ours(tmp_path)
    assert is_ours(ours(tmp_path / "ours"))


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_new_output_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    output = tree(tmp_path / "out", "old.txt", "articles/gone.md")
    with swapped_in(output) as writer:
        written = [writer.write("articles/new.md", b"new"), writer.write_lines("corpus.jsonl", [b"one\n", b"two\n"])]
        assert "old.txt" in content(output)
    assert content(output) == {"articles/new.md": "new", "corpus.jsonl": "one\ntwo\n"}
    assert written == [
        ("articles/new.md", sha256(b"new").hexdigest(), 3),
        ("corpus.jsonl", sha256(b"one\ntwo\n").hexdigest(), 8),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_file_that_stays_the_same_is_not_written_again(tmp_path: Path) -> None:
    names = ("same", "changed", "tampered", "private", "link")
    with swapped_in(tmp_path / "out") as writer:
        for name in names:
            writer.write(f"articles/{name}.md", b"one way")
    articles = tmp_path / "out" / "articles"
    (articles / "tampered.md").write_bytes(b"another")
    (articles / "private.md").chmod(0o600)
    (articles / "link.md").unlink()
    (articles / "link.md").symlink_to("same.md")
    before = {name: (articles / f"{name}.md").lstat().st_ino for name in names}
    with swapped_in(tmp_path / "out") as writer:
        told = [writer.write(f"articles/{name}.md", b"other!" if name == "changed" else b"one way") for name in names]
        # A machine that is taken for lost may come back and write the same once more.
        writer.write("articles/same.md", b"one way")
    assert [written.sha256 for written in told] == [
        sha256(b"other!" if name == "changed" else b"one way").hexdigest() for name in names
    ]
    stayed = [name for name in names if (articles / f"{name}.md").lstat().st_ino == before[name]]
    assert stayed == ["same"]
    for name in names:
        found = (articles / f"{name}.md").lstat()
        assert stat.S_ISREG(found.st_mode)
        assert (found.st_nlink, stat.S_IMODE(found.st_mode)) == (1, 0o666 & ~disk.umask())
        assert (articles / f"{name}.md").read_bytes() == (b"other!" if name == "changed" else b"one way")


def test_where_a_file_has_one_name_only_it_is_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with swapped_in(tmp_path / "out") as writer:
        writer.write("articles/a.md", b"a")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    with swapped_in(tmp_path / "out") as writer:
        writer.write("articles/a.md", b"a")
    assert content(tmp_path / "out") == {"articles/a.md": "a"}


@pytest.mark.parametrize("renames", [True, False], ids=["exchange", "two renames"])
def test_failure_of_the_writer_leaves_the_old_output_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: bool
) -> None:
    if not renames:
        monkeypatch.setattr(disk, "exchanged", lambda one, other: False)
    output = tree(tmp_path / "out", "old.txt")

    def broken() -> None:
        with swapped_in(output) as writer:
            writer.write("new.md", b"new")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        broken()
    assert content(output) == {"old.txt": "old.txt"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    with swapped_in(output) as writer:
        writer.write("new.md", b"new")
    assert content(output) == {"new.md": "new"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_output_is_made_with_its_parents_and_the_usual_rights(tmp_path: Path) -> None:
    with swapped_in(tmp_path / "deep" / "er" / "out") as writer:
        writer.write("a", b"a")
    plain = tmp_path / "plain"
    plain.mkdir()
    assert (tmp_path / "deep" / "er" / "out").stat().st_mode == plain.stat().st_mode


def test_output_that_a_crash_left_aside_comes_back(tmp_path: Path) -> None:
    tree(tmp_path, ".out.run/old/precious.txt")
    (tmp_path / ".out.run/lock").write_text("article-cleaner 0\n")

    def broken() -> None:
        with swapped_in(tmp_path / "out"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert content(tmp_path / "out") == {"precious.txt": ".out.run/old/precious.txt"}


def test_leftover_of_a_finished_swap_goes(tmp_path: Path) -> None:
    tree(tmp_path, ".out.run/old/gone.txt", ".out.run/new-1/articles/half.md", "out/kept.txt")
    (tmp_path / ".out.run/lock").write_text("article-cleaner 0\n")
    with swapped_in(tmp_path / "out") as writer:
        assert content(tmp_path / "out") == {"kept.txt": "out/kept.txt"}
        writer.write("new.md", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("report", "message"),
    [(None, "can't be read"), ("{", "can't be read"), ("[]", "another version"), ('{"version": 2}', "another version")],
)
def test_report_that_is_not_there_or_not_ours(tmp_path: Path, report: str | None, message: str) -> None:
    with pytest.raises(UsageError, match="no output folder"):
        read_report(tmp_path)
    ours(tmp_path / "out")
    if report is not None:
        (tmp_path / "out" / "report.json").write_text(report)
    with pytest.raises(UsageError, match=message):
        read_report(tmp_path / "out")
