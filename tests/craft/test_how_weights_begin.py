"""What the initial weights decide: symmetry that training cannot break, and tanh that is saturated."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Constant, Dense, Network, Normal, Sigmoid

pytestmark = pytest.mark.plain


def samples(n=40):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 3))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def spread(network):
    """Return how far the columns of the hidden weight, a neuron each, lie from each other."""
    weight = network.parameters["dense_1.weight"]
    return np.abs(weight - weight[:, :1]).max()


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("value", [0.0, 0.4])
def test_neurons_that_begin_alike_stay_alike(value, optimizer):
    X, y = samples()
    layers = [
        Dense(4, activation="tanh", initialiser=Constant(value)), Dense(1, initialiser=Constant(value)), Sigmoid()
    ]  # fmt: skip
    network = Network(layers, seed=0, dtype="float64").build(3)
    start = network.theta.copy()
    network.fit(X, y, optimizer=optimizer, learning_rate=0.05, epochs=60, batch_size=8, progress=False)
    assert np.abs(network.theta - start).max() > 0.05, "it learns"
    assert spread(network) <= 1e-12
    outgoing = network.parameters["dense_2.weight"]
    assert np.abs(outgoing - outgoing[0]).max() <= 1e-12


def test_random_weights_break_the_symmetry():
    X, y = samples()
    network = Network([Dense(4, activation="tanh", initialiser=Normal(1e-3)), Dense(1), Sigmoid()], seed=0)
    assert spread(network.build(3)) < 0.01
    network.fit(X, y, learning_rate=0.05, epochs=100, batch_size=8, progress=False)
    assert spread(network) > 0.5


def test_alike_neurons_are_worth_one():
    """Four that begin alike reach no lower a loss than one can; four that do not, do."""
    X, y = samples()
    losses = {}
    for name, initialiser in (("alike", Constant(0.4)), ("random", "auto")):
        layers = [Dense(4, activation="tanh", initialiser=initialiser), Dense(1, initialiser=initialiser), Sigmoid()]
        network = Network(layers, seed=0, dtype="float64")
        network.fit(X, y, learning_rate=0.05, epochs=150, batch_size=8, progress=False)
        losses[name] = network.evaluate(X, y)["loss"]
    assert losses["alike"] > 0.5
    assert losses["random"] < 0.3


def test_large_weights_saturate_tanh_and_the_gradient_falls():
    """With each doubling of the scale more neurons are at 1 or -1, where the slope of tanh vanishes."""
    X, y = samples(200)
    network = Network([Dense(20, activation="tanh"), Dense(1), Sigmoid()], seed=0, dtype="float64").build(3)
    weight = network.parameters["dense_1.weight"]
    drawn, norms, shares = np.random.default_rng(1).normal(size=weight.shape), [], []
    scales = 2.0 ** np.arange(9)
    for scale in scales:
        weight[:] = scale * drawn
        gradient = network.loss_and_gradient(X, y)[1]
        norms.append(float(np.linalg.norm(gradient[: weight.size])))
        shares.append(float((np.abs(np.tanh(X @ weight)) > 0.99).mean()))
    figures = "\n".join(
        f"scale {scale:5g}: gradient {norm:.2e}, saturated {share:.0%}"
        for scale, norm, share in zip(scales, norms, shares, strict=True)
    )
    assert (np.diff(norms) < 0).all(), figures
    assert (np.diff(shares) > 0).all(), figures
    assert norms[-1] < norms[0] / 20, figures
    assert shares[0] < 0.3, figures
    assert shares[-1] > 0.98, figures


def test_the_gradient_vanishes_through_layers_of_sigmoids():
    """The slope of the sigmoid is 1/4 at most: each layer further from the output gets less of the gradient."""
    X, y = samples()
    layers = [*[Dense(6, activation="sigmoid") for _ in range(5)], Dense(1), Sigmoid()]
    network = Network(layers, seed=0, dtype="float64").build(3)
    gradient = network.loss_and_gradient(X, y)[1]
    network.theta = gradient  # so that it can be read by name
    norms = [float(np.linalg.norm(network.parameters[f"dense_{place}.weight"])) for place in range(1, 7)]
    assert (np.diff(norms) > 0).all(), norms
    assert norms[0] < norms[-1] / 1000, norms
