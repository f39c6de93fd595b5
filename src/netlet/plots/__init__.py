"""Pictures of networks and of their training: arrays in, Matplotlib's Axes out.

Every function takes ``ax=None`` and draws into a figure of its own, made by `matplotlib.pyplot`, or into the Axes that
it is given; it returns the Axes. None of them shows, saves or closes anything.
"""

from netlet.plots.boundary import decision_boundary
from netlet.plots.confusion import confusion_matrix
from netlet.plots.curves import learning_curves
from netlet.plots.diagram import network_diagram
from netlet.plots.health import health
from netlet.plots.images import weight_images
from netlet.plots.layer_values import histograms
from netlet.plots.paths import animate_paths, optimizer_paths
from netlet.plots.rates import range_test
from netlet.plots.spread import residuals
from netlet.plots.surfaces import loss_surface
from netlet.plots.units import hidden_units

__all__ = [
    "animate_paths",
    "confusion_matrix",
    "decision_boundary",
    "health",
    "hidden_units",
    "histograms",
    "learning_curves",
    "loss_surface",
    "network_diagram",
    "optimizer_paths",
    "range_test",
    "residuals",
    "weight_images",
]
