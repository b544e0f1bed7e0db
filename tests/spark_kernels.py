"""Kernels that the tests send to Spark, in a module that its processes can import."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass


def shouted(item: str) -> str:
    return item.upper()


def worker(item: str) -> int:
    return os.getpid()


def failing(item: str) -> str:
    raise ValueError(item[:3])


@dataclass
class Dying:
    """Ends its process at an item."""

    item: str

    def __call__(self, item: str) -> str:
        if item[:3] == self.item:
            os.kill(os.getpid(), signal.SIGKILL)
        return item[:3]


def of_this_process() -> dict[str, str]:
    return {"process": str(os.getpid())}
