"""Findings that were there before: known by what stands there, not where, and each of them once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from cleaner.folders import UsageError
from cleaner.model.findings import Checked, Finding

VERSION = 1


class Known(NamedTuple):
    """A finding of the baseline: its rule, its fingerprint, and the file that it was in."""

    path: str
    rule: str
    fingerprint: str


def parsed(data: bytes, name: str) -> list[Known]:
    """The findings of a baseline file. Raises UsageError for one that is none of ours."""
    try:
        value = json.loads(data)
        if value["version"] != VERSION:
            raise ValueError(f"it has version {value['version']!r}")
        return [Known(*(str(entry[key]) for key in Known._fields)) for entry in value["findings"]]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{name}: this is no baseline: {error}. Write it anew with --update-baseline.") from error


def dumped(known: Iterable[Known]) -> bytes:
    """A baseline file: sorted, one finding a line, so that a difference can be read."""
    lines = ",\n".join(json.dumps(entry._asdict(), ensure_ascii=False) for entry in sorted(known))
    return f'{{\n"version": {VERSION},\n"findings": [\n{lines}\n]\n}}\n'.encode("utf-8", "replace")


def without_known(checked: Checked, baseline: Iterable[Known], exists: Callable[[str], bool]) -> Checked:
    """The check without the findings of the baseline.

    A finding is known by its own file first. One in another file takes the place of an entry only if the entry's file is gone: then it was
    moved. So one more copy of an accepted clone is new.
    """
    left: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entry in sorted(baseline):
        left[entry.rule, entry.fingerprint].append(entry.path)
    strangers = [found for found in checked.findings if not _taken(left[_key(found)], found.path)]
    moved = {key: [path for path in paths if not exists(path)] for key, paths in left.items()}
    fresh = tuple(found for found in strangers if not _popped(moved.get(_key(found), [])))
    return replace(checked, findings=fresh, known=len(checked.findings) - len(fresh))


def updated(checked: Checked, baseline: Iterable[Known], exists: Callable[[str], bool]) -> list[Known]:
    """The baseline with the findings of this check; entries of files that were not checked and are still there stay."""
    looked_at = set(checked.paths)
    kept = [entry for entry in baseline if entry.path not in looked_at and exists(entry.path)]
    return sorted([*kept, *(Known(found.path, *_key(found)) for found in checked.findings)])


def _key(found: Finding) -> tuple[str, str]:
    return found.problem.rule, found.fingerprint


def _taken(paths: list[str], path: str) -> bool:
    if path not in paths:
        return False
    paths.remove(path)
    return True


def _popped(paths: list[str]) -> bool:
    if not paths:
        return False
    paths.pop(0)
    return True
