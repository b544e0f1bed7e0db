"""What a run on Spark costs by stage, and whether it has the same bytes as one without.

    python benchmarks/cluster.py DOCUMENTS.jsonl[.gz] [--documents 12000] [--master 'local[2]'] [--folder PLACE]

DOCUMENTS holds a document a line, with its text as `text`. Half of them are written as one Markdown file each, half into parts of JSON lines. They are cleaned in processes of this machine and on Spark, with --layout both, and the outputs are
compared. Printed are, of each stage, the items, the processor seconds of its kernels, and the bytes that go through Spark to the executors and back; what the executors leave on the shared disk; the processor seconds and the largest memory of the driver
and of its Java. With --folder the outputs stay.
"""

# ruff: noqa: E402 - as a script, this file puts its package on the path before it imports it.
from __future__ import annotations

import argparse
import filecmp
import gzip
import json
import os
import pickle
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cleaner.engines import Lost
from cleaner.engines.spark import SparkEngine
from cleaner.folders import Layout
from cleaner.model.options import Options
from cleaner.pipeline import run
from cleaner.pipeline.identity import identity

LINES_A_PART = 1000


@dataclass
class Timed:
    """A kernel that tells the processor seconds of each item."""

    kernel: Any

    def __call__(self, item: Any) -> tuple[Any, float]:
        start = time.process_time()
        found = self.kernel(item)
        return found, time.process_time() - start

    def close(self) -> None:
        with suppress(AttributeError):
            self.kernel.close()


@dataclass
class Stage:
    items: int = 0
    cpu: float = 0
    wall: float = 0
    sent: int = 0
    returned: int = 0


@dataclass
class Tally:
    stages: dict[str, Stage] = field(default_factory=dict)
    spool: int = 0


class Measured(SparkEngine):
    """The engine, with a tally of what passes."""

    def __init__(self, master: str, tally: Tally) -> None:
        super().__init__(master, identity)
        self.tally = tally
        self.folder = Path()

    def begin(self, paths: Any) -> None:
        self.folder = Path(paths[0])
        super().begin(paths)

    def mapped(self, kernel: Callable[[Any], Any], items: Iterable[Any], size: Callable[[Any], int]) -> Iterator[Any]:
        stage = self.tally.stages.setdefault(type(kernel).__name__, Stage())
        start = time.perf_counter()

        def counted() -> Iterator[Any]:
            for item in items:
                stage.sent += len(pickle.dumps(item, pickle.HIGHEST_PROTOCOL))
                yield item

        for found in super().mapped(Timed(kernel), counted(), size):
            stage.items += 1
            result = found
            if not isinstance(found, Lost):
                result, cpu = found
                stage.cpu += cpu
            stage.returned += len(pickle.dumps(result, pickle.HIGHEST_PROTOCOL))
            yield result
        stage.wall += time.perf_counter() - start
        self.tally.spool = sum(path.stat().st_size for path in self.folder.iterdir())


def written(source: Path, count: int, folder: Path) -> int:
    """The documents as files and as parts; their bytes."""
    opened = (gzip.open if source.suffix == ".gz" else open)(source, "rt", encoding="utf-8")
    size = 0
    (folder / "parts").mkdir(parents=True)
    with opened as lines:
        for number, (line, _) in enumerate(zip(lines, range(count), strict=False)):
            text = json.loads(line)["text"]
            size += len(text.encode())
            if number % 2:
                room = folder / f"{number // 1000:03}"
                room.mkdir(exist_ok=True)
                (room / f"{number:06}.md").write_text(text, encoding="utf-8")
            else:
                with (folder / "parts" / f"{number // LINES_A_PART:03}.jsonl").open("a", encoding="utf-8") as part:
                    part.write(json.dumps({"id": f"{number}", "text": text}) + "\n")
    return size


def peak(pid: int | str) -> float:
    """The largest memory of a process, in megabytes (Linux)."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0


def same(one: Path, other: Path) -> bool:
    names = [sorted(path.relative_to(place) for path in place.rglob("*") if path.is_file()) for place in (one, other)]
    return names[0] == names[1] and filecmp.cmpfiles(one, other, names[0], shallow=False)[1:] == ([], [])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("documents", type=Path)
    parser.add_argument("--documents", dest="count", type=int, default=12000)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    # The executors' processes import this file's kernels and the program.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
    with tempfile.TemporaryDirectory(prefix="cluster-") as scratch:
        place = given.folder or Path(scratch)
        size = written(given.documents, given.count, place / "in")
        print(f"{given.count:,} documents, {size / 1e6:.1f} MB")
        start, cpu = time.perf_counter(), os.times()
        run([place / "in"], place / "local", Options(), layout=Layout.BOTH)
        now = os.times()
        print(f"processes: {time.perf_counter() - start:.1f} s, {sum(now[:4]) - sum(cpu[:4]):.1f} s of processor")
        tally = Tally()
        start, own = time.perf_counter(), time.process_time()
        engine = Measured(given.master, tally)
        run([place / "in"], place / "spark", Options(), layout=Layout.BOTH, engine=engine)
        print(
            f"Spark: {time.perf_counter() - start:.1f} s; driver {time.process_time() - own:.1f} s of processor, {peak('self'):.0f} MB at the most"
        )
        for name, stage in tally.stages.items():
            print(
                f"{name:10} {stage.items:7,} items  {stage.wall:7.1f} s  {stage.cpu:7.1f} s of processor, {1000 * stage.cpu / given.count:6.2f} ms a document"
                f"   sent {stage.sent / given.count:7.0f}  returned {stage.returned / given.count:7.0f} bytes a document"
            )
        print(f"on the shared disk {tally.spool / given.count:,.0f} bytes a document")
        print("the same bytes" if same(place / "local", place / "spark") else "OTHER BYTES")


if __name__ == "__main__":
    # Under its own name, so that executors find its classes.
    from cluster import main as begin

    begin()
