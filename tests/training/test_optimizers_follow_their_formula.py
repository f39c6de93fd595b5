"""Every optimizer over a hundred updates of a whole network, against the rule's formula and a gradient by hand."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from netlet import Dense, Network, Softmax
from netlet.training.optimizers import OPTIMIZERS, optimizer_of

sys.path.append(str(Path(__file__).parents[1] / "kernels"))
import oracles

pytestmark = pytest.mark.plain
SIZES, N_SAMPLES, N_STEPS = (5, 6, 4, 3), 30, 100

# Rates at which noise of 1e-16 of the largest gradient, added at each step, moves the end by 2e-12 of it at most. At
# larger ones the way is chaotic: RMSprop's at 0.01 makes 1e-9 of that noise.
CHOSEN = {
    "sgd": {"learning_rate": 0.5},
    "momentum": {"learning_rate": 0.1, "momentum": 0.8},
    "nesterov": {"learning_rate": 0.1, "momentum": 0.8},
    "averaged_momentum": {"learning_rate": 0.4, "beta": 0.8},
    "uncorrected": {"learning_rate": 0.4, "beta": 0.8, "bias_correction": False},
    "adagrad": {"learning_rate": 0.2, "eps": 1e-6},
    "adadelta": {"learning_rate": 0.5, "rho": 0.9, "eps": 1e-4},
    "rmsprop": {"learning_rate": 0.003, "rho": 0.8, "eps": 1e-3},
    "adam": {"learning_rate": 0.02, "beta1": 0.8, "beta2": 0.9, "eps": 1e-3},
    "adam_eps_hat": {"learning_rate": 0.02, "beta1": 0.8, "beta2": 0.9, "eps": 1e-3},
    "amsgrad": {"learning_rate": 0.05, "beta1": 0.8, "beta2": 0.9, "eps": 1e-3},
    "adamw": {"learning_rate": 0.01, "beta1": 0.8, "beta2": 0.9, "eps": 1e-3, "weight_decay": 0.2},
    "nadam": {"learning_rate": 0.01, "beta1": 0.8, "beta2": 0.9, "eps": 1e-3},
    "lion": {"learning_rate": 0.01, "beta1": 0.8, "beta2": 0.9},
    "rprop": {"learning_rate": 0.02, "eta_minus": 0.6, "eta_plus": 1.1, "least_step": 1e-3, "most_step": 0.1},
}
NAMES = {"uncorrected": "averaged_momentum"}


def build(name):
    """Return the optimizer of a line of `CHOSEN`."""
    return OPTIMIZERS[NAMES.get(name, name)](**CHOSEN[name])


def blocks_of(theta):
    """Return the weight and bias of each layer as views of theta, and which numbers are weights."""
    parts, place, is_weight = [], 0, np.zeros(theta.size, bool)
    for n_in, n_out in pairwise(SIZES):
        end = place + n_in * n_out
        is_weight[place:end] = True
        parts.append((theta[place:end].reshape(n_in, n_out), theta[end : end + n_out]))
        place = end + n_out
    assert place == theta.size
    return parts, is_weight


def gradient(theta, x, labels):
    """Return the gradient of the mean cross-entropy, layer by layer from the last."""
    parts, values = blocks_of(theta)[0], [x]
    for weight, bias in parts[:-1]:
        values.append(np.tanh(values[-1] @ weight + bias))
    weight, bias = parts[-1]
    dvalue = (special.softmax(values[-1] @ weight + bias, axis=1) - np.eye(SIZES[-1])[labels]) / len(x)
    found = []
    for (weight, _), value in zip(reversed(parts), reversed(values), strict=True):
        found = [value.T @ dvalue, dvalue.sum(axis=0), *found]
        dvalue = (dvalue @ weight.T) * (1 - value**2)
    return np.concatenate([part.ravel() for part in found])


def follow(name, theta, x, labels, batches):
    """Return the parameters after the batches' updates, and the gradients.

    No rule looks at theta itself, so an update is what one gradient more adds to the way from 0.
    """
    optimizer = build(name)
    rule, settings = oracles.UPDATES[optimizer.rule], optimizer.settings()
    gradients, before, is_weight = [], np.zeros_like(theta), blocks_of(theta)[1]
    decay = optimizer.learning_rate * optimizer.weight_decay * is_weight
    for rows in batches:
        gradients.append(gradient(theta, x[rows], labels[rows]))
        now = rule(np.zeros_like(theta), np.array(gradients), optimizer.learning_rate, *settings)
        theta = theta - decay * theta + (now - before)
        before = now
    return theta, np.array(gradients)


def problem():
    """Return samples whose labels no line divides, so that no gradient vanishes, and a network."""
    rng = np.random.default_rng(4)
    x, labels = rng.normal(size=(N_SAMPLES, SIZES[0])), rng.permutation(np.arange(N_SAMPLES) % SIZES[-1])
    middle = [Dense(units, activation="tanh") for units in SIZES[1:-1]]
    network = Network([*middle, Dense(SIZES[-1]), Softmax()], seed=0, dtype="float64").build(SIZES[0])
    network.theta = rng.normal(size=network.theta.size) * 0.7  # the biases too
    return x, labels, network


def check(name, batch_size, epochs):
    x, labels, network = problem()
    size = N_SAMPLES if batch_size == "all" else batch_size
    batches = [slice(start, start + size) for start in range(0, N_SAMPLES, size)] * epochs
    expected, gradients = follow(name, network.theta.copy(), x, labels, batches)
    network.fit(x, labels, optimizer=build(name), epochs=epochs, batch_size=batch_size, shuffle=False, progress=False)
    assert len(gradients) == N_STEPS
    assert np.abs(gradients).max(axis=0).min() > 1e-3  # every parameter is led somewhere
    np.testing.assert_allclose(network.theta, expected, rtol=1e-10, atol=0)
    return gradients


# The trainer is to take the decay from the optimizer.
@pytest.mark.parametrize("name", CHOSEN)
def test_a_hundred_updates_of_the_whole_batch(name):
    gradients = check(name, "all", N_STEPS)
    if name == "rprop":
        assert np.abs(gradients).min() > 1e-8  # rounding decides no sign
    if name == "lion":
        mean, beta1, beta2 = 0.0, *build("lion").settings()
        for each in gradients:
            assert np.abs(beta1 * mean + (1 - beta1) * each).min() > 1e-8
            mean = beta2 * mean + (1 - beta2) * each


@pytest.mark.parametrize("name", ["nesterov", "amsgrad", "nadam", "adadelta"])
def test_a_hundred_updates_of_batches(name):
    """Twenty epochs; the last batch of each is of 2 samples, and the updates are counted through all of them."""
    check(name, 7, 20)


def test_every_optimizer_is_here():
    assert {NAMES.get(name, name) for name in CHOSEN} == set(OPTIMIZERS)
    for name, settings in CHOSEN.items():
        own = optimizer_of(NAMES.get(name, name))
        assert all(getattr(own, setting) != value for setting, value in settings.items()), "so that none goes unread"
