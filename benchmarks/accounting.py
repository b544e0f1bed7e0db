"""What share of a run the account of every character costs: CPU time, measured inside one run.

    python benchmarks/accounting.py FOLDER... [--runs 3]

Each folder is cleaned in one process. Timed are the ledger (segments and losses that tile text and sources), the provenance made of it, and its way to the disk; beside it the whole
of the run, from finding the files to swapping the output in. Printed is the share of the median run. Reading the clock costs the timed part a little too. Run it from the
repository, or with the package installed.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cleaner.folders import Writer
from cleaner.model.options import Options
from cleaner.pipeline import run
from cleaner.stages.write import article

# What the account is made of: the ledger, its entries, their JSON.
PARTS = ("account", "account_entries", "account_bytes")


class Clock:
    """CPU seconds of the calls that it wraps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(
        self, function: Callable[..., Any], is_counted: Callable[..., bool] = lambda *_: True
    ) -> Callable[..., Any]:
        """The function, its time counted where `is_counted` says so of its arguments."""

        def call(*given: Any, **named: Any) -> Any:
            if not is_counted(*given):
                return function(*given, **named)
            start = time.process_time()
            try:
                return function(*given, **named)
            finally:
                self.seconds += time.process_time() - start

        return call


def is_provenance(writer: Writer, name: str, data: bytes) -> bool:
    return name.startswith("provenance/")


def measured(folder: Path) -> tuple[float, float]:
    """CPU seconds of the account, and of the whole run, in this process."""
    clock = Clock()
    kept: list[tuple[Any, str, Any]] = [
        (owner, name, getattr(owner, name)) for owner, name in (*((article, name) for name in PARTS), (Writer, "write"))
    ]
    for name in PARTS:
        setattr(article, name, clock.timed(getattr(article, name)))
    Writer.write = clock.timed(Writer.write, is_provenance)  # type: ignore[method-assign]
    try:
        with tempfile.TemporaryDirectory(prefix="accounting-") as scratch:
            start = time.process_time()
            run([folder], Path(scratch, "out"), Options(jobs=1))
            whole = time.process_time() - start
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)
    return clock.seconds, whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a folder of articles")
    parser.add_argument("--runs", type=int, default=3, help="runs of each folder (default: 3); the median counts")
    given = parser.parse_args()
    for folder in given.folders:
        runs = sorted((measured(folder) for _ in range(given.runs)), key=lambda found: found[0] / found[1])
        account, whole = runs[len(runs) // 2]
        share = statistics.median(part / total for part, total in runs)
        print(f"{folder}: the account takes {share:.1%} of a run ({account:.2f} of {whole:.2f} s of CPU)")


if __name__ == "__main__":
    main()
