"""Activations within networks: by name, with parameters of their own, along the last axis of a shape."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from netlet import Dense, Input, Network
from netlet.graph.activations import ACTIVATIONS, ELU, GELU, PReLU, Softmax, Step

pytestmark = pytest.mark.plain
RNG = np.random.default_rng(0)


def test_prelu_learns_the_slope_of_each_feature():
    X = RNG.normal(size=(100, 3))
    slopes = np.array([0.1, -0.7, 1.5])
    network = Network([PReLU()], seed=0, dtype="float64").build(3)
    np.testing.assert_array_equal(network.theta, 0.25)
    network.fit(X, np.where(X > 0, X, slopes * X), optimizer="sgd", learning_rate=1.0, epochs=60, progress=False)
    np.testing.assert_allclose(network.theta, slopes, atol=1e-6)


def test_prelu_within_dense_has_its_parameters_after_those_of_the_weight():
    X = RNG.normal(size=(200, 2))
    y = np.where(X @ [1.0, -2.0] > 0, 1.0, -0.5) * (X @ [1.0, -2.0])
    network = Network([Dense(1, activation="prelu", bias=False)], seed=1, dtype="float64").build(2)
    assert network.theta.size == 3
    assert network.theta[2] == 0.25
    network.fit(X, y, learning_rate=0.03, epochs=150, progress=False)
    weight, slope = network.theta[:2], network.theta[2]
    if weight[0] < 0:  # the same function, seen from the other side
        weight, slope = weight * slope, 1 / slope
    np.testing.assert_allclose([*weight, slope], [1, -2, -0.5], atol=0.02)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_by_name_trains_and_comes_back_from_its_file(name, tmp_path):
    X = RNG.normal(size=(40, 3))
    layers = [Dense(4, activation=name, initialiser="glorot"), Dense(1)]
    network = Network(layers, seed=0, dtype="float64")
    history = network.fit(X, np.tanh(X[:, 0]), epochs=15, batch_size=10, progress=False)
    losses = history.column("loss")
    assert losses[-1] < losses[0]
    network.save(tmp_path / "model")
    again = Network.load(tmp_path / "model")
    assert again.layers == network.layers
    np.testing.assert_array_equal(again.predict(X), network.predict(X))


@pytest.mark.parametrize("layer", [ELU(0.3), GELU(approximate=True)], ids=repr)
def test_an_activation_with_its_own_settings(layer):
    X = RNG.normal(size=(5, 3))
    expected = {
        ELU: lambda x: np.where(x > 0, x, 0.3 * np.expm1(np.minimum(x, 0))),
        GELU: lambda x: x * special.expit(2 * np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)),
    }[type(layer)](X)
    np.testing.assert_allclose(Network([layer], dtype="float64").build(3).predict(X), expected, rtol=1e-14)


def test_nothing_before_a_step_is_changed():
    X = RNG.normal(size=(20, 3))
    network = Network([Dense(4), Step(), Dense(1)], seed=0, dtype="float64").build(3)
    before = network.theta.copy()
    network.fit(X, X[:, 0], optimizer="sgd", epochs=2, progress=False)
    np.testing.assert_array_equal(network.theta[:16], before[:16])
    assert (network.theta[16:] != before[16:]).any()


def test_softmax_sums_to_1_along_the_last_axis():
    X = RNG.normal(size=(7, 2, 3))
    network = Network([Input((2, 3)), Softmax()], dtype="float64").build(6)
    found = network.predict(X.reshape(7, 6)).reshape(X.shape)
    np.testing.assert_allclose(found, special.softmax(X, axis=-1), rtol=1e-14)


def test_cross_entropy_wants_one_softmax_for_each_sample():
    X = RNG.normal(size=(8, 6))
    network = Network([Input((2, 3)), PReLU(), Softmax()], seed=0)
    with pytest.raises(ValueError, match="makes every 3 of 6 numbers sum to 1; put Flatten"):
        network.fit(X, np.arange(8) % 6, epochs=1, progress=False)
