"""The engine on Spark: results in the order of the items, the same trouble for the same item, no strangers, and the same bytes as without it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from engine_kernels import Dying, failing, of_this_process, shouted, spinning, worker
from helpers import SHARED

from cleaner.engines import Lost
from cleaner.engines import spark as engine_on_spark
from cleaner.engines.spark import SparkEngine, _Proof, _tasks, _waves, _why
from cleaner.folders import UsageError
from cleaner.model.options import Options
from cleaner.pipeline import run
from cleaner.pipeline.identity import identity

SEEDS = Path(__file__).parents[2] / "seeds"
MASTER = "local[2]"
ITEMS = [f"{number:03}" + "x" * (number % 7) for number in range(60)]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# -- what needs no Spark --


def test_tasks_and_waves_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_on_spark, "TASK_BYTES", 10)
    items = ["xxxxx"] * 40
    assert len(list(_tasks(items, len))) == 20
    assert [len(wave) for wave in _waves(items, len, 8)] == [8, 8, 4]
    monkeypatch.setattr(engine_on_spark, "MAX_WAVE_BYTES", 1)
    assert [len(wave) for wave in _waves(items, len, 8)] == [1] * 20
    assert list(_waves([], len, 8)) == []


def test_what_differs_is_named(tmp_path: Path) -> None:
    here = identity()
    assert _Proof(identity, here, [str(tmp_path)]).stranger() is None
    told = _Proof(identity, {**here, "numpy": "1.26.0", "Unicode": "13.0.0"}, []).stranger()
    assert told is not None
    assert f"numpy {here['numpy']} instead of 1.26.0" in told.message
    assert f"Unicode {here['Unicode']} instead of 13.0.0" in told.message
    told = _Proof(identity, here, [str(tmp_path / "elsewhere")]).stranger()
    assert told is not None
    assert "elsewhere" in told.message
    assert "share" in told.message


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("...\nModuleNotFoundError: No module named 'cleaner'\n\tat java", "no package cleaner."),
        ("pyspark.errors [PYTHON_VERSION_MISMATCH] ...", "another version of Python"),
        ("a\norg.apache.spark.SparkException: All masters are unresponsive\n\tat x", "All masters are unresponsive"),
        ("", "no reason is given"),
    ],
)
def test_trouble_of_the_cluster_is_told(trouble: str, said: str) -> None:
    assert said in _why(trouble)


def test_missing_package_and_missing_java_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = SparkEngine(MASTER, identity)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(UsageError, match=r"article-cleaner\[spark\]"):
        engine.__enter__()
    monkeypatch.undo()
    pytest.importorskip("pyspark")
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(UsageError, match="needs Java"):
        engine.__enter__()
    monkeypatch.undo()
    with pytest.raises(UsageError, match="Spark Connect"):
        SparkEngine("sc://127.0.0.1", identity).__enter__()


# -- on Spark, in this process's own JVM --


@pytest.mark.spark
def test_results_come_in_order_in_several_waves(spark: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_on_spark, "TASK_BYTES", 36)
    monkeypatch.setattr(engine_on_spark, "TASKS_PER_CORE", 1)
    with SparkEngine(MASTER, identity) as engine:
        engine.begin([SEEDS])
        assert list(engine.mapped(shouted, ITEMS, len)) == [shouted(item) for item in ITEMS]
        assert os.getpid() not in set(engine.mapped(worker, ITEMS, len))
        assert list(engine.mapped(shouted, [], len)) == []
        # Others take the place of the process that dies of an item, and only that item is lost.
        found = list(engine.mapped(Dying("031"), ITEMS, len))
        assert [item for item in found if isinstance(item, Lost)] == [Lost(ITEMS[31], False, "by SIGKILL")]
        assert [item for item in found if not isinstance(item, Lost)] == [i[:3] for i in ITEMS if i[:3] != "031"]
        with pytest.raises(ValueError, match=r"\A\d{3}"):
            list(engine.mapped(failing, ITEMS, len))


@pytest.mark.spark
def test_the_bound_on_processor_time_holds_there(spark: dict[str, str]) -> None:
    with SparkEngine(MASTER, identity, cpu_seconds=1) as engine:
        engine.begin([SEEDS])
        lost = [found for found in engine.mapped(spinning, ITEMS[:12], len) if isinstance(found, Lost)]
    assert [(found.item, found.overran) for found in lost] == [(ITEMS[7], True)]


@pytest.mark.spark
def test_strangers_are_refused_before_the_job(spark: dict[str, str], tmp_path: Path) -> None:
    with SparkEngine(MASTER, of_this_process) as engine, pytest.raises(UsageError, match=r"process \d+ instead of"):
        engine.begin([])
    with SparkEngine(MASTER, identity) as engine, pytest.raises(UsageError, match="does not see"):
        engine.begin([tmp_path / "elsewhere"])


@pytest.mark.spark
def test_the_seeds_come_out_the_same(spark: dict[str, str], tmp_path: Path) -> None:
    run([SEEDS], tmp_path / "here", Options(), prov=True)
    run([SEEDS], tmp_path / "there", Options(), prov=True, engine=SparkEngine(MASTER, identity))
    assert files(tmp_path / "there") == files(tmp_path / "here")


@pytest.mark.spark
@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
def test_real_pages_come_out_the_same(spark: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_on_spark, "TASK_BYTES", 1 << 17)
    pages = tmp_path / "pages"
    pages.mkdir()
    found = sorted(path for path in SHARED.rglob("*.html.gz") if path.stat().st_size < 1 << 16)
    for path in found[:: max(1, len(found) // 40)]:
        (pages / path.name).write_bytes(path.read_bytes())
    run([pages], tmp_path / "here", Options())
    run([pages], tmp_path / "there", Options(), engine=SparkEngine(MASTER, identity))
    assert files(tmp_path / "there") == files(tmp_path / "here")
