"""What waits on disk comes back as it was, from any process; what is no document is not made."""

from __future__ import annotations

import json
import os
import pickle
import zlib
from pathlib import Path

import pytest

from cleaner.folders import read_bytes
from cleaner.model.options import Options
from cleaner.model.rows import Rows
from cleaner.pipeline.preparing import Prepared, prepare
from cleaner.pipeline.spool import Spool, joined, packed, parted, unpacked
from cleaner.reports.json import dumped


def test_bytes_come_back_by_their_place_here_and_elsewhere(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    places = [spool.add(data) for data in (b"one", b"", b"three")]
    other = pickle.loads(pickle.dumps(spool))
    places.append(other.add(b"four"))
    assert [spool.get(place) for place in places] == [b"one", b"", b"three", b"four"]
    assert [other.get(place) for place in places] == [b"one", b"", b"three", b"four"]
    spool.close()
    assert spool.get(places[0]) == b"one"


def test_folder_goes_with_the_spool(tmp_path: Path) -> None:
    spool = Spool.beside(tmp_path / "new" / "out")
    spool.add(b"one")
    spool.close()
    assert [path.name.startswith(".out.tmp-") for path in (tmp_path / "new").iterdir()] == [True]
    del spool
    assert not list((tmp_path / "new").iterdir())


TEXT = """# The café

Sources: *harbour.example*

The CafÃ© on the [upper deck](a.html) was closed, and the bell was **rung by hand**\u200b; nobody could say who had hung it there.

1. a cup
   - a `saucer`

| Port | Height |
| --- | --- |
| Ormsay | 4.1 |

The CafÃ© on the [upper deck](a.html) was closed, and the bell was **rung by hand**\u200b; nobody could say who had hung it there.
"""


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html", "a.json"])
def test_documents_are_packed_and_unpacked(name: str) -> None:
    text = {
        "a.html": "<h1>A</h1>" + "".join(f"<p>{part}</p>" for part in TEXT.split("\n\n")),
        "a.json": json.dumps({"title": "A", "body": TEXT}),
    }.get(name, TEXT)
    (unit,) = read_bytes(name, text.encode(), Options())
    (found,) = prepare(unit, Options(), sketched=False)
    assert isinstance(found, Prepared)
    assert len(found.document.blocks) > 1
    again = unpacked(packed(found))
    assert again == found
    assert repr(again) == repr(found)


class Hostile:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("false",)


@pytest.mark.parametrize("value", [Hostile(), os.system, Path, print], ids=["call", "function", "class", "builtin"])
def test_what_is_no_document_is_not_made(value: object) -> None:
    with pytest.raises(pickle.UnpicklingError):
        unpacked(zlib.compress(pickle.dumps(value)))


def test_lists_of_bytes_are_joined_and_parted() -> None:
    for values in ([], [[]], [[b"a", b""], [b"ccc"]]):
        assert parted(joined(values)) == values


def test_rows_are_written_as_a_list_is() -> None:
    entries = [{"a": 1, "text": "two\nlines"}, {"b": [1, {"c": None}]}]
    for rows in (entries, []):
        lazy = Rows(len(rows), lambda rows=rows: iter(rows))
        assert dumped({"version": 1, "rows": lazy, "more": {"x": []}}) == dumped(
            {"version": 1, "rows": rows, "more": {"x": []}}
        )
        assert (list(lazy), lazy[:1], list(reversed(lazy))) == (rows, rows[:1], rows[::-1])
