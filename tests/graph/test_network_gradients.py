"""The gradient of a whole network against the slope of its loss, for networks of any shape."""

from __future__ import annotations

import numpy as np
import pytest
from drawing import networks
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from netlet import SGD, Add, Dense, Dropout, Input, Network, ReLU, Sigmoid, Softmax, Tanh
from netlet.graph.graph import graph_of

pytestmark = pytest.mark.plain
RATE = 1e-3  # of the one step that shows the gradient: small, so that the weights stay what they are to ten digits


def gradient_of(network, X, y, **how):
    """Return the gradient that one step of gradient descent took, and put the weights back."""
    before = network.theta.copy()
    history = network.fit(X, y, optimizer=SGD(RATE), epochs=1, batch_size="all", progress=False, **how)
    gradient = (before - network.theta) / RATE
    network.theta = before
    return gradient, history.epochs[0]["loss"]


def check(network, X, y, seed=0, **how):
    gradient, loss = gradient_of(network, X, y, **how)
    weights = how.get("sample_weight")

    def measured():
        return network.evaluate(X, y, sample_weight=weights)["loss"]

    assert loss == pytest.approx(measured(), rel=1e-12)
    theta, step = network.theta.copy(), 1e-5
    direction = np.random.default_rng(seed).normal(size=theta.size)
    network.theta = theta + step * direction
    above = measured()
    network.theta = theta - step * direction
    slope = (above - measured()) / (2 * step)
    terms = gradient * direction
    assert abs(slope - terms.sum()) <= 1e-7 * max(np.abs(terms).sum(), 1e-2)


def network_of(graph):
    network = Network([Dense(1)], seed=3, dtype="float64")
    network._graph = graph
    network.build(graph.n_features)
    # Away from the zeros that biases begin with, where the derivative of ReLU jumps.
    network.theta = network.theta + np.random.default_rng(1).normal(size=network.theta.size) / 2
    return network


def targets_for(network, n, rng):
    last = network._operations[-1]
    if last.row == "softmax":
        return np.arange(n) % last.size
    if last.row == "sigmoid":
        return (rng.uniform(size=(n, last.size)) < 0.5) * 1 if last.size > 1 else np.arange(n).reshape(-1, 1) % 2
    return rng.normal(size=(n, last.size))


def residual_of_itself():
    x = Dense(3)(Input(2)())
    return graph_of(Dense(2)(Add()(Tanh()(x), Add()(x, x))))


def input_added_to_itself():
    x = Input(3)()
    return graph_of(Dense(2)(Add()(x, x)))


@settings(max_examples=60)
@given(networks(dropout=False), st.integers(2, 9), st.booleans(), st.integers(0, 2**32))
@example(residual_of_itself(), 4, False, 0)
@example(input_added_to_itself(), 4, True, 0)
def test_any_network(graph, n, weighted, seed):
    network, rng = network_of(graph), np.random.default_rng(seed)
    last = network._operations[-1]
    assume(network.theta.size > 0)
    assume(last.row != "softmax" or last.size > 1)
    X, y = rng.normal(size=(n, graph.n_features)), targets_for(network, n, rng)
    check(network, X, y, sample_weight=rng.uniform(0.5, 2, n) if weighted else None)


@pytest.mark.parametrize("n_threads", [1, 2, 3])
@pytest.mark.compiled
def test_a_network_whose_work_is_cut(n_threads):
    rng = np.random.default_rng(0)
    x = Input(40)()
    hidden = Dense(90, activation="tanh")(x)
    graph = graph_of(Softmax()(Dense(5)(Add()(hidden, Dense(90, activation="sigmoid")(hidden)))))
    network = network_of(graph)
    X = rng.normal(size=(700, 40))
    check(network, X, np.arange(700) % 5, n_threads=n_threads)


@pytest.mark.parametrize("layers", [[ReLU()], [Tanh(), Sigmoid()], [Dropout(0.5), Softmax()]], ids=repr)
def test_a_network_without_parameters_learns_nothing_and_fails_nowhere(layers):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(8, 3))
    network = Network(layers, seed=0, dtype="float64")
    y = np.arange(8) % 3 if layers[-1] == Softmax() else rng.uniform(size=(8, 3))
    history = network.fit(X, y, epochs=2, batch_size=3, progress=False)
    assert len(history) == 2
    assert network.theta.size == 0
    assert network.predict(X).shape == (8, 3)


def test_dropout_keeps_the_gradient_of_what_it_kept():
    """Each weight's gradient is 0 where its input was dropped, else that without dropout, enlarged."""
    X, y = np.ones((1, 400)), np.zeros((1, 1))
    network = Network([Dropout(0.25), Dense(1, bias=False)], seed=0, dtype="float64").build(400)
    network.theta = np.full(400, 1e-3)
    gradient, _ = gradient_of(network, X, y)
    kept = gradient != 0
    assert kept.mean() == pytest.approx(0.75, abs=0.08)
    output = kept.sum() / 0.75 * 1e-3
    np.testing.assert_allclose(gradient[kept], output / 0.75, rtol=1e-9)
