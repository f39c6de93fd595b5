"""The first steps of a small network, with each optimizer, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from by_hand import gradient

from netlet import SGD, Adam, Dense, Momentum, Network, Softmax

pytestmark = pytest.mark.plain
N_HIDDEN, N_CLASSES = 5, 3


def small_problem(n=12):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 4)), rng.permutation(np.arange(n) % N_CLASSES)


def small_network(dtype="float64"):
    return Network([Dense(N_HIDDEN, activation="tanh"), Dense(N_CLASSES), Softmax()], seed=1, dtype=dtype)


class BySGD:
    def __init__(self, size):
        pass

    def step(self, theta, dtheta, number):
        theta -= 0.3 * dtheta


class ByMomentum:
    def __init__(self, size):
        self.velocity = np.zeros(size)

    def step(self, theta, dtheta, number):
        self.velocity = 0.8 * self.velocity - 0.3 * dtheta
        theta += self.velocity


class ByAdam:
    def __init__(self, size):
        self.mean, self.square = np.zeros(size), np.zeros(size)

    def step(self, theta, dtheta, number):
        self.mean = 0.7 * self.mean + 0.3 * dtheta
        self.square = 0.9 * self.square + 0.1 * dtheta**2
        theta -= 0.3 * (self.mean / (1 - 0.7**number)) / (np.sqrt(self.square / (1 - 0.9**number)) + 1e-6)


CASES = [(SGD(0.3), BySGD), (Momentum(0.3, 0.8), ByMomentum), (Adam(0.3, 0.7, 0.9, 1e-6), ByAdam)]


@pytest.mark.parametrize("weighted", [False, True], ids=["alike", "weighted"])
@pytest.mark.parametrize("batch_size", ["all", 5], ids=["whole", "batches"])
@pytest.mark.parametrize(("optimizer", "by_hand"), CASES, ids=["sgd", "momentum", "adam"])
def test_steps_are_those_by_hand(optimizer, by_hand, batch_size, weighted):
    """Two epochs; batches of 5 leave one of 2 at the end of each, and Adam counts its steps over all epochs."""
    x, y = small_problem()
    weights = np.random.default_rng(1).uniform(0.5, 2, len(x)) if weighted else None
    network = small_network().build(4)
    theta, losses, rule, number = network.theta.copy(), [], by_hand(network.theta.size), 0
    size = len(x) if batch_size == "all" else batch_size
    for _ in range(2):
        parts = []
        for start in range(0, len(x), size):
            rows, number = slice(start, start + size), number + 1
            own = weights[rows] if weighted else None
            loss, dtheta = gradient(theta, x[rows], y[rows], N_HIDDEN, N_CLASSES, own)
            parts.append((loss, own.sum() if weighted else len(x[rows])))
            rule.step(theta, dtheta, number)
        losses.append(np.average([loss for loss, _ in parts], weights=[weight for _, weight in parts]))
    history = network.fit(
        x, y, optimizer=optimizer, epochs=2, batch_size=batch_size, shuffle=False, sample_weight=weights, progress=False
    )
    np.testing.assert_allclose(network.theta, theta, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(history.column("loss"), losses, rtol=1e-13)


def test_a_float32_network_stays_close_to_float64():
    x, y = small_problem()
    found = []
    for dtype in ("float32", "float64"):
        network = small_network(dtype).build(4)
        network.theta = small_network().build(4).theta
        network.fit(x, y, optimizer=SGD(0.3), epochs=5, batch_size=5, shuffle=False, progress=False)
        assert network.theta.dtype == dtype
        found.append(network.theta.copy())
    np.testing.assert_allclose(found[0], found[1], atol=2e-6)


def test_no_epochs_change_nothing():
    x, y = small_problem()
    network = small_network().build(4)
    before = network.theta.copy()
    history = network.fit(x, y, epochs=0, progress=False)
    assert len(history) == 0
    assert history.stopped == "epochs"
    np.testing.assert_array_equal(network.theta, before)
