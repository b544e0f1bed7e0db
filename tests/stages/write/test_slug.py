"""Slugs: ASCII, short, unique, safe on every system, and none depends on the order of the others."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.stages.write.slug import MAX_SLUG, RESERVED, slugs


@pytest.mark.parametrize(
    ("title", "source", "slug"),
    [
        ("The Last Ferry", "a.txt", "the-last-ferry"),
        ("  It's a “café” – déjà vu! ", "a.txt", "its-a-cafe-deja-vu"),
        ("ﬁsh ２４", "a.txt", "fish-24"),
        ("", "wire/Night Train.txt", "night-train"),
        ("渡船", "wire/ferry_2.md.gz", "ferry-2"),
        ("", "feed.jsonl#12", "feed-12"),
        ("", "feed.json#/items/3", "feed-items-3"),
        ("", ".txt", "txt"),
        ("!!!", "渡.txt", "0123456789abcdef"[:8]),
        ("word " * 40, "a.txt", "-".join(["word"] * 16)),
        ("x" * 200, "a.txt", "x" * 80),
        ("Con", "a.txt", "con-01234567"),
        ("com1", "a.txt", "com1-01234567"),
    ],
)
def test_slug(title: str, source: str, slug: str) -> None:
    assert slugs([(title, source, "0123456789abcdef")]) == [slug]


def test_those_that_would_share_one_all_get_a_part_of_their_id() -> None:
    named = [
        ("Ferry", "a.txt", "aaaaaaaaaaaa"),
        ("ferry!", "b.txt", "bbbbbbbbbbbb"),
        ("Bridge", "c.txt", "cccccccccccc"),
    ]
    assert slugs(named) == ["ferry-aaaaaaaa", "ferry-bbbbbbbb", "bridge"]


NAMED = st.lists(
    st.tuples(
        st.sampled_from(["Ferry", "ferry", "Con", "", "渡", "x" * 90, "x" * 79 + " y", "ferry 0a0a0a0a"]),
        st.sampled_from(["a.txt", "ferry.md", "渡"]),
    ),
    max_size=8,
)


@given(NAMED, st.integers(0, 99))
def test_slugs_are_safe_unique_and_do_not_depend_on_the_order(named: list[tuple[str, str]], seed: int) -> None:
    known = [(title, source, f"{number:02x}{'0a' * 7}") for number, (title, source) in enumerate(named)]
    found = slugs(known)
    assert len(set(found)) == len(found)
    assert all(re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug) and len(slug) <= MAX_SLUG for slug in found)
    assert not RESERVED & set(found)
    mixed = list(range(len(known)))
    random.Random(seed).shuffle(mixed)
    assert slugs([known[place] for place in mixed]) == [found[place] for place in mixed]


def test_slug_made_unique_is_not_that_of_another() -> None:
    named = [
        ("Ferry", "a.txt", "aaaaaaaaaaaa"),
        ("ferry", "b.txt", "bbbbbbbbbbbb"),
        ("Ferry aaaaaaaa", "c.txt", "cccccccccccc"),
    ]
    assert len(set(slugs(named))) == 3


def test_same_title_and_same_id_are_told_apart() -> None:
    named = [("Ferry", "b.txt", "aaaaaaaaaaaa"), ("Ferry", "a.txt", "aaaaaaaaaaaa")]
    assert slugs(named) == ["ferry-aaaaaaaaaaaa-2", "ferry-aaaaaaaaaaaa"]


def test_numbers_stay_when_the_articles_are_cleaned_again() -> None:
    found = slugs([("Ferry", f"{number:02}.txt", "aaaaaaaaaaaa") for number in range(12)])
    assert slugs([("Ferry", f"articles/{name}.md", "aaaaaaaaaaaa") for name in sorted(found)]) == sorted(found)


TITLES = st.sampled_from(["Ferry", "ferry!", "Ferry aaaaaaaa", "Ferry aaaaaaaa 2", "FERRY-AAAAAAAABBBBBBBB", "", "con"])
IDS = st.sampled_from(["aaaaaaaabbbbbbbb", "aaaaaaaacccccccc", "AAAAAAAAbbbbbbbb"])


@given(st.lists(st.tuples(TITLES, IDS), max_size=8), st.randoms(use_true_random=False))
def test_slugs_are_unique_whatever_the_titles_and_ids(named: list[tuple[str, str]], chance: random.Random) -> None:
    known = [(title, f"{number}.txt", identity) for number, (title, identity) in enumerate(named)]
    found = dict(zip(known, slugs(known), strict=True))
    assert len({slug.lower() for slug in found.values()}) == len(known)
    mixed = chance.sample(known, len(known))
    assert dict(zip(mixed, slugs(mixed), strict=True)) == found
