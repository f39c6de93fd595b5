"""What each hidden unit sees: its activation over a plane of two features."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from netlet.errors import unknown_name
from netlet.plots.boundary import scatter_classes
from netlet.plots.checks import column_of
from netlet.plots.look import SIGNED, inches_of, panels_of
from netlet.plots.plane import plane_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 100  # panels that can still be told apart
_FEW = 6  # panels that have room for a title and ticks of their own
_SCALES = ("common", "own")


def hidden_units(
    activations: Callable[[np.ndarray], Any],
    X: Any,
    y: Any = None,
    features: Sequence[int | str] | None = None,
    ax: Axes | None = None,
    *,
    units: Sequence[int] | None = None,
    scale: Literal["common", "own"] = "common",
    fixed: Mapping[Any, float] | Sequence[float] | None = None,
    names: Sequence[str] | None = None,
    resolution: int = 80,
) -> np.ndarray:
    """Draw each hidden unit's activation over the plane of two features, a small picture for each, with the samples.

    Parameters
    ----------
    activations : callable
        From features, (n, n_features), to activations, (n, n_units).
    X : array-like or data frame, (n_samples, n_features)
        The samples to draw; they also say how far the plane goes.
    y : array-like, (n_samples,), optional
        Their classes, at most eight, or numbers, which are drawn as classes above and below their median.
    features, fixed, names
        As for `decision_boundary`.
    ax : Axes, optional
        They are divided.
    units : sequence of int, optional
        Which units, counted from 0; default: all, at most 100.
    scale : {"common", "own"}
        Whether all units share one scale of colours, which a bar explains, or each has its own from its least to its
        largest activation, so that weak ones are seen too. With activations below 0 a scale is symmetric: white is 0.
    resolution : int, >= 2, default 80

    Returns
    -------
    array of Axes, (n_units,)

    Raises
    ------
    ValueError, TypeError
        If shapes do not fit, arrays are empty or not finite, a feature or a unit is unknown, or there are too many.
    """
    if scale not in _SCALES:
        raise ValueError(unknown_name("scale", scale, _SCALES))
    plane = plane_of(X, features, fixed, names, resolution)
    values = plane.values(activations).astype(float)
    chosen = _chosen(units, values.shape[2])
    groups = None if y is None else _groups(column_of("y", y, len(plane.points)))
    n_columns = math.ceil(math.sqrt(len(chosen)))
    grid = panels_of(ax, -(-len(chosen) // n_columns), n_columns, sharex=True, sharey=True)
    panels = grid.ravel()
    dot = float(np.clip(72 * min(inches_of(panels[0])) / 28, 1.5, 4.5)) ** 2
    shown = values[:, :, chosen]
    for panel, unit in zip(panels, chosen, strict=False):
        own = values[:, :, unit]
        low, high = _limits(shown if scale == "common" else own)
        image = panel.imshow(
            own, extent=plane.extent, origin="lower", aspect="auto", interpolation="nearest",
            cmap=SIGNED if low < 0 else "Blues", vmin=low, vmax=high,
        )  # fmt: skip
        if groups is not None:
            scatter_classes(panel, plane.points, groups, np.arange(len(_INKS)), _INKS, dot)
        _name(panel, unit, len(chosen))
    for panel in panels[len(chosen) :]:
        panel.set_visible(False)
    _label(grid, plane.names, len(chosen))
    if scale == "common":
        used = list(panels[: len(chosen)])
        used[0].figure.colorbar(image, ax=list(panels), label="activation", pad=0.02)
    left, right, bottom, top = plane.extent
    panels[0].set(xlim=(left, right), ylim=(bottom, top))
    return panels[: len(chosen)]


_INKS = ("#111111", "#e6b800", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f5f00", "#808080")


def _chosen(units: Sequence[int] | None, n_units: int) -> list[int]:
    chosen = list(range(n_units)) if units is None else [int(unit) for unit in units]
    if not chosen:
        raise ValueError("units is empty; name at least one, such as units=[0]")
    if len(chosen) > _MOST:
        raise ValueError(f"{len(chosen)} units are more than {_MOST} pictures; choose some, such as units=range(20)")
    for unit in chosen:
        if not 0 <= unit < n_units:
            raise ValueError(f"units holds {unit}, which is no int from 0 to {n_units - 1}")
    return chosen


def _groups(y: np.ndarray) -> np.ndarray:
    """Return the place of each sample's class; of many numbers, whether it is above their median."""
    values, places = np.unique(y, return_inverse=True)
    if len(values) <= len(_INKS):
        return places.ravel()
    if y.dtype.kind not in "iuf":
        raise ValueError(f"y has {len(values)} classes, more than {len(_INKS)} that can be told apart; leave y out")
    return np.asarray(y > np.median(y), dtype=int)


def _limits(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if low < 0:
        reach = max(-low, high)
        return -reach, reach
    return 0.0, high or 1.0


def _name(panel: Axes, unit: int, n: int) -> None:
    if n <= _FEW:
        panel.set_title(f"unit {unit}", fontsize=9)
        return
    panel.text(
        0.04, 0.95, str(unit), transform=panel.transAxes, ha="left", va="top", fontsize=7, zorder=5,
        bbox={"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
    )  # fmt: skip


def _label(grid: np.ndarray, names: tuple[str, str], n: int) -> None:
    """Name the axes once; with many panels their numbers would take the room of the pictures."""
    n_rows, n_columns = grid.shape
    for panel in grid.ravel():
        panel.locator_params(nbins=3)
        panel.tick_params(labelsize=7)
        if n > _FEW:
            panel.tick_params(length=0, labelbottom=False, labelleft=False)
    in_last_row = n - (n_rows - 1) * n_columns
    grid[-1, min(n_columns // 2, in_last_row - 1)].set_xlabel(names[0])
    grid[n_rows // 2, 0].set_ylabel(names[1])
