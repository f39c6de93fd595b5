"""Penalties and weight decay in training, against gradient descent by NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from descent import IN_FIRST, IS_WEIGHT, N_CLASSES, N_HIDDEN, RATE, descend, gradient, problem, train

from netlet import SGD, Adam, AdamW, Dense, Input, Network, Residual, Softmax

pytestmark = pytest.mark.plain
EPOCHS, BATCH = 4, 5  # twelve steps; the last batch of an epoch is of 3 samples

# What fit is given, and the same for each parameter.
CASES = {
    "l2": ({"l2": 0.1}, {"l2": 0.1 * IS_WEIGHT}),
    "l2 of biases too": ({"l2": 0.1, "penalise_biases": True}, {"l2": 0.1}),
    "l2 of one layer": ({"l2": {"dense_2": 0.1}}, {"l2": 0.1 * IS_WEIGHT * (1 - IN_FIRST)}),
    "l2 of each layer": (
        {"l2": {"dense_1": 0.2, "dense_2": 0.05}}, {"l2": IS_WEIGHT * np.where(IN_FIRST > 0, 0.2, 0.05)}
    ),
    "l1": ({"l1": 0.1}, {"l1": 0.1 * IS_WEIGHT}),
    "l1 of biases too": ({"l1": 0.1, "penalise_biases": True}, {"l1": 0.1}),
    "l1 of one layer": ({"l1": {"dense_1": 0.1}}, {"l1": 0.1 * IS_WEIGHT * IN_FIRST}),
    "elastic": ({"l1": 0.05, "l2": 0.1}, {"l1": 0.05 * IS_WEIGHT, "l2": 0.1 * IS_WEIGHT}),
    "elastic, one of one layer": (
        {"l1": {"dense_1": 0.05}, "l2": 0.1}, {"l1": 0.05 * IS_WEIGHT * IN_FIRST, "l2": 0.1 * IS_WEIGHT}
    ),
    "decay": ({"optimizer": SGD(RATE, weight_decay=0.2)}, {"decay": 0.2 * IS_WEIGHT}),
    "decay of biases too": ({"optimizer": SGD(RATE, weight_decay=0.2), "penalise_biases": True}, {"decay": 0.2}),
    "decay and elastic": (
        {"optimizer": SGD(RATE, weight_decay=0.2), "l1": 0.02, "l2": 0.1},
        {"decay": 0.2 * IS_WEIGHT, "l1": 0.02 * IS_WEIGHT, "l2": 0.1 * IS_WEIGHT},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_training_is_that_by_hand(case):
    given, terms = CASES[case]
    x, labels, network = problem()
    bare = descend(network.theta.copy(), x, labels, EPOCHS, BATCH)[-1]
    expected = descend(network.theta.copy(), x, labels, EPOCHS, BATCH, **terms)[-1]
    assert np.abs(expected - bare).max() > 0.01, "the case shows something"
    train(network, x, labels, EPOCHS, BATCH, **given)
    np.testing.assert_allclose(network.theta, expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("case", [name for name in CASES if "decay" not in name])
def test_the_penalty_is_recorded_and_the_loss_is_without_it(case):
    given, terms = CASES[case]
    x, labels, network = problem()
    start = network.theta.copy()
    way = descend(start.copy(), x, labels, EPOCHS, len(x), **terms)
    history = train(network, x, labels, EPOCHS, "all", **given)
    penalties = [(terms.get("l1", 0) * np.abs(w) + terms.get("l2", 0) / 2 * w**2).sum() for w in way]
    losses = [gradient(w, x, labels, N_HIDDEN, N_CLASSES)[0] for w in [start, *way[:-1]]]
    np.testing.assert_allclose(history.column("penalty"), penalties, rtol=1e-11)
    np.testing.assert_allclose(history.column("loss"), losses, rtol=1e-11)


@pytest.mark.parametrize("given", [{}, CASES["decay"][0]], ids=["bare", "decay"])
def test_without_penalties_none_is_recorded(given):
    x, labels, network = problem()
    assert "penalty" not in train(network, x, labels, 1, BATCH, **given).epochs[0]


def test_each_l1_step_is_soft_thresholding():
    """A step without l1 and then by hand towards 0, by learning rate times l1; what was nearer is exactly 0."""
    x, labels, network = problem()
    n_zero = []
    for _ in range(30):
        before = network.theta.copy()
        train(network, x, labels, 1, "all")
        expected = network.theta.copy()
        expected[IS_WEIGHT > 0] = [np.sign(w) * max(abs(w) - RATE * 0.1, 0) for w in expected[IS_WEIGHT > 0]]
        network.theta = before
        train(network, x, labels, 1, "all", l1=0.1)
        np.testing.assert_allclose(network.theta, expected, rtol=1e-13)
        np.testing.assert_array_equal(network.theta == 0, expected == 0)
        n_zero.append((network.theta[IS_WEIGHT > 0] == 0).sum())
    assert 5 < n_zero[-1] < IS_WEIGHT.sum()
    assert (network.theta[IS_WEIGHT == 0] != 0).all()


def test_the_subgradient_of_l1_gives_no_zeros():
    """Which is why it is taken as a proximal step."""
    x, labels, network = problem()
    for _ in range(60):
        g = network.loss_and_gradient(x, labels, l1=0.1)[1]
        network.theta = network.theta - RATE * g
    assert (network.theta != 0).all()
    assert (np.abs(network.theta[IS_WEIGHT > 0]) < RATE * 0.1).sum() > 5


def test_decay_is_l2_for_plain_descent_only():
    """For SGD both take the same share of each weight; Adam divides the gradient of L2 by its size, not the decay."""
    x, labels, network = problem()
    start, found = network.theta.copy(), []
    for how in (
        {"optimizer": SGD(RATE, weight_decay=0.2)},
        {"optimizer": SGD(RATE), "l2": 0.2},
        {"optimizer": AdamW(0.01, weight_decay=0.2)},
        {"optimizer": Adam(0.01), "l2": 0.2},
    ):
        network.theta = start
        train(network, x, labels, EPOCHS, BATCH, **how)
        found.append(network.theta.copy())
    np.testing.assert_allclose(found[0], found[1], rtol=1e-11, atol=1e-14)
    assert np.abs(found[2] - found[3]).max() > 0.01


@pytest.mark.parametrize("decoupled", [True, False], ids=["adamw", "adam with l2"])
def test_adam_by_hand(decoupled):
    rate, beta1, beta2, eps, amount = 0.05, 0.8, 0.9, 1e-6, 0.3
    x, labels, network = problem()
    theta, mean, square = network.theta.copy(), 0.0, 0.0
    for number in range(1, 11):
        g = gradient(theta, x, labels, N_HIDDEN, N_CLASSES)[1]
        if not decoupled:
            g = g + amount * IS_WEIGHT * theta
        mean, square = beta1 * mean + (1 - beta1) * g, beta2 * square + (1 - beta2) * g**2
        if decoupled:
            theta = theta * (1 - rate * amount * IS_WEIGHT)
        theta = theta - rate * (mean / (1 - beta1**number)) / (np.sqrt(square / (1 - beta2**number)) + eps)
    how = (
        {"optimizer": AdamW(rate, beta1, beta2, eps, weight_decay=amount)}
        if decoupled
        else {"optimizer": Adam(rate, beta1, beta2, eps), "l2": amount}
    )
    train(network, x, labels, 10, "all", **how)
    np.testing.assert_allclose(network.theta, theta, rtol=1e-10)


def test_the_penalised_gradient_is_that_of_training():
    x, labels, network = problem()
    start = network.theta.copy()
    loss, g = network.loss_and_gradient(x, labels, l2={"dense_1": 0.3}, penalise_biases=True)
    bare_loss, bare = gradient(start, x, labels, N_HIDDEN, N_CLASSES)
    assert loss == pytest.approx(bare_loss + 0.15 * (IN_FIRST * start**2).sum(), rel=1e-12)
    np.testing.assert_allclose(g, bare + 0.3 * IN_FIRST * start, rtol=1e-11)
    train(network, x, labels, 1, "all", l2={"dense_1": 0.3}, penalise_biases=True)
    np.testing.assert_allclose(network.theta, start - RATE * g, rtol=1e-13)


def test_terms_of_a_block_and_of_a_layer_in_it():
    """Each term is that of the innermost layer that it names, whatever another term names."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 3)), np.arange(12) % 3
    layers = [Input(3), Residual((Dense(4, activation="tanh"), Dense(3))), Dense(3), Softmax()]
    networks = [Network(layers, seed=0, dtype="float64") for _ in range(2)]
    inner = ("residual_1.dense_1", "residual_1.dense_2")
    both = [
        {"l2": {"residual_1": 0.3}, "rate_factors": {inner[0]: 0.5}, "l1": {inner[1]: 0.01, "dense_1": 0.02}},
        {
            "l2": {inner[0]: 0.3, inner[1]: 0.3}, "rate_factors": {inner[0]: 0.5, inner[1]: 1.0, "dense_1": 1.0},
            "l1": {inner[0]: 0.0, inner[1]: 0.01, "dense_1": 0.02},
        },
    ]  # fmt: skip
    for network, how in zip(networks, both, strict=True):
        network.fit(X, y, optimizer=SGD(0.3), epochs=5, batch_size="all", progress=False, **how)
    np.testing.assert_array_equal(networks[0].theta, networks[1].theta)
