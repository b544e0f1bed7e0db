"""How long `clean FOLDER -o OUT` takes on a small folder, from the start of the process to its end, beside another command.

    python benchmarks/startup.py FOLDER [--peer 'python other.py {src} {out}'] [--runs 9]

Runs of the two alternate, so that a busy moment of the machine meets both; the first run of each is thrown away. Printed are the median and the
quickest wall time of each, and the ratio of the medians: below 1, the cleaner is the quicker one. Run it from the repository, or with the package
installed.
"""

from __future__ import annotations

import argparse
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# The exit code of `clean` when an input could not be converted; the work was done all the same.
SOME_FAILED = 1


def cleaner_command(source: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "cleaner", str(source), "-o", str(out), "-q", "--no-progress"]


def peer_command(template: str, source: Path, out: Path) -> list[str]:
    """The words of the template, with {src} and {out} filled in."""
    return [word.replace("{src}", str(source)).replace("{out}", str(out)) for word in shlex.split(template)]


def seconds(command: list[str], fine: tuple[int, ...]) -> float:
    """The wall time of one run. Ends the program if the command fails: the time of a failure says nothing."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    took = time.perf_counter() - start
    if done.returncode not in fine:
        sys.exit(
            f"{shlex.join(command)}\nended with exit code {done.returncode}:\n{done.stderr.decode(errors='replace')}"
        )
    return took


def measured(source: Path, template: str | None, runs: int) -> tuple[list[float], list[float]]:
    """The times of the cleaner and of the peer, in alternation, each into a fresh folder; one more run of each comes first and does not count."""
    own: list[float] = []
    peer: list[float] = []
    with tempfile.TemporaryDirectory(prefix="startup-") as scratch:
        for number in range(runs + 1):
            own.append(seconds(cleaner_command(source, Path(scratch, f"own{number}")), (0, SOME_FAILED)))
            if template:
                peer.append(seconds(peer_command(template, source, Path(scratch, f"peer{number}")), (0,)))
    return own[1:], peer[1:]


def line(name: str, times: list[float]) -> str:
    return f"{name:<8} median {statistics.median(times):.3f} s   quickest {min(times):.3f} s   runs {len(times)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of articles")
    parser.add_argument("--peer", metavar="COMMAND", help="a command line with {src} and {out}")
    parser.add_argument("--runs", type=int, default=9, help="counted runs of each (default: 9)")
    given = parser.parse_args()
    if not given.folder.is_dir():
        parser.error(f"{given.folder}: there is no such folder")
    if given.runs < 1:
        parser.error("--runs is 1 at least")
    own, peer = measured(given.folder, given.peer, given.runs)
    print(line("cleaner", own))
    if peer:
        print(line("peer", peer))
        print(f"ratio    {statistics.median(own) / statistics.median(peer):.2f}")


if __name__ == "__main__":
    main()
