"""A real cluster on this machine: a master and two workers; an executor is killed, and the driver too. The bytes stay the same."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import cleaner
from cleaner.folders import Layout
from cleaner.model.options import Options
from cleaner.pipeline import run

SEEDS = Path(__file__).parents[2] / "seeds"
PATIENCE_SECONDS = 300
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc, as Linux has it"),
]


class Cluster:
    """A standalone cluster on the loopback address, its pages on ports that the system gives, and its processes."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        import pyspark

        home = str(Path(pyspark.__file__).parent)
        self.environment = {**os.environ, **environment, "SPARK_HOME": home, "SPARK_DAEMON_MEMORY": "256m"}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.master = ""

    def start(self) -> None:
        self._java("master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        log = self.folder / "master.Master.0"
        self.master = _awaited(lambda: re.search(r"Starting Spark master at (spark://\S+)", log.read_text()), self)[1]
        for _ in range(2):
            self._java(
                "worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", "600M",
                "--work-dir", str(self.folder / "work"), self.master,
            )  # fmt: skip
        _awaited(lambda: log.read_text().count("Registering worker") == 2, self)

    def _java(self, name: str, *arguments: str) -> None:
        command = [
            os.path.join(self.environment["SPARK_HOME"], "bin", "spark-class"),
            f"org.apache.spark.deploy.{name}",
        ]
        with (self.folder / f"{name}.{len(self.processes)}").open("wb") as log:
            self.processes.append(
                subprocess.Popen([*command, *arguments], env=self.environment, stdout=log, stderr=log)
            )

    def executors(self) -> list[int]:
        """The processes of the executors: children of the workers."""
        own = {process.pid for process in self.processes}
        return [pid for pid, parent in _parents().items() if parent in own and b"ExecutorBackend" in _command(pid)]

    def clean(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "cleaner", *map(str, arguments), "--engine", "spark", "--master", self.master, "-q"]  # fmt: skip
        with (self.folder / "driver").open("ab") as log:
            return subprocess.Popen(
                [*command, *arguments], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def said(self) -> str:
        """The ends of the logs."""
        logs = [path for path in self.folder.iterdir() if path.is_file()]
        return "\n".join(f"{path.name}: {path.read_text()[-4000:]}" for path in logs)


def _parents() -> dict[int, int]:
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return found


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _awaited(condition: Callable[[], Any], cluster: Cluster, driver: subprocess.Popen[bytes] | None = None) -> Any:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and not (driver and driver.poll() is not None):
        if found := condition():
            return found
        time.sleep(0.05)
    pytest.fail(f"it did not come about within {PATIENCE_SECONDS} seconds:\n{cluster.said()}")


@pytest.fixture(scope="module")
def cluster(spark: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("cluster"), spark)
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds, and stories that are made of their sentences: two large files of records, which executors share."""
    folder = tmp_path_factory.mktemp("sources")
    shutil.copytree(SEEDS, folder / "seeds")
    chance = random.Random(9)
    words = sorted({word for path in SEEDS.glob("*.txt") for word in re.findall(r"[a-z]{3,}", path.read_text("latin-1"))})  # fmt: skip
    for name in ("north", "south"):
        lines = []
        for number in range(200):
            sentences = [" ".join(chance.choices(words, k=14)).capitalize() + "." for _ in range(30)]
            text = "\\n\\n".join(" ".join(sentences[at : at + 5]) for at in range(0, 30, 5))
            lines.append(f'{{"title": "Story {number} of the {name}", "text": "{text}"}}\n')
            if number % 10 == 0:
                lines.append(lines[-1].replace("Story", "A story"))
        (folder / f"{name}.jsonl").write_text("".join(lines))
    return folder


@pytest.fixture(scope="module")
def wanted(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    output = tmp_path_factory.mktemp("wanted") / "out"
    run([sources], output, Options(), layout=Layout.BOTH)
    return files(output)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def parts_beside(output: Path) -> list[Path]:
    """What the executors have written for the run that makes this output."""
    return list(output.parent.glob(f".{output.name}.tmp-*/[0-9]*"))


def test_an_executor_is_killed_and_the_bytes_are_the_same(
    cluster: Cluster, sources: Path, wanted: dict[str, bytes], tmp_path: Path
) -> None:
    output = tmp_path / "out"
    driver = cluster.clean(sources, "-o", output, "--layout", "both")
    _awaited(lambda: len(cluster.executors()) == 2 and parts_beside(output), cluster, driver)
    victim = cluster.executors()[0]
    os.kill(victim, signal.SIGKILL)
    assert driver.wait(PATIENCE_SECONDS) == 1, cluster.said()
    assert files(output) == wanted
    assert any("exitStatus 137" in log.read_text() for log in cluster.folder.glob("worker*"))
    assert cleaner.verify(output, [sources]) == []


def test_the_driver_is_killed_and_started_again(
    cluster: Cluster, sources: Path, wanted: dict[str, bytes], tmp_path: Path
) -> None:
    output = tmp_path / "out"
    run([SEEDS], output, Options())
    before = files(output)
    driver = cluster.clean(sources, "-o", output, "--layout", "both")
    _awaited(lambda: parts_beside(output), cluster, driver)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.wait()
    assert files(output) == before
    assert cluster.clean(sources, "-o", output, "--layout", "both").wait(PATIENCE_SECONDS) == 1, cluster.said()
    assert files(output) == wanted
