"""How right the decisions about copies are, beside those of other methods, on labelled pairs and on articles that repeat themselves.

    python benchmarks/quality.py [--data ../shared/data] [--articles 48] [--only pairs|repeats]

Across documents: pairs of bills (positive from label 3), clusters of abstracts, passages reused. Printed are precision, recall and F1 over pairs,
and for clusters the documents that were dropped though no true copy of theirs was kept. The thresholds were chosen on the bills and the abstracts
(docs/method.md), so of those two look at the difference to the others, not at the height; nothing was chosen on the passages.

Within a document: articles are made to repeat themselves in eight ways. Printed are the share of their sentences that is left, the repeats that are
left, and the articles that come out as they were.

The other methods run at their defaults. Those of text-dedup and datatrove are restated here with datasketch, for their packages bring a cluster of
machines along: word 5-grams, 250 permutations at a threshold of .7, sets joined; and word 5-grams, numbers as 0, 14 buckets of 8, sets joined.
Neither of the two compares what its buckets bring together.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

Pair = frozenset[str]
WORD = re.compile(r"\w+")
# A group that buckets join may hold all documents; so many of its pairs say what it is.
MAX_JOINED = 2000


def rows(path: Path) -> list[Any]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


# -- across documents: each method gives the pairs that it calls copies --


def cleaner_pairs(path: Path, relations: frozenset[str]) -> tuple[set[Pair], dict[str, str]]:
    """The pairs of the relations, and for each dropped document the one that was kept for it."""
    ids = {str(number): row["id"] for number, row in enumerate(rows(path), 1)}
    with tempfile.TemporaryDirectory(prefix="quality-") as scratch:
        out = Path(scratch, "out")
        command = [sys.executable, "-m", "cleaner", str(path), "-o", str(out), "-q", "--no-progress"]
        subprocess.run(command, check=False, capture_output=True)
        report = json.loads((out / "report.json").read_text(encoding="utf-8"))

    def named(source: str) -> str:
        return str(ids[source.rpartition("#")[2].lstrip("/")])

    found = {
        frozenset((named(pair["a"]), named(pair["b"]))) for pair in report["pairs"] if pair["relation"] in relations
    }
    dropped: dict[str, str] = {}
    for cluster in report["clusters"]:
        star = [named(member["source"]) for member in cluster["members"] if member["dropped"]]
        dropped |= dict.fromkeys(star, named(cluster["canonical"]))
        found |= {frozenset(pair) for pair in combinations({*star, named(cluster["canonical"])}, 2)}
    return found, dropped


def grams(words: list[str], size: int) -> set[bytes]:
    return {" ".join(words[at : at + size]).encode() for at in range(max(1, len(words) - size + 1))}


def plain_words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def words_without_numbers(text: str) -> list[str]:
    """Lower case, no punctuation, no accents, numbers as 0."""
    bare = "".join(char for char in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(char))
    return WORD.findall(re.sub(r"\d+", "0", bare))


def bucketed(
    texts: dict[str, str], shingles: Callable[[str], set[bytes]], permutations: int, **index: Any
) -> Iterator[tuple[str, str]]:
    """The pairs that share a bucket."""
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(num_perm=permutations, **index)
    for name, text in texts.items():
        signature = MinHash(num_perm=permutations)
        signature.update_batch(sorted(shingles(text)))
        yield from ((other, name) for other in lsh.query(signature))
        lsh.insert(name, signature)


def joined(pairs: Iterable[tuple[str, str]]) -> tuple[set[Pair], dict[str, str]]:
    """Whatever hangs together is one set, of which the first is kept."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for left, right in pairs:
        parent[root(right)] = root(left)
    groups: dict[str, list[str]] = defaultdict(list)
    for name in list(parent):
        groups[root(name)].append(name)
    dropped = {name: group[0] for group in groups.values() for name in group[1:]}
    return {frozenset(pair) for group in groups.values() for pair in combinations(group[:MAX_JOINED], 2)}, dropped


def datasketch_alone(texts: dict[str, str]) -> tuple[set[Pair], dict[str, str]]:
    pairs = list(bucketed(texts, lambda text: grams(plain_words(text), 3), 128, threshold=0.6))
    return {frozenset(pair) for pair in pairs}, joined(pairs)[1]


def text_dedup_method(texts: dict[str, str]) -> tuple[set[Pair], dict[str, str]]:
    return joined(bucketed(texts, lambda text: grams(plain_words(text), 5), 250, threshold=0.7))


def datatrove_method(texts: dict[str, str]) -> tuple[set[Pair], dict[str, str]]:
    return joined(bucketed(texts, lambda text: grams(words_without_numbers(text), 5), 112, params=(14, 8)))


METHODS = {
    "datasketch LSH alone": datasketch_alone,
    "text-dedup's method": text_dedup_method,
    "datatrove's method": datatrove_method,
}
DROPPING = frozenset({"exact", "near", "revision", "contained"})


def across(data: Path) -> None:
    for name, relations in (("bills", DROPPING), ("abstracts", DROPPING), ("reuse", DROPPING | {"reuse"})):
        path = data / "pairs" / f"{name}.docs.jsonl.gz"
        wanted, labelled = truth(data / "pairs", name)
        texts = {row["id"]: row["text"] for row in rows(path)}
        print(f"\n{name}: {len(texts)} documents, {len(wanted)} true pairs")
        results = {"article-cleaner": cleaner_pairs(path, relations)}
        results |= {method: find(texts) for method, find in METHODS.items()}
        for method, (found, dropped) in results.items():
            print(
                f"  {method:<22} {scored(found, wanted, labelled)}{wrongly(dropped, wanted) if name == 'abstracts' else ''}"
            )


def truth(folder: Path, name: str) -> tuple[set[Pair], set[Pair] | None]:
    """The true pairs, and all labelled ones (None: every pair is)."""
    if (clusters := folder / f"{name}.clusters.json").exists():
        groups = json.loads(clusters.read_text(encoding="utf-8"))
        return {frozenset(pair) for group in groups for pair in combinations(group, 2)}, None
    labels = rows(folder / f"{name}.truth.jsonl.gz")
    pairs = {frozenset((row["a"], row["b"])): row["dup"] if "dup" in row else row["label"] >= 3 for row in labels}
    return {pair for pair, is_true in pairs.items() if is_true}, set(pairs)


def scored(found: set[Pair], wanted: set[Pair], labelled: set[Pair] | None) -> str:
    found = found if labelled is None else found & labelled
    right = len(found & wanted)
    precision, recall = right / max(len(found), 1), right / len(wanted)
    return f"precision {precision:.3f}  recall {recall:.3f}  F1 {2 * right / (len(found) + len(wanted)):.3f}  false {len(found) - right:>4}"


def wrongly(dropped: dict[str, str], wanted: set[Pair]) -> str:
    return f"  wrongly dropped {sum(frozenset(pair) not in wanted for pair in dropped.items())} of {len(dropped)}"


# -- within a document: each method makes of the paragraphs of an article what it would keep --

END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"\u201c])")
MIN_SENTENCE_WORDS = 6


def said(paragraphs: Iterable[str]) -> list[tuple[str, ...]]:
    """The sentences of some length, as their words."""
    sentences = (tuple(plain_words(part)) for paragraph in paragraphs for part in END.split(paragraph))
    return [words for words in sentences if len(words) >= MIN_SENTENCE_WORDS]


def once_only(text: str) -> list[str] | None:
    """The paragraphs of an article that is long enough and repeats nothing itself."""
    paragraphs = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    counts = Counter(said(paragraphs))
    long = sum(len(paragraph.split()) >= 25 for paragraph in paragraphs)
    return paragraphs if long >= 6 and max(counts.values()) == 1 and len(text) < 20_000 else None


def tail(paragraph: str) -> str:
    sentences = END.split(paragraph)
    return " ".join(sentences[len(sentences) // 2 :])


def edited(paragraph: str, chance: random.Random) -> str:
    words = paragraph.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split()
    for _ in range(max(1, len(words) // 40)):
        place = chance.randrange(len(words))
        words[place] = {"the": "this", "said": "says", "is": "was", "and": "or"}.get(words[place], words[place])
    return " ".join(words)


def with_quotes(paragraphs: list[str], chance: random.Random) -> list[str]:
    """Sentences lifted out of every third paragraph or so, behind it."""
    parts: list[str] = []
    for paragraph in paragraphs:
        parts.append(paragraph)
        lifted = [one for one in END.split(paragraph) if 10 <= len(one.split()) <= 30 and one.endswith((".", "!", "?"))]
        if lifted and chance.random() < 0.35:
            parts.append(chance.choice(lifted))
    return parts


def shapes(paragraphs: list[str], chance: random.Random) -> dict[str, list[str]]:
    prose = [paragraph for paragraph in paragraphs if len(paragraph.split()) >= 12]
    mixed = chance.sample(prose, len(prose))
    return {
        "none": paragraphs,
        "twice": paragraphs * 2,
        "thrice": paragraphs * 3,
        "without headings first": prose + paragraphs,
        "tails first": [tail(paragraph) for paragraph in prose] + paragraphs,
        "edited": paragraphs + [edited(paragraph, chance) for paragraph in prose],
        "pull quotes": with_quotes(paragraphs, chance),
        "teaser": paragraphs + prose[:2],
        "other order": paragraphs + mixed,
    }


def cleaner_kept(pages: dict[str, list[str]]) -> dict[str, list[str]]:
    import cleaner

    with tempfile.TemporaryDirectory(prefix="quality-") as scratch:
        source, out = Path(scratch, "in"), Path(scratch, "out")
        source.mkdir()
        for name, paragraphs in pages.items():
            (source / f"{name}.txt").write_text("\n".join(paragraphs) + "\n", encoding="utf-8")
        cleaner.clean(source, out, cleaner.Options(min_document_tokens=1 << 30))
        kept: dict[str, list[str]] = {}
        for line in (out / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            kept |= dict.fromkeys(
                (source.removesuffix(".txt") for source in row["metadata"]["sources"]), row["text"].split("\n")
            )
    return kept


def exact_paragraphs(paragraphs: list[str]) -> list[str]:
    return list(dict.fromkeys(paragraphs))


def datasketch_paragraphs(paragraphs: list[str]) -> list[str]:
    texts = {str(number): paragraph for number, paragraph in enumerate(paragraphs)}
    long = {name: text for name, text in texts.items() if len(text.split()) >= MIN_SENTENCE_WORDS}
    copies = {name for _, name in bucketed(long, lambda text: grams(plain_words(text), 3), 128, threshold=0.8)}
    return [text for name, text in texts.items() if name not in copies]


def trafilatura_paragraphs(paragraphs: list[str]) -> list[str]:
    from html import escape

    import trafilatura
    from trafilatura.deduplication import LRU_TEST

    LRU_TEST.clear()
    page = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    text = trafilatura.extract(f"<html><body><article>{page}</article></body></html>", deduplicate=True)
    return (text or "").split("\n")


PARAGRAPH_METHODS = {
    "equal paragraphs": exact_paragraphs,
    "datasketch, paragraphs": datasketch_paragraphs,
    "trafilatura deduplicate": trafilatura_paragraphs,
}


def within(data: Path, count: int) -> None:
    chance = random.Random(17)
    articles = [
        found
        for kind in ("html", "news")
        for row in rows(data / kind / "truth.jsonl.gz")
        if (found := once_only(row["text"]))
    ]
    chance.shuffle(articles)
    pages: dict[str, list[str]] = {}
    once: dict[str, list[str]] = {}
    for number, paragraphs in enumerate(articles[:count]):
        made = list(shapes(paragraphs, chance).items())
        shape, page = made[number % len(made)]
        pages[f"{shape} {number}"], once[f"{shape} {number}"] = page, paragraphs
    print(f"\nwithin a document: {len(pages)} articles")
    results = {"article-cleaner": cleaner_kept(pages)}
    results |= {name: {page: keep(pages[page]) for page in pages} for name, keep in PARAGRAPH_METHODS.items()}
    for method, kept in results.items():
        print(f"  {method:<24} {judged(once, kept)}")


def judged(once: dict[str, list[str]], kept: dict[str, list[str]]) -> str:
    total = there = left = perfect = 0
    for name, paragraphs in once.items():
        wanted, found = Counter(said(paragraphs)), Counter(said(kept.get(name, [])))
        lost, surplus = (wanted - found).total(), (found - wanted).total()
        total, there, left = total + wanted.total(), there + wanted.total() - lost, left + surplus
        perfect += not lost and not surplus
    return f"sentences kept {there / total:.4f}  repeats left {left:>4}  as they were {perfect} of {len(once)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="the folder with pairs/, html/ and news/"
    )
    parser.add_argument("--articles", type=int, default=48, help="so many articles are made to repeat themselves")
    parser.add_argument("--only", choices=("pairs", "repeats"), help="one half only")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        sys.exit(f"{arguments.data} is not there: name the folder with the labelled data by --data.")
    if arguments.only != "repeats":
        across(arguments.data)
    if arguments.only != "pairs":
        within(arguments.data, arguments.articles)


if __name__ == "__main__":
    main()
