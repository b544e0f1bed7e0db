"""How time grows with size for the shapes that are hard on a cleaner: one file of each shape at three sizes, cleaned and verified.

    python benchmarks/curves.py [SHAPE...] [--bytes 100000] [--seconds 60]

Every shape is a file of about so many bytes, twice and four times as many. Each is cleaned and then verified in a process of its own that the system ends after so many seconds of processor time. Printed are the processor
seconds of both at each size, the kilobytes a second at the largest, and the exponent `k` of the growth from the first to the last (time goes like size**k: 1 is linear, 2 quadratic). Nothing is asserted: read it after a
change of a stage, and mend what has an exponent above 1.3.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import math
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from cleaner import Options, clean, verify

# Below this many seconds the start of a stage weighs more than its work.
MIN_SECONDS = 0.2
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()


def words(count: int, seed: object = 0) -> list[str]:
    """So many made-up words; another seed, other words."""
    chance = random.Random(str(seed))
    return ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(count)]


def sentence(seed: object, count: int = 12) -> str:
    return " ".join(words(count, seed)).capitalize() + "."


def repeated(piece: str, size: int) -> str:
    return piece * (size // len(piece) + 1)


def numbered(line: str, size: int) -> str:
    """Lines of a pattern with `%d` in it, each with its number."""
    lines: list[str] = []
    length = 0
    while length < size:
        lines.append(line.replace("%d", str(len(lines))))
        length += len(lines[-1])
    return "".join(lines)


def prose(size: int, seed: object = "prose") -> str:
    return "\n\n".join(sentence((seed, number), 40) for number in range(size // 270 + 1)) + "\n"


def near_equal(size: int) -> str:
    """Lines of which each differs from every other in one word or two."""
    chance = random.Random(5)
    line = words(14, "frame")
    return "\n".join(" ".join([*line[:7], *words(1, chance.random()), *line[7:]]) + "." for _ in range(size // 95 + 1))


def twice(size: int) -> str:
    """An article whose second half repeats the first, each sentence changed in one word."""
    sentences = [words(14, number) for number in range(size // 200 + 1)]
    again = [[*line[:5], "other", *line[6:]] for line in sentences]
    return "\n\n".join(" ".join(line).capitalize() + "." for line in sentences + again)


def refrains(size: int) -> str:
    """Verses of their own with one refrain between them."""
    refrain = sentence("refrain", 8)
    return "\n\n".join(f"{sentence(number)}\n\n{refrain}" for number in range(size // 150 + 1))


def shuffled(size: int) -> str:
    """Sentences out of few words, so that every four words stand in many places."""
    chance = random.Random(2)
    few = words(12, "few")
    return "\n\n".join(" ".join(chance.choices(few, k=14)).capitalize() + "." for _ in range(size // 100 + 1))


def page(body: str) -> str:
    return f"<html><head><title>{sentence('title', 5)}</title></head><body>{body}</body></html>"


def article(body: str) -> str:
    return page(f"<article><h1>{sentence('title', 5)}</h1><p>{prose(1500)}</p>{body}</article>")


def wrapped(body: str) -> str:
    return json.dumps({"title": "A title of a record", "body": body})


def zipped(size: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(size // 200 + 1):
            archive.writestr(f"{number}.txt", sentence(number, 20))
    return packed.getvalue()


Shape = Callable[[int], "str | bytes"]
SHAPES: dict[str, tuple[str, Shape]] = {
    "prose": (".txt", prose),
    "equal-lines": (".txt", lambda size: repeated("The same line again and again stands here once more today.\n", size)),
    "equal-paragraphs": (".txt", lambda size: repeated(sentence("same") + "\n\n", size)),
    "two-lines-in-turn": (".txt", lambda size: repeated(f"{sentence(1)}\n\n{sentence(2)}\n\n", size)),
    "near-equal-lines": (".txt", near_equal),
    "numbered-lines": (".txt", lambda size: numbered("Line %d of the list of lines that were kept by the harbour office.\n", size)),
    "one-line": (".txt", lambda size: " ".join(words(size // 7))),
    "letters": (".txt", lambda size: "a" * size),
    "ideographs": (".txt", lambda size: "".join(random.Random(3).choices("漢字仮名交文章書", k=size // 3))),
    "thai": (".txt", lambda size: "".join(random.Random(3).choices("กขคงจฉชซ", k=size // 3))),
    "combining": (".txt", lambda size: "a" + "\N{COMBINING ACUTE ACCENT}\N{COMBINING CEDILLA}" * (size // 4)),
    "zero-width": (".txt", lambda size: repeated("a\N{ZERO WIDTH SPACE}", size)),
    "spaces": (".txt", lambda size: f"word {' ' * size} word"),
    "line-breaks": (".txt", lambda size: "word" + "\n" * size + "word"),
    "tabs-lines": (".txt", lambda size: repeated(" \t\n", size) + "end"),
    "carriage-returns": (".txt", lambda size: repeated("word\r", size)),
    "twice": (".txt", twice),
    "refrains": (".txt", refrains),
    "few-words": (".txt", shuffled),
    "question-marks": (".txt", lambda size: repeated("What now? ", size)),
    "full-stops": (".txt", lambda size: repeated("a. ", size)),
    "glued": (".txt", lambda size: repeated("end.Begin", size)),
    "hyphens": (".txt", lambda size: repeated("broken-\nword ", size)),
    "quotation-marks": (".txt", lambda size: repeated('"', size)),
    "mojibake": (".txt", lambda size: repeated("CafÃ© MÃ¼ller ", size)),
    "mojibake-deep": (".txt", lambda size: repeated("ÃƒÂ¢Ã¢â€šÂ¬", size)),
    "bullets": (".txt", lambda size: numbered("- item %d\n", size)),
    "capitals": (".txt", lambda size: numbered("HEADING %d\n\n", size)),
    "colons": (".txt", lambda size: numbered("Key%d: value\n", size)),
    "dates": (".txt", lambda size: repeated("Published: 3 March 2024\n", size)),
    "urls": (".txt", lambda size: numbered("https://example.org/%d\n", size)),
    "copyright": (".txt", lambda size: repeated("© 2024 ", size)),
    "read-more": (".txt", lambda size: repeated("Read more: ", size)),
    "by": (".txt", lambda size: "By " + repeated("A. B. ", size)),
    "md-prose": (".md", prose),
    "md-nested-lists": (".md", lambda size: "".join(f"{'  ' * (n % 60)}- item {n}\n" for n in range(size // 70 + 1))),
    "md-deep-list": (".md", lambda size: "".join(f"{'  ' * n}- item {n}\n" for n in range(int(size**0.5)))),
    "md-quotes": (".md", lambda size: repeated("> ", size) + "inside\n"),
    "md-quote-lines": (".md", lambda size: repeated("> > > > > > line\n\n", size)),
    "md-emphasis": (".md", lambda size: "*" * size),
    "md-emphasis-words": (".md", lambda size: repeated("*a ", size)),
    "md-emphasis-mixed": (".md", lambda size: repeated("*a **b _c __d ", size)),
    "md-strong-closed": (".md", lambda size: repeated("**a** ", size)),
    "md-backticks": (".md", lambda size: " ".join("`" * n for n in range(1, int((2 * size) ** 0.5)))),
    "md-backtick-words": (".md", lambda size: repeated("`a ", size)),
    "md-brackets": (".md", lambda size: "[" * size),
    "md-bracket-words": (".md", lambda size: repeated("[a](", size)),
    "md-links": (".md", lambda size: numbered("[link %d](https://example.org/%d) and\n", size)),
    "md-images": (".md", lambda size: repeated("![a](b) ", size)),
    "md-nested-links": (".md", lambda size: "[" * (size // 5) + "a" + "](b)" * (size // 5)),
    "md-reference-links": (".md", lambda size: numbered("[x%d]\n\n[x%d]: https://example.org/%d\n\n", size)),
    "md-references-only": (".md", lambda size: numbered("[x%d]: https://example.org/%d\n", size)),
    "md-footnotes": (".md", lambda size: numbered("A word[^%d] here.\n\n[^%d]: The note.\n\n", size)),
    "md-angles": (".md", lambda size: "<" * size),
    "md-angle-words": (".md", lambda size: repeated("<a ", size)),
    "md-comments": (".md", lambda size: repeated("<!-- a", size)),
    "md-comment-lines": (".md", lambda size: repeated("<!-- a\n\n", size)),
    "md-declarations": (".md", lambda size: repeated("a <!A ", size)),
    "md-processing": (".md", lambda size: repeated("a <? ", size)),
    "md-cdata": (".md", lambda size: repeated("a <![CDATA[ ", size)),
    "md-ampersands": (".md", lambda size: "&" * size),
    "md-entities": (".md", lambda size: repeated("&amp;", size)),
    "md-shortcodes": (".md", lambda size: repeated("{{< a ", size)),
    "md-tags": (".md", lambda size: repeated("{% a ", size)),
    "md-tags-words": (".md", lambda size: repeated("{% a\n\nword\n\n", size)),
    "md-braces": (".md", lambda size: "{" * size),
    "md-braces-words": (".md", lambda size: repeated("{.a ", size)),
    "md-highlights": (".md", lambda size: repeated("==a ", size)),
    "md-percent": (".md", lambda size: repeated("%% a ", size)),
    "md-tildes": (".md", lambda size: repeated("~~a ", size)),
    "md-fences": (".md", lambda size: repeated("```\na\n", size)),
    "md-containers": (".md", lambda size: repeated("::: note\n", size)),
    "md-headings": (".md", lambda size: numbered("# H %d\n", size)),
    "md-setext": (".md", lambda size: repeated("a\n===\n", size)),
    "md-table-rows": (".md", lambda size: "| a | b |\n| --- | --- |\n" + repeated("| x | y |\n", size)),
    "md-table-columns": (".md", lambda size: repeated("| a ", size // 3) + "|\n" + repeated("| - ", size // 3) + "|\n" + repeated("| b ", size // 3) + "|\n"),
    "md-table-uneven": (".md", lambda size: repeated("|", size // 3) + "\n" + repeated("|-", size // 3) + "\n" + repeated("|a|\n", size // 3)),
    "md-bars": (".md", lambda size: "|" * size),
    "md-backslashes": (".md", lambda size: "\\" * size),
    "md-html": (".md", lambda size: repeated("<b>a</b> ", size)),
    "md-html-blocks": (".md", lambda size: repeated("<div>\n\na\n\n", size)),
    "md-details": (".md", lambda size: repeated("<details><summary>a\n\n", size)),
    "md-hard-breaks": (".md", lambda size: repeated("a\\\n", size)),
    "md-spaced-breaks": (".md", lambda size: repeated("a  \n", size)),
    "md-autolinks": (".md", lambda size: repeated("<https://a.b/c> ", size)),
    "md-bare-urls": (".md", lambda size: repeated("https://a.b/c ", size)),
    "md-equal-items": (".md", lambda size: repeated("- The same item of the list stands here again.\n", size)),
    "md-front-matter": (".md", lambda size: "---\n" + numbered("key%d: value\n", size) + "---\n\n" + prose(500)),
    "md-front-flow": (".md", lambda size: f"---\na: {'[' * (size // 2)}{']' * (size // 2)}\n---\n\n{prose(500)}"),
    "md-front-open": (".md", lambda size: "---\n" + repeated("a: b\n", size)),
    "md-math": (".md", lambda size: repeated("$a ", size)),
    "html-paragraphs": (".html", lambda size: article(numbered("<p>The paragraph %d of the page stands here.</p>\n", size))),
    "html-equal-paragraphs": (".html", lambda size: article(repeated("<p>The same paragraph stands on this page again today.</p>\n", size))),
    "html-tiny": (".html", lambda size: page(numbered("<p>a%d</p>", size))),
    "html-empty": (".html", lambda size: article(repeated("<p></p>", size))),
    "html-deep": (".html", lambda size: article(repeated("<div>", size // 2) + "deep" + repeated("</div>", size // 2))),
    "html-deep-inline": (".html", lambda size: article("<p>" + repeated("<b>a ", size))),
    "html-deep-lists": (".html", lambda size: article(repeated("<ul><li>a", size))),
    "html-deep-quotes": (".html", lambda size: article(repeated("<blockquote>a", size))),
    "html-open-paragraphs": (".html", lambda size: article(repeated("<p>a", size))),
    "html-misnested": (".html", lambda size: article(repeated("<b><i>a</b></i>", size))),
    "html-open-tables": (".html", lambda size: article(repeated("<table><tr><td>a", size))),
    "html-rows": (".html", lambda size: article("<table>" + numbered("<tr><td>cell %d<td>b", size) + "</table>")),
    "html-columns": (".html", lambda size: article("<table><tr>" + numbered("<td>c%d", size) + "</table>")),
    "html-spans": (".html", lambda size: article("<table>" + repeated("<tr><td colspan=1000 rowspan=1000>a", size) + "</table>")),
    "html-spans-inline": (".html", lambda size: article("<p>" + repeated("<span>word </span>", size))),
    "html-breaks": (".html", lambda size: article("<p>" + repeated("a<br>", size))),
    "html-links": (".html", lambda size: article("<p>" + numbered("<a href='/%d'>link %d</a> ", size))),
    "html-angles": (".html", lambda size: article("<" * size)),
    "html-angle-words": (".html", lambda size: article(repeated("<a ", size))),
    "html-attributes": (".html", lambda size: article(f"<p {repeated('a=b ', size)}>text</p>")),
    "html-attribute-open": (".html", lambda size: article('<p a="' + repeated("b ", size))),
    "html-ampersands": (".html", lambda size: article("&" * size)),
    "html-entities": (".html", lambda size: article(repeated("&amp;", size))),
    "html-comments": (".html", lambda size: article(repeated("<!-- a", size))),
    "html-comments-closed": (".html", lambda size: repeated("<!-- a -->", size) + article("")),
    "html-scripts": (".html", lambda size: article(repeated("<script>a", size))),
    "html-scripts-closed": (".html", lambda size: article(repeated("<script>a</script>", size))),
    "html-cdata": (".html", lambda size: article(repeated("<![CDATA[a", size))),
    "html-declarations": (".html", lambda size: article(repeated("<!a ", size))),
    "html-processing": (".html", lambda size: article(repeated("<?a ", size))),
    "html-json-ld": (".html", lambda size: f"<html><head><script type='application/ld+json'>{'[' * size}</script>{article('')}"),
    "html-json-ld-many": (".html", lambda size: f"<html><head>{repeated('<script type=application/ld+json>{}</script>', size)}{article('')}"),
    "html-json-ld-graph": (".html", lambda size: "<html><head><script type='application/ld+json'>" + json.dumps({"@graph": [{"@type": "Person", "@id": f"#{n}", "name": f"N {n}"} for n in range(size // 50)]}) + f"</script>{article('')}"),
    "html-metas": (".html", lambda size: f"<html><head>{numbered('<meta name=author content=a%d>', size)}{article('')}"),
    "html-dates": (".html", lambda size: article(repeated("<time>3 March 2024</time> ", size))),
    "html-bylines": (".html", lambda size: article(repeated("<span class=byline>By A B</span> ", size))),
    "html-classes": (".html", lambda size: article(f"<p class='{repeated('a ', size)}'>text</p>")),
    "html-spaces": (".html", lambda size: article(f"<p>a{' ' * size}b")),
    "html-one-paragraph": (".html", lambda size: page(f"<p>{' '.join(words(size // 7))}")),
    "html-letters": (".html", lambda size: page(f"<p>{'a' * size}")),
    "html-pre": (".html", lambda size: article("<pre>" + numbered("line %d\n", size) + "</pre>")),
    "html-select": (".html", lambda size: article(repeated("<select><option>a", size))),
    "html-svg": (".html", lambda size: article(repeated("<svg><title>a", size))),
    "html-headings": (".html", lambda size: article(numbered("<h2>Heading %d</h2>", size))),
    "html-forms": (".html", lambda size: article(repeated("<form><input value=a>", size))),
    "html-figures": (".html", lambda size: article(numbered("<figure><img src=%d><figcaption>Caption %d</figcaption></figure>", size))),
    "html-comments-section": (".html", lambda size: article("<div id=comments>" + numbered("<div class=comment><p>Comment %d here.</p></div>", size))),
    "html-nul": (".html", lambda size: article("<p>" + repeated("aaaaaaaaaaaaaaaaaaaaaaaaaaaa\0", size))),
    "json-deep": (".json", lambda size: '{"a":' * (size // 6) + "1" + "}" * (size // 6)),
    "json-list-deep": (".json", lambda size: "[" * (size // 2) + "]" * (size // 2)),
    "json-open": (".json", lambda size: "[" * size),
    "json-records": (".json", lambda size: json.dumps([{"title": f"T {n}", "body": sentence(n)} for n in range(size // 120 + 1)])),
    "json-broken-records": (".json", lambda size: "[" + repeated('{"body": "a" "b"},', size) + "]"),
    "json-members": (".json", lambda size: json.dumps({**{f"m{n}": "a" for n in range(size // 15)}, "body": prose(500)})),
    "json-tags": (".json", lambda size: json.dumps({"tags": [f"tag {n}" for n in range(size // 12)], "body": prose(500)})),
    "json-escapes": (".json", lambda size: '{"body": "' + "\\u0061" * (size // 6) + '"}'),
    "json-quotes-open": (".json", lambda size: '{"a' * (size // 3)),
    "json-colons": (".json", lambda size: '{"list": [' + repeated("{:}", size) + "]}"),
    "json-commas": (".json", lambda size: '{"list": [{},' + "," * size + "]}"),
    "json-text": (".json", lambda size: wrapped(prose(size))),
    "json-inner": (".json", lambda size: json.dumps({"body": json.dumps({"body": json.dumps({"body": prose(size)})})})),
    "json-rich": (".json", lambda size: json.dumps({"content": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": f"word {n} "}]} for n in range(size // 80)]}})),
    "json-rich-inline": (".json", lambda size: json.dumps({"content": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": f"word {n} "} for n in range(size // 40)]}]}})),
    "jsonl-records": (".jsonl", lambda size: "\n".join(wrapped(sentence(n)) for n in range(size // 120 + 1))),
    "jsonl-broken": (".jsonl", lambda size: repeated('{"body": "a" "b"}\n', size)),
    "jsonl-empty-lines": (".jsonl", lambda size: "\n" * size + wrapped(prose(300))),
    "csv-records": (".csv", lambda size: "title,body\n" + "".join(f'T {n},"{sentence(n)}"\n' for n in range(size // 120 + 1))),
    "csv-giant-field": (".csv", lambda size: 'title,body\nT,"' + prose(size) + '"\n'),
    "csv-open-quote": (".csv", lambda size: 'title,body\nT,"' + repeated("a,b\n", size)),
    "csv-quotes": (".csv", lambda size: "title,body\n" + '"' * size),
    "csv-columns": (".csv", lambda size: ",".join(f"c{n}" for n in range(size // 12)) + ",body\n" + ",".join("x" for _ in range(size // 12)) + f",{sentence(1)}\n"),
    "csv-commas": (".csv", lambda size: "title,body\n" + "," * size),
    "xml-feed": (".xml", lambda size: "<rss><channel><title>F</title>" + "".join(f"<item><title>T {n}</title><description>{sentence(n)}</description></item>" for n in range(size // 150 + 1)) + "</channel></rss>"),
    "xml-deep": (".xml", lambda size: "<rss><channel><item><title>T</title><description>" + "<a>" * (size // 7) + "</a>" * (size // 7) + "</description></item></channel></rss>"),
    "xml-entities": (".xml", lambda size: "<!DOCTYPE rss [" + numbered('<!ENTITY e%d "a">', size) + "]><rss><channel><item><title>T</title><description>Text</description></item></channel></rss>"),
    "mail-headers": (".eml", lambda size: "From: a@b.c\nSubject: T\n" + numbered("X-%d: a\n", size) + f"\n{prose(500)}"),
    "mail-parts": (".eml", lambda size: "From: a@b.c\nSubject: T\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n" + repeated("--x\nContent-Type: text/plain\n\na\n", size) + "--x--\n"),
    "mail-nested": (".eml", lambda size: "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(size // 60)) + "\na"),
    "zip-members": (".zip", zipped),
    "gz-prose": (".txt.gz", lambda size: gzip.compress(prose(size).encode())),
}  # fmt: skip


def timed(suffix: str, data: bytes) -> tuple[float, float, str]:
    """Processor seconds of a run and of its verification, and what went wrong (empty if nothing)."""
    with tempfile.TemporaryDirectory() as room:
        seeds, out = Path(room) / "seeds", Path(room) / "out"
        seeds.mkdir()
        (seeds / f"hard{suffix}").write_bytes(data)
        begun = time.process_time()
        cleaning = clean(seeds, out, options=Options(jobs=1))
        ran = time.process_time()
        breaches = verify(out, seeds)
        told = sorted({problem.rule for problem in cleaning.problems if problem.rule.startswith("ENC")})
        return ran - begun, time.process_time() - ran, " ".join([*told, *{found.rule for found in breaches}])


def _child(name: str, size: int, seconds: int) -> None:
    suffix, shape = SHAPES[name]
    # What every process pays once is no part of the curve.
    timed(suffix, _bytes(next(shape for own, shape in SHAPES.values() if own == suffix)(2000)))
    used = int(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, used + seconds + 5))
    print(json.dumps(timed(suffix, _bytes(shape(size)))))


def _bytes(made: str | bytes) -> bytes:
    return made if isinstance(made, bytes) else made.encode()


def measured(name: str, size: int, seconds: int) -> tuple[float, float, str] | None:
    """The times of a shape at a size; None where they were more than it is given."""
    command = [sys.executable, __file__, "--child", name, "--bytes", str(size), "--seconds", str(seconds)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        lines = result.stderr.strip().splitlines()
        return (math.nan, math.nan, lines[-1][:80]) if lines else None
    run, check, told = json.loads(result.stdout)
    return run, check, told


def _exponent(first: float, last: float) -> str:
    return f"{math.log(last / first, 4):4.1f}" if min(first, last) > 0 and last > MIN_SECONDS else "   -"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="*", help="names, or their first letters")
    parser.add_argument("--bytes", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        _child(given.child, given.bytes, given.seconds)
        return
    print(f"{'shape':24} {'run: seconds at 1, 2, 4 times':31} {'k':>4}   {'verify: the same':31} {'k':>4}   kB/s")
    for name in SHAPES:
        if given.shapes and not any(name.startswith(wanted) for wanted in given.shapes):
            continue
        found = [measured(name, given.bytes * factor, given.seconds) for factor in (1, 2, 4)]
        if None in found:
            print(
                f"{name:24} more than {given.seconds} s at {given.bytes * (1, 2, 4)[found.index(None)]:,} bytes",
                flush=True,
            )
            continue
        runs, checks = [one[0] for one in found if one], [one[1] for one in found if one]
        rate = 4 * given.bytes / 1000 / max(runs[2], 0.001)
        told = found[2][2] if found[2] else ""
        shown = ["".join(f"{seconds:10.2f} " for seconds in times) for times in (runs, checks)]
        print(
            f"{name:24} {shown[0]} {_exponent(runs[0], runs[2])}  {shown[1]} {_exponent(checks[0], checks[2])} {rate:7,.0f}  {told}",
            flush=True,
        )


if __name__ == "__main__":
    main()
