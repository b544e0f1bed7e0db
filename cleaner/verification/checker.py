"""The checks of a whole output folder: its files, then its documents one by one, then what they add up to."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from cleaner.folders import INDEX, MANIFEST, UsageError
from cleaner.model.duplicates import FINGERPRINT_VERSION
from cleaner.model.problems import Problem
from cleaner.rules import LEDGER_NAMES, RULES
from cleaner.stages.propose import banding
from cleaner.verification.account import (
    CORPUS,
    MISSHAPEN,
    PAGE,
    PROV,
    REPORT,
    Account,
    account_of,
    as_string,
    provenance_of,
    read_manifest,
)
from cleaner.verification.again import files_come_out_the_same
from cleaner.verification.case import HASH, REPLAY, UNCOVERED, Case, Told
from cleaner.verification.common_blocks import keep_blocks, shared_agree
from cleaner.verification.copies import (
    copies_survive,
    meant_repeats_are_repeats,
    nothing_stands_twice,
    repeats_are_told,
    unique_sentences_are_told,
)
from cleaner.verification.corpus import PART, rows_of
from cleaner.verification.exported import Exported
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
from cleaner.verification.pairs import (
    add_passages,
    clusters_agree,
    keep_passages,
    keep_words,
    pair_name,
    pairs_agree,
    passages_agree,
)
from cleaner.verification.pieces import Misformed, pieces_of, read_line
from cleaner.verification.records import Records
from cleaner.verification.shapes import shape
from cleaner.verification.site_blocks import keep_cuts, templates_agree
from cleaner.verification.sources import Sources, Unreadable, digest_of

# What may stand beside the articles and their provenance.
OWN_FILES = frozenset({CORPUS, REPORT, PAGE, INDEX, "report.md", PROV})
# A forged document breaks in a thousand places; so many of each kind are told.
MAX_TOLD = 5
# A report of up to this size is rendered again.
MAX_RENDERED_BYTES = 4 << 20
# A schema asks for so many items of a list at most.
MAX_LEAST = 3
# How the lists of the two files are sorted; a list that is none of these has an order that nothing hangs on.
SORTED_BY: dict[tuple[str, str], Callable[[Any], Any]] = {
    (MANIFEST, "inputs"): lambda entry: entry["source"],
    (MANIFEST, "outputs"): lambda entry: entry["path"],
    (REPORT, "documents"): lambda entry: entry["canonical_source"],
    (REPORT, "clusters"): lambda entry: entry["canonical"],
    (REPORT, "pairs"): lambda entry: (entry["a"], entry["b"]),
    (REPORT, "repeats"): lambda entry: (entry["source"], entry["dropped"]["pointer"], entry["dropped"]["start"]),
    (REPORT, "meant_repeats"): lambda entry: (entry["source"], entry["dropped"]["pointer"], entry["dropped"]["start"]),
    (REPORT, "problems"): lambda entry: (
        entry["source"],
        entry["span"]["start"] if entry["span"] else -1,
        entry["rule"],
        entry["message"],
    ),
}


def verify(output: Path, sources: Iterable[Path] = (), *, again: bool = False) -> list[Problem]:
    """Every breach of the laws in the folder `output`; none means that they hold.

    Checked are: the hash of every file and, with `sources` (the folders and files that were cleaned), of every input; that segments tile each text and
    follow from their sources; that with what was dropped they tile the sources; that the surviving copy of each duplicate says the same; that no text
    says a sentence twice; that the measures of each pair are those of its texts; and that articles, corpus, provenance, report and manifest agree, each
    in the form in which it is written. With `again` the sources are cleaned again, and every file must come out the same. One document is in memory at a time, and what must be found again is on the disk.

    Raises `folders.UsageError` where there is nothing to check: no manifest, not one of ours, a source folder that does not exist.
    """
    output, sources = Path(output), list(sources)
    if again and not sources:
        raise UsageError(
            "Give with --sources what is to be cleaned again: the files and folders that the output was made from."
        )
    if not _is_manifest(output / MANIFEST):
        # It may still be ours, written anew by something else.
        read_manifest(output)
        return [Problem(HASH, f"{MANIFEST} is not as `clean` wrote it. Run `clean` again, or restore it.", MANIFEST)]
    with closing(Sources(sources)) as found, closing(Records()) as records:
        problems = list(_Verification(output, found, Told(records)).problems())
    return [*problems, *files_come_out_the_same(output, sources)] if again else problems


def _is_manifest(path: Path) -> bool:
    try:
        head = {piece.name: piece.value for piece in islice(pieces_of(path), 2)}
    except (OSError, Misformed):
        return False
    return head.get("version") == 1 and shape("manifest", "tool")(head.get("tool"))


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
    meant_repeats_are_repeats,
    article_agrees,
    fields_are_listed,
)


@dataclass(slots=True)
class _Verification:
    """One run of the checker over a folder."""

    output: Path
    sources: Sources
    told: Told
    characters: Counter[str] = field(default_factory=Counter)
    edits: Counter[str] = field(default_factory=Counter)
    # How many of each the whole has: of the summary's members, those that are no sums of characters.
    counts: Counter[str] = field(default_factory=Counter)
    exported: Exported | None = None
    # The manifest's inputs, and the report's, as they are written.
    inputs: dict[str, Any] = field(default_factory=lambda: {MANIFEST: sha256(), REPORT: sha256()})

    def problems(self) -> Iterator[Problem]:
        broken = False
        for name, member in ((MANIFEST, self._learn_manifest), (REPORT, self._learn_report)):
            try:
                yield from member()
            except (OSError, *MISSHAPEN) as error:
                broken = True
                yield Problem(HASH, f"{name} is not as `clean` wrote it: {error}. Run `clean` again.", name)
        yield from self._files()
        if broken:
            return
        if self.sources:
            yield from self._inputs()
        with ExitStack() as stack:
            if self.told.records.count("output", [PROV]):
                try:
                    exported = stack.enter_context(closing(Exported(self.output / PROV)))
                    digest, _ = self.told.records.get("output", CORPUS)
                    if not exported.begins(self.told.tool, digest):
                        raise Misformed("it names another run")
                    self.exported = exported
                except (OSError, *MISSHAPEN) as error:
                    yield Problem(REPLAY, f"{PROV} does not begin as `clean` writes it: {error}.", PROV)
            yield from self._documents()
            if self.exported and not self.exported.ended:
                yield Problem(REPLAY, f"{PROV} has nodes that belong to no article.", PROV)
        try:
            yield from self._totals()
        except MISSHAPEN as error:
            yield Problem(HASH, f"{REPORT} is not in its shape ({type(error).__name__}: {error}).", REPORT)

    # -- what the manifest and the report say --

    def _learn_manifest(self) -> Iterator[Problem]:
        for name, value in self._pieces(MANIFEST, "manifest"):
            if name == "tool":
                self.told.tool = value
            elif name == "options":
                self.told.options = value
            elif name == "inputs":
                self.told.records.add("input", value["source"], value)
            elif name == "outputs":
                path = value["path"]
                if not _is_own_path(path):
                    yield Problem(HASH, f"{path} is no file that `clean` writes.", path)
                else:
                    self.told.records.add("output", path, [value["sha256"], value["bytes"]])
                    self.counts[path.partition("/")[0]] += path.endswith((".md", ".json"))
                    self.counts["parts"] += PART.fullmatch(path) is not None

    def _learn_report(self) -> Iterator[Problem]:
        told, records = self.told, self.told.records
        for name, value in self._pieces(REPORT, "report"):
            if name == "summary":
                told.summary = value
            elif name == "tool" and value != told.tool:
                yield Problem(HASH, f"{REPORT} and {MANIFEST} name different versions of `clean`.", MANIFEST)
            elif name == "texts":
                for source, text in value.items():
                    records.add("text", source, text)
            elif name == "method":
                told.reported_options = value["options"]
                candidates = banding(value["options"]["min_jaccard"]), FINGERPRINT_VERSION
                if (value["candidates"], value.get("fingerprint")) != candidates:
                    yield Problem(HASH, f"{REPORT} does not describe how this version finds candidates.", REPORT)
            elif name == "documents":
                records.add("document", value["article"], value)
            elif name in ("repeats", "meant_repeats"):
                records.add(name, value["source"], value)
            elif name == "clusters":
                self.counts["clusters"] += any(member["dropped"] for member in value["members"])
                records.add("cluster", value["canonical"], value)
                for member in value["members"]:
                    if member["dropped"]:
                        self.counts[f"by_relation {member['relation']}"] += 1
                        records.add("member", member["source"], {**member, "canonical": value["canonical"]})
            elif name == "shared":
                records.add("shared", "", value)
            elif name == "templates":
                records.add("template", "", value)
            elif name == "comparisons":
                add_passages(told, value)
            elif name == "pairs":
                self.counts["pairs"] += 1
                records.add("pair", pair_name(value["a"], value["b"]), value)
            elif name == "problems":
                self.counts[f"problems {value['severity']}"] += 1
                yield from self._problem_agrees(value)
            elif name == "rules" and value != _rules():
                yield Problem(HASH, f"{REPORT} does not describe the rules of this version.", REPORT)

    def _pieces(self, file: str, schema: str) -> Iterator[tuple[str, Any]]:
        """The members and list items of one of the two files, in the shape and the order that they must have."""
        members: dict[str, Any] = {}
        before: dict[str, Any] = {}
        for name, value, data, in_list in pieces_of(self.output / file):
            if not in_list:
                members[name] = value
            elif len(few := members.setdefault(name, [])) < MAX_LEAST:
                few.append(value)
            part = shape(schema, name, "*") if in_list else shape(schema, name)
            if not part(value):
                raise Misformed(f"{name} has an entry that is not in its shape: {data[:80].decode('utf-8', 'replace')}")
            if name in ("inputs", "sources"):
                self.inputs[file].update(data)
            if in_list and (file, name) in SORTED_BY:
                key = SORTED_BY[file, name](value)
                if name in before and not (before[name] < key or (name in REPEATABLE and before[name] == key)):
                    raise Misformed(f"{name} is not sorted, or has an entry twice: {key}")
                before[name] = key
            if in_list or value != []:
                yield name, value
        if not shape(schema)(members):
            raise Misformed(f"its members are {', '.join(members)}")

    def _problem_agrees(self, value: dict[str, Any]) -> Iterator[Problem]:
        """A problem of the report names a rule as it is, and a source that was read."""
        rule = RULES[value["rule"]]
        span, source = value["span"], value["source"]
        if (
            (value["name"], value["severity"]) != (rule.name, rule.severity.value)
            or (span and (span["source"] != source or span["end"] < span["start"]))
            or (value["line"] is None) != (value["column"] is None)
            # Only of a file that could not be read as it should does a parser tell a line, and no span.
            or (value["line"] is not None and span is None and not rule.code.startswith("ENC"))
        ):
            yield Problem(HASH, f"{REPORT}: a problem with {source} is not told as {rule.code} is.", source)
        self.told.records.add("problem", source, value)

    # -- the files --

    def _files(self) -> Iterator[Problem]:
        """Every output that is listed is there with its hash and size; nothing else is."""
        records = self.told.records
        for path, (digest, size) in records.each("output"):
            place = self.output / path
            if not place.is_file() or place.is_symlink():
                yield Problem(HASH, f"{path} is missing. Run `clean` again, or restore it.", path)
            elif digest_of(place) != (digest, size):
                yield Problem(
                    HASH,
                    f"{path} is not the file that was written: its hash or size differs. Run `clean` again, or restore it.",
                    path,
                )
        for name in (REPORT, PAGE) if self.counts["parts"] else (CORPUS, REPORT, PAGE):
            if not records.count("output", [name]):
                yield Problem(HASH, f"{name} is not listed in {MANIFEST}.", name)
        if self.counts["parts"] and records.count("output", [CORPUS]):
            yield Problem(HASH, f"{MANIFEST} lists {CORPUS} and parts of it. Run `clean` again.", CORPUS)
        for folder, folders, files in os.walk(self.output):
            folders.sort()
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            for name in sorted([*files, *links]):
                path = (Path(folder) / name).relative_to(self.output).as_posix()
                if path != MANIFEST and not records.count("output", [path]):
                    yield Problem(
                        HASH, f"{path} is not listed in {MANIFEST}: `clean` did not write it. Remove it.", path
                    )
            if not files and not folders and Path(folder) != self.output:
                path = Path(folder).relative_to(self.output).as_posix()
                yield Problem(HASH, f"{path} is empty: `clean` did not make it. Remove it.", path)

    def _inputs(self) -> Iterator[Problem]:
        """Every input is below the sources, and is the file that was read."""
        for source, entry in self.told.records.each("input"):
            if entry["status"] == "skipped" or not entry["sha256"]:
                continue
            place = self.sources.located(source, entry["sha256"])
            if place is None:
                yield Problem(
                    HASH,
                    f"{source} is not below the folders given as sources. Restore it, or give the folder that it is in.",
                    source,
                )
            elif self.sources.digest(place.path) != (entry["sha256"], entry["bytes"]):
                yield Problem(
                    HASH,
                    f"{source} is not the file that was cleaned: its hash or size differs. Run `clean` again, or restore it.",
                    source,
                )

    # -- the documents --

    def _documents(self) -> Iterator[Problem]:
        before = None
        try:
            for file, number, line, account in rows_of(self.output):
                try:
                    row = read_line(line)
                    if not shape("corpus")(row):
                        raise Misformed("a row that is not in its shape")
                    if before is not None and row["source"] <= before:
                        yield Problem(REPLAY, f"{file}:{number}: the rows are not sorted, or one is there twice.", file)
                    before = row["source"]
                    yield from self._document(row, account)
                except (OSError, *MISSHAPEN) as error:
                    yield Problem(
                        REPLAY,
                        f"{file}:{number}: the row, its article or its provenance is not as `clean` wrote it ({type(error).__name__}: {error}).",
                        file,
                    )
        except OSError as error:
            yield Problem(HASH, f"The rows can't be read: {error.strerror or error}: {error.filename}.", CORPUS)

    def _document(self, row: dict[str, Any], account_line: bytes | None) -> Iterator[Problem]:
        path = as_string(row["metadata"]["article"])
        provenance = provenance_of(path)
        own = [path, provenance] if account_line is None else [path] if self.counts["articles"] else []
        if self.told.records.count("output", own) != len(own):
            raise ValueError(f"{path!r} or its provenance is not listed in {MANIFEST}")
        found = read_line((self.output / provenance).read_bytes() if account_line is None else account_line)
        # The long lists are checked where they are read.
        if not shape("provenance")({**found, **{name: found[name][:1] for name in ("segments", "dropped", "blocks")}}):
            raise Misformed("a provenance file that is not in its shape")
        account = account_of(found)
        article = (self.output / path).read_bytes().decode("utf-8") if own else None
        self.counts["documents"] += 1
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
        if self.exported:
            yield from islice(self.exported.agrees(case), MAX_TOLD)
        yield from islice(self._problems_stand_there(case), MAX_TOLD)
        keep_words(case)
        keep_blocks(case)
        keep_cuts(case)
        keep_passages(case)

    def _problems_stand_there(self, case: Case) -> Iterator[Problem]:
        """The problems that the report has with the sources of an article stand inside their strings, on the lines that it says."""
        strings = {
            (origin.source, origin.pointer): (origin.length, string)
            for origin, string in zip(case.account.origins, case.strings, strict=True)
        }
        for source in case.account.sources():
            for problem in self.told.records.all("problem", source):
                span = problem["span"]
                if span is None or (source, span["pointer"]) not in strings:
                    continue
                length, string = strings[source, span["pointer"]]
                if span["end"] > length:
                    yield case.problem(UNCOVERED, f"the report has a problem behind the end of {source}.")
                elif string is not None and problem["line"] is not None:
                    line = string.count("\n", 0, span["start"]) + 1
                    column = span["start"] - string.rfind("\n", 0, span["start"])
                    if (problem["line"], problem["column"]) != (line, column):
                        yield case.problem(
                            UNCOVERED,
                            f"the report has a problem at line {problem['line']}, column {problem['column']} of {source}; its span begins at {line}, {column}.",
                        )

    def _count(self, account: Account) -> None:
        for source in account.sources():
            self.told.records.add("accounted", source)
        for segment in account.segments:
            if segment.origin >= 0:
                self.characters["kept"] += segment.span[1] - segment.span[0]
            self.edits.update(rule for rule in segment.rules if segment.op == "edit" or rule == "TXT009")
        for loss in account.losses:
            self.characters[loss.rule] += loss.span[1] - loss.span[0]

    # -- the whole --

    def _totals(self) -> Iterator[Problem]:
        """What the parts say adds up to what the whole says."""
        told, records = self.told, self.told.records
        if self.counts["parts"]:
            listed = {self.counts["articles"] or self.counts["documents"]}
        else:
            listed = {self.counts["articles"], self.counts["provenance"]}
        if {self.counts["documents"], records.count("document")} != listed:
            yield Problem(REPLAY, f"{CORPUS}, {REPORT} and {MANIFEST} do not list the same articles.", REPORT)
        if self.inputs[MANIFEST].digest() != self.inputs[REPORT].digest() or told.options != told.reported_options:
            yield Problem(HASH, f"{REPORT} and {MANIFEST} do not tell of the same inputs and options.", MANIFEST)
        yield from self._statuses()
        yield from islice(pairs_agree(told), MAX_TOLD)
        yield from islice(passages_agree(told), MAX_TOLD)
        yield from islice(clusters_agree(told), MAX_TOLD)
        yield from islice(shared_agree(told), MAX_TOLD)
        yield from islice(templates_agree(told), MAX_TOLD)
        for name, found in self._sums().items():
            if told.summary[name] != found:
                yield Problem(
                    UNCOVERED,
                    f"{REPORT}: the summary says {name} {told.summary[name]}; the parts add up to {found}.",
                    REPORT,
                )
        yield from self._page()

    def _statuses(self) -> Iterator[Problem]:
        records = self.told.records
        for source, entry in records.each("input"):
            status = entry["status"]
            self.counts[f"status {status}"] += 1
            times = records.count("accounted", [source])
            if times != (status in ("canonical", "duplicate")):
                yield Problem(UNCOVERED, f"{source} is {status}, and stands in {times} provenance files.", source)
            if (status == "duplicate") != bool(records.count("member", [source])):
                yield Problem(UNCOVERED, f"{source} is {status}; the report's clusters say otherwise.", source)
            if status == "failed" and not any(
                problem["severity"] == "error" for problem in records.all("problem", source)
            ):
                yield Problem(UNCOVERED, f"{source} is failed, and {REPORT} has no error that says why.", source)
        for kind in ("accounted", "problem", "repeats", "meant_repeats", "member", "cluster"):
            for source, _ in records.each(kind):
                if not records.count("input", [source]):
                    yield Problem(
                        HASH, f"{source} has records of the kind {kind!r}; {MANIFEST} does not list it.", source
                    )

    def _sums(self) -> dict[str, Any]:
        counts, records = self.counts, self.told.records
        dropped = {rule: count for rule, count in sorted(self.characters.items()) if rule != "kept"}
        relations = {name.removeprefix("by_relation "): count for name, count in counts.items() if name[:3] == "by_"}
        return {
            "sources": records.count("input"),
            "documents": counts["documents"],
            "duplicates": counts["status duplicate"],
            "failed": counts["status failed"],
            "skipped": counts["status skipped"],
            "clusters": counts["clusters"],
            "by_relation": dict(sorted(relations.items())),
            "pairs": counts["pairs"],
            "repeats": records.count("repeats"),
            "characters": {"in": self.characters.total(), "kept": self.characters["kept"], "dropped": dropped},
            "edits": dict(sorted(self.edits.items())),
            "problems": {name: counts[f"problems {name}"] for name in ("error", "warning", "info")},
            "words": {rule: LEDGER_NAMES[rule] for rule in dropped if rule in LEDGER_NAMES},
        }

    def _page(self) -> Iterator[Problem]:
        """The page is what the report renders to. Rendering takes the whole report: that of a large run is held to its hash alone."""
        if (self.output / REPORT).stat().st_size > MAX_RENDERED_BYTES:
            return
        from cleaner.folders import read_report
        from cleaner.reports.html import render_html

        digest, _ = self.told.records.get("output", PAGE)
        page = render_html(read_report(self.output))
        if sha256(page).hexdigest() != digest:
            yield Problem(REPLAY, f"{PAGE} does not show what {REPORT} says. Run `clean report` again.", PAGE)


# Places at which several entries may begin.
REPEATABLE = frozenset({"repeats", "meant_repeats", "problems"})


def _rules() -> dict[str, Any]:
    return {
        code: {"name": rule.name, "severity": rule.severity.value, "summary": rule.summary}
        for code, rule in RULES.items()
    }


def _is_own_path(path: str) -> bool:
    pattern = r"articles/[a-z0-9-]{1,80}\.md|provenance/[a-z0-9-]{1,80}\.json|(?:corpus|provenance)/part-\d{6}\.jsonl"
    return path in OWN_FILES or bool(re.fullmatch(pattern, path))
