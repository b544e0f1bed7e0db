"""The checks of a whole output folder: its files, then its documents one by one, then what they add up to."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from cleaner.folders import MANIFEST
from cleaner.model.problems import Problem
from cleaner.rules import RULES
from cleaner.verification.account import (
    CORPUS,
    MISSHAPEN,
    PAGE,
    REPORT,
    Account,
    as_count,
    as_string,
    provenance_of,
    read_account,
    read_manifest,
)
from cleaner.verification.case import HASH, REPLAY, RULE_OF_RELATION, UNCOVERED, Case, Told
from cleaner.verification.copies import (
    copies_survive,
    nothing_stands_twice,
    repeats_are_told,
    unique_sentences_are_told,
)
from cleaner.verification.laws import (
    article_agrees,
    blocks_stand_apart,
    fields_are_listed,
    losses_have_reasons,
    records_agree,
    sources_are_tiled,
    text_follows,
    text_is_tiled,
)
from cleaner.verification.sources import Sources, Unreadable, digest_of

# What may stand beside the articles and their provenance.
OWN_FILES = frozenset({CORPUS, REPORT, PAGE, "report.md", "provenance.jsonld"})
# A forged document breaks in a thousand places; so many of each kind are told.
MAX_TOLD = 5


def verify(output: Path, sources: Iterable[Path] = ()) -> list[Problem]:
    """Every breach of the laws in the folder `output`; none means that they hold.

    Checked are: the hash of every file and, with `sources` (the folders and files that were cleaned), of every input; that segments tile each text and
    follow from their sources; that with what was dropped they tile the sources; that the surviving copy of each duplicate says the same; that no text
    says a sentence twice; and that articles, corpus, provenance, report and manifest agree. One document is in memory at a time.

    Raises `folders.UsageError` where there is nothing to check: no manifest, not one of ours, a source folder that does not exist.
    """
    output = Path(output)
    manifest = read_manifest(output)
    with closing(Sources(sources)) as found:
        return list(_Verification(output, manifest, found).problems())


# In this order, each on one document at a time.
CHECKS: tuple[Callable[[Case], Iterator[Problem]], ...] = (
    records_agree,
    text_is_tiled,
    blocks_stand_apart,
    text_follows,
    sources_are_tiled,
    losses_have_reasons,
    copies_survive,
    unique_sentences_are_told,
    repeats_are_told,
    nothing_stands_twice,
    article_agrees,
    fields_are_listed,
)


@dataclass(slots=True)
class _Verification:
    """One run of the checker over a folder."""

    output: Path
    manifest: dict[str, Any]
    sources: Sources
    told: Told = field(default_factory=Told)
    characters: Counter[str] = field(default_factory=Counter)
    edits: Counter[str] = field(default_factory=Counter)
    accounted: Counter[str] = field(default_factory=Counter)
    articles: list[str] = field(default_factory=list)

    def problems(self) -> Iterator[Problem]:
        yield from self._files()
        try:
            inputs = [dict(entry) for entry in self.manifest["inputs"]]
            self.told.inputs = {as_string(entry["source"]): entry for entry in inputs}
            report = orjson.loads((self.output / REPORT).read_bytes())
            self._learn(report)
        except (OSError, *MISSHAPEN) as error:
            yield Problem(
                HASH,
                f"{REPORT} or {MANIFEST} is not in its shape ({type(error).__name__}: {error}). Run `clean` again.",
                REPORT,
            )
            return
        if self.sources:
            yield from self._inputs(inputs)
        yield from self._documents()
        try:
            yield from self._totals(report, inputs)
        except MISSHAPEN as error:
            yield Problem(
                HASH, f"{REPORT} is not in its shape ({type(error).__name__}: {error}). Run `clean` again.", REPORT
            )

    def _files(self) -> Iterator[Problem]:
        """Every output that is listed is there with its hash and size; nothing else is."""
        listed: set[str] = set()
        try:
            entries = [
                (as_string(entry["path"]), entry["sha256"], entry["bytes"]) for entry in self.manifest["outputs"]
            ]
        except MISSHAPEN as error:
            yield Problem(
                HASH, f"{MANIFEST}: the list of outputs is not in its shape ({error}). Run `clean` again.", MANIFEST
            )
            return
        for path, digest, size in entries:
            if path in listed or not _is_own_path(path):
                yield Problem(HASH, f"{path} is listed twice, or is no file that `clean` writes.", path)
                continue
            listed.add(path)
            place = self.output / path
            if not place.is_file() or place.is_symlink():
                yield Problem(HASH, f"{path} is missing. Run `clean` again, or restore it.", path)
            elif digest_of(place) != (digest, size):
                yield Problem(
                    HASH,
                    f"{path} is not the file that was written: its hash or size differs. Run `clean` again, or restore it.",
                    path,
                )
        for name in {CORPUS, REPORT} - listed:
            yield Problem(HASH, f"{name} is not listed in {MANIFEST}.", name)
        for folder, folders, files in os.walk(self.output):
            names = [*files, *(name for name in folders if (Path(folder) / name).is_symlink())]
            for path in sorted((Path(folder) / name).relative_to(self.output).as_posix() for name in names):
                if path not in listed and path != MANIFEST:
                    yield Problem(
                        HASH, f"{path} is not listed in {MANIFEST}: `clean` did not write it. Remove it.", path
                    )

    def _learn(self, report: dict[str, Any]) -> None:
        """Keep of the report what the documents must agree with."""
        told = self.told
        told.options = dict(self.manifest["options"])
        told.documents = {as_string(entry["article"]): entry for entry in report["documents"]}
        for repeat in report["repeats"]:
            told.repeats.setdefault(as_string(repeat["source"]), []).append(
                {name: repeat[name] for name in ("dropped", "kept_at", "similarity")}
            )
        for repeat in report["meant_repeats"]:
            own = told.meant.setdefault(as_string(repeat["source"]), [])
            own += (
                (as_string(span["pointer"]), as_count(span["start"]), as_count(span["end"]))
                for span in (repeat["dropped"], repeat["kept_at"])
            )
        for cluster in report["clusters"]:
            for member in cluster["members"]:
                if member["dropped"]:
                    told.members[as_string(member["source"])] = {**member, "canonical": cluster["canonical"]}

    def _inputs(self, inputs: Sequence[dict[str, Any]]) -> Iterator[Problem]:
        """Every input is below the sources, and is the file that was read."""
        for entry in inputs:
            digest, size, source = entry.get("sha256"), entry.get("bytes"), entry["source"]
            if entry.get("status") == "skipped" or not digest:
                continue
            place = self.sources.located(source, str(digest))
            if place is None:
                yield Problem(
                    HASH,
                    f"{source} is not below the folders given as sources. Restore it, or give the folder that it is in.",
                    source,
                )
            elif self.sources.digest(place.path) != (digest, size):
                yield Problem(
                    HASH,
                    f"{source} is not the file that was cleaned: its hash or size differs. Run `clean` again, or restore it.",
                    source,
                )

    def _documents(self) -> Iterator[Problem]:
        try:
            with (self.output / CORPUS).open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    try:
                        yield from self._document(line)
                    except (OSError, *MISSHAPEN) as error:
                        yield Problem(
                            REPLAY,
                            f"{CORPUS}:{number}: the row, its article or its provenance is not in its shape ({type(error).__name__}: {error}).",
                            CORPUS,
                        )
        except OSError as error:
            yield Problem(HASH, f"{CORPUS} can't be read: {error.strerror or error}.", CORPUS)

    def _document(self, line: bytes) -> Iterator[Problem]:
        row = orjson.loads(line)
        path = as_string(row["metadata"]["article"])
        if not _is_own_path(path):
            raise ValueError(f"{path!r} is no article")
        account = read_account((self.output / provenance_of(path)).read_bytes())
        article = (self.output / path).read_bytes().decode("utf-8")
        self.articles.append(path)
        self._count(account)
        strings: list[str | None] = []
        for origin in account.origins:
            try:
                strings.append(self.sources.text(origin) if self.sources else None)
            except Unreadable as error:
                strings.append(None)
                yield Problem(HASH, str(error), origin.source)
        case = Case(row, as_string(row["text"]), account, article, strings, self.told, self.sources)
        for check in CHECKS:
            yield from islice(check(case), MAX_TOLD)

    def _count(self, account: Account) -> None:
        self.accounted.update(account.sources())
        for segment in account.segments:
            if segment.origin >= 0:
                self.characters["kept"] += segment.span[1] - segment.span[0]
            self.edits.update(rule for rule in segment.rules if segment.op == "edit" or rule == "TXT009")
        for loss in account.losses:
            self.characters[loss.rule] += loss.span[1] - loss.span[0]

    def _totals(self, report: dict[str, Any], inputs: Sequence[dict[str, Any]]) -> Iterator[Problem]:
        """What the parts say adds up to what the whole says."""
        listed = {entry["path"] for entry in self.manifest["outputs"]}
        rows = set(self.articles)
        if (
            len(rows) != len(self.articles)
            or rows != set(self.told.documents)
            or len(self.told.documents) != len(report["documents"])
        ):
            yield Problem(REPLAY, f"{CORPUS} and {REPORT} do not list the same articles.", REPORT)
        if {path for path in listed if "/" in path} != rows | {provenance_of(path) for path in rows}:
            yield Problem(HASH, f"{CORPUS} and {MANIFEST} do not list the same articles.", MANIFEST)
        if report["sources"] != inputs or report["method"]["options"] != self.manifest["options"]:
            yield Problem(HASH, f"{REPORT} and {MANIFEST} do not tell of the same inputs and options.", MANIFEST)
        yield from self._statuses(inputs)
        yield from self._measures(report)
        for name, (said, found) in self._sums(report, inputs).items():
            if said != found:
                yield Problem(
                    UNCOVERED, f"{REPORT}: the summary says {name} {said}; the parts add up to {found}.", REPORT
                )

    def _statuses(self, inputs: Sequence[dict[str, Any]]) -> Iterator[Problem]:
        for entry in inputs:
            wanted = int(entry["status"] in ("canonical", "duplicate"))
            if (
                entry["status"] not in ("canonical", "duplicate", "failed", "skipped")
                or self.accounted[entry["source"]] != wanted
            ):
                yield Problem(
                    UNCOVERED,
                    f"{entry['source']} is {entry['status']}, and stands in {self.accounted[entry['source']]} provenance files.",
                    entry["source"],
                )
            if (entry["status"] == "duplicate") != (entry["source"] in self.told.members):
                yield Problem(
                    UNCOVERED,
                    f"{entry['source']} is {entry['status']}; the report's clusters say otherwise.",
                    entry["source"],
                )
        if len(self.told.inputs) != len(inputs) or not set(self.accounted) <= set(self.told.inputs):
            yield Problem(
                HASH, f"{MANIFEST} lists an input twice, or provenance knows one that it does not list.", MANIFEST
            )

    def _measures(self, report: dict[str, Any]) -> Iterator[Problem]:
        """Law 4: the measures of a pair fit one another, and those of a cluster's member are those of its pair."""
        pairs = {frozenset((pair["a"], pair["b"])): pair for pair in report["pairs"]}
        for names, pair in pairs.items():
            fits = _fit(pair["jaccard"], pair["containment_a_in_b"], pair["containment_b_in_a"])
            if (
                len(names) != 2
                or not names <= set(self.accounted)
                or pair["relation"] not in (*RULE_OF_RELATION, "reuse")
                or not fits
                or not _is_near_enough(pair, report["method"]["options"])
            ):
                yield Problem(
                    UNCOVERED,
                    f"{REPORT}: the pair {pair['a']} and {pair['b']} can't be: its measures do not fit.",
                    pair["a"],
                )
        for cluster in report["clusters"]:
            if cluster["id"] != cluster["canonical"]:
                yield Problem(
                    UNCOVERED,
                    f"{REPORT}: the cluster {cluster['id']} has another name than its canonical source.",
                    REPORT,
                )
            for member in cluster["members"]:
                if not _is_pair(pairs.get(frozenset((cluster["canonical"], member["source"])), {}), member):
                    yield Problem(
                        UNCOVERED,
                        f"{REPORT}: what the cluster says of {member['source']} is not what the pair says.",
                        member["source"],
                    )

    def _sums(self, report: dict[str, Any], inputs: Sequence[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
        summary = report["summary"]
        statuses = Counter(entry["status"] for entry in inputs)
        severities = Counter(RULES[problem["rule"]].severity.value for problem in report["problems"])
        dropped = {rule: count for rule, count in sorted(self.characters.items()) if rule != "kept"}
        found = {
            "sources": len(inputs),
            "documents": len(self.articles),
            "duplicates": statuses["duplicate"],
            "failed": statuses["failed"],
            "skipped": statuses["skipped"],
            "by_relation": dict(sorted(Counter(member["relation"] for member in self.told.members.values()).items())),
            "pairs": len(report["pairs"]),
            "repeats": len(report["repeats"]),
            "characters": {"in": self.characters.total(), "kept": self.characters["kept"], "dropped": dropped},
            "edits": dict(sorted(self.edits.items())),
            "problems": {name: severities[name] for name in ("error", "warning", "info")},
        }
        return {name: (summary[name], value) for name, value in found.items()}


def _is_own_path(path: str) -> bool:
    return path in OWN_FILES or bool(
        re.fullmatch(r"articles/[a-z0-9-]{1,80}\.md|provenance/[a-z0-9-]{1,80}\.json", path)
    )


def _is_pair(pair: dict[str, Any], member: dict[str, Any]) -> bool:
    """Whether a pair says what a cluster says of its member."""
    own, other = ("a_in_b", "b_in_a") if pair.get("a") == member["source"] else ("b_in_a", "a_in_b")
    said = {
        "relation": member["relation"],
        "jaccard": member["jaccard"],
        f"containment_{own}": member["containment"],
        f"containment_{other}": member["contained_in_it"],
    }
    return all(pair.get(name) == value for name, value in said.items()) and pair.get("similarity") == member.get(
        "similarity"
    )


def _is_near_enough(pair: dict[str, Any], options: dict[str, Any]) -> bool:
    """Whether the measure that decided on a near-duplicate is one that decides so; other pairs are not decided by it."""
    similarity = 100 * pair.get("similarity", 0)
    if pair["relation"] == "exact":
        return bool(similarity == 100)
    if pair["relation"] != "near":
        return not similarity
    return bool(similarity >= options["min_similarity"] or 100 * pair["jaccard"] >= options["min_jaccard_any_order"])


def _fit(jaccard: float, a_in_b: float, b_in_a: float) -> bool:
    """Whether the three can be of one pair: 1/J = 1/A + 1/B - 1. Each is rounded down to four digits."""
    if not all(0 <= value <= 1 for value in (jaccard, a_in_b, b_in_a)):
        return False
    if not (jaccard and a_in_b and b_in_a):
        return min(a_in_b, b_in_a, jaccard) < 0.0002
    digit = 0.0001
    least = 1 / (1 / a_in_b + 1 / b_in_a - 1)
    most = 1 / (1 / min(1, a_in_b + digit) + 1 / min(1, b_in_a + digit) - 1)
    return bool(least - digit <= jaccard <= most)
