"""Logistic regression on 209 pictures: the published costs, and a calculation in which rounding has no part.

The weights begin at 0, so they stay a sum of pictures, w = X^T a. A step then needs only the products of pictures with
each other, which are whole numbers and exact, and can be taken in extended precision:

    z = K a + b, K = X X^T        a <- a - rate (p - t) / n        b <- b - rate sum(p - t) / n
"""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy import special
from shared_data import cats

from netlet import SGD, Dense, Network

pytestmark = [pytest.mark.compiled, pytest.mark.slow]
STEPS = 2000


@functools.cache
def pictures():
    return *cats("train"), *cats("test")


@functools.cache
def trained(rate):
    """Return the costs before each step, and the accuracies afterwards, of a network."""
    X, y, unseen, their_y = pictures()
    network = Network([Dense(1, activation="sigmoid", initialiser="zeros")], dtype="float64")
    history = network.fit(X / 255, y, optimizer=SGD(rate), epochs=STEPS, batch_size="all", progress=False)
    shares = network.evaluate(X / 255, y)["accuracy"], network.evaluate(unseen / 255, their_y)["accuracy"]
    return np.array(history.column("loss")), *shares


def costs_by_products(rate, real):
    """Return the costs before each step from the products of pictures, in the precision of `real`."""
    X, y, _, _ = pictures()
    X = X.astype(np.int64)
    K, t = (X @ X.T).astype(real) / real(255) ** 2, y.astype(real)
    a, b, costs = np.zeros(len(X), real), real(0), np.empty(STEPS)
    for step in range(STEPS):
        z = K @ a + b
        costs[step] = (np.logaddexp(real(0), z) - t * z).mean()
        share = real(rate) * (1 / (1 + np.exp(-z)) - t) / len(X)
        a, b = a - share, b - share.sum()
    return costs


def test_a_small_rate():
    costs, train, test = trained(0.005)
    np.testing.assert_allclose(costs[[0, 500, 1000, 1500]], [0.693147, 0.303273, 0.214820, 0.166521], atol=0.5e-6)
    assert 100 * train == pytest.approx(99.04, abs=0.005)
    assert test == pytest.approx(0.70)
    np.testing.assert_allclose(costs, costs_by_products(0.005, np.longdouble), rtol=1e-11)


def test_a_large_rate_while_rounding_does_not_decide():
    """At rate 0.05 the cost leaps up and down at first, and an error of rounding grows a billionfold in 150 steps.

    What comes after is decided by the order in which numbers are added. With the pictures in forty orders, the cost by
    products was 0.094 to 10.1 at step 500 (1.383687 in a published run); at steps 1000 and 1500 within 2.5 % of 0.0114
    and 5.5 % of 0.0073 (0.011417 and 0.007290 published) in 39 of them, and 0.0143 and 0.0055 in one; the accuracy on
    unseen pictures 66 or 68 %. So the later figures are only tested to lie in these ranges.
    """
    costs, train, test = trained(0.05)
    exact = costs_by_products(0.05, np.longdouble)
    rounded = costs_by_products(0.05, np.float64)
    np.testing.assert_allclose(costs[:140], exact[:140], rtol=1e-7)
    np.testing.assert_allclose(rounded[:140], exact[:140], rtol=1e-7)
    assert np.abs(rounded[150:600] / exact[150:600] - 1).max() > 0.1, "rounding decides nothing: test all steps"
    assert costs[0] == pytest.approx(0.693147, abs=0.5e-6)
    assert costs[:140].max() > 5
    assert 0.0110 <= costs[1000] <= 0.0145
    assert 0.0053 <= costs[1500] <= 0.0075
    assert train == 1
    assert 0.659 <= test <= 0.701


def test_a_huge_rate_stays_finite():
    """Probabilities of exactly 0 and 1 occur, whose logarithm makes the cost NaN where it is computed from them."""
    costs, train, _ = trained(0.5)
    assert np.isfinite(costs).all()
    assert costs.max() > 100
    assert train == 1
    exact = costs_by_products(0.5, np.longdouble)
    np.testing.assert_allclose(costs[:20], exact[:20], rtol=1e-8)


def test_the_naive_cost_is_not_finite_where_netlets_is():
    X, y, _, _ = pictures()
    X, naive = X / 255, []
    network = Network([Dense(1, activation="sigmoid", initialiser="zeros")], dtype="float64")
    for _ in range(10):
        network.fit(X, y, optimizer=SGD(0.5), epochs=1, batch_size="all", progress=False)
        p = network.predict(X).ravel()
        z = X @ network.parameters["dense_1.weight"].ravel() + network.parameters["dense_1.bias"]
        np.testing.assert_allclose(p, special.expit(z), rtol=1e-10, atol=1e-300)
        with np.errstate(divide="ignore", invalid="ignore"):
            naive.append(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())
        assert network.evaluate(X, y)["loss"] == pytest.approx((np.logaddexp(0, z) - y * z).mean(), rel=1e-10)
    assert np.isnan(naive).any()
