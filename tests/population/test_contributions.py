"""Contributions against brute force: each unit really removed, or held at its mean in NumPy, and the loss measured."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from netlet import BatchNorm, Dense, Input, Network, Softmax
from netlet.population.sizing import contributing, contributions, remove_units

pytestmark = pytest.mark.plain

random = np.random.default_rng(0)
X = random.normal(size=(120, 4))
LABELS = (X[:, 0] * X[:, 1] > 0).astype(int) + (X[:, 2] > 1)


def trained(*between: object) -> Network:
    layers = [Input(4), Dense(9, activation="tanh"), *between, Dense(6, activation="relu"), Dense(3), Softmax()]
    network = Network(layers, seed=1, dtype="float64")
    network.fit(X, LABELS, epochs=15, learning_rate=0.02, progress=False)
    return network


@pytest.mark.parametrize("between", [(), (BatchNorm(),)])
def test_they_are_what_removing_each_unit_does(between: tuple[object, ...]) -> None:
    network = trained(*between)
    base, found = network.evaluate(X, LABELS)["loss"], contributions(network, X, LABELS)
    assert list(found) == ["dense_1", "dense_2"]
    for layer, n_units in (("dense_1", 9), ("dense_2", 6)):
        removed = [
            remove_units(network, layer, unit, X=X).evaluate(X, LABELS)["loss"] - base for unit in range(n_units)
        ]
        assert spearmanr(found[layer], removed).statistic == pytest.approx(1.0)
        np.testing.assert_allclose(found[layer], removed, rtol=1e-8, atol=1e-13)
        assert np.ptp(removed) > 1e-3  # they do differ, so that an order means something


def test_against_numpy() -> None:
    network = Network([Input(4), Dense(5, activation="sigmoid"), Dense(2)], seed=3, dtype="float64")
    y, weights = random.normal(size=(120, 2)), random.uniform(size=120)
    p = network.parameters

    def loss(a: np.ndarray) -> float:
        errors = a @ p["dense_2.weight"] + p["dense_2.bias"] - y
        return float(np.average((errors**2).mean(axis=1) / 2, weights=weights))

    a = 1 / (1 + np.exp(-X @ p["dense_1.weight"] - p["dense_1.bias"]))
    expected = []
    for unit in range(5):
        held = a.copy()
        held[:, unit] = a[:, unit].mean()
        expected.append(loss(held) - loss(a))
    found = contributions(network, X, y, sample_weight=weights)
    np.testing.assert_allclose(found["dense_1"], expected, rtol=1e-10, atol=1e-14)


def test_another_loss() -> None:
    network = Network([Input(4), Dense(5, activation="tanh"), Dense(1)], seed=3, dtype="float64")
    base = network.evaluate(X, LABELS, loss="absolute_error")["loss"]
    removed = remove_units(network, "dense_1", 2, X=X).evaluate(X, LABELS, loss="absolute_error")["loss"]
    assert contributions(network, X, LABELS, loss="absolute_error")["dense_1"][2] == pytest.approx(removed - base)


def test_the_first_order_estimate_says_nothing_at_the_minimum() -> None:
    """What the module says of it: at a minimum it is 0 for units that are needed."""
    network = Network([Input(4), Dense(2, activation="tanh"), Dense(1)], seed=3, dtype="float64")
    y = np.tanh(X[:, 0]) - 2 * np.tanh(X[:, 1] + X[:, 2])
    network.fit(X, y, optimizer="lbfgs", epochs=2000, progress=False)
    _, gradient = network.loss_and_gradient(X, y)
    slopes = Network(list(network.layers), seed=0, dtype="float64")
    slopes.theta = gradient
    p, dp = network.parameters, slopes.parameters
    means = np.tanh(X @ p["dense_1.weight"] + p["dense_1.bias"]).mean(axis=0)
    first_order = (p["dense_2.weight"] * (dp["dense_2.weight"] - means[:, None] * dp["dense_2.bias"])).sum(axis=1)
    measured = contributions(network, X, y)["dense_1"]
    assert measured.min() > 0.1
    assert (np.abs(first_order) < 1e-3 * np.abs(measured)).all()


def test_a_unit_that_never_changes_contributes_nothing() -> None:
    network = trained()
    network.parameters["dense_1.weight"][:, 4] = 0
    found = contributions(network, X, LABELS)["dense_1"]
    assert abs(found[4]) < 1e-14
    assert np.abs(np.delete(found, 4)).min() > 1e-6


def test_in_several_pieces_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    network = trained()
    whole = contributions(network, X, LABELS)
    monkeypatch.setattr(contributing, "_NUMBERS_AT_ONCE", 1)
    pieces = contributions(network, X, LABELS)
    for layer in whole:
        np.testing.assert_allclose(pieces[layer], whole[layer], rtol=1e-9, atol=1e-15)
