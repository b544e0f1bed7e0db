"""Between the passes, in any process: prepared documents out of the spool, without what many articles of their site have at their ends, into it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson

from cleaner.pipeline.noting import Note, Noting, prepared_at
from cleaner.pipeline.preparing import without_templates
from cleaner.pipeline.spool import joined, parted
from cleaner.stages.share import MAX_EXAMPLES, shown
from cleaner.stages.template import Template, templates

# So many of the commonest ones are told.
MAX_TOLD = 100


class Marked(NamedTuple):
    """A document that may have templates at its ends."""

    note: Note
    site: str
    known: tuple[Template, ...]


class Without(NamedTuple):
    """The note of a document that templates were cut out of, and their hashes and texts; none where it has them elsewhere."""

    note: Note
    cuts: tuple[tuple[int, str], ...]


def marked(notes: list[Note], ends_at: Callable[[int], bytes], min_share: int) -> Iterator[Marked]:
    """The documents that have at their ends what at least `min_share` percent of the articles of their site have there."""
    sites: dict[str, list[int]] = defaultdict(list)
    for number, note in enumerate(notes):
        if note.kept.ends:
            sites[note.site].append(number)
    for site, number, known in templates(sites, ends_at, min_share):
        yield Marked(notes[number], site, known)


class Told:
    """The templates of a run, each with its text and some of the sources that it was cut out of."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, int], dict[str, Any]] = {}

    def enter(self, task: Marked, found: Without) -> None:
        known = {template.block: template for template in task.known}
        for block, text in found.cuts:
            template = known[block]
            fresh = {
                "site": task.site,
                "text": shown(text),
                "articles": template.articles,
                "of": template.of,
                "examples": [],
            }
            entry = self.entries.setdefault((task.site, block), fresh)
            if len(entry["examples"]) < MAX_EXAMPLES:
                entry["examples"].append(found.note.fingerprint.source)

    def listed(self) -> list[dict[str, Any]]:
        """Those that most articles have, the commonest first."""
        return sorted(self.entries.values(), key=lambda entry: (-entry["articles"], entry["site"], entry["text"]))[
            :MAX_TOLD
        ]


@dataclass(slots=True)
class Cutting:
    """The kernel that cuts them out; `noting` writes the notes."""

    noting: Noting

    def __call__(self, task: Marked) -> Without:
        note, cache = task.note, self.noting.cache
        key = cache.key("cut", note.key, task.site.encode("utf-8", "surrogatepass"), repr(task.known).encode())
        known = cache.get([key]).get(key)
        kept = parted(known)[0] if known is not None else self._made(task, key)
        if known is None:
            cache.put(key, joined([kept]))
        cuts = tuple((block, text) for block, text in orjson.loads(kept[0]))
        if not cuts:
            return Without(note, ())
        made = self.noting.noted(kept[1:], note.origin, key)
        if not isinstance(made, Note):
            raise TypeError(f"{note.fingerprint.source} gave no document any more")
        return Without(made._replace(fingerprint=replace(made.fingerprint, number=note.fingerprint.number)), cuts)

    def close(self) -> None:
        self.noting.close()

    def _made(self, task: Marked, key: bytes) -> list[bytes]:
        """The cuts, and what is kept of the document without them; nothing more where there are none."""
        note, noting = task.note, self.noting
        prepared = prepared_at(noting.spool, note.kept.at("prepared"), note.origin, 0)
        found, cuts = without_templates(prepared, task.site, task.known, noting.options, sketched=noting.sketched)
        told = orjson.dumps([[cut.template.block, cut.text] for cut in cuts])
        return [told, *noting.kept(found, key)] if cuts else [told]
