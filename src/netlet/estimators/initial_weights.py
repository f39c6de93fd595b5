"""Scikit-learn's initial weights, number for number: the same `random_state` begins the same training in both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def fill_like_sklearn(
    weights: Sequence[np.ndarray],
    biases: Sequence[np.ndarray],
    activations: Sequence[str],
    random: np.random.RandomState,
) -> None:
    """Draw weights and biases from U(-a, a) with a = sqrt(6 / (n_in + n_out)), for the logistic function sqrt(2 / ...).

    Parameters
    ----------
    weights : sequence of arrays, (n_in, n_out)
        Filled in place, layer by layer: each weight, then its bias.
    biases : sequence of arrays, (n_out,)
    activations : sequence of str
        The kernel's name of the activation that follows each layer; scikit-learn lets the last hidden one count for the
        output layer too.
    random : RandomState

    References
    ----------
    Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
    """
    for weight, bias, activation in zip(weights, biases, activations, strict=True):
        bound = np.sqrt((2.0 if activation == "sigmoid" else 6.0) / sum(weight.shape))
        weight[:] = random.uniform(-bound, bound, weight.shape)
        bias[:] = random.uniform(-bound, bound, bias.shape)
