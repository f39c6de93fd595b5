"""The figures of a training's health: each layer over the epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.plots.look import COLOURS, MARKERS, QUIET, panels_of, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_USUAL_UPDATE = 1e-3
_PANELS = (
    (("gradient",), "length of the gradient"),
    (("update",), "update / weight"),
    (("spread",), "spread of the values"),
    (("dead", "saturated"), "dead units, saturated values"),
)


def health(figures: Any, ax: Axes | None = None) -> np.ndarray:
    """Draw what was seen of each layer after each look: gradient, update ratio, spread, and what is idle.

    Parameters
    ----------
    figures : Figures
        Of `Health.figures`, or anything with `epochs` and `series`.
    ax : Axes, optional
        Divided into four; default: those of a new figure.

    Returns
    -------
    array of Axes, (2, 2)

    Raises
    ------
    TypeError
        If `ax` is no Axes.
    """
    panels = panels_of(ax, 2, 2, sharex=True)
    epochs = np.asarray(figures.epochs)
    series = {name: figures.series(name) for names, _ in _PANELS for name in names}
    layers = list(dict.fromkeys(layer for name in ("update", "dead", "saturated") for layer in series[name]))
    drawn: dict[str, Any] = {}
    for panel, (names, label) in zip(panels.flat, _PANELS, strict=True):
        quiet(panel)
        panel.set_ylabel(label)
        for place, layer in enumerate(layers):
            for values in (series[name][layer] for name in names if layer in series[name]):
                style = {"color": COLOURS[place % len(COLOURS)], "marker": MARKERS[place % len(MARKERS)]}
                known = ~np.isnan(values)
                (drawn[layer],) = panel.plot(epochs[known], values[known], markersize=4, linewidth=1.4, **style)
        if names in (("gradient",), ("update",)) and any((line.get_ydata() > 0).any() for line in panel.lines):
            panel.set_yscale("log")
    ratios = [_USUAL_UPDATE, *(value for each in series["update"].values() for value in each if value > 0)]
    panels[0, 1].set_ylim(min(ratios) / 10, max(ratios) * 10)
    panels[0, 1].axhline(_USUAL_UPDATE, color=QUIET, linewidth=1, linestyle=":")
    panels[1, 1].set_ylim(-0.03, 1.03)
    for panel in panels[1]:
        panel.set_xlabel("epoch")
    panels[0, 0].legend(
        drawn.values(), drawn.keys(), fontsize="x-small", frameon=False,
        loc="lower left", bbox_to_anchor=(0, 1), ncols=min(3, len(drawn)), borderaxespad=0.2, columnspacing=1,
    )  # fmt: skip
    return panels
