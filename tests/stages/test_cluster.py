"""Clusters: stars of direct matches and no chains; containers and later revisions first; the order of the input changes nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from cleaner.model.duplicates import Cluster, Fingerprint, Pair, Relation
from cleaner.model.options import Options
from cleaner.stages.cluster import cluster
from cleaner.stages.elect import preference, reason

KEEP = Options().keep


def found(number: int, words: int = 100, **known: str) -> Fingerprint:
    members = {"title": "", "url": "", "canonical_url": "", "date": "", "updated": "", **known}
    return Fingerprint(number, f"{number:02}.txt", f"hash{number}", words, **members, metadata_members=0)


def pair(
    a: int, b: int, relation: Relation = Relation.NEAR, drops: tuple[int, ...] | None = None, common: int = 80
) -> Pair:
    return Pair(a, b, relation, common, 100, 100, drops=(a, b) if drops is None else drops)


def clusters(fingerprints: Sequence[Fingerprint], pairs: Sequence[Pair]) -> list[Cluster]:
    return cluster(
        fingerprints, pairs, lambda one: preference(one, KEEP), lambda kept, dropped: reason(kept, dropped, KEEP)
    )


def stars(made: list[Cluster]) -> dict[int, list[int]]:
    return {one.canonical: [member.number for member in one.members if member.dropped] for one in made}


def test_stars_never_chain() -> None:
    made = clusters([found(0, 300), found(1, 200), found(2, 100)], [pair(0, 1), pair(1, 2)])
    assert stars(made) == {0: [1]}


def test_middle_of_a_chain_takes_both_ends_where_it_is_preferred() -> None:
    made = clusters([found(0, 100), found(1, 300), found(2, 200)], [pair(0, 1), pair(1, 2)])
    assert stars(made) == {1: [0, 2]}


def test_nearest_star_takes_what_two_could() -> None:
    made = clusters([found(0, 300), found(1, 200), found(2, 100)], [pair(0, 2, common=70), pair(1, 2, common=90)])
    assert stars(made) == {1: [2]}


def test_preferred_star_takes_what_two_could_take_alike() -> None:
    made = clusters([found(0, 200), found(1, 300), found(2, 100)], [pair(0, 2), pair(1, 2)])
    assert stars(made) == {1: [2]}


def test_container_beats_what_it_contains() -> None:
    first = found(0, 100, url="example.org/a", canonical_url="example.org/a")
    made = clusters([first, found(1, 300)], [pair(0, 1, Relation.CONTAINED, (0,))])
    assert stars(made) == {1: [0]}
    assert made[0].why == "it holds the shorter text"


def test_latest_revision_wins() -> None:
    made = clusters(
        [found(0, 300), found(1, 200), found(2, 100)],
        [pair(0, 1, Relation.REVISION, (0,)), pair(1, 2, Relation.REVISION, (1,)), pair(0, 2, Relation.REVISION, (0,))],
    )
    assert stars(made) == {2: [0, 1]}
    assert made[0].why == "it is the latest revision"


def test_both_stay_where_neither_may_go() -> None:
    (made,) = clusters([found(0), found(1)], [pair(0, 1, drops=())])
    assert [(member.number, member.dropped) for member in made.members] == [(1, False)]
    assert made.why == "both have much of their own"


def test_pages_of_one_template_stay_and_say_so() -> None:
    pages = [found(number, 70 - number, title=f"page {number}") for number in range(6)]
    copy = found(6, 60, title="page 0")
    edges = [pair(0, number) for number in range(1, 7)]
    (made,) = clusters([*pages, copy], edges)
    assert {member.number: member.dropped for member in made.members} == {
        1: False,
        2: False,
        3: False,
        4: False,
        5: False,
        6: True,
    }
    (made,) = clusters(pages, edges[:5])
    assert (stars([made]), made.why) == ({0: []}, "so many short texts under as many titles are pages of one template")


def test_many_copies_of_one_story_are_no_template() -> None:
    edges = [pair(0, number) for number in range(1, 6)]
    for titles, words in (("a a a b b c", 70), ("a b c d e f", 400), (" b c d e f", 70)):
        told = titles.split(" ")
        told += [""] * (6 - len(told))
        (made,) = clusters([found(number, words - number, title=told[number]) for number in range(6)], edges)
        assert stars([made]) == {0: [1, 2, 3, 4, 5]}


def test_reuse_makes_no_cluster() -> None:
    assert clusters([found(0), found(1)], [pair(0, 1, Relation.REUSE, ())]) == []


def test_nothing_makes_no_cluster() -> None:
    assert clusters([], []) == []


def test_why_is_the_first_criterion_on_which_the_two_differ() -> None:
    (made,) = clusters([found(0, 100, date="2026-03-02"), found(1, 100, date="2026-03-01")], [pair(0, 1)])
    assert (made.canonical, made.why) == (1, "it was published first")


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Fingerprint], list[Pair]]:
    """Documents, and pairs of all relations among them; where one alone may be dropped, it is that with the larger number."""
    count = draw(st.integers(2, 9))
    documents = [found(number, draw(st.integers(1, 3)) * 100) for number in range(count)]
    pairs = []
    for a in range(count):
        for b in range(a + 1, count):
            match draw(st.sampled_from(["none", "none", "near", "contained", "both stay", "reuse"])):
                case "near":
                    pairs.append(pair(a, b, common=draw(st.integers(60, 99))))
                case "contained":
                    pairs.append(pair(a, b, Relation.CONTAINED, (b,)))
                case "both stay":
                    pairs.append(pair(a, b, drops=()))
                case "reuse":
                    pairs.append(pair(a, b, Relation.REUSE, ()))
    return documents, pairs


@given(graphs())
def test_what_is_dropped_matches_directly_what_is_kept(graph: tuple[list[Fingerprint], list[Pair]]) -> None:
    documents, pairs = graph
    made = clusters(documents, pairs)
    dropped = [member.number for one in made for member in one.members if member.dropped]
    assert len(dropped) == len(set(dropped))
    assert not {one.canonical for one in made} & set(dropped)
    for one in made:
        for member in one.members:
            assert member.pair in pairs
            assert {member.pair.a, member.pair.b} == {one.canonical, member.number}
            assert not member.dropped or member.number in member.pair.drops
    gone = set(dropped)
    for one in pairs:
        if one.drops and not {one.a, one.b} & gone:
            raise AssertionError(f"both of {one} are kept, though one of them may be dropped for the other")


@given(graphs(), st.integers(0, 1000))
def test_order_of_the_input_changes_nothing(graph: tuple[list[Fingerprint], list[Pair]], seed: int) -> None:
    documents, pairs = graph
    chance = random.Random(seed)
    mixed_documents, mixed_pairs = list(documents), list(pairs)
    chance.shuffle(mixed_documents)
    chance.shuffle(mixed_pairs)
    assert clusters(mixed_documents, mixed_pairs) == clusters(documents, pairs)
