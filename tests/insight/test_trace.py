"""A trace against a forward and backward pass in plain NumPy, against `loss_and_gradient` and against `fit`."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import (
    LSTM,
    SGD,
    Adam,
    AdamW,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Network,
    Softmax,
    TiedDense,
)
from netlet.training.optimizers import Momentum

pytestmark = pytest.mark.plain
X = np.array([[0.5, 0.1, -0.2], [1.0, -2.0, 0.3]])
W1 = np.array([[0.5, -0.6], [0.1, -0.2], [0.1, 0.7]])
B1, W2, B2 = np.array([0.1, -0.1]), np.array([[0.1], [-0.3]]), np.array([0.2])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def three_two_one():
    network = Network([Input(3), Dense(2, "sigmoid"), Dense(1, "sigmoid")], dtype="float64", seed=0)
    network.theta = np.concatenate([W1.ravel(), B1, W2.ravel(), B2])
    return network


@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy"])
@pytest.mark.parametrize("n", [1, 2])
def test_every_value_of_a_small_network(loss, n):
    """Against the formulas of the two passes, written in NumPy."""
    x, y = X[:n], np.array([[0.0], [1.0]])[:n]
    trace = three_two_one().trace(x, y[:, 0], loss=loss, learning_rate=0.5)
    Z1 = x @ W1 + B1
    A1 = sigmoid(Z1)
    Z2 = A1 @ W2 + B2
    A2 = sigmoid(Z2)
    if loss == "squared_error":
        expected = {"L": ((A2 - y) ** 2).mean() / 2, "dA2": (A2 - y) / n}
        dZ2 = (A2 - y) / n * A2 * (1 - A2)
    else:
        expected = {"L": -(y * np.log(A2) + (1 - y) * np.log(1 - A2)).mean()}
        dZ2 = (A2 - y) / n
    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * A1 * (1 - A1)
    slopes = {"dW1": x.T @ dZ1, "db1": dZ1.sum(axis=0), "dW2": A1.T @ dZ2, "db2": dZ2.sum(axis=0)}
    own = {"W1": W1, "b1": B1, "W2": W2, "b2": B2}
    expected |= {"X": x, "Y": y, "Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    expected |= {"dZ2": dZ2, "dA1": dA1, "dZ1": dZ1, "dX": dZ1 @ W1.T}
    expected |= slopes | own
    expected |= {f"change {name}": -0.5 * slopes[f"d{name}"] for name in own}
    expected |= {f"new {name}": own[name] - 0.5 * slopes[f"d{name}"] for name in own}
    assert set(trace) == set(expected)
    for name, value in expected.items():
        assert trace[name].shape == np.shape(value), name
        np.testing.assert_allclose(trace[name], value, rtol=1e-12, atol=1e-15, err_msg=name)


def test_one_number_worked_by_hand():
    """z = 0.5 0.5 + 0.1 0.1 - 0.2 0.1 + 0.1 = 0.34."""
    trace = three_two_one().trace(X[:1], [0.6], loss="squared_error")
    assert trace["Z1"][0, 0] == pytest.approx(0.34, rel=1e-14)
    assert trace["Z1"][0, 1] == pytest.approx(-0.56, rel=1e-14)


def parts(trace, prefix):
    """Join an array of each parameter in the order of theta."""
    names = [each.name for each in trace.quantities if each.meaning == "parameter"]
    return np.concatenate([trace[prefix + name].ravel() for name in names])


def test_read_only_arrays_and_float32():
    x, y = X.astype(np.float32), np.array([[0.0], [1.0]], np.float32)
    x.flags.writeable = y.flags.writeable = False
    network = Network([Input(3), Dense(2, "tanh"), Dense(1)], seed=0)
    trace = network.trace(x, y)
    assert {each.value.dtype for each in trace.quantities if each.name != "L"} == {np.dtype(np.float32)}
    np.testing.assert_allclose(parts(trace, "d"), network.loss_and_gradient(x, y)[1], rtol=1e-6, atol=1e-9)


def test_a_second_step_is_that_of_a_second_fit_with_new_memory():
    network, y = three_two_one(), [0.0, 1.0]
    for _ in range(2):
        trace = network.trace(X, y, optimizer="adam")
        network.fit(X, y, optimizer="adam", epochs=1, batch_size="all", shuffle=False, progress=False, loss="auto")
        np.testing.assert_array_equal(parts(trace, "new "), network.theta)


def networks():
    rng = np.random.default_rng(1)
    flat, labels = rng.normal(size=(6, 5)), rng.integers(0, 3, 6)
    yield "deep", [Input(5), Dense(4, "gelu"), Dense(4, "relu"), Dense(3), Softmax()], flat, labels
    yield "random", [Input(5), Dense(4, "prelu"), BatchNorm(), Dropout(0.4), Dense(3), Softmax()], flat, labels
    yield "logits", [Input(5), Dense(3)], flat, rng.normal(size=(6, 3))
    pictures = rng.normal(size=(6, 5, 5, 1))
    yield (
        "pictures",
        [Input((5, 5, 1)), Conv2D(2, 3, activation="relu"), Flatten(), Dense(3), Softmax()],
        pictures,
        labels,
    )
    yield "sequences", [Input((4, 2)), LSTM(3), Dense(3), Softmax()], rng.normal(size=(6, 4, 2)), labels
    words = rng.integers(0, 7, (6, 4))
    tied = [Input(4), Embedding(7, 3), TiedDense(), Flatten(), Dense(3), Softmax()]
    yield "tied", tied, words, labels
    yield "embedded", [Input(4), Embedding(7, 3), Flatten(), Dense(3), Softmax()], words, labels


@pytest.mark.parametrize(("layers", "x", "y"), [each[1:] for each in networks()], ids=[each[0] for each in networks()])
@pytest.mark.parametrize("optimizer", [SGD(0.3), Adam(0.01), Momentum(0.1), AdamW(0.01, weight_decay=0.1)], ids=repr)
def test_gradient_is_that_of_training_and_the_update_that_of_fit(layers, x, y, optimizer):
    network = Network(layers, dtype="float64", seed=3)
    loss, gradient = network.loss_and_gradient(x, y)
    before = network.theta.copy()
    trace = network.trace(x, y, optimizer=optimizer)
    np.testing.assert_array_equal(network.theta, before)
    assert trace.loss == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(parts(trace, "d"), gradient, rtol=1e-11, atol=1e-15)
    network.fit(x, y, optimizer=optimizer, epochs=1, batch_size="all", shuffle=False, progress=False)
    np.testing.assert_allclose(parts(trace, "new "), network.theta, rtol=1e-13, atol=0)
    assert np.abs(parts(trace, "change ")).max() > 0
