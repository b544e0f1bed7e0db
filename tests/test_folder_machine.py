"""A folder that changes and is cleaned again and again, with its cache: each run gives what a first run would, and its account holds."""

from __future__ import annotations

import gc
import json
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from cleaner import pipeline
from cleaner.cache import FILE
from cleaner.model.options import Options
from cleaner.verification import verify

OPTIONS = Options(jobs=1)
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
# Names that are all there may be: few, so that files are written again.
NAMES = st.sampled_from(
    ["a.txt", "b.md", "c.json", "d.jsonl", "g#2.txt", "e.html", "room/a.txt", "room/f.txt", "~.txt"]
)
STORIES = st.integers(0, 3)
SHAPES = st.sampled_from(["whole", "copy", "twice", "damaged", "short", "broken", "empty"])


def paragraphs(story: int, shape: str) -> list[str]:
    own = random.Random(story)
    found = [" ".join(" ".join(own.choices(SYLLABLES, k=12)).capitalize() + "." for _ in range(2)) for _ in range(4)]
    match shape:
        case "copy":
            return [one.replace("ba ", "be ", 1) for one in found]
        case "twice":
            return found + found
        case "damaged":
            return [one.replace(" ", " \u200b", 1) + " caf\u00c3\u00a9." for one in found]
        case "short":
            return found[:1]
        case _:
            return found


def written(name: str, story: int, shape: str) -> bytes:
    """A file of the kind that its name says."""
    if shape == "empty":
        return b""
    blocks = paragraphs(story, shape)
    record = {"title": f"Story {story}", "text": "\n\n".join(blocks)}
    if name.endswith(".html"):
        body = "".join(f"<p>{block}</p>" for block in blocks)
        text = f"<html><body><article><h1>Story {story}</h1>{body}</article></body></html>"
    elif ".jsonl" in name:
        text = "".join(json.dumps(one) + "\n" for one in (record, {"text": blocks[0], "title": "One"}, {"n": story}))
    elif name.endswith(".json"):
        text = json.dumps(record)
    else:
        text = f"# Story {story}\n\n" * name.endswith(".md") + "\n\n".join(blocks) + "\n"
    return text.encode()[: 40 if shape == "broken" else None]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class FolderMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        # Small runs do without a cache; here they have one.
        self.patch.setattr(pipeline, "MAX_UNCACHED_FILES", 0)
        self.patch.setattr(pipeline, "MAX_SMALL_BYTES", 0)
        self.place = Path(tempfile.mkdtemp(prefix="folder-machine-"))
        self.sources, self.out, self.cache = self.place / "in", self.place / "out", self.place / "cache"

    @initialize(name=NAMES, story=STORIES)
    def begun(self, name: str, story: int) -> None:
        self.write(name, story, "whole")

    def names(self) -> list[str]:
        return sorted(tree(self.sources))

    @rule(name=NAMES, story=STORIES, shape=SHAPES)
    def write(self, name: str, story: int, shape: str) -> None:
        (self.sources / name).parent.mkdir(parents=True, exist_ok=True)
        (self.sources / name).write_bytes(written(name, story, shape))

    @precondition(lambda self: len(self.names()) > 1)
    @rule(data=st.data())
    def remove(self, data: Any) -> None:
        (self.sources / data.draw(st.sampled_from(self.names()))).unlink()

    @rule(name=NAMES, data=st.data())
    def rename(self, name: str, data: Any) -> None:
        old = data.draw(st.sampled_from(self.names()))
        (self.sources / name).parent.mkdir(parents=True, exist_ok=True)
        (self.sources / old).replace(self.sources / name)

    @precondition(lambda self: (self.cache / FILE).exists())
    @rule(chance=st.integers(0, 99))
    def damage_the_cache(self, chance: int) -> None:
        data = bytearray((self.cache / FILE).read_bytes())
        own = random.Random(chance)
        for _ in range(20):
            data[own.randrange(len(data))] ^= 0xFF
        (self.cache / FILE).write_bytes(data[: own.choice([len(data), len(data) // 2])])

    @rule()
    def die_half_way(self) -> None:
        """What a run that was killed leaves beside the output."""
        for name in (".out.run/new-x/articles/half.md", ".out.run/lock", ".out.tmp-x/12", ".out.tmp-x/lock"):
            (self.place / name).parent.mkdir(parents=True, exist_ok=True)
            (self.place / name).write_text("article-cleaner 1\n")

    @rule()
    def run(self) -> None:
        before = tree(self.sources)
        pipeline.run([self.sources], self.out, OPTIONS, cache_folder=self.cache)
        pipeline.run([self.sources], self.place / "fresh", OPTIONS)
        assert tree(self.out) == tree(self.place / "fresh")
        assert verify(self.out, [self.sources]) == []
        assert tree(self.sources) == before
        # What waits on disk goes with the last who holds the report.
        gc.collect()
        assert {path.name for path in self.place.iterdir()} <= {"in", "out", "fresh", "cache"}

    def teardown(self) -> None:
        if self.sources.is_dir():
            self.run()
        self.patch.undo()
        shutil.rmtree(self.place)


TestFolder = FolderMachine.TestCase
TestFolder.settings = settings(settings.get_profile("local"), max_examples=12, stateful_step_count=10)
