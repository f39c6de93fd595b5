"""Handwritten digits of 20 x 20 points: the cost of given weights, and training by L-BFGS."""

from __future__ import annotations

import numpy as np
import pytest
from shared_data import digits20

from netlet import Dense, Network, Uniform

pytestmark = [pytest.mark.compiled, pytest.mark.slow]
L2 = 1 / 5000  # lambda / n in netlet's l2 / 2 sum w^2, for lambda = 1


def build(seed=0):
    draw = Uniform(0.12)
    layers = [Dense(25, activation="sigmoid", initialiser=draw), Dense(10, activation="sigmoid", initialiser=draw)]
    return Network(layers, seed=seed, dtype="float64").build(400)


@pytest.fixture(scope="module")
def digits():
    X, labels, first, second = digits20()
    return X, labels, np.eye(10)[labels], first, second


def given_network(digits):
    network = build()
    for layer, matrix in (("dense_1", digits[3]), ("dense_2", digits[4])):  # the first column is the bias
        network.parameters[f"{layer}.bias"][:] = matrix[:, 0]
        network.parameters[f"{layer}.weight"][:] = matrix[:, 1:].T
    return network


def test_the_cost_of_given_weights(digits):
    X, labels, Y, first, second = digits
    network = given_network(digits)
    assert network.loss_and_gradient(X, Y)[0] == pytest.approx(0.287629, abs=0.5e-6)
    assert network.loss_and_gradient(X, Y, l2=L2)[0] == pytest.approx(0.383770, abs=0.5e-6)
    with_biases = L2 / 2 * ((first**2).sum() + (second**2).sum())
    found = network.loss_and_gradient(X, Y, l2=L2, penalise_biases=True)[0] - network.loss_and_gradient(X, Y)[0]
    assert found == pytest.approx(with_biases, rel=1e-10)
    assert (network.predict(X).argmax(axis=1) == labels).mean() == pytest.approx(0.9752)


def test_the_gradient_at_given_weights(digits):
    X, _, Y, first, second = digits
    gradient = given_network(digits).loss_and_gradient(X, Y, l2=L2)[1]
    ones = np.ones((len(X), 1))
    hidden = 1 / (1 + np.exp(-np.hstack([ones, X]) @ first.T))
    output = 1 / (1 + np.exp(-np.hstack([ones, hidden]) @ second.T))
    doutput = (output - Y) / len(X)
    dhidden = doutput @ second[:, 1:] * hidden * (1 - hidden)
    expected = [
        X.T @ dhidden + L2 * first[:, 1:].T, dhidden.sum(0), hidden.T @ doutput + L2 * second[:, 1:].T, doutput.sum(0)
    ]  # fmt: skip
    np.testing.assert_allclose(gradient, np.concatenate([each.ravel() for each in expected]), rtol=1e-9, atol=1e-14)


def test_training(digits):
    X, labels, Y, _, _ = digits
    network = build()
    assert 0.119 < np.abs(network.parameters["dense_1.weight"]).max() <= 0.12
    history = network.fit(X, Y, optimizer="lbfgs", l2=L2, epochs=400, progress=False)
    assert history.stopped in ("epochs", "converged")
    assert len(history) <= 400
    cost = np.add(history.column("loss"), history.column("penalty"))
    assert (np.diff(cost) <= 0).all(), "the line search accepts no step that raises the cost"
    assert (network.predict(X).argmax(axis=1) == labels).mean() >= 0.99
    assert cost[-1] < 0.383770, "lower than at the given weights, which were trained for fewer iterations"
