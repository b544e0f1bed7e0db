"""Documents are joined by their rare shingles through the spool, as they are in memory."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import made_of, paragraph

from cleaner.engines.local import LocalEngine
from cleaner.model.options import Options
from cleaner.pipeline import joining
from cleaner.pipeline.noting import sketch_bytes
from cleaner.pipeline.spool import Spool
from cleaner.stages.fingerprint import fingerprint, sketch
from cleaner.stages.propose import propose

OPTIONS = Options()


@pytest.mark.parametrize("documents_at_once", [3, 4096])
def test_the_pairs_are_those_of_a_join_in_memory(
    documents_at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "DOCUMENTS_AT_ONCE", documents_at_once)
    monkeypatch.setattr("cleaner.stages.propose.SLICE", 50)
    chance = random.Random(4)
    texts = [" ".join(paragraph(chance, 8)) for _ in range(24)]
    texts += [" ".join([*paragraph(chance, 3), *text.split()[20:60]]) for text in texts[:14]]
    documents = [made_of([text]) for text in [*texts, "Ferry."]]
    found = [replace(fingerprint(one, number), sketch=sketch(one, OPTIONS)) for number, one in enumerate(documents)]
    sketches = [one.sketch for one in found if one.sketch]
    spool = Spool(tmp_path)
    places = [spool.add(sketch_bytes(one)) for one in sketches]
    with LocalEngine(1) as engine:
        share = joining.sharing(places, 4 * OPTIONS.signature_size, engine, spool)
        joined = list(propose(found, sketches.__getitem__, share))
    assert len(joined) > 10
    assert joined == list(propose(found, sketches.__getitem__))
