"""How much of an article's text `clean` and its peers take from labelled HTML pages, in one run: F1 by kind of page, the worst pages, time a page.

    python benchmarks/extraction.py SET [SET ...] [--worst 10] [--only clean,trafilatura]

A SET is a folder with `truth.jsonl` (or `.jsonl.gz`), one {"id", "text", "type"?, "title"?, "author"?, "date"?} a line, and `pages/<id>.html`
(or `.html.gz`). Scores are means over pages of the F1 of multisets of 4-word shingles; a page that gave nothing scores 0. Times are CPU seconds of this process,
for `clean` of everything up to the finished document, its account included. A peer that is not installed is left out and named. To have them all:

    pip install . readability-lxml newspaper4k resiliparse justext
"""

from __future__ import annotations

import argparse
import collections
import gc
import gzip
import json
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.folders import Unit
from cleaner.model.options import Options
from cleaner.pipeline.preparing import Prepared, prepare
from cleaner.stages.decode import decode

SHINGLE_WORDS = 4
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")


class Page(NamedTuple):
    """A labelled page: its set, what is known of it, its bytes and its decoded text."""

    set: str
    truth: dict[str, Any]
    data: bytes
    html: str


class Score(NamedTuple):
    """Precision, recall and F1 of one text."""

    precision: float
    recall: float
    f1: float


def opened(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def pages_of(folder: Path) -> Iterator[Page]:
    truth = next((path for path in sorted(folder.glob("truth.jsonl*"))), None)
    if truth is None:
        sys.exit(f"{folder}: there is no truth.jsonl or truth.jsonl.gz in it.")
    for line in opened(truth).decode().split("\n"):
        if not line:
            continue
        row = json.loads(line)
        data = opened(next((folder / "pages").glob(f"{row['id']}.html*")))
        yield Page(folder.name, row, data, decode(data, row["id"] + ".html").text)


def shingles(text: str) -> collections.Counter[tuple[str, ...]]:
    words = WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    count = max(1, len(words) - SHINGLE_WORDS + 1) if words else 0
    return collections.Counter(tuple(words[at : at + SHINGLE_WORDS]) for at in range(count))


def score(wanted: str, got: str) -> Score:
    truth, found = shingles(wanted), shingles(got)
    both = (truth & found).total()
    precision, recall = both / max(1, found.total()), both / max(1, truth.total())
    return Score(precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0)


def cleaned(page: Page) -> str:
    name = f"{page.truth['id']}.html"
    for found in prepare(Unit(name, ".html", page.data, "", len(page.data)), Options(), sketched=False):
        if isinstance(found, Prepared):
            return "\n\n".join(block.text.text for block in found.document.blocks)
    return ""


def trafilatura_in(**options: bool) -> Callable[[], Callable[[Page], str]]:
    def loaded() -> Callable[[Page], str]:
        import trafilatura

        return lambda page: trafilatura.extract(page.html, **options) or ""

    return loaded


def readability() -> Callable[[Page], str]:
    from lxml import html
    from readability import Document

    def text(page: Page) -> str:
        summary = Document(page.html).summary()
        # A block ends a word; text_content() would glue the blocks.
        return " ".join(html.fromstring(summary).itertext()) if summary.strip() else ""

    return text


def newspaper() -> Callable[[Page], str]:
    from newspaper import Article
    from newspaper.article import ArticleDownloadState

    def text(page: Page) -> str:
        # Not `download(input_html=...)`, which follows a page's refresh into the network.
        article = Article("https://example.org/", fetch_images=False)
        article.html = page.html
        article.download_state = ArticleDownloadState.SUCCESS
        article.parse()
        return str(article.text)

    return text


def resiliparse() -> Callable[[Page], str]:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda page: str(extract_plain_text(page.html, main_content=True, alt_texts=False, links=False))


def justext() -> Callable[[Page], str]:
    import justext as extractor

    words = extractor.get_stoplist("English")
    return lambda page: "\n\n".join(
        paragraph.text
        for paragraph in extractor.justext(page.html.encode(), words, encoding="utf-8")
        if not paragraph.is_boilerplate
    )


EXTRACTORS: dict[str, Callable[[], Callable[[Page], str]]] = {
    "clean": lambda: cleaned,
    "trafilatura": trafilatura_in(),
    "trafilatura, fast": trafilatura_in(fast=True),
    "trafilatura, precision": trafilatura_in(favor_precision=True),
    "trafilatura, recall": trafilatura_in(favor_recall=True),
    "readability-lxml": readability,
    "newspaper4k": newspaper,
    "resiliparse": resiliparse,
    "jusText": justext,
}


def measured(extractor: Callable[[Page], str], pages: list[Page]) -> tuple[list[Score], list[str], float]:
    """The score of each page, what went wrong, and the CPU time of all."""
    from trafilatura.meta import reset_caches

    # As the command has it; with Python's own thresholds the search for cycles takes a tenth of our time.
    gc.set_threshold(100_000, 50, 50)
    texts, troubles = [], []
    # The first page loads what is loaded late.
    extractor_or_trouble(extractor, pages[0], [])
    # Several ask trafilatura for the same pages: none may profit from what an earlier one left in its caches.
    reset_caches()
    start = time.process_time()
    for page in pages:
        texts.append(extractor_or_trouble(extractor, page, troubles))
    took = time.process_time() - start
    return [score(page.truth["text"], text) for page, text in zip(pages, texts, strict=True)], troubles, took


def extractor_or_trouble(extractor: Callable[[Page], str], page: Page, troubles: list[str]) -> str:
    try:
        return extractor(page)
    except Exception as error:
        # A peer that fails on a page gave nothing for it; the others are still compared.
        troubles.append(f"{page.truth['id']}: {type(error).__name__}")
        return ""


def kinds_of(pages: list[Page]) -> dict[str, list[int]]:
    """The numbers of the pages of each set, and of each type in it."""
    kinds: dict[str, list[int]] = {}
    for number, page in enumerate(pages):
        kinds.setdefault(page.set, []).append(number)
        if kind := page.truth.get("type"):
            kinds.setdefault(f"{page.set}: {kind}", []).append(number)
    return dict(sorted(kinds.items()))


def why(found: Score) -> str:
    """What a bad score comes from, in a word."""
    if found.f1 == 0:
        return "nothing, or another text"
    return "too much" if found.precision < found.recall else "too little"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET", help="a folder of labelled pages")
    parser.add_argument("--worst", type=int, default=10, help="how many of our worst pages to list (default: 10)")
    parser.add_argument("--only", help="names of extractors, with commas between (default: all that are installed)")
    given = parser.parse_args()
    pages = [page for folder in given.sets for page in pages_of(folder)]
    kinds = kinds_of(pages)
    only = given.only.split(",") if given.only else list(EXTRACTORS)
    own: list[Score] = []
    base = 0.0
    print("F1".ljust(24), *(f"{kind} ({len(numbers)})" for kind, numbers in kinds.items()), "ms a page", sep="  ")
    for name in (name for name in EXTRACTORS if name in only):
        try:
            extractor = EXTRACTORS[name]()
        except ImportError as error:
            print(f"{name:<24}  not installed ({error.name})")
            continue
        scores, troubles, took = measured(extractor, pages)
        own = scores if name == "clean" else own
        base = took if name == "trafilatura" else base
        means = (
            f"{sum(scores[number].f1 for number in numbers) / len(numbers):.3f}".ljust(len(f"{kind} ({len(numbers)})"))
            for kind, numbers in kinds.items()
        )
        ratio = f" ({took / base:.2f} times trafilatura)" if base else ""
        failed = f"; failed on {len(troubles)}" if troubles else ""
        print(f"{name:<24}", *means, f"{1000 * took / len(pages):.1f}{ratio}{failed}", sep="  ")
        if name == "clean":
            own_took = took
    if own and base:
        print(f"\nclean takes {own_took / base:.2f} times the time of trafilatura.")
    worst = sorted(range(len(own)), key=lambda number: (own[number].f1, pages[number].truth["id"]))[: given.worst]
    for number in worst:
        found, page = own[number], pages[number]
        print(
            f"{page.set} {page.truth['id']} ({page.truth.get('type', 'page')}): precision {found.precision:.2f}, "
            f"recall {found.recall:.2f}, F1 {found.f1:.2f}: {why(found)}"
        )


if __name__ == "__main__":
    main()
