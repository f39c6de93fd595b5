"""Networks and samples for the tests of ensembles; tests/network has samples.py, and names must differ."""

from __future__ import annotations

import numpy as np

from netlet import Dense, Network, Sigmoid, Softmax


def three_classes(n=30, n_features=4):
    """Return float64 features and labels 0, 1, 2."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, n_features)), np.arange(n) % 3


def classifier(seed=0, dtype="float32", hidden=6):
    return Network([Dense(hidden, activation="tanh"), Dense(3), Softmax()], seed=seed, dtype=dtype).build(4)


def yes_or_no(seed=0, dtype="float32", n_outputs=1):
    return Network([Dense(6, activation="tanh"), Dense(n_outputs), Sigmoid()], seed=seed, dtype=dtype).build(4)


def regressor(seed=0, dtype="float32", n_outputs=1):
    return Network([Dense(6, activation="tanh"), Dense(n_outputs)], seed=seed, dtype=dtype).build(4)


def random_probabilities(n_members, n_samples, n_classes, seed=0):
    powers = np.exp(2 * np.random.default_rng(seed).normal(size=(n_members, n_samples, n_classes)))
    return powers / powers.sum(axis=2, keepdims=True)
