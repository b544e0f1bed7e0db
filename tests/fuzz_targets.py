"""What is fuzzed: functions of bytes that must come to an end without an exception, and whose results must keep the laws.

`tests/test_fuzz.py` gives each the files of `tests/fuzz/corpus`; `tests/fuzz/run.py` has atheris look for new ones.
"""

from __future__ import annotations

import io
import tempfile
import tomllib
from collections.abc import Callable
from contextlib import chdir, suppress
from hashlib import sha256
from pathlib import Path

from click.testing import CliRunner

import cleaner
from cleaner.config import bounded, options_from, policy_from
from cleaner.containers import parts
from cleaner.folders import Unit, UsageError, read_bytes
from cleaner.model.options import Options
from cleaner.pipeline.preparing import Failed, prepare
from cleaner.rules import severity
from cleaner.stages.decode import decode

# Small bounds, so that the fuzzer sees them, and a run is short.
OPTIONS = Options(jobs=1, max_file_bytes=1 << 20, max_unpacked_bytes=1 << 22, max_records=200, max_members=200)
SUFFIXES = {
    "plain": ".txt", "markdown": ".md", "html": ".html", "json": ".json", "lines": ".jsonl", "table": ".csv", "feed": ".xml", "mail": ".eml",
}  # fmt: skip


def decoded(data: bytes) -> None:
    """Text, or an error that says why there is none."""
    found = decode(data, "a")
    failed = any(severity(problem.rule) == "error" for problem in found.problems)
    assert failed == (not found.encoding)
    if not failed:
        assert found.text.encode("utf-8", "strict") is not None


def prepared(suffix: str) -> Callable[[bytes], None]:
    """A file of a format through the first pass: each of its documents accounts for its text, each failure says why."""

    def target(data: bytes) -> None:
        for unit in read_bytes(f"a{suffix}", data, OPTIONS):
            _prepared(unit)

    return target


def _prepared(unit: Unit) -> None:
    for found in prepare(unit, OPTIONS, sketched=False):
        if isinstance(found, Failed):
            assert found.problems
            assert any(severity(problem.rule) == "error" for problem in found.problems)
            continue
        texts = {field.pointer: field.text for field in found.document.fields}
        for block in found.document.blocks:
            assert sum(run.size for run in block.text.runs) == len(block.text.text)
            at = 0
            for run in block.text.runs:
                if run.span is not None and not run.rules:
                    said = texts[run.span.pointer][run.span.start : run.span.end]
                    assert block.text.text[at : at + run.size] == said
                at += run.size


def contained(data: bytes) -> None:
    """The parts of an archive, or of whatever it is: within the bounds, or told."""
    for name in ("a.zip", "a.tar", "a.gz", "a.warc", "a.eml", "a"):
        for part in parts(name, io.BytesIO(data), len(data), OPTIONS, lambda _: True):
            assert part.problem is not None or len(part.data) <= 2 * OPTIONS.max_file_bytes


def configured(data: bytes) -> None:
    """A configuration and a bound: options, or a message."""
    text = data.decode("utf-8", "replace")
    place = Path("cleaner.toml")
    try:
        members = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        members = {}
    known = Options.__dataclass_fields__
    for read in (
        lambda: options_from({name: value for name, value in members.items() if name in known}, place),
        lambda: policy_from(members, place),
        lambda: bounded(Options(), text.split("\n")[:4]),
    ):
        # Anything else that it raises is a bug.
        with suppress(UsageError):
            read()


def commanded(data: bytes) -> None:
    """A command line: an exit code, and a message where it is a wrong use."""
    from cleaner.cli import cli

    words = [word for word in data.decode("utf-8", "replace").split("\n") if "\0" not in word][:6]
    if any(word.startswith(("-o", "--output", "--cache", "--update", "--fix", "--baseline")) for word in words):
        return
    # Paths that lead out of the folder would be read: the whole disk, say.
    if any("/" in word or ".." in word for word in words):
        return
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        result = CliRunner().invoke(cli, ["check", *words, folder])
    assert result.exception is None or isinstance(result.exception, SystemExit | UsageError), result.exception


def accounted(data: bytes) -> None:
    """A folder of one file, its format by its first byte, through a run and `clean verify`: kept and dropped tile the source, and every edit replays."""
    suffix = [*SUFFIXES.values()][data[0] % len(SUFFIXES)] if data else ".txt"
    with tempfile.TemporaryDirectory() as folder:
        seeds, out = Path(folder) / "seeds", Path(folder) / "out"
        seeds.mkdir()
        (seeds / f"{sha256(data).hexdigest()[:8]}{suffix}").write_bytes(data[1:])
        cleaner.clean(seeds, out, options=OPTIONS)
        breaches = cleaner.verify(out, seeds)
        assert not breaches, breaches[0].message


TARGETS: dict[str, Callable[[bytes], None]] = {
    "decode": decoded,
    **{name: prepared(suffix) for name, suffix in SUFFIXES.items()},
    "containers": contained,
    "configuration": configured,
    "command": commanded,
    "account": accounted,
}
