"""What the page shows in (see `view`), the page as HTML out, section by section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from cleaner.reports.cuts import Cut, Glyph
from cleaner.reports.markup import Html, fill, flowing, joined, link, when
from cleaner.reports.page_pairs import apart, clusters
from cleaner.reports.page_parts import more, pieces

FRAME = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Duplication report</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<p class="kicker">Duplication report</p>
<h1>{verdict}</h1>
<p class="lead">One copy of each story stays, word for word; nothing was rewritten. This page says what was left out, why, and where to look before you agree.</p>
</header>
<nav aria-label="Sections"><ul>
<li><a href="#eye">Needs your eye</a></li><li><a href="#map">Map</a></li><li><a href="#clusters">Merged copies</a></li>
{to_apart}<li><a href="#repeats">Repeats</a></li><li><a href="#text">Trimmed and mended</a></li><li><a href="#problems">Problems</a></li>
<li><a href="#sources">Sources</a></li><li><a href="#method">Method</a></li>
</ul></nav>
<main id="main" tabindex="-1">
{sections}</main>
<footer><p>Written by {name} {version}. All of this, for programs: <a href="report.json">report.json</a>.</p></footer>
<script>{script}</script>
</body>
</html>"""


def page(shown: dict[str, Any], style: str, script: str, policy: str) -> Iterator[Html]:
    """The page in pieces; `style` and `script` are ours, and stand in it as they are."""
    sections = (
        [_tiles(shown["tiles"])],
        _eye(shown["eye"], shown["settled"], is_mixed=shown["eye_is_mixed"]),
        [_map(shown["map"])],
        _clusters(shown["clusters"], shown["shared"]),
        _apart(shown["apart"], shown["reused"]),
        _repeats(shown["repeats"]),
        [_text(shown["fates"], shown["changes"], shown["templates"])],
        _problems(shown["problems"]),
        _sources(shown["sources"]),
        [_method(shown["thresholds"], shown["rules"])],
    )
    return flowing(
        FRAME,
        policy=policy,
        style=Html(style),
        verdict=shown["verdict"],
        to_apart=when(shown["apart"], '<li><a href="#apart">Left apart</a></li>'),
        sections=chain.from_iterable(sections),
        name=shown["tool"]["name"],
        version=shown["tool"]["version"],
        script=Html(script),
    )


TILE = """\
<li><a href="#{section}" class="tile {look}"><b>{number}</b> <span>{name}</span> <small>{said}</small></a></li>
"""


def _tiles(tiles: Sequence[tuple[str, str, str, str, str]]) -> Html:
    items = (
        fill(TILE, look=look, number=number, name=name, said=said, section=section)
        for look, number, name, said, section in tiles
    )
    return fill('<ul class="tiles" aria-label="The run in numbers">\n{items}</ul>\n\n', items=joined(items))


EYE = """\
<section id="eye" aria-labelledby="eye-h">
<h2 id="eye-h">Needs your eye</h2>
{found}{settled}</section>

"""
FOUND = """\
<p class="lead">{all}{mixed}.</p>
<ol class="eye">
{items}</ol>
{more}"""
MIXED = ": first the decisions that were nearest to their threshold, then what failed or lacks something, then what is alike and was kept all the same"
CALM = '<p class="calm">Nothing: no file failed, and no decision was close.</p>\n'
SETTLED = '<p class="note">{settled} See <a href="#problems">the problems</a>.</p>'


def _eye(eye: Cut, settled: str, *, is_mixed: bool) -> Iterator[Html]:
    found = iter([Html(CALM)])
    if eye.shown:
        items = map(_eye_item, eye.shown)
        found = flowing(FOUND, all=eye.all, mixed=when(is_mixed, MIXED), items=items, more=more(eye.more))
    return flowing(EYE, found=found, settled=fill(SETTLED, settled=settled) if settled else "")


EYE_ITEM = """\
<li class="card {look}">
<h3><span class="badge">{kind}</span> {what}{rule}</h3>
{reason}{gauge}{places}{action}{links}{accept}</li>
"""
ONE = '<bdi class="file">{one}</bdi>'
OTHER = ' <span class="rule">and</span> <bdi class="file">{other}</bdi>'
RULE = ' <span class="rule"><a class="code" href="#rule-{code}">{code}</a> {label}</span>'
TO_PAIR = '<a href="#pair-{number}">Read both side by side</a> '
TO_STRIP = '<a href="#repeats-{number}">Look at its strip</a>'
ACCEPT = """\
<details class="accept"><summary>Keep both for good</summary>
<p>With your reason in <code>cleaner.toml</code>, <code>clean</code> keeps these two apart, and <code>clean check</code> does not ask about them:</p>
<pre tabindex="0" aria-label="Entry for cleaner.toml"><code>{accept}</code></pre></details>"""


def _eye_item(item: dict[str, Any]) -> Html:
    one, places = item["one"], item["places"]
    what = places.all
    if one:
        what = fill(ONE, one=one["where"]) + (fill(OTHER, other=item["other"]) if item["other"] else "")
    gauge = '<p class="gauge">{gauge} <small>{said}</small></p>'
    return fill(
        EYE_ITEM,
        look=item["look"],
        kind=item["kind"],
        what=Html(what) if one else what,
        rule=fill(RULE, code=item["code"], label=item["label"]) if item["code"] else "",
        reason=fill('<p dir="auto">{reason}</p>', reason=item["reason"]) if item["reason"] else "",
        gauge=fill(gauge, gauge=Html(item["gauge"]), said=item["gauge_said"]) if item["gauge"] else "",
        places=_eye_places(places) if not one else "",
        action=fill("<p><b>What to do:</b> {action}</p>", action=item["action"]) if item["action"] else "",
        links=_eye_links(item),
        accept=fill(ACCEPT, accept=item["accept"]) if item["accept"] else "",
    )


def _eye_places(places: Cut) -> Html:
    items = joined(
        fill(
            '<li><bdi class="file">{where}</bdi>{reason}{strip}</li>',
            where=place["where"],
            reason=fill(' <span dir="auto">{reason}</span>', reason=place["reason"]) if place["reason"] else "",
            strip=fill(f" {TO_STRIP}", number=place["strip"]) if place["strip"] else "",
        )
        for place in places.shown
    )
    return fill('<ul class="places">{items}</ul>\n{more}\n', items=items, more=more(places.more))


def _eye_links(item: dict[str, Any]) -> Html:
    cluster = item["one"] and item["one"]["cluster"]
    links = joined(
        fill(pattern, number=number)
        for pattern, number in (
            (TO_PAIR, item["pair"]),
            (f"{TO_STRIP} ", item["strip"]),
            ('<a href="#cluster-{number}">See cluster {number}</a>', cluster),
        )
        if number
    )
    return fill('<p class="links">{links}</p>', links=links) if links else links


MAP = """\
<section id="map" aria-labelledby="map-h">
<h2 id="map-h">Map of the documents</h2>
<p class="lead">A square is a document; squares that touch are one story. {alone}</p>
<ul class="legend">{legend}</ul>
<div class="map {look}">
{groups}{others}</div>
{more_groups}{more}
</section>

"""
GROUP = '<a href="#cluster-{number}" title="{said}" aria-label="{said}">{drawing}{name}</a>'


def _map(found: dict[str, Any]) -> Html:
    def group(number: int | None, said: str, drawing: str) -> Html:
        if not number:
            return Html(drawing)
        name = "" if found["look"] else fill("<span>{number}</span>", number=number)
        return fill(GROUP, number=number, said=said, drawing=Html(drawing), name=name)

    legend = (
        fill('<li><i class="{look}"></i>{words}</li> ', look=look, words=words) for look, words in found["legend"]
    )
    return fill(
        MAP,
        alone=found["alone"],
        legend=joined(legend),
        look=found["look"],
        groups=joined(group(*entry) for entry in found["groups"].shown),
        others=joined(map(Html, found["others"])),
        more_groups=more(found["groups"].more),
        more=more(found["more"]),
    )


CLUSTERS = """\
<section id="clusters" aria-labelledby="clusters-h">
<h2 id="clusters-h">Merged copies</h2>
{clusters}{shared}</section>

"""
SHARED = """\
<details><summary>{all} in several documents</summary>
<ul class="quotes">{items}</ul>
{more}
</details>
"""


def _clusters(found: Cut, shared: Cut) -> Iterator[Html]:
    return flowing(
        CLUSTERS,
        clusters=clusters(found) if found.shown else Html('<p class="calm">No two documents were alike enough to merge.</p>\n'),
        shared=_quotes(SHARED, shared),
    )  # fmt: skip


def _quotes(template: str, found: Cut) -> Html:
    """A folded list of texts and where they stand; nothing where there are none."""
    items = joined(
        fill('<li dir="auto">{text} <small>({where})</small></li>', text=text, where=where)
        for text, where in found.shown
    )
    return fill(template, all=found.all, items=items, more=more(found.more)) if found.shown else Html("")


APART = """\
<section id="apart" aria-labelledby="apart-h">
<h2 id="apart-h">Alike, and left apart</h2>
{apart}</section>
"""


def _apart(cards: Sequence[dict[str, Any]], reused: Cut) -> Iterator[Html]:
    if cards or reused.shown:
        yield from flowing(APART, apart=apart(cards, reused))
    yield Html("\n")


REPEATS = """\
<section id="repeats" aria-labelledby="repeats-h">
<h2 id="repeats-h">Repeats within documents</h2>
{cards}{others}{meant}</section>

"""
CARDS = """\
<p class="lead">The upper bar is the file as it came, the lower one the article that stays. Follow a stream down: what came twice flows into one place.</p>
<ul class="legend"><li><i class="kept"></i>kept</li> <li><i class="dropped"></i>came twice: flows into the copy that stays</li> <li><i class="trimmed"></i>source lines, notices and the like: left out</li> <li><i class="base"></i>white space and markup</li></ul>
{cards}"""
CARD = """\
<article class="card" id="repeats-{number}" aria-labelledby="repeats-{number}-h">
<h3 id="repeats-{number}-h"><bdi class="file">{source}</bdi></h3>
<p><strong>{headline}</strong> <span class="because">Taken out: {taken}, {alike}.</span></p>
<figure>
<p class="bar-name">The file as it came <small>{came}</small></p>
{streams}
<p class="bar-name">The article as it stays <small>{stays}</small></p>
</figure>
<details><summary>Read what stood twice</summary>
<table class="rows">
<caption class="hide">What stood twice, passage by passage</caption>
<thead><tr><th scope="col"><span class="hide">Passage</span></th><th scope="col"><span class="badge kept">kept</span></th><th scope="col"><span class="badge dropped">taken out</span></th></tr></thead>
<tbody>
{rows}</tbody>
</table>
{more}
</details>
</article>
"""
TWICE = """\
<tr class="{look}" id="repeats-{card}-{number}"><th scope="row"><a class="stop" href="#repeats-{card}-{number}">{number}</a></th><td dir="auto">{kept}</td>{dropped}</tr>
"""
SAME = '<td class="void"><span>the same, word for word, at characters {place} of the file</span></td>'
CHANGED = '<td dir="auto">{dropped} <small class="note">characters {place} of the file</small></td>'
OTHERS = """\
<details{open}><summary>{all} with repeats, not drawn here</summary>
<table>
<caption class="hide">Documents with repeats</caption>
<thead><tr><th scope="col">Document</th><th scope="col" class="n">Passages</th><th scope="col" class="n">Characters</th></tr></thead>
<tbody>{rows}</tbody>
</table>
{more}
</details>
"""
OTHER_DOCUMENT = '<tr><th scope="row"><bdi class="file">{source}</bdi></th><td class="n">{passages}</td><td class="n">{characters}</td></tr>'
MEANT = """\
<details><summary>{all} left alone, as meant</summary>
<ul class="quotes">{items}</ul>
{more}
</details>
"""
MEANT_RUN = '<li><span dir="auto">{text}</span> <small>({why}; <bdi class="file">{source}</bdi>, characters {place})</small></li>'


def _repeats(repeats: dict[str, Any]) -> Iterator[Html]:
    cards, others, meant = repeats["cards"], repeats["others"], repeats["meant"]
    first: Iterator[Html] = iter(())
    if cards:
        first = flowing(CARDS, cards=map(_repeat_card, cards))
    elif not others.shown:
        first = iter([Html('<p class="calm">No passage stood twice within a document.</p>\n')])
    rows = joined(
        fill(OTHER_DOCUMENT, source=source, passages=passages, characters=characters)
        for source, passages, characters in others.shown
    )
    runs = joined(fill(MEANT_RUN, **run) for run in meant.shown)
    return flowing(
        REPEATS,
        cards=first,
        others=fill(OTHERS, open=when(not cards, " open"), all=others.all, rows=rows, more=more(others.more)) if others.shown else "",
        meant=fill(MEANT, all=meant.all, items=runs, more=more(meant.more)) if meant.shown else "",
    )  # fmt: skip


def _repeat_card(item: dict[str, Any]) -> Html:
    rows = joined(_twice(row, item["number"]) for row in item["rows"])
    streams = Html(item["streams"])
    return fill(CARD, **{**item, "streams": streams, "rows": rows, "more": more(item["more"])})


def _twice(row: dict[str, Any], card: int) -> Html:
    same, place = row["same"], row["place"]
    return fill(
        TWICE,
        look="same" if same else "changed",
        card=card,
        number=row["number"],
        kept=pieces(row["kept"], "ins"),
        dropped=fill(SAME, place=place) if same else fill(CHANGED, dropped=pieces(row["dropped"], "del"), place=place),
    )


TEXT = """\
<section id="text" aria-labelledby="text-h">
<h2 id="text-h">What was trimmed and mended</h2>
{fates}{changes}{others}{templates}</section>

"""
TEMPLATES = """\
<details><summary>{all} cut as their site's own</summary>
<ul class="quotes">{items}</ul>
{more}
</details>
"""
FATES = """\
<p class="lead">Every one of the {whole} characters of the sources is accounted for:</p>
{svg}
<ul class="legend fates">{parts}</ul>
"""
FATE = '<li><i class="{look}"></i><b>{share}</b> {words} <small>({amount})</small></li>'
CHANGE = """\
<div>
<dt>{code}<b>{name}</b> <small>{amount}</small></dt>
<dd>{said}
<ul class="samples">
{samples}</ul>
</dd>
</div>
"""
SAMPLE = """\
<li dir="auto"><span class="around">{left}</span>{before}{after}<span class="around">{right}</span> <small><bdi class="file">{source}</bdi></small></li>
"""
AFTER = '<span class="around">{arrow}</span><ins>{after}</ins>'
CODE = '<a class="code" href="#rule-{code}">{code}</a> '


def _text(fates: dict[str, Any], changes: dict[str, list[dict[str, Any]]], templates: Cut) -> Html:
    parts = joined(
        fill(FATE, look=look, words=words, amount=amount, share=share) for look, words, amount, share in fates["parts"]
    )
    shown = joined(
        fill(
            CHANGE,
            code=_code(change),
            name=change["name"],
            amount=change["amount"],
            said=change["said"],
            samples=joined(map(_sample, change["samples"].shown)),
        )
        for change in changes["shown"]
    )
    others = joined(
        fill("<li>{code}{name}: {amount}</li>", code=_code(change), name=change["name"], amount=change["amount"])
        for change in changes["others"]
    )
    return fill(
        TEXT,
        fates=fill(FATES, whole=fates["whole"], svg=Html(fates["svg"]), parts=parts) if fates["whole"] else "",
        changes=fill('<dl class="changes">\n{shown}</dl>\n', shown=shown) if shown else "",
        others=fill('<ul class="also">{others}</ul>\n', others=others) if others else "",
        templates=_quotes(TEMPLATES, templates),
    )


def _code(change: dict[str, Any]) -> Html:
    return fill(CODE, code=change["code"]) if change["code"] else Html("")


def _sample(sample: dict[str, Any]) -> Html:
    before, after = _glyphs(sample["before"]), _glyphs(sample["after"])
    return fill(
        SAMPLE,
        left=_glyphs(sample["left"]),
        before=fill("<del>{before}</del>", before=before) if sample["before"] else "",
        after=fill(AFTER, arrow=when(sample["before"], " &#8594; "), after=after) if sample["after"] else "",
        right=_glyphs(sample["right"]),
        source=sample["source"],
    )


def _glyphs(parts: Sequence[Glyph]) -> Html:
    return joined(
        fill('<span class="glyph" title="{name}">{text}</span>' if name else "{text}", text=text, name=name)
        for text, name in parts
    )


PROBLEMS = """\
<section id="problems" aria-labelledby="problems-h">
<h2 id="problems-h">Problems</h2>
{problems}</section>

"""
PROBLEM_TABLE = """\
<table class="wide" data-tools>
<caption>{all}, the worst first</caption>
<thead><tr><th scope="col">Severity</th><th scope="col">Rule</th><th scope="col">Message</th><th scope="col">Where</th></tr></thead>
<tbody>{rows}</tbody>
</table>
{more}
"""
PROBLEM = """\
<tr><td data-key="{rank}"><span class="badge {severity}">{severity}</span></td><td><a class="code" href="#rule-{rule}">{rule}</a> {name}</td><th scope="row" dir="auto">{message}</th><td>{places}{more}</td></tr>
"""


def _problems(problems: Cut) -> Iterator[Html]:
    if not problems.shown:
        return flowing(PROBLEMS, problems=Html('<p class="calm">None.</p>\n'))
    rows = map(_problem, problems.shown)
    return flowing(PROBLEMS, problems=flowing(PROBLEM_TABLE, all=problems.all, rows=rows, more=more(problems.more)))


def _problem(item: dict[str, Any]) -> Html:
    places = joined(fill('<bdi class="file">{where}</bdi>', where=where) for where in item["places"].shown)
    return fill(PROBLEM, **{**item, "places": places, "more": more(item["places"].more)})


SOURCES = """\
<section id="sources" aria-labelledby="sources-h">
<h2 id="sources-h">Sources</h2>
<table class="wide" data-tools>
<caption>{all}</caption>
<thead><tr><th scope="col">Source</th><th scope="col">What became of it</th><th scope="col">Article</th><th scope="col">Format</th><th scope="col" class="n">Bytes</th></tr></thead>
<tbody>{rows}</tbody>
</table>
{more}
</section>

"""
SOURCE = """\
<tr><th scope="row"><bdi class="file">{name}</bdi></th><td><span class="badge {status}">{status}</span>{cluster} {why}</td><td>{article}</td><td>{format}</td><td class="n">{bytes}</td></tr>
"""


def _sources(sources: Cut) -> Iterator[Html]:
    return flowing(SOURCES, all=sources.all, rows=map(_source, sources.shown), more=more(sources.more))


def _source(item: dict[str, Any]) -> Html:
    cluster, article = item["cluster"], item["article"]
    to_article = '<a href="{place}"><bdi>{title}</bdi></a>'
    filled = {
        "cluster": fill(' <a href="#cluster-{number}">cluster {number}</a>', number=cluster) if cluster else "",
        "article": fill(to_article, place=link(article), title=item["title"]) if article else "",
    }
    return fill(SOURCE, **{**item, **filled})


METHOD = """\
<section id="method" aria-labelledby="method-h">
<h2 id="method-h">Method</h2>
<p class="lead">Likely pairs are proposed by MinHash and by rare word sequences in common; an exact comparison of all their word sequences then decides. Only a document that directly matches a kept one is dropped: if A is like B and B like C, that says nothing of A and C. Within a document, sentences are aligned word by word; of each repeated passage the copy in the more complete surroundings stays. Case, punctuation and typography are set aside in all comparisons. Nothing is deleted silently: the folder <code>provenance</code> says of every character where it went, and <code>clean verify</code> proves it.</p>
<table class="wide">
<caption>Thresholds and options of this run</caption>
<thead><tr><th scope="col">Option</th><th scope="col">Value</th><th scope="col">Meaning</th></tr></thead>
<tbody>{options}</tbody>
</table>
<details id="rules"><summary>The rules and their remedies</summary>
<table class="wide">
<caption>Rules</caption>
<thead><tr><th scope="col">Rule</th><th scope="col">Severity</th><th scope="col">Meaning</th><th scope="col">What to do</th></tr></thead>
<tbody>{rules}</tbody>
</table>
</details>
</section>
"""
OPTION = '<tr><th scope="row"><code>{name}</code></th><td>{value}</td><td>{said}</td></tr>'
RULE_ROW = """\
<tr id="rule-{code}"><th scope="row"><span class="code">{code}</span> {name}</th><td>{severity}</td><td>{said}</td><td>{remedy}</td></tr>
"""


def _method(thresholds: Sequence[tuple[str, str, str]], rules: Sequence[tuple[str, str, str, str, str]]) -> Html:
    options = (fill(OPTION, name=name, value=value, said=said) for name, value, said in thresholds)
    rows = (
        fill(RULE_ROW, code=code, name=name, severity=severity, said=said, remedy=remedy)
        for code, name, severity, said, remedy in rules
    )
    return fill(METHOD, options=joined(options), rules=joined(rows))
