"""Articles wrapped in JSON: the table of wrappers, records, envelopes, and what can't be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers import cases, check_document, shown, shown_metadata
from hypothesis import given
from hypothesis import strategies as st

from cleaner.rules import METADATA
from cleaner.stages.extract import extract, extract_mail, format_of_file, value_at
from cleaner.stages.extract.fields import NAMES, authors_of, iso_date, map_fields
from cleaner.stages.extract.wrapper import (
    COLLECTIONS,
    ENVELOPES,
    WRAPPERS,
    Format,
    Wrapper,
    find_body,
    format_of,
    string_members,
)

PROSE = "It left at dawn, and nobody on the quay saw it go."


@pytest.mark.parametrize("case", cases("extract/json"))
def test_case(case: dict[str, Any]) -> None:
    suffix = ".jsonl" if case.get("lines") else ".json"
    documents, problems = extract(case["text"], f"made{suffix}", suffix)
    assert [problem.rule for problem in problems] == case.get("problems", [])
    if "places" in case:
        assert [[problem.line, problem.column] for problem in problems] == case["places"]
    assert [document.source for document in documents] == [wanted["source"] for wanted in case["documents"]]
    for document, wanted in zip(documents, case["documents"], strict=True):
        check_document(document)
        assert document.format == "json"
        assert document.fields[0].pointer == wanted["pointer"]
        assert shown(document.blocks) == wanted["blocks"].rstrip("\n")
        assert shown_metadata(document.metadata) == wanted.get("metadata", {})
        assert [loss.span.pointer for loss in document.dropped] == wanted.get("read", [])
        assert all(loss.rule == METADATA for loss in document.dropped)
        assert list(document.unmapped) == wanted.get("unmapped", [])


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda wrapper: wrapper.body)
def test_every_wrapper_of_the_table(wrapper: Wrapper) -> None:
    value: Any = f"<p>{PROSE}</p>" if wrapper.format is Format.HTML else PROSE
    if wrapper.format is Format.BLOCKS:
        value = [{"type": "paragraph", "content": PROSE}]
    pointer = ""
    for step in reversed(wrapper.body.split(".")):
        value = [value] if step.isdigit() else {step: value}
        pointer = f"/{step}{pointer}"
    body = find_body(value, guess=False)
    assert body is not None
    assert body.pointer == pointer
    assert body.format is (wrapper.format or Format.PLAIN)
    (document,), problems = extract(json.dumps(value), "made.json", ".json")
    assert [block.text.text for block in document.blocks] == [PROSE]
    assert [problem.rule for problem in problems] == []


def test_common_wrappers_are_in_the_table() -> None:
    """dev.to, schema.org, JSON Feed, WordPress, ninjs, Readability, Diffbot, Zyte, newspaper and data set rows, trafilatura."""
    common = "body_md body_markdown articleBody content_html content_text content.rendered body_html body_xhtml body_text textContent objects.0.text articleBodyHtml text raw_text body content"
    assert set(common.split()) <= {wrapper.body for wrapper in WRAPPERS}


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_every_envelope(envelope: str) -> None:
    (document,), problems = extract(json.dumps({envelope: {"text": PROSE, "headline": "Ferry"}}), "made.json", ".json")
    assert document.fields[0].pointer == f"/{envelope}/text"
    assert document.metadata.title == "Ferry"
    assert problems == []


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_collection(collection: str) -> None:
    documents, _ = extract(json.dumps({collection: [{"text": PROSE}, {"text": "More."}]}), "made.json", ".json")
    assert [document.source for document in documents] == [f"made.json#/{collection}/{index}" for index in range(2)]


def test_pointer_of_a_record_in_a_line_follows_its_number() -> None:
    documents, _ = extract(json.dumps([{"text": PROSE}]), "made.jsonl", ".jsonl", first_line=12)
    assert [document.source for document in documents] == ["made.jsonl#12/0"]


def test_number_sign_in_a_file_name_is_no_record() -> None:
    for name, pointer in (("issue #7.json", "#/0"), ("issue #7.jsonl", "#1/0")):
        documents, _ = extract(json.dumps([{"text": PROSE}]), name, name[name.rindex(".") :])
        assert [document.source for document in documents] == [name + pointer]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"# Ferry\n\n{PROSE}<br>\n**Late** again.</b>", Format.MARKDOWN),
        (f"- a list in <dl> is rare\n\n<ol> too\n\n{PROSE}</i>", Format.PLAIN),
        (f"- a list of **two**\n- and more\n\n{PROSE}", Format.MARKDOWN),
        (f"{PROSE}<br>{PROSE}", Format.PLAIN),
        ("# Ferry\n\n<p>a</p><p>b</p><p>c</p>", Format.MARKDOWN),
        (f"{PROSE}<br><br>{PROSE}<br>{PROSE}", Format.HTML),
        (f"\n<p>{PROSE}</p>", Format.HTML),
        (f"<!-- made --><p>{PROSE}</p>\n\n- x", Format.HTML),
        (f"<b>{PROSE}</b>", Format.PLAIN),
    ],
)
def test_format_of_a_body(text: str, wanted: Format) -> None:
    assert format_of(text) is wanted


def test_line_of_a_problem_counts_from_the_start_of_the_file() -> None:
    _, (problem,) = extract('\n{"text"\n', "made.jsonl", ".jsonl", first_line=100)
    assert problem.line == 101
    assert problem.source == "made.jsonl#101"
    assert "line 101, column" in problem.message


@pytest.mark.parametrize(
    ("text", "suffix", "wanted"),
    [
        ('{"text": "x"}', "", Format.JSON),
        ('[{"text": "x"}]', ".txt", Format.JSON),
        ("{not json}", ".txt", Format.PLAIN),
        ("[1] a footnote", ".txt", Format.PLAIN),
        ("---\ntitle: x\n---\ntext", ".txt", Format.MARKDOWN),
        ("# heading", ".txt", Format.PLAIN),
        ("<!DOCTYPE html><p>x", ".txt", Format.HTML),
        ("<!-- note -->\n<html><p>x", ".md", Format.HTML),
        ("<p>x", ".txt", Format.PLAIN),
        ("<p>x", ".htm", Format.HTML),
        ("x", ".markdown", Format.MARKDOWN),
        ("x", ".ndjson", Format.JSON),
    ],
)
def test_format_is_told_by_content_first(text: str, suffix: str, wanted: Format) -> None:
    assert format_of_file(text, suffix) is wanted


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text("ab/~ é\n", max_size=6), st.just(PROSE * 3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["text", "title", "a/b", "m~1n", "", "data", "items", "author", "date"]), inner, max_size=4
        ),
    ),
    max_leaves=10,
)


@given(JSON)
def test_any_json_is_documents_or_problems(value: Any) -> None:
    documents, problems = extract(json.dumps(value), "made.json", ".json")
    assert documents or problems or value == []
    for document in documents:
        check_document(document)
        _, _, pointer = document.source.partition("#")
        record = value_at(value, pointer)
        for field in document.fields:
            assert value_at(record, field.pointer) == field.text
        assert {field.pointer for field in document.fields} | set(document.unmapped) == {
            name for name, _ in string_members(record)
        }
        assert not {field.pointer for field in document.fields} & set(document.unmapped)


# -- the table of names --


@pytest.mark.parametrize(("member", "path"), [(member, path) for member, paths in NAMES.items() for path in paths])
def test_every_name_of_the_table(member: str, path: str) -> None:
    said = {
        "date": "2026-03-01",
        "updated": "2026-03-01",
        "url": "https://example.org/a",
        "canonical_url": "https://example.org/a",
    }
    value: Any = said.get(member, "Harbour")
    for step in reversed(path.split(".")):
        value = [value] if step.isdigit() else {step: value}
    found = getattr(map_fields(value).metadata, member)
    assert found in (said.get(member, "Harbour"), ("Harbour",))


def test_first_name_that_has_a_value_wins() -> None:
    mapped = map_fields({"title": "", "headline": "Ferry", "name": "never", "date": "soon", "created": "2026-03-01"})
    assert (mapped.metadata.title, mapped.metadata.date) == ("Ferry", "2026-03-01")
    assert mapped.pointers == ("/headline", "/created")
    assert mapped.bad_dates == (("date", "soon"),)


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ann Orr", ["Ann Orr"]),
        ("Ann Orr, Ben Hale and Cy Dove", ["Ann Orr", "Ben Hale", "Cy Dove"]),
        ("Ann Orr & Ben Hale; Cy Dove", ["Ann Orr", "Ben Hale", "Cy Dove"]),
        ("Von Ann Orr und Ben Hale", ["Ann Orr", "Ben Hale"]),
        ("Ann Orr, PhD", ["Ann Orr, PhD"]),
        ("Anders Sand", ["Anders Sand"]),
        ("", []),
    ],
)
def test_authors_of(byline: str, names: list[str]) -> None:
    assert authors_of(byline) == names


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01T06:00:00Z", "2026-03-01T06:00:00+00:00"),
        ("2026-03-01 06:00:00.1234567+02:00", "2026-03-01T06:00:00.123456+02:00"),
        ("1772323200", "2026-03-01T00:00:00+00:00"),
        ("1772323200000", "2026-03-01T00:00:00+00:00"),
        ("Sun, 01 Mar 2026 06:00:00 GMT", "2026-03-01T06:00:00+00:00"),
        ("March 1st, 2026", "2026-03-01"),
        ("1 Mar 2026", "2026-03-01"),
        ("01.03.2026", "2026-03-01"),
        ("20260301", "2026-03-01"),
        ("2026-02-31", ""),
        ("soon", ""),
        ("", ""),
        ("9" * 400, ""),
    ],
)
def test_iso_date(said: str, date: str) -> None:
    assert iso_date(said) == date


def test_text_of_many_comments_is_told_at_once() -> None:
    assert format_of_file("<!-- a -->\n" * 20_000 + "<p>", ".txt") is Format.PLAIN
    assert format_of_file("<!-- a -->\n" * 20_000 + "<html>", ".txt") is Format.HTML


def test_subject_of_a_mail_is_its_title_without_what_programs_put_before_it() -> None:
    mail = (
        b"From: a@b.example\nTo: c@d.example\nSubject: Fwd: AW: Ferry: it stays\nDate: Wed, 11 Feb 2026 18:24:00 +0100\n\n"
        + PROSE.encode()
    )
    (document,), _, _ = extract_mail(mail, "made.eml")
    assert document.metadata.title == "Ferry: it stays"


def test_teaser_of_an_aggregator_names_whose_it_is() -> None:
    item = f'<title>The ferry stays - Harbour News</title><source url="https://harbour.example">Harbour News</source><description>{PROSE}</description>'
    text = f'<rss version="2.0"><channel><title>"ferry" - News of all</title><item>{item}</item></channel></rss>'
    (document,), _ = extract(text, "made.xml", ".xml")
    assert (document.metadata.title, document.metadata.publisher) == ("The ferry stays", "Harbour News")
