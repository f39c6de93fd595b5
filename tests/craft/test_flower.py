"""The two-class flower: a network of four hidden neurons whose costs are known to six digits."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy import special
from shared_data import flower

from netlet import SGD, Dense, Network

pytestmark = [pytest.mark.compiled, pytest.mark.slow]
STEPS = 10_000
EVERY = np.arange(0, STEPS, 1000)


def trained(rate):
    """Return the costs before each step and the accuracy afterwards, of a network."""
    X, y, weights = flower()
    network = Network([Dense(4, activation="tanh"), Dense(1, activation="sigmoid")], dtype="float64").build(2)
    for own, given in zip(network.parameters.values(), weights, strict=True):
        own[:] = given
    history = network.fit(X, y, optimizer=SGD(rate), epochs=STEPS, batch_size="all", progress=False)
    return np.array(history.column("loss")), network.evaluate(X, y)["accuracy"]


@functools.cache
def by_hand(rate, seed):
    """Return the costs and the accuracy by NumPy, with the samples in the order that the seed draws."""
    X, y, (W1, b1, W2, b2) = flower()
    order = np.random.default_rng(seed).permutation(len(X))
    X, y, costs = X[order], y[order], np.empty(STEPS)
    for step in range(STEPS):
        hidden = np.tanh(X @ W1 + b1)
        z = (hidden @ W2 + b2)[:, 0]
        costs[step] = (np.logaddexp(0, z) - y * z).mean()
        dz = (special.expit(z) - y)[:, None] / len(X)
        dhidden = dz @ W2.T * (1 - hidden**2)
        W1, b1, W2, b2 = (
            W1 - rate * X.T @ dhidden, b1 - rate * dhidden.sum(0), W2 - rate * hidden.T @ dz, b2 - rate * dz.sum(0)
        )  # fmt: skip
    return costs, (((np.tanh(X @ W1 + b1) @ W2 + b2)[:, 0] > 0) == y).mean()


def test_a_small_rate():
    costs, share = trained(0.005)
    np.testing.assert_allclose(costs[[0, 1000, 9000]], [0.693048, 0.692359, 0.638593], atol=0.5e-6)
    assert share == pytest.approx(0.585)
    np.testing.assert_allclose(costs, by_hand(0.005, 0)[0], rtol=1e-9)


def test_a_large_rate():
    """Up to step 7000 every order of the samples gives the same six digits.

    Then the cost rises for a while, and an error of rounding with it: by step 9000 orders differ in the fourth digit,
    and by one or two points in the accuracy.
    """
    costs, share = trained(1.2)
    np.testing.assert_allclose(costs[[0, 1000]], [0.693048, 0.288083], atol=0.5e-6)
    np.testing.assert_allclose(
        costs[EVERY[2:8]], [0.254385, 0.233864, 0.226792, 0.222644, 0.219731, 0.217504], atol=0.5e-6
    )
    orders = [by_hand(1.2, seed) for seed in range(6)]
    late, shares = [found[9000] for found, _ in orders], [each for _, each in orders]
    spread = max(late) - min(late)
    assert spread > 1e-5, "rounding does not matter: then the cost at step 9000 is to be tested to all digits"
    assert costs[9000] == pytest.approx(0.21856, abs=2 * spread)
    assert min(shares) - 0.0026 <= share <= max(shares) + 0.0026
    assert share == pytest.approx(0.9075, abs=0.0051)
