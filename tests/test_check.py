"""`clean check` as a user runs it: exit codes, formats into files, standard input, baseline, mending, and what it loads."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import cleaner

ROOT = Path(__file__).resolve().parents[1]
GOOD = "---\ntitle: The bridge that nobody closed\nurl: https://news.example/a\n---\n\n" + (
    "The bridge over the Carrow was not closed on Monday, after a surveyor had found that all of its four piers stand where they stood in the spring. "
    "Some nine hundred people cross it every day, most of them on foot, and the nearest way round is eleven miles long.\n"
)
BAD = '{"title": "A bridge", "body": "It was clos'
WARNED = GOOD.replace("The bridge over", "The CafÃ© by the bridge over")


def run(
    folder: Path, *arguments: str, data: bytes | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    quiet = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "GITHUB_STEP_SUMMARY")}
    done = subprocess.run(
        [sys.executable, "-m", "cleaner", "check", *arguments],
        cwd=folder,
        env={**quiet, "PYTHONPATH": str(Path(cleaner.__file__).parents[1]), "PYTHONUTF8": "1", **environment},
        input=data,
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("good.md", GOOD), ("bad.json", BAD), ("warned.md", WARNED)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_exit_codes(folder: Path) -> None:
    for arguments, code in (
        (["good.md"], 0),
        (["warned.md"], 0),
        (["warned.md", "--fail-level", "warning"], 1),
        (["warned.md", "--fail-level", "warning", "--ignore", "TXT001"], 0),
        (["bad.json"], 1),
        (["bad.json", "--exit-zero"], 0),
        (["bad.json", "--select", "TXT"], 0),
        (["none.md"], 2),
        (["good.md", "--against", "none"], 2),
        (["good.md", "--select", "TXT09"], 2),
        (["good.md", "--output-format", "yaml"], 2),
        (["good.md", "--baseline", "none.json"], 2),
        (["good.md", "--update-baseline"], 2),
        (["good.md", "--stdin-filename", "x.md"], 2),
        (["good.md", "--no-such-option"], 2),
        ([], 2),
    ):
        assert run(folder, *arguments).returncode == code, arguments


def test_a_misspelled_rule_is_suggested(folder: Path) -> None:
    assert "Did you mean TXT009?" in run(folder, "good.md", "--select", "TXT09").stderr
    assert "Did you mean mojibake?" in run(folder, "good.md", "--ignore", "mojibak").stderr


def test_quiet_when_right(folder: Path) -> None:
    assert run(folder, "good.md").stdout == "All good: 1 file.\n"
    assert run(folder, "good.md", "-q").stdout == ""


def test_several_formats_each_to_its_place(folder: Path) -> None:
    done = run(folder, "bad.json", "--output-format", "concise", "--output-format", "json=out.json", "--output-format", "sarif=out.sarif")  # fmt: skip
    assert done.stdout.startswith("bad.json:1:43: ENC005 malformed-json: ")
    assert json.loads((folder / "out.json").read_text(encoding="utf-8"))["findings"][0]["rule"] == "ENC005"
    assert json.loads((folder / "out.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_github_adds_to_the_summary_of_the_job(folder: Path) -> None:
    (folder / "summary.md").write_text("before\n", encoding="utf-8")
    done = run(folder, "bad.json", "--output-format", "github", GITHUB_STEP_SUMMARY=str(folder / "summary.md"))
    assert done.stdout.startswith("::error file=bad.json,line=1,col=43,title=ENC005 malformed-json::")
    summary = (folder / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith("before\n### article-cleaner\n")
    assert "| error | ENC005 malformed-json | bad.json:1:43 |" in summary


def test_standard_input_under_a_name(folder: Path) -> None:
    done = run(folder, "-", "--stdin-filename", "seeds/new.json", "--output-format", "concise", data=BAD.encode())
    assert done.returncode == 1
    assert done.stdout.startswith("seeds/new.json:1:43: ENC005")
    copy = run(folder, "-", "--stdin-filename", "copy.md", "--against", "good.md", data=GOOD.encode())
    assert "copy.md:6:1: DUP003" in copy.stdout
    (folder / "warned.md").unlink()
    itself = run(folder, "-", "--stdin-filename", "good.md", "--against", ".", "--select", "DUP", data=GOOD.encode())
    assert itself.returncode == 0, itself.stdout


def test_a_baseline_says_what_came_and_went(folder: Path) -> None:
    done = run(folder, "bad.json", "warned.md", "--baseline", "known.json", "--update-baseline")
    assert done.returncode == 0
    assert "+ bad.json: ENC005" in done.stderr
    assert "known.json: 2 came, 0 went, 2 in all." in done.stderr
    assert "2 findings in the baseline." in run(folder, "bad.json", "warned.md", "--baseline", "known.json").stdout
    (folder / "warned.md").write_text(GOOD, encoding="utf-8")
    (folder / "worse.json").write_text("{", encoding="utf-8")
    assert run(folder, "worse.json", "--baseline", "known.json").returncode == 1
    done = run(folder, ".", "--exclude", "known.json", "--baseline", "known.json", "--update-baseline")
    assert "- warned.md: TXT001" in done.stderr
    assert "+ worse.json: ENC005" in done.stderr


def test_configuration_is_read(folder: Path) -> None:
    (folder / "cleaner.toml").write_text(
        'fail_level = "warning"\nignore = ["ENC005"]\n[per_file_ignores]\n"old/" = ["ALL"]\n', encoding="utf-8"
    )
    (folder / "old").mkdir()
    (folder / "old" / "warned.md").write_text(WARNED, encoding="utf-8")
    assert run(folder, "bad.json").returncode == 0
    assert run(folder, "old").returncode == 0
    assert run(folder, "warned.md").returncode == 1
    for wrong, said in (
        ("select = ['TXT09']", "Did you mean TXT009?"),
        ("selct = []", "Did you mean select?"),
        ("fail_level = 'none'", "expected one of error, warning, info"),
        ("per_file_ignores = []", "expected a table"),
        ("baseline = 3", "expected the name of a file"),
        ("[[accept]]\nfiles = ['a', 'b']", "has no reason"),
        ("[[accept]]\nfiles = ['a', 'b']\nreason = ' '", "has no reason"),
        ("[[accept]]\nfile = ['a', 'b']\nreason = 'x'", "Did you mean files?"),
        ("[[accept]]\nfiles = []\nreason = 'x'", "expected a list of file names"),
        ("[[accept]]\nfiles = ['a']\nreason = 'x'", "names one file and no rule"),
        ("[[accept]]\nfiles = ['a']\nreason = 'x'\nrule = 'DOC9'", "which is no rule"),
        ("accept = 3", "expected tables"),
    ):
        (folder / "cleaner.toml").write_text(wrong, encoding="utf-8")
        done = run(folder, "good.md")
        assert done.returncode == 2, wrong
        assert said in done.stderr, wrong


def test_fix_mends_and_diff_only_shows(folder: Path) -> None:
    before = (folder / "warned.md").read_bytes()
    done = run(folder, ".", "--diff")
    assert done.returncode == 1
    assert "would fix warned.md: TXT001 mojibake 1" in done.stdout
    assert (folder / "warned.md").read_bytes() == before
    done = run(folder, "warned.md", "--fix", "--fail-level", "warning")
    assert (done.returncode, done.stdout) == (0, "All good: 1 file.\n")
    assert "fixed warned.md: TXT001 mojibake 1" in done.stderr
    assert (folder / "warned.md").read_text(encoding="utf-8") == WARNED.replace("Ã©", "é")
    assert run(folder, ".", "--diff").returncode == 0
    assert run(folder, "-", "--fix", data=b"x").returncode == 2


def test_a_check_writes_nothing(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*")}
    run(folder, ".", "--against", ".")
    assert {path: path.read_bytes() for path in folder.rglob("*")} == before


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 5000, b"<" * 5000, b"---\n" * 500, b"\x1b[2J\x07", "\u202e\ud7ff".encode(), b"PK\x03\x04", b"\r\r\r", b"#" * 9999],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.txt", "a.json", "a.html", "a.md", "a.csv", "a.jsonl", "a.xml"])
def test_no_traceback_on_anything(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    for problem in cleaner.check(tmp_path / name):
        assert problem.line is not None


def test_nothing_heavy_is_loaded_for_a_few_text_files(folder: Path) -> None:
    heavy = (
        "numpy",
        "scipy",
        "datasketch",
        "trafilatura",
        "lxml",
        "rich",
        "ftfy",
        "rapidfuzz",
        "charset_normalizer",
    )
    code = f"import sys; import cleaner; cleaner.check('good.md'); print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_the_action_checks_what_it_is_told_and_runs_no_input(folder: Path) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    step = action["runs"]["steps"][-1]
    assert "${{" not in step["run"], "an input in the script would be code"
    (folder / "bin").mkdir()
    shim = folder / "bin" / "clean"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m cleaner "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(cleaner.__file__).parents[1]),
        "CHECK_AGAINST": "good.md",
        "CHECK_LEVEL": "error",
        "CHECK_SARIF": "out.sarif",
        "CHECK_ARGS": "--ignore DOC003",
    }
    for paths, code in (("good.md", 0), ("good.md bad.json", 1), ("$(touch owned)", 2), ("good.md; touch owned", 2)):
        done = subprocess.run(
            ["bash", "-c", step["run"]],
            cwd=folder,
            env={**environment, "CHECK_PATHS": paths},
            capture_output=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
    assert not (folder / "owned").exists()
    assert (folder / "out.sarif").is_file()
    assert set(step["env"].values()) == {"${{ inputs." + name + " }}" for name in ("paths", "against", "fail-level", "sarif", "args")}  # fmt: skip


def test_the_hooks_name_what_there_is() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["entry"] for hook in hooks] == ["clean check", "clean check --fix"]
    for name, fits in (("seeds/a.txt", True), ("a.jsonl.gz", True), ("cleaner/a.py", False), ("a.png", False)):
        assert bool(re.search(hooks[0]["files"], name)) is fits
