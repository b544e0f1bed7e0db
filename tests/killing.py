"""Kills a run at moments of our choosing, each in a forked process: at the n-th of the calls that change something on a disk, or after a time.

`python tests/killing.py FOLDER` does it in FOLDER, an empty one, and prints as JSON what it found: what was wrong, and at which calls it killed. The program is loaded once, so that a moment costs
two short runs and no start.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

# Calls of the C library and of SQLite between which it matters what has been written.
CALLS = frozenset(
    "chmod close connect execute executemany executescript fchmod fchown flock fsync link mkdir open pwrite rename replace rmdir symlink truncate unlink write".split()
)
SEED = 20
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()


def story(name: str) -> str:
    own = random.Random(name)
    lines = (" ".join("".join(own.choices(SYLLABLES, k=4)) for _ in range(14)).capitalize() for _ in range(3))
    return "\n\n".join(f"{line}." for line in lines) + "\n"


def tree(folder: Path) -> dict[str, bytes] | None:
    """The bytes of all files below a folder; None where there is no folder."""
    if not folder.is_dir():
        return None
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Killing:
    """Counts calls, and kills its own process before the one of the number `at`."""

    def __init__(self, at: int, told: int) -> None:
        self.at, self.told, self.process = at, told, os.getpid()
        self.calls: list[str] = []

    def __call__(self, frame: Any, event: str, what: Any) -> None:
        if event != "c_call" or what.__name__ not in CALLS or os.getpid() != self.process:
            return
        if isinstance(getattr(what, "__self__", None), str | bytes | bytearray | io.StringIO):
            return
        self.calls.append(f"{what.__name__} in {Path(frame.f_code.co_filename).stem}")
        if len(self.calls) == self.at:
            os.write(self.told, self.calls[-1].encode())
            os.kill(self.process, signal.SIGKILL)


def forked(arguments: list[str], at: int = 0, after: float = 0.0) -> tuple[int, str]:
    """One run of the command in a process of its own, killed at a call or after seconds, if asked for. Its exit code (negative for a signal); where it was killed, or the calls that it made."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        _run(arguments, at, theirs)
    os.close(theirs)
    if after:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with open(ours, "rb") as told:
        return os.waitstatus_to_exitcode(status), told.read().decode()


def _run(arguments: list[str], at: int, told: int) -> None:
    from cleaner.cli import main

    code: object = 70
    killing = Killing(at, told)
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1):
            os.dup2(nowhere, number)
        sys.argv = ["clean", *arguments]
        sys.setprofile(killing)
        main()
    except SystemExit as error:
        code = error.code
    finally:
        sys.setprofile(None)
        os.write(told, "\n".join(killing.calls).encode())
        atexit._run_exitfuncs()
        os._exit(code if isinstance(code, int) else 71)


def spread(calls: list[str], moments: int, chance: random.Random) -> list[int]:
    """Numbers of calls, one by chance out of each of so many equal parts of the run."""
    return sorted({1 + (part * len(calls) + chance.randrange(len(calls))) // moments for part in range(moments)})


def around_renames(calls: list[str]) -> list[int]:
    """The numbers of the calls that rename, and of the ones after them."""
    found = [number for number, call in enumerate(calls, 1) if call.startswith("rename")]
    return sorted({number + more for number in found for more in (0, 1)})


class World:
    """Sources as they were and as they are, the outputs of both, and what was wrong after a kill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wrong: list[str] = []
        self.killed: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.sources, self.out, self.cache = folder / "in", folder / "out", folder / "cache"
        self.sources.mkdir()
        records = "".join(json.dumps({"title": name, "text": story(name)}) + "\n" for name in ("r1", "r2", "r3"))
        (self.sources / "records.jsonl").write_text(records)
        for name in ("a", "b", "c", "d"):
            (self.sources / f"{name}.txt").write_text(story(name))
        (self.sources / "copy.md").write_text(f"# A copy\n\n{story('b')}")
        self.command = [str(self.sources), "-o", str(self.out), "--no-progress", "--cache-dir", str(self.cache)]
        self.old = self._made()
        shutil.copytree(self.cache, folder / "old-cache")
        (self.sources / "c.txt").unlink()
        (self.sources / "b.txt").write_text(story("another b"))
        (self.sources / "e.txt").write_text(story("e"))
        self.new = self._made()
        self.inputs = tree(self.sources)
        assert self.old != self.new
        self.two_renames = False

    def _made(self) -> dict[str, bytes] | None:
        code, _ = forked([*self.command, "-j", "1"])
        assert code == 0, code
        return tree(self.out)

    def set_up(self, *, fresh: bool) -> None:
        """The output and the cache of the first run; or, for a first run, neither."""
        for folder in (self.out, self.cache):
            shutil.rmtree(folder, ignore_errors=True)
        if fresh:
            return
        for name, data in (self.old or {}).items():
            (self.out / name).parent.mkdir(parents=True, exist_ok=True)
            (self.out / name).write_bytes(data)
        shutil.copytree(self.folder / "old-cache", self.cache)

    def look(self, where: str, jobs: str, *, fresh: bool) -> None:
        """What stands after a kill: the old output or the new one, the sources; and what the next run makes of it."""
        found = tree(self.out)
        if found is None and not fresh and self.two_renames:
            # Where two names can't be exchanged in one step, the old output may wait beside its place.
            found = tree(self.folder / ".out.run/old")
        before = None if fresh else self.old
        self.outcomes["new" if found == self.new else "old"] += 1
        if found not in (before, self.new):
            self.wrong.append(f"{where}: the output is neither the old nor the new one")
        code, _ = forked([*self.command, "-j", jobs])
        if code != 0:
            self.wrong.append(f"{where}: the next run ended with {code}")
        if tree(self.out) != self.new:
            self.wrong.append(f"{where}: the next run made something else")
        if tree(self.sources) != self.inputs:
            self.wrong.append(f"{where}: the sources are touched")
        if left := sorted(path.name for path in self.folder.iterdir() if path.name.startswith(".")):
            self.wrong.append(f"{where}: left behind {left}")

    def calls(self, jobs: str, *, fresh: bool) -> list[str]:
        """The calls of a run that nobody kills."""
        self.set_up(fresh=fresh)
        return forked([*self.command, "-j", jobs])[1].split("\n")

    def kill_at_calls(self, numbers: list[int], jobs: str, *, fresh: bool) -> None:
        for at in numbers:
            self.set_up(fresh=fresh)
            code, where = forked([*self.command, "-j", jobs], at)
            if code == -signal.SIGKILL:
                self.killed[where] += 1
            self.look(f"-j {jobs}, call {at}, {where}", jobs, fresh=fresh)

    def kill_after_times(self, moments: int, jobs: str, chance: random.Random) -> None:
        self.set_up(fresh=False)
        began = time.monotonic()
        forked([*self.command, "-j", jobs])
        seconds = time.monotonic() - began
        for part in range(moments):
            self.set_up(fresh=False)
            after = seconds * (part + chance.random()) / moments
            code, _ = forked([*self.command, "-j", jobs], after=after)
            self.killed["by the clock" if code == -signal.SIGKILL else "too late"] += 1
            self.look(f"-j {jobs}, after {after:.3f} s", jobs, fresh=False)


class Mending:
    """Damaged files, and the same ones mended by `check --fix`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder, folder / "in"
        self.wrong: list[str] = []
        self.killed: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.command = ["check", "--fix", "--no-progress", "--exit-zero", str(self.files)]
        self.files.mkdir()
        self.old = {
            f"{name}.txt": (story(name)[:-2] + " caf\u00c3\u00a9.\r\nA last line.\n").encode() for name in "abcd"
        }
        self.set_up()
        assert forked(self.command)[0] == 0
        self.new = tree(self.files) or {}
        assert all(self.new[name] != data for name, data in self.old.items())

    def set_up(self) -> None:
        for name, data in self.old.items():
            (self.files / name).write_bytes(data)

    def kill_at_calls(self, moments: int, chance: random.Random) -> None:
        self.set_up()
        for at in spread(forked(self.command)[1].split("\n"), moments, chance):
            self.set_up()
            _, where = forked(self.command, at)
            self.killed[where] += 1
            found = tree(self.files) or {}
            states = {name: found.get(name) for name in self.old}
            self.outcomes[f"{sum(data == self.new[name] for name, data in states.items())} mended"] += 1
            where = f"--fix, call {at}, {where}"
            if any(data not in (self.old[name], self.new[name]) for name, data in states.items()):
                self.wrong.append(f"{where}: a file is neither the old nor the new one")
            code, _ = forked(self.command)
            if code != 0 or tree(self.files) != self.new:
                self.wrong.append(f"{where}: the next run ended with {code}, with {sorted(tree(self.files) or {})}")


def as_if_large(folder: Path) -> None:
    """Have few documents use the cache, write into it often, and be worked on by several processes; and load here what else every process would load."""
    import cleaner
    from cleaner import cache, pipeline
    from cleaner.cli import check, run  # noqa: F401
    from cleaner.engines import local

    pipeline.MAX_UNCACHED_FILES = pipeline.MAX_SMALL_BYTES = 0
    cache.BUNDLE = 2
    local.MIN_BYTES_FOR_POOL, local.BATCH_BYTES = 1, 1
    os.environ["CLEANER_CACHE_DIR"] = str(folder / "cache")
    (folder / "in").mkdir(parents=True)
    for name in ("one", "two"):
        (folder / f"in/{name}.md").write_text(f"# A title\n\n{story(name)}")
    cleaner.clean(folder / "in", folder / "out", cleaner.Options(jobs=1))
    cleaner.check(folder / "in")


def main(folder: Path) -> None:
    from cleaner import disk

    as_if_large(folder / "warm")
    chance = random.Random(SEED)
    (folder / "run").mkdir()
    (folder / "fix").mkdir()
    world = World(folder / "run")
    for jobs, moments, fresh in (("1", 30, False), ("1", 10, True), ("2", 10, False)):
        world.kill_at_calls(spread(world.calls(jobs, fresh=fresh), moments, chance), jobs, fresh=fresh)
    # The swap takes a moment that chance may not meet.
    world.kill_at_calls(list(range(len(calls := world.calls("1", fresh=False)) - 9, len(calls) + 1)), "1", fresh=False)
    world.kill_after_times(10, "2", chance)
    disk.exchanged = lambda one, other: False
    world.two_renames = True
    world.kill_at_calls(around_renames(world.calls("1", fresh=False)), "1", fresh=False)
    mending = Mending(folder / "fix")
    mending.kill_at_calls(14, chance)
    json.dump(
        {
            "wrong": world.wrong + mending.wrong,
            "killed": world.killed,
            "outcomes": world.outcomes,
            "killed while mending": mending.killed,
            "outcomes of mending": mending.outcomes,
        },
        sys.stdout,
        indent=1,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
