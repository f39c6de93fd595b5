"""The picture of a learning-rate range test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.plots.look import DARK, MARK, PALE, axes_of, quiet, type_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def range_test(test: Any, ax: Axes | None = None) -> Axes:
    """Draw the losses of a learning-rate range test over the rates, with the rate that it suggests.

    Parameters
    ----------
    test : RangeTest
        What `Network.find_learning_rate` returns: `learning_rates`, `losses` and `smoothed`, (n_steps,), and
        `suggestion`.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    TypeError
        If `test` or `ax` is something else.

    References
    ----------
    Smith, "Cyclical learning rates for training neural networks", WACV 2017.
    """
    missing = [name for name in ("learning_rates", "losses", "smoothed", "suggestion") if not hasattr(test, name)]
    if missing:
        raise TypeError(
            f"test={type(test).__name__} has no {', '.join(missing)}; give what Network.find_learning_rate returns"
        )
    ax = axes_of(ax)
    rates, smoothed = test.learning_rates, test.smoothed
    ax.plot(rates, test.losses, color=PALE, linewidth=0.9, label="each step")
    ax.plot(rates, smoothed, color=DARK, linewidth=2, label="running mean")
    lowest = int(np.argmin(smoothed))
    ax.plot(rates[lowest], smoothed[lowest], "o", color=DARK, markersize=5)
    ax.axvline(test.suggestion, color=MARK, linestyle="--", linewidth=1.2)
    # On the side where there is more room.
    is_right = np.log(test.suggestion / rates[0]) > np.log(rates[-1] / rates[0]) / 2
    ax.annotate(
        f"suggestion {test.suggestion:.2g}",
        (test.suggestion, 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(-5 if is_right else 5, 0),
        textcoords="offset points",
        color=MARK,
        fontsize=type_size(ax),
        ha="right" if is_right else "left",
        va="top",
    )
    # The last steps before divergence would press all others into a line.
    low, high = min(test.losses.min(), smoothed.min()), max(smoothed.max(), np.quantile(test.losses, 0.9))
    room = 0.12 * (high - low) or 1.0
    ax.set_ylim(low - room, high + 1.5 * room)
    ax.set(xscale="log", xlabel="learning rate", ylabel="loss")
    ax.legend(frameon=False, fontsize=type_size(ax), handlelength=1.5)
    return quiet(ax)
