"""Clipping, in training, against gradient descent by NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from descent import IS_WEIGHT, N_CLASSES, N_HIDDEN, RATE, descend, gradient, problem, train

from netlet import SGD, Dense, Network, Softmax

EPOCHS, BATCH = 4, 5


@pytest.mark.plain
@pytest.mark.parametrize(
    "given",
    [{"clip_value": 0.05}, {"clip_norm": 0.3}, {"clip_norm": 1e9}, {"clip_value": 0.1, "clip_norm": 0.3}],
    ids=str,
)
def test_training_is_that_by_hand(given):
    x, labels, network = problem()
    expected = descend(network.theta.copy(), x, labels, EPOCHS, BATCH, **given)[-1]
    train(network, x, labels, EPOCHS, BATCH, **given)
    np.testing.assert_allclose(network.theta, expected, rtol=1e-11)


@pytest.mark.plain
@pytest.mark.parametrize("limit", [{"clip_norm": 0.3}, {"clip_value": 0.05}], ids=str)
def test_the_penalty_is_clipped_with_the_gradient_and_decay_is_not(limit):
    x, labels, network = problem()
    expected = descend(
        network.theta.copy(), x, labels, EPOCHS, BATCH, l2=0.5 * IS_WEIGHT, decay=0.1 * IS_WEIGHT, **limit
    )[-1]
    train(network, x, labels, EPOCHS, BATCH, optimizer=SGD(RATE, weight_decay=0.1), l2=0.5, **limit)
    np.testing.assert_allclose(network.theta, expected, rtol=1e-11)


@pytest.mark.plain
def test_a_step_is_no_longer_than_allowed():
    x, labels, network = problem()
    start = network.theta.copy()
    length = np.linalg.norm(gradient(start, x, labels, N_HIDDEN, N_CLASSES)[1])
    for most in (length / 10, length * 1.001):
        network.theta = start
        train(network, x, labels, 1, "all", clip_norm=most)
        assert np.linalg.norm(network.theta - start) == pytest.approx(RATE * min(most, length), rel=1e-12)


@pytest.mark.compiled
@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_any_number_of_threads_gives_the_same_bits(dtype):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(600, 80)), np.arange(600) % 10
    found = []
    for n_threads in (1, 2, 3):
        network = Network([Dense(150, activation="tanh"), Dense(10), Softmax()], seed=0, dtype=dtype)
        assert np.linalg.norm(network.build(80).loss_and_gradient(X, y)[1]) > 0.1, "there is something to clip"
        how = {"clip_norm": 0.05, "l1": 1e-4, "l2": 1e-3, "rate_factors": {"dense_1": 0.5}}
        network.fit(X, y, epochs=3, batch_size=200, n_threads=n_threads, progress=False, **how)
        found.append(network.theta.copy())
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
