"""Measures in, pictures out: small SVG elements that take their colours from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, sqrt
from typing import NamedTuple

# The strip of a document, in its own units; the page stretches it to its width.
STRIP_WIDTH, BAR_HEIGHT, RIBBON_HEIGHT = 1000, 30, 84
# A run is never drawn thinner than this, or it could not be seen on a phone.
MIN_RUN_WIDTH = 2.5
GAP = 3


class Twin(NamedTuple):
    """A dropped run and the run that was kept for it, in code points; `kept` is empty where the twin stands in another text."""

    dropped: tuple[int, int]
    kept: tuple[int, int] | None


class Cell(NamedTuple):
    """A document of the map: how it fared (a class of the style sheet) and what it is called."""

    look: str
    name: str


def strip(twins: Sequence[Twin], length: int) -> str:
    """A document twice: above as it came, with both copies; below as it stays, with ribbons from each dropped run to its kept twin."""
    low = BAR_HEIGHT + RIBBON_HEIGHT
    above = [_run("dropped", twin.dropped, 0, length) for twin in twins]
    kept = [twin.kept for twin in twins if twin.kept]
    shapes = [
        _rect("base", 0, STRIP_WIDTH, 0),
        *(_run("kept", span, 0, length) for span in kept),
        *above,
        *(_ribbon(number, twin, length) for number, twin in enumerate(twins, 1) if twin.kept),
        _rect("base", 0, STRIP_WIDTH, low),
        *(_run("hole", twin.dropped, low, length) for twin in twins),
        *(_run("kept", span, low, length) for span in kept),
    ]
    return (
        f'<svg class="strip" viewBox="0 0 {STRIP_WIDTH} {low + BAR_HEIGHT}" preserveAspectRatio="none" aria-hidden="true" '
        f'focusable="false">{"".join(shapes)}</svg>'
    )


def bar(share: float, threshold: int | None = None) -> str:
    """A share as a bar; a tick stands at the threshold (in percent) that it was measured against."""
    tick = f'<path class="tick" d="M{threshold} 0v10"/>' if threshold is not None else ""
    return (
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="track" width="100" height="10"/><rect class="fill" width="{_number(100 * share)}" height="10"/>{tick}</svg>'
    )


def stack(parts: Sequence[tuple[str, int]]) -> str:
    """Amounts as one bar, each part in the look of its class."""
    whole = sum(amount for _, amount in parts) or 1
    shapes, at = [], 0.0
    for look, amount in parts:
        width = STRIP_WIDTH * amount / whole
        shapes.append(f'<rect class="{look}" x="{_number(at)}" width="{_number(width)}" height="30"/>')
        at += width
    return (
        f'<svg class="stack" viewBox="0 0 {STRIP_WIDTH} 30" preserveAspectRatio="none" aria-hidden="true" '
        f'focusable="false">{"".join(shapes)}</svg>'
    )


def cells(group: Sequence[Cell], size: int) -> str:
    """Documents that belong together, as touching squares of `size` pixels: the kept one first."""
    columns = ceil(sqrt(len(group)))
    shapes = (_cell(cell, size * (at % columns), size * (at // columns), size) for at, cell in enumerate(group))
    return _drawing(size * columns, size * ceil(len(group) / columns), "".join(shapes))


def crowd(look: str, number: int, size: int) -> str:
    """Up to ten documents, apart from one another, as one shape: too many to name each."""
    step = size + GAP
    path = "".join(f"M{at * step} 0h{size}v{size}h-{size}z" for at in range(number))
    return _drawing(number * step - GAP, size, f'<path class="{look}" d="{path}"/>')


def _drawing(width: int, height: int, shapes: str) -> str:
    return (
        f'<svg class="cells" width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true" '
        f'focusable="false">{shapes}</svg>'
    )


def _cell(cell: Cell, x: int, y: int, size: int) -> str:
    return (
        f'<rect class="{cell.look}" x="{x + 0.5}" y="{y + 0.5}" width="{size - 1}" height="{size - 1}" rx="2">'
        f"<title>{escape(cell.name)}</title></rect>"
    )


def _run(look: str, span: tuple[int, int], y: int, length: int) -> str:
    left, right = _edges(span, length)
    return _rect(look, left, right - left, y)


def _rect(look: str, x: float, width: float, y: int) -> str:
    return f'<rect class="{look}" x="{_number(x)}" y="{y}" width="{_number(width)}" height="{BAR_HEIGHT}"/>'


def _ribbon(number: int, twin: Twin, length: int) -> str:
    top, bottom = BAR_HEIGHT, BAR_HEIGHT + RIBBON_HEIGHT
    middle = (top + bottom) // 2
    a, b = (_number(edge) for edge in _edges(twin.dropped, length))
    c, d = (_number(edge) for edge in _edges(twin.kept or twin.dropped, length))
    return (
        f'<path class="ribbon" data-run="{number}" d="M{a} {top}C{a} {middle} {c} {middle} {c} {bottom}'
        f'H{d}C{d} {middle} {b} {middle} {b} {top}z"><title>Passage {number}</title></path>'
    )


def _edges(span: tuple[int, int], length: int) -> tuple[float, float]:
    left = STRIP_WIDTH * span[0] / length
    width = max(MIN_RUN_WIDTH, STRIP_WIDTH * (span[1] - span[0]) / length)
    return min(left, STRIP_WIDTH - width), min(left + width, STRIP_WIDTH)


def _number(value: float) -> str:
    """A coordinate in few characters."""
    return f"{value:.1f}".removesuffix(".0")
