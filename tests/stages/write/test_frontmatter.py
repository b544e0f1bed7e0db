"""Front matter: every YAML reader reads back the strings that were written, and the members stand in the order of the contract."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.model.documents import Metadata
from cleaner.stages.extract.frontmatter import read_front_matter
from cleaner.stages.write.frontmatter import front_matter, scalar

ORDER = (
    "title author date updated section lang description tags publisher url canonical_url id sources text_sha256".split()
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
HARD = st.text(
    st.sampled_from("aZ09 :-#'\"[]{},&*!|>%@`?=~<._/\\+eExXoO\n\r\t\u2028\u2029\x85\ufeff\0\x1b\x7fé渡🎉\uffff")
)
STRINGS = st.one_of(
    TEXT,
    HARD,
    st.sampled_from(
        "NO no Yes y N on Off true null Null ~ nan inf .inf 0 0x1F 0o7 1e3 1_000 12:30:45 2026-03-01 2026-03-01T06:00:00Z << = - -- --- ... a:b a: b #c a#c !x &x *x yes. no! (no)".split(
            " "
        )
    ),
    st.tuples(
        st.sampled_from(
            ["By Ann", "It’s", "A – B", "Fish & chips", "3 boats", "U.S. news", "éa", "a'b", "end.", "Why?"]
        ),
        st.sampled_from(["", ":", " #", ", x", "\n"]),
    ).map("".join),
)
MANY = settings(max_examples=4 * settings().max_examples)


@MANY
@given(STRINGS.filter(bool), st.lists(STRINGS, max_size=3))
def test_every_reader_reads_the_same_strings(text: str, tags: list[str]) -> None:
    head = front_matter(Metadata(title=text, tags=tuple(tags), section="x"), "0123456789abcdef", (text,), "0" * 64)
    wanted = {
        "title": text,
        "section": "x",
        "tags": tags,
        "id": "0123456789abcdef",
        "sources": [text],
        "text_sha256": "0" * 64,
    }
    if not tags:
        del wanted["tags"]
    document = head.removeprefix("---\n").removesuffix("---\n\n")
    assert yaml.load(document, Loader=yaml.BaseLoader) == wanted
    assert yaml.safe_load(document) == wanted
    found = read_front_matter(head + "Body.\n")
    assert found is not None
    assert found.members == wanted
    assert (head + "Body.\n")[found.end :].lstrip("\n") == "Body.\n"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("The last ferry", "The last ferry"),
        ("It’s late – or is it?", "It’s late – or is it?"),
        ("no", '"no"'),
        ("Ferry: the last", '"Ferry: the last"'),
        ("2026-03-01", '"2026-03-01"'),
        ('say "x"', '"say \\"x\\""'),
        ("a\u2028b", '"a\\u2028b"'),
        (" x", '" x"'),
        ("", '""'),
    ],
)
def test_scalar_is_plain_where_no_reader_can_mistake_it(text: str, written: str) -> None:
    assert scalar(text) == written


def test_members_stand_in_the_order_of_the_contract() -> None:
    metadata = Metadata("t", ("a",), "d", "u", "s", "l", "x", ("g",), "p", "url", "c")
    lines = front_matter(metadata, "i", ("f",), "h").splitlines()
    assert [line.partition(":")[0] for line in lines if line[:1] not in ("-", " ", "")] == ORDER


def test_unknown_members_are_left_out() -> None:
    assert front_matter(Metadata(), "abc", (), "def") == "---\nid: abc\ntext_sha256: def\n---\n\n"


def test_lone_surrogate_is_escaped() -> None:
    assert scalar("a\ud800") == '"a\\ud800"'


def test_nothing_in_a_value_reorders_what_a_person_sees() -> None:
    title = "evil\u202etxt.exe \u2066x\u2069 \u200f"
    assert scalar(title).isascii()
    assert yaml.safe_load(scalar(title)) == title
