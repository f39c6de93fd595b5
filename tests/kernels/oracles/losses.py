"""What every loss computes: from (logits, targets, factors by name) to each sample's loss and the gradient of the sum.

Where a loss has a kink, the oracle's derivative there is the middle of both sides, or what the kernel's file says.
"""

from __future__ import annotations

import numpy as np
from scipy import special


def _cross_entropy(z, t, factors):
    smoothing, n_classes = factors["label_smoothing"], z.shape[1]
    target = (1 - smoothing) * (np.arange(n_classes) == t) + smoothing / n_classes
    return -(target * special.log_softmax(z, axis=1)).sum(axis=1), special.softmax(z, axis=1) - target


def _sequence_cross_entropy(z, t, factors):
    """The mean over each sample's steps that have a label, each by the loss of one label."""
    losses, slopes = np.zeros(len(z)), np.zeros((*t.shape, z.shape[1] // t.shape[1]))
    for i, (logits, labels) in enumerate(zip(z.reshape(slopes.shape), t, strict=True)):
        labelled = np.flatnonzero(labels != factors["ignored"])
        if len(labelled):
            each, slope = _cross_entropy(logits[labelled], labels[labelled, None], factors)
            losses[i], slopes[i, labelled] = each.mean(), slope / len(labelled)
    return losses, slopes.reshape(z.shape)


def _detection(z, t, factors):
    """Cell by cell, as a sum of terms that are each written out; the object's slope is that of its closed form."""
    n_cells, focus, beta = t.shape[1] // 6, factors["focus"], factors["beta"]
    z, t = z.reshape(len(z), n_cells, z.shape[1] // n_cells), t.reshape(len(t), n_cells, 6)
    losses, slopes = np.zeros(len(z)), np.zeros(z.shape)
    for i, cell in np.ndindex(z.shape[:2]):
        logit, box, classes = z[i, cell, 0], z[i, cell, 1:5], z[i, cell, 5:]
        share = 1 / max(1, t[i, :, 0].sum())
        p, is_full = special.expit(logit), t[i, cell, 0] == 1
        weight = share * (1 if is_full else factors["empty_weight"])
        right, wrong, sign = (p, 1 - p, 1) if is_full else (1 - p, p, -1)
        logarithm = special.log_expit(sign * logit)
        losses[i] -= weight * wrong**focus * logarithm
        slopes[i, cell, 0] = weight * sign * wrong**focus * (focus * right * logarithm - wrong)
        if is_full:
            difference, own = box - t[i, cell, 1:5], share * factors["box_weight"]
            losses[i] += own * special.huber(beta, difference).sum() / beta
            slopes[i, cell, 1:5] = own * np.clip(difference / beta, -1, 1)
            each, slope = _cross_entropy(classes[None], t[i, cell, 5:][None], {"label_smoothing": 0})
            losses[i] += share * factors["label_weight"] * each[0]
            slopes[i, cell, 5:] = share * factors["label_weight"] * slope[0]
    return losses, slopes.reshape(len(z), n_cells * z.shape[2])


def _quantile(z, t, factors):
    n_quantiles = z.shape[1] // t.shape[1]
    shares = np.tile([factors[f"quantile_{place + 1}"] for place in range(n_quantiles)], t.shape[1])
    below = np.repeat(t, n_quantiles, axis=1) - z
    each = np.where(below >= 0, shares * below, (1 - shares) * -below)
    return each.mean(axis=1), np.select([below > 0, below < 0], [-shares, 1 - shares], 0.0) / z.shape[1]


def _perceptron(z, t, factors):
    wrong = np.where(z >= 0, 1.0, 0.0) != t
    return np.where(wrong, np.abs(z), 0).sum(axis=1), np.where(wrong, np.where(z >= 0, 1.0, -1.0), 0.0)


LOSSES = {
    "absolute_error": lambda z, t, factors: (np.abs(z - t).mean(axis=1), np.sign(z - t) / z.shape[1]),
    "binary_cross_entropy": lambda z, t, factors: (
        -(t * special.log_expit(z) + (1 - t) * special.log_expit(-z)).sum(axis=1),
        special.expit(z) - t,
    ),
    "cross_entropy": _cross_entropy,
    "detection": _detection,
    "hinge": lambda z, t, factors: (
        np.maximum(0, np.where(t == 1, 1 - z, 1 + z)).sum(axis=1),
        np.where(t == 1, -1.0 * (z < 1), 1.0 * (z > -1)),
    ),
    "huber": lambda z, t, factors: (
        special.huber(factors["delta"], z - t).mean(axis=1),
        np.clip(z - t, -factors["delta"], factors["delta"]) / z.shape[1],
    ),
    "log_cosh": lambda z, t, factors: (
        (np.logaddexp(z - t, t - z) - np.log(2)).mean(axis=1),
        np.tanh(z - t) / z.shape[1],
    ),
    "perceptron": _perceptron,
    "poisson": lambda z, t, factors: ((np.exp(z) - t * z).mean(axis=1), (np.exp(z) - t) / z.shape[1]),
    "quantile": _quantile,
    "sequence_cross_entropy": _sequence_cross_entropy,
    "squared_error": lambda z, t, factors: (((z - t) ** 2).mean(axis=1) / 2, (z - t) / z.shape[1]),
}
