"""The law of evidence: the measures of every pair are those of its two texts, and what a cluster says of its members follows from its pairs."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from cleaner.measures.words import words_of
from cleaner.model.problems import Problem
from cleaner.model.text import Span
from cleaner.stages.cluster import BOTH, MIN_TEMPLATE_PAGES, TEMPLATE, WHY
from cleaner.stages.confirm import (
    MAX_WORDS_APART,
    MIN_CONTAINER_SURPLUS,
    MIN_JACCARD_OF_FEW,
    MIN_REVISION_JACCARD,
    MIN_SENTENCE_SHARE,
    MIN_SIMILARITY_OF_FEW,
)
from cleaner.stages.elect import CRITERIA
from cleaner.verification.account import REPORT
from cleaner.verification.case import DROPPED_WHOLE, RULE_OF_RELATION, UNCOVERED, Case, Told
from cleaner.verification.copies import copies_of, text_of
from cleaner.verification.records import Records

# The words of a document that was dropped are told by its spans, as they are before mending: so much may a measure differ by.
MAX_DIFFERENCE = 0.011
# The two ends of a comparison.
ENDS = ("kept", "other")
# Texts at hand at once; pairs are sorted, so the same ones come again and again.
MAX_RECENT = 512


def keep_words(case: Case) -> None:
    """Keep the words of a document, and of those dropped for it as far as their sources are at hand, as numbers that are equal where the words are."""
    words = [word for place in case.account.blocks for word in words_of(case.text[place.start : place.end]).norms]
    case.told.records.add_bytes("words", case.row["source"], array("q", map(hash, words)).tobytes())
    members: dict[str, list[str]] = {source: [] for source in case.account.sources()[1:]}
    for copy in copies_of(case.account, case.strings, case.account.losses):
        source = case.account.origins[copy.origin].source
        if copy.rule in DROPPED_WHOLE and source in members:
            if copy.words is None:
                del members[source]
            else:
                members[source] += copy.words
    for source, own in members.items():
        case.told.records.add_bytes("words", source, array("q", map(hash, own)).tobytes())


def keep_passages(case: Case) -> None:
    """Keep the words of the passages that the report says a source of the case has in common with another, as far as they are at hand."""
    records = case.told.records
    for source in case.account.sources():
        for place, span in records.all("passage of", source):
            if (words := _words_at(case, source, span)) is not None:
                records.add_bytes("passage words", place, array("q", map(hash, words)).tobytes())


def _words_at(case: Case, source: str, span: dict[str, Any]) -> list[str] | None:
    """The words at a span: of the kept document those of the text that came from there, of a dropped one those of the sentences that stood there."""
    numbers = {(origin.source, origin.pointer): number for number, origin in enumerate(case.account.origins)}
    number = numbers.get((source, span["pointer"]))
    if number is None or span["end"] > case.account.origins[number].length:
        return []
    if source == case.row["source"]:
        return words_of(text_of(case, number, (span["start"], span["end"]))).norms
    losses = [
        loss
        for loss in case.account.losses
        if loss.origin == number and loss.span[0] < span["end"] and span["start"] < loss.span[1]
    ]
    words: list[str] = []
    for copy in copies_of(case.account, case.strings, losses):
        if copy.words is None:
            return None
        words += copy.words
    return words


def passages_agree(told: Told) -> Iterator[Problem]:
    """Law 4: at both spans of a passage in common stand the words that are said to be in common."""
    records = told.records
    for place, passage in records.each("passage"):
        ends = [passage[end] for end in ENDS]
        found = [records.get_bytes("passage words", f"{place} {end}") for end in ENDS]
        sides = [array("q", data) for data in found if data is not None]
        least = [passage["words"], *map(len, sides)]
        if len(sides) == len(ENDS):
            least.append((Counter(sides[0]) & Counter(sides[1])).total())
        # The words of a dropped document are told by its spans, as they are before mending.
        is_dropped = records.count("member", [end["source"] for end in ends])
        share = MIN_SENTENCE_SHARE if is_dropped else 100
        if 100 * min(least) < share * passage["words"] or any(end["start"] >= end["end"] for end in ends):
            a, b = (end["source"] for end in ends)
            yield Problem(
                UNCOVERED,
                f"{REPORT}: of {passage['words']} words that {a} and {b} are said to have in common, {min(least)} stand there.",
                a,
                Span(ends[0]["start"], ends[0]["end"], ends[0]["pointer"]),
            )


def add_passages(told: Told, comparison: dict[str, Any]) -> None:
    """Keep what the report says that a pair has in common, for the checks of both documents."""
    for number, passage in enumerate(comparison.get("passages", ())):
        place = f"{comparison['kept']}\n{comparison['other']}\n{number}"
        told.records.add("passage", place, passage)
        for end in ENDS:
            told.records.add("passage of", comparison[end], (f"{place} {end}", passage[end]))


class Text(NamedTuple):
    """The words of a document, as numbers, and its shingles."""

    words: array[int]
    shingles: frozenset[tuple[int, ...]]


class Texts:
    """The texts of the documents by their sources; None where one is not known."""

    def __init__(self, records: Records, shingle_words: int) -> None:
        self.records = records
        self.shingle_words = shingle_words
        self.of = lru_cache(maxsize=MAX_RECENT)(self._of)

    def _of(self, source: str) -> Text | None:
        data = self.records.get_bytes("words", source)
        if data is None:
            return None
        words = array("q")
        words.frombytes(data)
        size = max(1, min(self.shingle_words, len(words)))
        return Text(words, frozenset(zip(*(words[place:] for place in range(size)), strict=False)))


def pairs_agree(told: Told) -> Iterator[Problem]:
    """Law 4: the measures of a pair are those of its texts, and its relation is one that they allow."""
    texts = Texts(told.records, told.options["shingle_words"])
    for _, pair in told.records.each("pair"):
        a, b = pair["a"], pair["b"]
        one, other = texts.of(a), texts.of(b)
        if a == b or not _are_documents(told, a, b):
            reason = "one of the two is no document"
        elif not _fit(pair["jaccard"], pair["containment_a_in_b"], pair["containment_b_in_a"]):
            reason = "its measures do not fit one another"
        elif one is None or other is None:
            reason = "" if _is_near_enough(pair, told.options, None) else "its similarity is not one that decides"
        else:
            reason = _contradiction(pair, one, other, told)
        if reason:
            yield Problem(UNCOVERED, f"{REPORT}: the pair {a} and {b} can't be: {reason}.", a)


def _are_documents(told: Told, *sources: str) -> bool:
    return all(told.records.count("accounted", [source]) for source in sources)


def _contradiction(pair: dict[str, Any], one: Text, other: Text, told: Told) -> str:
    """How the pair contradicts its two texts; nothing where it does not."""
    options = told.options
    common = len(one.shingles & other.shingles)
    small, large = sorted((len(one.shingles), len(other.shingles)))
    union = small + large - common
    found = {
        "jaccard": _ratio(common, union),
        "containment_a_in_b": _ratio(common, len(one.shingles)),
        "containment_b_in_a": _ratio(common, len(other.shingles)),
    }
    are_kept = not told.records.count("member", [pair["a"], pair["b"]])
    digits = 0.0 if are_kept else MAX_DIFFERENCE
    if wrong := [
        f"{name} is {value}, not {pair[name]}" for name, value in found.items() if abs(pair[name] - value) > digits
    ]:
        return ", ".join(wrong)
    relation = pair["relation"]
    if relation in ("exact", "near"):
        similarity = _similarity(one, other)
        # Where a high Jaccard alone decided, the similarity is told all the same, or was not computed.
        if "similarity" in pair and abs(pair["similarity"] - similarity / 100) > digits:
            return f"similarity is {similarity / 100}, not {pair['similarity']}"
    right = {
        "exact": pair["jaccard"] == 1 and (one.words == other.words or not are_kept),
        "near": _is_near_enough(pair, options, int((len(one.words) + len(other.words)) * (1 - digits))),
        "revision": 100 * common >= (MIN_REVISION_JACCARD - 200 * digits) * union,
        "contained": 100 * common >= (options["min_containment"] - 200 * digits) * small
        and 100 * (large - small) >= (MIN_CONTAINER_SURPLUS - 200 * digits) * small,
        "reuse": options["min_reuse_tokens"] <= pair.get("passage_words", 0) <= min(len(one.words), len(other.words)),
    }
    return "" if right[relation] else f"they are not related as {relation}"


def _similarity(one: Text, other: Text) -> int:
    from rapidfuzz.distance import LCSseq

    # Two texts may hold no words at all: a page of ampersands.
    words = len(one.words) + len(other.words)
    return int(200 * LCSseq.similarity(list(one.words), list(other.words)) // words) if words else 100


def _ratio(part: int, whole: int) -> float:
    """A share to four digits, rounded down, as the report gives it."""
    return 10000 * part // whole / 10000 if whole else 1.0


def _is_near_enough(pair: dict[str, Any], options: dict[str, Any], words: int | None) -> bool:
    """Whether the measure that decided on a near-duplicate is one that decides so; other pairs are not decided by it.

    `words` are those of both texts; None where they are not known, and the texts may be short ones that few words tell apart.
    """
    similarity = round(100 * pair.get("similarity", 0))
    if pair["relation"] == "exact":
        return bool(similarity == 100)
    if pair["relation"] != "near":
        return not similarity
    jaccard = round(10000 * pair["jaccard"])
    if jaccard >= 100 * options["min_jaccard_any_order"]:
        return True
    if words is None or words * (100 - similarity) // 100 <= MAX_WORDS_APART:
        least_similarity = min(options["min_similarity"], MIN_SIMILARITY_OF_FEW)
        least_jaccard = min(options["min_jaccard"], MIN_JACCARD_OF_FEW)
    else:
        least_similarity, least_jaccard = options["min_similarity"], options["min_jaccard"]
    return bool(similarity >= least_similarity and jaccard >= 100 * least_jaccard)


def _fit(jaccard: float, a_in_b: float, b_in_a: float) -> bool:
    """Whether the three can be of one pair: 1/J = 1/A + 1/B - 1. Each is rounded down to four digits."""
    if not (jaccard and a_in_b and b_in_a):
        return min(a_in_b, b_in_a, jaccard) < 0.0002
    digit = 0.0001
    least = 1 / (1 / a_in_b + 1 / b_in_a - 1)
    most = 1 / (1 / min(1, a_in_b + digit) + 1 / min(1, b_in_a + digit) - 1)
    return bool(least - digit <= jaccard <= most)


def clusters_agree(told: Told) -> Iterator[Problem]:
    """Stars, not chains: each member is bound to its canonical document by a pair that says the same, and was dropped only as that allows."""
    for canonical, cluster in told.records.each("cluster"):
        members = cluster["members"]
        if (
            cluster["id"] != canonical
            or cluster["why"] not in _reasons(members)
            or [member["source"] for member in members] != sorted({member["source"] for member in members})
            or _status(told, canonical) != "canonical"
        ):
            yield Problem(UNCOVERED, f"{REPORT}: the cluster of {canonical} is not one that can be.", canonical)
        for member in members:
            source = member["source"]
            pair = told.records.get("pair", pair_name(canonical, source)) or {}
            is_allowed = member["relation"] in RULE_OF_RELATION and (
                member["relation"] == "revision"
                or len(member["unique_sentences"]) <= told.options["max_unique_dropped"]
            )
            if (
                not _says_of_its_member(pair, member)
                or (member["dropped"] and not is_allowed)
                or _status(told, source) != ("duplicate" if member["dropped"] else "canonical")
            ):
                yield Problem(
                    UNCOVERED, f"{REPORT}: what the cluster says of {source} is not what the pair says.", source
                )


def _status(told: Told, source: str) -> str:
    return str((told.records.get("input", source) or {}).get("status"))


def _reasons(members: list[dict[str, Any]]) -> frozenset[str]:
    """The words in which a document may be called the one to keep."""
    relations = {member["relation"] for member in members if member["dropped"]}
    if not relations:
        return frozenset({BOTH, TEMPLATE} if len(members) + 1 >= MIN_TEMPLATE_PAGES else {BOTH})
    return frozenset(
        (*(WHY[relation] for relation in WHY if relation in relations), *(words for _, words in CRITERIA.values()))
    )


def pair_name(a: str, b: str) -> str:
    """The name of a pair, whichever of the two stands first."""
    return "\n".join(sorted((a, b)))


def _says_of_its_member(pair: dict[str, Any], member: dict[str, Any]) -> bool:
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
