"""Configuration: where it is looked for, what it may hold, and errors that say what to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cleaner.config import keep_policy, load, options_from
from cleaner.folders import UsageError
from cleaner.model.options import Keep, Options, OwnWrapper


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_where_nothing_is_configured(tmp_path: Path) -> None:
    assert load(None, tmp_path)[0] == Options()
    write(tmp_path, "pyproject.toml", "[tool.other]\nmin-jaccard = 1\n")
    assert load(None, tmp_path)[0] == Options()


def test_own_file_goes_before_that_of_the_project(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "[tool.article-cleaner]\nmin-jaccard = 65\n")
    assert load(None, tmp_path)[0].min_jaccard == 65
    write(tmp_path, "cleaner.toml", "min_jaccard = 75\nexclude = ['*.bak']\n")
    found, _ = load(None, tmp_path)
    assert (found.min_jaccard, found.exclude) == (75, ("*.bak",))


def test_file_that_is_named_goes_before_all(tmp_path: Path) -> None:
    write(tmp_path, "cleaner.toml", "min-jaccard = 75\n")
    other = write(tmp_path, "other.toml", "min-containment = 95\n")
    assert load(other, tmp_path)[0] == Options(min_containment=95)
    (tmp_path / "sub").mkdir()
    project = write(tmp_path / "sub", "pyproject.toml", "[tool.article-cleaner]\njobs = 2\n")
    assert load(project, tmp_path)[0] == Options(jobs=2)


@pytest.mark.parametrize("said", ["keep = ['complete', 'path']", "keep = 'complete, path'"])
def test_policy_as_list_or_line(tmp_path: Path, said: str) -> None:
    assert load(write(tmp_path, "c.toml", said), tmp_path)[0].keep == (Keep.COMPLETE, Keep.PATH)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("min-jacard = 1", "min-jacard is no option. Did you mean min_jaccard?"),
        ("zzz = 1", "zzz is no option. Known names: min_repeat_tokens"),
        ("min-jaccard = 'much'", "min-jaccard is 'much'; expected a whole number, 0 or more"),
        ("min-jaccard = -1", "expected a whole number"),
        ("min-jaccard = true", "expected a whole number"),
        ("min-jaccard = 0.7", "expected a whole number"),
        ("exclude = '*.bak'", "expected a list of strings"),
        ("exclude = [1]", "expected a list of strings"),
        ("keep = ['newest']", "'newest' is not a valid Keep. Criteria are canonical-url"),
        ("min-jaccard = ", "no valid TOML"),
    ],
)
def test_error_names_the_file_and_what_to_change(tmp_path: Path, said: str, message: str) -> None:
    path = write(tmp_path, "cleaner.toml", said)
    with pytest.raises(UsageError) as caught:
        load(None, tmp_path)
    # Names are said as they are known, or as they were written.
    assert message.replace("-", "_") in str(caught.value).replace("-", "_")
    assert str(path) in str(caught.value)


def test_file_that_is_missing_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        load(tmp_path / "none.toml", tmp_path)
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no valid TOML"):
        load(tmp_path / "bad.toml", tmp_path)


SETTINGS: dict[str, Any] = {
    "keep": ["path"],
    "accept": [{"files": ["a.txt", "b.txt"], "reason": "two towns"}],
    "wrapper": [{"name": "ours", "body": "story.body"}],
}


def test_every_option_can_be_set(tmp_path: Path) -> None:
    changed = {
        name: SETTINGS.get(name, 7 if isinstance(value, int) else ["x"])
        for name, value in ((name, getattr(Options(), name)) for name in Options.__dataclass_fields__)
    }
    found = options_from(changed, tmp_path)
    assert all(getattr(found, name) != getattr(Options(), name) for name in changed)


def test_policy_with_an_unknown_criterion_is_a_misuse() -> None:
    with pytest.raises(UsageError, match="--keep"):
        keep_policy(["newest"], "--keep")


def test_wrapper_of_ones_own(tmp_path: Path) -> None:
    path = write(
        tmp_path, "own.toml", '[[wrapper]]\nname = "cms"\nbody = "story.body"\nformat = "html"\ntitle = "story.head"\n'
    )
    assert load(path, tmp_path)[0].wrapper == (OwnWrapper("cms", "story.body", "html", (("title", "story.head"),)),)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"name": "cms", "body": "b", "titel": "t"}, "titel is no key.*mean title"),
        ({"name": "cms"}, "needs a name, and a body"),
        ({"name": "cms", "body": 3}, "body of a .* is 3"),
        ({"name": "cms", "body": "b", "format": "pdf"}, "known are plain"),
        ("cms", "expected tables"),
    ],
)
def test_wrapper_that_is_none_is_a_misuse(tmp_path: Path, table: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        options_from({"wrapper": [table]}, tmp_path / "cleaner.toml")
