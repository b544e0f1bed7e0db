"""Blocks that are the site's: what many of its articles have at an end goes, and nothing that is theirs."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cleaner.model.documents import Block, Document, Field, Kind, Metadata
from cleaner.model.text import TracedText
from cleaner.stages.template import MIN_ARTICLES, RULE, cut, ends_of, site_of, templates

WORDS = "harbour quay ferry lamp board winter price timetable island rope bell tide market school boat engine".split()


def story(number: int) -> list[str]:
    """Paragraphs that no other story has."""
    return [f"{WORDS[(number + place) % len(WORDS)]} {number} {place} " + " ".join(WORDS[place:]) for place in range(4)]


def article(number: int, paragraphs: list[str], url: str = "https://www.harbour.example") -> Document:
    text = "\n".join(paragraphs)
    blocks = []
    at = 0
    for place, paragraph in enumerate(paragraphs):
        kind = Kind.HEADING if paragraph.startswith("#") else Kind.PARAGRAPH
        start = at + paragraph.startswith("#")
        blocks.append(Block(kind, TracedText.copied(text, start, at + len(paragraph)), int(kind is Kind.HEADING)))
        at += len(paragraph) + 1
        assert place >= 0
    metadata = Metadata(title=f"Story {number}", url=f"{url}/{number}")
    return Document(f"{number}.md", "markdown", (Field("", text),), metadata, tuple(blocks))


def without(documents: list[Document], min_share: int = 20) -> list[list[str]]:
    """The texts of the blocks of each document that stay, and that what goes is accounted for."""
    sites: dict[str, list[int]] = {}
    for number, document in enumerate(documents):
        if ends_of(document):
            sites.setdefault(site_of(document.metadata), []).append(number)
    left = list(documents)
    for site, number, known in templates(sites, lambda number: ends_of(documents[number]), min_share):
        left[number], problems, cuts = cut(documents[number], site, known)
        assert len(problems) == bool(cuts)
        gone = [loss for loss in left[number].dropped if loss.rule == RULE]
        text = documents[number].fields[0].text
        assert [text[loss.span.start : loss.span.end] for loss in gone] == [found.text for found in cuts]
        assert len(left[number].blocks) + len(cuts) == len(documents[number].blocks)
    return [[block.text.text for block in document.blocks] for document in left]


def test_what_most_articles_of_a_site_have_at_their_ends_goes() -> None:
    many = [
        article(n, ["#A title", "Listen to this", *story(n), "Write to us now.", "The harbour desk"]) for n in range(6)
    ]
    many = [replace(found, metadata=replace(found.metadata, title=f"Title {n}")) for n, found in enumerate(many)]
    titled = [["A title", *story(n)] for n in range(6)]
    assert without(many) in (titled, [one[1:] for one in titled])


def test_what_stands_inside_stays_however_often() -> None:
    many = [article(n, [*story(n)[:2], "And so it goes on", *story(n)[2:], "The harbour desk"]) for n in range(6)]
    assert without(many) == [[*story(n)[:2], "And so it goes on", *story(n)[2:]] for n in range(6)]


def test_a_sentence_is_the_sites_if_half_of_its_articles_end_with_it() -> None:
    ends = ["The case goes on in spring."] * 4 + [""] * 6
    many = [article(n, [*story(n), *filter(None, [end])]) for n, end in enumerate(ends)]
    assert without(many) == [[block.text.text for block in document.blocks] for document in many]
    assert without(many[:8]) == [story(n) for n in range(8)]


def test_versions_of_one_article_are_one_article() -> None:
    many = [article(n, [*story(1), f"Version {n} of it", "Kolmar, in winter"]) for n in range(5)]
    assert without(many) == [[block.text.text for block in document.blocks] for document in many]
    same_title = [
        replace(article(n, [*story(n), "Kolmar, in winter"]), metadata=Metadata(title="A", publisher="H"))
        for n in range(5)
    ]
    assert all(found[-1] == "Kolmar, in winter" for found in without(same_title))


def test_too_few_articles_other_sites_and_our_own_prove_nothing() -> None:
    few = [article(n, [*story(n), "The harbour desk"]) for n in range(MIN_ARTICLES - 1)]
    assert all(found[-1] == "The harbour desk" for found in without(few))
    elsewhere = [article(n, [*story(n), "The harbour desk"], f"https://{n}.example") for n in range(6)]
    assert all(found[-1] == "The harbour desk" for found in without(elsewhere))
    ours = [replace(article(n, [*story(n), "The harbour desk"]), origins=("a.md",)) for n in range(6)]
    assert all(found[-1] == "The harbour desk" for found in without(ours))


def test_an_article_of_nothing_else_is_left_alone() -> None:
    many = [
        *(article(n, [*story(n), "The harbour desk"]) for n in range(6)),
        article(9, ["#Title", "The harbour desk"]),
    ]
    assert without(many)[-1] == ["Title", "The harbour desk"]


@given(st.permutations(range(8)))
def test_order_changes_nothing(order: list[int]) -> None:
    tails = [["The harbour desk"], ["The harbour desk", "More of this"], ["More of this"], []]
    many = [article(n, ["Listen to this", *story(n), *tails[n % 4]]) for n in range(8)]
    straight = without(many)
    assert without([many[n] for n in order]) == [straight[n] for n in order]
