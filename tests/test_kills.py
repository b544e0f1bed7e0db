"""Killed at any moment, a run leaves the old output whole or the new one, the sources as they were, and nothing that the next run stumbles over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_killed_at_any_moment_nothing_is_lost(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tests/killing.py", tmp_path / "world"],
        capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    # The moments were those that matter: in the cache, in the writing, before and after the swap, between two files of --fix.
    assert sum(found["killed"].values()) >= 50
    assert {"execute in cache", "write in spool", "write in folders", "rename in pathlib"} <= found["killed"].keys()
    assert min(found["outcomes"]["old"], found["outcomes"]["new"]) > 3
    assert {"0 mended", "4 mended"} < found["outcomes of mending"].keys()
