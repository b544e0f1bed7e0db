"""The extraction of HTML pages: cases as data, the laws of the spans on anything, a sample of real pages."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.model.documents import Extracted, Kind, MarkKind
from cleaner.model.text import Op
from cleaner.stages.extract.html import Mode, extract_html, narrowed, sought_in, strings_of
from cleaner.stages.extract.html_align import align
from cleaner.stages.extract.html_article import all_prose, article_of, evidence_of
from cleaner.stages.extract.html_metadata import iso_date, metadata_of, names_of, url_date, without_site
from cleaner.stages.extract.html_runs import Page, pieces_of, read_page

CASES = Path(__file__).parents[2] / "cases" / "extract" / "html"
PAGES = Path(__file__).parents[4] / "shared" / "data"

PROSE = (
    "<p>The mill at the end of the lane has ground no corn since the flood of nineteen fifty-three, and yet its wheel "
    "still turns whenever the river is high enough to reach the lowest of its blades.</p>"
)


BODY = "".join(f"<p>{number}. {PROSE[3:]}" for number in range(12))


def rendered(extracted: Extracted) -> str:
    """Blocks, marks, metadata and what was dropped, as a person reads them in the case files."""
    lines: list[str] = []
    for block in extracted.blocks:
        signs = [block.kind.value, str(block.level)]
        signs += [f"no. {block.ordinal}"] if block.ordinal is not None else []
        signs += [f"group {block.group}"] if block.group else []
        signs += [block.info] if block.info else []
        lines.append(f"{' '.join(signs)}: {block.text.text!r}")
        for mark in block.marks:
            target = f" -> {mark.target}" if mark.target else ""
            lines.append(f"    {mark.kind.value}: {block.text.text[mark.start : mark.end]!r}{target}")
    lines += [f"{name} = {value}" for name, value in asdict(extracted.metadata).items() if value]
    lines += [f"problem {problem.rule}" for problem in extracted.problems]
    return "\n".join(lines) + "\n"


def check_spans(text: str, extracted: Extracted, pointer: str = "") -> None:
    """Text runs are kept, dropped or white space; nothing is used twice; copies and edits say what their spans say."""
    runs = extracted.runs
    assert runs is not None
    assert all(start < end <= len(text) for start, end in runs)
    assert all(left[1] <= right[0] for left, right in pairwise(runs))
    spans = sorted(
        [span for block in extracted.blocks for span in block.text.spans()]
        + [dropped.span for dropped in extracted.dropped]
    )
    assert all(span.pointer == pointer for span in spans)
    assert all(left.end <= right.start for left, right in pairwise(spans))
    uncovered = bytearray(b"\1") * len(text)
    for span in spans:
        assert any(start <= span.start and span.end <= end for start, end in runs)
        uncovered[span.start : span.end] = bytes(span.end - span.start)
    for start, end in runs:
        assert not unescape("".join(text[at] for at in range(start, end) if uncovered[at])).strip()
    for block in extracted.blocks:
        at = 0
        for run in block.text.runs:
            said = block.text.text[at : at + run.size]
            at += run.size
            if run.span is None:
                assert set(said) <= set(" |\n")
            else:
                stands = text[run.span.start : run.span.end]
                assert said == (stands if run.op is Op.COPY else unescape(stands))
        assert all(0 <= mark.start <= mark.end <= len(block.text) for mark in block.marks)


@pytest.mark.parametrize("case", sorted(CASES.glob("*.html")), ids=lambda case: case.stem)
def test_case(case: Path) -> None:
    text = case.read_text(encoding="utf-8")
    extracted = extract_html(text, "/body", case.name)
    assert rendered(extracted) == case.with_suffix(".txt").read_text(encoding="utf-8")
    check_spans(text, extracted, "/body")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "no markup at all",
        "\x00\x01\xff\ufffd\ufffe" * 50,
        "<",
        "<p",
        "<!--",
        "</",
        "<script>",
        "<title>half",
        '<a href="unclosed>text' + PROSE,
        "<p>\x00 a NUL \x0b and a tab</p>" + PROSE * 3,
        "&#0; &#x1; &#xD800; &#1114112; &amp &amp;amp; &notit; &nbsp;" + PROSE * 3,
        "<div>" * 200 + PROSE * 3,
        "<div>" * 3000 + PROSE * 3 + "</div>" * 3000,
        "<b>" * 500 + "</p>" * 500 + PROSE * 3,
        "<table><tr><td>" * 30 + PROSE * 3,
        "<table><tr><td>one<table><tr><td>two</td><td>three</td></tr></table></td></tr></table>" + PROSE * 3,
        "<pre>\n  a &lt; b\n\n</pre>" * 3 + PROSE * 3,
        "<ol start='99999999999999999999'><li value=x>" + PROSE * 3,
        "<?xml version='1.0' encoding='utf-8'?><html><body>" + PROSE * 3,
        '<script type="application/ld+json">' + "[" * 5000 + "</script>" + PROSE * 3,
        '<script type="application/ld+json">{"@type": 3, "author": [[{"name": [1]}]], "headline": {}}</script>'
        + PROSE * 3,
        "<meta property='og:url' content='http://[bad'><link rel=canonical href='http://[worse'>" + PROSE * 3,
        "\r\n".join([PROSE] * 4),
    ],
)
def test_odd_pages_keep_the_laws(text: str) -> None:
    check_spans(text, extract_html(text, "", "odd.html"))


MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            """<p> </p> <div> </div> <h2> </h2> <ul> <ol> <li> </li> </ul> <table> <tr> <td> </td> </table> <b>
            </b> <i> </i> <a|href='x'> </a> <br> <pre> </pre> <code> </code> <blockquote> </blockquote> <title>
            </title> <script> </script> <!-- --> <article> </article> &amp; &nbsp; &#8217; &lt &copy <select>
            <option> <textarea> </textarea> < > & ' " = / <nav> <section|class='comments'> </section>""".split()
        ).map(lambda piece: piece.replace("|", " ")),
        st.sampled_from([PROSE, "a few words of text", "more words, and still more of them follow here.", " ", "\n"]),
        st.text(max_size=12),
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(MARKUP)
def test_any_markup_keeps_the_laws(text: str) -> None:
    check_spans(text, extract_html(text, "", "any.html"))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_keeps_the_laws(text: str) -> None:
    check_spans(text, extract_html(text, "", "any.html"))


@settings(max_examples=60, deadline=None)
@given(MARKUP)
def test_same_page_same_result(text: str) -> None:
    assert extract_html(text, "", "a.html") == extract_html(text, "", "a.html")


def test_page_without_article_is_a_problem() -> None:
    problems = extract_html("<html><body></body></html>", "", "seeds/empty.html").problems
    assert [problem.rule for problem in problems] == ["DOC007"]
    assert "seeds/empty.html" in problems[0].message


def test_values_that_lose_are_told() -> None:
    head = """<title>Night ferry | The Quay</title><meta property="og:title" content="The last boat home">
        <meta name="author" content="Ada Low"><meta property="og:site_name" content="The Quay">
        <meta property="article:published_time" content="2024-05-14T01:30:00Z">"""
    page = f"<html lang='en'><head>{head}</head><body><h1>Night ferry</h1><p>By Ben Ahn</p><p>13 May 2024</p>{PROSE}</body></html>"
    said = metadata_of(read_page(page))
    assert said.metadata.title == "Night ferry"
    assert said.alternatives == (
        ("title", ("The last boat home",)),
        ("author", ("Ben Ahn",)),
        ("date", ("2024-05-14",)),
    )


def test_frameset_names_the_pages_that_it_frames() -> None:
    page = '<html><frameset cols="20%,80%"><frame src="menu.html"><frame src=\'story.html\'></frameset></html>'
    (problem,) = extract_html(page, "", "seeds/frames.html").problems
    assert problem.rule == "DOC007"
    assert "frames of others (menu.html, story.html)" in problem.message


def test_request_for_scripts_is_no_article() -> None:
    asks = (
        "You need to enable JavaScript to run this reader, or it can show you none of the articles that are kept here."
    )
    extracted = extract_html(f"<html><body><noscript><p>{asks}</p></noscript></body></html>", "", "seeds/app.html")
    assert not extracted.blocks
    assert [problem.rule for problem in extracted.problems] == ["DOC007"]


def test_saved_page_says_where_it_comes_from() -> None:
    address = "https://example.org/forge"
    saved = f"<!DOCTYPE html>\n<!-- saved from url=(0025){address} -->\n<html><body>{BODY}</body></html>"
    assert metadata_of(read_page(saved)).metadata.url == address


def test_what_buyers_say_is_not_the_description_of_a_product() -> None:
    says = '<script type="application/ld+json">{"@type": "Product", "name": "Anvil"}</script>'
    reviews = "".join(
        f"<p>{number} The smith who bought it says that it rings well, and that it is worth every coin he paid.</p>"
        for number in range(30)
    )
    page = f"<html><body>{says}<div>{BODY}</div><div class='buyer-reviews'>{reviews}</div></body></html>"
    kept = rendered(extract_html(page, "", "seeds/anvil.html"))
    assert "The smith" not in kept
    assert kept


def test_stub_of_a_paid_article_is_a_problem() -> None:
    says = '<script type="application/ld+json">{"@type": "NewsArticle", "wordCount": "900"}</script>'
    problems = extract_html(
        f"<html><body>{says}<article>{BODY[: BODY.index('<p>2')]}</article></body></html>", "", "seeds/stub.html"
    ).problems
    assert [problem.rule for problem in problems] == ["DOC005"]
    assert problems[0].span is not None


LINKED = '<p id="x">Read more: <a href="/other">the forge on the hill and its smith</a></p>'


HEADLINE = "<title>The wheel turns</title><header><h1>The wheel turns</h1>"
LEAD = "A wheel that stood for forty years has turned again, to the joy of the town."


@pytest.mark.parametrize(
    ("html", "is_found", "is_kept"),
    [
        (f'<main><div>{BODY}</div><p id="x">Opening hours of the desk</p></main>', True, False),
        (
            f'<div>{BODY}<div class="newsletter-form"><p id="x">Sign up for our letter</p></div>{BODY}</div>',
            True,
            False,
        ),
        (f"<div>{BODY}{LINKED}{BODY}</div>", True, False),
        (f'<div>{BODY}<h2 id="x">The wheel</h2>{BODY}</div>', False, True),
        (f'<div>{BODY}<ul><li id="x">a wheel</li></ul>{BODY}</div>', False, True),
        (f'<div>{BODY}<aside><h2 id="x">The wheel</h2></aside>{BODY}</div>', False, False),
        (f'<div>{BODY}</div><h2 id="x">The wheel</h2>', False, False),
        (f'<h1>The wheel</h1><div><h2 id="x">The wheel</h2>{BODY}</div>', True, False),
        (f'<meta name=description content="{PROSE[3:70]}"><p id="x">{PROSE[3:70]}</p><div>{BODY}</div>', False, True),
        (f'{HEADLINE}<p>By Ann Ash</p><p id="x">{LEAD}</p></header><div>{BODY}</div>', False, True),
        (f'{HEADLINE}<p>By Ann Ash</p><p id="x"><a href="/y">{LEAD}</a></p></header><div>{BODY}</div>', False, False),
        (
            f'{HEADLINE}<p id="x">Monday the third of March, five minutes to read</p></header><div>{BODY}</div>',
            False,
            False,
        ),
        (f'{HEADLINE}<p class="newsletter" id="x">{LEAD}</p></header><div>{BODY}</div>', False, False),
        (f'{HEADLINE}<details><p id="x">{LEAD}</p></details></header><div>{BODY}</div>', False, False),
        (
            f'<main>{HEADLINE}</header><div><p>{LEAD[:40]} at last.</p><p id="x">{LEAD}</p></div><div>{BODY}</div></main>',
            True,
            True,
        ),
        (f'<main><p id="x">{LEAD}</p>{HEADLINE}</header><div>{BODY}</div></main>', True, False),
        (
            f'<main>{HEADLINE}</header><div class="related"><p id="x">{LEAD}</p></div><div>{BODY}</div></main>',
            True,
            False,
        ),
        (
            f'<meta name=description content="{LEAD}"><p id="x">{LEAD}</p>'
            f"<div><p>{LEAD[:30]}</p><p>{LEAD[30:]}</p>{BODY}</div>",
            False,
            False,
        ),
    ],
)
def test_where_a_block_stands_decides(html: str, is_found: bool, is_kept: bool) -> None:
    page = read_page(html)
    pieces = pieces_of(html, page.runs)
    asked = [page.runs[piece.run].element.lineage() for piece in pieces]
    is_asked = [any(element.attributes().get("id") == "x" for element in line) for line in asked]
    found = [
        is_found if ask else not any(element.tag == "h1" for element in line)
        for ask, line in zip(is_asked, asked, strict=True)
    ]
    kept = article_of(evidence_of(page, pieces, metadata_of(page)), bytearray(found)).kept
    assert [keep for keep, ask in zip(kept, is_asked, strict=True) if ask] == [is_kept] * sum(is_asked)
    assert sum(kept) >= sum(not ask for ask in is_asked) - len("The wheel turns The wheel turns By Ann Ash".split())


def test_a_form_around_the_whole_page_holds_its_article() -> None:
    for tag in ("form", "noscript"):
        html = f'<html><body><{tag} action="/"><div>{BODY}</div></{tag}></body></html>'
        page = read_page(html)
        evidence = evidence_of(page, pieces_of(html, page.runs), metadata_of(page))
        assert all(all_prose(evidence)), tag
    html = f'<html><body><div>{BODY}</div><form action="/"><p>{LEAD}</p></form></body></html>'
    page = read_page(html)
    evidence = evidence_of(page, pieces_of(html, page.runs), metadata_of(page))
    assert all_prose(evidence) == [True] * 12 + [False]


def test_the_id_of_a_heading_is_no_sign_against_it() -> None:
    article = f'<article><h1>The wheel</h1>{BODY}<h2 id="related-share-nav">The wheel turns</h2>{BODY}</article>'
    blocks = extract_html(f"<html><body>{article}</body></html>", "", "seeds/wheel.html").blocks
    assert "The wheel turns" in [block.text.text for block in blocks]


@pytest.mark.parametrize(
    "around", ['<section id="comments">%s</section>', '<div class="section" id="comments">%s</div>']
)
def test_the_id_of_a_section_is_its_headings_words(around: str) -> None:
    html = f"<html><body><article><h1>The wheel</h1>{BODY}{around % f'<h2>Comments</h2><p>{LEAD}</p>'}{BODY}</article></body></html>"
    assert LEAD in [block.text.text for block in extract_html(html, "", "seeds/wheel.html").blocks]
    named = html.replace('id="comments"', 'id="comments" class="comments"').replace('class="section" ', "")
    assert LEAD not in [block.text.text for block in extract_html(named, "", "seeds/wheel.html").blocks]


def test_the_title_has_no_mark_of_a_link() -> None:
    heading = '<h1>The wheel turns<a class="headerlink" href="#the-wheel-turns">\N{PILCROW SIGN}</a></h1>'
    html = (
        f"<html><head><title>The wheel turns - Mill 1.2</title></head><body><main>{heading}{BODY}</main></body></html>"
    )
    assert extract_html(html, "", "seeds/wheel.html").metadata.title == "The wheel turns"


def test_the_name_of_a_site_is_no_title() -> None:
    head = "<title>The wheel turns - Mill Forum</title>"
    html = (
        f"<html><head>{head}</head><body><h1>Mill Forum</h1><main><h2>The wheel turns</h2>{BODY}</main></body></html>"
    )
    assert extract_html(html, "", "seeds/wheel.html").metadata.title == "The wheel turns"


def test_a_formula_is_said_once() -> None:
    formula = "<math><semantics><mi>N</mi><annotation>{\\displaystyle N}</annotation></semantics></math>"
    html = f"<html><body><article><h1>The wheel</h1><p>It has {formula} spokes of oak, and a rim of iron.</p>{BODY}</article></body></html>"
    texts = [block.text.text for block in extract_html(html, "", "seeds/wheel.html").blocks]
    assert "It has N spokes of oak, and a rim of iron." in texts


ARTICLE = '<meta property="og:type" content="article">'
LISTED = "".join(f"<li>wheel {number}</li>" for number in range(12))
LONG = "".join(f"<li>wheel {number} of {number * number} in the yard of the mill</li>" for number in range(200))


@pytest.mark.parametrize(
    ("html", "modes"),
    [
        (f"{ARTICLE}<article>{BODY}</article>", [Mode.RECALL]),
        (f"<main>{BODY}</main>", [Mode.RECALL]),
        (f"<main><ul>{LISTED}</ul></main>", [Mode.RECALL, Mode.BALANCED]),
        (f"<main><ul>{LONG}</ul></main>", [Mode.RECALL]),
        (f"{ARTICLE}<main><ul>{LISTED}</ul></main>", [Mode.RECALL]),
        (f"{ARTICLE}<main><ul>{LISTED}</ul></main><div>{BODY}</div>", [Mode.RECALL, Mode.BALANCED]),
    ],
    ids=["borne out", "borne out, no article", "short list", "long list", "article without prose", "prose elsewhere"],
)
def test_trafilatura_is_asked_again_only_where_its_answer_can_count(
    html: str, modes: list[Mode], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Mode] = []

    def answer(page: Page, mode: Mode) -> list[str]:
        asked.append(mode)
        return [page.source[run.start : run.end] for run in page.runs if run.element.tag == "li" or "<ul>" not in html]

    monkeypatch.setattr("cleaner.stages.extract.html.strings_of", answer)
    extract_html(f"<html><body>{html}</body></html>", "", "a.html")
    assert asked == modes


@pytest.mark.parametrize(
    ("cell", "narrow"),
    [
        ('<td colspan="3000">', '<td colspan="9">'),
        ("<td ROWSPAN = 99999999>", "<td ROWSPAN = 9>"),
        ("<td colSpan='31'>", "<td colSpan='9'>"),
        ('<td colspan="29" width="3000">', '<td colspan="29" width="3000">'),
    ],
)
def test_cells_wider_than_tables_are_narrowed(cell: str, narrow: str) -> None:
    assert narrowed(read_page(f"<table><tr>{cell}a</table>")) == f"<table><tr>{narrow}a</table>"


def test_all_prose_serves_where_the_extractor_missed_it() -> None:
    html = f"<div>{BODY}</div>"
    page = read_page(html)
    pieces = pieces_of(html, page.runs)
    article = article_of(evidence_of(page, pieces, metadata_of(page)), bytearray(len(pieces)))
    assert all(article.kept)
    assert article.agreement == 0


@pytest.mark.parametrize(
    "html",
    [
        f'<body class="with-sidebar"><div class="related-layout">{BODY}</div></body>',
        f'<div>{BODY}</div><div class="sidebar">{PROSE * 2}</div>',
        "<div>"
        + f"<p>{'鹿児島の港では、夜明け前から漁師たちが網を繕い、船を出す支度をしていた。' * 3}</p>" * 6
        + "</div>",
        "<div>" + f"<p>{'ท่าเรือยังไม่ตื่นแต่ชาวประมงเฒ่ากำลังซ่อมแหอยู่' * 3}</p>" * 6 + "</div>",
        "<div>" + f"<p>{'清晨的港口还没有醒来，老渔民已经在补网，准备出海。' * 3}</p>" * 6 + "</div>",
    ],
    ids=["the page's own name says nothing", "sidebar", "Japanese", "Thai", "Chinese"],
)
def test_prose_is_known_without_an_extractor(html: str) -> None:
    page = read_page(html)
    evidence = evidence_of(page, pieces_of(html, page.runs), metadata_of(page))
    is_beside = [
        any(element.attributes().get("class") == "sidebar" for element in block.element.lineage())
        for block in evidence.blocks
    ]
    assert all_prose(evidence) == [not beside for beside in is_beside]


POSTS = (
    "Has anyone brought the old kiln above nine hundred degrees without the fan giving up on it?",
    "Only after I had cleaned the vent, which took me an afternoon and two good brushes.",
    "Thanks!",
    "The probe drifts. Replace it before you blame the fan, and look at the wiring behind the panel.",
)
TOLD_POSTS = f"""<script type="application/ld+json">{
    json.dumps({"@type": "DiscussionForumPosting", "text": POSTS[0], "comment": [{"text": post} for post in POSTS[1:]]})
}</script>"""


@pytest.mark.parametrize(
    ("head", "post"),
    [
        ("", '<div class="post"><h3><a href="#1">Re: Kiln</a></h3><p class="author">by ann</p><div class="postbody">%s</div></div>'),
        ("", '<table><tr><td><a href="/ann">ann</a><div>Member</div></td><td id="td_1"><div id="post_message_12">%s</div></td></tr></table>'),
        ("", '<article class="message"><h4>ann</h4><div class="bbWrapper">%s</div><a href="#r">Reply</a></article>'),
        ("", '<div class="comment"><a href="/ann">ann</a><div class="commtext c00">%s</div><a href="#r">reply</a></div>'),
        (TOLD_POSTS, '<div class="row"><div><a href="/ann">ann</a> Posts: 3</div><div>%s</div><div><a href="#r">Reply</a></div></div>'),
    ],
)  # fmt: skip
def test_thread_is_its_posts(head: str, post: str) -> None:
    html = f"<html><head>{head}</head><body><ul><li><a href='/'>Home</a></ul>{''.join(post % text for text in POSTS)}</body></html>"
    assert [block.text.text for block in extract_html(html, "", "thread.html").blocks] == list(POSTS)


def test_index_is_no_article() -> None:
    entry = "<div><h3><a href='/{0}'>The mill at the end of lane {0}</a></h3><p>It has ground no corn since.</p></div>"
    html = f"<html><body>{''.join(entry.format(number) for number in range(9))}</body></html>"
    extracted = extract_html(html, "", "seeds/index.html")
    assert not extracted.blocks
    assert [problem.rule for problem in extracted.problems] == ["DOC007"]
    assert "9 headlines" in extracted.problems[0].message
    check_spans(html, extracted)


def test_text_that_may_not_be_the_article_is_reported() -> None:
    html = (
        f"<html><body>{''.join(f'<div>Wheel {number}, oak and iron, 40 kg</div>' for number in range(9))}</body></html>"
    )
    extracted = extract_html(html, "", "odd.html")
    assert extracted.confidence < 50
    assert [problem.rule for problem in extracted.problems] == ["DOC008"]


def test_text_that_stands_once_is_used_once() -> None:
    extracted = extract_html(f"<html><body><article>{PROSE * 3}</article></body></html>", "", "a.html")
    spans = [span for block in extracted.blocks for span in block.text.spans()]
    assert len(spans) == len(set(spans))


def test_row_has_a_mark_for_every_cell() -> None:
    table = "<table><tr><td>a</td><td></td><td>c</td></tr><tr><td>d</td><td>e</td><td>f</td></tr></table>"
    extracted = extract_html(
        f"<html><body><article>{PROSE * 2}{table}{PROSE.replace('mill', 'forge')}</article></body></html>", "", "a.html"
    )
    rows = [block for block in extracted.blocks if block.kind is Kind.ROW]
    assert [row.text.text for row in rows] == ["a |  | c", "d | e | f"]
    cells = [[row.text.text[mark.start : mark.end] for mark in row.marks if mark.kind is MarkKind.CELL] for row in rows]
    assert cells == [["a", "", "c"], ["d", "e", "f"]]


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("2024-05-14T06:30:00+0200", "2024-05-14T06:30:00+02:00"),
        ("2024-05-14 06:30:00.123Z", "2024-05-14T06:30:00Z"),
        ("Published May 14th, 2024", "2024-05-14"),
        ("14 May 2024", "2024-05-14"),
        ("20240514", "2024-05-14"),
        ("12. M\N{LATIN SMALL LETTER A WITH DIAERESIS}rz 2024", "2024-03-12"),
        ("1er ao\N{LATIN SMALL LETTER U WITH CIRCUMFLEX}t 2023", "2023-08-01"),
        ("3 de mayo de 2024", "2024-05-03"),
        ("7 gennaio 2024", "2024-01-07"),
        ("21 de outubro de 2024", "2024-10-21"),
        ("12 \u043c\u0430\u0440\u0442\u0430 2024", "2024-03-12"),
        ("2024\u5e743\u670812\u65e5", "2024-03-12"),
        ("2024\ub144 3\uc6d4 12\uc77c", "2024-03-12"),
        ("25.03.2024", "2024-03-25"),
        ("03/25/2024", "2024-03-25"),
        ("12.03.2024", ""),
        ("Sonntag 12 Leute 2024", ""),
        ("version 1.12.03.2024", ""),
        ("2024-02-31", ""),
        ("2024", ""),
        ("May 2024", ""),
    ],
)
def test_iso_date(said: str, date: str) -> None:
    assert iso_date(said) == date


@pytest.mark.parametrize(
    ("lang", "date"), [("de", "2024-03-12"), ("en-GB", "2024-03-12"), ("en-US", "2024-12-03"), ("en", ""), ("", "")]
)
def test_language_says_which_number_is_the_month(lang: str, date: str) -> None:
    page = f"<html lang='{lang}'><body><h1>Night ferry</h1><p>12/03/2024</p>{PROSE}</body></html>"
    assert metadata_of(read_page(page)).metadata.date == date


@pytest.mark.parametrize(
    ("below", "date"),
    [
        ("14 May 2024", "2024-05-14"),
        ("13 May 2024", "2024-05-13"),
        ("Updated 20 May 2024", "2024-05-14"),
        ("The ferry sails at night", "2024-05-14"),
    ],
)
def test_what_a_reader_sees_dates_the_article(below: str, date: str) -> None:
    head = '<meta property="article:published_time" content="2024-05-14T01:30:00Z">'
    said = metadata_of(
        read_page(f"<html><head>{head}</head><body><h1>Night ferry</h1><p>{below}</p>{PROSE}</body></html>")
    )
    assert said.metadata.date[:10] == date
    assert ("T" in said.metadata.date) == (date == "2024-05-14")


def test_url_date() -> None:
    assert url_date("https://example.org/2024/may/14/night-ferry") == "2024-05-14"
    assert url_date("https://example.org/2024/harbour/05/14/night-ferry") == "2024-05-14"
    assert url_date("https://example.org/2024/05/night-ferry") == ""


@pytest.mark.parametrize(
    ("lang", "written"),
    [
        ("ar", "الثلاثاء، 14 أيار/مايو 2024"),
        ("pl", "14 maja 2024"),
        ("cs", "14. května 2024"),
        ("bg", "14 май 2024 г."),
        ("uk", "14 травня 2024"),
        ("hu", "2024. május 14., kedd"),
        ("fi", "14. toukokuuta 2024"),
        ("tr", "14 Mayıs 2024 Salı"),
        ("el", "14 Μαΐου 2024"),
        ("nl", "14 mei 2024"),
    ],
)
def test_dates_in_words(lang: str, written: str) -> None:
    assert iso_date(written, lang) == "2024-05-14"


def test_month_that_two_languages_name_alike() -> None:
    assert iso_date("3. listopada 2024", "hr") == "2024-10-03"
    assert iso_date("3 listopada 2024", "pl") == "2024-11-03"


def test_microformat_dates_the_article() -> None:
    page = f"<html><body><h1>Night ferry</h1><p><abbr title='2024-05-14T01:40:40Z'>an hour ago</abbr> by <abbr title='Radio Kestrel'>RK</abbr></p>{PROSE}</body></html>"
    assert metadata_of(read_page(page)).metadata.date == "2024-05-14T01:40:40Z"


@pytest.mark.parametrize(
    ("below", "author"),
    [
        ("<p>14 May 2024 by <a>Marta Weil</a></p>", ("Marta Weil",)),
        (
            "<p>Readers may help to make this page of ours far better than it is now by <a>Adding Good Sources</a>.</p>",
            (),
        ),
        ("<table><tr><th>Written by <a>Marta Weil</a></th></tr></table>", ()),
        ("<p data-product='[post|11[authorId|57'>Kestrel Radio Two</p>", ()),
    ],
)
def test_what_names_an_author(below: str, author: tuple[str, ...]) -> None:
    page = f"<html><body><h1>Night ferry</h1>{below}{PROSE}</body></html>"
    assert metadata_of(read_page(page)).metadata.author == author


def test_space_that_a_reference_is_between_two_elements() -> None:
    page = f"<html><body><h1>Night ferry</h1><p><a href='/a'>The water</a>&nbsp;<font>was high</font> that night.</p>{BODY}</body></html>"
    assert "The water was high that night." in {block.text.text for block in extract_html(page, "", "page.html").blocks}


def test_first_sentence_that_no_paragraph_holds() -> None:
    bare = "KESTREL (RK) - The night ferry sailed an hour late on Tuesday, and nobody minded at all."
    page = f"<html><body><h1>Night ferry</h1><div><div><a href=/a>Crew</a> <a href=/b>Fares</a></div>{bare}{PROSE}</div></body></html>"
    blocks = extract_html(page, "", "page.html").blocks
    assert blocks[0].text.text == bare


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Marta Weil", ("Marta Weil",)),
        ("Marta Weil and Ben Ahn", ("Marta Weil", "Ben Ahn")),
        ("Marta Weil, MD", ("Marta Weil, MD",)),
        ("Marta Weil, Senior Writer", ("Marta Weil",)),
        ("Marta Wilson | 3 May 2024", ("Marta Wilson",)),
        ("by wilson7 \N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK} Tue May 14, 2024 9:30 am", ("wilson7",)),
        ("https://example.org/staff/weil", ()),
        ("View all posts by Marta Weil", ("Marta Weil",)),
        ("By Marta Weil Senior Harbour Correspondent", ("Marta Weil",)),
        ("By Marta Weil Tuesday, May 14, 2024", ("Marta Weil",)),
        ("9:39AM BST", ()),
        ("Current time: 08:48:59", ()),
        ("by Radio Kestrel's book service", ()),
    ],
)
def test_names_of(byline: str, names: tuple[str, ...]) -> None:
    assert names_of(byline) == names


@pytest.mark.parametrize(
    ("title", "publisher", "cut"),
    [
        ("Bees sleep, too | The Daily Hive", "", "Bees sleep, too"),
        ("The Daily Hive | Bees sleep, too", "The Daily Hive", "Bees sleep, too"),
        ("Bees - why they sleep, and for how long", "", "Bees - why they sleep, and for how long"),
        ("Bees sleep, too", "", "Bees sleep, too"),
    ],
)
def test_without_site(title: str, publisher: str, cut: str) -> None:
    assert without_site(title, publisher) == cut


@pytest.mark.skipif(not (PAGES / "html" / "pages").is_dir(), reason="the real pages are not in ../shared/data")
@pytest.mark.parametrize("collection", ["html", "news"])
def test_real_pages(collection: str) -> None:
    words = placed = 0
    for path in sorted((PAGES / collection / "pages").iterdir())[::12]:
        text = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        check_spans(text, extract_html(text, "", path.name))
        page = read_page(text)
        evidence = evidence_of(page, pieces_of(text, page.runs), metadata_of(page))
        alignment = align(strings_of(page, Mode.RECALL), sought_in(evidence).compact)
        words += alignment.words
        placed += alignment.placed_words
    assert 1000 * placed >= 995 * words
