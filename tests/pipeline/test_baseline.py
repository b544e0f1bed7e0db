"""A baseline knows findings by what stands there, each of them once."""

from __future__ import annotations

import pytest

from cleaner.folders import UsageError
from cleaner.model.findings import Checked, Finding
from cleaner.model.problems import Problem, Severity
from cleaner.pipeline.baseline import Known, dumped, parsed, updated, without_known


def finding(path: str, fingerprint: str = "f", rule: str = "DUP003") -> Finding:
    return Finding(Problem(rule, "said", path), path, Severity.ERROR, 1, 1, 1, 1, fingerprint)


def checked(*paths: str) -> Checked:
    return Checked(tuple(finding(path) for path in paths), tuple(sorted({*paths, "a.txt"})), len(paths))


def new(done: Checked, known: list[Known], there: set[str]) -> list[str]:
    return [one.path for one in without_known(done, known, there.__contains__).findings]


KNOWN = [Known("b.txt", "DUP003", "f")]


def test_one_more_copy_of_a_known_one_is_new() -> None:
    assert new(checked("b.txt"), KNOWN, {"b.txt"}) == []
    assert new(checked("b.txt", "c.txt"), KNOWN, {"b.txt", "c.txt"}) == ["c.txt"]
    # Also where only the new file is checked.
    assert new(checked("c.txt"), KNOWN, {"b.txt", "c.txt"}) == ["c.txt"]


def test_a_file_that_was_moved_is_known() -> None:
    assert new(checked("moved.txt"), KNOWN, {"moved.txt"}) == []
    assert new(checked("moved.txt", "more.txt"), KNOWN, {"moved.txt", "more.txt"}) == ["more.txt"]


def test_another_rule_or_another_text_is_new() -> None:
    done = Checked((finding("b.txt", "g"), finding("b.txt", "f", "DUP004")), ("b.txt",), 1)
    assert len(without_known(done, KNOWN, {"b.txt"}.__contains__).findings) == 2


def test_an_update_replaces_what_was_checked_and_keeps_the_rest() -> None:
    known = [*KNOWN, Known("elsewhere.txt", "DOC006", "g"), Known("gone.txt", "DOC006", "h")]
    fresh = updated(checked("c.txt"), [*known, Known("a.txt", "DOC001", "i")], {"b.txt", "elsewhere.txt"}.__contains__)
    assert fresh == [
        Known("b.txt", "DUP003", "f"),
        Known("c.txt", "DUP003", "f"),
        Known("elsewhere.txt", "DOC006", "g"),
    ]


def test_what_is_written_is_read_again_and_sorted() -> None:
    entries = [Known("ü\n.txt", "DUP003", "f"), Known("a.txt", "DUP003", "f"), Known("a.txt", "DUP003", "f")]
    data = dumped(entries)
    assert parsed(data, "b.json") == sorted(entries)
    assert dumped(parsed(data, "b.json")) == data
    assert parsed(dumped([]), "b.json") == []


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"version": 2, "findings": []}', b'{"version": 1, "findings": [{}]}', b"\xff"]
)
def test_what_is_no_baseline_is_a_misuse(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"b\.json: this is no baseline"):
        parsed(data, "b.json")
