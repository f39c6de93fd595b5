"""Forecasts against the truth, and how the error grows with the steps ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netlet.report.drawing import Drawing, framed, legend_row
from netlet.report.scales import Linear, fitting

WIDTH, HEIGHT = 900.0, 320.0
TICKS = 5


@dataclass(frozen=True)
class Moments:
    """An axis of equal steps with the times that stand there."""

    texts: Sequence[str]

    def place(self, value: float) -> float:
        """Return where a step, counted from 0, is."""
        return value / max(len(self.texts) - 1, 1)

    def ticks(self) -> list[tuple[float, str]]:
        """Return some of the times, evenly apart; none at the very ends, where their words would be cut off."""
        places = np.unique(((np.arange(TICKS) + 0.5) / TICKS * (len(self.texts) - 1)).round().astype(int))
        return [(self.place(int(at)), self.texts[at]) for at in places]


def forecast_plot(
    truth: NDArray[np.floating],
    values: NDArray[np.floating],
    middle: int,
    times: Sequence[str],
    starts: Sequence[int],
    target: str,
    band: str,
) -> Drawing:
    """Draw the truth, the middle forecast and the band from the lowest quantile to the highest.

    Parameters
    ----------
    truth : array, (n,)
    values : array, (n, n_quantiles)
    middle : int
        Which quantile is the forecast of the middle.
    times : sequence of str
        Of each step.
    starts : sequence of int
        The first step of each forecast: lines are broken there.
    target, band : str
        What is forecast, and what the band is called.
    """
    drawing = Drawing(WIDTH, HEIGHT, f"Forecasts of {target} against the truth over time", 560)
    up = fitting([float(v) for v in (truth.min(), truth.max(), values.min(), values.max())], most=6)
    frame = framed(drawing, Moments(times), up, "time", target)
    for first, end in zip(starts, [*starts[1:], len(truth)], strict=True):
        steps = range(first, end)
        low = [frame.point(at, float(values[at, 0])) for at in steps]
        high = [frame.point(at, float(values[at, -1])) for at in steps]
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*low, *reversed(high)])
        drawing.add("polygon", class_="bar c1 pale", points=corners)
        drawing.line([frame.point(at, float(values[at, middle])) for at in steps], "c1 medium")
    drawing.line([frame.point(at, float(value)) for at, value in enumerate(truth)], "c2 medium")
    legend_row(drawing, [("c2 medium", "truth"), ("c1 medium", f"forecast, with {band}")])
    return drawing


def error_by_step(errors: Sequence[tuple[str, NDArray[np.floating]]], unit: str) -> Drawing:
    """Draw the mean absolute error over the steps ahead, a line for each (name, errors)."""
    drawing = Drawing(WIDTH, 280.0, "Mean absolute error over the steps ahead", 560)
    n_steps = len(errors[0][1])
    up = fitting([0.0, *(float(each.max()) for _, each in errors)], most=6)
    across = Linear(1 if n_steps > 1 else 0, max(n_steps, 2), most=9, whole=True)
    frame = framed(drawing, across, up, f"steps ahead ({unit} each)", "mean absolute error")
    for colour, (_, each) in enumerate(errors, start=1):
        points = [frame.point(at, float(value)) for at, value in enumerate(each, start=1)]
        drawing.line(points, f"c{colour} medium")
        if n_steps == 1:
            drawing.dot(*points[0], f"c{colour}")
    legend_row(drawing, [(f"c{colour} medium", name) for colour, (name, _) in enumerate(errors, start=1)])
    return drawing
