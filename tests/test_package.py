"""What is published: the same bytes whenever it is built, all that a user needs and nothing else, and lower bounds that are tested."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")
ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# What is no part of a source tree, as a copy of a repository is one.
STRAY = ("__pycache__", ".hypothesis", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".tox", ".venv", ".git", "dist")
BUILD = "import sys; from hatchling.build import build_sdist, build_wheel; print((build_wheel if sys.argv[1] == 'wheel' else build_sdist)(sys.argv[2]))"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, with what a careless person leaves lying about."""
    place = tmp_path_factory.mktemp("package") / "tree"
    shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns(*STRAY), symlinks=True)
    (place / "cleaner/__pycache__").mkdir()
    (place / "cleaner/__pycache__/stray.cpython-311.pyc").write_bytes(b"stray")
    (place / "notes.txt").write_text("stray", encoding="utf-8")
    return place


def built(tree: Path, kind: str, place: Path, umask: int = 0o022, **environment: str) -> Path:
    result = subprocess.run(
        [sys.executable, "-c", BUILD, kind, str(place)],
        cwd=tree, check=True, capture_output=True, text=True, umask=umask,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000", **environment},
    )  # fmt: skip
    return place / result.stdout.split()[-1]


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_two_builds_are_the_same_bytes(kind: str, tree: Path, tmp_path: Path) -> None:
    first = built(tree, kind, tmp_path / "first")
    for path in tree.rglob("*.py"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    second = built(tree, kind, tmp_path / "second", 0o077, TZ="Pacific/Auckland", LC_ALL="C", PYTHONHASHSEED="7")
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_the_wheel_holds_the_package_and_nothing_else(tree: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(built(tree, "wheel", tmp_path)) as wheel:
        names = set(wheel.namelist())
    package = {name for name in names if name.startswith("cleaner/")}
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "cleaner").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert package == ours
    assert "cleaner/py.typed" in names
    assert {name for name in names if name.startswith("cleaner/schemas/")}
    assert all(".dist-info/" in name for name in names - package)


def test_the_sdist_holds_what_the_tests_need_and_nothing_stray(tree: Path, tmp_path: Path) -> None:
    with tarfile.open(built(tree, "sdist", tmp_path)) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "tox.ini",
        "tests/test_laws.py",
        "tests/lowest.txt",
        "seeds/kelp-farms.txt",
    } <= names
    assert "notes.txt" not in names
    assert not [name for name in names if any(part in STRAY for part in name.split("/"))]


def test_lowest_versions_are_those_that_the_project_allows() -> None:
    project = PROJECT["project"]
    allowed = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    lowest = dict(
        re.findall(r"^([\w-]+)==([\w.]+)$", (ROOT / "tests/lowest.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    bounds = dict(re.fullmatch(r"([\w-]+)(?:\[\w+\])?>=([\w.]+)", one).groups() for one in allowed)  # type: ignore[union-attr]
    assert lowest == bounds
