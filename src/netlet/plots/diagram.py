"""A network's drawing: units as circles, weights as lines as wide as the weights are large."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.errors import check_number
from netlet.plots.checks import matrix_of, names_of
from netlet.plots.look import QUIET, SIGNED, axes_of, inches_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POSITIVE, NEGATIVE = "#b2182b", "#2166ac"
_WIDEST = 4.0  # points, of the largest weight
_LEAST_SHOWN = 3


def network_diagram(
    weights: Sequence[Any],
    biases: Sequence[Any] | None = None,
    ax: Axes | None = None,
    *,
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    layers: Sequence[str] | None = None,
    max_units: int = 12,
) -> Axes:
    """Draw a network of dense layers: the wider a line the larger the weight, red above 0 and blue below.

    Parameters
    ----------
    weights : sequence of array-like, (n_in, n_out)
        Layer by layer; each has as many rows as the one before has columns.
    biases : sequence of array-like, (n_out,), or None
        Where given, they colour the circles: red above 0, blue below, the deeper the larger. A layer without biases
        has None.
    ax : Axes, optional
    inputs : sequence of str, (n_inputs,), optional
        Written at the left.
    outputs : sequence of str, (n_outputs,), optional
        Written at the right.
    layers : sequence of str, (n_layers + 1,), optional
        Names of the columns of circles, beginning with the input's.
    max_units : int, >= 3, default 12
        A layer of more units shows so many, the first and the last, with dots between.

    Returns
    -------
    Axes
        With a collection of lines for each weight matrix, then one of circles for each layer.

    Raises
    ------
    ValueError, TypeError
        If shapes do not fit, or an array is empty or not finite.
    """
    matrices = _matrices(weights)
    check_number("max_units", max_units, int, _LEAST_SHOWN)
    sizes = [len(matrices[0]), *(matrix.shape[1] for matrix in matrices)]
    offsets = _biases(biases, sizes)
    ends = {0: None if inputs is None else names_of("inputs", inputs, sizes[0], str)}
    ends[len(matrices)] = None if outputs is None else names_of("outputs", outputs, sizes[-1], str)
    titles = names_of("layers", layers, len(sizes), lambda _: "")
    shown = [_shown(size, max_units) for size in sizes]
    heights = [_heights(len(places), len(places) < size) for places, size in zip(shown, sizes, strict=True)]
    ax = axes_of(ax)
    tallest = max(np.ptp(column) for column in heights) + 1
    diameter = _diameter(ax, tallest)
    largest = max(float(np.abs(matrix).max()) for matrix in matrices) or 1.0
    for number, matrix in enumerate(matrices):
        _connect(ax, number, matrix[np.ix_(shown[number], shown[number + 1])], heights, largest, diameter)
    reach = max((float(np.abs(each).max()) for each in offsets if each is not None), default=0.0) or 1.0
    title_size = float(np.clip(72 * inches_of(ax)[0] / len(sizes) / 7, 5.0, 10.0))
    for number, column in enumerate(heights):
        own = offsets[number]
        colours = "white" if own is None else _tint(own[shown[number]] / reach)
        ax.scatter(
            np.full(len(column), number),
            column,
            s=diameter**2,
            c=colours,
            edgecolors="#333333",
            linewidths=1.0,
            zorder=3,
            clip_on=False,
        )
        if len(column) < sizes[number]:
            below = len(column) - len(column) // 2
            middle = (column[below - 1] + column[below]) / 2
            ax.scatter([number] * 3, middle + np.array([-0.3, 0, 0.3]), s=max(2.0, diameter / 4), c="#333333", zorder=3)
        _write(ax, number, column, shown[number], ends.get(number), diameter, at_left=number == 0)
        title = titles[number] + ("\n" if titles[number] else "") + _counted(sizes, number)
        ax.annotate(
            title, (number, tallest / 2), xytext=(0, diameter / 2), textcoords="offset points", ha="center",
            va="bottom", fontsize=title_size, color=QUIET, annotation_clip=False,
        )  # fmt: skip
    _finish(ax, len(sizes), tallest, largest)
    return ax


def _counted(sizes: list[int], number: int) -> str:
    kind = "input" if number == 0 else "output" if number == len(sizes) - 1 else "unit"
    return f"{sizes[number]} {kind}{'s' if sizes[number] > 1 else ''}"


def _matrices(weights: Sequence[Any]) -> list[np.ndarray]:
    matrices = [matrix_of(f"weights[{number}]", each).astype(float) for number, each in enumerate(weights)]
    if not matrices:
        raise ValueError("weights is empty; give at least one matrix, (n_in, n_out)")
    for number, (before, after) in enumerate(pairwise(matrices)):
        if before.shape[1] != len(after):
            raise ValueError(
                f"weights[{number}] has the shape {before.shape}, weights[{number + 1}] {after.shape}; the rows of "
                "each are the columns of the one before"
            )
    return matrices


def _biases(biases: Sequence[Any] | None, sizes: list[int]) -> list[np.ndarray | None]:
    """Return the biases of each column of circles; the input has none."""
    if biases is None:
        return [None] * len(sizes)
    if len(biases) != len(sizes) - 1:
        raise ValueError(f"biases holds {len(biases)} arrays for {len(sizes) - 1} layers; give one for each, or None")
    found: list[np.ndarray | None] = [None]
    for number, (each, size) in enumerate(zip(biases, sizes[1:], strict=True)):
        own = None if each is None else np.asarray(each, dtype=float)
        if own is not None and (own.shape != (size,) or not np.isfinite(own).all()):
            raise ValueError(f"biases[{number}] has the shape {own.shape}, not {(size,)}, or is not finite")
        found.append(own)
    return found


def _shown(size: int, most: int) -> np.ndarray:
    if size <= most:
        return np.arange(size)
    last = most // 2
    return np.concatenate([np.arange(most - last), np.arange(size - last, size)])


def _heights(n: int, abbreviated: bool) -> np.ndarray:
    """Return where circles stand, around 0, the first at the top; with a gap of one for dots."""
    steps = np.arange(n, dtype=float)
    if abbreviated:
        steps[n - n // 2 :] += 1
    return np.asarray(steps[-1] / 2 - steps)


def _diameter(ax: Axes, tallest: float) -> float:
    height = 72 * inches_of(ax)[1]
    return float(np.clip(0.6 * height / (tallest + 1), 3.0, 22.0))


def _connect(
    ax: Axes, number: int, matrix: np.ndarray, heights: list[np.ndarray], largest: float, diameter: float
) -> None:
    from matplotlib.collections import LineCollection

    begin, end = np.broadcast_arrays(heights[number][:, None], heights[number + 1][None, :])
    lines = np.empty((matrix.size, 2, 2))
    lines[:, 0, 0], lines[:, 1, 0] = number, number + 1
    lines[:, 0, 1], lines[:, 1, 1] = begin.ravel(), end.ravel()
    flat = matrix.ravel()
    strength = np.abs(flat) / largest
    widest = min(_WIDEST, 0.4 * diameter)
    colours = [POSITIVE if weight > 0 else NEGATIVE for weight in flat]
    # A faint line beneath a strong one: drawn in the order of their strength.
    order = np.argsort(strength, kind="stable")
    ax.add_collection(
        LineCollection(
            list(lines[order]), linewidths=widest * strength[order], colors=[colours[place] for place in order],
            alpha=0.75, zorder=1, capstyle="butt",
        )
    )  # fmt: skip


def _tint(values: np.ndarray) -> np.ndarray:
    from matplotlib import colormaps

    return np.asarray(colormaps[SIGNED](0.5 + 0.42 * values))  # not to the ends, which are as dark as the outline


def _write(
    ax: Axes, number: int, column: np.ndarray, places: np.ndarray, texts: list[str] | None, diameter: float,
    at_left: bool,
) -> None:  # fmt: skip
    if texts is None:
        return
    away = diameter / 2 + 4
    for height, place in zip(column, places, strict=True):
        ax.annotate(
            texts[place], (number, height), xytext=(-away if at_left else away, 0), textcoords="offset points",
            ha="right" if at_left else "left", va="center", fontsize=float(np.clip(0.9 * diameter, 5.0, 10.0)),
            annotation_clip=False,
        )  # fmt: skip


def _finish(ax: Axes, n_columns: int, tallest: float, largest: float) -> None:
    from matplotlib.lines import Line2D

    ax.set(xlim=(-0.15, n_columns - 0.85), ylim=(-tallest / 2, tallest / 2))
    ax.set_axis_off()
    size = float(np.clip(72 * inches_of(ax)[0] / 32, 5.0, 9.0))
    handles = [Line2D([], [], color=colour, linewidth=_WIDEST * 0.7) for colour in (NEGATIVE, POSITIVE)]
    ax.legend(
        handles, ["weight below 0", f"above 0; the widest is {largest:.2g}"], loc="upper center",
        bbox_to_anchor=(0.5, 0.0), ncols=2, frameon=False, fontsize=size, handlelength=1.2, columnspacing=1.0,
    )  # fmt: skip
