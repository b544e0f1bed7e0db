"""Cards of clusters and of compared pairs in, their HTML out: who was kept and why, and both texts side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cleaner.reports.cuts import Cut
from cleaner.reports.markup import Html, fill, flowing, joined, link, when
from cleaner.reports.page_parts import more, pieces

CLUSTERS = """\
<p class="lead">Each card is one story that came more than once. One source was kept; the others were dropped because each of them directly matches it. The tick on a bar is the threshold that decided.</p>
<ul class="legend"><li><i class="same"></i>word for word in both</li> <li><i class="changed"></i>in both, with other words in places</li> <li><i class="own"></i>only in the dropped one</li> <li><i class="base"></i>only in the kept one</li></ul>
<p class="note keys">Side by side, <kbd>n</kbd> goes to the next passage and <kbd>p</kbd> to the one before.</p>
{cards}{more}"""
CARD = """\
<article class="card" id="cluster-{number}" aria-labelledby="cluster-{number}-h">
<h3 id="cluster-{number}-h"><a class="self" href="#cluster-{number}" title="Link to this cluster">{number}</a> <bdi>{title}</bdi> <small>{fates}</small></h3>
<p class="row"><span class="badge kept">kept</span> <a href="{place}"><bdi class="file">{canonical}</bdi></a> <small>{about}</small></p>
<p class="because">{why}</p>
{members}{more}
</article>
"""
MEMBER = """\
<div class="member">
<p class="row"><span class="badge {look}">{fate}</span> <bdi class="file">{source}</bdi> <small>{about}</small>{title}</p>
<p class="because"><strong>{relation}</strong>{decided}.</p>
{measures}{own}{sides}</div>
"""
MEASURE = """\
<div class="{decides}"><dt>{words}</dt><dd>{bar}<b>{share}</b></dd></div>
"""
OWN = """\
<details{open}><summary>{all} only here</summary>
<ul class="quotes">{sentences}</ul>
{more}
</details>
"""
NOTHING_OWN = '<p class="note sure">Every sentence of it stands in the kept one.</p>'


def clusters(found: Cut) -> Iterator[Html]:
    """The cards of the clusters, and how to read them."""
    cards = (piece for item in found.shown for piece in _card(item))
    return flowing(CLUSTERS, cards=cards, more=more(found.more))


def _card(item: dict[str, Any]) -> Iterator[Html]:
    members = item["members"]
    filled = {
        "members": map(_member, members.shown),
        "more": more(members.more),
        "place": link(item["article"]),
    }
    return flowing(CARD, **{**item, **filled})


def _member(member: dict[str, Any]) -> Html:
    title, decided = member["title"], member["decided"]
    measures = joined(
        fill(MEASURE, words=words, share=share, bar=Html(bar), decides=decides)
        for words, share, bar, decides in member["measures"]
    )
    filled = {
        "title": fill(' <bdi class="headline">{title}</bdi>', title=title) if title else "",
        "decided": fill(": {decided}", decided=decided) if decided else "",
        "measures": fill('<dl class="measures">\n{measures}</dl>\n', measures=measures) if measures else "",
        "own": _own(member["own"], is_open=member["few"]),
        "sides": _sides(member["sides"]) if member["sides"] else "",
    }
    return fill(MEMBER, **{**member, **filled})


def _own(own: Cut, *, is_open: bool) -> Html:
    """The sentences that only a dropped document has."""
    if not own.shown:
        return Html(NOTHING_OWN)
    sentences = joined(fill('<li dir="auto">{sentence}</li>', sentence=sentence) for sentence in own.shown)
    return fill(OWN, open=when(is_open, " open"), all=own.all, sentences=sentences, more=more(own.more))


APART = """\
<p class="lead">These pairs have passages in common, and both documents of each stand in the output.</p>
{cards}{reused}"""
APART_CARD = """\
<article class="card" aria-labelledby="apart-{number}-h">
<h3 id="apart-{number}-h"><bdi class="file">{one}</bdi> <span class="rule">and</span> <bdi class="file">{other}</bdi></h3>
<p dir="auto">{reason}<span class="because">{said}</span></p>
{sides}
</article>
"""
REUSED = """\
<details{open}><summary>{all} with a passage in common</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Pairs with a passage in common"><table>
<caption class="hide">Pairs with a passage in common</caption>
<thead><tr><th scope="col">One</th><th scope="col">Other</th><th scope="col" class="n">Words of the longest passage</th><th scope="col" class="n">Jaccard</th></tr></thead>
<tbody>{rows}</tbody>
</table></div>
{more}
</details>
"""
REUSED_PAIR = '<tr><th scope="row"><bdi class="file">{one}</bdi></th><td><bdi class="file">{other}</bdi></td><td class="n">{words}</td><td class="n">{jaccard}</td></tr>'


def apart(cards: Sequence[dict[str, Any]], reused: Cut) -> Iterator[Html]:
    """The pairs of which nothing was dropped: some side by side, the others in a table."""
    shown = (
        fill(
            APART_CARD,
            number=card["number"],
            one=card["one"],
            other=card["other"],
            reason=fill("{reason} ", reason=card["reason"]) if card["reason"] else "",
            said=card["said"],
            sides=_sides(card["sides"]),
        )
        for card in cards
    )
    rows = joined(
        fill(REUSED_PAIR, one=one, other=other, words=words, jaccard=jaccard)
        for one, other, words, jaccard in reused.shown
    )
    table = fill(REUSED, open=when(not cards, " open"), all=reused.all, rows=rows, more=more(reused.more))
    return flowing(APART, cards=shown, reused=table if reused.shown else "")


SIDES = """\
<figure class="ways {other_look}">
<div class="ways-streams">
<p class="bar-name"><span class="badge {other_look}">{other_head}</span> <bdi class="file">{other}</bdi></p>
{streams}
<p class="bar-name"><span class="badge kept">kept</span> <bdi class="file">{kept}</bdi></p>
</div>
<div class="ways-dots">{dots}<small>The same as a dot plot: one unbroken diagonal is one text.</small></div>
<figcaption>{said}.</figcaption>
</figure>
<details class="sides" id="{anchor}"{open}>
<summary>Read both side by side</summary>
{cut}<table class="rows">
<caption class="hide">Both texts, passage by passage</caption>
<thead><tr><th scope="col"><span class="hide">Passage</span></th><th scope="col"><span class="badge kept">kept</span> <bdi class="file">{kept}</bdi></th><th scope="col"><span class="badge {other_look}">{other_head}</span> <bdi class="file">{other}</bdi></th></tr></thead>
<tbody>
{rows}</tbody>
</table>
{more}
</details>
"""
FOLD = """\
<tr class="fold" id="{anchor}-{number}"><th scope="row"><a class="stop" href="#{anchor}-{number}">{numbers}</a></th><td colspan="2">{others}<details><summary>{said}</summary><p dir="auto">{kept}</p></details></td></tr>
"""
KEPT_ONLY = """\
<tr class="kept-only"><th scope="row"><span class="hide">{not_there}</span></th><td dir="auto">{kept}</td><td class="void"><span>{not_there}</span></td></tr>
"""
OTHER_ONLY = """\
<tr class="other-only" id="{anchor}-own-{at}"><th scope="row"><a class="stop" href="#{anchor}-own-{at}" aria-label="{not_there}">&#8226;</a></th><td class="void"><span>{not_there}</span></td><td dir="auto">{other}</td></tr>
"""
BOTH = """\
<tr class="{kind}" id="{anchor}-{number}"><th scope="row"><a class="stop" href="#{anchor}-{number}">{number}</a></th><td dir="auto">{moved}{kept}</td><td dir="auto">{other}</td></tr>
"""
MOVED = '<small class="note">stands elsewhere in this text:</small> '


def _sides(pair: dict[str, Any]) -> Html:
    """Two texts side by side: how they lie to each other, then row by row."""
    filled = {
        "streams": Html(pair["streams"]),
        "dots": Html(pair["dots"]),
        "open": when(pair["open"], " open"),
        "cut": fill('<p class="note">{cut}</p>', cut=pair["cut"]) if pair["cut"] else "",
        "rows": joined(_row(row, pair) for row in pair["rows"]),
        "more": more(pair["more"]),
    }
    return fill(SIDES, **{**pair, **filled})


def _row(row: dict[str, Any], pair: dict[str, Any]) -> Html:
    anchor, number = pair["anchor"], row["number"]
    kept, other = pieces(row["kept"], "ins"), pieces(row["other"], "del")
    match row["kind"]:
        case "fold":
            others = joined(fill('<i id="{anchor}-{number}"></i>', anchor=anchor, number=one) for one in row["all"])
            return fill(FOLD, anchor=anchor, number=number, numbers=row["numbers"], others=others, said=row["said"], kept=kept)  # fmt: skip
        case "kept-only":
            return fill(KEPT_ONLY, not_there=pair["not_there"][0], kept=kept)
        case "other-only":
            return fill(OTHER_ONLY, anchor=anchor, at=row["at"], not_there=pair["not_there"][1], other=other)
        case kind:
            return fill(BOTH, kind=kind, anchor=anchor, number=number, moved=when(kind == "moved", MOVED), kept=kept, other=other)  # fmt: skip
