"""An output folder, read back: the manifest, and the provenance file of an article."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from cleaner.disk import TOOL
from cleaner.folders import MANIFEST, UsageError

# The formats whose texts stand at JSON Pointers, in records that have other members too.
RECORD_FORMATS = frozenset({"json", "csv", "parquet", "feed", "mail"})
CORPUS, REPORT, PAGE, PROV = "corpus.jsonl", "report.json", "report.html", "provenance.jsonld"
# A file that was changed by hand can have any shape; these are what reading it can raise.
MISSHAPEN = (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError)


def read_manifest(output: Path) -> dict[str, Any]:
    """The manifest of an output folder. Raises UsageError where there is none or it is not one of ours."""
    try:
        manifest = orjson.loads((output / MANIFEST).read_bytes())
    except OSError as error:
        raise UsageError(
            f"{output}: there is no {MANIFEST} that can be read ({error.strerror or error}). Give a folder that `clean` wrote."
        ) from error
    except ValueError as error:
        raise UsageError(f"{output / MANIFEST}: not JSON ({error}). Run `clean` again.") from error
    tool = manifest.get("tool") if isinstance(manifest, dict) else None
    if not isinstance(tool, dict) or tool.get("name") != TOOL or manifest.get("version") != 1:
        raise UsageError(
            f"{output / MANIFEST}: not a manifest of {TOOL}, version 1. Give a folder that this version of `clean` wrote."
        )
    return dict(manifest)


def provenance_of(article: str) -> str:
    """The path of the provenance file of an article."""
    return f"provenance/{article.removeprefix('articles/').removesuffix('.md')}.json"


class Origin(NamedTuple):
    """One source string: the decoded text at `pointer` of the source."""

    source: str
    sha256: str
    encoding: str
    format: str
    pointer: str
    length: int


class Segment(NamedTuple):
    """The code points `start` to `end` of the text; of which origin (by number), at which span of it, by which operation and rules."""

    start: int
    end: int
    origin: int
    span: tuple[int, int]
    op: str
    rules: tuple[str, ...]


class Loss(NamedTuple):
    """A span of an origin that is not in the text, the rule that dropped it, and where in the text its surviving copy stands."""

    origin: int
    span: tuple[int, int]
    rule: str
    kept_at: tuple[int, int] | None


class Place(NamedTuple):
    """A block: the line of the article that it begins on (from 1), its kind, and its code points in the text."""

    line: int
    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Account:
    """A provenance file."""

    id: str
    article: str
    text_sha256: str
    article_sha256: str
    origins: tuple[Origin, ...]
    segments: tuple[Segment, ...]
    losses: tuple[Loss, ...]
    blocks: tuple[Place, ...]
    unmapped: dict[str, list[str]]
    confidence: int
    alternatives: dict[str, list[str]]

    def sources(self) -> list[str]:
        """The names of the sources, each once, the canonical one first."""
        return list(dict.fromkeys(origin.source for origin in self.origins))

    def segments_from(self, origin: int, start: int, end: int) -> list[Segment]:
        """The segments that came from the code points `start` to `end` of an origin, in the order of the text."""
        own = self._by_span.get(origin, ())
        # The spans of an origin do not overlap (a check of its own says so), so they end in the order in which they begin.
        first = bisect_right(own, start, key=lambda segment: segment.span[1])
        last = bisect_left(own, end, key=lambda segment: segment.span[0])
        return sorted(own[first:last])

    @cached_property
    def _by_span(self) -> dict[int, list[Segment]]:
        found: dict[int, list[Segment]] = defaultdict(list)
        for segment in sorted(self.segments, key=lambda segment: segment.span):
            found[segment.origin].append(segment)
        return found


def read_account(data: bytes) -> Account:
    """The account in the bytes of a provenance file. Raises as `account_of` does."""
    return account_of(orjson.loads(data))


def account_of(found: Any) -> Account:
    """A provenance file's account. Raises one of MISSHAPEN where it does not have the shape that the contract gives."""
    if found["version"] != 1:
        raise ValueError(f"version {found['version']!r} instead of 1")
    origins = tuple(_origin(entry) for entry in found["sources"])
    return Account(
        as_string(found["id"]),
        as_string(found["article"]),
        as_string(found["text_sha256"]),
        as_string(found["article_sha256"]),
        origins,
        tuple(_segment(entry, origins) for entry in found["segments"]),
        tuple(_loss(entry, origins) for entry in found["dropped"]),
        tuple(_place(entry) for entry in found["blocks"]),
        {
            source: [as_string(pointer) for pointer in pointers]
            for source, pointers in found.get("unmapped", {}).items()
        },
        as_count(found.get("confidence", 100)),
        {name: [as_string(value) for value in values] for name, values in found.get("alternatives", {}).items()},
    )


def _origin(entry: Any) -> Origin:
    names = ("source", "sha256", "encoding", "format", "pointer")
    source, digest, encoding, form, pointer = (as_string(entry[name]) for name in names)
    if pointer and (form not in RECORD_FORMATS or not pointer.startswith("/")):
        raise ValueError(f"{pointer!r:.40} is no JSON Pointer into a {form} text")
    return Origin(source, digest, encoding, form, pointer, as_count(entry["length"]))


def _segment(entry: Any, origins: Sequence[Origin]) -> Segment:
    _has_members(entry, ("out", "op", "rules"), ("out", "source", "span", "op", "rules"))
    out, rules = _range(entry["out"]), tuple(as_string(rule) for rule in entry["rules"])
    if "span" not in entry:
        return Segment(*out, -1, (0, 0), as_string(entry["op"]), rules)
    return Segment(*out, _index(entry["source"], origins), _range(entry["span"]), as_string(entry["op"]), rules)


def _loss(entry: Any, origins: Sequence[Origin]) -> Loss:
    _has_members(entry, ("source", "span", "rule"), ("source", "span", "rule", "kept_at"))
    kept_at = _range(entry["kept_at"]) if "kept_at" in entry else None
    return Loss(_index(entry["source"], origins), _range(entry["span"]), as_string(entry["rule"]), kept_at)


def _place(entry: Any) -> Place:
    _has_members(entry, ("line", "kind", "out"))
    # An item may hold nothing but the list below it, and a code block nothing at all.
    start, end = entry["out"]
    out = (as_count(start), as_count(end)) if start == end else _range(entry["out"])
    return Place(as_count(entry["line"]), as_string(entry["kind"]), *out)


def _has_members(entry: dict[str, Any], *allowed: tuple[str, ...]) -> None:
    if tuple(entry) not in allowed:
        raise ValueError(f"{', '.join(map(str, entry))!r:.60} are no members that an entry has")


def as_string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} instead of a string")
    return value


def as_count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r:.40} instead of a count")
    return value


def _index(value: Any, of: Sequence[Any]) -> int:
    if as_count(value) >= len(of):
        raise IndexError(f"there is no source number {value}")
    return int(value)


def _range(value: Any) -> tuple[int, int]:
    start, end = value
    if as_count(start) >= as_count(end):
        raise ValueError(f"[{start}, {end}] holds nothing")
    return start, end


def origins_of(account: Account, start: int, end: int) -> list[tuple[int, tuple[int, int]]]:
    """The spans (each with the number of its origin) that the code points `start` to `end` of the text came from; an edit comes whole."""
    found = []
    first = bisect_right(account.segments, start, key=lambda segment: segment.end)
    for segment in islice(account.segments, first, None):
        if segment.start >= end:
            break
        if segment.op == "edit":
            found.append((segment.origin, segment.span))
        elif segment.op == "copy":
            left = segment.span[0] + max(0, start - segment.start)
            found.append((segment.origin, (left, segment.span[1] - max(0, segment.end - end))))
    return found
