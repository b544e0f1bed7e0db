"""Places inside JSON and text, against what the JSON parser says stands there."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from cleaner.stages.locate import Locator

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def strings(value: object, pointer: str = "") -> dict[str, str]:
    if isinstance(value, str):
        return {pointer: value}
    members = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return {
        at: said
        for name, member in members
        for at, said in strings(member, f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}").items()
    }


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_every_code_point_of_every_string_is_found(value: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    locator = Locator(text)
    for pointer, said in strings(value).items():
        for offset, char in enumerate(said):
            start, end = locator.inside(pointer, offset), locator.inside(pointer, offset + 1)
            assert start is not None
            assert end is not None
            assert json.loads(f'"{text[start:end]}"', strict=False) == char


def test_a_place_that_is_none_has_no_place() -> None:
    locator = Locator('{"a": ["x", 1]}')
    assert locator.inside("/a/1", 0) is None
    assert locator.inside("/b", 0) is None
    assert locator.inside("/a/0", 99) == 9


def test_of_two_members_with_one_name_the_last_counts_as_for_the_parser() -> None:
    assert Locator('{"a": "x", "a": "y"}').inside("/a", 0) == 17


def test_lines_count_from_the_line_that_the_record_is_on() -> None:
    locator = Locator("one\ntwo three\r\nfour", 12)
    assert [tuple(locator.spot(at))[:2] for at in (0, 4, 8, 15, 99)] == [(12, 1), (13, 1), (13, 5), (14, 1), (14, 5)]
    assert locator.line_of(8) == (4, "two three")
