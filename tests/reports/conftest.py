"""Made-up reports: small ones with one of everything, hostile ones, and ones of any size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from cleaner.model.duplicates import Cluster, Member, Pair, Relation
from cleaner.model.options import Options
from cleaner.model.problems import Problem
from cleaner.model.text import Span
from cleaner.stages.propose import banding
from cleaner.stages.report import Facts, build_report, most_repeated, shown_pairs

Report = dict[str, Any]
OPTIONS = Options(min_jaccard=70, min_similarity=90, min_jaccard_any_order=92, min_containment=90)


def _fingerprint(number: int, source: str) -> Any:
    """As much of a fingerprint as a report looks at."""
    return SimpleNamespace(number=number, source=source, words=80, date=f"2026-03-{number % 28 + 1:02}", updated="")


def _span(source: str, start: int, end: int) -> dict[str, Any]:
    return {"source": source, "pointer": "", "start": start, "end": end}


def _repeat(source: str, text: str) -> dict[str, Any]:
    return {
        "source": source,
        "dropped": _span(source, 100, 300),
        "kept_at": _span(source, 1000, 1200),
        "similarity": 1.0,
        "text": text,
    }


def _trace(source: str, text: str) -> dict[str, Any]:
    return {
        "source": source,
        "pointer": "",
        "characters": 1300,
        "article_characters": 1098,
        "kept": [[0, 99, 0, 99], [300, 1290, 100, 1090]],
        "left_out": [[1291, 1300, "DOC004"]],
        "passages": [
            {"dropped": [100, 299], "kept_at": [801, 1000], "dropped_text": text, "kept_text": f"{text} Edited."}
        ],
        "passages_in_all": 1,
    }


def _sample(source: str, text: str) -> dict[str, Any]:
    return {"rule": "TXT009", "source": source, "left": text, "before": text, "after": text, "right": text}


def _entry(source: str, status: str) -> dict[str, Any]:
    return {
        "source": source,
        "sha256": "0" * 64,
        "bytes": 1234,
        "format": "plain",
        "encoding": "utf-8",
        "status": status,
        "documents": ["id"],
    }


@pytest.fixture
def made() -> Callable[..., Report]:
    """A function that makes a report of `documents` documents: every third is a copy of the one before it."""

    def make(
        documents: int = 9, name: str = "news/{}.txt", text: str = "A sentence.", title: str = "A title"
    ) -> Report:
        sources = [name.format(number) for number in range(documents)]
        copies = range(1, documents, 3)
        pairs = [
            Pair(number - 1, number, Relation.NEAR, 84, 100, 100, (), (text,) * 4, (number,), similarity=97)
            for number in copies
        ]
        clusters = [Cluster(pair.a, "it is the most complete", (Member(pair.b, pair, dropped=True),)) for pair in pairs]
        if len(pairs) > 2:
            clusters[-1] = replace(clusters[-1], members=(Member(pairs[-1].b, pairs[-1], dropped=False),))
        kept = [source for number, source in enumerate(sources) if number not in copies]
        problems = [
            Problem("ENC005", f"The JSON can't be parsed: {text} Skipped.", name.format("broken"), None, 5, 2),
            *(Problem("DOC001", "No title was found.", source, Span(0, 5), 1, 1) for source in kept),
            *(Problem("DOC006", f"The article is short: {text}{source}", source, Span(0, 5), 1, 1) for source in kept),
        ]
        shown = shown_pairs([_fingerprint(number, "") for number in range(documents)], pairs, clusters, OPTIONS)
        statuses = ["duplicate" if number in copies else "canonical" for number in range(documents)]
        return build_report(
            Facts(
                fingerprints=[_fingerprint(number, source) for number, source in enumerate(sources)],
                pairs=pairs,
                clusters=clusters,
                documents=[
                    {
                        "id": "id",
                        "article": f"articles/{at}.md",
                        "title": title,
                        "canonical_source": source,
                        "sources": [source],
                    }
                    for at, source in enumerate(kept)
                ],
                repeats=[_repeat(source, text) for source in kept],
                meant=[{**_repeat(kept[0], text), "why": "a refrain"}] if kept else [],
                problems=problems if kept else [],
                entries=[
                    *(_entry(source, status) for source, status in zip(sources, statuses, strict=True)),
                    *([_entry(name.format("broken"), "failed")] if kept else []),
                ],
                characters={"kept": 9000, "DUP001": 200, "DUP004": 700, "markup": 100} if kept else {},
                edits={"TXT009": 3} if kept else {},
                shared=[],
                banding=banding(60),
                titles=dict.fromkeys(sources, title),
                texts={
                    sources[number]: f"{text} Number {number % 3}.\n\nThe end of it."
                    for pair in shown
                    for number in pair
                },
                shown=shown,
                samples=[_sample(kept[0], text)] if kept else [],
                traces=most_repeated([], [_trace(source, text) for source in kept]),
                tool={"name": "article-cleaner", "version": "0.1.0"},
                options=OPTIONS,
            )
        )

    return make
