"""Every format of a check: what it holds, that it is well-formed, and that no text of a file can break out of it."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import jsonschema
import pytest

from cleaner.model.findings import Checked, Excerpt, Finding
from cleaner.model.problems import Place, Problem, Severity
from cleaner.reports.checks import FORMATS, Style, render
from cleaner.rules import RULES
from tests.helpers import CASES

HOSTILE = (
    "x\n::error file=a::owned\r\n::set-output name=a::b %0A ]]> </failure></testcase> <script>alert(1)</script> "
    "\x1b[31mred\x1b]8;;http://evil.example\x07 | **bold** `code` [link](http://evil.example) @everyone #12 \u202e\u200b\0\ufffe"
)


def finding(
    rule: str = "DUP004", *, text: str = "plain", path: str = "seeds/a.txt", line: int = 3, number: int = 1
) -> Finding:
    twin = Place(f"twins/{path}", 7, 2, text) if rule.startswith("DUP") else None
    return Finding(
        Problem(rule, f"Said: {text}.", path, twin=twin), path, RULES[rule].severity, line, 5, line, 9, f"f{rule}",
        Excerpt(f"abcd{text}", 4, 4), number,
    )  # fmt: skip


def checked(*findings: Finding, paths: tuple[str, ...] = ("seeds/a.txt", "seeds/b.txt")) -> Checked:
    return Checked(findings, paths, 2)


def test_full_shows_the_line_the_place_and_the_twin() -> None:
    assert render("full", checked(finding()), Style()) == (
        "seeds/a.txt:3:5: DUP004 near-copy: Said: plain.\n"
        "  3 | abcdplain\n"
        "    |     ^^^^\n"
        "    = twins/seeds/a.txt:7:2\n"
        "  7 | plain\n"
        "\n"
        "Found 1 error in 2 files.\n"
    )


def test_concise_is_a_line_a_finding_and_marks_what_can_be_mended() -> None:
    said = render("concise", checked(finding("TXT001"), finding("DOC003")), Style())
    assert said == (
        "seeds/a.txt:3:5: TXT001 [*] mojibake: Said: plain.\n"
        "Found 1 warning in 2 files. 1 finding [*] can be mended with --fix. 1 note not shown (-v).\n"
    )
    assert "DOC003" in render("concise", checked(finding("DOC003")), Style(verbose=True))


@pytest.mark.parametrize("name", ["full", "concise"])
def test_a_good_check_is_one_quiet_line(name: str) -> None:
    assert render(name, checked(), Style()) == "All good: 2 files.\n"


def test_wide_and_invisible_characters_keep_the_caret_in_place() -> None:
    found = Finding(
        Problem("TXT002", "Said.", "a.txt"), "a.txt", Severity.WARNING, 1, 3, 1, 4, "f", Excerpt("漢字\u200bx", 2, 1)
    )  # fmt: skip
    lines = render("full", checked(found), Style()).split("\n")
    assert lines[1:3] == ["  1 | 漢字<U+200B>x", "    |     ^^^^^^^^"]


def test_json_holds_place_and_twin() -> None:
    value = json.loads(render("json", checked(finding()), Style()))
    assert value["version"] == 1
    assert value["summary"] == {"files": 2, "documents": 2, "errors": 1, "warnings": 0, "infos": 0, "accepted": 0, "in_baseline": 0}  # fmt: skip
    (entry,) = value["findings"]
    assert (entry["rule"], entry["name"], entry["severity"], entry["line"], entry["column"]) == ("DUP004", "near-copy", "error", 3, 5)  # fmt: skip
    assert entry["twin"] == {"source": "twins/seeds/a.txt", "line": 7, "column": 2}


def test_github_has_the_worst_first_and_ten_a_level() -> None:
    findings = [finding("DOC003"), *(finding("DOC001", line=line) for line in range(1, 13)), finding()]
    lines = render("github", checked(*findings), Style()).splitlines()
    assert lines[0] == "::error file=seeds/a.txt,line=3,col=5,endColumn=9,title=DUP004 near-copy::Said: plain."
    assert sum(line.startswith("::warning ") for line in lines) == 10
    assert "2 more warnings: see the summary of the job." in lines
    assert lines[-2].startswith("::notice ")
    assert lines[-1] == "Found 1 error, 12 warnings and 1 note in 2 files."


def test_gitlab_has_each_fingerprint_once() -> None:
    issues = json.loads(render("gitlab", checked(finding(), finding(number=2), finding(path="b.txt")), Style()))
    assert len({issue["fingerprint"] for issue in issues}) == 3
    assert {issue["severity"] for issue in issues} <= {"info", "minor", "major", "critical", "blocker"}
    assert issues[0]["location"] == {"path": "seeds/a.txt", "lines": {"begin": 3, "end": 3}}


def test_junit_has_a_case_for_each_finding_and_each_good_file() -> None:
    root = ElementTree.fromstring(render("junit", checked(finding(), finding("DOC001")), Style()))
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    suites = {suite.get("name"): suite for suite in root}
    assert [len(suite) for suite in suites.values()] == [2, 1]
    assert suites["seeds/a.txt"].find("testcase/failure") is not None
    strict = ElementTree.fromstring(render("junit", checked(finding("DOC001")), Style(fail_level=Severity.WARNING)))
    assert strict.get("failures") == "1"


@pytest.mark.parametrize("text", ["plain", HOSTILE])
def test_sarif_is_valid(text: str) -> None:
    schema = json.loads((CASES / "check" / "sarif.schema.json").read_text(encoding="utf-8"))
    found = finding(text=text, path="seeds/ü #1.txt")
    log = json.loads(render("sarif", checked(found, finding("DOC003")), Style(version="1.2.3")))
    jsonschema.Draft202012Validator(schema).validate(log)
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    result = run["results"][0]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "DUP004"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "seeds/%C3%BC%20%231.txt"
    assert place["region"] == {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 9}
    assert result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("twins/seeds/")
    assert not re.search(r"(?<!\\)\[link", result["message"]["text"])


def test_fingerprints_do_not_hang_on_lines() -> None:
    def prints(line: int) -> object:
        log = json.loads(render("sarif", checked(finding(line=line)), Style()))
        return log["runs"][0]["results"][0]["partialFingerprints"]

    assert prints(3) == prints(300) == {"articleCleaner/v1": "fDUP004:1"}


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_file_says_breaks_out_of_no_format(name: str) -> None:
    said = render(name, checked(finding(text=HOSTILE, path="a\n::b,c:%.txt")), Style(verbose=True))
    assert said.endswith("\n")
    assert not re.search("[\0\x1b\x07\r]", said), "a terminal or a parser would obey it"
    commands = [line for line in said.splitlines() if line.startswith("::")]
    assert len(commands) == (1 if name == "github" else 0)
    if name == "junit":
        root = ElementTree.fromstring(said)
        assert len(root.findall(".//testcase")) == 3
    elif name in ("json", "gitlab", "sarif"):
        json.loads(said)
    elif name == "markdown":
        assert "<script>" not in said
        assert "**bold**" not in said
        rows = [line for line in said.splitlines() if line.startswith("|")]
        assert len(rows) == 3
        assert len(re.findall(r"(?<!\\)\|", rows[-1])) == 5


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_findings_give_the_same_bytes(name: str) -> None:
    done = checked(finding(), finding("DOC001"), finding("TXT006"))
    assert render(name, done, Style()) == render(name, done, Style())


def test_colour_only_where_it_is_wanted() -> None:
    assert "\x1b[31mDUP004\x1b[0m" in render("full", checked(finding()), Style(color=True))
    assert "\x1b" not in render("full", checked(finding()), Style())
