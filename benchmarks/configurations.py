"""What the searches try: a fixed list of random networks for scikit-learn's digits, the same for every library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

N_FEATURES, N_CLASSES = 64, 10
LEAST_UNITS, MOST_UNITS, MOST_LAYERS = 16, 128, 3
LEAST_RATE, MOST_RATE = 1e-4, 1e-1
BATCH_SIZE, EPOCHS = 64, 20
VALIDATION_SHARE = 0.2
TINY_BATCH, TINY_EPOCHS = 32, 200  # of the tiny networks


@dataclass(frozen=True)
class Configuration:
    """One network: ReLU in the hidden layers, softmax cross-entropy, Adam with a learning rate."""

    hidden: tuple[int, ...]
    learning_rate: float
    seed: int

    @property
    def n_parameters(self) -> int:
        """Weights and biases."""
        return sum((n_in + 1) * n_out for n_in, n_out in pairwise((N_FEATURES, *self.hidden, N_CLASSES)))


@dataclass(frozen=True)
class Digits:
    """Rows to learn from and rows to judge by: float32 inputs (n, 64) in [0, 1], int64 labels (n,)."""

    X: NDArray[np.float32]
    y: NDArray[np.int64]
    X_validation: NDArray[np.float32]
    y_validation: NDArray[np.int64]


def draw(n_configurations: int, seed: int = 0) -> list[Configuration]:
    """Draw configurations: 1 to 3 hidden layers of 16 to 128 units, rates 1e-4 to 1e-1, units and rates log-uniform.

    The largest networks come first: a pool that is handed its work in this order ends without a long straggler.
    """
    rng = np.random.default_rng(seed)
    drawn = []
    for number in range(n_configurations):
        n_layers = int(rng.integers(1, MOST_LAYERS + 1))
        units = np.exp(rng.uniform(np.log(LEAST_UNITS), np.log(MOST_UNITS), n_layers)).round()
        rate = float(np.exp(rng.uniform(np.log(LEAST_RATE), np.log(MOST_RATE))))
        drawn.append(Configuration(tuple(int(n) for n in units), rate, number))
    return sorted(drawn, key=lambda one: one.n_parameters, reverse=True)


def digits() -> Digits:
    """Load the digits, divided by 16, and set a fifth of them aside, each class alike: always the same rows."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    X, y = load_digits(return_X_y=True)
    parts = train_test_split(X / 16, y, test_size=VALIDATION_SHARE, random_state=0, stratify=y)
    X, X_validation, y, y_validation = parts
    return Digits(X.astype(np.float32), y, X_validation.astype(np.float32), y_validation)


def two_moons(n_samples: int = 400) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Make the points on which tiny networks are trained: float32 (n, 2), labels 0.0 or 1.0 of shape (n,)."""
    rng = np.random.default_rng(0)
    label = np.arange(n_samples) % 2
    angle = rng.uniform(0, np.pi, n_samples)
    X = np.stack([np.cos(angle) + label, np.sin(angle) * (1 - 2 * label) + 0.5 * label], axis=1)
    return (X + 0.2 * rng.standard_normal(X.shape)).astype(np.float32), label.astype(np.float32)


def accuracy(scores: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """Return the share of rows whose largest score is at their label; scores (n, k), labels (n,)."""
    return float((scores.argmax(axis=1) == labels).mean())


def best(accuracies: Sequence[float]) -> float:
    """Return the largest accuracy; a network that failed counts as NaN, and is passed over."""
    return float(np.nanmax(accuracies))
