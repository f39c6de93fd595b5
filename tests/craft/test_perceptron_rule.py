"""Rosenblatt's learning rule, which is gradient descent on one sample at a time with the perceptron's loss."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from netlet import SGD, Dense, Network, NotConverged, Step, Uniform

pytestmark = pytest.mark.plain
ROWS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND, XOR = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 0])

ENDS = [pytest.param(False, id="logits"), pytest.param(True, id="step")]


def perceptron(step, initialiser="zeros"):
    """Return one neuron; its answer is the hard step where `step` is True, else what the step would read."""
    end = [Step()] if step else []
    return Network([Dense(1, initialiser=initialiser), *end], seed=2, dtype="float64").build(2)


def rule(weights, bias, x, answer, rate):
    """Return weight and bias after one sample: nothing changes where the answer is right."""
    mistake = answer - (1 if x @ weights + bias >= 0 else 0)
    return weights + rate * mistake * x, bias + rate * mistake


def fit(network, X, y, epochs, **how):
    return network.fit(X, y, loss="perceptron", optimizer=SGD(0.5), batch_size=1, epochs=epochs, progress=False, **how)


@pytest.mark.parametrize("step", ENDS)
@pytest.mark.parametrize("truth", [AND, XOR], ids=["and", "xor"])
def test_each_step_is_that_of_the_rule(truth, step):
    network = perceptron(step, Uniform(4.0))
    weights, bias = network.parameters["dense_1.weight"][:, 0].copy(), 0.0
    changes = 0
    for place in range(40):
        x, answer = ROWS[place % 4], truth[place % 4]
        before = bias
        weights, bias = rule(weights, bias, x, answer, 0.5)
        changes += bias != before
        network.partial_fit(x[None], [answer], loss="perceptron", optimizer=SGD(0.5), batch_size=1, shuffle=False)
        np.testing.assert_array_equal(network.parameters["dense_1.weight"][:, 0], weights)
        assert network.parameters["dense_1.bias"][0] == bias
    assert changes > 1


@pytest.mark.parametrize("step", ENDS)
def test_and_converges(step):
    """As many epochs as the loop by hand takes until one ends with weights that make no mistake."""
    network, weights, bias, epochs, wrong = perceptron(step), np.zeros(2), 0.0, 0, True
    while wrong:
        for x, answer in zip(ROWS, AND, strict=True):
            weights, bias = rule(weights, bias, x, answer, 0.5)
        epochs += 1
        wrong = ((ROWS @ weights + bias >= 0) != AND).any()
    history = fit(network, ROWS, AND, 50, shuffle=False)
    assert history.stopped == "converged"
    assert len(history) == epochs > 1
    np.testing.assert_array_equal(network.theta, [*weights, bias])
    assert network.evaluate(ROWS, AND)["accuracy"] == 1


@pytest.mark.parametrize("step", ENDS)
def test_a_plane_between_classes_is_found_in_any_order(step):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    X = X[np.abs(X @ [1, -2] + 0.3) > 0.3]
    y = (X @ [1, -2] + 0.3 > 0).astype(int)
    network = perceptron(step)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = fit(network, X, y, 1000)
    assert history.stopped == "converged"
    assert history.epochs[-1]["accuracy"] == 1
    assert all(epoch["accuracy"] < 1 for epoch in history.epochs[:-1])


@pytest.mark.parametrize("step", ENDS)
def test_xor_does_not_converge_and_says_so(step):
    network, weights, bias = perceptron(step), np.zeros(2), 0.0
    for _ in range(30):
        for x, answer in zip(ROWS, XOR, strict=True):
            weights, bias = rule(weights, bias, x, answer, 0.5)
    with pytest.warns(NotConverged, match="has not converged: .* still wrong after 30 epochs.*hidden layer"):
        history = fit(network, ROWS, XOR, 30, shuffle=False)
    assert history.stopped == "epochs"
    assert len(history) == 30
    np.testing.assert_array_equal(network.theta, [*weights, bias])


def test_the_step_answers_0_and_1():
    network = perceptron(True)
    fit(network, ROWS, AND, 50)
    np.testing.assert_array_equal(network.predict(ROWS).ravel(), AND)
