"""One page is one article, whatever it is wrapped in: a file, a member of JSON, a line, a row, a file in a zip, a web archive."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any

import pytest
from helpers import SHARED

import cleaner
from cleaner.stages.decode import decode

OWN_PAGE = Path(__file__).parents[1] / "seeds" / "seed-library.html"
PAGES = SHARED / "html" / "pages"
SAMPLE = 6


def articles_of(folder: Path, out: Path) -> list[tuple[str, dict[str, Any]]]:
    """The texts and the metadata of the articles, in the order of their sources, of which each wrapper has its own names."""
    cleaner.clean(folder, out)
    assert cleaner.verify(out, sources=[folder]) == []
    rows = [json.loads(line) for line in (out / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
    told = [
        (row["text"], {name: value for name, value in row["metadata"].items() if name not in ("article", "sources")})
        for row in rows
    ]
    return sorted(told, key=lambda article: article[0])


def in_csv(pages: Sequence[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows([["number", "html"], *([str(number), page] for number, page in enumerate(pages))])
    return stream.getvalue()


def in_mhtml(page: str) -> bytes:
    """The page as the first part of a web archive, with a picture behind it."""
    archive = MIMEMultipart("related")
    archive.attach(MIMEText(page, "html", "utf-8"))
    archive.attach(MIMEImage(b"GIF89a", "gif"))
    return archive.as_bytes()


def check(pages: Sequence[bytes], folder: Path) -> None:
    texts = [decode(page, "page").text for page in pages]
    for kind in ("plain", "json", "jsonl", "csv", "zip", "mhtml"):
        (folder / kind).mkdir()
    for number, (page, text) in enumerate(zip(pages, texts, strict=True)):
        (folder / "plain" / f"{number}.html").write_bytes(page)
        (folder / "json" / f"{number}.json").write_text(json.dumps({"html": text}))
        (folder / "mhtml" / f"{number}.mhtml").write_bytes(in_mhtml(text))
    (folder / "jsonl" / "all.jsonl").write_text("".join(json.dumps({"html": text}) + "\n" for text in texts))
    (folder / "csv" / "all.csv").write_text(in_csv(texts), encoding="utf-8", newline="")
    with zipfile.ZipFile(folder / "zip" / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number, page in enumerate(pages):
            archive.writestr(f"{number}.html", page)
    wanted = articles_of(folder / "plain", folder / "out")
    assert wanted
    for kind in ("json", "jsonl", "csv", "zip", "mhtml"):
        assert articles_of(folder / kind, folder / f"out-{kind}") == wanted, kind


def test_own_page(tmp_path: Path) -> None:
    check([OWN_PAGE.read_bytes()], tmp_path)


@pytest.mark.skipif(not PAGES.is_dir(), reason="../shared/data/html is not here")
def test_pages_of_strangers(tmp_path: Path) -> None:
    found = sorted(PAGES.iterdir())
    check([gzip.decompress(path.read_bytes()) for path in found[:: len(found) // SAMPLE][:SAMPLE]], tmp_path)


def test_what_a_page_says_besides_is_in_the_provenance_of_its_article(tmp_path: Path) -> None:
    page = OWN_PAGE.read_text(encoding="utf-8")
    head, rest = page.split("</head>", 1)
    (tmp_path / "in").mkdir()
    contradiction = '<meta property="og:title" content="Nothing of what stands below"></head>'
    (tmp_path / "in" / "page.html").write_text(head + contradiction + rest, encoding="utf-8")
    cleaner.clean(tmp_path / "in", tmp_path / "out")
    assert cleaner.verify(tmp_path / "out", sources=[tmp_path / "in"]) == []
    (told,) = (tmp_path / "out" / "provenance").glob("*.json")
    assert "Nothing of what stands below" in json.loads(told.read_text(encoding="utf-8"))["alternatives"]["title"]
