"""Losses end to end: networks of one layer, whose best weights statistics knows by other means."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from netlet import SGD, Adam, CosineDecay, Dense, Exponential, Huber, Network, Quantile

pytestmark = pytest.mark.plain


def line(network):
    """Return slope and intercept of a network of one input and one output."""
    return np.array([network.parameters["dense_1.weight"][0, 0], network.parameters["dense_1.bias"][0]])


def with_outliers():
    """Return a line with small errors, and every tenth target far above it."""
    rng = np.random.default_rng(0)
    x = np.linspace(-2, 2, 80)
    t = 1.5 * x - 0.5 + 0.1 * rng.normal(size=80)
    t[::10] += 30
    return x[:, None], t


def huber_by_weights(X, t, delta):
    """Return the line of least Huber loss by iterated weighted least squares (Huber, 1981, section 7.8)."""
    A, beta = np.hstack([X, np.ones_like(X)]), np.zeros(2)
    for _ in range(500):
        weight = np.minimum(1, delta / np.maximum(np.abs(t - A @ beta), 1e-300))
        beta = np.linalg.solve(A.T @ (weight[:, None] * A), A.T @ (weight * t))
    return beta


@pytest.mark.parametrize("delta", [0.2, 1.0, 1000.0])
def test_huber_finds_the_line_of_robust_statistics(delta):
    X, t = with_outliers()
    network = Network([Dense(1)], seed=0, dtype="float64")
    network.fit(X, t, loss=Huber(delta), optimizer="lbfgs", epochs=500, progress=False)
    np.testing.assert_allclose(line(network), huber_by_weights(X, t, delta), atol=2e-4)


def test_huber_withstands_outliers_that_squares_do_not():
    X, t = with_outliers()
    found = {}
    for loss in (Huber(0.2), "squared_error"):
        network = Network([Dense(1)], seed=0, dtype="float64")
        network.fit(X, t, loss=loss, optimizer="lbfgs", epochs=500, progress=False)
        found[loss] = line(network)
    assert np.abs(found[Huber(0.2)] - [1.5, -0.5]).max() < 0.06
    least_squares = np.linalg.lstsq(np.hstack([X, np.ones_like(X)]), t, rcond=None)[0]
    np.testing.assert_allclose(found["squared_error"], least_squares, atol=1e-4)
    assert least_squares[1] > 2


def widening():
    """Return x and targets whose spread grows with x: their quantiles are lines."""
    x = np.repeat(np.linspace(0, 1, 12), 19)
    t = x + (1 + x) * np.tile(stats.norm.ppf((np.arange(19) + 0.5) / 19), 12)
    return x[:, None], t


def quantile_by_program(X, t, share):
    """Return the least quantile loss of a line by linear programming (Koenker, Bassett, 1978)."""
    A, n = np.hstack([X, np.ones_like(X)]), len(t)
    cost = np.concatenate([np.zeros(2), np.full(n, share / n), np.full(n, (1 - share) / n)])
    found = optimize.linprog(
        cost, A_eq=np.hstack([A, np.eye(n), -np.eye(n)]), b_eq=t, bounds=[(None, None)] * 2 + [(0, None)] * (2 * n)
    )
    assert found.success
    return found.fun


def test_quantiles_are_those_of_linear_programming():
    """The shares are those of the targets' own grid, so that the best lines are exactly known too."""
    shares = (1.5 / 19, 9.5 / 19, 16.5 / 19)
    X, t = widening()
    network = Network([Dense(3)], seed=0, dtype="float64")
    network.fit(
        X, t, loss=Quantile(shares), optimizer=Adam(0.05), schedule=CosineDecay(), epochs=1000, batch_size="all",
        progress=False,
    )  # fmt: skip
    best = np.mean([quantile_by_program(X, t, share) for share in shares])
    assert best <= network.evaluate(X, t)["loss"] <= 1.0001 * best
    slope, intercept = network.parameters["dense_1.weight"][0], network.parameters["dense_1.bias"]
    np.testing.assert_allclose(slope, 1 + stats.norm.ppf(shares), atol=0.01)
    np.testing.assert_allclose(intercept, stats.norm.ppf(shares), atol=0.01)


def test_the_median_of_few_numbers():
    """Nine targets and inputs that say nothing: the loss is least at the fifth, and exactly there."""
    t = np.array([3.0, -1.0, 4.0, 1.5, -5.0, 9.0, 2.0, 6.0, 5.0])
    for loss in (Quantile((0.5,)), "absolute_error"):
        network = Network([Dense(1)], seed=0, dtype="float64")
        network.fit(
            np.zeros((9, 1)), t, loss=loss, optimizer=SGD(2.0), schedule=CosineDecay(), epochs=300,
            batch_size="all", progress=False,
        )  # fmt: skip
        assert network.predict(np.zeros((1, 1)))[0, 0] == pytest.approx(3.0, abs=1e-2)


def poisson_by_newton(X, counts):
    """Return the weights of log-linear counts by Newton's method on their likelihood."""
    A, beta = np.hstack([X, np.ones((len(X), 1))]), np.zeros(X.shape[1] + 1)
    for _ in range(50):
        mean = np.exp(A @ beta)
        beta += np.linalg.solve(A.T @ (mean[:, None] * A), A.T @ (counts - mean))
    return beta


@pytest.mark.parametrize("end", [[], [Exponential()]], ids=["logarithms", "rates"])
def test_poisson_is_the_log_linear_model(end):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 2))
    counts = rng.poisson(np.exp(X @ [0.5, -0.8] + 1.0))
    network = Network([Dense(1), *end], seed=0, dtype="float64")
    network.fit(X, counts, loss="auto" if end else "poisson", optimizer="lbfgs", epochs=200, progress=False)
    expected = poisson_by_newton(X, counts)
    np.testing.assert_allclose(network.theta, expected, atol=2e-5)
    assert np.abs(expected - [0.5, -0.8, 1.0]).max() < 0.1
    z = X @ expected[:2] + expected[2]
    np.testing.assert_allclose(network.predict(X).ravel(), np.exp(z) if end else z, rtol=1e-3, atol=1e-4)
    assert network.evaluate(X, counts)["loss"] == pytest.approx((np.exp(z) - counts * z).mean(), rel=1e-8)
