"""Repeats within documents in, their cards out: the way of every run from the file to the article, and what stood twice, side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

from cleaner.reports import svg
from cleaner.reports.comparing import marked
from cleaner.reports.cuts import Limits, cut, made, more, name_of, pieces_of, text_of
from cleaner.reports.digest import percent, some

# A copy that takes this share of what stays of the file is a page that came twice, in percent.
TWICE = 30


def repeats_of(report: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """The documents that repeated themselves, the most repeated first; those whose runs the report does not hold are named only."""
    traces = report["traces"]
    drawn = {(trace["source"], trace["pointer"]) for trace in traces[: limits.strips]}
    by_text: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for entry in report["repeats"]:
        by_text[entry["source"], entry["dropped"]["pointer"]].append(entry)
    others = sorted(
        ((place, runs) for place, runs in by_text.items() if place not in drawn),
        key=lambda found: (-sum(map(_length, found[1])), found[0]),
    )
    return {
        "cards": made(partial(_card, limits=limits), list(enumerate(traces[: limits.strips], 1))),
        "others": cut(others, limits.pairs, "document", _named),
        "meant": cut(report["meant_repeats"], limits.meant, "repeat", _meant),
    }


def _named(found: tuple[tuple[str, str], list[dict[str, Any]]]) -> tuple[str, str, str]:
    (source, pointer), runs = found
    return name_of(source + pointer), f"{len(runs):,}", f"{sum(map(_length, runs)):,}"


def _length(entry: dict[str, Any]) -> int:
    return int(entry["dropped"]["end"]) - int(entry["dropped"]["start"])


def _meant(entry: dict[str, Any]) -> dict[str, Any]:
    span = entry["dropped"]
    return {
        "source": name_of(entry["source"]),
        "place": f"{span['start']:,}\N{EN DASH}{span['end']:,}",
        "text": text_of(entry["text"]),
        "why": entry.get("why", ""),
    }


def _card(numbered: tuple[int, dict[str, Any]], *, limits: Limits) -> dict[str, Any]:
    number, trace = numbered
    passages = trace["passages"]
    taken = sum(passage["dropped"][1] - passage["dropped"][0] for passage in passages)
    length, stays = max(1, trace["characters"]), max(1, trace["article_characters"])
    rows = [_row(row, passage) for row, passage in enumerate(passages[: limits.runs], 1)]
    return {
        "number": number,
        "source": name_of(trace["source"] + trace["pointer"]),
        "headline": _headline(trace, 100 * taken // stays),
        "alike": "word for word" if all(row["same"] for row in rows) else "some with a few other words",
        "taken": f"{some(taken, 'character')}, {percent(min(1.0, taken / length))} of the file",
        "came": some(trace["characters"], "character"),
        "stays": some(trace["article_characters"], "character"),
        "streams": svg.streams(list(_runs(number, trace)), trace["characters"], trace["article_characters"]),
        "trimmed": bool(trace["left_out"]),
        "rows": rows,
        "more": more(trace["passages_in_all"] - len(rows), "passage"),
    }


def _headline(trace: dict[str, Any], share: int) -> str:
    """What happened to the file, in the words of somebody who looks at the picture."""
    passages, number = trace["passages"], trace["passages_in_all"]
    each = "Each passage stands once now." if number > 1 else "It stands once now."
    if share < TWICE or number < 3:
        return f"{some(number, 'passage')} of this file stood in it twice. {each}"
    dropped = min(passage["dropped"][0] for passage in passages), max(passage["dropped"][1] for passage in passages)
    return f"This file holds much of its article twice: {_order(trace, dropped)}. {each}"


def _order(trace: dict[str, Any], dropped: tuple[int, int]) -> str:
    """How the copies lie to the text that stays."""
    before = sum(run[1] - run[0] for run in trace["kept"] if run[1] <= dropped[0])
    behind = sum(run[1] - run[0] for run in trace["kept"] if run[0] >= dropped[1])
    within = sum(run[1] - run[0] for run in trace["kept"]) - before - behind
    if behind > before + within:
        return "first comes a copy of parts of it, then the article that stays"
    if before > behind + within:
        return "first comes the article that stays, then a copy of parts of it"
    return "here and there, a passage and its copy"


def _runs(number: int, trace: dict[str, Any]) -> Iterator[svg.Run]:
    for start, end, out, out_end in trace["kept"]:
        yield svg.Run((start, end), (out, out_end), "kept")
    for start, end, _ in trace["left_out"]:
        yield svg.Run((start, end), None, "trimmed")
    for row, passage in enumerate(trace["passages"], 1):
        yield svg.Run(
            tuple(passage["dropped"]), tuple(passage["kept_at"]), "dropped", f"repeats-{number}-{row}", f"Passage {row}"
        )


def _row(number: int, passage: dict[str, Any]) -> dict[str, Any]:
    kept, dropped = marked(passage["kept_text"], passage["dropped_text"])
    same = not any(piece.changed for piece in (*kept, *dropped))
    start, end = passage["dropped"]
    return {
        "number": number,
        "same": same,
        "place": f"{start:,}\N{EN DASH}{end:,}",
        "kept": pieces_of(kept),
        "dropped": pieces_of(dropped),
    }
