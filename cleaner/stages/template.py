"""The blocks at the head and the foot of the articles of one site in, as hashes, those that many of them have out; and an article without those of its own.

A newsletter's prompt, the name of the desk, a list of what else the site has: one page does not tell them from its article, many pages of one site do. Only what
stands at an end of an article goes, with nothing but such blocks between it and the end: a refrain, or a sentence that many reports have inside, stays.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import nlargest
from itertools import takewhile
from typing import NamedTuple

from cleaner.measures.words import words_of
from cleaner.model.documents import Block, Document, Kind, Metadata
from cleaner.model.problems import Problem
from cleaner.model.text import Dropped

RULE = "DOC009"
# So many blocks at an end are looked at, and a longer one is a text.
HEAD_BLOCKS, FOOT_BLOCKS = 5, 12
MIN_TEMPLATE_WORDS, MAX_TEMPLATE_WORDS = 2, 40
# Fewer articles are a coincidence.
MIN_ARTICLES = 3
# "The case goes on" ends many reports and is theirs; a site's own sentences stand below most of its articles.
MIN_SHARE_OF_SENTENCES = 50
# Articles that have one of their so many longest blocks in common, or their title, are versions of one: what they share tells nothing of the site.
CORE_BLOCKS = 3
HEAD, FOOT = range(2)
# The bit of a hash that says that its block is a sentence.
IS_SENTENCE = 1
SENTENCE = re.compile(r"\S+\s+\S+\s+\S.*[.!?\u3002\uff01\uff1f\u061f\u06d4\u0964]['\"\u2019\u201d\u00bb)]*", re.DOTALL)
HOST = re.compile(r"https?://(?:[^/@]*@)?(?:www\.)?([^/:?#]+)", re.IGNORECASE)
LEFT_ALONE = frozenset((Kind.CODE, Kind.ROW))


class Template(NamedTuple):
    """A block that many articles of a site have at an end: its hash, how many have it, of how many."""

    block: int
    articles: int
    of: int


class Cut(NamedTuple):
    """A block that was cut out of an article, and its text there."""

    template: Template
    text: str


def site_of(metadata: Metadata) -> str:
    """What the articles of one site have in common: the host of their addresses, else their publisher."""
    found = HOST.match(metadata.url) or HOST.match(metadata.canonical_url)
    return found[1].lower() if found else metadata.publisher.strip().casefold()


def ends_of(document: Document) -> bytes:
    """Hashes of 64 bits: of the blocks from the head down, of those from the foot up, of what its versions would have too; first whether a heading is the first of all, and how many the former two are. Nothing for an article of our own: it was cut before."""
    if document.origins or not site_of(document.metadata):
        return b""
    top = document.blocks[: _headed(document)]
    head = [*map(_hash, top), *_until_another(document.blocks[len(top) :][:HEAD_BLOCKS], headings=False)]
    foot = _until_another(document.blocks[::-1][:FOOT_BLOCKS], headings=True)
    longest = nlargest(CORE_BLOCKS, document.blocks, key=lambda block: len(block.text))
    cores = [words_of(block.text.text).hash for block in longest]
    if document.metadata.title:
        cores.append(words_of(document.metadata.title).hash)
    return array("Q", [len(top), len(head), len(foot), *head, *foot, *cores]).tobytes()


def _headed(document: Document) -> int:
    """How many headings are the first of all: the title as a rule, and what stands below it stands at the head all the same."""
    return int(bool(document.blocks) and document.blocks[0].kind is Kind.HEADING)


def _until_another(blocks: Sequence[Block], *, headings: bool) -> list[int]:
    """The hashes of blocks up to the first that can't be the site's."""
    usable = takewhile(lambda block: headings or block.kind is not Kind.HEADING, blocks)
    return list(takewhile(bool, map(_hash, usable)))


def _hash(block: Block) -> int:
    """The hash of a block that is short enough to be a site's; the lowest bit (`IS_SENTENCE`) tells whether it is a sentence. 0 for another."""
    if block.kind in LEFT_ALONE:
        return 0
    words = words_of(block.text.text)
    if not MIN_TEMPLATE_WORDS <= len(words) <= MAX_TEMPLATE_WORDS:
        return 0
    return words.hash & ~IS_SENTENCE | bool(SENTENCE.fullmatch(block.text.text))


class _Ends(NamedTuple):
    """The ends of a document as they are read back."""

    head: Sequence[int]
    foot: Sequence[int]
    cores: Sequence[int]
    is_headed: bool


def _read(data: bytes) -> _Ends:
    is_headed, head, foot, *numbers = array("Q", data)
    return _Ends(numbers[:head], numbers[head : head + foot], numbers[head + foot :], bool(is_headed))


def templates(
    sites: Mapping[str, Sequence[int]], ends_at: Callable[[int], bytes], min_share: int
) -> Iterator[tuple[str, int, tuple[Template, ...]]]:
    """For each document that has some, its site, its number, and the blocks at its ends that at least `min_share` percent of the articles of its site have."""
    for site, numbers in sorted(sites.items()):
        if len(numbers) < MIN_ARTICLES:
            continue
        ends = {number: _read(ends_at(number)) for number in numbers}
        found = _peeled_together(ends, min_share)
        for number, own in ends.items():
            known = sorted(found.keys() & {*own.head, *own.foot})
            if known:
                yield site, number, tuple(found[block] for block in known)


def _peeled_together(ends: Mapping[int, _Ends], min_share: int) -> dict[int, Template]:
    """The templates of one site. A block counts for an article when nothing but templates stands between it and the end; each new template may bare others."""
    versions = _versions(ends)
    of = len(set(versions.values()))
    holders: dict[int, set[int]] = defaultdict(set)
    waiting: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    known: set[int] = set()
    bare = [(number, side, 0) for number in ends for side in (HEAD, FOOT)]
    bare += [(number, HEAD, 1) for number, own in ends.items() if own.is_headed]
    while bare:
        touched = set()
        while bare:
            number, side, place = bare.pop()
            blocks = ends[number].head if side == HEAD else ends[number].foot
            if place < len(blocks):
                holders[blocks[place]].add(versions[number])
                if blocks[place] in known:
                    bare.append((number, side, place + 1))
                else:
                    waiting[blocks[place]].append((number, side, place + 1))
                    touched.add(blocks[place])
        fresh = {block for block in touched if _is_template(block, len(holders[block]), of, min_share)}
        known |= fresh
        bare = [waits for block in fresh for waits in waiting.pop(block)]
    return {block: Template(block, len(holders[block]), of) for block in known}


def _is_template(block: int, articles: int, of: int, min_share: int) -> bool:
    share = max(min_share, MIN_SHARE_OF_SENTENCES) if block & IS_SENTENCE else min_share
    return articles >= MIN_ARTICLES and 100 * articles >= share * of


def _versions(ends: Mapping[int, _Ends]) -> dict[int, int]:
    """For each document the lowest number of the versions of the same article, as far as they show themselves."""
    parents = {number: number for number in ends}

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    first: dict[int, int] = {}
    for number, own in ends.items():
        for core in own.cores:
            a, b = root(first.setdefault(core, number)), root(number)
            parents[max(a, b)] = min(a, b)
    return {number: root(number) for number in ends}


def cut(document: Document, site: str, known: Sequence[Template]) -> tuple[Document, list[Problem], list[Cut]]:
    """The document without the blocks at its ends that many articles of its site have; all of it, if nothing but a heading would be left."""
    by_hash = {template.block: template for template in known}
    places = _peeled(document, by_hash.keys())
    kept = tuple(block for place, block in enumerate(document.blocks) if place not in places)
    if not places or all(block.kind is Kind.HEADING for block in kept):
        return document, [], []
    cuts = [Cut(by_hash[_hash(document.blocks[place])], document.blocks[place].text.text) for place in sorted(places)]
    dropped = tuple(Dropped(span, RULE) for place in sorted(places) for span in document.blocks[place].text.spans())
    count = "1 block" if len(cuts) == 1 else f"{len(cuts)} blocks"
    most = cuts[0]
    message = f"Cut at its ends: {count} that other articles of {site} have there too (the first in {most.template.articles} of {most.template.of})."
    problem = Problem(RULE, message, document.source, document.blocks[min(places)].text.hull())
    return replace(document, blocks=kept, dropped=(*document.dropped, *dropped)), [problem], cuts


def _peeled(document: Document, known: Container[int]) -> set[int]:
    """The places of the blocks that go: from the foot up, and from the head down, past a title, as far as nothing else stands there. Other headings at the head stay."""
    blocks = document.blocks
    hosts = [loss.kept_at for loss in document.dropped if loss.kept_at]
    gone: set[int] = set()

    def goes(block: Block) -> bool:
        # What a repeat survives in is its last copy.
        is_host = any(
            span.pointer == host.pointer and span.start < host.end and host.start < span.end
            for span in block.text.spans()
            for host in hosts
        )
        return _hash(block) in known and not is_host

    for place in range(len(blocks) - 1, max(-1, len(blocks) - 1 - FOOT_BLOCKS), -1):
        if not goes(blocks[place]):
            break
        gone.add(place)
    first = _headed(document)
    if first and goes(blocks[0]) and words_of(blocks[0].text.text).norms != words_of(document.metadata.title).norms:
        gone.add(0)
    for place in range(first, min(len(blocks), first + HEAD_BLOCKS)):
        if place in gone or blocks[place].kind is Kind.HEADING or not goes(blocks[place]):
            break
        gone.add(place)
    return gone
