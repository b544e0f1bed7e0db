"""What all tests share: the Hypothesis profiles, and the folder of the helpers on the path."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# In the import mode "importlib" no folder of tests is on the path.
sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile("local", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
# By hand, in search of the rare failure: pytest --hypothesis-profile thorough
settings.register_profile("thorough", settings.get_profile("local"), max_examples=3000)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True, scope="session")
def own_cache() -> Iterator[None]:
    """No test reads what an earlier one left for the next run, nor leaves anything to its user."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLEANER_CACHE_DIR", folder)
        yield
