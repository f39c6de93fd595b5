"""Networks learn what they should."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Dense, Network, Sigmoid, Softmax


@pytest.mark.plain
def test_xnor():
    X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([1, 0, 0, 1])
    for seed in range(3):
        network = Network([Dense(8, activation="tanh"), Dense(1), Sigmoid()], seed=seed)
        network.fit(X, y, epochs=300, batch_size="all", learning_rate=0.05, progress=False)
        np.testing.assert_array_equal(network.predict(X).round().ravel(), y)
        assert network.evaluate(X, y)["accuracy"] == 1


@pytest.mark.plain
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_line_is_found(optimizer):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    network = Network([Dense(1)], seed=0, dtype="float64")
    rate = {"sgd": 0.1, "momentum": 0.02, "adam": 0.05}[optimizer]
    network.fit(X, X @ [2, -3] + 1, optimizer=optimizer, learning_rate=rate, epochs=60, progress=False)
    np.testing.assert_allclose(network.theta, [2, -3, 1], atol=1e-3)


@pytest.mark.compiled
def test_digits():
    """At least 97 % of unseen digits are right, as the median of five seeds."""
    datasets = pytest.importorskip("sklearn.datasets")
    X, y = datasets.load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    train, test = order[: len(X) * 4 // 5], order[len(X) * 4 // 5 :]
    shares = []
    for seed in range(5):
        network = Network([Dense(100, activation="relu"), Dense(10), Softmax()], seed=seed)
        network.fit(X[train] / 16, y[train], epochs=40, progress=False)
        shares.append(network.evaluate(X[test] / 16, y[test])["accuracy"])
        assert network.evaluate(X[train] / 16, y[train])["accuracy"] > 0.99
    assert np.median(shares) >= 0.97, shares


@pytest.mark.compiled
def test_a_curve_is_found():
    X = np.linspace(-3, 3, 400).reshape(-1, 1)
    network = Network([Dense(32, activation="tanh"), Dense(32, activation="tanh"), Dense(1)], seed=0)
    network.fit(X, np.sin(2 * X), epochs=300, learning_rate=0.005, progress=False)
    assert np.abs(network.predict(X) - np.sin(2 * X)).mean() < 0.03
