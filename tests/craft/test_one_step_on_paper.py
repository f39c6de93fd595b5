"""One step of back-propagation, its figures worked out on paper: two inputs more than hidden neurons, no biases."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import SGD, Dense, Network

pytestmark = pytest.mark.plain
X, TARGET = np.array([[0.5, 0.1, -0.2]]), np.array([0.6])
INPUT_HIDDEN = np.array([[0.5, -0.6], [0.1, -0.2], [0.1, 0.7]])
HIDDEN_OUTPUT = np.array([[0.1], [-0.3]])

# Eight significant digits are given.
CHANGE_OF_HIDDEN_OUTPUT = [[0.00804047], [0.00555918]]
CHANGE_OF_INPUT_HIDDEN = [
    [1.77005547e-04, -5.11178506e-04],
    [3.54011093e-05, -1.02235701e-04],
    [-7.08022187e-05, 2.04471402e-04],
]


@pytest.fixture
def network():
    layers = [Dense(2, activation="sigmoid", bias=False), Dense(1, activation="sigmoid", bias=False)]
    network = Network(layers, dtype="float64").build(3)
    network.parameters["dense_1.weight"][:] = INPUT_HIDDEN
    network.parameters["dense_2.weight"][:] = HIDDEN_OUTPUT
    return network


def test_the_changes_of_the_weights(network):
    network.fit(X, TARGET, loss="squared_error", optimizer=SGD(0.5), epochs=1, batch_size=1, progress=False)
    changes = network.parameters["dense_2.weight"] - HIDDEN_OUTPUT
    np.testing.assert_allclose(changes, CHANGE_OF_HIDDEN_OUTPUT, atol=0.5e-8)
    changes = network.parameters["dense_1.weight"] - INPUT_HIDDEN
    np.testing.assert_allclose(changes, CHANGE_OF_INPUT_HIDDEN, rtol=5e-9)


def test_the_values_on_the_way(network):
    """Hidden values, output and loss, from the definition of the sigmoid alone."""
    hidden = 1 / (1 + np.exp(-np.array([0.24, -0.46])))
    output = 1 / (1 + np.exp(-(0.1 * hidden[0] - 0.3 * hidden[1])))
    np.testing.assert_allclose(network.predict(X), [[output]], rtol=1e-14)
    loss, gradient = network.loss_and_gradient(X, TARGET, loss="squared_error")
    assert loss == pytest.approx((output - 0.6) ** 2 / 2, rel=1e-13)
    flat = np.concatenate([np.ravel(CHANGE_OF_INPUT_HIDDEN), np.ravel(CHANGE_OF_HIDDEN_OUTPUT)])
    np.testing.assert_allclose(-0.5 * gradient, flat, atol=0.5e-8)
