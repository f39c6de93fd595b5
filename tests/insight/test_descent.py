"""Paths over plain functions against the formulas of the papers, written in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import SGD, Adam, AdamW, Momentum, RMSprop
from netlet.insight.descent import descend
from netlet.training.optimizers import OPTIMIZERS

pytestmark = pytest.mark.plain
START = np.array([-1.2, 1.6])


def slope(p):
    """Of Rosenbrock's valley, (1 - a)^2 + 5 (b - a^2)^2."""
    return np.array([-2 * (1 - p[0]) - 20 * p[0] * (p[1] - p[0] ** 2), 10 * (p[1] - p[0] ** 2)])


def momentum(n, rate, mu):
    p, v, path = START, 0.0, [START]
    for _ in range(n):
        v = mu * v - rate * slope(p)
        p = p + v
        path.append(p)
    return np.array(path)


def rmsprop(n, rate, rho, eps):
    p, s, path = START, 0.0, [START]
    for _ in range(n):
        g = slope(p)
        s = rho * s + (1 - rho) * g**2
        p = p - rate * g / (np.sqrt(s) + eps)
        path.append(p)
    return np.array(path)


def adam(n, rate, beta1, beta2, eps, decay=0.0):
    p, m, v, path = START, 0.0, 0.0, [START]
    for t in range(1, n + 1):
        g = slope(p)
        p = p - rate * decay * p
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        p = p - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
        path.append(p)
    return np.array(path)


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (SGD(0.01), momentum(30, 0.01, 0.0)),
        (Momentum(0.01, momentum=0.8), momentum(30, 0.01, 0.8)),
        (RMSprop(0.05, rho=0.7), rmsprop(30, 0.05, 0.7, 1e-8)),
        (Adam(0.1, beta1=0.8, beta2=0.95), adam(30, 0.1, 0.8, 0.95, 1e-8)),
        (AdamW(0.1, weight_decay=0.2), adam(30, 0.1, 0.9, 0.999, 1e-8, decay=0.2)),
    ],
    ids=lambda each: type(each).__name__ if not isinstance(each, np.ndarray) else "",
)
def test_paths_are_those_of_the_formulas(optimizer, expected):
    path = descend(slope, START, optimizer, 30)
    assert path.dtype == np.float64
    np.testing.assert_allclose(path, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_rule_descends_a_bowl(name):
    rate = {"adagrad": 0.5, "adadelta": 1.0}.get(name, 0.05)
    path = descend(lambda p: 2 * p, [3.0, -2.0, 1.0], name, 400, learning_rate=rate)
    assert path.shape == (401, 3)
    # Adadelta's first steps are as small as its eps, whatever the rate.
    assert np.linalg.norm(path[-1]) < (0.9 if name == "adadelta" else 0.2) * np.linalg.norm(path[0])


def test_the_start_and_what_the_gradient_returns_are_left_alone():
    start, kept = np.array([1.0, 2.0]), np.array([1.0, -1.0])

    def fixed(point):
        point[:] = 7.0  # a careless function does not move the path
        return kept

    path = descend(fixed, start, "momentum", 2, learning_rate=0.1)
    np.testing.assert_array_equal(start, [1.0, 2.0])
    np.testing.assert_array_equal(kept, [1.0, -1.0])
    np.testing.assert_allclose(path[1], [0.9, 2.1])


def test_a_path_that_diverges_ends_in_nan():
    path = descend(lambda p: p**3, [10.0], "sgd", 50, learning_rate=1.0)
    finite = np.isfinite(path[:, 0])
    assert 1 < finite.sum() < 51
    assert finite[: finite.sum()].all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"gradient": 3}, TypeError, "gradient=3 is not callable"),
        ({"start": "here"}, ValueError, "start='here' is not a point"),
        ({"start": [np.nan]}, ValueError, "start="),
        ({"start": []}, ValueError, "start="),
        ({"start": [[1.0, 2.0]]}, ValueError, "start="),
        ({"steps": 0}, ValueError, "steps=0 is not >= 1"),
        ({"steps": 2.5}, TypeError, "steps=2.5"),
        ({"optimizer": "adan"}, ValueError, "did you mean 'adam'"),
        ({"optimizer": Adam(), "learning_rate": 0.1}, ValueError, "learning_rate=0.1 is given beside optimizer"),
        ({"learning_rate": -1.0}, ValueError, "learning_rate=-1.0"),
        ({"gradient": lambda p: [1.0, 2.0, 3.0]}, ValueError, r"shape \(3,\) at a point of 2 coordinates"),
    ],
)
def test_bad_input_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        descend(**({"gradient": slope, "start": START} | arguments))
