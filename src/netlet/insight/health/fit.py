"""How well the network fits: too well to hold for other samples, or not at all."""

from __future__ import annotations

import numpy as np

from netlet.insight.health.figures import Figures
from netlet.insight.health.finding import Finding

_RISE = 1.2  # times the lowest validation loss, and
_RISE_OF_BASELINE = 0.05  # so much of the loss of a constant: a loss next to nothing may double
_TRAINING_FELL = 0.9  # to that share since: else both got worse, and it is not overfitting
_LEAST_SINCE = 3  # epochs
_POOR = 0.65  # of the loss of the best constant; half is usual for what is half noise
_FLAT = 0.02  # by which the loss fell in the last third
_LEAST_EPOCHS = 5


def overfitting(figures: Figures) -> Finding | None:
    """Find a validation loss that rises while the training's falls, and when that began."""
    held, losses = np.array(figures.validation_losses), figures.losses
    if len(held) <= _LEAST_SINCE or figures.keeps_best:
        return None
    best = int(held.argmin())
    last = float(np.median(held[-_LEAST_SINCE:]))
    least = max(_RISE * held[best], held[best] + _RISE_OF_BASELINE * (figures.baseline or figures.start))
    if len(held) - 1 - best < _LEAST_SINCE or last < least or losses[-1] > _TRAINING_FELL * losses[best]:
        return None
    return Finding(
        "overfitting", None, best + 1,
        f"since epoch {best + 1} the validation loss rose from {held[best]:.3g} to {last:.3g}, while that of the "
        f"training fell from {losses[best]:.3g} to {losses[-1]:.3g}",
        f"The network has room to learn {figures.n_samples} samples by heart",
        "Stop there (patience=5), get more samples, or use dropout, l2 or a smaller network",
    )  # fmt: skip


def underfitting(figures: Figures) -> Finding | None:
    """Find a loss that has settled far from what the samples allow, as far as one can know."""
    left = figures.share_left
    if left is None or figures.has_only_begun:
        return None
    if len(figures.losses) < _LEAST_EPOCHS or left < _POOR or figures.fall(1 / 3) >= _FLAT:
        return None
    return Finding(
        "underfitting", None, len(figures.losses),
        f"the loss has settled at {figures.end:.3g}, {left:.0%} of that of the best constant prediction",
        "The network is too small for it, is held back by penalties, or the inputs do not say enough"
        if figures.has_hidden else "Without a hidden layer only straight lines can be drawn between answers",
        "Use more units or layers, less l2 and dropout, or inputs that say more",
    )  # fmt: skip
