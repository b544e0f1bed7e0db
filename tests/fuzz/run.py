"""Fuzzes every target for some seconds each, with atheris (pip install atheris; it is no dependency of the tests).

    python tests/fuzz/run.py [TARGET...] [--seconds 300]

An hour for all: --seconds 275. New inputs are kept in a folder of the system's temporary files, named in the output; what broke a law lies in its `crashes`, one input for each place where it broke, for a find does not end the
search. Give it a name, put it into `tests/fuzz/corpus/TARGET`, see `pytest tests/test_fuzz.py` fail, and mend it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

CORPUS = Path(__file__).parent / "corpus"


def fuzz(name: str, crashes: Path, arguments: list[str]) -> None:
    """Fuzz one target in this process, which ends with it."""
    import atheris

    with atheris.instrument_imports(include=["cleaner"]):
        from tests.fuzz_targets import TARGETS

    atheris.Setup([sys.argv[0], *arguments], _noted(TARGETS[name], crashes))
    atheris.Fuzz()


def _noted(target: Callable[[bytes], None], crashes: Path) -> Callable[[bytes], None]:
    """The target; of the inputs that break it the first of each place is kept, and the search goes on."""
    places: set[str] = set()

    def tried(data: bytes) -> None:
        try:
            target(data)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            # What was found stands behind the colon, and differs from input to input.
            place = f"{type(error).__name__} {last.filename}:{last.lineno} {str(error).partition(':')[2][:20]}"
            if place not in places:
                places.add(place)
                (crashes / f"{Path(last.filename).stem}-{last.lineno}-{len(places)}").write_bytes(data)
                traceback.print_exception(error)

    return tried


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--one", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        fuzz(given.one[0], Path(given.one[1]), given.one[2:])
        return
    kept = Path(tempfile.mkdtemp(prefix="article-cleaner-fuzz-"))
    names = given.targets or sorted(path.name for path in CORPUS.iterdir())
    failed = []
    for name in names:
        crashes = kept / "crashes" / name
        for folder in (kept / name, crashes):
            folder.mkdir(parents=True)
        command = [
            sys.executable, __file__, "--one", name, str(crashes), str(kept / name), str(CORPUS / name), f"-max_total_time={given.seconds}", "-timeout=60",
            "-rss_limit_mb=2048", "-max_len=4096", f"-artifact_prefix={crashes}/", "-print_final_stats=1",
        ]  # fmt: skip
        result = subprocess.run(command, check=False, cwd=ROOT)
        failed += [name] if result.returncode or any(crashes.iterdir()) else []
    print(f"Fuzzed: {', '.join(names)}. Broke a law: {', '.join(failed) or 'none'}. Inputs: {kept}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
