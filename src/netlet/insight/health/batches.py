"""A batch so small that steps are mostly noise, or so large that there are too few of them."""

from __future__ import annotations

import numpy as np

from netlet.insight.health.figures import Figures
from netlet.insight.health.finding import Finding

_SMALL = 4  # samples; the mean over more is seldom the trouble
_LEAST_EPOCHS = 6  # from which on up and down can be told from a fall
_RISES, _SWING = (
    0.3,
    0.03,
)  # the share of epochs with a higher loss, and how far it swings: more than a settled one does
_LEFT = 0.1  # of the loss of knowing nothing: where less is left, noise does no harm
_LARGE = 2  # steps in an epoch, or fewer
_FEW_STEPS = 200  # in all; networks take thousands
_STILL_FALLS, _STILL_HIGH = 0.02, 0.3  # in the last half; of the loss at the start


def too_small_batch(figures: Figures) -> Finding | None:
    """Find a loss that swings up and down, with very small batches."""
    losses = np.array(figures.losses[len(figures.losses) // 3 :])  # the beginning may fall all the same
    if figures.batch_size > _SMALL or figures.failed or len(figures.losses) < _LEAST_EPOCHS:
        return None
    changes = np.diff(losses) / np.maximum(losses[:-1], np.finfo(float).tiny)
    rises, swing = float((changes > 0).mean()), float(np.abs(changes).mean())
    if rises < _RISES or swing < _SWING or np.median(losses) < _LEFT * figures.scale:
        return None
    return Finding(
        "batch too small", None, len(figures.losses) - len(losses) + 1,
        f"with batch_size={figures.batch_size} the loss rises in {rises:.0%} of the epochs, and swings by {swing:.0%} "
        "from one to the next",
        "The gradient of so few samples is mostly chance, and the steps follow it",
        "Try batch_size=32, or a lower learning rate",
    )  # fmt: skip


def too_large_batch(figures: Figures) -> Finding | None:
    """Find a training that had too few steps, because each took nearly all samples."""
    n_steps = -(-figures.n_samples // figures.batch_size)
    total, fall = n_steps * len(figures.losses), figures.fall(0.5)
    if figures.learning_rate is None or n_steps > _LARGE or total >= _FEW_STEPS or figures.batch_size <= 32:
        return None
    if fall < _STILL_FALLS or figures.end < _STILL_HIGH * figures.start:
        return None
    return Finding(
        "batch too large", None, len(figures.losses),
        f"batch_size={figures.batch_size} of {figures.n_samples} samples gave {total} steps in all; the loss is still "
        f"{figures.end / figures.start:.0%} of that at the start, and fell by {fall:.0%} in the last half",
        "An epoch is hardly more than one step, and a step goes no further for having seen more samples",
        "Try batch_size=32, or many more epochs",
    )  # fmt: skip
