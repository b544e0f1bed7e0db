"""Every rule on a file that it finds fault with and on one that it must pass; every rule documented, tested and raised somewhere."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

import cleaner
from cleaner.config import options_from
from cleaner.model.problems import Severity
from cleaner.rules import FAMILIES, RULES, explained, severity
from cleaner.rules.rule import Rule
from tests.helpers import cases

TITLE = "The bridge that nobody wanted to close"
ARTICLE = (
    "The bridge over the Carrow was closed on Monday, after a surveyor had found that one of its four piers no longer stands where it stood in the spring. "
    "Some nine hundred people cross it every day, most of them on foot, and the nearest way round is eleven miles long. "
    "A ferry runs every half hour until further notice; it takes bicycles, dogs and whatever fits on a lap. "
    "How long the repair will take depends on the river, the council said, and the river has not been asked."
)
OTHER = (
    "Goats have carried the mail to the upland farms since a landslip cut the road in two, and the postmistress says that they are more punctual than the van was. "
    "Each of them bears two bags and knows its houses by the dogs that live there. "
    "Only parcels of more than ten pounds wait in the valley until a helicopter has time for them."
)
QUOTED = (
    "A statement that the ministry of transport sent out late in the evening said that all bridges of the same kind would be looked at before the winter, "
    "that none of them was a danger to whoever crosses it, and that the money for their repair had been set aside years ago for that purpose alone."
)


def made(folder: Path, files: dict[str, dict[str, str]]) -> Path:
    folder.mkdir()
    for name, file in files.items():
        if "hex" in file:
            (folder / name).write_bytes(bytes.fromhex(file["hex"]))
            continue
        text = file["text"]
        for word, said in (("TITLE", TITLE), ("ARTICLE", ARTICLE), ("OTHER", OTHER), ("QUOTED", QUOTED)):
            text = re.sub(rf"\b{word}\b", said, text)
        (folder / name).write_bytes(text.encode(file.get("encoding", "utf-8")))
    return folder


def loud(problems: list[cleaner.Problem]) -> set[str]:
    return {problem.rule for problem in problems if severity(problem.rule) is not Severity.INFO}


@pytest.mark.parametrize("case", cases("check/rules"))
def test_rule_is_raised_on_its_bad_file_and_only_there(tmp_path: Path, case: dict[str, Any]) -> None:
    code = case["label"]
    options = options_from(case.get("options", {}), tmp_path)
    bad = cleaner.check(made(tmp_path / "bad", case["bad"]), options=options)
    assert code in {problem.rule for problem in bad}
    assert loud(bad) - {code} == set(case.get("also", []))
    good = cleaner.check(made(tmp_path / "good", case["good"]), options=options)
    assert code not in {problem.rule for problem in good}
    assert loud(good) == set()


def test_an_encrypted_member_of_an_archive_is_a_format_that_cant_be_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("story.txt", f"{TITLE}\n\n{ARTICLE}")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    assert cleaner.check(tmp_path / "a.zip")[0].rule == "DOC003"
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    assert {problem.rule for problem in cleaner.check(tmp_path / "a.zip")} == {"ENC008"}


def broken(output: Path, code: str) -> None:
    """Break the account of an output folder so that this rule must find it."""
    if code == "PRV001":
        article = next((output / "articles").iterdir())
        article.write_text(article.read_text(encoding="utf-8").replace("Monday", "Friday"), encoding="utf-8")
        return
    account = next((output / "provenance").iterdir())
    value = json.loads(account.read_bytes())
    if code == "PRV002":
        segment = next(segment for segment in value["segments"] if segment["op"] == "copy")
        segment["span"] = [segment["span"][0] + 1, segment["span"][1] + 1]
    else:
        value["dropped"] = []
        value["segments"] = value["segments"][:-1]
    account.write_text(json.dumps(value), encoding="utf-8")


@pytest.mark.parametrize("code", [code for code in RULES if code.startswith("PRV")])
def test_rule_of_the_account_is_raised_where_the_account_is_broken_and_only_there(tmp_path: Path, code: str) -> None:
    sources = made(tmp_path / "seeds", {"a.txt": {"text": "TITLE\n\nARTICLE\n\nOTHER\n"}})
    cleaner.clean(sources, tmp_path / "out")
    assert cleaner.verify(tmp_path / "out", sources) == []
    broken(tmp_path / "out", code)
    assert code in {problem.rule for problem in cleaner.verify(tmp_path / "out", sources)}


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    # Those of the account and of archives are tested above, those of processes in tests/engines and tests/pipeline.
    elsewhere = {"DOC009", "ENC008", "ENC011", "ENC012", *(code for code in RULES if code.startswith("PRV"))}
    assert {param.id for param in cases("check/rules")} | elsewhere == set(RULES)


def test_every_rule_is_raised_somewhere_in_the_program() -> None:
    package = Path(cleaner.__file__).parent
    code = "".join(
        path.read_text(encoding="utf-8") for path in package.rglob("*.py") if path.parent.name != "rules"
    ) + (package / "rules" / "__init__.py").read_text(encoding="utf-8")
    assert [name for name in RULES if f'"{name}"' not in code] == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_rule_says_what_why_and_what_to_do(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z]{3}\d{3}", rule.code)
    assert rule.code[:3] in FAMILIES
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", rule.name)
    for said in (rule.summary, rule.why, rule.remedy):
        assert said.endswith((".", "--diff.")), said
        assert "\n" not in said
    assert rule.before
    assert rule.before != rule.after
    page = explained(rule)
    assert page.startswith(f"# {rule.code} {rule.name} ({rule.severity})\n")
    assert rule.why in page


def test_names_of_rules_are_told_apart() -> None:
    assert len({rule.name for rule in RULES.values()}) == len(RULES)
