"""Pictures of networks and of their training: arrays in, Matplotlib's Axes out.

Every function takes ``ax=None`` and draws into a figure of its own, made by `matplotlib.pyplot`, or into the Axes that
it is given; it returns the Axes. None of them shows, saves or closes anything.
"""

from netlet.plots.curves import learning_curves
from netlet.plots.layer_values import histograms
from netlet.plots.paths import animate_paths, optimizer_paths
from netlet.plots.rates import range_test
from netlet.plots.surfaces import loss_surface

__all__ = [
    "animate_paths",
    "histograms",
    "learning_curves",
    "loss_surface",
    "optimizer_paths",
    "range_test",
]
