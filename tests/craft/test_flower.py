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
    """Up to step 7000 every order of the samples gives the same costs, to six digits and more.

    Then the cost rises for a while, and an error of rounding with it. With the samples in 24 orders, and in extended
    precision, the cost at step 9000 was 0.21855 to 0.21870 (0.21856 in a published run), the accuracy 90.5 or 90.75 %.
    So these figures are only tested to lie there.
    """
    costs, share = trained(1.2)
    np.testing.assert_allclose(costs[[0, 1000]], [0.693048, 0.288083], atol=0.5e-6)
    np.testing.assert_allclose(
        costs[EVERY[2:8]], [0.254385, 0.233864, 0.226792, 0.222644, 0.219731, 0.217504], atol=0.5e-6
    )
    orders = [by_hand(1.2, seed)[0] for seed in range(4)]
    for found in orders:
        np.testing.assert_allclose(costs[:7000], found[:7000], rtol=1e-6)
    assert np.ptp([found[9000] for found in orders]) > 1e-6, "rounding decides nothing: test all steps"
    assert 0.2185 <= costs[9000] <= 0.2188
    assert 0.904 <= share <= 0.911
