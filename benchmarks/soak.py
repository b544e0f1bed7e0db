"""A folder that lives: cleaned, changed, cleaned again, checked and verified, round after round; memory and open files stay flat.

    python benchmarks/soak.py DOCUMENTS.jsonl[.gz] [--documents 3000] [--rounds 3] [--folder PLACE]

DOCUMENTS is as for `benchmarks/scale.py`. In each round one file in a hundred gets another line, one is removed and one is new. Printed for each verb are seconds of wall and processor time, megabytes of the largest process
and of all together, and the most files that one process had open. A verb that ends with another exit code than it should ends the soak.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scale import Watch, written

from cleaner.disk import remove

CHANGED_SHARE = 100


class OpenFiles(Watch):
    """Looks at the open files too."""

    most_open = 0

    def size_of(self, process: int) -> float:  # type: ignore[override]
        try:
            self.most_open = max(self.most_open, len(os.listdir(f"/proc/{process}/fd")))
        except OSError:
            return 0.0
        return Watch.size_of(process)


def told(name: str, arguments: list[object], expected: tuple[int, ...]) -> None:
    """One verb, and what it took."""
    before, start = os.times(), time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "cleaner", *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )
    watch = OpenFiles(process.pid)
    said, _ = process.communicate()
    wall, after = time.perf_counter() - start, os.times()
    watch.end()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    print(
        f"{name:<22} wall {wall:7.1f} s   cpu {cpu:7.1f} s   largest process {watch.largest:5.0f} MB   all {watch.together:5.0f} MB"
        f"   open files {watch.most_open:3}   exit code {process.returncode}",
        flush=True,
    )
    if process.returncode not in expected:
        sys.exit(f"{said}\n{name}: that is not the exit code that was expected.")


def changed(folder: Path, chance: random.Random, number: int) -> None:
    """One file in so many gets another line, one is removed, and one is new."""
    files = sorted(folder.rglob("*.md"))
    for path in chance.sample(files, max(2, len(files) // CHANGED_SHARE)):
        with path.open("a", encoding="utf-8") as stream:
            stream.write(f"\n\nIn round {number} a line was added at place {chance.randrange(1 << 30)}.\n")
    files[number].unlink()
    (folder / f"new-{number}.md").write_text(files[-1].read_text(encoding="utf-8")[::-1], encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="a file of documents, one JSON object with a `text` a line")
    parser.add_argument("--documents", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="soak-", dir=given.folder))
    try:
        sources, out, chance = written(given.source, given.documents, place / "in"), place / "out", random.Random(1)
        run = [sources, "-o", out, "-q", "--no-progress", "-j", given.jobs, "--cache-dir", place / "cache"]
        told(f"{given.documents:,}, first run", run, (0, 1))
        for number in range(1, given.rounds + 1):
            changed(sources, chance, number)
            told(f"round {number}: run", run, (0, 1))
            new = sorted(sources.glob("new-*.md"))
            told(f"round {number}: check", ["check", *new, "--against", out, "-q", "--no-progress"], (0, 1))
            told(f"round {number}: verify", ["verify", out, "--sources", sources, "-q"], (0,))
        left = [path.name for path in place.iterdir() if path.name not in ("in", "out", "cache")]
        print(f"left beside the output: {left or 'nothing'}")
    finally:
        remove(place)


if __name__ == "__main__":
    main()
