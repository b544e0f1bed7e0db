"""The five laws on whole runs over made-up worlds: folders of articles in every format, damaged, repeated and copied."""

from __future__ import annotations

import html
import json
import random
import re
import tempfile
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cleaner
from cleaner.model.options import Options

WORDS = (
    "harbour lantern orchard bridge ferry meadow signal copper winter archive velvet granite thunder market pepper canvas "
    "saddle pigeon kettle marble tunnel ribbon walnut anchor beacon cinder garden hammer island jacket ladder mirror needle "
    "oyster parcel quarry rudder saucer timber urchin valley willow yonder zephyr basket candle dagger engine falcon"
).split()
MIN_WORDS = 6


def sentence(rng: random.Random) -> str:
    """A sentence of its own: no two are alike but by the rarest chance."""
    words = [rng.choice(WORDS) for _ in range(rng.randint(8, 16))]
    return " ".join(words).capitalize() + rng.choice([".", ".", ".", "?", "!"])


def paragraphs(rng: random.Random, count: int) -> list[str]:
    return [" ".join(sentence(rng) for _ in range(rng.randint(2, 4))) for _ in range(count)]


def damaged(text: str, rng: random.Random) -> str:
    kind = rng.randrange(5)
    if kind == 0:
        return text.replace(" ", " \N{ZERO WIDTH SPACE}", 2)
    if kind == 1:
        return text.replace(" ", " \N{EM DASH} ", 2).encode().decode("cp1252")
    if kind == 2:
        return text.replace(". ", ".", 1)
    return text


def repeated(blocks: list[str], rng: random.Random) -> list[str]:
    """The paragraphs with some of them again: as a whole, as tails, as pull quotes."""
    kind = rng.randrange(5)
    if kind == 0:
        return blocks + blocks
    if kind == 1:
        return [block.split(". ", 1)[-1] for block in blocks] + blocks
    if kind == 2:
        return [piece for block in blocks for piece in (block, re.split(r"(?<=[.?!]) ", block)[0])]
    if kind == 3:
        return blocks + blocks[:2]
    return blocks


def written(folder: Path, name: str, blocks: list[str], rng: random.Random) -> None:
    """One article as a file of some format."""
    kind = rng.randrange(5)
    title = " ".join(rng.sample(WORDS, 5)).title()
    if kind == 0:
        (folder / f"{name}.txt").write_text("\n".join(blocks), encoding="utf-8")
    elif kind == 1:
        front = f"---\ntitle: {title}\ndate: 2026-01-{rng.randint(10, 28)}\n---\n\n"
        body = "\n\n".join(f"## {title}\n\n{block}" if number == 2 else block for number, block in enumerate(blocks))
        (folder / f"{name}.md").write_text(front + body + "\n", encoding="utf-8")
    elif kind == 2:
        record = {
            "title": title,
            "body": "\n\n".join(blocks),
            "url": f"https://paper.example/{name}",
            "extra": [1, "x"],
        }
        (folder / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    elif kind == 3:
        body = "\n".join(f"<p>{html.escape(block)}</p>" for block in blocks)
        page = f"<html><head><title>{title}</title></head><body><nav>Home</nav><article><h1>{title}</h1>{body}</article></body></html>"
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    else:
        lines = [
            json.dumps({"text": "\n".join(blocks), "title": title}),
            json.dumps({"text": sentence(rng) + " " + sentence(rng)}),
        ]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def world(folder: Path, seed: int) -> list[str]:
    """A folder of articles; returns every sentence that was put into it, damage aside."""
    rng = random.Random(seed)
    folder.mkdir()
    stories = [paragraphs(rng, rng.randint(3, 6)) for _ in range(rng.randint(2, 4))]
    for number, story in enumerate(stories):
        blocks = repeated(story, rng)
        blocks = [damaged(block, rng) if rng.random() < 0.3 else block for block in blocks]
        written(folder, f"story{number}", blocks, rng)
        if rng.random() < 0.6:
            copy = [block.replace(" the ", " a ") for block in story]
            written(folder, f"copy{number}", copy if rng.random() < 0.5 else copy[:-1], rng)
    return [part for story in stories for block in story for part in re.split(r"(?<=[.?!]) ", block)]


def tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def rows(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]


def provenances(out: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_bytes()) for path in sorted((out / "provenance").glob("*.json"))]


def text_of(folder: Path, source: str, pointer: str) -> str:
    """The decoded string that a provenance speaks of, found again by other means than the program's."""
    path, _, record = source.partition("#")
    text = (folder / path).read_bytes().decode()
    if path.endswith(".jsonl"):
        text = text.split("\n")[int(record) - 1]
    value = json.loads(text) if path.endswith((".json", ".jsonl")) else text
    for step in pointer.split("/")[1:]:
        value = value[int(step) if isinstance(value, list) else step]
    return str(value)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("worlds")


def cleaned(seed: int, jobs: int = 1) -> tuple[Path, Path, list[str]]:
    base = Path(tempfile.mkdtemp(prefix="laws-"))
    sentences = world(base / "in", seed)
    cleaner.clean(base / "in", base / "out", replace(Options(), jobs=jobs))
    return base / "in", base / "out", sentences


WORLDS = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@WORLDS
@given(st.integers(0, 10_000))
def test_nothing_is_lost_and_nothing_invented(seed: int) -> None:
    """Laws 1 and 2: segments tile the text, copies equal their spans, kept and dropped tile every source."""
    source, out, _ = cleaned(seed)
    texts = {row["id"]: row["text"] for row in rows(out)}
    covered = set()
    for provenance in provenances(out):
        text = str(texts[provenance["id"]])
        origins = [text_of(source, origin["source"], origin["pointer"]) for origin in provenance["sources"]]  # type: ignore[index]
        covered |= {origin["source"] for origin in provenance["sources"]}  # type: ignore[index, attr-defined]
        spans: dict[int, list[list[int]]] = {number: [] for number in range(len(origins))}
        at = 0
        for segment in provenance["segments"]:  # type: ignore[attr-defined]
            assert segment["out"][0] == at
            at = segment["out"][1]
            piece = text[slice(*segment["out"])]
            if segment["op"] == "insert":
                assert re.fullmatch(r"\s*(?:- |\d+[.)] | \| )?", piece), piece
                continue
            spans[segment["source"]].append(segment["span"])
            if segment["op"] == "copy":
                assert piece == origins[segment["source"]][slice(*segment["span"])]
            else:
                assert segment["rules"]
        assert at == len(text)
        for loss in provenance["dropped"]:  # type: ignore[attr-defined]
            spans[loss["source"]].append(loss["span"])
        for number, origin in enumerate(provenance["sources"]):  # type: ignore[arg-type]
            ordered = sorted(spans[number])
            assert all(a[1] <= b[0] for a, b in pairwise(ordered)), "spans overlap"
            if origin["format"] != "html":
                assert "".join(origins[number][slice(*span)] for span in ordered) == origins[number]
    manifest = json.loads((out / "manifest.json").read_bytes())
    assert covered == {entry["source"] for entry in manifest["inputs"] if entry["status"] in ("canonical", "duplicate")}


@WORLDS
@given(st.integers(0, 10_000))
def test_no_unique_sentence_is_lost(seed: int) -> None:
    """Every sentence of every story is in a canonical document, or listed as what a dropped copy alone said."""
    _, out, sentences = cleaned(seed)
    report = json.loads((out / "report.json").read_bytes())
    listed = [
        text for cluster in report["clusters"] for member in cluster["members"] for text in member["unique_sentences"]
    ]
    flat = " ".join(" ".join(tokens(str(text))) for text in [*(row["text"] for row in rows(out)), *listed])
    # Damage changes letters; a sentence is there if nearly all of its four-word stretches are.
    for one in sentences:
        words = tokens(one)
        grams = [" ".join(words[place : place + 4]) for place in range(len(words) - 3)]
        found = sum(gram in flat for gram in grams)
        assert 2 * found >= len(grams), one


@WORLDS
@given(st.integers(0, 10_000))
def test_nothing_stands_twice(seed: int) -> None:
    """Law 3: no sentence of a canonical document stands in it again."""
    _, out, _ = cleaned(seed)
    for row in rows(out):
        counts = Counter(tuple(tokens(one)) for one in re.split(r"(?<=[.?!])\s+|\n+", str(row["text"])))
        assert not [words for words, count in counts.items() if count > 1 and len(words) >= MIN_WORDS]


@settings(parent=WORLDS, max_examples=8)
@given(st.integers(0, 10_000))
def test_the_same_bytes(seed: int) -> None:
    """Law 5: the same output whatever the number of processes and the order in which files were made; cleaning twice changes nothing."""
    source, out, _ = cleaned(seed)
    base = out.parent
    mirror = base / "mirror"
    mirror.mkdir()
    for path in sorted(source.iterdir(), reverse=True):
        (mirror / path.name).write_bytes(path.read_bytes())
    cleaner.clean(mirror, base / "again", replace(Options(), jobs=2))
    assert contents(base / "again") == contents(out)
    cleaner.clean(out / "articles", base / "twice")
    assert contents(base / "twice" / "articles") == contents(out / "articles")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
