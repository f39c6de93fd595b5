"""How a regression did: predicted against true, and the residuals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from netlet.report.drawing import Drawing, Frame, framed
from netlet.report.scales import Linear, fitting
from netlet.report.words import counted

WIDTH, HEIGHT = 440.0, 360.0
MOST_DOTS = 800
LEAST_FOR_MEDIANS = 200
HEXAGON = 7.0  # its radius in pixels
SHADES = 6
Numbers = NDArray[np.floating]


def _scatter(drawing: Drawing, frame: Frame, x: Numbers, y: Numbers) -> None:
    """Draw each of some hundred points; count more of them in hexagons, so that none is hidden by another."""
    across = np.array([frame.x(float(value)) for value in x])
    down = np.array([frame.y(float(value)) for value in y])
    if len(x) <= MOST_DOTS:
        for at in range(len(x)):
            drawing.dot(float(across[at]), float(down[at]), "c1 see", 3.0)
        return
    wide, tall = math.sqrt(3) * HEXAGON, 1.5 * HEXAGON
    # Two grids of rectangles, one shifted by half: the nearer centre of the two is that of the hexagon.
    columns, rows = np.round(across / wide), np.round(down / (2 * tall))
    columns2, rows2 = np.floor(across / wide), np.floor(down / (2 * tall))
    first = ((across - columns * wide) ** 2 + (down - rows * 2 * tall) ** 2) <= (
        (across - (columns2 + 0.5) * wide) ** 2 + (down - (rows2 + 0.5) * 2 * tall) ** 2
    )
    centre_x = np.where(first, columns * wide, (columns2 + 0.5) * wide)
    centre_y = np.where(first, rows * 2 * tall, (rows2 + 0.5) * 2 * tall)
    places, counts = np.unique(np.stack([centre_x, centre_y], axis=1).round(1), axis=0, return_counts=True)
    top = math.log1p(int(counts.max()))
    corners = [(HEXAGON * math.sin(turn * math.pi / 3), HEXAGON * math.cos(turn * math.pi / 3)) for turn in range(6)]
    for (cx, cy), count in zip(places, counts, strict=True):
        shade = math.ceil(SHADES * math.log1p(int(count)) / top)
        points = " ".join(f"{cx + dx:.1f},{cy + dy:.1f}" for dx, dy in corners)
        drawing.add("polygon", title=counted(int(count), "row", "rows"), class_=f"hex h{shade}", points=points)


def predicted_plot(truth: Numbers, predicted: Numbers, target: str) -> Drawing:
    """Draw predicted against true values on equal axes."""
    drawing = Drawing(WIDTH, HEIGHT, f"Predicted against true {target}")
    both = fitting([float(v) for v in (truth.min(), truth.max(), predicted.min(), predicted.max())])
    frame = framed(drawing, both, both, "true value", "predicted value")
    _scatter(drawing, frame, truth, predicted)
    drawing.line([frame.point(both.low, both.low), frame.point(both.high, both.high)], "guide dark")
    return drawing


def residual_plot(truth: Numbers, predicted: Numbers) -> Drawing:
    """Draw predicted minus true over the prediction, with the middle of ten equally full slices."""
    residuals = predicted - truth
    drawing = Drawing(WIDTH, HEIGHT, "Residuals: predicted minus true, over the prediction")
    across = fitting([float(predicted.min()), float(predicted.max())])
    reach = float(np.abs(residuals).max()) * 1.12 or 1.0
    frame = framed(drawing, across, Linear(-reach, reach), "predicted value", "predicted minus true")
    _scatter(drawing, frame, predicted, residuals)
    drawing.line([frame.point(across.low, 0), frame.point(across.high, 0)], "guide dark")
    if len(truth) >= LEAST_FOR_MEDIANS:
        slices = np.array_split(np.argsort(predicted, kind="stable"), 10)
        middles = [(float(np.median(predicted[rows])), float(np.median(residuals[rows]))) for rows in slices]
        drawing.line([frame.point(*point) for point in middles], "c2 thick")
    return drawing


def residual_histogram(truth: Numbers, predicted: Numbers, unit: str) -> Drawing:
    """Draw how often residuals of each size occur."""
    residuals = np.asarray(predicted - truth, dtype=np.float64)
    drawing = Drawing(900.0, 260.0, "Histogram of the residuals", 560)
    reach = float(np.quantile(np.abs(residuals), 0.995)) or 1.0
    n_bins = int(min(61, max(9, 4 * round(len(residuals) ** (1 / 3)) + 1)))
    counts, edges = np.histogram(np.clip(residuals, -reach, reach), bins=n_bins, range=(-reach, reach))
    across = Linear(-reach, reach, most=9)
    frame = framed(drawing, across, Linear(0, float(counts.max()) * 1.05, most=5, whole=True), unit, "rows")
    for at, count in enumerate(counts):
        left, right = frame.x(float(edges[at])), frame.x(float(edges[at + 1]))
        y = frame.y(float(count))
        drawing.bar(left + 0.7, y, right - left - 1.4, frame.bottom - y, "c1", counted(int(count), "row", "rows"))
    x = frame.x(0.0)
    drawing.line([(x, frame.top), (x, frame.bottom)], "guide dark")
    return drawing
