"""Logic by networks: weights set by hand, and weights that are learnt."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Dense, Network, Sigmoid

pytestmark = pytest.mark.plain
ROWS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XNOR = np.array([1, 0, 0, 1])

# The name of a gate: its inputs, its truth table, and a neuron's weights and bias that compute it.
GATES = {
    "and": (ROWS, [0, 0, 0, 1], [20, 20], -30),
    "or": (ROWS, [0, 1, 1, 1], [20, 20], -10),
    "neither": (ROWS, [1, 0, 0, 0], [-20, -20], 10),
    "not": (np.array([[0], [1]]), [1, 0], [-20], 10),
}


def set_neuron(network, layer, column, weights, bias):
    network.parameters[f"{layer}.weight"][:, column] = weights
    network.parameters[f"{layer}.bias"][column] = bias


@pytest.mark.parametrize("gate", GATES)
def test_a_neuron_with_weights_by_hand(gate):
    X, truth, weights, bias = GATES[gate]
    network = Network([Dense(1), Sigmoid()], dtype="float64").build(X.shape[1])
    set_neuron(network, "dense_1", 0, weights, bias)
    # The nearest logit to 0 is 10 away: 1 / (1 + e^10) = 4.54e-5.
    np.testing.assert_allclose(network.predict(X).ravel(), truth, atol=4.6e-5)


@pytest.mark.parametrize("gate", GATES)
def test_a_neuron_that_learns(gate):
    X, truth, _, _ = GATES[gate]
    network = Network([Dense(1), Sigmoid()], seed=0)
    network.fit(X, truth, optimizer="sgd", learning_rate=5.0, epochs=200, batch_size="all", progress=False)
    np.testing.assert_allclose(network.predict(X).ravel(), truth, atol=0.1)


def test_xnor_with_weights_by_hand():
    """XNOR is (x1 and x2) or (neither): two gates in the hidden layer, and one that reads them."""
    network = Network([Dense(2, activation="sigmoid"), Dense(1), Sigmoid()], dtype="float64").build(2)
    for column, gate in enumerate(("and", "neither")):
        set_neuron(network, "dense_1", column, *GATES[gate][2:])
    set_neuron(network, "dense_2", 0, *GATES["or"][2:])
    np.testing.assert_allclose(network.predict(ROWS).ravel(), XNOR, atol=5e-5)
    assert network.evaluate(ROWS, XNOR)["accuracy"] == 1


@pytest.mark.parametrize("seed", range(3))
def test_xnor_is_learnt_from_its_rows(seed):
    network = Network([Dense(4, activation="sigmoid"), Dense(1), Sigmoid()], seed=seed)
    network.fit(ROWS, XNOR, learning_rate=0.1, epochs=400, batch_size="all", progress=False)
    np.testing.assert_allclose(network.predict(ROWS).ravel(), XNOR, atol=0.1)


def test_one_neuron_cannot_learn_xnor():
    """The best that one neuron can do is to answer 1/2 everywhere: the loss does not fall below log 2."""
    network = Network([Dense(1), Sigmoid()], seed=0, dtype="float64")
    network.fit(ROWS, XNOR, optimizer="sgd", learning_rate=1.0, epochs=500, batch_size="all", progress=False)
    assert network.evaluate(ROWS, XNOR)["loss"] == pytest.approx(np.log(2), rel=1e-9)
    np.testing.assert_allclose(network.predict(ROWS), 0.5, atol=1e-5)
