"""The four formats: what a run writes is valid, what is wrong is not, and the files agree with one another."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import cleaner
from cleaner.model.options import Options
from cleaner.rules import RULES
from cleaner.verification.shapes import shape

NAMES = ("corpus", "manifest", "provenance", "report")

FERRY = """Harbour

Ferry line to close in spring

By Ann Orr

The ferry that has crossed the sound for eighty years will make its last trip in April, its owner said on Monday.

People on the islands have known for months that something like this would come. They have begun to mend their own boats in the yard.

What happens next

The town will look for another company, which may take until the autumn, and it may pay for a bus around the sound meanwhile. A baker from the northern island has offered to run the line with the boat that carries her bread, if the harbour gives her a berth.

- a coat
- boots for the cafÃ© &amp; the quay

Read more: The bridge that nobody wanted
"""
BRIDGE = """---
title: The bridge that nobody wanted
date: 2026-03-01
url: https://example.org/bridge
---
# The bridge that nobody wanted

It was *built* in a summer, and it has stood [empty](https://example.org/x) since then, for the road to it was never paved.

| year | cars |
|---|---|
| 1998 | 7 |

> Nobody asked for it, said the mayor.
"""


def world(folder: Path) -> Path:
    """Sources of every format and fate."""
    made: dict[str, bytes] = {
        "ferry.txt": FERRY.encode(),
        "copy/ferry.txt": FERRY.replace("on Monday", "on Tuesday").encode(),
        "twice.txt": (FERRY.replace("ferry", "tram").replace("Ferry", "Tram") * 2).encode(),
        "bridge.md": BRIDGE.encode(),
        "bridge-later.md": BRIDGE.replace("date: 2026-03-01", "date: 2026-03-05")
        .replace("nobody said", "all said")
        .encode()
        + b"\nA later word.\n",
        "short.txt": "\n\n".join(FERRY.split("\n\n")[4:6]).encode(),
        "feed.jsonl": b'{"title": "One", "text": "The lamp on the quay burns again, and nobody knows who lit it.", "id": "x"}\n{"text": 7}\n',
        "items.json": json.dumps(
            {
                "items": [
                    {"content_text": f"Item {n} of the feed tells of boat number {n}, and of its crew."}
                    for n in range(2)
                ]
            }
        ).encode(),
        "page.html": b"<html><head><title>The lamp</title></head><body><nav>Home</nav><article><h1>The lamp</h1>"
        + b"<p>The lamp on the northern quay has burned each night since the flood, and the warden has never missed one.</p>"
        * 1
        + b"<p>He is eighty years old now &amp; climbs the ladder with a can of oil, as his father did in the years before him.</p></article></body></html>",
        "packed.txt.gz": gzip.compress(
            b"The parcel came by boat.\n\nIt held a clock, a coat and a letter that nobody could read any more.\n"
        ),
        "broken.json": b'{"text": ',
        "empty.txt": b"",
        "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(40),
        "skipped.bak": b"old",
        ".hidden": b"never",
    }
    for name, data in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    cleaner.clean(world(folder / "seeds"), folder / "out", Options(exclude=("*.bak",)))
    return folder / "out"


def schema(name: str) -> dict[str, Any]:
    return json.loads(files("cleaner").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8"))


def written(output: Path, name: str) -> list[Any]:
    match name:
        case "corpus":
            return [json.loads(line) for line in (output / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
        case "provenance":
            return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((output / "provenance").iterdir())]
        case _:
            return [json.loads((output / f"{name}.json").read_text(encoding="utf-8"))]


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_one_and_closed(name: str) -> None:
    found = schema(name)
    Draft202012Validator.check_schema(found)
    open_objects: list[str] = []

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            if value.get("type") == "object" and "additionalProperties" not in value:
                open_objects.append(path)
            for key, inner in value.items():
                walk(inner, f"{path}/{key}")
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                walk(inner, f"{path}/{index}")

    walk(found, "")
    assert open_objects == []


@pytest.mark.parametrize("name", NAMES)
def test_what_a_run_writes_is_valid(output: Path, name: str) -> None:
    validator = Draft202012Validator(schema(name))
    values = written(output, name)
    assert values
    for value in values:
        errors = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]
        assert errors == []
        assert shape(name)(value)


def without(name: str) -> Callable[[Any], None]:
    return lambda value: value.pop(name)


def put(path: str, new: Any) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        *steps, last = path.split("/")
        for step in steps:
            value = value[int(step)] if isinstance(value, list) else value[step]
        value[int(last) if isinstance(value, list) else last] = new

    return change


WRONG: list[tuple[str, Callable[[Any], None]]] = [
    ("corpus", without("text")),
    ("corpus", put("id", "x")),
    ("corpus", put("text", "")),
    ("corpus", put("extra", 1)),
    ("corpus", put("metadata/extra", 1)),
    ("corpus", put("metadata/author", "Ann")),
    ("corpus", put("metadata/sources", [])),
    ("corpus", put("metadata/article", "/tmp/x.md")),
    ("manifest", put("version", 2)),
    ("manifest", put("tool/name", "cleaner")),
    ("manifest", put("inputs/0/status", "lost")),
    ("manifest", put("outputs/0/path", "../x")),
    ("manifest", put("outputs/0/sha256", "00")),
    ("manifest", put("options/jobs", 4)),
    ("report", put("pairs/0/relation", "alike")),
    ("report", put("pairs/0/jaccard", 1.5)),
    ("report", put("pairs/0/passage_words", 7)),
    ("report", put("summary/characters/dropped", {"XYZ001": 1})),
    ("report", put("clusters/0/members", [])),
    ("report", put("problems/0/severity", "fatal")),
    ("report", put("problems/0/line", 0)),
    ("report", put("repeats/0/dropped/start", -1)),
    ("provenance", put("segments/0/op", "edit")),
    ("provenance", put("segments/0/op", "insert")),
    ("provenance", put("segments/0/out", [1])),
    ("provenance", put("segments/0/out", [1, 2, 3])),
    ("provenance", put("dropped/0/rule", "because")),
    ("provenance", put("sources/0/pointer", "body")),
    ("provenance", put("blocks/0/line", 0)),
    ("provenance", without("unmapped")),
]


@pytest.mark.parametrize(("name", "change"), WRONG, ids=[f"{name} {number}" for number, (name, _) in enumerate(WRONG)])
def test_what_is_wrong_is_not_valid(output: Path, name: str, change: Callable[[Any], None]) -> None:
    value = copy.deepcopy(written(output, name)[0])
    change(value)
    assert not Draft202012Validator(schema(name)).is_valid(value)
    assert not shape(name)(value)


# -- the files agree with one another --


def test_world_holds_every_fate(output: Path) -> None:
    (manifest,) = written(output, "manifest")
    fates = {entry["source"]: entry["status"] for entry in manifest["inputs"]}
    assert fates == {
        "ferry.txt": fates["ferry.txt"],
        "copy/ferry.txt": "duplicate" if fates["ferry.txt"] == "canonical" else "canonical",
        "twice.txt": "canonical",
        "bridge.md": "duplicate",
        "bridge-later.md": "canonical",
        "short.txt": "duplicate",
        "feed.jsonl#1": "canonical",
        "feed.jsonl#2": "failed",
        "items.json#/items/0": "canonical",
        "items.json#/items/1": "canonical",
        "page.html": "canonical",
        "packed.txt.gz": "canonical",
        "broken.json": "failed",
        "empty.txt": "failed",
        "picture.png": "failed",
        "skipped.bak": "skipped",
    }


def test_manifest_has_every_file_with_its_hash(output: Path) -> None:
    (manifest,) = written(output, "manifest")
    there = {path.relative_to(output).as_posix(): path.read_bytes() for path in output.rglob("*") if path.is_file()}
    del there["manifest.json"]
    assert [entry["path"] for entry in manifest["outputs"]] == sorted(there)
    for entry in manifest["outputs"]:
        data = there[entry["path"]]
        assert (entry["sha256"], entry["bytes"]) == (sha256(data).hexdigest(), len(data))


def test_rows_articles_and_provenance_belong_together(output: Path) -> None:
    rows = {row["metadata"]["article"]: row for row in written(output, "corpus")}
    assert len(rows) == len(list((output / "articles").iterdir())) == len(list((output / "provenance").iterdir()))
    for found in written(output, "provenance"):
        row = rows[found["article"]]
        digest = sha256(row["text"].encode()).hexdigest()
        assert (found["text_sha256"], found["id"], row["id"]) == (digest, digest[:16], digest[:16])
        article = (output / found["article"]).read_text(encoding="utf-8")
        assert f"id: {row['id']}" in article.replace('"', "")
        lines = article.splitlines()
        at = 0
        for segment in found["segments"]:
            assert segment["out"][0] == at
            at = segment["out"][1]
        assert at == len(row["text"])
        for number, source in enumerate(found["sources"]):
            spans = [
                entry["span"] for entry in (*found["segments"], *found["dropped"]) if entry.get("source") == number
            ]
            spans.sort()
            assert all(left[1] <= right[0] for left, right in pairwise(spans))
            if source["format"] != "html":
                assert sum(end - start for start, end in spans) == source["length"]
        assert all(lines[block["line"] - 1].strip() for block in found["blocks"])


def test_summary_counts_what_is_listed(output: Path) -> None:
    (report,) = written(output, "report")
    summary = report["summary"]
    assert summary["documents"] == len(report["documents"]) == len(written(output, "corpus"))
    assert summary["sources"] == len(report["sources"])
    assert summary["characters"]["in"] == summary["characters"]["kept"] + sum(summary["characters"]["dropped"].values())
    assert summary["problems"] == {
        name: sum(problem["severity"] == name for problem in report["problems"])
        for name in ("error", "warning", "info")
    }
    assert set(report["rules"]) == set(RULES)


def test_every_file_that_is_found_is_in_the_manifest(tmp_path: Path) -> None:
    made = {"none.json": b"[]", "blank.jsonl": b"\n\n", "object.json": b"{}", "number.json": b"7"}
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    found = cleaner.clean(tmp_path)
    named = {entry["source"].partition("#")[0] for entry in found.report["sources"]}
    assert named == set(made)


def test_empty_file_of_records_is_in_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    assert [entry["source"] for entry in cleaner.clean(tmp_path).report["sources"]] == ["empty.jsonl"]
