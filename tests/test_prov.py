"""The account in the W3C's words: what other people's readers of PROV and RDF find in provenance.jsonld."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
from prov import model
from rdflib import RDF, Graph, Namespace, URIRef

import cleaner
from cleaner.verification import verify
from cleaner.verification.account import read_account
from cleaner.verification.sources import Sources

SEEDS = Path(__file__).parents[1] / "seeds"
OA = Namespace("http://www.w3.org/ns/oa#")
PROV = Namespace("http://www.w3.org/ns/prov#")
TERM = Namespace("urn:article-cleaner:term:")


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prov") / "out"
    cleaner.clean(SEEDS, folder, prov=True)
    return folder


@pytest.fixture(scope="module")
def graph(output: Path) -> Graph:
    return Graph().parse(output / "provenance.jsonld", format="json-ld")


def accounts(output: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted((output / "provenance").iterdir())]


def test_it_is_listed_and_holds(output: Path) -> None:
    listed = {entry["path"]: entry for entry in json.loads((output / "manifest.json").read_bytes())["outputs"]}
    data = (output / "provenance.jsonld").read_bytes()
    assert listed["provenance.jsonld"]["sha256"] == sha256(data).hexdigest()
    assert verify(output, [SEEDS]) == verify(output) == []
    assert verify(output, [SEEDS], again=True) == []


def test_it_is_written_only_when_asked_for(tmp_path: Path) -> None:
    cleaner.clean(SEEDS / "kelp-farms.txt", tmp_path / "out")
    assert not (tmp_path / "out" / "provenance.jsonld").exists()


def test_the_prov_library_reads_it(output: Path) -> None:
    with warnings.catch_warnings():
        # Selectors are no terms of PROV, which the library says.
        warnings.filterwarnings("ignore", "The following attributes were not converted")
        found = model.ProvDocument.deserialize(str(output / "provenance.jsonld"), format="rdf", rdf_format="json-ld")
    told = accounts(output)
    spans = {
        (account["text_sha256"], *segment["out"])
        for account in told
        for segment in account["segments"]
        if "span" in segment
    }
    sources = sum(len(account["sources"]) for account in told)
    assert len(list(found.get_records(model.ProvActivity))) == len(list(found.get_records(model.ProvAgent))) == 1
    assert len(list(found.get_records(model.ProvDerivation))) >= len(spans) + sources
    assert len(list(found.get_records(model.ProvInvalidation))) == sum(len(account["dropped"]) for account in told)
    assert model.ProvDocument.deserialize(content=found.serialize(format="json"), format="json") == found


def test_every_selector_selects_what_it_quotes(output: Path, graph: Graph) -> None:
    texts: dict[URIRef, str] = {}
    for line in (output / "corpus.jsonl").read_text().splitlines():
        row = json.loads(line)
        texts[URIRef(f"urn:article-cleaner:text:{sha256(row['text'].encode()).hexdigest()}")] = row["text"]
    found = Sources([SEEDS])
    for path in (output / "provenance").iterdir():
        for origin in read_account(path.read_bytes()).origins:
            for entity in graph.subjects(TERM.source):
                name, pointer = graph.value(entity, TERM.source), graph.value(entity, TERM.pointer)
                if (str(name), str(pointer or "")) == (origin.source, origin.pointer):
                    texts[entity] = found.text(origin)
                    assert unquote(str(entity)).startswith(
                        f"urn:article-cleaner:source:{origin.sha256}:{origin.source}"
                    )
    parts = set(graph.subjects(RDF.type, OA.SpecificResource))
    assert len(parts) > 500
    for part in parts:
        whole = graph.value(part, OA.hasSource)
        selectors = {graph.value(selector, RDF.type): selector for selector in graph.objects(part, OA.hasSelector)}
        place, quote = selectors[OA.TextPositionSelector], selectors[OA.TextQuoteSelector]
        start, end = (int(str(graph.value(place, name))) for name in (OA.start, OA.end))
        assert str(part) == f"{whole}#char={start},{end}"
        assert texts[whole][start:end] == str(graph.value(quote, OA.exact))


def test_copies_are_quotations_and_edits_revisions(output: Path, graph: Graph) -> None:
    for account in accounts(output):
        for segment in account["segments"]:
            start, end = segment["out"]
            part = URIRef(f"urn:article-cleaner:text:{account['text_sha256']}#char={start},{end}")
            quoted, revised = graph.value(part, PROV.wasQuotedFrom), graph.value(part, PROV.wasRevisionOf)
            assert (quoted is not None, revised is not None) == (segment["op"] == "copy", segment["op"] == "edit")
            assert {str(rule).rsplit(":", 1)[1] for rule in graph.objects(part, TERM.rule)} == set(segment["rules"])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"start":0,"end":', '"start":1,"end":', 1),
        lambda text: text.replace("quotedFrom", "revisionOf", 2),
        lambda text: text.replace('"exact":"', '"exact":"x', 1),
        lambda text: text.replace("rule:DUP001", "rule:DUP004", 1),
        lambda text: text.replace('"label":"mojibake', '"label":"nothing', 1),
        lambda text: text.replace(",\n{", "\n,{", 1),
        lambda text: text.replace("\n]}\n", ',\n{"@id":"rule:x"}\n]}\n'),
        lambda text: "\n".join(text.split("\n")[:-4]) + "\n]}\n",
        lambda text: text.replace("urn:article-cleaner:run:", "urn:article-cleaner:run:0", 1),
        lambda text: text.replace('"alternateOf"', '"derivedFrom"', 1),
    ],
)
def test_every_change_of_it_is_seen(output: Path, tmp_path: Path, change: Callable[[str], str]) -> None:
    shutil.copytree(output, tmp_path / "out")
    path = tmp_path / "out" / "provenance.jsonld"
    text = path.read_text()
    path.write_text(change(text))
    assert path.read_text() != text
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    for entry in manifest["outputs"]:
        if entry["path"] == "provenance.jsonld":
            entry.update(sha256=sha256(path.read_bytes()).hexdigest(), bytes=path.stat().st_size)
    (tmp_path / "out" / "manifest.json").write_bytes(
        orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )
    assert {problem.rule for problem in verify(tmp_path / "out")} & {"PRV002"}
