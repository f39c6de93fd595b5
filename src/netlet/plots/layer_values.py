"""Histograms of layers over the epochs, as heat maps or as ridges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from netlet.errors import unknown_name
from netlet.plots.look import DARK, PALE, axes_of, panels_of, quiet
from netlet.plots.room import height_of, plain_numbers, size_that_fits, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KINDS = {"activations": "activation", "gradients": "gradient"}
_STYLES = ("heat map", "ridges")
_TAIL = 0.005  # the share of an epoch's values that may lie beyond what is shown, at either end
_BINS = 60  # of a heat map
_MOST_RIDGES, _INCHES_OF_A_RIDGE = 9, 0.3
_CONTRAST = 300.0  # of a heat map's largest share to the palest
_SMALL, _SMALL_TYPE = 0.9, 7.0  # panels of fewer inches have numbers of so many points
_STEPS = (1, 2, 5, 10)  # from one number of an axis to the next
_OVERLAP = 1.7  # the height of a ridge, in distances from one to the next


def histograms(
    recording: Any,
    ax: Axes | None = None,
    *,
    of: Literal["activations", "gradients"] = "activations",
    layer: str | Sequence[str] | None = None,
    style: Literal["heat map", "ridges"] = "heat map",
) -> Any:
    """Draw the histograms of what layers give, or of its gradients, over the epochs.

    Parameters
    ----------
    recording : Histograms
        With `epochs`, (n_epochs,), and `activations` and `gradients`, which hold by the layer's name `counts`,
        (n_epochs, bins), and `edges`, (n_epochs, bins + 1).
    ax : Axes, optional
    of : {"activations", "gradients"}
    layer : str or sequence of str, optional
        A layer's name; of several, or of all layers, which is the default, each has a panel.
    style : {"heat map", "ridges"}
        "heat map": the darker, the larger the share of the epoch's values. "ridges": a curve for each of some epochs,
        one above the other, each as high as its own largest bin.

    Returns
    -------
    Axes, or array of Axes, (n_layers,)
        An array unless `layer` is one name; the Axes given are then divided.

    Raises
    ------
    TypeError
        If `recording` or `ax` is something else.
    ValueError
        If nothing was recorded, or a name is unknown.

    Notes
    -----
    Epochs have bins of their own. A heat map spreads the values of each of them evenly over it, on one grid for all
    epochs. Values beyond half a percent at either end of every epoch are not shown.
    """
    if of not in _KINDS:
        raise ValueError(unknown_name("of", of, _KINDS))
    if style not in _STYLES:
        raise ValueError(unknown_name("style", style, _STYLES))
    missing = [name for name in ("epochs", of) if not hasattr(recording, name)]
    if missing:
        raise TypeError(
            f"recording={type(recording).__name__} has no {', '.join(missing)}; give a Histograms that was a callback "
            "of a training"
        )
    epochs, found = np.asarray(recording.epochs), getattr(recording, of)
    if not len(epochs) or not found:
        raise ValueError("recording holds nothing; give it to fit first: callbacks=[recording]")
    names = list(found) if layer is None else [layer] if isinstance(layer, str) else list(layer)
    for name in names:
        if name not in found:
            raise ValueError(unknown_name("layer", name, found, f"whose {of} were recorded"))
    if not names:
        raise ValueError("layer is empty; name at least one, or None for all")
    single = isinstance(layer, str)
    panels = np.array([axes_of(ax)]) if single else _divided(ax, len(names))
    labels = [f"{_KINDS[of]} of {name}" if single else name for name in names]
    chosen = [found[name] for name in names]
    if style == "heat map":
        _heat_maps(panels, epochs, chosen, labels, of)
    else:
        _ridges(panels, epochs, chosen, labels)
    return panels[0] if single else panels


def _divided(ax: Axes | None, n: int) -> np.ndarray:
    n_columns = _columns(n)
    grid = panels_of(ax, -(-n // n_columns), n_columns)
    for empty in grid.ravel()[n:]:
        empty.set_axis_off()
    return np.asarray(grid.ravel()[:n])


def _columns(n_panels: int) -> int:
    return 1 if n_panels <= 3 else 2 if n_panels <= 8 else 3


def _heat_maps(panels: np.ndarray, epochs: np.ndarray, chosen: list[Any], labels: list[str], of: str) -> None:
    from matplotlib.colors import LogNorm

    borders = _borders(epochs)
    grids = [np.linspace(*_limits(each), _BINS + 1) for each in chosen]
    shares = [_shares(each, grid) for each, grid in zip(chosen, grids, strict=True)]
    # A unit that is dead puts so much into one bin that beside it, without the logarithm, little else would be seen.
    most = max(float(share.max()) for share in shares) or 1.0
    norm = LogNorm(most / _CONTRAST, most, clip=True)
    n_columns = _columns(len(panels))
    for place, (panel, share, grid, label) in enumerate(zip(panels, shares, grids, labels, strict=True)):
        height = height_of(panel)
        mesh = panel.pcolormesh(borders, grid, np.ma.masked_equal(share.T, 0), cmap="Blues", norm=norm)
        text = plain_numbers(panel.yaxis, label, float(np.abs(grid[[0, -1]]).max()))
        panel.set_ylabel(text, fontsize=size_that_fits(text, height))
        _sparse(panel, panel.yaxis, height)
        _whole(panel.xaxis, width_of(panel), len(epochs))
        is_lowest = place + n_columns >= len(panels)
        panel.set_xlabel("epoch" if is_lowest else "")
        panel.tick_params(labelbottom=is_lowest)
    bar = panels[0].figure.colorbar(mesh, ax=panels.tolist(), label=f"share of the {of}")
    bar.outline.set_visible(False)
    bar.ax.minorticks_off()


def _ridges(panels: np.ndarray, epochs: np.ndarray, chosen: list[Any], labels: list[str]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("epochs", [PALE, DARK])
    n_columns = _columns(len(panels))
    for place, (panel, each, label) in enumerate(zip(panels, chosen, labels, strict=True)):
        width, limits = width_of(panel), _limits(each)
        # Of several panels each has its own numbers below, which take a part of the height.
        height = height_of(panel) * (0.55 if len(panels) > n_columns else 1.0)
        count = min(len(epochs), max(2, min(_MOST_RIDGES, int(height / _INCHES_OF_A_RIDGE))))
        rows = np.unique(np.linspace(0, len(epochs) - 1, count).astype(int))
        for level in range(len(rows) - 1, -1, -1):  # the nearer ones hide those behind
            counts, edges = each.counts[rows[level]], each.edges[rows[level]]
            top = counts / max(1, counts.max()) * _OVERLAP
            colour = shades(level / max(1, len(rows) - 1))
            panel.stairs(
                level + top, edges, baseline=level, fill=True, facecolor=(*colour[:3], 0.75), edgecolor="white",
                linewidth=0.7, zorder=2 + len(rows) - level,
            )  # fmt: skip
        panel.set(xlim=limits, ylim=(-0.15, len(rows) - 1 + _OVERLAP + 0.1))
        panel.set_yticks(np.arange(len(rows)), [str(epoch) for epoch in epochs[rows]])
        text = plain_numbers(panel.xaxis, label, float(np.abs(limits).max()))
        panel.set_xlabel(text, fontsize=size_that_fits(text, width))
        panel.set_ylabel("epoch" if place % n_columns == 0 else "", fontsize=size_that_fits("epoch", height))
        _sparse(panel, panel.xaxis, 0.7 * width)
        panel.tick_params(axis="y", labelsize=min(10.0, 72 * 0.6 * height / len(rows)))
        quiet(panel, grid=None)


def _sparse(panel: Axes, axis: Any, inches: float) -> None:
    """Give an axis no more ticks than have room, in smaller type where there is little."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=max(2, min(7, int(inches / 0.3))), steps=_STEPS, min_n_ticks=2))
    if inches < _SMALL:
        panel.tick_params(labelsize=_SMALL_TYPE)


def _whole(axis: Any, inches: float, n_epochs: int) -> None:
    """Give an axis whole numbers, as many as have room."""
    from matplotlib.ticker import MaxNLocator

    n_ticks = max(2, min(10, int(inches / 0.4)))
    axis.set_major_locator(MaxNLocator(n_ticks, integer=True, min_n_ticks=min(2, n_epochs), steps=_STEPS))


def _borders(epochs: np.ndarray) -> np.ndarray:
    """Return where an epoch's column begins and ends: half way to its neighbours."""
    if len(epochs) == 1:
        return np.array([epochs[0] - 0.5, epochs[0] + 0.5])
    between = (epochs[1:] + epochs[:-1]) / 2
    return np.concatenate([[2 * epochs[0] - between[0]], between, [2 * epochs[-1] - between[-1]]])


def _limits(layer: Any) -> tuple[float, float]:
    """Return the interval that holds nearly all values of each epoch."""
    low, high = np.inf, -np.inf
    for counts, edges in zip(layer.counts, layer.edges, strict=True):
        total = counts.sum()
        if total:
            places = np.interp([_TAIL, 1 - _TAIL], np.concatenate([[0], np.cumsum(counts)]) / total, edges)
            low, high = min(low, places[0]), max(high, places[1])
    if not low < high:
        return (-0.5, 0.5) if not np.isfinite(low) else (low - 0.5, low + 0.5)
    room = 0.05 * (high - low)
    return float(low - room), float(high + room)


def _shares(layer: Any, grid: np.ndarray) -> np.ndarray:
    """Return the share of each epoch's values in each bin of a grid: (n_epochs, n_bins)."""
    shares = np.zeros((len(layer.counts), len(grid) - 1))
    for row, (counts, edges) in enumerate(zip(layer.counts, layer.edges, strict=True)):
        if counts.sum():
            shares[row] = np.diff(np.interp(grid, edges, np.concatenate([[0], np.cumsum(counts)]))) / counts.sum()
    return shares
