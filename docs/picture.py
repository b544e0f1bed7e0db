"""Makes docs/report.png, the picture of the README, from cleaned/report.html; needs Playwright and a Chromium.

python docs/picture.py
"""

from __future__ import annotations

import os
import shutil
import struct
import zlib
from base64 import b64encode
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).parent
REPORT = DOCS.parent / "cleaned" / "report.html"
WIDTH = 1080
# Grey edges of letters pack better than coloured ones.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-lcd-text"]
# The verdict and the numbers of the run, then the cluster of the wire story with both texts side by side; what would only make the picture longer is left out.
PARTS = ("header", ".tiles", "#cluster-3")
SIMPLER = "body > nav, #cluster-3 .measures, #cluster-3 .member > details:not(.sides) { display: none }"
# A palette of so many colours is enough for a page of few.
COLORS = 256


def main() -> None:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": 1400}, color_scheme="light", bypass_csp=True)
        page.goto(REPORT.as_uri())
        page.add_style_tag(content=SIMPLER)
        parts = [page.locator(part).first.screenshot() for part in PARTS]
        page.goto("about:blank")
        compose(page, parts)
        picture = pixels(page.screenshot(full_page=True))
        browser.close()
    (DOCS / "report.png").write_bytes(png(picture))


def compose(page: Page, parts: list[bytes]) -> None:
    """The parts below one another on one page."""
    images = "".join(f'<img src="data:image/png;base64,{b64encode(part).decode()}">' for part in parts)
    style = "body { margin: 0; padding: 10px; background: #faf9f6 } img { display: block; margin: 8px auto }"
    page.set_content(f"<style>{style}</style>{images}")
    page.wait_for_function("[...document.images].every((image) => image.complete)")


def pixels(data: bytes) -> NDArray[np.uint8]:
    """The colours of a PNG as a browser writes it: eight bits a channel, not interlaced (PNG, third edition, section 9: filters)."""
    at, packed, header = 8, b"", b""
    while at < len(data):
        (size,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + size]
        header, packed = (body if kind == b"IHDR" else header), packed + (body if kind == b"IDAT" else b"")
        at += size + 12
    width, height = struct.unpack(">II", header[:8])
    channels = {2: 3, 6: 4}[header[9]]
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * channels)
    rows = np.zeros((height + 1, width + 1, channels), np.int16)
    for number, line in enumerate(lines):
        unfiltered(rows[number], rows[number + 1], int(line[0]), line[1:].reshape(width, channels).astype(np.int16))
    return rows[1:, 1:, :3].astype(np.uint8)


def unfiltered(above: NDArray[np.int16], row: NDArray[np.int16], kind: int, line: NDArray[np.int16]) -> None:
    """One row from its filtered form; both rows begin with an empty pixel."""
    if kind in (0, 2):
        row[1:] = (line + (above[1:] if kind == 2 else 0)) & 255
        return
    for x in range(1, len(row)):
        left, up, corner = row[x - 1], above[x], above[x - 1]
        if kind == 1:
            guess = left
        elif kind == 3:
            guess = (left + up) // 2
        else:
            distances = np.abs([up - corner, left - corner, left + up - 2 * corner])
            guess = np.choose(distances.argmin(axis=0), [left, up, corner])
        row[x] = (line[x - 1] + guess) & 255


def png(picture: NDArray[np.uint8]) -> bytes:
    """The picture with a palette of its most frequent colours, as small as zlib makes it."""
    height, width, _ = picture.shape
    flat = picture.reshape(-1, 3).astype(np.int32)
    shades, places, counts = np.unique(flat, axis=0, return_inverse=True, return_counts=True)
    palette = shades[np.argsort(-counts, kind="stable")[:COLORS]]
    nearest = np.array([((palette - shade) ** 2).sum(axis=1).argmin() for shade in shades], np.uint8)
    lines = nearest[places.reshape(-1)].reshape(height, width)
    raw = np.hstack([np.zeros((height, 1), np.uint8), lines]).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [
        (b"IHDR", header),
        (b"PLTE", palette.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(raw, 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


if __name__ == "__main__":
    main()
