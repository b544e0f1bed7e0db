"""How long `clean FOLDER -o OUT` takes, in processor time and by the clock, beside another command that does a like job.

    python benchmarks/speed.py FOLDER... [--peer 'NAME=python other.py {src} {out}']... [--runs 5] [--jobs 1] [--stages]

For each folder the runs of all alternate, so that a busy moment of the machine meets each; the first run of each is thrown away. Printed are
the medians of the processor time (of the process and its children, in it and for it in the system) and of the wall time, the text a second, and
the ratios of the medians: how many times the processor time of ours a peer's is, and what share of its wall time ours is. benchmarks/peers.py holds
the jobs of two packages. With
`--stages`, the share of each stage in one more run, made inside this process. Run it from the repository, or with the package installed.
"""

from __future__ import annotations

import argparse
import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

# How the times of the cleaner are listed.
OURS = "cleaner"
# The exit code of `clean` when an input could not be converted; the work was done all the same.
SOME_FAILED = 1
# What is timed by `--stages`: the module, the name in it, and what the line is called. Inner ones are part of the outer ones.
STAGES = (
    ("cleaner.pipeline.preparing", "decode", "first pass: decode"),
    ("cleaner.pipeline.preparing", "extract", "first pass: extract"),
    ("cleaner.pipeline.preparing", "repair", "first pass: repair"),
    ("cleaner.pipeline.preparing", "trim", "first pass: trim"),
    ("cleaner.pipeline.preparing", "unrepeat", "first pass: unrepeat"),
    ("cleaner.pipeline.preparing", "review", "first pass: review"),
    ("cleaner.stages.fingerprint", "fingerprint", "first pass: fingerprint"),
    ("cleaner.stages.fingerprint", "sketch", "first pass: sketch"),
    ("cleaner.stages.propose", "propose", "comparison: propose"),
    ("cleaner.stages.confirm", "confirm", "comparison: confirm"),
    ("cleaner.stages.write.article", "markdown", "draft: Markdown"),
    ("cleaner.stages.write.article", "account", "draft: account"),
    ("cleaner.pipeline.drafting", "render", "draft: all of an article"),
)


class Time(NamedTuple):
    """Seconds of one run."""

    processor: float
    wall: float


def cleaner_command(source: Path, out: Path, jobs: int) -> list[str]:
    # A cache of its own: what another run has left would be a gift, and what this one leaves is a part of its work.
    cache = ["--cache-dir", f"{out}-cache"]
    return [
        sys.executable,
        "-m",
        "cleaner",
        str(source),
        "-o",
        str(out),
        "-j",
        str(jobs),
        "-q",
        "--no-progress",
        *cache,
    ]


def peer_command(template: str, source: Path, out: Path) -> list[str]:
    """The words of the template, with {src} and {out} filled in."""
    return [word.replace("{src}", str(source)).replace("{out}", str(out)) for word in shlex.split(template)]


def timed(command: list[str], fine: tuple[int, ...]) -> Time:
    """One run. Ends the program if the command fails: the time of a failure says nothing."""
    # An installed package is compiled; so is this one by its first run, which does not count.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in fine:
        sys.exit(
            f"{shlex.join(command)}\nended with exit code {done.returncode}:\n{done.stderr.decode(errors='replace')}"
        )
    return Time(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall)


def measured(source: Path, peers: dict[str, str], runs: int, jobs: int) -> dict[str, list[Time]]:
    """The times of the cleaner and of the peers, in alternation, each into a fresh folder; one more run of each comes first and does not count.

    The folders stay until all is done: behind the removal of thousands of files, some file systems (ext4) take thirty times as long to make each new one.
    """
    taken: dict[str, list[Time]] = {name: [] for name in (OURS, *peers)}
    with tempfile.TemporaryDirectory(prefix="speed-") as scratch:
        for number in range(runs + 1):
            room = Path(scratch, str(number))
            room.mkdir()
            taken[OURS].append(timed(cleaner_command(source, room / OURS, jobs), (0, SOME_FAILED)))
            for name, template in peers.items():
                taken[name].append(timed(peer_command(template, source, room / name), (0,)))
    return {name: times[1:] for name, times in taken.items()}


def median(times: list[Time]) -> Time:
    return Time(statistics.median(time.processor for time in times), statistics.median(time.wall for time in times))


def size_of(source: Path) -> tuple[int, int]:
    """The files of a folder, and their bytes."""
    sizes = [path.stat().st_size for path in source.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def line(name: str, times: list[Time], size: int) -> str:
    middle = median(times)
    least = min(time.processor for time in times)
    return (
        f"  {name:<10} processor {middle.processor:7.3f} s (least {least:.3f})   wall {middle.wall:7.3f} s"
        f"   {size / middle.processor / 1e6:6.2f} MB a second of processor"
    )


def beside(own: Time, peer: Time) -> str:
    return f"   {peer.processor / own.processor:.2f} times our processor time, our wall time is {own.wall / peer.wall:.2f} of its"


def stages(source: Path) -> None:
    """Print how long each stage takes in one run in this process; the clockwork itself takes a little."""
    import importlib

    import cleaner

    taken: Counter[str] = Counter()

    def clocked(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                taken[name] += time.process_time() - start

        return call

    for module, attribute, name in STAGES:
        place = importlib.import_module(module)
        setattr(place, attribute, clocked(getattr(place, attribute), name))
    with tempfile.TemporaryDirectory(prefix="speed-") as scratch:
        # An own cache here too, without what earlier runs have left.
        os.environ["CLEANER_CACHE_DIR"] = f"{scratch}/cache"
        start = time.process_time()
        cleaner.clean(source, Path(scratch, "out"), cleaner.Options(jobs=1))
        whole = time.process_time() - start
    for _, _, name in STAGES:
        print(f"    {name:<32} {taken[name]:7.3f} s  {100 * taken[name] / whole:5.1f}%")
    print(f"    {'the whole run':<32} {whole:7.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="a folder of articles")
    parser.add_argument(
        "--peer", action="append", default=[], metavar="NAME=COMMAND", help="a command line with {src} and {out}"
    )
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each (default: 5)")
    parser.add_argument("--jobs", type=int, default=1, help="processes of the cleaner (default: 1; 0 is one a core)")
    parser.add_argument("--stages", action="store_true", help="a profile by stage besides")
    given = parser.parse_args()
    if given.runs < 1:
        parser.error("--runs is 1 at least")
    peers = dict(peer.split("=", 1) for peer in given.peer if "=" in peer)
    if len(peers) < len(given.peer):
        parser.error("--peer is NAME=COMMAND, and every name another")
    for folder in given.folders:
        if not folder.is_dir():
            parser.error(f"{folder}: there is no such folder")
    print(
        f"CPython {sys.version.split()[0]}, {os.cpu_count()} cores, --jobs {given.jobs}, medians of {given.runs} runs"
    )
    for folder in given.folders:
        files, size = size_of(folder)
        taken = measured(folder, peers, given.runs, given.jobs)
        print(f"{folder.name}: {files:,} files, {size / 1e6:.2f} MB")
        own = median(taken[OURS])
        for name, times in taken.items():
            print(line(name, times, size) + ("" if name == OURS else beside(own, median(times))))
        if given.stages:
            stages(folder)


if __name__ == "__main__":
    main()
