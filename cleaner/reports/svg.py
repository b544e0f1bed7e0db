"""Measures in, pictures out: small SVG elements that take their colours from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, sqrt
from typing import NamedTuple

# The bars of a text, in their own units; the page stretches them to its width.
STRIP_WIDTH, BAR_HEIGHT, RIBBON_HEIGHT = 1000, 26, 92
# A run is never drawn thinner than this, or it could not be seen on a phone.
MIN_RUN_WIDTH = 2.5
DOTS_SIZE = 120
GAP = 3


class Run(NamedTuple):
    """A part of the upper text (code points), the part of the lower one that it leads to, its look, and the anchor that a click on it goes to."""

    upper: tuple[int, int]
    lower: tuple[int, int] | None
    look: str
    anchor: str = ""
    said: str = ""


class Cell(NamedTuple):
    """A document of the map: how it fared (a class of the style sheet) and what it is called."""

    look: str
    name: str


def streams(runs: Sequence[Run], upper_length: int, lower_length: int) -> str:
    """Two texts as bars, one above the other on one scale, and ribbons from each part of the upper to the place that it leads to in the lower.

    What leads nowhere is a mark on the upper bar alone; runs drawn later lie above.
    """
    length = max(1, upper_length, lower_length)
    low = BAR_HEIGHT + RIBBON_HEIGHT
    shapes = [
        _rect("base", 0, STRIP_WIDTH * upper_length / length, 0),
        _rect("base", 0, STRIP_WIDTH * lower_length / length, low),
        *(_ribbon(run, length) for run in runs if run.lower),
        *(_run(run.look, run.upper, 0, length) for run in runs),
        *(_run("kept", run.lower, low, length) for run in runs if run.lower),
    ]
    return (
        f'<svg class="streams" viewBox="0 0 {STRIP_WIDTH} {low + BAR_HEIGHT}" preserveAspectRatio="none" aria-hidden="true" '
        f'focusable="false">{"".join(shapes)}</svg>'
    )


def dots(runs: Sequence[Run], upper_length: int, lower_length: int) -> str:
    """The same two texts as a dot plot: the one rightwards, the other downwards, and a line wherever they say the same."""
    lines = "".join(_dot_line(run, max(1, upper_length), max(1, lower_length)) for run in runs if run.lower)
    return (
        f'<svg class="dots" viewBox="-2 -2 {DOTS_SIZE + 4} {DOTS_SIZE + 4}" aria-hidden="true" focusable="false">'
        f'<rect class="plot" width="{DOTS_SIZE}" height="{DOTS_SIZE}"/>{lines}</svg>'
    )


def _dot_line(run: Run, upper_length: int, lower_length: int) -> str:
    (a, b), (c, d) = run.upper, run.lower or run.upper
    x1, x2 = (_number(DOTS_SIZE * at / lower_length) for at in (c, d))
    y1, y2 = (_number(DOTS_SIZE * at / upper_length) for at in (a, b))
    return _linked(run, f'<path class="{run.look}" d="M{x1} {y1}L{x2} {y2}"/>')


def _linked(run: Run, shape: str) -> str:
    """The shape, as a link where it leads somewhere. The same places are numbered in the text, so that the keyboard may pass by."""
    title = f"<title>{escape(run.said)}</title>" if run.said else ""
    shape = shape.replace("/>", f">{title}</path>") if title else shape
    return f'<a href="#{run.anchor}" tabindex="-1">{shape}</a>' if run.anchor else shape


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


def _ribbon(run: Run, length: int) -> str:
    top, bottom = BAR_HEIGHT, BAR_HEIGHT + RIBBON_HEIGHT
    middle = (top + bottom) // 2
    a, b = (_number(edge) for edge in _edges(run.upper, length))
    c, d = (_number(edge) for edge in _edges(run.lower or run.upper, length))
    path = f"M{a} {top}C{a} {middle} {c} {middle} {c} {bottom}H{d}C{d} {middle} {b} {middle} {b} {top}z"
    return _linked(run, f'<path class="ribbon {run.look}" d="{path}"/>')


def _edges(span: tuple[int, int], length: int) -> tuple[float, float]:
    left = STRIP_WIDTH * span[0] / length
    width = max(MIN_RUN_WIDTH, STRIP_WIDTH * (span[1] - span[0]) / length)
    return min(left, STRIP_WIDTH - width), min(left + width, STRIP_WIDTH)


def _number(value: float) -> str:
    """A coordinate in few characters."""
    return f"{value:.1f}".removesuffix(".0")
