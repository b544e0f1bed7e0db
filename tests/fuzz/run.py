"""Fuzzes every target for some seconds each, with atheris (pip install atheris; it is no dependency of the tests).

    python tests/fuzz/run.py [TARGET...] [--seconds 300]

An hour for all: --seconds 275. New inputs are kept in a folder of the system's temporary files, named in the output; what broke a law lies in its `crashes`. Give it a name, put it into `tests/fuzz/corpus/TARGET`, see
`pytest tests/test_fuzz.py` fail, and mend it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

CORPUS = Path(__file__).parent / "corpus"


def fuzz(name: str, arguments: list[str]) -> None:
    """Fuzz one target in this process, which ends with it."""
    import atheris

    with atheris.instrument_imports(include=["cleaner"]):
        from tests.fuzz_targets import TARGETS

    atheris.Setup([sys.argv[0], *arguments], TARGETS[name])
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--one", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        fuzz(given.one[0], given.one[1:])
        return
    kept = Path(tempfile.mkdtemp(prefix="article-cleaner-fuzz-"))
    names = given.targets or sorted(path.name for path in CORPUS.iterdir())
    failed = []
    for name in names:
        (kept / name).mkdir()
        (kept / "crashes").mkdir(exist_ok=True)
        command = [
            sys.executable, __file__, "--one", name, str(kept / name), str(CORPUS / name), f"-max_total_time={given.seconds}", "-timeout=60", "-rss_limit_mb=2048",
            "-max_len=4096", f"-artifact_prefix={kept / 'crashes' / name}-", "-print_final_stats=1",
        ]  # fmt: skip
        result = subprocess.run(command, check=False, cwd=ROOT)
        failed += [name] if result.returncode else []
    print(f"Fuzzed: {', '.join(names)}. Broke a law: {', '.join(failed) or 'none'}. Inputs: {kept}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
