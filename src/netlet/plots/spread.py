"""Residuals: how far predicted numbers are from the true ones, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.plots.checks import column_of
from netlet.plots.look import DARK, MARK, QUIET, panels_of, quiet, type_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def residuals(y_true: Any, y_pred: Any, ax: Axes | None = None, *, unit: str = "") -> np.ndarray:
    """Draw predicted numbers against true ones, and beside it the residuals over the predictions.

    Parameters
    ----------
    y_true, y_pred : array-like, (n_samples,)
    ax : Axes, optional
        They are divided.
    unit : str, optional
        Of the numbers, for the labels, such as "kg".

    Returns
    -------
    array of Axes, (2,)

    Raises
    ------
    ValueError, TypeError
        If the arrays are empty, differ in length, or have values that are no finite numbers.

    Notes
    -----
    The titles say R2 = 1 - sum (y - p)^2 / sum (y - mean y)^2 and RMSE = sqrt(mean (y - p)^2). The band in the second
    panel is one RMSE to either side. A shape that the residuals have is something the model did not learn.
    """
    true = _numbers("y_true", y_true, None)
    predicted = _numbers("y_pred", y_pred, len(true))
    left = true - predicted
    rmse = float(np.sqrt(np.mean(left**2)))
    spread = float(np.sum((true - true.mean()) ** 2))
    in_words = _formatter(max(np.abs(true).max(), np.abs(predicted).max()))
    r2 = f"$R^2$ {1 - float(np.sum(left**2)) / spread:.3f}" if spread > 0 else "$R^2$ undefined"
    panels: np.ndarray = panels_of(ax, 1, 2)[0]
    first, second = panels
    style: dict[str, Any] = {
        "s": float(np.clip(4000 / len(true), 5, 26)), "color": DARK, "linewidths": 0,
        "alpha": float(np.clip(200 / len(true), 0.25, 0.8)), "zorder": 2, "rasterized": len(true) > 5000,
    }  # fmt: skip
    ends = min(true.min(), predicted.min()), max(true.max(), predicted.max())
    first.plot(ends, ends, color=QUIET, linewidth=1.2, linestyle="--", zorder=1)
    first.scatter(true, predicted, **style)
    first.set_title(r2, fontsize=type_size(first))
    second.axhspan(-rmse, rmse, color=MARK, alpha=0.12, linewidth=0, zorder=0)
    second.axhline(0, color=QUIET, linewidth=1.2, linestyle="--", zorder=1)
    second.scatter(predicted, left, **style)
    behind = f" {unit}" if unit else ""
    written = f"{rmse:.3g}" if in_words is None else in_words(float(f"{rmse:.3g}"))
    second.set_title(f"RMSE {written}{behind}", fontsize=type_size(second))
    behind = f" ({unit})" if unit else ""
    first.set(xlabel=f"true{behind}", ylabel=f"predicted{behind}")
    second.set(xlabel=f"predicted{behind}", ylabel=f"true - predicted{behind}")
    reach = 1.1 * max(float(np.abs(left).max()), rmse) or 1.0
    second.set_ylim(-reach, reach)
    for panel in panels:
        panel.locator_params(axis="x", nbins=4 if in_words is None else 3)
        panel.tick_params(labelsize=type_size(panel))
        if in_words is not None:
            panel.xaxis.set_major_formatter(in_words)
            panel.yaxis.set_major_formatter(in_words)
        quiet(panel, "both")
    return panels


def _formatter(largest: float) -> Any:
    """Return what writes 2,500,000 as 2.5M, where numbers are so large or small that plain ones take much room."""
    if largest == 0 or 1e-3 <= largest < 1e5:
        return None
    from matplotlib.ticker import EngFormatter

    return EngFormatter(sep="")


def _numbers(parameter: str, values: Any, n: int | None) -> np.ndarray:
    found: np.ndarray = column_of(parameter, values, n)
    if found.dtype.kind not in "biuf":
        raise ValueError(f"{parameter} holds {found.dtype}, no numbers; for classes there is confusion_matrix")
    if not np.isfinite(found).all():
        raise ValueError(f"{parameter} has numbers that are not finite; leave those samples out")
    numbers: np.ndarray = found.astype(float)
    return numbers
