"""JSON with broken elements, and JSON inside strings of JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.containers.loose import load, value_at


@pytest.mark.parametrize(
    ("text", "value", "faults"),
    [
        ('[{"a": 1}, {"b": NaN}, {"c": 2}]', [{"a": 1}, None, {"c": 2}], [("/1", "N")]),
        ('[{"a": "],{"}, {"b": 1,}, {"c": 2}]', [{"a": "],{"}, None, {"c": 2}], [("/1", ",")]),
        ('[{"a": 1},]', [{"a": 1}], [("", "]")]),
        ('[{"a": 1}, {"b": "cut o', [{"a": 1}, None], [("/1", "")]),
        ('{"n/a": 1, "items": [{"a": 1}, {"b": +1}]}', {"n/a": 1, "items": [{"a": 1}, None]}, [("/items/1", "+")]),
        ('{"x": nope, "items": [{"a": 1}, {b: 1}]}', {"items": [{"a": 1}, None]}, [("", "n"), ("/items/1", "b")]),
        ('{"a": 1', None, [("", "")]),
        ("[1, 2,]", None, [("", ",")]),
        ('{"a": NaN}', None, [("", "N")]),
        ("", None, [("", "")]),
    ],
)
def test_broken_json(text: str, value: Any, faults: list[tuple[str, str]]) -> None:
    found = load(text)
    assert found.value == value
    assert [(fault.pointer, text[fault.at : fault.at + 1]) for fault in found.faults] == faults


def test_json_inside_strings() -> None:
    value = load(json.dumps({"data": json.dumps({"article": json.dumps({"body": "It left."})})})).value
    assert value_at(value, "/data/article/body") == "It left."
    assert load(json.dumps(json.dumps([{"text": "x"}]))).value == [{"text": "x"}]


@pytest.mark.parametrize("text", ["[sic]", "{}", "[]", "[1, 2]", '"quoted"', "[note] It left. [end]", "{x}"])
def test_text_in_brackets_stays_text(text: str) -> None:
    assert load(json.dumps({"text": text})).value == {"text": text}


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(max_size=3), JSON, max_size=3), min_size=2, max_size=5), st.data())
def test_neighbours_of_a_broken_record_come_out(records: list[dict[str, Any]], data: st.DataObject) -> None:
    broken = data.draw(st.integers(0, len(records) - 1))
    texts = [json.dumps(record) for record in records]
    texts[broken] = '{"x": NaN}'
    found = load(f"[{', '.join(texts)}]").value
    wanted = [load(json.dumps(record)).value for record in records]
    assert found == [None if number == broken else record for number, record in enumerate(wanted)]


def test_value_that_is_nested_too_deep_is_a_fault() -> None:
    for text in ('{"content":[' * 200 + "1" + "]}" * 200, "[" * 100_000, '{"a":' * 400 + "1" + "}" * 400):
        found = load(text)
        assert found.value is None
        assert len(found.faults) == 1
