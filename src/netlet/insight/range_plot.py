"""The picture of a learning-rate range test."""

from __future__ import annotations

import os

import numpy as np

from netlet.training.learning_rate_range import RangeTest

_PALE, _DARK, _MARK = "#b9c6d6", "#1f5a91", "#c8553d"


def plot_range_test(test: RangeTest, path: str | os.PathLike[str]) -> None:
    """Draw the losses of a range test over the learning rates, with the suggestion.

    Parameters
    ----------
    test : RangeTest
    path : path
        A file ending in .png, .svg or .pdf.

    Raises
    ------
    ValueError
        If the ending is of no known kind of picture.
    OSError
        If it cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.subplots()
    rates, smoothed = test.learning_rates, test.smoothed
    axes.plot(rates, test.losses, color=_PALE, linewidth=0.9, label="each step")
    axes.plot(rates, smoothed, color=_DARK, linewidth=2, label="running mean")
    lowest = int(np.argmin(smoothed))
    axes.plot(rates[lowest], smoothed[lowest], "o", color=_DARK, markersize=5)
    axes.axvline(test.suggestion, color=_MARK, linestyle="--", linewidth=1.2)
    # On the side where there is more room.
    is_right = np.log(test.suggestion / rates[0]) > np.log(rates[-1] / rates[0]) / 2
    axes.annotate(
        f"suggestion {test.suggestion:.2g}",
        (test.suggestion, 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(-5 if is_right else 5, 0),
        textcoords="offset points",
        color=_MARK,
        ha="right" if is_right else "left",
        va="top",
    )
    # The last steps before divergence would press all others into a line.
    low, high = min(test.losses.min(), smoothed.min()), max(smoothed.max(), np.quantile(test.losses, 0.9))
    room = 0.12 * (high - low) or 1.0
    axes.set_ylim(low - room, high + 1.5 * room)
    axes.set(xscale="log", xlabel="learning rate", ylabel="loss", title="Learning-rate range test")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e8ecf1", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, loc="lower left")
    figure.savefig(path, dpi=150)
