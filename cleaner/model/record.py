"""Records: small immutable values of which a run makes hundreds of thousands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

Record = TypeVar("Record")


@dataclass_transform(frozen_default=True)
def record(kind: type[Record]) -> type[Record]:
    """A dataclass with slots whose members are never set again.

    The type checker sees to that. To have every instance see to it while it runs makes it three to five times as slow to make.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)
