"""Contours of a surface, pale enough for paths to be seen on them, and the legend above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_N_LEVELS = 14
_LOW, _HIGH, _LINES = "#f7f9fb", "#8da9c4", "#ffffff"
_INCHES_OF_A_LETTER, _INCHES_OF_A_KEY = 0.08, 0.5  # of a legend's entries, at its size of type
_LEGEND_SIZE = 8.5


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


def draw_contours(ax: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, label: str, bar: bool = True) -> None:
    """Fill the levels of a surface, low ones palest, with a colour bar.

    Parameters
    ----------
    ax : Axes
    x : float64, (n,)
    y : float64, (m,)
    values : float64, (m, n)
    label : str
        What the values are, for the colour bar.
    bar : bool, default True
        Whether to put one beside.
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
        return
    count = 3 if height_of(ax) < 2 else 5
    ticks = levels[np.unique(np.linspace(0, len(levels) - 1, min(count, len(levels))).astype(int))]
    beside = ax.figure.colorbar(filled, ax=ax, ticks=ticks, spacing="uniform", label=label)
    beside.ax.set_yticklabels([f"{tick:.3g}" for tick in ticks])
    beside.ax.minorticks_off()
    beside.outline.set_visible(False)


def legend_above(ax: Axes) -> None:
    """Put the legend above the Axes, where it hides nothing, in as many columns as have room."""
    handles, labels = ax.get_legend_handles_labels()
    if not labels:
        return
    width = ax.get_window_extent().width / ax.figure.dpi
    longest = max(len(label) for label in labels) * _INCHES_OF_A_LETTER + _INCHES_OF_A_KEY
    n_columns = max(1, min(len(labels), int(width / longest)))
    ax.legend(
        handles, labels, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=n_columns,
        frameon=False, fontsize=_LEGEND_SIZE, columnspacing=1.2, handlelength=1.5, borderaxespad=0.3,
    )  # fmt: skip


def height_of(ax: Axes) -> float:
    """Return the height of Axes in inches, before any layout."""
    return float(ax.get_window_extent().height / ax.figure.dpi)


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
