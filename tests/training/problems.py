"""Samples and networks for the tests of training."""

from __future__ import annotations

import numpy as np

from netlet import Dense, Dropout, Network, Softmax


def classes(n=200, n_features=6, n_classes=3, seed=0, dtype="float32"):
    """Return samples of classes that a line nearly divides."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_features))
    return x.astype(dtype), (x @ rng.normal(size=(n_features, n_classes))).argmax(axis=1)


def classifier(n_hidden=16, n_classes=3, seed=0, dtype="float32", dropout=0.0):
    """Return a network of one hidden layer."""
    middle = [Dropout(dropout)] if dropout else []
    return Network([Dense(n_hidden, activation="relu"), *middle, Dense(n_classes), Softmax()], seed=seed, dtype=dtype)
