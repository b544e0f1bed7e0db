"""The options of a run: every number that decides something stands here once, with the reason for its value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

# What keeps a hostile file from taking all memory or all time; docs/bounds.md tells of each.
BOUNDS = (
    "max_file_bytes", "max_unpacked_bytes", "max_unpacked_ratio", "max_members", "max_nesting", "max_json_depth", "max_records",
    "max_line_characters", "max_elements", "max_blocks", "max_sentences", "max_cpu_seconds",
)  # fmt: skip


class Keep(StrEnum):
    """One criterion for choosing the member of a cluster that is kept."""

    CANONICAL_URL = "canonical-url"
    LATEST_REVISION = "latest-revision"
    EARLIEST = "earliest"
    COMPLETE = "complete"
    METADATA = "metadata"
    PATH = "path"


class Acceptance(NamedTuple):
    """Files that may stand as they are, and why: a pair or group that is no duplicate, or one file that may break a rule (empty: any)."""

    files: tuple[str, ...]
    reason: str
    rule: str = ""

    def __str__(self) -> str:
        return ", ".join(self.files) + (f" ({self.rule})" if self.rule else "")

    def covers(self, code: str, *sources: str) -> bool:
        """Whether it names the rule and each of these sources; a path names what it is the end of, and what is the end of it."""
        return self.rule in ("", code) and all(
            any(_same_file(source, file) for file in self.files) for source in sources
        )

    def is_about(self, sources: Sequence[str]) -> bool:
        """Whether all of its files are among these sources."""
        return all(any(_same_file(source, file) for source in sources) for file in self.files)


def _same_file(source: str, file: str) -> bool:
    if source.endswith(f"/{file}") or file.endswith(f"/{source}") or source == file:
        return True
    return "#" in source and "#" not in file and _same_file(source.rpartition("#")[0], file)


@dataclass(frozen=True, slots=True)
class OwnWrapper:
    """A way to wrap an article that the configuration adds: the dotted path of the body, its format (empty: told by its content), paths of metadata."""

    name: str
    body: str
    format: str = ""
    metadata: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        told = [
            f"{name} = {path}" for name, path in (("body", self.body), ("format", self.format), *self.metadata) if path
        ]
        return f"{self.name}: {', '.join(told)}"


@dataclass(frozen=True, slots=True)
class Options:
    """What a run may be told. Shares are in percent, so that every decision is made on integers."""

    # Within a document: a sentence below this many words is too short to call its second occurrence a copy.
    min_repeat_tokens: int = 6
    # A lone sentence is a repeat when this share of its words is aligned with the other occurrence.
    min_block_similarity: int = 92
    # Across documents: word 3-grams, the shingle that did best on the labelled pairs among 3, 4 and 5.
    shingle_words: int = 3
    # A near-duplicate has this Jaccard, and its words stand in the same order by this Indel similarity (twice the longest common subsequence by
    # both lengths). On the labelled bills the latter alone is right most often (pair F1 .927 at 90; the best of Jaccard is .912, at 64), and on
    # the labelled abstracts every true near-duplicate has .91 or more, every false one but mislabelled ones .86 or less.
    min_jaccard: int = 60
    min_similarity: int = 90
    # From this Jaccard on the order does not matter: the same paragraphs, put otherwise.
    min_jaccard_any_order: int = 92
    min_containment: int = 90
    # A passage in common is reported as reuse from this many words on.
    min_reuse_tokens: int = 25
    # A duplicate that has more unique sentences than this is kept as a document of its own, linked to its twin.
    max_unique_dropped: int = 12
    # A short block at the head or foot of an article is its site's if so many percent of the site's articles have it there (a sentence: half), and three at
    # least; 0 cuts none. 5 percent did best on pages as a whole; of what an extraction leaves, less is the site's and more is a refrain of its kind of article.
    min_template_share: int = 20
    # Below this many words two documents are only compared exactly.
    min_document_tokens: int = 20
    signature_size: int = 128
    keep: tuple[Keep, ...] = (
        Keep.LATEST_REVISION,
        Keep.CANONICAL_URL,
        Keep.COMPLETE,
        Keep.EARLIEST,
        Keep.METADATA,
        Keep.PATH,
    )
    # Documents that are kept apart, whatever the measures say.
    accept: tuple[Acceptance, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    wrapper: tuple[OwnWrapper, ...] = ()
    max_file_bytes: int = 64 * 1024 * 1024
    max_unpacked_bytes: int = 512 * 1024 * 1024
    # Pages pack to a tenth; of the bombs that are made of one repeated byte, deflate makes a thousandth.
    max_unpacked_ratio: int = 200
    max_members: int = 1_000_000
    # Archives and compressed files inside one another: a page in a zip in a .tar.gz is the third.
    max_nesting: int = 4
    # Objects and lists of JSON in one another; trees of an editor have a few dozen levels. It can be lowered only: the code that walks through them calls itself.
    max_json_depth: int = 150
    # Records of a file that is read as one piece: a list in JSON, the items of a feed. Each becomes a document in memory.
    max_records: int = 100_000
    # Longer lines are data; the longest of all pages and texts that were looked at has 4 million characters.
    max_line_characters: int = 16_000_000
    # Tags, references and other `<` of a page; the most of the pages that were looked at is 30,000. Each can cost two kilobytes of memory.
    max_elements: int = 300_000
    # A novel has some thousand paragraphs and some ten thousand sentences.
    max_blocks: int = 250_000
    max_sentences: int = 500_000
    # The processor time after which a file is given up, a minute for each of its megabytes aside: a thousand times what it should need.
    # Processor time, unlike a clock, does not depend on what else the machine does.
    max_cpu_seconds: int = 300
    jobs: int = 0
