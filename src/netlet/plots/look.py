"""What all pictures share: the Axes that they draw into, colours, spines and grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.errors import check_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f5f00", "#404040")
"""Colours that colour-blind people can tell apart too, beginning with those that differ most.

Okabe, Ito, "Color universal design", 2008, with brown for yellow, which is too pale for lines, and grey for black.
"""

MARKERS = "osD^vP*X"
PALE, DARK, MARK = "#b3c7d9", COLOURS[0], COLOURS[1]
QUIET, GRID = "#6a717a", "#e8ecf1"
SIGNED = "RdBu_r"
"""The colour map of numbers with a sign: blue below 0, white, red above. Its ends differ for the colour-blind too."""


def axes_of(ax: Axes | None) -> Axes:
    """Return the Axes to draw into: those given, or new ones in a figure of `matplotlib.pyplot`.

    Parameters
    ----------
    ax : Axes or None

    Raises
    ------
    TypeError
        If it is something else, such as a Figure or an array of Axes.
    """
    from matplotlib.axes import Axes

    if ax is None:
        from matplotlib import pyplot

        return pyplot.subplots(layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise TypeError(
            f"ax={type(ax).__name__} is no Axes of Matplotlib; give one, such as the second value of plt.subplots(), "
            "or None for a new figure"
        )
    return ax


def panels_of(ax: Axes | None, n_rows: int, n_columns: int, **options: Any) -> np.ndarray:
    """Divide Axes into a grid of smaller ones.

    Parameters
    ----------
    ax : Axes or None
        As for `axes_of`. They become invisible and give their place.
    n_rows, n_columns : int, >= 1
    **options
        As for `GridSpecBase.subplots`, such as `sharex`.

    Returns
    -------
    array of Axes, (n_rows, n_columns)
    """
    check_number("n_rows", n_rows, int, 1)
    check_number("n_columns", n_columns, int, 1)
    ax = axes_of(ax)
    ax.set_axis_off()
    figure, place = ax.figure, ax.get_subplotspec()
    if place is None:
        box = ax.get_position()
        grid: Any = figure.add_gridspec(n_rows, n_columns, left=box.x0, right=box.x1, bottom=box.y0, top=box.y1)
    else:
        grid = place.subgridspec(n_rows, n_columns)
    panels: np.ndarray = grid.subplots(squeeze=False, **options)
    return panels


def quiet(ax: Axes, grid: str | None = "y") -> Axes:
    """Leave of the frame what is needed, and put a pale grid behind.

    Parameters
    ----------
    ax : Axes
    grid : {"x", "y", "both"} or None

    Returns
    -------
    Axes
        The same.
    """
    ax.spines[["top", "right"]].set_visible(False)
    if grid is not None:
        ax.grid(axis=grid, color=GRID, linewidth=0.8)  # type: ignore[arg-type]
        ax.set_axisbelow(True)
    return ax


def inches_of(ax: Axes) -> tuple[float, float]:
    """Return the width and height of Axes as they are now, before a layout that is still to come."""
    box, dpi = ax.get_window_extent(), ax.figure.dpi
    return float(box.width / dpi), float(box.height / dpi)


def type_size(ax: Axes) -> float:
    """Return the size in points of legends and titles that leaves room for the picture in small Axes too."""
    return float(np.clip(3.4 * min(inches_of(ax)) + 1, 6.0, 10.0))


def colours_of(n: int) -> list[Any]:
    """Return n colours to tell kinds apart: `COLOURS`, or evenly spaced ones of a map where these do not suffice."""
    if n <= len(COLOURS):
        return list(COLOURS[:n])
    from matplotlib import colormaps

    return list(colormaps["turbo"](np.linspace(0.03, 0.97, n)))


def is_dark(colour: Any) -> bool:
    """Return whether white text is read better on a colour than black text.

    By the contrast of WCAG 2: (L1 + 0.05) / (L2 + 0.05) of the relative luminances.
    """
    from matplotlib.colors import to_rgb

    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05
