"""The text runs of an HTML page, told apart from its markup."""

from __future__ import annotations

import re

TAG_NAME = re.compile(r"[A-Za-z][^\s/>]*")
BETWEEN_ATTRIBUTES = re.compile(r"[\s/]*")
ATTRIBUTE_NAME = re.compile(r"=?[^\s/>=]*")
ATTRIBUTE_VALUE = re.compile(r"\s*=\s*(?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|(?![\"'])[^\s>]*)")
COMMENT_END = re.compile(r"--!?>|\Z")
UNREAD = frozenset("script style xmp iframe noembed noframes".split())
TO_THEIR_END = frozenset(("title", "textarea"))


def text_runs(page: str) -> list[tuple[int, int]]:
    """The stretches of a page between its tags that are text for a reader; scripts, styles and comments are none (HTML standard, 13.2.5).

    Written apart from the reader that extraction uses; `html.parser` would do, but reads broken pages in another way in each of its releases.
    """
    runs: list[tuple[int, int]] = []
    text = at = 0
    while (at := page.find("<", at)) >= 0:
        end, name = _markup_at(page, at)
        if end == at:
            at += 1
            continue
        if text < at:
            runs.append((text, at))
        text = at = end
        if name in UNREAD or name in TO_THEIR_END:
            closing_tag = re.compile(rf"</{re.escape(name)}(?=[\s/>]|\Z)", re.IGNORECASE).search(page, at)
            stop = closing_tag.start() if closing_tag else len(page)
            if name in UNREAD:
                text = at = stop
            elif closing_tag:
                at = stop
    if text < len(page):
        runs.append((text, len(page)))
    return runs


def _markup_at(page: str, at: int) -> tuple[int, str]:
    """Where the markup that begins at `at` ends (at `at` itself where it is none), and the name of a start tag."""
    if page.startswith("<!--", at):
        if page.startswith((">", "->"), at + 4):
            return page.index(">", at + 4) + 1, ""
        found = COMMENT_END.search(page, at + 4)
        return (found.end() if found else len(page)), ""
    if page.startswith(("<!", "<?"), at):
        return (page.find(">", at) + 1) or len(page), ""
    if page.startswith("</", at):
        if page.startswith("</>", at):
            return at + 3, ""
        return (page.find(">", at) + 1) or len(page), ""
    name = TAG_NAME.match(page, at + 1)
    if name is None:
        return at, ""
    return _tag_end(page, name.end()), name.group().lower()


def _tag_end(page: str, at: int) -> int:
    while at < len(page):
        at = _end(BETWEEN_ATTRIBUTES, page, at)
        if page[at : at + 1] == ">":
            return at + 1
        at = _end(ATTRIBUTE_NAME, page, at)
        if value := ATTRIBUTE_VALUE.match(page, at):
            at = value.end()
    return len(page)


def _end(pattern: re.Pattern[str], page: str, at: int) -> int:
    match = pattern.match(page, at)
    return match.end() if match else at
