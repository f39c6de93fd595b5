"""Bars of permutation importance."""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlet.data.importance import ColumnImportance
from netlet.report.drawing import TEXT_SIZE, Drawing
from netlet.report.scales import Linear
from netlet.report.words import figure, fitted, text_width

ROW = 26.0
LEAST_SHORTENED = 10_000  # an R2 can drop by any number


def importance_plot(columns: Sequence[ColumnImportance], label: str) -> Drawing:
    """Draw a bar for each column with a whisker of one standard deviation to both sides."""
    names = [fitted(column.column, 240, TEXT_SIZE) for column in columns]
    left = max(60.0, *(text_width(name, TEXT_SIZE) for name in names)) + 14
    top, width = 10.0, 900.0 - left - 140.0
    drawing = Drawing(900.0, top + ROW * len(columns) + 48, f"Permutation importance: {label} for each column", 620)
    low = min(0.0, *(column.mean - column.deviation for column in columns))
    high = max(0.0, *(column.mean + column.deviation for column in columns))
    scale = Linear(low, high if high > low else low + 1.0)
    bottom = top + ROW * len(columns)
    largest = max(abs(column.mean) for column in columns)
    decimals = min(6, max(0, 2 - math.floor(math.log10(largest)))) if largest else 3
    for place, text in scale.ticks():
        x = left + place * width
        drawing.line([(x, top), (x, bottom)], "grid")
        drawing.text(x, bottom + 18, text, "tick", "middle")
    zero = left + scale.place(0.0) * width
    for at, column in enumerate(columns):
        y = top + at * ROW
        x = left + scale.place(column.mean) * width
        drawing.text(left - 12, y + ROW / 2 + 4, names[at], "tick", "end")
        drawing.bar(min(zero, x), y + 6, abs(x - zero), ROW - 12, "c1" if column.mean >= 0 else "c2")
        ends = [left + scale.place(column.mean + side * column.deviation) * width for side in (-1, 1)]
        drawing.line([(end, y + ROW / 2) for end in ends], "whisker over")
        values = (column.mean, column.deviation)
        mean, deviation = (f"{v:.{decimals}f}" if largest < LEAST_SHORTENED else figure(v, 3) for v in values)
        text = f"{mean} ± {deviation}".replace("-", "−")
        drawing.text(drawing.width, y + ROW / 2 + 4, text if column.mean or column.deviation else "0", "tick", "end")
    drawing.line([(zero, top), (zero, bottom)], "axis")
    drawing.text(left + width / 2, bottom + 40, label, "label", "middle")
    return drawing
