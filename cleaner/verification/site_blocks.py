"""Blocks that were cut as a site's own: what the report says of them is what the accounts hold."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

from cleaner.measures.words import words_of
from cleaner.model.documents import Metadata
from cleaner.model.problems import Problem
from cleaner.pipeline.templating import MAX_TOLD
from cleaner.stages.template import MIN_ARTICLES, RULE, site_of
from cleaner.verification.account import REPORT
from cleaner.verification.case import UNCOVERED, Case, Told

# The text of a block was mended after it was read, its source was not: so much of its words must be the same.
MIN_WORDS_ALIKE = 50


def keep_cuts(case: Case) -> None:
    """Keep of each source that blocks were cut out of its site and, where it is at hand, what was cut."""
    account = case.account
    own = case.row["metadata"]
    url, canonical_url, publisher = (own.get(name) or "" for name in ("url", "canonical_url", "publisher"))
    site = site_of(Metadata(url=url, canonical_url=canonical_url, publisher=publisher))
    cuts: dict[str, list[str]] = {}
    for loss in account.losses:
        if loss.rule == RULE:
            string = case.strings[loss.origin]
            cut = cuts.setdefault(account.origins[loss.origin].source, [])
            cut.append("" if string is None else unescape(string[slice(*loss.span)]))
    for source, texts in cuts.items():
        is_own = source == case.row["source"]
        case.told.records.add("cut", source, [site if is_own else "", " ".join(texts)])


def templates_agree(told: Told) -> Iterator[Problem]:
    """Each block that is told was cut out of the sources that are its examples, and each site whose articles were cut is told."""
    records = told.records
    entries = [entry for _, entry in records.each("template")]
    for entry in entries:
        if not MIN_ARTICLES <= entry["articles"] <= entry["of"] or len(entry["examples"]) > entry["of"]:
            yield Problem(UNCOVERED, f"{REPORT}: {entry['text']!r:.80} can't stand in {entry['articles']} of {entry['of']} articles.", REPORT)  # fmt: skip
        for source in entry["examples"]:
            if not _is_cut_there(told, source, entry["site"], entry["text"]):
                yield Problem(UNCOVERED, f"{REPORT}: {entry['text']!r:.80} of {entry['site']} was not cut out of {source}.", source)  # fmt: skip
    sites = {entry["site"] for entry in entries}
    if len(entries) < MAX_TOLD:
        for source, (site, _) in records.each("cut"):
            if site and site not in sites:
                yield Problem(UNCOVERED, f"{REPORT} tells of no block of {site}, and some were cut out of {source}.", source)  # fmt: skip


def _is_cut_there(told: Told, source: str, site: str, text: str) -> bool:
    found = told.records.get("cut", source)
    if found is None or found[0] not in ("", site):
        return False
    wanted = words_of(text).norms
    there = set(words_of(found[1]).norms)
    return not there or 100 * sum(word in there for word in wanted) >= MIN_WORDS_ALIKE * len(wanted)
