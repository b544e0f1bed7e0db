"""Checks as a whole: places, twins, the corpus, policy, and what the index is for."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import cleaner
from cleaner.folders import UsageError
from cleaner.model.options import Acceptance, Options
from cleaner.model.policy import Policy
from cleaner.pipeline import checking, shelves
from cleaner.pipeline.checking import check
from tests.helpers import paragraph, sentence

TITLE = "Where the goats carry the mail"


def story(seed: int, sentences: int = 12) -> str:
    chance = random.Random(seed)
    return " ".join(part for _ in range(sentences // 4) for part in paragraph(chance))


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def corpus(folder: Path, size: int) -> Path:
    for number in range(size):
        write(folder, f"{number:02}.txt", f"{sentence(random.Random(1000 + number), 6)[:-1]}\n\n{story(number)}\n")
    return folder


def found(problems: list[cleaner.Problem], family: str = "DUP") -> list[tuple[str, str, str]]:
    return [
        (problem.rule, problem.source, problem.twin.source if problem.twin else "")
        for problem in problems
        if problem.rule.startswith(family)
    ]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("size", [5, 30])
def test_a_copy_of_what_an_output_holds_is_found_by_its_article(tmp_path: Path, size: int) -> None:
    cleaner.clean(corpus(tmp_path / "seeds", size), tmp_path / "out")
    assert (tmp_path / "out" / "index.bin").is_file() is (size > 12)
    copy = write(tmp_path / "new", "copy.txt", (tmp_path / "seeds" / "03.txt").read_text(encoding="utf-8"))
    new = write(tmp_path / "new", "new.txt", f"{TITLE}\n\n{story(77)}\n")
    problems = cleaner.check([copy, new], against=tmp_path / "out")
    assert [(rule, source) for rule, source, _ in found(problems)] == [("DUP003", "new/copy.txt")]
    twin = problems[0].twin if problems[0].rule == "DUP003" else problems[1].twin
    assert twin is not None
    assert (tmp_path / twin.source).read_text(encoding="utf-8").split("\n")[twin.line - 1].endswith(twin.text)


def test_of_an_indexed_corpus_only_the_proposed_articles_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleaner.clean(corpus(tmp_path / "seeds", 30), tmp_path / "out")
    copy = write(tmp_path / "new", "copy.txt", (tmp_path / "seeds" / "03.txt").read_text(encoding="utf-8"))
    read: list[str] = []
    plain = shelves._inspected_file
    monkeypatch.setattr(
        shelves, "_inspected_file", lambda item, options: read.append(item.source) or plain(item, options)
    )
    cleaner.check(copy, against=tmp_path / "out")
    assert len(read) == 1


@pytest.mark.parametrize("size", [5, 30])
def test_a_source_of_the_corpus_is_no_copy_of_itself(tmp_path: Path, size: int) -> None:
    seeds = corpus(tmp_path / "seeds", size)
    cleaner.clean(seeds, tmp_path / "out")
    assert found(cleaner.check(seeds, against=[seeds, tmp_path / "out"])) == []
    assert found(cleaner.check(seeds / "01.txt", against=[seeds, tmp_path / "out"])) == []
    # The same name in another folder is another file.
    other = write(tmp_path / "other", "01.txt", (seeds / "01.txt").read_text(encoding="utf-8"))
    assert [rule for rule, _, _ in found(cleaner.check(other, against=tmp_path / "out"))] == ["DUP003"]


def test_the_corpus_goes_before_what_is_new_whatever_is_preferred(tmp_path: Path) -> None:
    write(tmp_path / "seeds", "z.txt", f"{TITLE}\n\n{story(1)}\n")
    write(tmp_path / "new", "a.txt", f"{TITLE}\n\n{story(1)}\n\nIt rained.\n")
    write(tmp_path / "new", "b.txt", f"{TITLE}\n\n{story(1)}\n")
    problems = found(cleaner.check(tmp_path / "new", against=tmp_path / "seeds"))
    assert problems == [("DUP004", "new/a.txt", "seeds/z.txt"), ("DUP003", "new/b.txt", "seeds/z.txt")]


def test_a_new_file_that_holds_an_old_one_says_so(tmp_path: Path) -> None:
    write(tmp_path / "seeds", "part.txt", f"{TITLE}\n\n{story(1)}\n")
    whole = write(tmp_path, "whole.txt", f"{TITLE}\n\n{story(1)}\n\n{story(2)}\n")
    (problem,) = (one for one in cleaner.check(whole, against=tmp_path / "seeds") if one.rule.startswith("DUP"))
    assert problem.rule == "DUP006"
    assert problem.message.startswith("It holds ")


PLACES = {
    "a.txt": (f"{TITLE}\r\n\r\n{story(1)}\r\nThe CafÃ© MÃ¼ller was closed.\r\n", 4, 8),
    "b.md": (f"---\ntitle: {TITLE}\n---\n\n{story(1)}\n\nThe *CafÃ©* was closed.\n", 7, 9),
    "c.html": (f"<html><body><article><h1>{TITLE}</h1>\n<p>{story(1)}</p>\n<p>The <b>CafÃ©</b> was closed. {story(2)}</p></article></body></html>\n", 3, 14),
    "d.json": (json.dumps({"title": TITLE, "body": f"{story(1)}\n\nThe CafÃ© was closed."}, ensure_ascii=True, indent=1), 3, None),
    "e.jsonl": ("\n".join(json.dumps({"title": f"{TITLE} {number}", "body": story(number) + "\n\nThe " + ("CafÃ©" if number == 2 else "Café") + " was closed."}, ensure_ascii=False) for number in range(3)), 3, None),
    "f.csv": (f'title,body\n"{TITLE}","{story(1)}\n\nThe CafÃ© was closed on Monday."\n', 4, 5),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_places_are_those_of_the_file_on_the_disk(tmp_path: Path, name: str) -> None:
    text, line, column = PLACES[name]
    (tmp_path / name).write_bytes(text.encode())
    problem = next(one for one in cleaner.check(tmp_path / name) if one.rule == "TXT001")
    assert problem.line == line
    assert problem.column is not None
    there = text.split("\n")[line - 1][problem.column - 1 :]
    assert there.startswith(("Ã©", "\\u00c3\\u00a9", "The CafÃ©" if name == "f.csv" else "Ã©"))
    if column:
        assert problem.column == column or there.startswith("Ã©")


def test_the_same_files_give_the_same_findings_in_whatever_order_and_number_of_processes(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "new", 15)
    write(folder, "twice.txt", (folder / "02.txt").read_text(encoding="utf-8"))
    paths = sorted(folder.iterdir())
    one = check(paths, [], Options(jobs=1), Policy())
    assert check(paths[::-1], [], Options(jobs=2), Policy()) == one
    assert check([folder], [], Options(), Policy()) == one


def test_policy_chooses_rules_and_passes_files(tmp_path: Path) -> None:
    write(tmp_path, "new/a.txt", "Too short.\n")
    write(tmp_path, "new/drafts/b.txt", "Too short as well.\n")

    def rules(**policy: object) -> list[tuple[str, str]]:
        done = check([tmp_path / "new"], [], Options(), Policy(**policy))  # type: ignore[arg-type]
        return [(one.path, one.problem.rule) for one in done.findings if one.problem.rule in ("DOC001", "DOC006")]

    everything = [("new/a.txt", "DOC001"), ("new/a.txt", "DOC006"), ("new/drafts/b.txt", "DOC001"), ("new/drafts/b.txt", "DOC006")]  # fmt: skip
    assert rules() == everything
    assert rules(select=("too-short",)) == [everything[1], everything[3]]
    assert rules(ignore=("DOC",)) == []
    assert rules(per_file_ignores={"drafts/": ("DOC006",)}) == everything[:3]
    with pytest.raises(UsageError, match="no such rule"):
        rules(select=("XYZ",))


def test_accepted_pairs_and_findings_pass_and_a_run_keeps_the_pair_apart(tmp_path: Path) -> None:
    write(tmp_path, "seeds/a.txt", f"{TITLE}\n\n{story(1)}\n")
    write(tmp_path, "seeds/b.txt", f"{TITLE}\n\n{story(1)}\n")
    write(tmp_path, "seeds/c.txt", f"{TITLE}\n\n{story(1)}\n")
    pair = Acceptance(("seeds/a.txt", "seeds/b.txt"), "two towns")
    done = check([tmp_path / "seeds"], [], Options(accept=(pair,)), Policy(select=("DUP",)))
    assert [one.path for one in done.findings] == ["seeds/c.txt"]
    assert done.accepted == 1
    cleaning = cleaner.clean(tmp_path / "seeds", options=Options(accept=(pair,)))
    assert len(cleaning.articles) == 2
    other = Acceptance(("seeds/a.txt", "seeds/b.txt"), "two towns", "DUP004")
    assert len(cleaner.clean(tmp_path / "seeds", options=Options(accept=(other,))).articles) == 1


def test_an_entry_that_accepts_nothing_any_more_is_idle_where_its_files_are_looked_at(tmp_path: Path) -> None:
    write(tmp_path, "seeds/a.txt", f"{TITLE}\n\n{story(1)}\n")
    write(tmp_path, "seeds/b.txt", f"{TITLE}\n\n{story(2)}\n")
    pair = Acceptance(("seeds/a.txt", "seeds/b.txt"), "two towns")
    short = Acceptance(("b.txt",), "meant to be short", "DOC006")
    options = Options(accept=(pair, short))
    assert check([tmp_path / "seeds"], [], options, Policy()).idle == (pair, short)
    assert check([tmp_path / "seeds/a.txt"], [], options, Policy()).idle == ()
    assert cleaner.clean(tmp_path / "seeds", options=options).idle == (pair,)
    write(tmp_path, "seeds/b.txt", f"{TITLE}\n\n{story(1)}\n")
    # What a rule that was not asked for would have found is accepted all the same.
    assert check([tmp_path / "seeds"], [], options, Policy(select=("TXT",))).idle == (short,)
    assert cleaner.clean(tmp_path / "seeds", options=options).idle == ()


def test_one_file_may_break_one_rule(tmp_path: Path) -> None:
    write(tmp_path, "haiku.txt", "An old pond; a frog.\n")
    entry = Acceptance(("haiku.txt",), "meant to be short", "DOC006")
    assert "DOC006" in {one.rule for one in cleaner.check(tmp_path / "haiku.txt")}
    assert "DOC006" not in {one.rule for one in cleaner.check(tmp_path / "haiku.txt", options=Options(accept=(entry,)))}


def test_fingerprints_follow_what_stands_there_and_not_where(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", f"{TITLE}\n\nThe CafÃ© was closed on Monday.\n\n{story(1)}\n")
    before = check([tmp_path / "a.txt"], [], Options(), Policy(select=("TXT001",))).findings
    write(tmp_path, "moved/b.txt", f"{TITLE}\n\n{story(2)}\n\n{story(1)}\n\nThe CafÃ© was closed on Monday.\n")
    after = check([tmp_path / "moved"], [], Options(), Policy(select=("TXT001",))).findings
    assert [one.fingerprint for one in before] == [one.fingerprint for one in after]
    assert before[0].line != after[0].line


def test_what_is_no_corpus_is_a_misuse(tmp_path: Path) -> None:
    new = write(tmp_path, "a.txt", f"{TITLE}\n\n{story(1)}\n")
    with pytest.raises(UsageError, match="check against"):
        cleaner.check(new, against=tmp_path / "none")
    cleaner.clean(corpus(tmp_path / "seeds", 20), tmp_path / "out")
    (tmp_path / "out" / "index.bin").write_bytes(b"something else")
    with pytest.raises(UsageError, match="Run `clean` again"):
        cleaner.check(new, against=tmp_path / "out")


def test_an_input_that_processes_die_of_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cleaner.engines import Lost
    from cleaner.engines.local import LocalEngine

    path = write(tmp_path, "a.txt", f"{TITLE}\n\n{story(1)}\n")
    for overran, rule in ((False, "ENC011"), (True, "ENC012")):
        monkeypatch.setattr(
            LocalEngine,
            "mapped",
            lambda self, kernel, items, size, how=overran: (Lost(item, how, "by signal 9") for item in items),
        )
        assert [one.problem.rule for one in check([path], [], Options(), Policy()).findings] == [rule]
    assert checking.Inspecting(Options()).close() is None
