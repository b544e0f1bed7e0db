"""An account in, the same account in the W3C's words out: PROV-O in JSON-LD, its spans as Web Annotation selectors, one node a line.

https://www.w3.org/TR/prov-o/ and https://www.w3.org/TR/annotation-model/; ranges of characters in identifiers are those of RFC 5147.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from cleaner.rules import LEDGER_NAMES, RULES

URN = "urn:article-cleaner"
CONTEXT: dict[str, Any] = {
    "prov": "http://www.w3.org/ns/prov#",
    "oa": "http://www.w3.org/ns/oa#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "clean": f"{URN}:term:",
    "text": f"{URN}:text:",
    "source": f"{URN}:source:",
    "rule": f"{URN}:rule:",
    "label": "rdfs:label",
    "comment": "rdfs:comment",
    "generatedBy": {"@id": "prov:wasGeneratedBy", "@type": "@id"},
    "invalidatedBy": {"@id": "prov:wasInvalidatedBy", "@type": "@id"},
    "associatedWith": {"@id": "prov:wasAssociatedWith", "@type": "@id"},
    "used": {"@id": "prov:used", "@type": "@id"},
    "derivedFrom": {"@id": "prov:wasDerivedFrom", "@type": "@id"},
    "quotedFrom": {"@id": "prov:wasQuotedFrom", "@type": "@id"},
    "revisionOf": {"@id": "prov:wasRevisionOf", "@type": "@id"},
    "alternateOf": {"@id": "prov:alternateOf", "@type": "@id"},
    "rules": {"@id": "clean:rule", "@type": "@id"},
    "inSource": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": {"@id": "oa:hasSelector", "@type": "@id"},
    "start": "oa:start",
    "end": "oa:end",
    "exact": "oa:exact",
    "article": "clean:article",
    "source_name": "clean:source",
    "pointer": "clean:pointer",
    "sha256": "clean:sha256",
    "encoding": "clean:encoding",
    "format": "clean:format",
    "length": "clean:length",
}
RUN, TOOL = "run:cleaning", "run:tool"


def document(tool: Mapping[str, str], corpus_sha256: str, nodes: Iterable[bytes]) -> Iterator[bytes]:
    """The whole document, piece by piece: the run (named by the hash of the corpus that it made), the rules, and the nodes of the articles."""
    import orjson

    context = {**CONTEXT, "run": f"{URN}:run:{corpus_sha256}:"}
    yield b'{"@context":' + orjson.dumps(context) + b',"@graph":[\n'
    yield orjson.dumps({"@id": RUN, "@type": "prov:Activity", "label": "clean", "associatedWith": TOOL})
    label = f"{tool['name']} {tool['version']}"
    yield b",\n" + orjson.dumps({"@id": TOOL, "@type": ["prov:Agent", "prov:SoftwareAgent"], "label": label})
    for name, words in [
        *((rule.code, f"{rule.name}: {rule.summary}") for rule in RULES.values()),
        *LEDGER_NAMES.items(),
    ]:
        yield b",\n" + orjson.dumps({"@id": f"rule:{name}", "@type": ["prov:Entity", "prov:Plan"], "label": words})
    yield from nodes
    yield b"\n]}\n"


def nodes(provenance: Mapping[str, Any], title: str, text: str, strings: Sequence[str]) -> Iterator[bytes]:
    """The nodes of one article, each behind a comma and a line break: its text, its sources, its segments, and what was dropped.

    `strings` are the decoded strings of the provenance's sources.
    """
    import orjson

    for node in _nodes(provenance, title, text, strings):
        # Half a surrogate pair can't be written; a reader of the file would not find it either.
        yield b",\n" + orjson.dumps(node)


def _nodes(provenance: Mapping[str, Any], title: str, text: str, strings: Sequence[str]) -> Iterator[dict[str, Any]]:
    own = f"text:{provenance['text_sha256']}"
    names = [source_id(entry) for entry in provenance["sources"]]
    yield {
        "@id": own,
        "@type": "prov:Entity",
        "label": title or provenance["article"],
        "article": provenance["article"],
        "length": len(text),
        "generatedBy": RUN,
        "derivedFrom": names,
    }
    for name, entry in zip(names, provenance["sources"], strict=True):
        members = {"source_name" if key == "source" else key: value for key, value in entry.items() if value != ""}
        yield {"@id": name, "@type": "prov:Entity", "label": entry["source"], **members}
    for segment in provenance["segments"]:
        node = _part(own, segment["out"], text)
        if "span" in segment:
            origin = segment["source"]
            how = "quotedFrom" if segment["op"] == "copy" else "revisionOf"
            there = _part(names[origin], segment["span"], strings[origin])
            # A quotation and a revision are derivations; a reader that does not infer it is told.
            node |= {how: there, "derivedFrom": there["@id"]}
        yield {**node, "generatedBy": RUN, **_by(segment["rules"])}
    for loss in provenance["dropped"]:
        node = _part(names[loss["source"]], loss["span"], strings[loss["source"]])
        node |= {"invalidatedBy": RUN, **_by([loss["rule"]])}
        yield {**node, "alternateOf": _part(own, loss["kept_at"], text)} if "kept_at" in loss else node


def source_id(entry: Mapping[str, Any]) -> str:
    """The identifier of a source string: the hash of its file, its name, and its JSON Pointer."""
    pointer = f":{quote(entry['pointer'], safe='')}" if entry["pointer"] else ""
    return f"source:{entry['sha256']}:{quote(entry['source'], safe='', errors='replace')}{pointer}"


def _part(whole: str, span: Sequence[int], text: str) -> dict[str, Any]:
    """A stretch of a text, selected by its place and by what it says."""
    start, end = span
    return {
        "@id": f"{whole}#char={start},{end}",
        "@type": ["prov:Entity", "oa:SpecificResource"],
        "inSource": whole,
        "selector": [
            {"@type": "oa:TextPositionSelector", "start": start, "end": end},
            {"@type": "oa:TextQuoteSelector", "exact": text[start:end].encode("utf-8", "replace").decode("utf-8")},
        ],
    }


def _by(rules: Sequence[str]) -> dict[str, Any]:
    return {"rules": [f"rule:{rule}" for rule in rules]} if rules else {}
