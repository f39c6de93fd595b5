"""Learning curves: figures of each epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from netlet.report.drawing import Drawing, framed, legend_row
from netlet.report.scales import Linear, Log, Scale, fitting, spans_decades
from netlet.report.words import is_share, words_of

WIDTH, HEIGHT = 440.0, 300.0
MOST_POINTS = 400


def _kept(values: Any) -> list[tuple[int, float]]:
    """Number the epochs from 1, and leave out so many that no picture grows large; the last one stays."""
    if values is None or not len(values):
        return []
    step = math.ceil(len(values) / MOST_POINTS)
    places = sorted({*range(0, len(values), step), len(values) - 1})
    return [(at + 1, float(values[at])) for at in places if math.isfinite(values[at])]


def _even(heights: Sequence[float], percent: bool) -> Linear:
    """Return an even axis, from 0 where the values come near to it."""
    axis = fitting(heights, most=8, percent=percent and min(heights) >= 0 and max(heights) <= 1)
    return replace(axis, low=0.0) if 0 <= min(heights) < 0.3 * max(heights) else axis


def curve_plot(
    curves: Mapping[str, Any], names: Sequence[tuple[str, str]], label: str, best: str = "", colour: int = 1
) -> Drawing | None:
    """Draw some curves over the epochs.

    Parameters
    ----------
    curves : mapping of str to sequence of float
    names : sequence of (str, str)
        Key and what it is called; keys that are not there are passed over.
    label : str
        What they measure.
    best : str
        "low" or "high": mark that end of the last curve.
    colour : int
        Of the first curve; the others follow.
    """
    lines = [(text, points) for key, text in names if (points := _kept(curves.get(key)))]
    if not lines:
        return None
    drawing = Drawing(WIDTH, HEIGHT, f"Learning curves: {', '.join(text for text, _ in lines)} over epochs")
    heights = [value for _, points in lines for _, value in points]
    up: Scale = Log(min(heights), max(heights)) if spans_decades(heights, 50.0) else _even(heights, is_share(label))
    last = max(points[-1][0] for _, points in lines)
    across = Linear(1 if last > 1 else 0, last if last > 1 else 2, most=7, whole=True)
    note = ", logarithmic" if isinstance(up, Log) else ""
    frame = framed(drawing, across, up, "epoch", label + note)
    for at, (_, points) in enumerate(lines, start=colour - 1):
        drawing.line([frame.point(*point) for point in points], f"c{at + 1} medium")
        if len(points) == 1:
            drawing.dot(*frame.point(*points[0]), f"c{at + 1}")
    if best and len(lines[-1][1]) > 1:
        points = lines[-1][1]
        epoch, value = (min if best == "low" else max)(points, key=lambda point: point[1])
        drawing.dot(*frame.point(epoch, value), f"c{len(lines) + colour - 1} ring", 4.5, f"best: epoch {epoch}")
    if len(lines) > 1:
        legend_row(drawing, [(f"c{at + 1} medium", text) for at, (text, _) in enumerate(lines)])
    return drawing


def learning_curves(curves: Mapping[str, Any]) -> list[Drawing]:
    """Draw the losses, and whatever else was measured on the validation rows."""
    losses = [("loss", "training"), ("validation_loss", "validation")]
    others = [name for name in curves if name not in ("loss", "validation_loss")]
    pictures = [curve_plot(curves, losses, "loss", "low" if _kept(curves.get("validation_loss")) else "")]
    pictures += [curve_plot(curves, [(name, words_of(name))], words_of(name), "high", colour=2) for name in others[:1]]
    return [picture for picture in pictures if picture is not None]
