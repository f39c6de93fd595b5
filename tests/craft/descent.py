"""Gradient descent by NumPy on a network of two dense layers with tanh between, with all that may be added to it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from netlet import Dense, Network, Softmax

sys.path.append(str(Path(__file__).parents[1] / "training"))
from by_hand import gradient

N_IN, N_HIDDEN, N_CLASSES = 4, 5, 3
SIZES = [N_IN * N_HIDDEN, N_HIDDEN, N_HIDDEN * N_CLASSES, N_CLASSES]
IS_WEIGHT = np.repeat([1.0, 0.0, 1.0, 0.0], SIZES)
IN_FIRST = np.repeat([1.0, 1.0, 0.0, 0.0], SIZES)  # parameters of dense_1
RATE = 0.3


def problem(n=13, dtype="float64"):
    """Return samples, labels and a network with biases that are not 0."""
    rng = np.random.default_rng(3)
    x, labels = rng.normal(size=(n, N_IN)), rng.permutation(np.arange(n) % N_CLASSES)
    network = Network([Dense(N_HIDDEN, activation="tanh"), Dense(N_CLASSES), Softmax()], seed=1, dtype=dtype)
    network.build(N_IN).theta = rng.normal(size=sum(SIZES)) * 0.7
    return x, labels, network


def descend(
    theta, x, labels, epochs, size, *, l1=0.0, l2=0.0, decay=0.0, factors=1.0, clip_value=np.inf, clip_norm=np.inf,
    weights=None,
):  # fmt: skip
    """Return the parameters after each step: (n_steps, n_theta).

    ``l1 l2 decay factors`` are numbers for each parameter, or one for all. The samples come as they lie.
    """
    way = []
    for start in [*range(0, len(x), size)] * epochs:
        rows = slice(start, start + size)
        own = weights[rows] if weights is not None else None
        g = gradient(theta, x[rows], labels[rows], N_HIDDEN, N_CLASSES, own)[1] + l2 * theta
        g = np.clip(g, -clip_value, clip_value)
        g *= min(1.0, clip_norm / np.sqrt((g**2).sum()))
        rate = RATE * factors
        theta = theta - rate * decay * theta - rate * g
        theta = np.sign(theta) * np.maximum(np.abs(theta) - rate * l1, 0)
        way.append(theta)
    return np.array(way)


def train(network, x, labels, epochs, size, **how):
    """Train a network as `descend` does; return its history."""
    how = {"learning_rate": RATE, "optimizer": "sgd"} | how
    if not isinstance(how["optimizer"], str):
        del how["learning_rate"]
    return network.fit(x, labels, epochs=epochs, batch_size=size, shuffle=False, progress=False, **how)
