"""The weights of a first layer as pictures: what each unit looks for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.errors import check_number
from netlet.plots.checks import matrix_of, names_of
from netlet.plots.look import SIGNED, axes_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TITLE = 0.3  # of a picture's height, for a name above it


def weight_images(
    weights: Any,
    shape: Sequence[int],
    ax: Axes | None = None,
    *,
    names: Sequence[str] | None = None,
    columns: int | None = None,
) -> Axes:
    """Draw the weights of each unit as a picture, row by row.

    Grey pictures are drawn in blue below 0 and red above, with one symmetric scale for all units and a bar. Pictures of
    three channels are drawn in colour: middle grey is 0, and a channel is fully on at the largest weight of all.
    Kernels of any other number of channels give a picture for each unit and channel: a column for each unit.

    Parameters
    ----------
    weights : array-like, (n_inputs, n_units)
        As a network has it: ``network.parameters["dense_1.weight"]``, or a convolution's, whose rows are the places
        under the window by height, width and channel.
    shape : (height, width) or (height, width, channels)
        Of the inputs of one unit.
    ax : Axes, optional
    names : sequence of str, (n_units,), optional
        Written above the pictures.
    columns : int, >= 1, optional
        Pictures in a row; default: as many as make it nearly square. Not for kernels whose columns are the units.

    Returns
    -------
    Axes
        The pictures are one image, with gaps of a white pixel or more.

    Raises
    ------
    ValueError, TypeError
        If shapes do not fit, or the weights are empty or not finite.
    """
    matrix = matrix_of("weights", weights).astype(float)
    height, width, channels = _shape_of(shape, len(matrix))
    check_number("columns", columns, int, 1, optional=True)
    n_units = matrix.shape[1]
    tiles = matrix.T.reshape(n_units, height, width, channels)
    texts = None if names is None else names_of("names", names, n_units, str)
    largest = float(np.abs(tiles).max()) or 1.0
    if channels == 3:
        tiles = 0.5 + tiles / (2 * largest)
    elif channels > 1:
        if columns not in (None, n_units):
            raise ValueError(f"columns={columns!r} for {channels} channels, where each unit is a column; leave it out")
        tiles = tiles.transpose(3, 0, 1, 2).reshape(channels * n_units, height, width, 1)
        columns = n_units
    columns = min(len(tiles), columns or math.ceil(math.sqrt(len(tiles) * height / width)))
    montage, corners = _montage(tiles, columns, texts is not None)
    ax = axes_of(ax)
    if channels == 3:
        ax.imshow(montage, interpolation="nearest")
    else:
        image = ax.imshow(montage[:, :, 0], cmap=SIGNED, vmin=-largest, vmax=largest, interpolation="nearest")
        ax.figure.colorbar(image, ax=ax, label="weight", shrink=0.9)
    for (row, column), text in zip(corners, texts or (), strict=False):
        ax.text(column + width / 2 - 0.5, row - 0.6, text, ha="center", va="bottom", fontsize=7)
    ax.set(xticks=(), yticks=())
    ax.spines[:].set_visible(False)
    return ax


def _shape_of(shape: Any, n_inputs: int) -> tuple[int, int, int]:
    sizes = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    if len(sizes) not in (2, 3) or not all(isinstance(each, (int, np.integer)) and each > 0 for each in sizes):
        raise ValueError(f"shape={shape!r} is not (height, width) or (height, width, channels), ints above 0")
    if math.prod(sizes) != n_inputs:
        raise ValueError(
            f"shape={tuple(sizes)} has {math.prod(sizes)} numbers, the weights have {n_inputs} rows; give the shape of "
            "one picture"
        )
    height, width = int(sizes[0]), int(sizes[1])
    return height, width, int(sizes[2]) if len(sizes) == 3 else 1


def _montage(tiles: np.ndarray, columns: int, named: bool) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Lay pictures side by side; return the whole and where each begins. Gaps are NaN, of colour pictures white."""
    n, height, width, channels = tiles.shape
    rows = -(-n // columns)
    gap = max(1, round(max(height, width) / 16))
    above = gap + (math.ceil(_TITLE * height) if named else 0)
    whole = np.full(
        (rows * (height + above) - (0 if named else above), columns * (width + gap) - gap, channels), np.nan
    )
    if channels == 3:
        whole[:] = 1.0
    corners = []
    for number, tile in enumerate(tiles):
        row = number // columns * (height + above) + (above if named else 0)
        column = number % columns * (width + gap)
        whole[row : row + height, column : column + width] = tile
        corners.append((row, column))
    return whole, corners
