"""A report in, what every renderer says of it out: the verdict, the counts, and what needs a person's eye, worst first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, groupby
from typing import Any, NamedTuple

from cleaner.rules import LEDGER_NAMES, RULES, TRIMMED

# A decision this near to its threshold, in percentage points, may as well have gone the other way.
EDGE = 5
# A run of repeated sentences is a sure copy from this many points above the threshold on.
REPEAT_EDGE = 3
# From this many sentences on that only a dropped copy has, somebody should see what they say.
MANY_UNIQUE = 3
# So many findings are held before those are let go that nobody is shown.
MIN_HELD = 1000

# Characters that would act on the reader's screen rather than be read: controls, overrides of direction, and the unseen.
_ACTING = re.compile(
    r"""
      [\x00-\x08\x0b-\x1f\x7f-\x9f]         # C0 and C1 controls, but for tab and line feed
    | [\u202a-\u202e\u2066-\u2069]          # bidi embeddings, overrides, isolates
    | [\u2028\u2029]                        # line and paragraph separators
    | [\u200b\u2060\ufeff]                  # zero-width space, word joiner, BOM
    | [\ud800-\udfff]                       # lone surrogates
    """,
    re.VERBOSE,
)
# And what takes no room or is a space that is none, or a line's end.
_UNSEEN = re.compile(
    _ACTING.pattern
    + r"""
    | [\t\n\xa0\xad\u061c\u180e\u200c-\u200f\u2061-\u2064\u202f]
    | [\ufe00-\ufe0f\ufff9-\ufffb\U000e0000-\U000e007f]   # variation selectors, annotations, tags
    """,
    re.VERBOSE,
)
_BREAKS = re.compile(r"[\t\n]")


class Kind(StrEnum):
    """Why something needs an eye; in the order in which a person should look: decisions first, for nobody else can make them."""

    BORDERLINE = "borderline"
    UNIQUE = "unique text"
    FAILED = "failed"
    WARNING = "warning"
    KEPT = "kept apart"


KINDS = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: where, why, and what to do (empty where the reason says it). `margin` is the distance from the threshold.

    Where it is about two documents, `other` is the second one, and `measure` what was held against a threshold.
    """

    kind: Kind
    code: str
    source: str
    reason: str
    action: str = ""
    line: int | None = None
    column: int | None = None
    margin: float = 0.0
    cluster: int | None = None
    other: str = ""
    measure: Measure | None = None

    @property
    def where(self) -> str:
        return place(self.source, self.line, self.column)

    @property
    def label(self) -> str:
        """The name of the rule, else of the kind."""
        return rule_name(self.code) if self.code else self.kind.value


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of a run that the tiles and the summary show."""

    read: int
    written: int
    merged: int
    repeats: int
    repeat_characters: int
    repeat_documents: int
    mended: int
    stray: int
    trimmed: int
    failed: int
    skipped: int


def counts(report: dict[str, Any]) -> Counts:
    """What was read, written, merged, removed, mended and trimmed."""
    summary = report["summary"]
    dropped: dict[str, int] = summary["characters"]["dropped"]
    return Counts(
        read=summary["sources"] - summary["skipped"],
        written=summary["documents"],
        merged=summary["duplicates"],
        repeats=summary["repeats"],
        repeat_characters=dropped.get("DUP001", 0),
        repeat_documents=len({entry["source"] for entry in report["repeats"]}),
        mended=sum(places for rule, places in summary["edits"].items() if rule.startswith("TXT")),
        stray=sum(characters for rule, characters in dropped.items() if rule.startswith("TXT")),
        trimmed=sum(dropped.get(rule, 0) for rule in TRIMMED),
        failed=summary["failed"],
        skipped=summary["skipped"],
    )


def verdict(report: dict[str, Any]) -> str:
    """The run in one sentence."""
    found = counts(report)
    if not found.read:
        return "Nothing was read: no file matched."
    parts = [f"{some(found.merged, 'copy', 'copies')} {was(found.merged)} merged away" if found.merged else ""]
    if found.written > 1 and not found.merged:
        parts = ["no two are copies"]
    if found.failed:
        parts.append(f"{some(found.failed, 'source')} could not be converted")
    if found.repeats:
        inside = some(found.repeat_documents, "document")
        parts.append(f"{some(found.repeats, 'repeated passage')} inside {inside} {was(found.repeats)} taken out")
    told = ", ".join(filter(None, parts[:-1])) + (", and " if any(parts[:-1]) else "") + parts[-1]
    return f"{some(found.read, 'source')} became {some(found.written, 'article')}{': ' if told else ''}{told}."


def findings(report: dict[str, Any]) -> list[Finding]:
    """What needs a person's eye: failures, warnings nobody has settled, decisions near a threshold, text left out, twins kept apart."""
    return sorted(each_finding(report), key=urgency)


def each_finding(report: dict[str, Any]) -> Iterator[Finding]:
    """The same in no order, one after another; the lists of the report are gone through once each."""
    accepted = [re.sub(r" \(\w+\)$", "", entry).split(", ") for entry in report["method"]["options"].get("accept", ())]
    for finding in chain(_troubles(report), _decisions(report), _near_misses(report), _loose_repeats(report)):
        if not (finding.other and _is_accepted(finding, accepted)):
            yield finding


def urgency(finding: Finding) -> tuple[int, float, str, str]:
    """What findings are sorted by: the lowest is to be looked at first."""
    return KINDS.index(finding.kind), finding.margin, finding.code, finding.source


def leading(found: Iterable[Finding], limit: int) -> tuple[list[Finding], int]:
    """Of findings in no order those of the first `limit` groups, sorted; and how many there are in all. No more than twice as many are held at a time."""
    first: list[Finding] = []
    size, most = 0, MIN_HELD
    for finding in found:
        first.append(finding)
        size += 1
        if len(first) > most:
            # What comes later may part groups and never joins two, so none of the others will be among the first.
            first = _of_first_groups(first, limit)
            most = max(MIN_HELD, 2 * len(first))
    return _of_first_groups(first, limit), size


def _of_first_groups(found: Iterable[Finding], limit: int) -> list[Finding]:
    return [finding for group in grouped(sorted(found, key=urgency))[:limit] for finding in group]


def _is_accepted(finding: Finding, accepted: Sequence[Sequence[str]]) -> bool:
    """Whether a person has said of the two documents already that both stay; an entry may name the end of a path, or a file of records."""

    def is_named(source: str, files: Sequence[str]) -> bool:
        return any(f"/{source}".endswith(f"/{file}") or source.startswith(f"{file}#") for file in files)

    return any(is_named(finding.source, files) and is_named(finding.other, files) for files in accepted)


def grouped(found: Iterable[Finding]) -> list[list[Finding]]:
    """Findings that say the same of many sources, together: three thousand missing titles are one thing to look at."""
    by_rule = groupby(found, key=lambda finding: (finding.kind, finding.code, "" if finding.code else finding.reason))
    return [list(group) for _, group in by_rule]


def settled(report: dict[str, Any]) -> int:
    """The warnings that ask nothing of anybody, because the run has mended what they tell of."""
    return sum(entry["severity"] == "warning" and _is_settled(entry["rule"]) for entry in report["problems"])


class Measure(NamedTuple):
    """A measure that decided on a pair: its name, its value and its threshold in percent, and the option that holds the threshold."""

    name: str
    value: float
    threshold: int
    option: str

    @property
    def margin(self) -> float:
        return self.value - self.threshold

    @property
    def word(self) -> str:
        """The name as a person writes it: Jaccard was one."""
        return "Jaccard" if self.name == "jaccard" else self.name


def deciding(member: dict[str, Any], options: dict[str, Any]) -> Measure | None:
    """The measure that decided on a member of a cluster; None where no threshold did."""
    if member["relation"] == "near":
        return _nearness(member, options)
    if member["relation"] == "contained":
        return _containment(max(member["containment"], member["contained_in_it"]), options)
    return None


def _nearness(found: dict[str, Any], options: dict[str, Any]) -> Measure:
    """Alike in words and in their order, or so alike in words that the order does not matter: of the way that holds better, the weaker part."""
    jaccard, similarity = 100 * found["jaccard"], 100 * found.get("similarity", 0.0)
    in_order = min(
        Measure("jaccard", jaccard, options["min_jaccard"], "min_jaccard"),
        Measure("similarity", similarity, options["min_similarity"], "min_similarity"),
        key=lambda measure: measure.margin,
    )
    any_order = Measure("jaccard", jaccard, options["min_jaccard_any_order"], "min_jaccard_any_order")
    return max(in_order, any_order, key=lambda measure: measure.margin)


def _containment(share: float, options: dict[str, Any]) -> Measure:
    return Measure("containment", 100 * share, options["min_containment"], "min_containment")


def place(source: str, line: int | None, column: int | None = None) -> str:
    """`file:line:column`, as editors jump to it."""
    return ":".join([source, *(str(number) for number in (line, column if line else None) if number)])


def visible(text: str, *, one_line: bool = False) -> str:
    """The text with what would act on a screen written as its code point, such as <U+001B>."""
    shown = _ACTING.sub(_code_point, text)
    return _BREAKS.sub(_code_point, shown) if one_line else shown


def unseen_parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces: each character by itself that nobody would see or that would act on a screen, and what stands between them."""
    at = 0
    for found in _UNSEEN.finditer(text):
        if at < found.start():
            yield text[at : found.start()], False
        yield found.group(), True
        at = found.end()
    if at < len(text):
        yield text[at:], False


def accept_entry(finding: Finding) -> str:
    """The entry of the configuration that says that a person has looked at two documents, and that both stay; it lacks the reason."""
    files = ", ".join(map(_toml, sorted((finding.source, finding.other))))
    return f'[[accept]]\nfiles = [{files}]\nreason = ""'


def _toml(text: str) -> str:
    """The text as a basic string (TOML 1.0), with what would act on a screen escaped."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\U{ord(part):08X}" if unseen else part for part, unseen in unseen_parts(quoted)) + '"'


def clipped(text: str, limit: int) -> str:
    """The text, cut to `limit` characters at most, with an ellipsis where it goes on."""
    return text if len(text) <= limit else text[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"


def some(number: int, one: str, many: str = "") -> str:
    """`1 passage`, `1,204 passages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def was(number: int) -> str:
    return "was" if number == 1 else "were"


def percent(share: float) -> str:
    """A share as whole percents that never round down to nothing, nor up to the whole."""
    whole = round(100 * share)
    if whole == 0 and share > 0:
        return "<1%"
    return ">99%" if whole == 100 and share < 1 else f"{whole}%"


def rule_name(code: str) -> str:
    """What a rule, or an entry of the ledger that is no rule, is called."""
    return (RULES[code].name if code in RULES else code).replace("-", " ")


def rule_says(code: str) -> str:
    """What a rule, or an entry of the ledger, says of a text."""
    return RULES[code].summary if code in RULES else LEDGER_NAMES.get(code, "")


def _code_point(match: re.Match[str]) -> str:
    return f"<U+{ord(match.group()):04X}>"


def _is_settled(code: str) -> bool:
    return code in RULES and RULES[code].settled


def _troubles(report: dict[str, Any]) -> Iterable[Finding]:
    for entry in report["problems"]:
        if entry["severity"] == "error":
            kind = Kind.FAILED
        elif entry["severity"] == "warning" and not _is_settled(entry["rule"]):
            kind = Kind.WARNING
        else:
            continue
        yield Finding(
            kind, entry["rule"], entry["source"], entry["message"], line=entry["line"], column=entry["column"]
        )


def _decisions(report: dict[str, Any]) -> Iterable[Finding]:
    options = report["method"]["options"]
    for number, cluster in enumerate(report["clusters"]):
        for member in cluster["members"]:
            if member["dropped"]:
                yield from _doubts(number, cluster, member, options)
            else:
                yield _kept_apart(number, cluster, member, options)


def _doubts(number: int, cluster: dict[str, Any], member: dict[str, Any], options: dict[str, Any]) -> Iterable[Finding]:
    measure = deciding(member, options)
    own = len(member["unique_sentences"])
    if measure and measure.margin < EDGE:
        yield Finding(
            Kind.BORDERLINE,
            "",
            member["source"],
            f"Dropped as a copy of {cluster['canonical']}: its {measure.word} is {measure.value:.1f}%, the threshold {measure.threshold}%.",
            # The thresholds are whole percents.
            f"If they are different stories, raise {measure.option} to {int(measure.value) + 1}%.",
            margin=measure.margin,
            cluster=number,
            other=cluster["canonical"],
            measure=measure,
        )
    if own >= MANY_UNIQUE:
        later = member["relation"] == "revision"
        yield Finding(
            Kind.UNIQUE,
            "",
            member["source"],
            f"{own} of its sentences are not in {cluster['canonical']}, in favour of which it was dropped.",
            "Read them in the report: was it right for the later revision to leave them out?"
            if later
            else f"Read them in the report. To keep such copies, set max_unique_dropped (now {options['max_unique_dropped']}) below {own}.",
            margin=-own,
            cluster=number,
            other=cluster["canonical"],
        )


def _kept_apart(number: int, cluster: dict[str, Any], member: dict[str, Any], options: dict[str, Any]) -> Finding:
    own, limit = len(member["unique_sentences"]), options["max_unique_dropped"]
    has = f"it has {own} sentences of its own" if own > limit else "each has much of its own"
    return Finding(
        Kind.KEPT,
        "",
        member["source"],
        f"Like {cluster['canonical']} (Jaccard {percent(member['jaccard'])}), but both are kept: {has}; {limit} may be lost.",
        "If one is enough, remove the other source, or raise max_unique_dropped.",
        margin=-100 * member["jaccard"],
        cluster=number,
        other=cluster["canonical"],
    )


def _near_misses(report: dict[str, Any]) -> Iterable[Finding]:
    """Pairs that removed nothing, but nearly did, or would have by their measures alone."""
    options = report["method"]["options"]
    for pair in report["pairs"]:
        if pair["relation"] != "reuse" or is_far(pair, options):
            continue
        contained = max(pair["containment_a_in_b"], pair["containment_b_in_a"])
        measure = max(_nearness(pair, options), _containment(contained, options), key=lambda found: found.margin)
        told = f"their {measure.word} is {measure.value:.1f}%, the threshold {measure.threshold}%"
        if measure.margin >= 0:
            yield Finding(
                Kind.KEPT,
                "",
                pair["a"],
                f"Kept apart from {pair['b']}, though {told}: by its titles or its first words it is about another thing.",
                "If they are one story, remove one of the sources.",
                margin=-measure.value,
                other=pair["b"],
                measure=measure,
            )
        elif measure.margin >= -EDGE:
            yield Finding(
                Kind.BORDERLINE,
                "",
                pair["a"],
                f"Kept apart from {pair['b']}: {told}.",
                f"If they are one story, lower {measure.option} to {int(measure.value)}%.",
                margin=-measure.margin,
                other=pair["b"],
                measure=measure,
            )


def is_far(pair: dict[str, Any], options: dict[str, Any]) -> bool:
    """Whether no measure of a pair comes near its threshold; most pairs are such, and this is seen at once."""
    jaccard = 100 * pair["jaccard"] - min(options["min_jaccard"], options["min_jaccard_any_order"])
    contained = 100 * max(pair["containment_a_in_b"], pair["containment_b_in_a"]) - options["min_containment"]
    return bool(max(jaccard, contained) < -EDGE)


def _loose_repeats(report: dict[str, Any]) -> Iterable[Finding]:
    threshold = report["method"]["options"]["min_block_similarity"]
    for entry in report["repeats"]:
        margin = 100 * entry["similarity"] - threshold
        if margin < REPEAT_EDGE:
            start = entry["dropped"]["start"]
            yield Finding(
                Kind.BORDERLINE,
                "DUP001",
                entry["source"],
                f"The passage at character {start:,} was taken out, though only {percent(entry['similarity'])} of its words stand in the kept one.",
                "Compare the two in the strip of the document.",
                margin=margin,
            )


def first_of(groups: Sequence[list[Finding]], limit: int) -> tuple[list[list[Finding]], int]:
    """The first groups, and how many findings are in the others."""
    return list(groups[:limit]), sum(len(group) for group in groups[limit:])
