"""Kernels that the tests of both engines run, in a module that processes of Spark can import too."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path


def shouted(item: str) -> tuple[int, str]:
    return len(item), item[:6].upper()


def worker(item: str) -> int:
    return os.getpid()


def failing(item: str) -> str:
    raise ValueError(item[:3])


@dataclass
class Dying:
    """Ends its process at an item: always, or only the first time."""

    item: str
    once: Path | None = None

    def __call__(self, item: str) -> str:
        if item[:3] == self.item and not (self.once and self.once.exists()):
            if self.once:
                self.once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return item[:3]


def spinning(item: str) -> str:
    while item[:3] == "007":
        pass
    return item[:3]


def of_this_process() -> dict[str, str]:
    return {"process": str(os.getpid())}
