"""`provenance.jsonld`, read back: whether it says of every article what its provenance says."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cleaner.model.problems import Problem
from cleaner.stages.write.prov import document
from cleaner.verification.account import PROV, Origin
from cleaner.verification.case import REPLAY, Case
from cleaner.verification.pieces import Misformed, read_line


class Exported:
    """The nodes of the document one by one: a line each, the articles in the order of the corpus."""

    def __init__(self, path: Path) -> None:
        self.stream = path.open("rb")
        self.ended = False

    def close(self) -> None:
        self.stream.close()

    def begins(self, tool: dict[str, str], corpus_sha256: str) -> bool:
        """Whether it begins with the context, the run and the rules as they must be; then the first article follows."""
        head = b"".join(document(tool, corpus_sha256, ())).removesuffix(b"\n]}\n")
        return self.stream.read(len(head)) == head and self.stream.readline() == b",\n"

    def node(self) -> dict[str, Any]:
        """The next node. Raises Misformed where there is none."""
        line = self.stream.readline()
        data = line.removesuffix(b"\n").removesuffix(b",") + b"\n"
        if not line.endswith(b",\n"):
            self.ended = True
            if self.stream.read() != b"]}\n":
                raise Misformed(f"{PROV} does not end as one of ours")
        node = read_line(data)
        if not isinstance(node, dict):
            raise Misformed(f"{PROV} has a node that is none")
        return node

    def agrees(self, case: Case) -> Iterator[Problem]:
        """The nodes of an article say what its provenance says; what a span of a source quotes is compared where the source is at hand."""
        for expected, unknown in _expected(case):
            found = self.node()
            if found != expected and _without_quotes(found, unknown) != _without_quotes(expected, unknown):
                yield case.problem(REPLAY, f"{PROV} says of it {str(found)!r:.120}, which provenance does not.")


def _expected(case: Case) -> Iterator[tuple[dict[str, Any], bool]]:
    """The nodes that there must be for an article, each with whether the words of a source in it are not known."""
    account, run = case.account, "run:cleaning"
    own = f"text:{account.text_sha256}"
    names = [_name(origin) for origin in account.origins]
    title = case.row["metadata"].get("title") or account.article
    whole = {"@id": own, "@type": "prov:Entity", "label": title, "article": account.article, "length": len(case.text)}
    yield {**whole, "generatedBy": run, "derivedFrom": names}, False
    for name, origin in zip(names, account.origins, strict=True):
        told = {
            "source_name": origin.source,
            "sha256": origin.sha256,
            "encoding": origin.encoding,
            "format": origin.format,
            "pointer": origin.pointer,
            "length": origin.length,
        }
        known = {key: value for key, value in told.items() if value != ""}
        yield {"@id": name, "@type": "prov:Entity", "label": origin.source, **known}, False
    for segment in account.segments:
        node = _stretch(own, (segment.start, segment.end), case.text)
        if segment.op != "insert":
            said = case.text[segment.start : segment.end] if segment.op == "copy" else None
            how = "quotedFrom" if segment.op == "copy" else "revisionOf"
            there = _stretch(names[segment.origin], segment.span, case.strings[segment.origin], said)
            node |= {how: there, "derivedFrom": there["@id"]}
        by = {"rules": [f"rule:{rule}" for rule in segment.rules]} if segment.rules else {}
        yield {**node, "generatedBy": run, **by}, segment.op == "edit" and case.strings[segment.origin] is None
    for loss in account.losses:
        node = _stretch(names[loss.origin], loss.span, case.strings[loss.origin])
        node |= {"invalidatedBy": run, "rules": [f"rule:{loss.rule}"]}
        if loss.kept_at:
            node["alternateOf"] = _stretch(own, loss.kept_at, case.text)
        yield node, case.strings[loss.origin] is None


def _name(origin: Origin) -> str:
    parts = [origin.source.encode("utf-8", "replace").decode(), *([origin.pointer] if origin.pointer else [])]
    return ":".join(["source", origin.sha256, *(urllib.parse.quote(part, safe="") for part in parts)])


def _stretch(name: str, span: Sequence[int], string: str | None, said: str | None = None) -> dict[str, Any]:
    exact = said if said is not None else string[slice(*span)] if string is not None else ""
    position = {"@type": "oa:TextPositionSelector", "start": span[0], "end": span[1]}
    quoted = {"@type": "oa:TextQuoteSelector", "exact": exact.encode("utf-8", "replace").decode()}
    return {
        "@id": f"{name}#char={span[0]},{span[1]}",
        "@type": ["prov:Entity", "oa:SpecificResource"],
        "inSource": name,
        "selector": [position, quoted],
    }


def _without_quotes(value: Any, unknown: bool) -> Any:
    """A node without the words that it quotes, where these are not known."""
    if not unknown or not isinstance(value, dict | list):
        return value
    if isinstance(value, list):
        return [_without_quotes(item, unknown) for item in value]
    return {key: _without_quotes(member, unknown) for key, member in value.items() if key != "exact"}
