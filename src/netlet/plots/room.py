"""Room for text: sizes of type that fit, and numbers without a factor of ten in a corner."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH_OF_A_LETTER = 0.62  # of the size of type, on average
_LEAST, _MOST = 5.0, 10.0  # points


def width_of(ax: Axes) -> float:
    """Return the width of Axes in inches, before any layout."""
    return float(ax.get_window_extent().width / ax.figure.dpi)


def height_of(ax: Axes) -> float:
    """Return the height of Axes in inches, before any layout."""
    return float(ax.get_window_extent().height / ax.figure.dpi)


def inches_of(text: str, size: float) -> float:
    """Return about how long a text is."""
    return len(text) * _WIDTH_OF_A_LETTER * size / 72


def size_that_fits(text: str, inches: float, most: float = _MOST) -> float:
    """Return the size of type, in points, at which a text is no longer than so many inches, as far as it is legible."""
    return min(most, max(_LEAST, inches * 72 / (_WIDTH_OF_A_LETTER * max(1, len(text)))))


def name_axes(ax: Axes, x: str, y: str) -> None:
    """Name both axes, in type for which they have room."""
    ax.set_xlabel(x, fontsize=size_that_fits(x, 1.2 * width_of(ax)))
    ax.set_ylabel(y, fontsize=size_that_fits(y, height_of(ax)))


def plain_numbers(axis: Any, label: str, largest: float) -> str:
    """Let an axis show its numbers in units of a power of ten where they are very small or large.

    Parameters
    ----------
    axis : matplotlib Axis
    label : str
        What it shows.
    largest : float
        The largest number, but for its sign.

    Returns
    -------
    str
        The label, with the unit.
    """
    from matplotlib.ticker import FuncFormatter

    exponent = math.floor(math.log10(largest)) if largest > 0 and math.isfinite(largest) else 0
    if -3 < exponent < 5:
        return label
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 10.0**exponent:.3g}"))
    return f"{label} [1e{exponent}]"
