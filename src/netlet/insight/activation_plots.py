"""Draw every activation beside its derivative, from the kernels that networks run."""

from __future__ import annotations

from os import PathLike

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from netlet.graph.activations import ACTIVATIONS, GELU, ParametricMish, ParametricSELU, Softmax
from netlet.graph.graph import graph_of
from netlet.graph.operations import initial_parameters, operations_of
from netlet.graph.program import N_SETTINGS
from netlet.graph.shaping import Input
from netlet.graph.specification import Layer
from netlet.kernels.compiling import prepare
from netlet.kernels.registry import layers as registry

_DTYPE = "float64"
_REACH, _N_POINTS = 4.0, 1601
_HEIGHTS = (-2.2, 4.2)
_COLUMNS = 5
_JUMP = 0.05  # from one point to the next: no continuous curve here is that steep
_FUNCTION_COLOUR, _DERIVATIVE_COLOUR = "#2a5d9f", "#f08a24"
_QUIET = "#b8bcc2"


def drawn_activations() -> dict[str, Layer]:
    """Return the activations that are drawn, by name.

    All but softmax, which is no function of one number, and the parametric ones, which begin as SELU and mish.
    """
    names: dict[str, Layer] = {}
    for name, kind in ACTIVATIONS.items():
        if kind not in (Softmax, ParametricSELU, ParametricMish) and kind() not in names.values():
            names[name] = kind()
        if kind is GELU:
            names["gelu_tanh"] = GELU(approximate=True)
    return names


def curve(layer: Layer, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Run an activation's kernels.

    Parameters
    ----------
    layer : Layer
        An activation of one number, as it is before any training.
    x : float64, (n,)

    Returns
    -------
    y, derivative : float64, (n,)
        The derivative is what the backward kernel makes of a gradient of ones.
    """
    operation = operations_of(graph_of([Input(1), layer]))[1]
    row = registry[operation.row]
    theta = initial_parameters((operation,), 0, _DTYPE)
    factors, settings = np.zeros(N_SETTINGS), np.zeros(N_SETTINGS, np.int64)
    factors[: len(operation.factors)] = operation.factors
    inputs = np.ascontiguousarray(x, dtype=_DTYPE).reshape(-1, 1)
    y, ones, derivative = np.empty_like(inputs), np.ones_like(inputs), np.empty_like(inputs)
    none, nothing = np.empty((len(inputs), 0)), np.empty(0)
    prepare(row.forward, _DTYPE)(inputs, none, theta, y, none, nothing, settings, factors, (0, 0, 0, 0, 0))
    prepare(row.backward_input, _DTYPE)(
        ones, inputs, none, theta, nothing, y, none, settings, factors, derivative, none.copy()
    )
    return y[:, 0], derivative[:, 0]


def plot_activations(path: str | PathLike[str]) -> None:
    """Draw each activation and its derivative on one page.

    Parameters
    ----------
    path : path
        Where the picture goes; its ending says the format, such as ``.png`` or ``.svg``.

    Raises
    ------
    ValueError
        If Matplotlib does not know the format.
    """
    activations = drawn_activations()
    n_rows = -(-len(activations) // _COLUMNS)
    figure = Figure(
        figsize=(2.1 * _COLUMNS, 1.95 * n_rows + 0.45), layout=ConstrainedLayoutEngine(wspace=0.12, hspace=0.04)
    )
    axes = figure.subplots(n_rows, _COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    x = np.linspace(-_REACH, _REACH, _N_POINTS)
    for panel, (name, layer) in zip(axes, activations.items(), strict=False):
        _draw(panel, name, x, *curve(layer, x))
    for panel in axes[len(activations) :]:
        panel.set_visible(False)
    lines = axes[0].get_lines()[-2:]
    figure.legend(
        handles=lines, labels=["activation", "derivative"], loc="outside upper center", ncols=2,
        frameon=False, fontsize=11,
    )  # fmt: skip
    figure.savefig(path, dpi=120, facecolor="white")


def _draw(panel: Axes, name: str, x: np.ndarray, y: np.ndarray, derivative: np.ndarray) -> None:
    """Fill one panel; the derivative is thinner and lies above, so that both are seen where they are equal."""
    panel.set(xlim=(-_REACH, _REACH), ylim=_HEIGHTS, xticks=(-3, 0, 3), yticks=(-2, 0, 2, 4))
    panel.axhline(0, color=_QUIET, linewidth=0.7, zorder=1)
    panel.axvline(0, color=_QUIET, linewidth=0.7, zorder=1)
    for values, colour, width in ((y, _FUNCTION_COLOUR, 2.8), (derivative, _DERIVATIVE_COLOUR, 1.3)):
        panel.plot(*_broken_at_jumps(x, values), color=colour, linewidth=width, solid_capstyle="round", zorder=2)
    panel.set_title(name, fontsize=11)
    panel.tick_params(length=0, labelsize=8.5, labelcolor="#555b63")
    for spine in panel.spines.values():
        spine.set_visible(False)


def _broken_at_jumps(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put a gap where a function jumps, so that no line is drawn across."""
    bounded = np.clip(y, *_HEIGHTS)
    jumps = np.flatnonzero(np.abs(np.diff(bounded)) > _JUMP) + 1
    return np.insert(x, jumps, np.nan), np.insert(y, jumps, np.nan)
