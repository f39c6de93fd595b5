"""Samples and networks for the tests of Network."""

from __future__ import annotations

import numpy as np

from netlet import Dense, Network, Sigmoid, Softmax


def three_classes(n=30, n_features=4):
    """Return float64 features and labels 0, 1, 2."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, n_features)), np.arange(n) % 3


def classifier(dtype="float32", seed=0):
    return Network([Dense(6, activation="tanh"), Dense(3), Softmax()], seed=seed, dtype=dtype)


def yes_or_no(dtype="float32", n_outputs=1):
    return Network([Dense(6, activation="tanh"), Dense(n_outputs), Sigmoid()], seed=0, dtype=dtype)


def regressor(dtype="float32", n_outputs=1):
    return Network([Dense(6, activation="tanh"), Dense(n_outputs)], seed=0, dtype=dtype)


def fit(network, X, y, **settings):
    return network.fit(X, y, **({"epochs": 1, "progress": False} | settings))
