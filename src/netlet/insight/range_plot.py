"""The picture of a learning-rate range test."""

from __future__ import annotations

import os

from netlet.training.range_test import RangeTest


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
    axes.plot(test.learning_rates, test.losses, color="#b9c6d6", linewidth=0.9, label="each step")
    axes.plot(test.learning_rates, test.smoothed, color="#1f5a91", linewidth=1.8, label="running mean")
    axes.axvline(test.suggestion, color="#c8553d", linestyle="--", linewidth=1.2)
    axes.annotate(
        f" {test.suggestion:.2g}",
        (test.suggestion, 0.96),
        xycoords=("data", "axes fraction"),
        color="#c8553d",
        va="top",
    )
    axes.set(xscale="log", xlabel="learning rate", ylabel="loss", title="Learning-rate range test")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
