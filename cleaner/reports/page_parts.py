"""What several sections of the page have: how much more there is, and passages with what differs in them marked."""

from __future__ import annotations

from collections.abc import Sequence

from cleaner.reports.markup import Html, fill, joined


def more(said: str) -> Html:
    """Where the rest of a list stands, if there is a rest."""
    return fill('<p class="more">{said} in <a href="report.json">report.json</a>.</p>', said=said) if said else Html("")


def pieces(parts: Sequence[tuple[str, bool]], tag: str) -> Html:
    """A passage; what the other text does not have stands in the element `tag`."""
    marked = f"<{tag}>{{text}}</{tag}>"
    return joined(fill(marked if changed else "{text}", text=text) for text, changed in parts)
