"""The summary: nothing in a name acts on the terminal, colour only when asked, and the worst comes first."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from cleaner.model.problems import Problem
from cleaner.reports.terminal import render_problems, render_summary

Made = Callable[..., dict[str, Any]]

HOSTILE = "{}\x1b]0;owned\x07\x1b[2J\x9b31m\u202etxt.exe\r\n\x08evil"
SGR = re.compile(r"\x1b\[\d+m")
ACTING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def test_no_escape_sequence_passes_from_a_name_or_a_message(made: Made) -> None:
    report = made(name=HOSTILE, text=HOSTILE)
    for color in (False, True):
        summary = render_summary(report, color=color, output="out\x1b[2J")
        problems = render_problems(report["problems"], color)
        assert not ACTING.search(SGR.sub("", summary))
        assert not ACTING.search(SGR.sub("", problems))
        assert "<U+001B>" in summary
        assert "<U+001B>" in problems


def test_a_hostile_problem_is_one_line() -> None:
    text = render_problems([Problem("ENC005", "bad\nENC001 forged", "a\nb.txt", None, 3, 7)])
    assert text == "a<U+000A>b.txt:3:7: ENC005 bad<U+000A>ENC001 forged\n"


def test_color_only_when_asked(made: Made) -> None:
    report = made()
    plain = render_summary(report, color=False, output="out")
    colored = render_summary(report, color=True, output="out")
    assert "\x1b" not in plain
    assert "\x1b[31m" in colored
    assert SGR.sub("", colored) == plain
    assert "\x1b" not in render_problems(report["problems"])
    assert "\x1b" in render_problems(report["problems"], True)


def test_problems_of_a_run_and_of_a_report_read_alike() -> None:
    problem = Problem("DOC001", "No title was found.", "a.txt", None, 2, 1)
    entry = {"rule": "DOC001", "message": "No title was found.", "source": "a.txt", "line": 2, "column": 1}
    assert render_problems([problem]) == render_problems([entry]) == "a.txt:2:1: DOC001 No title was found.\n"


def test_a_problem_without_a_line_names_the_file_only() -> None:
    assert render_problems([Problem("DOC003", "No address.", "a.txt")]) == "a.txt: DOC003 No address.\n"


def test_the_summary_says_what_happened_and_where_to_read_on(made: Made) -> None:
    lines = render_summary(made(), color=False, output="out/").splitlines()
    assert lines[0].startswith("10 sources became ")
    numbers = {line.split()[0]: line.split()[1] for line in lines if re.match(r"  (?!and)[a-z]+ +\d", line)}
    assert numbers == {"read": "10", "written": "6", "merged": "3", "removed": "6", "mended": "3", "failed": "1"}
    assert lines[-1] == "Report: out/report.html"
    looks = lines[lines.index("Look at") + 1 :]
    assert looks[0] == "  ENC005  news/broken.txt:5:2"
    assert "  DOC001  news/0.txt:1:1 and 5 more" in looks
    assert len([line for line in looks if re.match("  [^ ]", line)]) <= 5


def test_without_an_output_no_report_is_named(made: Made) -> None:
    assert "report.html" not in render_summary(made(), color=False, output=None)


def test_lines_keep_to_the_width(made: Made) -> None:
    for width in (60, 100):
        summary = render_summary(made(), color=False, output=None, width=width)
        looks = summary[summary.index("Look at") :]
        assert max(map(len, looks.splitlines())) <= width


def test_a_run_of_nothing(made: Made) -> None:
    summary = render_summary(made(0), color=False, output=None)
    assert "Nothing was read" in summary
    assert "Nothing needs your eye" in summary
