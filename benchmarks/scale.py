"""How runs grow: two processes against one, peak memory, the second run after one change, time by number of documents.

    python benchmarks/scale.py DOCUMENTS.jsonl[.gz] [--documents 12000] [--many 100000] [--sizes 1000,3000,12000] [--folder PLACE]

DOCUMENTS holds a document a line, with its text as `text`. They are written as one Markdown file each; when more are wanted than there are, further ones are made of them: their words are replaced
by others, a sixth of them by a few only (near-copies), the others throughout. Every run has a cache of its own but for the second run, which goes into the output of the first as well. Printed are seconds of wall and processor time, megabytes of the largest process and of all
together, and the ratios. With `--sizes` there are runs of so many documents besides, taken from all over the file, and what each costs a document. Nothing is asserted. The wall time of two processes says something on a machine with two idle cores only; the bound by processor time (what two processes would take if neither ever waited) is printed beside it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from cleaner.disk import remove


class Run(NamedTuple):
    """One run: seconds of wall and of processor, megabytes of its largest process and of all at once."""

    wall: float
    cpu: float
    largest: float
    together: float

    def __str__(self) -> str:
        return f"wall {self.wall:8.1f} s   cpu {self.cpu:8.1f} s   largest process {self.largest:6.0f} MB   all {self.together:6.0f} MB"


def texts(source: Path, count: int, *, spread: bool = False) -> Iterator[str]:
    """`count` documents: the first ones of the file, or such from all over it; then varied ones."""
    opened = (gzip.open if source.suffix == ".gz" else open)(source, "rt", encoding="utf-8")
    with opened as lines:
        known = [json.loads(line)["text"] for line in (lines if spread else islice(lines, count))]
    known = known[:: max(1, len(known) // count)][:count]
    yield from known
    chance = random.Random(1)
    vocabulary = sorted({word for text in known[:500] for word in re.findall(r"[A-Za-z]{4,}", text)})
    for number in range(len(known), count):
        yield varied(known[number % len(known)], vocabulary, 0.01 if number % 6 == 0 else 0.6, chance)


def varied(text: str, vocabulary: list[str], share: float, chance: random.Random) -> str:
    """The text with a share of its words replaced."""
    return re.sub(
        r"[A-Za-z]{4,}", lambda match: chance.choice(vocabulary) if chance.random() < share else match.group(), text
    )


def written(source: Path, count: int, folder: Path, *, spread: bool = False) -> Path:
    folder.mkdir(parents=True)
    for number, text in enumerate(texts(source, count, spread=spread)):
        room = folder / f"{number // 1000:03}"
        room.mkdir(exist_ok=True)
        (room / f"{number:06}.md").write_text(text, encoding="utf-8")
    return folder


def timed(folder: Path, output: Path, jobs: int, cache: Path) -> Run:
    command = [sys.executable, "-m", "cleaner", folder, "-o", output, "-q", "--no-progress", "-j", str(jobs)]
    before = os.times()
    start = time.perf_counter()
    process = subprocess.Popen([*map(str, command), "--cache-dir", str(cache)])
    watch = Watch(process.pid)
    code = process.wait()
    wall = time.perf_counter() - start
    after = os.times()
    watch.end()
    if code not in (0, 1):
        sys.exit(f"the run ended with exit code {code}")
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return Run(wall, cpu, watch.largest, watch.together)


class Watch(threading.Thread):
    """Looks at the memory of a process and its children four times a second, where /proc tells of it: what is theirs, shared pages counted once by their share."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.largest = self.together = 0.0
        self.over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.over.wait(0.25):
            sizes = [size for size in map(self.size_of, self.family()) if size]
            self.largest = max([self.largest, *sizes])
            self.together = max(self.together, sum(sizes))

    def end(self) -> None:
        self.over.set()
        self.join()

    def family(self) -> list[int]:
        try:
            children = Path(f"/proc/{self.root}/task/{self.root}/children").read_text()
        except OSError:
            return []
        return [self.root, *map(int, children.split())]

    @staticmethod
    def size_of(process: int) -> float:
        try:
            rolled = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            return 0.0
        found = re.search(r"^Pss:\s+(\d+)", rolled, re.MULTILINE)
        return int(found.group(1)) / 1024 if found else 0.0


def same(one: Path, other: Path) -> bool:
    """Whether two output folders hold the same bytes; their manifests name the hash of every file."""
    return (one / "manifest.json").read_bytes() == (other / "manifest.json").read_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="a file of documents, one JSON object with a `text` a line")
    parser.add_argument("--documents", type=int, default=12_000)
    parser.add_argument("--many", type=int, default=0, help="also a run of so many documents")
    parser.add_argument("--sizes", default="", help="also runs of these numbers of documents, such as 1000,3000,12000")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    given = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="scale-", dir=given.folder))
    try:
        measure(given.source, given.documents, given.many, scratch)
        by_size(given.source, [int(size) for size in given.sizes.split(",") if size], scratch)
    finally:
        remove(scratch)


def told(name: str, run: Run) -> Run:
    print(f"{name:<34} {run}", flush=True)
    return run


def by_size(source: Path, sizes: list[int], scratch: Path) -> None:
    """Runs of several numbers of documents, in two processes each."""
    for size in sizes:
        room = scratch / f"size-{size}"
        folder = written(source, size, room / "in", spread=True)
        run = told(f"{size:,} from all over, two processes", timed(folder, room / "out", 2, room / "cache"))
        print(f"  {1000 * run.cpu / size:.1f} ms of processor time a document")


def measure(source: Path, documents: int, many: int, scratch: Path) -> None:
    few = documents // 6

    folder = written(source, few, scratch / "few")
    one = told(f"{few:,}, one process", timed(folder, scratch / "one", 1, scratch / "cache-one"))
    two = told(f"{few:,}, two processes", timed(folder, scratch / "two", 2, scratch / "cache-two"))
    print(f"  the same bytes: {same(scratch / 'one', scratch / 'two')}")
    print(
        f"  two against one: {one.wall / two.wall:.2f} by wall, at most {2 * one.cpu / two.cpu:.2f} by processor time"
    )

    folder = written(source, documents, scratch / "all")
    first = told(f"{documents:,}, two processes", timed(folder, scratch / "first", 2, scratch / "cache"))
    changed = next(folder.rglob("*.md"))
    changed.write_text(changed.read_text(encoding="utf-8") + "\n\nOne more line was added here.\n", encoding="utf-8")
    second = told(f"{documents:,}, after one change", timed(folder, scratch / "first", 2, scratch / "cache"))
    print(
        f"  second run: {second.cpu / first.cpu:.1%} of the first by processor time, {second.wall / first.wall:.1%} by wall"
    )
    print(
        f"  memory, {documents:,} against {few:,}: largest process {first.largest - two.largest:+.0f} MB, all {first.together - two.together:+.0f} MB"
    )
    print(
        f"  time, {documents:,} against {few:,}: {first.cpu / two.cpu:.2f} times for {documents / few:.2f} times the documents"
    )

    if many:
        folder = written(source, many, scratch / "many")
        most = told(f"{many:,}, two processes", timed(folder, scratch / "most", 2, scratch / "cache-many"))
        print(
            f"  time, {many:,} against {documents:,}: {most.cpu / first.cpu:.2f} times for {many / documents:.2f} times the documents"
        )


if __name__ == "__main__":
    main()
