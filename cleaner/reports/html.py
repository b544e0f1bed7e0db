"""A report in, one self-contained page out: no request leaves it, and without JavaScript it reads the same."""

from __future__ import annotations

import pkgutil
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from cleaner.reports.cuts import Limits
from cleaner.reports.page import page
from cleaner.reports.view import at_hand, view
from cleaner.reports.view_pairs import Pairs

# A page that is larger opens slowly, and no mail or review tool takes it.
MAX_BYTES = 3_000_000


def render_html(report: dict[str, Any]) -> bytes:
    """The page in UTF-8, of at most `MAX_BYTES`: of a large report fewer details are shown, and the page says how many more report.json holds."""
    style, script = _asset("report.css"), _asset("report.js")
    report = at_hand(report)
    limits, pairs = Limits(), Pairs(report)
    while True:
        tighter = limits.tighter()
        most = MAX_BYTES if limits != tighter else None
        made = _whole(page(view(report, limits, pairs), style, script, _policy(style, script)), most)
        if made is not None:
            return made
        limits = tighter


def _whole(pieces: Iterable[str], most: int | None) -> bytes | None:
    """The pieces as one; None as soon as they are more than `most` bytes."""
    whole = bytearray()
    for piece in pieces:
        whole += piece.encode("utf-8", "replace")
        if most is not None and len(whole) > most:
            return None
    return bytes(whole)


def _asset(name: str) -> str:
    data = pkgutil.get_data("cleaner.reports", f"assets/{name}")
    if data is None:
        raise FileNotFoundError(f"cleaner/reports/assets/{name} is missing; install the package again.")
    # Git may check the file out with CRLF; the page, and so its hashes, are the same everywhere.
    return data.decode("utf-8").replace("\r\n", "\n")


def _policy(style: str, script: str) -> str:
    """The content security policy: nothing may be loaded, and only this style and this script run (CSP 3, hash sources)."""
    return (
        f"default-src 'none'; style-src '{_hash_source(style)}'; script-src '{_hash_source(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash_source(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
