"""Names in, names that are told apart out: from one another, and from those that the records of a file get."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

# Behind the name of a file, what names one of its records: a line, a JSON Pointer (RFC 6901), or both. A tilde and a 2 stand in no pointer, so that a
# number sets a name apart from those of records too.
RECORD = re.compile(r"#(?=\d+(?:/|\Z)|/)")
# A name of thousands of such signs is nobody's.
MAX_READINGS = 100
NO_ESCAPE = re.compile(r"~(?![01])")


class Names:
    """The names that were given so far, and those that are `reserved` for what is yet to come."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self.reserved = frozenset(reserved)
        self.given: set[str] = set()
        # What stands before the record in a name that reads like a record's.
        self.files: set[str] = set()

    def apart(self, name: str) -> str:
        """The name itself if it is free, else with a number behind it."""
        found, number = name, 1
        while not self._is_free(found) or (number > 1 and found in self.reserved):
            number += 1
            found = f"{name}~{number}"
        self.given.add(found)
        self.files.update(_files_of(found))
        return found

    def _is_free(self, name: str) -> bool:
        return name not in self.given and name not in self.files and self.given.isdisjoint(_files_of(name))


def _files_of(name: str) -> list[str]:
    """The files of which a record could have this name."""
    if "#" not in name:
        return []
    last = max((match.start() for match in NO_ESCAPE.finditer(name)), default=-1)
    return [name[: match.start()] for match in islice(RECORD.finditer(name, last + 1), MAX_READINGS)]
