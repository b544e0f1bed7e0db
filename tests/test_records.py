"""Records of every kind, from the file to the account: their names, their articles, that the account verifies, and that lines are explained."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from helpers import paragraph

import cleaner
from cleaner.containers.tables import json_line


def articles(count: int = 3) -> list[dict[str, str]]:
    """Articles of nonsense, unlike one another."""
    chance = random.Random(5)
    return [
        {
            "title": f"The {chance.choice('north south east west'.split())} quay, part {number}",
            "text": "\n\n".join(" ".join(paragraph(chance)) for _ in range(4)),
            "url": f"https://harbour.example/{number}",
        }
        for number in range(count)
    ]


def page(article: dict[str, str], *, head: str = "") -> str:
    paragraphs = "".join(f"<p>{part} &amp; more.</p>" for part in article["text"].split("\n\n"))
    return f"<html><head><title>{article['title']}</title>{head}</head><body><article><h1>{article['title']}</h1>{paragraphs}</article></body></html>"


def as_csv(found: list[dict[str, str]]) -> bytes:
    stream = io.StringIO()
    table = csv.DictWriter(stream, ["title", "text", "url"], delimiter=";")
    table.writeheader()
    table.writerows(found)
    return stream.getvalue().encode("cp1252")


def as_wide_table(found: list[dict[str, str]]) -> bytes:
    rows = ["Title\tText\tURL", *("\t".join(f'"{value}"' for value in article.values()) for article in found)]
    return "\n".join(rows).encode("utf-16")


def as_lines(found: list[dict[str, str]]) -> bytes:
    return b"".join(json_line(article) + b"\n" for article in found)


def as_rss(found: list[dict[str, str]]) -> bytes:
    items = "".join(
        f"<item><title>{article['title']}</title><link>{article['url']}</link><c:encoded><![CDATA[{page(article)}]]></c:encoded></item>"
        for article in found
    )
    return f'<rss xmlns:c="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour</title>{items}</channel></rss>'.encode()


def as_atom(found: list[dict[str, str]]) -> bytes:
    entries = "".join(
        f'<entry><title>{article["title"]}</title><link href="{article["url"]}"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
        + "".join(f"<p>{part} <em>so</em> it is.</p>" for part in article["text"].split("\n\n"))
        + "</div></content></entry>"
        for article in found
    )
    return f'<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour</title>{entries}</feed>'.encode()


def as_mail(article: dict[str, str]) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Ann Orr <ann@harbour.example>", "all@harbour.example", article["title"]
    made["Date"] = "Tue, 01 Jul 2025 10:00:00 +0000"
    made.set_content(article["text"])
    return made.as_bytes()


def as_mailbox(found: list[dict[str, str]]) -> bytes:
    envelope = b"From ann@harbour.example Tue Jul  1 10:00:00 2025\n"
    return b"\n".join(envelope + as_mail(article) for article in found)


def as_mail_with_attachments(found: list[dict[str, str]]) -> bytes:
    made = message_from_bytes(as_mail(found[0]), policy=policy.default)
    made.add_attachment(json.dumps({"items": found[1:2]}).encode(), "application", "json", filename="sent.json")
    made.add_attachment(f"# {found[2]['title']}\n\n{found[2]['text']}", "markdown", filename="notes/late.md")
    made.add_attachment(b"\x89PNG", "image", "png", filename="quay.png")
    return made.as_bytes()


def as_mhtml(article: dict[str, str]) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"], made["Snapshot-Content-Location"] = "<Saved>", article["title"], article["url"]
    made.make_related()
    made.add_related(page(article).encode(), "text", "html")
    made.add_related(b"\x89PNG", "image", "png")
    return made.as_bytes()


def as_zip(members: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(stream := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def as_tar(members: dict[str, bytes]) -> bytes:
    with tarfile.open(fileobj=(stream := io.BytesIO()), mode="w:gz") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def as_parquet(found: list[dict[str, str]]) -> bytes:
    arrow = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    stream = io.BytesIO()
    parquet.write_table(arrow.Table.from_pylist(found), stream, row_group_size=2)
    return stream.getvalue()


def as_warc(found: list[dict[str, str]]) -> bytes:
    writer: Any = pytest.importorskip("warcio.warcwriter", reason="the extra warc is not installed")
    from warcio.statusandheaders import StatusAndHeaders

    stream = io.BytesIO()
    archive = writer.WARCWriter(stream, gzip=True)
    archive.write_record(archive.create_warcinfo_record("a.warc.gz", {"software": "made"}))
    for article in found:
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        archive.write_record(
            archive.create_warc_record(
                article["url"], "response", payload=io.BytesIO(page(article).encode()), http_headers=headers
            )
        )
    refused = StatusAndHeaders("404 Not Found", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    archive.write_record(
        archive.create_warc_record(
            "https://x.example", "response", payload=io.BytesIO(b"<p>no</p>"), http_headers=refused
        )
    )
    return stream.getvalue()


# A file of each kind: its name, its bytes, and the names of the sources in it.
KINDS: dict[str, tuple[str, Callable[[list[dict[str, str]]], bytes], list[str]]] = {
    "csv": ("a.csv", as_csv, ["a.csv#16", "a.csv#2", "a.csv#9"]),
    "table in UTF-16": ("a.tsv", as_wide_table, ["a.tsv#16", "a.tsv#2", "a.tsv#9"]),
    "lines by content": ("a.txt", as_lines, ["a.txt#1", "a.txt#2", "a.txt#3"]),
    "packed lines": ("a.jsonl.gz", lambda found: gzip.compress(as_lines(found)), ["a.jsonl.gz#1", "a.jsonl.gz#2", "a.jsonl.gz#3"]),
    "rss": ("a.xml", as_rss, ["a.xml#/items/0", "a.xml#/items/1", "a.xml#/items/2"]),
    "atom": ("a", as_atom, ["a#/items/0", "a#/items/1", "a#/items/2"]),
    "parquet": ("a.parquet", as_parquet, ["a.parquet#1", "a.parquet#2", "a.parquet#3"]),
    "warc": ("a.warc.gz", as_warc, ["a.warc.gz#2", "a.warc.gz#3", "a.warc.gz#4"]),
    "mail": ("a.eml", lambda found: as_mail(found[0]), ["a.eml"]),
    "attachments": ("a.eml", as_mail_with_attachments, ["a.eml", "a.eml/notes/late.md", "a.eml/sent.json#/items/0"]),
    "mailbox": (
        "a.mbox.gz",
        lambda found: gzip.compress(as_mailbox(found)),
        [f"a.mbox.gz/{number}.eml" for number in (1, 2, 3)],
    ),
    "mhtml": ("a.mhtml", lambda found: as_mhtml(found[0]), ["a.mhtml"]),
    "zip": (
        "a.zip",
        lambda found: as_zip(
            {"b/a.csv": as_csv(found[:1]), "../a.html": page(found[1]).encode(), "n.tgz": as_tar({"m.eml": as_mail(found[2])})}
        ),
        ["a.zip/a.html", "a.zip/b/a.csv#2", "a.zip/n.tgz/m.eml"],
    ),
    "tar": ("a.tgz", lambda found: as_tar({"a/lines.jsonl": as_lines(found)}), [f"a.tgz/a/lines.jsonl#{number}" for number in (1, 2, 3)]),
    "double-encoded": ("a.json", lambda found: json.dumps({"data": json.dumps({"items": found})}).encode(), [f"a.json#/data/items/{number}" for number in range(3)]),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_records_of_every_kind(tmp_path: Path, kind: str) -> None:
    name, make, sources = KINDS[kind]
    found = articles()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(make(found))
    cleaning = cleaner.clean(tmp_path / "in", tmp_path / "out")
    documents = cleaning.report["documents"]
    assert [document["canonical_source"] for document in documents] == sources
    assert {document["title"] for document in documents} == {article["title"] for article in found[: len(sources)]}
    assert [problem.message for problem in cleaner.verify(tmp_path / "out", sources=[tmp_path / "in"])] == []
    rows = [json.loads(line) for line in (tmp_path / "out" / "corpus.jsonl").read_text("utf-8").splitlines()]
    for row in rows:
        article = next(article for article in found if article["title"] == row["metadata"]["title"])
        assert all(part in row["text"] for part in article["text"].split("\n\n"))
    explained = cleaner.explain(tmp_path / "out", f"{sources[0]}:1", sources=[tmp_path / "in"])
    assert explained is not None
    assert explained.parts


def test_changed_record_does_not_verify(tmp_path: Path) -> None:
    """The readers of the check look at the records themselves: another word in one is seen, whatever it is packed in."""
    found = articles()
    changed = [{**article, "text": article["text"].replace(" ", "  ", 1)} for article in found]
    for kind, (name, make, _) in KINDS.items():
        place = tmp_path / kind
        (place / "in").mkdir(parents=True)
        (place / "in" / name).write_bytes(make(found))
        cleaner.clean(place / "in", place / "out")
        (place / "in" / name).write_bytes(make(changed))
        rules = {problem.rule for problem in cleaner.verify(place / "out", sources=[place / "in"])}
        assert rules >= {"PRV001", "PRV002"}, kind


def test_broken_record_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    one, two, three = (json.dumps(article) for article in articles())
    (tmp_path / "a.json").write_text(f"[{one},\n{two[:-1]}, 'score': NaN}},\n{three}]")
    cleaning = cleaner.clean(tmp_path)
    assert [document["canonical_source"] for document in cleaning.report["documents"]] == ["a.json#/0", "a.json#/2"]
    (problem,) = [problem for problem in cleaning.problems if problem.rule == "ENC005"]
    assert (problem.source, problem.line) == ("a.json#/1", 2)
    assert cleaning.failed


def test_excluded_members_of_an_archive_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(as_zip({"drafts/x.txt": b"It left.", "y.txt": articles()[0]["text"].encode()}))
    cleaning = cleaner.clean(tmp_path, options=cleaner.Options(exclude=("drafts/",)))
    assert [entry["source"] for entry in cleaning.report["sources"]] == ["a.zip/y.txt"]


def test_wrapper_of_the_configuration(tmp_path: Path) -> None:
    from cleaner.model.options import OwnWrapper

    own = OwnWrapper("cms", "payload.story.parts.0", "html", (("title", "payload.head"), ("url", "where")))
    article = articles()[0]
    record = {
        "where": article["url"],
        "payload": {"head": article["title"], "teaser": article["text"] * 2, "story": {"parts": [page(article)]}},
    }
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text(json.dumps(record))
    cleaning = cleaner.clean(tmp_path / "in", tmp_path / "out", cleaner.Options(wrapper=(own,)))
    (document,) = cleaning.report["documents"]
    assert document["title"] == article["title"]
    row = json.loads((tmp_path / "out" / "corpus.jsonl").read_text())
    assert row["metadata"]["url"] == article["url"]
    assert "& more." in row["text"]
    assert cleaner.verify(tmp_path / "out", sources=[tmp_path / "in"]) == []


def test_archive_that_is_cut_off_verifies_as_far_as_it_was_read(tmp_path: Path) -> None:
    found = articles(6)
    plain = gzip.decompress(
        as_tar(
            {
                f"{number}.txt": f"{article['title']}\n\n{article['text']}".encode()
                for number, article in enumerate(found)
            }
        )
    )
    (tmp_path / "in").mkdir()
    packed = gzip.compress(plain, 0)
    (tmp_path / "in" / "a.tgz").write_bytes(packed[: len(packed) // 2])
    damaged = bytearray(as_zip({"one.txt": found[0]["text"].encode(), "two.txt": found[1]["text"].encode()}))
    damaged[60:70] = b"\xff" * 10
    (tmp_path / "in" / "b.zip").write_bytes(bytes(damaged))
    cleaning = cleaner.clean(tmp_path / "in", tmp_path / "out")
    sources = {entry["source"]: entry["status"] for entry in cleaning.report["sources"]}
    assert sources["b.zip/one.txt"] == "failed"
    assert sources["b.zip/two.txt"] == "canonical"
    assert sources["a.tgz"] == "failed"
    assert cleaner.verify(tmp_path / "out", sources=[tmp_path / "in"]) == []


def test_places_and_declarations_inside_records_are_those_of_the_records(tmp_path: Path) -> None:
    """A page that declares a wrong character set, and ends where it has to be paid for: in two rows, and as a member of JSON."""
    paid = '<meta charset="windows-1252"><script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
    pages = [page({**article, "text": article["text"][:200] + " caf\u00e9"}, head=paid) for article in articles(2)]
    (tmp_path / "in").mkdir()
    with (tmp_path / "in" / "a.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["number", "html"], *enumerate(pages)])
    (tmp_path / "in" / "b.json").write_text(json.dumps({"url": "https://x.example", "html": "\n\n" + pages[0]}))
    cleaning = cleaner.clean(tmp_path / "in", tmp_path / "out")
    assert "DOC005" in {problem.rule for problem in cleaning.problems}
    assert "ENC002" not in {problem.rule for problem in cleaning.problems}
    assert cleaner.verify(tmp_path / "out", sources=[tmp_path / "in"]) == []
