"""The whole job of another package over a folder of texts, set up as its documentation says, as a command for `speed.py --peer`.

    python benchmarks/speed.py FOLDER --peer 'datatrove=peers/bin/python benchmarks/peers.py datatrove {src} {out}'
    python benchmarks/speed.py FOLDER --peer 'text-dedup=peers/bin/python benchmarks/peers.py text-dedup {src} {out}'
    python benchmarks/speed.py PAGES --peer 'trafilatura=peers/bin/python benchmarks/peers.py trafilatura {src} {out}'

`peers` is an environment of its own with these packages in it (benchmarks/signatures.py says how it is made). Their jobs are smaller than ours: near-copies are found by signatures alone and all but
one of a group go; neither compares texts, mends damage of the encoding by itself, finds repeats inside a text, or accounts for anything. datatrove is given its formatter of ftfy, as we mend too. trafilatura takes the text out of saved pages, one after another, and that is all. One process each.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def rows_written(source: Path, place: Path) -> Path:
    """Both packages read rows of JSON: the texts of the folder, a row each."""
    place.mkdir(parents=True)
    found = place / "texts.jsonl"
    with found.open("w", encoding="utf-8") as stream:
        for path in sorted(path for path in source.rglob("*") if path.is_file()):
            text = path.read_bytes().decode("utf-8", "replace")
            stream.write(json.dumps({"id": path.relative_to(source).as_posix(), "text": text}) + "\n")
    return found


def datatrove(source: Path, out: Path) -> None:
    """Its example of near-deduplication: signatures, buckets, clusters, a filter."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
    from datatrove.pipeline.formatters import FTFYFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers.jsonl import JsonlWriter

    config, work = MinhashConfig(), out / "work"
    rows = rows_written(source, out / "rows").parent
    signatures, buckets, removed = (str(work / name) for name in ("signatures", "buckets", "removed"))
    mended = str(work / "mended")
    steps = (
        ([JsonlReader(str(rows)), FTFYFormatter(), JsonlWriter(mended)], 1),
        ([JsonlReader(mended), MinhashDedupSignature(signatures, config=config)], 1),
        ([MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets),
        ([MinhashDedupCluster(buckets, removed, config=config)], 1),
        ([JsonlReader(mended), MinhashDedupFilter(removed), JsonlWriter(str(out / "kept"))], 1),
    )
    for number, (pipeline, tasks) in enumerate(steps):
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=1, logging_dir=str(work / f"log-{number}")).run()


def text_dedup(source: Path, out: Path) -> None:
    """Its command for MinHash, at the defaults."""
    rows = rows_written(source, out / "rows")
    command = [
        sys.executable, "-m", "text_dedup.minhash",
        "--path", "json", "--data_files", str(rows), "--split", "train", "--column", "text",
        "--cache_dir", str(out / "cache"), "--num_proc", "1", "--output", str(out / "kept"),
    ]  # fmt: skip
    subprocess.run(command, check=True)


def trafilatura(source: Path, out: Path) -> None:
    """The text of each page of a folder, at the defaults."""
    from trafilatura import extract

    out.mkdir()
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        data = path.read_bytes()
        found = extract(gzip.decompress(data) if path.suffix == ".gz" else data)
        (out / f"{path.name}.txt").write_text(found or "", encoding="utf-8")


JOBS: dict[str, Callable[[Path, Path], None]] = {
    "datatrove": datatrove,
    "text-dedup": text_dedup,
    "trafilatura": trafilatura,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("source", type=Path, help="a folder of texts")
    parser.add_argument("out", type=Path, help="a folder that is not there yet")
    given = parser.parse_args()
    JOBS[given.job](given.source, given.out)


if __name__ == "__main__":
    main()
