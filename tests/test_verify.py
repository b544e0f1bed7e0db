"""What `verify` promises: it holds on what `clean` wrote, and sees every change of it."""

from __future__ import annotations

import bz2
import gzip
import json
import random
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

import cleaner
from cleaner.folders import UsageError
from cleaner.model.options import Options
from cleaner.stages.propose import MAX_BUCKET
from cleaner.verification import sources, verify
from cleaner.verification.account import read_account
from cleaner.verification.laws import _words_of_markup
from cleaner.verification.markdown import plain_inline, said_by
from cleaner.verification.pages import text_runs
from cleaner.verification.pairs import _is_near_enough
from cleaner.verification.pieces import Misformed, pieces_of
from cleaner.verification.sources import MAX_HELD, Sources

SHARED = Path(__file__).parents[1].parent / "shared"
SEEDS = Path(__file__).parents[1] / "seeds"

HARBOUR = [
    "The harbour board voted on Tuesday to dredge the northern channel before the winter storms arrive.",
    "Two of the nine members spoke against the plan, which they called a costly answer to a small question.",
    "Fishermen have complained since spring that the channel can no longer be entered at low water.",
    "The dredger will be hired from a yard at Tolvik, because the town sold its own boat eleven years ago.",
    "Work should begin in the first week of October and last until the end of that month.",
    "The mud will be taken out to sea, and not to the marsh where it was left the last time.",
]
ORCHARD = [
    "Nobody had counted the pear trees of the Marl valley since the railway closed its last station.",
    "In June a schoolteacher and her pupils walked every lane with a map and a ball of red wool.",
    "They found four hundred and eleven trees, of which thirty bear a fruit that no book describes.",
    "A nursery near the old mill has offered to raise cuttings from each of the thirty for nothing.",
    "The children have named the sweetest one after the headmaster, who is said to be touched.",
]
TRAMS = [
    "Line seven will be extended to the hospital by the spring of next year, the transport office says.",
    "The new track runs for two kilometres along the canal and crosses it on a bridge of steel.",
    "Residents of the canal houses had asked for a tunnel, which was found to cost three times as much.",
    "Trams are to leave every eight minutes by day and every twenty minutes after ten in the evening.",
    "A day ticket will go on costing what it does, but the monthly pass becomes a little dearer.",
]


def write_world(folder: Path) -> Path:
    """A folder of sources in every format, with all that the ledger has to account for."""
    (folder / "wire").mkdir(parents=True)
    files: dict[str, str | bytes] = {
        "harbour.txt": "\n".join(
            [*HARBOUR[1:4], "Harbour to be dredged", " ".join(HARBOUR[:3]) + HARBOUR[3], " ".join(HARBOUR[4:])]
        )
        + "\n\nSubscribe to our newsletter\n",
        "cafe.txt": "The cafe by the lock\n\n"
        + "The Café Müller opens at six, some\u200bbody said, and closes when the last guest has gone home. ".encode().decode(
            "cp1252"
        )
        + "Its bread comes from a bakery across the water & is carried over by boat every morning.\n",
        "orchard.md": "---\ntitle: The pears of the Marl valley\nauthor: Ann Orr\ndate: 2026-05-01\n---\n\n# The pears of the Marl valley\n\n"
        + f"{ORCHARD[0]} **{ORCHARD[1][:-1]}**. [A map](https://marl.example/map) was drawn.\n\n{ORCHARD[2]}\n\n## The varieties\n\n"
        + "1. Red winter, good for *baking* &amp; drying\n2. The `Headmaster`, sweet\n   - a little late\n\n> We eat what we find.\n\n"
        + "| Lane | Trees |\n| --- | --- |\n| Mill | 120 |\n| Church \\* | 291 |\n\n```\nlane  trees\n```\n\n"
        + f"{ORCHARD[3]} {ORCHARD[4]}\n",
        "page.html": "<!doctype html><html><head><title>Trams to the hospital</title><style>p{}</style></head><body><nav><a href='/'>Home</a></nav>"
        + f"<article><h1>Trams to the hospital</h1><p>{TRAMS[0]} {TRAMS[1]}</p><p>{TRAMS[2]} It is a <b>long</b> story &mdash; almost.</p>"
        + f"<ul><li>{TRAMS[3]}</li><li>{TRAMS[4]}</li></ul></article><script>var a = '<p>';</script><footer>About us</footer></body></html>",
        "wrapped.json": json.dumps(
            {
                "id": 7,
                "title": "Bread & boats",
                "body_md": "# Bread & boats\n\n" + " ".join(HARBOUR[3:]) + "\n\nMore **tomorrow**.",
                "x/y": "other",
            }
        ),
        "feed.json": json.dumps(
            {
                "items": [
                    {
                        "title": "First",
                        "content_html": f"<p>{ORCHARD[1]} {TRAMS[3]}</p><p>{HARBOUR[4]} {ORCHARD[4]}</p>",
                    },
                    {"title": "None"},
                ]
            }
        ),
        "wire/two.jsonl": json.dumps(
            {"title": "On pears", "text": " ".join([ORCHARD[0], ORCHARD[3], TRAMS[0]]), "author": ["B. Hale"]}
        )
        + "\n\n"
        + json.dumps({"text": "\n\n".join([TRAMS[1], HARBOUR[0], ORCHARD[2]]), "nested": {"a": ["one", 2, "three"]}})
        + "\n",
        "wire/near.txt": "Harbour is to be dredged\n\n"
        + "\n\n".join([" ".join(HARBOUR[:3]), " ".join(HARBOUR[3:])[:-33] + ".", "One sentence stands here alone."]),
        "wire/packed.jsonl.gz": gzip.compress(
            json.dumps({"text": " ".join(TRAMS[2:] + HARBOUR[:2])}).encode(), mtime=0
        ),
        "wire/sixteen.txt": ("Night work on the canal\n\n" + " ".join([TRAMS[1], ORCHARD[1], HARBOUR[5]])).encode(
            "utf-16"
        ),
        "wire/packed.txt.bz2": bz2.compress(
            ("Wool and maps\n\n" + " ".join([ORCHARD[1], HARBOUR[2], TRAMS[4]])).encode()
        ),
        "broken.json": '{"body": "never closed',
        ".hidden": "not read",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sources and the output of a small world, not to be changed."""
    folder = tmp_path_factory.mktemp("world")
    sources, output = write_world(folder / "sources"), folder / "out"
    cleaner.clean(sources, output)
    return sources, output


def test_it_holds_on_a_world_of_every_format(world: tuple[Path, Path]) -> None:
    sources, output = world
    assert verify(output, [sources]) == []
    assert verify(output) == []


def test_the_world_has_what_is_to_be_checked(world: tuple[Path, Path]) -> None:
    _, output = world
    summary = json.loads((output / "report.json").read_bytes())["summary"]
    assert 0 not in (summary["duplicates"], summary["repeats"], summary["failed"])
    assert {"TXT001", "TXT009", "markup"} <= set(summary["edits"])
    assert {"DUP001", "TXT002", "metadata", "not-article", "markup"} <= set(summary["characters"]["dropped"])


def test_it_holds_on_our_seeds(tmp_path: Path) -> None:
    cleaner.clean(SEEDS, tmp_path / "out")
    assert verify(tmp_path / "out", [SEEDS]) == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared corpus is not on this machine")
def test_it_holds_on_the_shared_seeds(tmp_path: Path) -> None:
    cleaner.clean(SHARED / "seeds", tmp_path / "out")
    assert verify(tmp_path / "out", [SHARED / "seeds"]) == []


def test_it_holds_on_what_was_cleaned_twice(world: tuple[Path, Path], tmp_path: Path) -> None:
    _, output = world
    cleaner.clean(output / "articles", tmp_path / "again")
    assert verify(tmp_path / "again", [output / "articles"]) == []


def test_it_holds_on_a_crowd_of_one_headline(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    for number in range(MAX_BUCKET + 2):
        told = " ".join(f"Station {number * 31 + word} measured {number * 17 + word} degrees." for word in range(5))
        (sources / f"{number:03}.md").write_text(
            f"---\ntitle: The weather of the day\n---\n\n{told}\n", encoding="utf-8"
        )
    report = cleaner.clean(sources, tmp_path / "out").report
    assert report["method"]["crowds"]
    assert verify(tmp_path / "out", [sources]) == []


def test_it_holds_on_copies_whose_lines_end_without_a_mark_and_on_joiners(tmp_path: Path) -> None:
    persian = [
        "حداقل عرض دکمه\u200cهای داخل جعبه",
        "این پرچم\u200cها پیش از راه\u200cاندازی برنامه خوانده می\u200cشوند",
        "جریان منبع از قبل بسته شده است",
    ]
    latin = [
        "What the ferry carries on a day in summer",
        "four hundred bicycles and a single hearse",
        "all of the mail that comes to the islands",
    ]
    folder = tmp_path / "in"
    folder.mkdir()
    for name, lines in (("persian", persian), ("latin", latin)):
        (folder / f"{name}.md").write_text("\n\n".join(f"- {line}" for line in lines), encoding="utf-8")
        (folder / f"{name}.txt").write_text(" ".join(lines) + "\n", encoding="utf-8")
    cleaner.clean([folder], tmp_path / "out", Options(min_document_tokens=10))
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert [pair["relation"] for pair in report["pairs"]] == ["exact", "exact"]
    assert verify(tmp_path / "out", [folder]) == []


def test_names_that_two_folders_share_are_told_apart(tmp_path: Path) -> None:
    for number, folder in enumerate(("one/in", "two/in", "three/other")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "same#1.txt").write_text(" ".join((HARBOUR, ORCHARD, TRAMS)[number]))
    roots = [tmp_path / "one/in", tmp_path / "two/in", tmp_path / "three/other"]
    cleaner.clean(roots, tmp_path / "out")
    assert verify(tmp_path / "out", roots) == []
    (tmp_path / "two/in/same#1.txt").write_text(" ".join(HARBOUR))
    assert [problem.rule for problem in verify(tmp_path / "out", roots)][:1] == ["PRV001"]


def test_names_that_a_record_has_too_are_told_apart(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    lines = "".join(json.dumps({"text": " ".join(text)}) + "\n" for text in (HARBOUR, ORCHARD))
    (seeds / "d.jsonl").write_text(lines)
    (seeds / "d.jsonl#2").write_text(" ".join(TRAMS))
    with zipfile.ZipFile(seeds / "d.zip", "w") as archive:
        # In either order.
        archive.writestr(
            "a.jsonl#1",
            "The signal box was sold to a baker, who keeps his flour in it and looks out for trains that no longer come.",
        )
        archive.writestr(
            "a.jsonl",
            json.dumps(
                {
                    "text": "The lock keeper counts the boats by ear at night, and in the morning the book and the toll agree to a penny."
                }
            ),
        )
        archive.writestr(
            "d/" * 3000 + "deep.txt",
            "Nobody had opened the chapel in the wood for years, and the owls had the pulpit, the organ and the bell.",
        )
    found = cleaner.clean(seeds, tmp_path / "out").report
    named = [source["source"][:14] for source in found["sources"]]
    assert named == ["d.jsonl#1", "d.jsonl#2", "d.jsonl#2~2", "d.zip/a.jsonl#", "d.zip/a.jsonl~", "d.zip/d/d/d/d/"]
    assert verify(tmp_path / "out", [seeds]) == []


def test_an_archive_is_opened_once_for_all_of_its_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(3 * sources.MAX_OPEN):
            archive.writestr(f"{number}.txt", f"The boat number {number} left the harbour at {number} past seven.")
    opened: list[str] = []
    made = sources._File
    monkeypatch.setattr(sources, "_File", lambda name, stream: opened.append(name) or made(name, stream))
    found = sources.Sources([tmp_path])
    for number in range(3 * sources.MAX_OPEN):
        found._file(tmp_path / "a.zip", f"{number}.txt")
    found.close()
    assert opened.count("a.zip") == 1


def test_a_source_that_is_missing_is_a_problem(world: tuple[Path, Path], tmp_path: Path) -> None:
    sources, output = world
    shutil.copytree(sources, tmp_path / "sources")
    (tmp_path / "sources" / "orchard.md").unlink()
    problems = verify(output, [tmp_path / "sources"])
    assert {(problem.rule, problem.source) for problem in problems} == {("PRV001", "orchard.md")}


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        "{",
        "[]",
        '{"tool": {"name": "other"}, "version": 1}',
        '{"tool": {"name": "article-cleaner"}, "version": 2}',
    ],
)
def test_what_is_not_ours_cannot_be_checked(tmp_path: Path, manifest: str | None) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(UsageError):
        verify(tmp_path)


def test_a_source_folder_that_does_not_exist_is_a_wrong_use(world: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        verify(world[1], [tmp_path / "nowhere"])


# -- tampering --

Path_ = tuple[str | int, ...]

# Values that say nothing of which characters come from where, or a claim that is weaker but still true; all of them are kept by the manifest's hashes, and
# only a forger who mends those too can change them unseen.
NEUTRAL = (
    # How sure extraction was of the page: no other witness tells it.
    r"provenance/confidence",
    # Words for people, how far a finding goes behind the place that is named, and how long a passage is that removed nothing.
    r"report/problems/\d+/message",
    r"report/problems/\d+/span/end",
    r"report/clusters/\d+/(members/\d+/)?(why|title|date|updated|words)",
    r"report/meant_repeats/\d+/why",
    # What a person is shown of texts and edits; provenance tells of all of them, and is checked.
    r"report/(comparisons|texts|traces|samples)(/.*)?",
    r"report/pairs/\d+/passage_words",
    # A repeat that is meant was not dropped: without its entry, or with a smaller one, nothing is claimed.
    r"report/meant_repeats.*",
    # "At least so similar" stays true for a little less.
    r"report/repeats/\d+/similarity",
)


def leaves(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The paths of all members and items of a JSON value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from leaves(member, (*path, name))


def parent_of(value: Any, path: Path_) -> Any:
    for step in path[:-1]:
        value = value[step]
    return value


def changed(value: Any, rng: random.Random) -> Any:
    """Another value of the same type; of a list or an object, one without one of its members."""
    match value:
        case bool():
            return not value
        case int():
            return value + rng.choice((-3, -2, -1, 1, 2, 3))
        case float():
            return round(value + rng.choice((-0.25, -0.01, 0.01)), 4)
        case str():
            at = rng.randrange(len(value) + 1)
            return value[:at] + rng.choice("aeiou019") + value[at + rng.randrange(2) :]
        case list():
            at = rng.randrange(len(value)) if value else 0
            return value[:at] + value[at + 1 :] if value else [*value, 1]
        case _:
            return None


def write_json(path: Path, value: Any) -> None:
    """Write a value as `clean` does, so that only what it says has changed."""
    style = orjson.OPT_INDENT_2 if path.name in ("manifest.json", "report.json") else 0
    path.write_bytes(orjson.dumps(value, option=style | orjson.OPT_APPEND_NEWLINE))


def mutate_json(name: str, path: Path, rng: random.Random) -> str:
    """Change one value of a JSON file, whichever; what was changed, or nothing where the change is neutral."""
    found = json.loads(path.read_bytes())
    at = rng.choice(list(leaves(found)))
    place = "/".join(map(str, (name, *at)))
    holder = parent_of(found, at)
    before = holder[at[-1]]
    if rng.random() < 0.15 and isinstance(holder, dict):
        del holder[at[-1]]
    else:
        holder[at[-1]] = changed(before, rng)
    after = holder.get(at[-1]) if isinstance(holder, dict) else holder[at[-1]]
    if before == after or any(re.fullmatch(pattern, place) for pattern in NEUTRAL):
        return ""
    write_json(path, found)
    return f"{path.name} {place}: {before!r:.60} -> {after!r:.60}"


def mutate_provenance(output: Path, rng: random.Random) -> str:
    return mutate_json("provenance", rng.choice(sorted((output / "provenance").iterdir())), rng)


def mutate_report(output: Path, rng: random.Random) -> str:
    return mutate_json("report", output / "report.json", rng)


def mutate_manifest(output: Path, rng: random.Random) -> str:
    return mutate_json("manifest", output / "manifest.json", rng)


def mutate_row(output: Path, rng: random.Random) -> str:
    """Change one value of one row of the corpus."""
    lines = (output / "corpus.jsonl").read_text().splitlines()
    number = rng.randrange(len(lines))
    (output / "row.json").write_text(lines[number])
    told = mutate_json("row", output / "row.json", rng)
    lines[number] = (output / "row.json").read_text().strip()
    (output / "row.json").unlink()
    (output / "corpus.jsonl").write_text("\n".join(lines) + "\n")
    return told


def mutate_account(output: Path, rng: random.Random) -> str:
    """One of the changes that a forger of a ledger would think of."""
    path = rng.choice(sorted((output / "provenance").iterdir()))
    found = json.loads(path.read_bytes())
    kind = rng.choice(
        (
            "segment gone",
            "loss gone",
            "op",
            "rule",
            "span",
            "kept_at",
            "kept_at gone",
            "loss twice",
            "swap",
            "whole copy",
        )
    )
    segments, losses = found["segments"], found["dropped"]
    copies = [loss for loss in losses if "kept_at" in loss]
    segment, loss = rng.choice(segments), rng.choice(losses or [{}])
    match kind:
        case "segment gone":
            segments.remove(segment)
        case "loss gone" | "rule" | "span" | "loss twice" if not losses:
            return ""
        case "loss gone":
            losses.remove(loss)
        case "op":
            segment["op"] = rng.choice([op for op in ("copy", "edit", "insert") if op != segment["op"]])
        case "rule":
            loss["rule"] = rng.choice(
                [
                    rule
                    for rule in ("markup", "metadata", "DOC004", "DUP001", "DUP004", "TXT002")
                    if rule != loss["rule"]
                ]
            )
        case "span":
            loss["span"] = [loss["span"][0] + rng.choice((-1, 1)), loss["span"][1]]
        case "kept_at" if copies:
            at = rng.choice(copies)["kept_at"]
            shift = rng.randrange(30, 90)
            at[:] = [at[0] + shift, at[1] + shift]
        case "kept_at gone" if copies:
            del rng.choice(copies)["kept_at"]
        case "loss twice":
            losses.insert(losses.index(loss), dict(loss))
        case "swap" if len(segments) > 1:
            first = rng.randrange(len(segments) - 1)
            segments[first], segments[first + 1] = segments[first + 1], segments[first]
        case "whole copy" if len(segments) > 1:
            segments[:] = [
                {
                    "out": [0, segments[-1]["out"][1]],
                    "source": 0,
                    "span": [0, segments[-1]["out"][1]],
                    "op": "copy",
                    "rules": [],
                }
            ]
        case _:
            return ""
    write_json(path, found)
    return f"{path.name}: {kind} {loss if 'loss' in kind or kind in ('rule', 'span') else segment}"


def mutate_article(output: Path, rng: random.Random) -> str:
    """Change, add or drop one character of an article, other than white space and the marks of emphasis, which are no words."""
    path = rng.choice(sorted((output / "articles").iterdir()))
    text = path.read_text()
    at = rng.choice([number for number, char in enumerate(text) if char.isalnum() and not in_target(text, number)])
    new = rng.choice(("", "x", "x" + text[at]))
    path.write_text(text[:at] + new + text[at + 1 :])
    return f"{path.name} at {at}: {text[at - 8 : at + 8]!r}, {text[at]!r} -> {new!r}" if new != text[at] else ""


def in_target(text: str, at: int) -> bool:
    """Whether a character is one of a link's target or of a code block's language: of these no span is recorded."""
    return any(
        match.start() <= at < match.end() for match in re.finditer(r"\]\([^)]*\)|^ *```\w*$", text, re.MULTILINE)
    )


def mutate_text(output: Path, rng: random.Random) -> str:
    """Change one character of a text, and all the hashes of it, in every place that names them."""
    rows = [json.loads(line) for line in (output / "corpus.jsonl").read_text().splitlines()]
    row = rng.choice(rows)
    at = rng.randrange(len(row["text"]))
    old = sha256(row["text"].encode()).hexdigest()
    row["text"] = row["text"][:at] + ("x" if row["text"][at] != "x" else "y") + row["text"][at + 1 :]
    new = sha256(row["text"].encode()).hexdigest()
    (output / "corpus.jsonl").write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in rows))
    for path in output.rglob("*.*"):
        if path.suffix in (".json", ".jsonl", ".md"):
            path.write_text(path.read_text().replace(old, new).replace(old[:16], new[:16]))
    return f"{row['metadata']['article']}: the text at {at}"


def mutate_files(output: Path, rng: random.Random) -> str:
    """Add, drop, swap or rename a file."""
    files = sorted(path for path in output.rglob("*.*") if path.is_file() and path.name != "manifest.json")
    one, other = rng.sample(files, 2)
    match rng.choice(("add", "drop", "swap", "rename")):
        case "add":
            (one.parent / "added.md").write_text("x")
            return f"{one.parent}: a file added"
        case "drop":
            one.unlink()
            return f"{one} dropped"
        case "swap":
            first, second = one.read_bytes(), other.read_bytes()
            one.write_bytes(second)
            other.write_bytes(first)
            return f"{one} and {other} swapped"
        case _:
            one.rename(one.with_name("renamed" + one.suffix))
            return f"{one} renamed"


def mutate_byte(output: Path, rng: random.Random) -> str:
    """Change one byte of any file but the manifest."""
    path = rng.choice(sorted(path for path in output.rglob("*.*") if path.is_file() and path.name != "manifest.json"))
    data = bytearray(path.read_bytes())
    at = rng.randrange(len(data))
    data[at] ^= 1 << rng.randrange(7)
    path.write_bytes(data)
    return f"{path.name}: byte {at}"


def rehash(output: Path) -> None:
    """Make the manifest's hashes those of the files as they are now, so that only the deeper checks can see what was changed."""
    path = output / "manifest.json"
    manifest = json.loads(path.read_bytes())
    for entry in manifest["outputs"]:
        place = output / entry["path"]
        if place.is_file():
            entry.update(sha256=sha256(place.read_bytes()).hexdigest(), bytes=place.stat().st_size)
    write_json(path, manifest)


# Each with whether the manifest's hashes can be mended after it: those of files that are gone, or bytes of a page that only people read, can't.
MUTATIONS: tuple[tuple[Callable[[Path, random.Random], str], bool], ...] = (
    (mutate_provenance, True),
    (mutate_account, True),
    (mutate_article, True),
    (mutate_row, True),
    (mutate_text, True),
    (mutate_report, True),
    (mutate_manifest, False),
    (mutate_files, False),
    (mutate_byte, False),
)


def test_a_file_that_is_written_again_as_it_was_is_no_forgery(world: tuple[Path, Path], tmp_path: Path) -> None:
    """The control of the test below: what it sees is the change, and not that a file was written."""
    sources, output = world
    copy = tmp_path / "out"
    shutil.copytree(output, copy)
    for path in copy.rglob("*.json"):
        write_json(path, json.loads(path.read_bytes()))
    rehash(copy)
    assert verify(copy, [sources]) == []


@pytest.mark.parametrize("name", ["manifest.json", "report.json", "corpus.jsonl", "provenance"])
@pytest.mark.parametrize("how", ["white space", "a member twice", "another order"])
def test_json_that_reads_alike_but_is_written_otherwise_is_seen(
    world: tuple[Path, Path], tmp_path: Path, name: str, how: str
) -> None:
    """Two readers may take such a file for two things."""
    sources, output = world
    copy = tmp_path / "out"
    shutil.copytree(output, copy)
    path = copy / name
    path = sorted(path.iterdir())[0] if path.is_dir() else path
    text = path.read_text()
    if name != "manifest.json":
        path.write_text(rewritten(text, how))
        rehash(copy)
    else:
        path.write_text(rewritten(text, how))
    assert path.read_text() != text
    assert is_seen(copy, sources)


def rewritten(text: str, how: str) -> str:
    """A JSON text whose first object is written otherwise, with the same meaning."""
    match how:
        case "white space":
            return text.replace(":", " :", 1)
        case "a member twice":
            member = re.match(r"\{(\s*\"\w+\": ?(?:\"[^\"]*\"|\d+)),", text)
            assert member
            return "{" + member[1] + "," + text[1:]
        case _:
            first, rest = text.split("\n", 1) if text.startswith('{"') else (text, "")
            value = json.loads(first)
            name = next(iter(value))
            value[name] = value.pop(name)
            lines = orjson.dumps(value, option=0 if rest or first.startswith('{"') else orjson.OPT_INDENT_2).decode()
            return f"{lines}\n{rest}"


@pytest.mark.parametrize(("mutate", "can_rehash"), MUTATIONS, ids=lambda value: getattr(value, "__name__", None))
def test_every_change_of_the_output_is_seen(
    world: tuple[Path, Path], tmp_path: Path, mutate: Callable[[Path, random.Random], str], can_rehash: bool
) -> None:
    sources, output = world
    unseen = []
    made = 0
    for seed in range(80):
        rng = random.Random(seed)
        copy = tmp_path / "out"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(output, copy)
        told = mutate(copy, rng)
        if not told:
            continue
        made += 1
        if can_rehash and seed % 2:
            rehash(copy)
        if not is_seen(copy, sources):
            unseen.append(f"{seed}: {told}")
    assert unseen == []
    assert made >= 20


def is_seen(output: Path, sources: Path) -> bool:
    try:
        return bool(verify(output, [sources]))
    except UsageError:
        return True


@pytest.mark.parametrize("how", ["words", "moved", "cut", "turned round", "another string"])
def test_passages_that_are_not_in_common_are_seen(world: tuple[Path, Path], tmp_path: Path, how: str) -> None:
    sources, output = world
    shutil.copytree(output, tmp_path / "out")
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    passage = next(entry["passages"][0] for entry in report["comparisons"] if entry["passages"])
    assert passage["words"] > 20
    span = passage["other"]
    match how:
        case "words":
            passage["words"] *= 2
        case "moved":
            span.update(start=0, end=40)
        case "cut":
            passage["kept"]["start"] = passage["kept"]["end"] - 60
        case "turned round":
            span.update(start=span["end"], end=span["start"])
        case _:
            span["pointer"] = "/none"
    write_json(tmp_path / "out" / "report.json", report)
    rehash(tmp_path / "out")
    told = [problem for problem in cleaner.verify(tmp_path / "out", [sources]) if "in common" in problem.message]
    assert [problem.rule for problem in told] == ["PRV003"]


def test_every_change_of_a_source_is_seen(world: tuple[Path, Path], tmp_path: Path) -> None:
    sources, output = world
    read = sorted(path for path in sources.rglob("*.*") if path.is_file() and not path.name.startswith("."))
    unseen = []
    for seed in range(60):
        rng = random.Random(seed)
        copy = tmp_path / "sources"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(sources, copy)
        path = copy / rng.choice(read).relative_to(sources)
        data = bytearray(path.read_bytes())
        at = rng.randrange(len(data))
        data[at] = data[at] ^ 1
        path.write_bytes(data)
        if not verify(output, [copy]):
            unseen.append(f"{seed}: {path.name} at {at}")
    assert unseen == []


def test_a_change_of_a_source_is_seen_when_its_hash_is_forged(world: tuple[Path, Path], tmp_path: Path) -> None:
    """A letter of a source changed, and its hash wherever one stands: the text no longer follows from it."""
    sources, output = world
    unseen = []
    for seed, name in enumerate(("harbour.txt", "orchard.md", "page.html", "wire/near.txt", "cafe.txt") * 4):
        rng = random.Random(seed)
        for folder in ("sources", "out"):
            shutil.rmtree(tmp_path / folder, ignore_errors=True)
        shutil.copytree(sources, tmp_path / "sources")
        shutil.copytree(output, tmp_path / "out")
        path = tmp_path / "sources" / name
        old = path.read_text()
        words = [match for match in re.finditer(r"[a-z]{6,}(?=[^<>]*(?:<|$))", old) if match.start() > old.find("<h1>")]
        at = rng.choice(words).start() + 2
        new = old[:at] + "q" + old[at + 1 :]
        path.write_text(new)
        for place in (tmp_path / "out").rglob("*.json"):
            place.write_text(
                place.read_text().replace(sha256(old.encode()).hexdigest(), sha256(new.encode()).hexdigest())
            )
        rehash(tmp_path / "out")
        kept = old[at] != "q" and not is_dropped(output, name, at)
        if kept and not is_seen(tmp_path / "out", tmp_path / "sources"):
            unseen.append(f"{seed}: {name} at {at}: {old[at - 20 : at + 20]!r}")
    assert unseen == []


def is_dropped(output: Path, name: str, at: int) -> bool:
    """Whether a character of a source is in no article: nothing says what was there, but the hash of the source."""
    for path in (output / "provenance").iterdir():
        account = json.loads(path.read_bytes())
        numbers = [number for number, origin in enumerate(account["sources"]) if origin["source"] == name]
        if any(loss["source"] in numbers and loss["span"][0] <= at < loss["span"][1] for loss in account["dropped"]):
            return True
    return False


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("provenance", '"confidence":100', '"confidence":99'),
        ("report.json", '"why": "', '"why": "perhaps '),
        ("report.json", "can't be parsed", "can be parsed"),
        ("articles", "title: ", "title: The "),
    ],
)
def test_cleaning_again_sees_what_nothing_else_tells(
    world: tuple[Path, Path], tmp_path: Path, name: str, old: str, new: str
) -> None:
    sources, output = world
    copy = tmp_path / "out"
    shutil.copytree(output, copy)
    path = next(
        path
        for path in (sorted((copy / name).iterdir()) if (copy / name).is_dir() else [copy / name])
        if old in path.read_text()
    )
    path.write_text(path.read_text().replace(old, new, 1))
    rehash(copy)
    problems = verify(copy, [sources], again=True)
    place = path.relative_to(copy).as_posix()
    assert any(problem.source == place and "again" in problem.message for problem in problems)


def test_cleaning_again_gives_the_same(world: tuple[Path, Path]) -> None:
    sources, output = world
    assert verify(output, [sources], again=True) == []
    with pytest.raises(UsageError, match="--sources"):
        verify(output, again=True)


def test_what_another_version_wrote_is_not_cleaned_again(world: tuple[Path, Path], tmp_path: Path) -> None:
    sources, output = world
    shutil.copytree(output, tmp_path / "out")
    for path in (tmp_path / "out" / "manifest.json", tmp_path / "out" / "report.json"):
        path.write_text(path.read_text().replace(f'"version": "{cleaner.__version__}"', '"version": "0.0.1"', 1))
    with pytest.raises(UsageError, match="version"):
        verify(tmp_path / "out", [sources], again=True)


# -- the parts that read --


def test_pieces_are_the_file(world: tuple[Path, Path]) -> None:
    """Put together again, the pieces say what a JSON reader reads."""
    _, output = world
    for name in ("manifest.json", "report.json"):
        found: dict[str, Any] = {}
        for piece in pieces_of(output / name):
            if piece.in_list:
                found.setdefault(piece.name, []).append(piece.value)
            else:
                found[piece.name] = piece.value
        assert found == json.loads((output / name).read_bytes())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{\n",
        "{\n}\n",
        '{\n  "a": 1\n',
        '{\n  "a": 1,\n}\n',
        '{\n  "a": 1\n  "b": 2\n}\n',
        '{\n  "a": 1,\n  "a": 1\n}\n',
        '{\n  "a": 1\n}\n ',
        '{\n  "a": 01\n}\n',
        '{\n  "a": [\n  ]\n}\n',
        '{\n  "a": [\n    1,\n  ]\n}\n',
        '{\n  "a": [\n    1\n    2\n  ]\n}\n',
        '{\n  "a": [\n    {\n      "b": 1,\n      "b": 2\n    }\n  ]\n}\n',
        '{\n  "a": [\n    1\n',
    ],
)
def test_a_file_that_is_not_in_its_form(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(Misformed):
        list(pieces_of(tmp_path / "x.json"))


@pytest.mark.parametrize(
    ("page", "runs"),
    [
        ("<p>a<br>b</p>", ["a", "b"]),
        ("a <!-- no > --> b", ["a ", " b"]),
        ("<!-->a<!--->b<!-- c", ["a", "b"]),
        ("<script>if (a < b) '</p>'</script>c", ["c"]),
        ("<title>a <b></title>d", ["a <b>", "d"]),
        ("<a title='x > y' b=\"</a>\" c=d>e</a>", ["e"]),
        ("1 < 2 & <3", ["1 < 2 & <3"]),
        ("<a =b>c</ a>d</>e<", ["c", "d", "e<"]),
        ("<style>never closed <p>a", []),
        ("<a href=x", []),
    ],
)
def test_text_runs(page: str, runs: list[str]) -> None:
    assert [page[start:end] for start, end in text_runs(page)] == runs


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("a *b* **c**", "a b c"),
        (r"2 \* 3 \[x\] \\ \_", r"2 * 3 [x] \ _"),
        ("[a *b*](<x y> ) [c](http://d/e_f)", "a b](<x y> ) c"),
        ("``a ` b`` `` ` ``", "a ` b `"),
        ("one\\\ntwo", "one two"),
    ],
)
def test_plain_inline(markdown: str, plain: str) -> None:
    assert plain_inline(markdown) == plain


@pytest.mark.parametrize(
    ("kind", "lines", "said"),
    [
        ("heading", ["## A b", ""], "A b"),
        ("item", ["  2) a", ""], "a"),
        ("quote", ["> > a\\", "> > b", "> "], "a b"),
        ("code", ["```py", "a  *b*", "", "```", ""], "a *b*"),
        ("row", ["| a | b \\| c |  |", "| --- | --- | --- |"], "a | b | c"),
    ],
)
def test_said_by(kind: str, lines: list[str], said: str) -> None:
    assert said_by(kind, lines) == said


@pytest.mark.parametrize(
    ("kind", "line"), [("heading", "A"), ("paragraph", ""), ("item", "a"), ("code", "a"), ("row", "a"), ("quote", "a")]
)
def test_a_line_that_is_no_such_block(kind: str, line: str) -> None:
    with pytest.raises(ValueError, match=f"no {kind}"):
        said_by(kind, [line])


@pytest.mark.parametrize("space", ["&nbsp;", "&#160;", "&#xa0;", " "])
@pytest.mark.parametrize("is_wrapped", [False, True])
def test_white_space_that_is_written_as_a_reference_parts_words(tmp_path: Path, space: str, is_wrapped: bool) -> None:
    notice = (
        "<p>Please{0}review our{0}<a href='/g'>Neighborly User Guide</a>{0}or{0}call the office in the town hall.</p>"
    )
    told = "".join(f"<p>{sentence}</p>" for sentence in HARBOUR[:3])
    page = f"<html><body><article><h1>Harbour</h1>{told}{notice.format(space)}<p>{HARBOUR[3]}</p>{notice.format(space)}</article></body></html>"
    (tmp_path / "in").mkdir()
    if is_wrapped:
        (tmp_path / "in/page.json").write_text(json.dumps({"title": "Harbour", "body_html": page}))
    else:
        (tmp_path / "in/page.html").write_text(page)
    cleaner.clean(tmp_path / "in", tmp_path / "out")
    assert len(json.loads((tmp_path / "out/report.json").read_bytes())["repeats"]) == 1
    assert verify(tmp_path / "out", [tmp_path / "in"]) == []


def element_page(said: str) -> str:
    """A page of a manual: a table whose cells are links, with no space beside its borders that is not markup's too."""
    return (
        f"# Said (bellType) Element\n\nContains the {said} of a bell in the list that the harbour office sends to every ship.\n\n"
        "The **Said** element is defined by the [**bellType**](bells-belltype-complextype.md) complex type.\n\n## Parent element\n\n"
        "| Element | Derived from | Description |\n|---|---|---|\n"
        '| [**Bell**](bells-bell-element.md) | [**bellType**](bells-belltype.md "type of a bell") | **Contains** `one` bell. <br/> |\n'
        "| [**Buoy**](bells-buoy-element.md) | [**buoyType**](bells-buoytype.md) | [**Lights**](bells-light.md) *or* [**whistles**](bells-whistle.md) |\n\n"
        "|Return value|Description|\n|-|-|\n|E_DROWNED|`null` was given for *bell*.|\n|E_MOORED|**Null** argument|\n\n"
        "<table><thead><tr><th >Value</th><th >Meaning</th></tr></thead><tbody><tr><td>7</td><td>Fog<br/>Night</td></tr></tbody></table>\n\n"
        "| Signal | Use |\n|---|---|\n| All | Any of these:<ul><li>E_DROWNED</li><li>E_MOORED</li></ul>See the list. |\n\n"
        "<Table><Tr><Td>One</Td><Td>Two</Td></Tr></Table>\n\n"
        "Asked for as &lt;bell&gt; by some.\n\n"
        "## Requirements\n\nThe office must have registered the ship before its bells can be told to those that sail with it in one convoy.\n"
    )


def clean_near(folder: Path, long: str, short: str) -> dict[str, Any]:
    """Two Markdown files of a folder cleaned, of which one is a near-duplicate of the other; the pair."""
    (folder / "in").mkdir()
    (folder / "in/long.md").write_text(long)
    (folder / "in/short.md").write_text(short)
    cleaner.clean(folder / "in", folder / "out")
    pair: dict[str, Any]
    (pair,) = json.loads((folder / "out/report.json").read_bytes())["pairs"]
    assert pair["relation"] == "near"
    return pair


def test_the_cells_of_a_dropped_table_are_words_apart(tmp_path: Path) -> None:
    """The cells of a table and the words that markup stands around are told apart where only the markup and a border part them."""
    clean_near(tmp_path, element_page("name"), element_page("tone"))
    assert verify(tmp_path / "out", [tmp_path / "in"]) == []


def test_an_ampersand_in_dropped_code_is_no_reference(tmp_path: Path) -> None:
    """A page may write `&para` without a semicolon for a sign of its own; Markdown may not, and the addresses of C stand in its code."""
    page = (
        "# Waiting for the bell\n\nThe harbour tells each ship of its {0} in a list of events that it keeps for a day, and takes back what nobody has asked for.\n\n"
        "```c\nwhile (told(bell->next(&code, &param1, &param2, 0)))\n{{\n    bell->free(code, param1, param2);\n}}\n```\n\n"
        "The two parameters belong to whoever asks for them, and are given back when the ship has passed the light at the end of the mole.\n"
    )
    clean_near(tmp_path, page.format("bells"), page.format("buoys"))
    assert verify(tmp_path / "out", [tmp_path / "in"]) == []


def test_short_texts_are_near_at_a_lower_similarity_and_no_others_are(tmp_path: Path) -> None:
    """The similarity that makes few words apart enough is no excuse for a pair that it did not relate."""
    page = (
        "# Length of a rope\n\nFor the pilots of the outer harbour, says {0}.\n\n## Kept by\n\nOnly the office of the harbour master on the northern quay keeps it.\n\n"
        "## Asked for by\n\nShips that come in by night, and those that wait for the lock to be opened, may ask for it.\n"
    )
    pair = clean_near(tmp_path, page.format("how long they have to be for ships"), page.format("what length it has"))
    options = asdict(Options())
    assert pair["similarity"] < 0.9
    assert verify(tmp_path / "out", [tmp_path / "in"]) == []
    assert _is_near_enough(pair, options, 100)
    assert not _is_near_enough(pair, options, 1000)
    assert not _is_near_enough({**pair, "similarity": 0.84}, options, 20)
    assert not _is_near_enough({**pair, "jaccard": 0.54}, options, 20)


@pytest.mark.parametrize(
    ("markup", "is_silent"),
    [
        ('<a href="https://find.example/?q=<strong>bells</strong>">', True),
        ("<a title='x > y' href=/z>", True),
        ("<img alt=bells>", True),
        ("</a>", True),
        ('<a href="https://find.example/">bells</a>', False),
        ('<a href="x">bells "and" buoys', False),
        ('<a href="x>bells', False),
        ("<b>bells</b>", False),
        ("a <b", False),
    ],
)
def test_a_tag_says_nothing_to_its_end_and_what_follows_it_does(markup: str, is_silent: bool) -> None:
    """A quoted value of an attribute ends at its quote, whatever signs of tags stand in it."""
    assert _words_of_markup("markdown", markup) == ("" if is_silent else markup)


def test_a_link_with_a_tag_in_its_address_is_markup(tmp_path: Path) -> None:
    told = " ".join(HARBOUR)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/page.md").write_text(
        f'# Bells\n\n{told}\n\nAsk the <a href="https://find.example/?q=<strong>bells</strong>"><strong>bell</strong></a> keeper for the list.\n'
    )
    cleaner.clean(tmp_path / "in", tmp_path / "out")
    assert verify(tmp_path / "out", [tmp_path / "in"]) == []


def test_it_can_be_called_from_the_package(world: tuple[Path, Path]) -> None:
    sources, output = world
    assert (
        cleaner.verify(output) == cleaner.verify(str(output), str(sources)) == cleaner.verify(output, [sources]) == []
    )


def test_few_sources_are_held_at_once(world: tuple[Path, Path]) -> None:
    sources, output = world
    found = Sources([sources])
    for path in (output / "provenance").iterdir():
        for origin in read_account(path.read_bytes()).origins:
            assert len(found.text(origin)) == origin.length
            assert len(found.held) <= MAX_HELD
    found.close()


@pytest.mark.parametrize("how", ["count", "example", "text", "missing"])
def test_blocks_that_articles_do_not_share_are_seen(tmp_path: Path, how: str) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    stories = (HARBOUR, ORCHARD, TRAMS)
    for number, story in enumerate(stories):
        lines = [f"Story number {number}", *story, "All that you read here was told to us by those who were there."]
        (folder / f"{number}.txt").write_text("\n\n".join(lines) + "\n")
    cleaner.clean(folder, output)
    assert not list(verify(output))
    report = json.loads((output / "report.json").read_text())
    (entry,) = report["shared"]
    assert entry["documents"] == len(stories)
    if how == "count":
        entry["documents"] = 2
    elif how == "example":
        entry["examples"][0] = "1.txt"
    elif how == "text":
        entry["text"] = "All that you read here was told to us by somebody else altogether."
    else:
        report["shared"] = []
    write_json(output / "report.json", report)
    rehash(output)
    assert any("blocks stand in" in found.message or "is not the block" in found.message for found in verify(output))


@pytest.mark.parametrize("how", ["count", "example", "text", "site", "missing"])
def test_blocks_of_a_site_that_were_not_cut_are_seen(tmp_path: Path, how: str) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number, story in enumerate((HARBOUR, ORCHARD, TRAMS)):
        head = f"---\ntitle: Story number {number}\nurl: https://kestrel.example/{number}\n---\n\n"
        (folder / f"{number}.md").write_text(head + "\n\n".join([*story, "More from the harbour desk"]) + "\n")
    cleaner.clean(folder, output)
    assert not list(verify(output))
    assert not list(verify(output, [folder]))
    report = json.loads((output / "report.json").read_text())
    (entry,) = report["templates"]
    if how == "count":
        entry["articles"] = 4
    elif how == "example":
        entry["examples"][0] = "9.md"
    elif how == "text":
        entry["text"] = "All that you read here was told to us by somebody else altogether."
    elif how == "site":
        entry["site"] = "ferry.example"
    else:
        report["templates"] = []
    write_json(output / "report.json", report)
    rehash(output)
    assert any(
        "was not cut out of" in found.message
        or "can't stand in" in found.message
        or "tells of no block" in found.message
        for found in verify(output, [folder])
    )


def test_a_full_stop_that_is_left_between_repeats_goes_with_them(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    lines = [*HARBOUR[:3], f"{HARBOUR[3]}Better circulation", f". {HARBOUR[4]}Less pain", f". {HARBOUR[5]}", *ORCHARD]
    (folder / "twice.txt").write_text("\n".join(lines * 2) + "\n")
    cleaner.clean(folder, output)
    assert not list(verify(output))
