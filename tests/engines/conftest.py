"""Spark for the tests: where there is none they are skipped, and say why; with CI set they fail, for there it is a part of the promise."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import cleaner

CONFIGURATION = """
spark.ui.enabled false
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.memory 512m
spark.executor.memory 512m
spark.sql.artifact.isolation.enabled false
"""


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which Spark runs on this machine only, its pages off. The JVM that drives it from here is ended at the end."""
    missing = []
    if importlib.util.find_spec("pyspark") is None:
        missing.append("PySpark")
    if shutil.which("java") is None:
        missing.append("Java")
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"needs {' and '.join(missing)}")
    home = tmp_path_factory.mktemp("spark")
    (home / "spark-defaults.conf").write_text(CONFIGURATION)
    # The kernels of the tests, and the program as it is here.
    path = os.pathsep.join(map(str, (Path(__file__).parents[1], Path(cleaner.__file__).parents[1])))
    environment = {
        "PYTHONPATH": path,
        "SPARK_CONF_DIR": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(home / "local"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield environment
        _end_jvm()


def _end_jvm() -> None:
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(30)
        SparkContext._gateway = SparkContext._jvm = None
