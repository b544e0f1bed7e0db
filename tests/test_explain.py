"""What `explain` answers: where a line of an article came from, and where a line of a source went."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cleaner
from cleaner.containers.loose import value_at
from cleaner.explanation import Explanation, explain
from cleaner.folders import UsageError
from cleaner.verification.members import members_of, members_on_line

HARBOUR = [
    "The harbour board voted on Tuesday to dredge the northern channel before the winter storms arrive.",
    "Two of the nine members spoke against the plan, which they called a costly answer to a small question.",
    "Fishermen have complained since spring that the channel can no longer be entered at low water.",
    "The dredger will be hired from a yard at Tolvik, because the town sold its own boat eleven years ago.",
    "Work should begin in the first week of October and last until the end of that month.",
    "The mud will be taken out to sea, and not to the marsh where it was left the last time.",
]
PEARS = [
    "Nobody had counted the pear trees of the Marl valley since the railway closed its last station.",
    "In June a schoolteacher and her pupils walked every lane with a map and a ball of red wool.",
    "They found four hundred and eleven trees, of which thirty bear a fruit that no book describes.",
]

SOURCES: dict[str, str] = {
    "harbour.txt": "\n".join([HARBOUR[1], "Harbour to be dredged", " ".join(HARBOUR[:3]), " ".join(HARBOUR[3:])])
    + "\n",
    "near.txt": f"A hired boat for the channel\n{' '.join(HARBOUR[:3])}\n{' '.join(HARBOUR[3:5])}\n",
    "cafe.txt": "The cafe by the lock\n\nThe CafÃ© MÃ¼ller and the CafÃ© Orr open at six, some\u200bbody said, when the lock-keeper comes home.\n",
    "pears.md": f"---\ntitle: Pears\n---\n\n# Pears\n\n{PEARS[0]} See [the map](https://marl.example/).\n\n"
    "- red & small\n\n```\none\ntwo\n```\n\n| Lane | Trees |\n| --- | --- |\n| Mill | 120 |\n",
    "page.html": "<html><head><title>On foot</title></head>\n<body><nav>Home</nav>\n<article><h1>On foot</h1>\n"
    f"<p>{PEARS[1]} It is a <b>long</b> way &mdash; almost.</p>\n<p>{PEARS[2]}</p>\n<p>{HARBOUR[4]}</p></article>\n<footer>About</footer></body></html>",
    "wrapped.json": json.dumps({"title": "Wool", "body_md": f"# Wool\n\n{PEARS[2]}\n\n{HARBOUR[3]}", "other": "x"}),
    "rows.jsonl": json.dumps({"text": f"{PEARS[1]}\n\n{HARBOUR[2]}"})
    + "\n"
    + json.dumps({"text": f"{PEARS[0]}\n\n{HARBOUR[4]}"})
    + "\n",
    "pretty.json": json.dumps(
        {
            "items": [
                {"title": "One", "content_html": f"<p>{PEARS[0]} {HARBOUR[1]}</p><p>{HARBOUR[5]} {PEARS[2]}</p>"},
                {"title": "None"},
            ]
        },
        indent=1,
    ),
    "broken.json": "{",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sources and the output of a small world."""
    folder = tmp_path_factory.mktemp("world")
    for name, text in SOURCES.items():
        (folder / "in").mkdir(exist_ok=True)
        (folder / "in" / name).write_text(text)
    (folder / "in" / "packed.jsonl.gz").write_bytes(
        gzip.compress(json.dumps({"text": f"{PEARS[2]}\n\n{HARBOUR[0]}"}).encode(), mtime=0)
    )
    cleaner.clean(folder / "in", folder / "out")
    return folder / "in", folder / "out"


def answer(world: tuple[Path, Path], where: str) -> Explanation:
    sources, output = world
    found = explain(output, where, [sources])
    assert found is not None
    return found


def article_of(output: Path, source: str) -> tuple[str, list[str]]:
    """The path and the lines of the article whose text is a source's."""
    documents = json.loads((output / "report.json").read_bytes())["documents"]
    path = next(entry["article"] for entry in documents if entry["canonical_source"] == source)
    return path, (output / path).read_text().split("\n")


def line_of(output: Path, source: str, words: str) -> str:
    """The place of the article's line that holds the words."""
    path, lines = article_of(output, source)
    return f"{path}:{next(number for number, line in enumerate(lines, 1) if words in line and number > lines.index('---', 1))}"


@pytest.mark.parametrize(
    ("source", "words", "place"),
    [
        ("harbour.txt", "The dredger", "harbour.txt, line 4."),
        ("harbour.txt", "# Harbour", "harbour.txt, line 2."),
        ("pears.md", "the map", "pears.md, line 7, which says: \u201cNobody"),
        ("pears.md", "- red", "pears.md, line 9."),
        ("pears.md", "two", "pears.md, line 13."),
        ("pears.md", "Mill", "pears.md, line 18."),
        ("page.html", "It is a **long**", "page.html, line 4, which says: \u201cIn June"),
        ("wrapped.json", "The dredger", "wrapped.json at /body_md, line 5."),
        ("rows.jsonl#2", "Work should", "rows.jsonl#2 at /text, line 3."),
        ("packed.jsonl.gz#1", "The harbour board", "packed.jsonl.gz#1 at /text, line 3."),
    ],
)
def test_a_line_of_an_article_names_its_source(world: tuple[Path, Path], source: str, words: str, place: str) -> None:
    told = answer(world, line_of(world[1], source, words)).text()
    assert f"- It comes from {place}" in told


def test_what_was_mended_is_told_with_its_rule(world: tuple[Path, Path]) -> None:
    told = answer(world, line_of(world[1], "cafe.txt", "open at six")).text()
    assert "\u201cCafÃ©" not in told.split("\n")[0]
    assert "Mended: \u201cÃ©\u201d became \u201cé\u201d" in told
    assert "(TXT001 mojibake) (2 places)" in told


def test_a_restored_break_is_told(tmp_path: Path) -> None:
    text = " ".join(PEARS) + "".join(HARBOUR[:2])
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "glued.txt").write_text(f"Glued\n\n{text}\n")
    cleaner.clean(tmp_path / "in", tmp_path / "out")
    found = explain(tmp_path / "out", line_of(tmp_path / "out", "glued.txt", HARBOUR[1]), [tmp_path / "in"])
    assert found is not None
    assert "A break was put in" in found.text()
    assert "TXT009" in found.text()


def test_a_kept_line_of_a_source_names_its_article(world: tuple[Path, Path]) -> None:
    place = line_of(world[1], "harbour.txt", "The dredger")
    assert f"stands in {place}." in answer(world, "harbour.txt:4").text()


def test_a_repeat_names_its_surviving_copy(world: tuple[Path, Path]) -> None:
    told = answer(world, "harbour.txt:1").text()
    assert "(DUP001 repeated-block)" in told
    assert (
        f"The copy that survives (100 % of its words) is {line_of(world[1], 'harbour.txt', 'Two of the nine')}" in told
    )


def test_a_duplicate_names_the_copy_and_the_measure(world: tuple[Path, Path]) -> None:
    found = answer(world, "near.txt:2")
    assert found.measures is not None
    assert found.measures["canonical"] == "harbour.txt"
    assert f"is {line_of(world[1], 'harbour.txt', HARBOUR[2])}, in the same words." in found.text()
    assert f"near.txt was dropped in favour of harbour.txt: {found.measures['relation']} (Jaccard 0." in found.text()


def test_what_only_a_duplicate_said_is_told(world: tuple[Path, Path]) -> None:
    assert "No other text says the same." in answer(world, "near.txt:1").text()


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("pears.md:2", "read into the metadata (metadata)"),
        ("page.html:2", "on the page, but not part of the article (not-article)"),
        ("cafe.txt:3", "\u201c<U+200B>\u201d: Zero-width or other invisible characters"),
        ("page.html:1", "read into the metadata (metadata)"),
        ("broken.json:1", "broken.json is in no article: "),
        (
            "wrapped.json#/body_md:3",
            "Lines are counted in the decoded text at /body_md of wrapped.json, not in the file.",
        ),
        ("wrapped.json#/other:1", "wrapped.json at /other: not read"),
        ("wrapped.json:1", "wrapped.json:1 holds /title, /body_md and /other."),
        ("wrapped.json:1", "\u201cWool\u201d at /title was read into the metadata."),
        ("wrapped.json:1", "at /body_md became articles/wool.md from line "),
        ("wrapped.json:1", "Ask for wrapped.json#/body_md:LINE to see one line of it."),
        ("wrapped.json:1", "/other: not read"),
        ("pretty.json:1", "holds no value: braces, brackets and names only."),
        ("pretty.json:4", "\u201cOne\u201d at /items/0/title was read into the metadata."),
        ("pretty.json:5", "Ask for pretty.json#/items/0/content_html:LINE"),
        ("pretty.json:8", "/items/1/title is in no article"),
        ("pretty.json#/items/0/content_html:1", "stands in articles/one.md:"),
        ("rows.jsonl:2", "Ask for rows.jsonl#2/text:LINE to see one line of it."),
        ("rows.jsonl#2/text:3", "Work should begin"),
        ("rows.jsonl:2", "is the record rows.jsonl#2: the text of articles/"),
        ("rows.jsonl#2:3", "Work should begin"),
    ],
)
def test_where_a_line_of_a_source_went(world: tuple[Path, Path], where: str, told: str) -> None:
    assert told in answer(world, where).text()


def test_it_can_be_called_from_the_package(world: tuple[Path, Path]) -> None:
    sources, output = world
    place = line_of(output, "harbour.txt", "The dredger")
    assert cleaner.explain(str(output), place, str(sources)) == explain(output, place, [sources])


def test_front_matter_and_markup_are_told_as_such(world: tuple[Path, Path]) -> None:
    path, lines = article_of(world[1], "pears.md")
    assert (
        answer(world, f"{path}:2")
        .text()
        .endswith("is front matter, `title`: \u201cPears\u201d\n- It was read from pears.md, line 2.")
    )
    assert "is the markup of a code block" in answer(world, f"{path}:{lines.index('```') + 1}").summary


@pytest.mark.parametrize(
    "where", ["harbour.txt:99", "cafe.txt:2", "nowhere.txt:1", "articles/nowhere.md:1", "broken.txt:1"]
)
def test_nothing_stands_there(world: tuple[Path, Path], where: str) -> None:
    assert explain(world[1], where, [world[0]]) is None


def test_a_blank_line_of_an_article_is_nothing(world: tuple[Path, Path]) -> None:
    path, lines = article_of(world[1], "pears.md")
    assert explain(world[1], f"{path}:{lines.index('') + 1}") is None


@pytest.mark.parametrize("where", ["harbour.txt", "harbour.txt:", "harbour.txt:0", ":3", "harbour.txt:x"])
def test_a_place_of_another_form_is_a_wrong_use(world: tuple[Path, Path], where: str) -> None:
    with pytest.raises(UsageError):
        explain(world[1], where)


def test_an_output_that_is_not_ours_is_a_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        explain(tmp_path, "a.txt:1")


def test_without_sources_places_are_offsets(world: tuple[Path, Path]) -> None:
    _, output = world
    found = explain(output, line_of(output, "harbour.txt", "The dredger"))
    assert found is not None
    assert "harbour.txt, code points" in found.text()
    assert "give --sources" in found.text()
    other = explain(output, "harbour.txt:5")
    assert other is not None
    assert "DUP001" in other.text()


def test_a_source_that_has_changed_is_told_by_offsets(world: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "harbour.txt").write_text("short")
    found = explain(world[1], line_of(world[1], "harbour.txt", "The dredger"), [tmp_path])
    assert found is not None
    assert "has changed since" in found.text()


def test_the_answer_for_programs(world: tuple[Path, Path]) -> None:
    found = answer(world, "near.txt:2").as_json()
    assert json.loads(json.dumps(found))["where"] == "near.txt:2"
    part = found["parts"][0]
    assert (part["fate"], part["source"], part["lines"]) == ("dropped", "near.txt", (2, 2))
    text = (world[0] / "near.txt").read_text()
    assert text[slice(*part["span"])] == part["source_text"]
    assert found["measures"]["relation"] in ("near", "contained", "revision", "exact")


def test_every_line_of_every_article_and_source_has_an_answer(world: tuple[Path, Path]) -> None:
    sources, output = world
    for path in sorted((output / "articles").iterdir()):
        for number, line in enumerate(path.read_text().split("\n"), 1):
            found = explain(output, f"articles/{path.name}:{number}", [sources])
            assert (found is None) == (not line.strip())
    for name in ("harbour.txt", "near.txt", "cafe.txt", "pears.md", "page.html"):
        for number, line in enumerate((sources / name).read_text().split("\n"), 1):
            found = explain(output, f"{name}:{number}", [sources])
            assert (found is None) == (not line.strip())
            assert found is None or found.text()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 1, 4]))
def test_members_stand_where_a_reader_finds_them(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    found = list(members_of(text))
    assert [json.loads(text[member.start : member.end]) for member in found] == [
        value_at(value, member.pointer) for member in found
    ]
    assert len(found) == leaves(value)
    lines = text.split("\n")
    assert [member for number in range(len(lines)) for member in members_on_line(text, number + 1)] == found


def leaves(value: object) -> int:
    """How many values there are that hold no others."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1
