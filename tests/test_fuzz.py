"""The corpus of the fuzzer, target by target: what it found once stays found."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.fuzz_targets import TARGETS

FUZZ = Path(__file__).parent / "fuzz"
CORPUS = sorted(path for path in (FUZZ / "corpus").rglob("*") if path.is_file())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_the_fuzzer_knows_keeps_the_laws(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_a_corpus() -> None:
    assert {path.parent.name for path in CORPUS} == set(TARGETS)


def test_the_fuzzer_says_what_it_needs() -> None:
    spec = importlib.util.spec_from_file_location("run", FUZZ / "run.py")
    assert spec is not None
    assert "atheris" in (FUZZ / "run.py").read_text(encoding="utf-8")
