"""The picture of size against score."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

from netlet.population.sizing.result import Size

_PALE, _DARK, _MARK = "#b9c6d6", "#1f5a91", "#c8553d"


def plot_curve(curve: Sequence[Size], chosen: int, metric: str, path: str | os.PathLike[str]) -> None:
    """Draw the score of every size that was tried over its number of parameters, and mark the chosen one.

    Parameters
    ----------
    curve : sequence of Size
    chosen : int
        Its place in the curve.
    metric : {"loss", "accuracy"}
    path : path
        A file ending in .svg, .png or .pdf.

    Raises
    ------
    ValueError
        If the ending is of no known kind of picture.
    OSError
        If it cannot be written.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter

    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.subplots()
    drawn = [size for size in curve if math.isfinite(size.loss)] or list(curve)
    for kept, colour, label in ((False, _PALE, "not kept"), (True, _DARK, "kept")):
        points = [(size.n_parameters, size.score(metric)) for size in drawn if size.kept == kept]
        if points:
            points.sort()
            axes.plot(*zip(*points, strict=True), "o-" if kept else "o", color=colour, markersize=5, label=label)
    size = curve[chosen]
    label = f"chosen: {'-'.join(map(str, size.units))}"
    axes.plot(size.n_parameters, size.score(metric), "o", color=_MARK, markersize=10, fillstyle="none", label=label)
    axes.set(xscale="log", xlabel="parameters", ylabel=f"validation {metric}", title="Size against score")
    counts = [each.n_parameters for each in drawn]
    is_wide = max(counts) > 10 * min(counts)
    axes.xaxis.set_major_locator(LogLocator() if is_wide else MaxNLocator(6))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e8ecf1", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
