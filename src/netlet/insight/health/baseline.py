"""The loss of the best constant prediction: what a network has that learnt nothing from its inputs.

classes          -sum_k p_k log p_k          p the shares of the classes
yes or no        the same, for each output
squared error    that of the targets' mean
absolute error   that of their median
"""

from __future__ import annotations

import numpy as np

from netlet.training.losses import Loss
from netlet.training.prediction import mean_loss
from netlet.training.stepper import Samples

_LEAST = 1e-12  # a share, so that its logarithm is finite


def baseline_of(loss: Loss, n_outputs: int, samples: Samples) -> tuple[float | None, float]:
    """Return the loss of the best constant prediction, and the spread of the targets.

    Parameters
    ----------
    loss : Loss
    n_outputs : int
        Of what the loss reads.
    samples : Samples

    Returns
    -------
    baseline : float or None
        None for losses for which it is not known.
    spread : float
        Standard deviation of targets that are numbers; 1 for classes.
    """
    targets, name = samples.y.astype(np.float64), loss.row.name
    weights = samples.weights.astype(np.float64) if samples.weights.size else np.ones(len(targets))
    spread = 1.0
    if name == "cross_entropy":
        counts = np.bincount(targets[:, 0].astype(np.int64), weights, n_outputs)
        constant = np.log(np.maximum(counts / counts.sum(), _LEAST))
    elif name == "binary_cross_entropy":
        share = np.clip(np.average(targets, axis=0, weights=weights), _LEAST, 1 - _LEAST)
        constant = np.log(share / (1 - share))
    elif name in ("squared_error", "absolute_error", "huber", "log_cosh"):
        spread = float(targets.std(axis=0).max())
        middle = np.median(targets, axis=0)
        constant = np.average(targets, axis=0, weights=weights) if name == "squared_error" else middle
    else:
        return None, spread
    logits = np.ascontiguousarray(np.broadcast_to(constant, (len(targets), n_outputs)), dtype=samples.x.dtype)
    return mean_loss(loss, logits, samples.y, samples.weights), spread
