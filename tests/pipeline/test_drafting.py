"""A draft leaves open what is known later, and nothing that a text says is taken for it."""

from __future__ import annotations

import json
from hashlib import sha256

from cleaner.folders import read_bytes
from cleaner.model.duplicates import Member, Pair, Relation
from cleaner.model.options import Options
from cleaner.pipeline.drafting import Draft, _mark, drafted
from cleaner.pipeline.preparing import Failed, Prepared, prepare

TEXT = "The ferry keeps its bell\n\nNobody of the crew could say who had hung it there, or when. {}\n"
WORDS = Options().shingle_words


def prepared(name: str, text: str) -> Prepared:
    (unit,) = read_bytes(name, text.encode(), Options())
    (found,) = prepare(unit, Options(), sketched=False)
    assert not isinstance(found, Failed)
    return found


def test_name_and_hashes_are_filled_in_and_nothing_is_left_open() -> None:
    kept, dropped = prepared("a.txt", TEXT.format("It rang.")), prepared("b.txt", TEXT.format("It rang."))
    pair = Pair(0, 1, Relation.EXACT, 1, 1, 1, drops=(1,))
    made = drafted((b"one", kept), [(b"two", dropped, Member(1, pair, dropped=True))], WORDS, exported=True)
    draft = Draft.unpacked(made.packed())
    assert draft == made
    hashes = [(b"one", "1" * 64), (b"two", "2" * 64)]
    article = draft.filled("the-ferry", hashes)
    assert article.markdown == draft.markdown
    told = json.loads(article.provenance)
    assert (told["article"], json.loads(article.row)["metadata"]["article"]) == ("articles/the-ferry.md",) * 2
    assert [source["sha256"] for source in told["sources"]] == ["1" * 64, "2" * 64]
    marks = [_mark("slug", b"one"), _mark("file", b"one"), _mark("file", b"two")]
    assert not [mark for mark in marks for part in article if mark.encode() in part]


def test_what_stands_open_in_another_article_is_text_here() -> None:
    said = f"{_mark('slug', b'other')} {_mark('file', b'other')}"
    article = drafted((b"one", prepared("a.txt", TEXT.format(said))), (), WORDS, exported=False).filled(
        "the-ferry", [(b"one", "1" * 64)]
    )
    row = json.loads(article.row)
    assert said in row["text"]
    assert json.loads(article.provenance)["text_sha256"] == sha256(row["text"].encode()).hexdigest()
