"""Charts as inline SVG, each drawn for a column as wide as a phone.

So their texts are as large on paper and on a wide screen, where charts stand beside each other.
Every chart has a title and a description for who does not see it; a table says the same in full.
No text stands on a bar, and series differ in lightness, so that they do in grey, too.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Final

WIDTH: Final = 340
"""Units of a chart: about the pixels of a phone's screen inside its margins."""
ROW: Final = 34
"""Units from one bar to the next: a line of text, and the bar below it."""
BAR: Final = 11
BASE: Final = 13
"""Units from the top of a row to its text's base line."""
LETTERS: Final = 48
"""Of a label and its value together; a label that is longer ends with dots, and is whole in the
table."""
PLOT_HEIGHT: Final = 120
AXIS: Final = 34
"""Units for the numbers at the left of a plot."""
EDGE: Final = 8
"""Units at the right of a plot, for half of its last word."""
LABELS: Final = 20
"""Units for the words below it."""
HEAD: Final = 8
LEAST_STEP: Final = 26
"""Units that a word below a plot needs; where columns are nearer, some have none."""
TICKS: Final = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar.

    Attributes:
        label: What it is of.
        value: As text, at the end of the label's line.
        parts: Lengths one after the other, each with its series.
        target: A mark across the bar, at that length.
    """

    label: str
    value: str
    parts: tuple[tuple[float, str], ...]
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One vertical bar: parts from the bottom up, each with its series."""

    label: str
    parts: tuple[tuple[float, str], ...]


def bars(title: str, description: str, rows: Sequence[Bar], most: float | None = None) -> str:
    """Horizontal bars, one below the other.

    Args:
        title: For who does not see the chart; no other one of the page has it.
        description: What it shows, in a sentence.
        rows: From the top.
        most: The length of the whole width; else that of the longest bar.
    """
    longest = max((sum(length for length, _ in row.parts) for row in rows), default=0.0)
    scale = WIDTH / (most or longest or 1.0)
    drawn = (_bar(row, place * ROW, scale) for place, row in enumerate(rows))
    return _svg(title, description, max(1, len(rows)) * ROW, drawn)


def _bar(row: Bar, top: float, scale: float) -> str:
    room = LETTERS - len(row.value)
    label = row.label if len(row.label) <= room else f"{row.label[: room - 1].rstrip()}…"
    y = top + BASE + 6
    drawn = [
        f'<text x="0" y="{top + BASE}">{escape(label)}</text>',
        f'<text x="{WIDTH}" y="{top + BASE}" class="end">{escape(row.value)}</text>',
        f'<rect x="0" y="{y}" width="{WIDTH}" height="{BAR}" class="rail"/>',
    ]
    left = 0.0
    for length, series in row.parts:
        width = length * scale
        if width > 0:
            drawn.append(_rect(left, y, width, BAR, series))
        left += width
    if row.target is not None:
        x = row.target * scale
        drawn.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 2}" y2="{y + BAR + 1}"/>')
    return "".join(drawn)


def columns(title: str, description: str, places: Sequence[Column]) -> str:
    """Vertical bars from left to right, with a scale of whole numbers."""
    tallest = max((sum(length for length, _ in each.parts) for each in places), default=0.0)
    step = _step(tallest)
    top_value = max(step, ceil(tallest / step) * step)
    scale = PLOT_HEIGHT / top_value
    bottom = HEAD + PLOT_HEIGHT
    drawn = []
    for tick in range(0, top_value + 1, step):
        y = bottom - tick * scale
        drawn.append(f'<line x1="{AXIS}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        drawn.append(f'<text x="{AXIS - 5}" y="{y + 4:.1f}" class="end">{tick:,}</text>')
    pitch = (WIDTH - AXIS - EDGE) / max(1, len(places))
    every = max(1, ceil(LEAST_STEP / pitch))
    for place, each in enumerate(places):
        x = AXIS + place * pitch
        drawn.append(_column(each, x + pitch * 0.14, bottom, pitch * 0.72, scale))
        if place % every == 0:
            middle = x + pitch / 2
            label = escape(each.label)
            drawn.append(f'<text x="{middle:.1f}" y="{bottom + 15}" class="middle">{label}</text>')
    return _svg(title, description, bottom + LABELS, drawn)


def _column(each: Column, x: float, bottom: float, width: float, scale: float) -> str:
    drawn, y = "", bottom
    for length, series in each.parts:
        height = length * scale
        y -= height
        if height > 0:
            drawn += _rect(x, y, width, height, series)
    return drawn


def _step(tallest: float) -> int:
    """From one line of the scale to the next: 1, 2 or 5, with noughts."""
    rough = max(1.0, tallest / TICKS)
    ten: int = 10 ** floor(log10(rough))
    return next(step for step in (ten, 2 * ten, 5 * ten, 10 * ten) if step >= rough)


def _rect(x: float, y: float, width: float, height: float, series: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'class="{escape(series)}"/>'
    )


def _svg(title: str, description: str, height: float, drawn: Iterable[str]) -> str:
    id_ = "-".join(("chart", *re.findall(r"\w+", title.lower())))
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{id_} {id_}-text">'
        f'<title id="{id_}">{escape(title)}</title>'
        f'<desc id="{id_}-text">{escape(description)}</desc>{"".join(drawn)}</svg>'
    )
