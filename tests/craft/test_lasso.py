"""The L1 penalty end to end: a linear network finds the weights of the lasso, with the same zeros."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import SGD, AveragedMomentum, Dense, Momentum, Network

pytestmark = pytest.mark.plain


def problem():
    """Return samples of which three of eight features matter."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 8))
    return X, X @ [2.0, 0, 0, -1.0, 0, 0, 0.3, 0] + 0.5 + 0.3 * rng.normal(size=40)


def lasso(X, y, l1, l2=0.0):
    """Return weights and intercept that minimise ``|y - X w - b|^2 / 2n + l1 |w|_1 + l2 / 2 |w|^2``, one at a time."""
    X, mean, y, offset = X - X.mean(axis=0), X.mean(axis=0), y - y.mean(), y.mean()
    w = np.zeros(X.shape[1])
    for _ in range(2000):
        for j in range(len(w)):
            slope = X[:, j] @ (y - X @ w + X[:, j] * w[j]) / len(X)
            w[j] = np.sign(slope) * max(abs(slope) - l1, 0) / (X[:, j] @ X[:, j] / len(X) + l2)
    return w, offset - mean @ w


@pytest.mark.parametrize("l2", [0.0, 0.2], ids=["lasso", "elastic net"])
@pytest.mark.parametrize("l1", [0.05, 1.0])
@pytest.mark.parametrize(
    "optimizer",
    [SGD(0.1), SGD(0.3), Momentum(0.02, 0.8), Momentum(0.02, 0.8, nesterov=True), AveragedMomentum(0.1, 0.5)],
    ids=repr,
)
def test_the_weights_are_those_of_the_lasso(optimizer, l1, l2):
    X, y = problem()
    weights, intercept = lasso(X, y, l1, l2)
    assert (weights == 0).any()
    assert (weights != 0).any()
    network = Network([Dense(1)], seed=0, dtype="float64")
    network.fit(X, y, optimizer=optimizer, l1=l1, l2=l2, epochs=1000, batch_size="all", progress=False)
    found = network.parameters["dense_1.weight"][:, 0]
    np.testing.assert_array_equal(found == 0, weights == 0)
    np.testing.assert_allclose(found, weights, atol=1e-8)
    assert network.parameters["dense_1.bias"][0] == pytest.approx(intercept, abs=1e-8)


def test_the_lasso_by_hand_is_that_of_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = problem()
    theirs = linear_model.Lasso(alpha=0.2, tol=1e-12, max_iter=100_000).fit(X, y)
    weights, intercept = lasso(X, y, 0.2)
    np.testing.assert_allclose(weights, theirs.coef_, atol=1e-9)
    assert intercept == pytest.approx(theirs.intercept_, abs=1e-9)
