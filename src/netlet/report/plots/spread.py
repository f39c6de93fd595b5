"""Uncertainty: whether rows on which the members of an ensemble disagree are predicted worse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netlet.report.drawing import Drawing, framed
from netlet.report.scales import Categories, Linear
from netlet.report.words import counted, figure

WIDTH, HEIGHT = 900.0, 240.0
N_GROUPS = 5


def spread_plot(spread: NDArray[np.floating], errors: NDArray[np.floating], label: str) -> Drawing | None:
    """Draw the mean error of five equally large groups of rows, from agreement to disagreement.

    Parameters
    ----------
    spread, errors : ndarray, shape (n,)
        How far the members are apart, and how wrong the prediction is.
    label : str
        What the errors are; percent if it begins with "share".

    Returns
    -------
    Drawing or None
        None of fewer than ten rows, or where the members always agree.
    """
    if len(spread) < 2 * N_GROUPS or not np.ptp(spread) > 0:
        return None
    groups = np.array_split(np.argsort(spread, kind="stable"), N_GROUPS)
    means = [float(errors[rows].mean()) for rows in groups]
    drawing = Drawing(WIDTH, HEIGHT, f"{label} by disagreement of the members", 560)
    names = ("agree most", "agree", "middle", "disagree", "disagree most")
    up = Linear(0.0, max(means) * 1.08 or 1.0, most=5, percent=label.startswith("share"))
    frame = framed(drawing, Categories(names), up, "how far the members are apart, in fifths of the rows", label)
    width = frame.width / N_GROUPS
    for at, (rows, mean) in enumerate(zip(groups, means, strict=True)):
        y = frame.y(mean)
        title = f"{counted(len(rows), 'row', 'rows')}: {figure(mean, 3)}"
        drawing.bar(frame.left + at * width + 14, y, width - 28, frame.bottom - y, "c1", title)
    return drawing
