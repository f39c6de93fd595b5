"""L-BFGS: the right gradient for several outputs, its limits, and its warnings."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning

import netlet
from netlet.estimators import MLPClassifier, MLPRegressor

X, _ = load_diabetes(return_X_y=True)
X = X / X.std(axis=0)
RNG = np.random.default_rng(0)
FLOWERS, SPECIES = load_iris(return_X_y=True)


@pytest.mark.parametrize("n_targets", [1, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_ridge_regression(n_targets, weighted):
    """Without hidden layers the least loss is known, if the gradient is that of the loss.

    For k targets sum_i v_i |y_i - x_i W - b|^2 / (2 k) + alpha / 2 |W|^2 is least where
    (X^T V X + k alpha) W = X^T V y, with X and y centred.
    """
    rng = np.random.default_rng(0)
    y = X @ rng.normal(size=(10, n_targets)) + rng.normal(size=(442, n_targets))
    v = rng.uniform(0.1, 2, 442) if weighted else np.ones(442)
    alpha = 30.0
    model = MLPRegressor(hidden_layer_sizes=(), solver=netlet.LBFGS(tolerance=1e-8), alpha=alpha, random_state=0)
    model.fit(X, y if n_targets > 1 else y[:, 0], sample_weight=v if weighted else None)
    mean = np.average(X, axis=0, weights=v)
    centred = X - mean
    normal = centred.T @ (v[:, None] * centred) + n_targets * alpha * np.eye(10)
    expected = np.linalg.solve(normal, centred.T @ (v[:, None] * y))
    np.testing.assert_allclose(model.coefs_[0], expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(model.intercepts_[0], np.average(y, axis=0, weights=v) - mean @ expected, rtol=1e-5)


@pytest.mark.parametrize("y", [SPECIES, SPECIES == 1, np.eye(3, dtype=int)[SPECIES]], ids=["many", "two", "labels"])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "gelu"])
def test_the_gradient_is_zero_where_it_converged(y, activation):
    """By differences of the loss that the model reports, at weights found with a tight tolerance."""
    model = MLPClassifier((4,), activation, solver="lbfgs", alpha=1.0, tol=1e-6, max_iter=5000, random_state=0)
    model.fit(FLOWERS, y)
    network = model.network_
    targets = y.astype(int)

    def loss():
        penalty = sum((weight**2).sum() for weight in model.coefs_) / 2 / len(FLOWERS)
        return network.evaluate(FLOWERS, targets)["loss"] + penalty

    np.testing.assert_allclose(loss(), model.loss_, rtol=1e-10)
    for direction in RNG.normal(size=(5, network.theta.size)):
        direction /= np.linalg.norm(direction)
        network.theta[:] += 1e-4 * direction
        above = loss()
        network.theta[:] -= 2e-4 * direction
        slope = (above - loss()) / 2e-4
        network.theta[:] += 1e-4 * direction
        assert abs(slope) < 2e-4


@pytest.mark.parametrize(("limit", "reached"), [({"max_iter": 4}, "max_iter=4"), ({"max_fun": 5}, "max_fun=5")])
def test_limits(limit, reached):
    with pytest.warns(ConvergenceWarning, match=rf"lbfgs failed to converge.*{reached}") as caught:
        model = MLPClassifier((4,), solver="lbfgs", random_state=0, **limit).fit(FLOWERS, SPECIES)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert model.n_iter_ <= 5
    assert model.stopped_ == "max_iter"


def test_a_tolerance_of_its_own():
    loose = MLPClassifier((4,), solver=netlet.LBFGS(tolerance=0.05), random_state=0).fit(FLOWERS, SPECIES)
    tight = MLPClassifier((4,), solver=netlet.LBFGS(tolerance=0.005), random_state=0).fit(FLOWERS, SPECIES)
    assert loose.n_iter_ < tight.n_iter_


def test_float32_weights_are_found_in_double_precision():
    single = MLPClassifier((4,), solver="lbfgs", alpha=1.0, max_iter=2000, random_state=0)
    single.fit(FLOWERS.astype(np.float32), SPECIES)
    assert single.coefs_[0].dtype == np.float32
    assert single.stopped_ == "converged"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_random_network_is_refused():
    with pytest.raises(ValueError, match="random while training"):
        MLPClassifier((4,), solver="lbfgs", dropout=0.2).fit(FLOWERS, SPECIES)
    assert not hasattr(MLPClassifier(solver="lbfgs"), "partial_fit")
