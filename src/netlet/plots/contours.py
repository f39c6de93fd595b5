"""Contours of a surface, pale enough for paths to be seen on them, and the paths with their legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.plots.room import width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_N_LEVELS, _N_TICKS = 14, 5
_LOW, _HIGH, _LINES = "#f7f9fb", "#8da9c4", "#ffffff"
_NARROW = 3.4  # inches
_CORNER = 0.4  # of the width and height of Axes


def levels_of(values: np.ndarray) -> np.ndarray:
    """Return the levels of contours that lie about as far apart near a minimum as away from it.

    The k-th of n encloses the lowest ``(k / n)**2`` of the area: about evenly spaced ellipses for a quadratic bowl,
    whatever the scale of the values.

    Parameters
    ----------
    values : float64, (n, m)
        Those that are not finite are left out.

    Returns
    -------
    float64, (n_levels,)
        Ascending, at least two.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.array([0.0, 1.0])
    levels = np.unique(np.quantile(finite, np.linspace(0, 1, _N_LEVELS + 1) ** 2))
    if len(levels) < 2:
        levels = levels[0] + np.array([-0.5, 0.5]) * max(abs(levels[0]), 1.0)
    return levels


def draw_contours(ax: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, label: str, bar: bool = True) -> bool:
    """Fill the levels of a surface, low ones palest, with a colour bar where there is room.

    Parameters
    ----------
    ax : Axes
    x : float64, (n,)
    y : float64, (m,)
    values : float64, (m, n)
    label : str
        What the values are, for the colour bar.
    bar : bool, default True
        Whether to say at all which is low.

    Returns
    -------
    bool
        Whether a legend is to stand beside the Axes, as there is no colour bar.
    """
    from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap

    levels = levels_of(values)
    shades = LinearSegmentedColormap.from_list("bowl", [_LOW, _HIGH], N=256)
    norm = BoundaryNorm(levels, 256)
    masked = np.ma.masked_invalid(values)
    filled = ax.contourf(x, y, masked, levels=levels, cmap=shades, norm=norm)
    if len(levels) > 2:
        ax.contour(x, y, masked, levels=levels[1:-1], colors=_LINES, linewidths=0.7)
    ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    if not bar:
        return False
    if width_of(ax) < _NARROW:
        ax.fill(np.nan, np.nan, color=_LOW, ec=_HIGH, label=f"paler:\nlower {label}")
        return True
    ticks = levels[np.unique(np.linspace(0, len(levels) - 1, min(_N_TICKS, len(levels))).astype(int))]
    colours = ax.figure.colorbar(filled, ax=ax, ticks=ticks, spacing="uniform", label=label)
    colours.ax.set_yticklabels([f"{tick:.3g}" for tick in ticks])
    colours.ax.minorticks_off()
    colours.outline.set_visible(False)
    return False


def add_legend(ax: Axes, paths: dict[str, np.ndarray], beside: bool) -> None:
    """Put the legend beside the Axes, or into the corner through which the fewest points of paths go."""
    handles, labels = ax.get_legend_handles_labels()
    if not labels:
        return
    place: dict[str, Any] = {"loc": corners_of(ax, paths)[0], "framealpha": 0.85, "edgecolor": "none", "fontsize": 9}
    if beside:
        place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "frameon": False, "fontsize": 7, "borderpad": 0}
    ax.legend(handles, labels, handlelength=1.4, handletextpad=0.5, labelspacing=0.35, **place)


def corners_of(ax: Axes, paths: dict[str, np.ndarray]) -> list[str]:
    """Return the corners of Axes, that through which the fewest points of paths go first."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    points = np.vstack([np.empty((0, 2)), *(ends_of(path) for path in paths.values())])
    x, y = (points[:, 0] - left) / (right - left), (points[:, 1] - low) / (high - low)
    across = {"right": (x > 1 - _CORNER) & (x < 1), "left": (x > 0) & (x < _CORNER)}
    upwards = {"upper": (y > 1 - _CORNER) & (y < 1), "lower": (y > 0) & (y < _CORNER)}
    counts = {f"{v} {h}": int((within & beside).sum()) for v, within in upwards.items() for h, beside in across.items()}
    return sorted(counts, key=lambda corner: counts[corner])


def lines_of_paths(ax: Axes, paths: dict[str, np.ndarray], colours: list[Any]) -> list[Any]:
    """Draw paths over contours, each with a mark where it ends; return the lines and marks."""
    drawn = []
    for (name, path), colour in zip(paths.items(), colours, strict=True):
        drawn.append(line_of(ax, path, colour, name))
    return drawn


def line_of(ax: Axes, path: np.ndarray, colour: Any, label: str) -> tuple[Any, Any]:
    """Draw one path, (n, 2), with its points where they are few; return the line and the mark of its end."""
    few = len(path) <= 60
    (line,) = ax.plot(
        path[:, 0], path[:, 1], color=colour, linewidth=1.6, marker="o" if few else "", markersize=2.5, label=label
    )
    last = ends_of(path)[-1:]
    (head,) = ax.plot(last[:, 0], last[:, 1], "o", color=colour, markersize=6, markeredgecolor="white", zorder=4)
    return line, head


def ends_of(path: np.ndarray) -> np.ndarray:
    """Return the points of a path that are finite."""
    finite: np.ndarray = path[np.isfinite(path).all(axis=1)]
    return finite
