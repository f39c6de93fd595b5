"""A network of two dense layers with tanh between, its loss and gradient: NumPy alone, in float64."""

from __future__ import annotations

import numpy as np
from scipy import special


def split(theta, n_in, n_hidden, n_out):
    """Return weight and bias of both layers as views of theta."""
    sizes = [n_in * n_hidden, n_hidden, n_hidden * n_out, n_out]
    first_weight, first_bias, second_weight, second_bias = np.split(theta, np.cumsum(sizes)[:-1])
    return first_weight.reshape(n_in, n_hidden), first_bias, second_weight.reshape(n_hidden, n_out), second_bias


def gradient(theta, x, labels, n_hidden, n_classes, weights=None):
    """Return the mean cross-entropy and its gradient with respect to theta."""
    w1, b1, w2, b2 = split(theta, x.shape[1], n_hidden, n_classes)
    share = np.full(len(x), 1 / len(x)) if weights is None else weights / weights.sum()
    hidden = np.tanh(x @ w1 + b1)
    logits = hidden @ w2 + b2
    loss = -(share * special.log_softmax(logits, axis=1)[np.arange(len(x)), labels]).sum()
    dlogits = share[:, None] * (special.softmax(logits, axis=1) - np.eye(n_classes)[labels])
    dhidden = (dlogits @ w2.T) * (1 - hidden**2)
    parts = (x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dlogits, dlogits.sum(axis=0))
    return loss, np.concatenate([part.ravel() for part in parts])
