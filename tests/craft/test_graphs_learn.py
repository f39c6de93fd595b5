"""Several inputs, a residual connection and an embedding, in training, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import SGD, Add, Columns, Concatenate, Dense, Embedding, Flatten, Input, Network, Residual, Tanh

pytestmark = pytest.mark.plain
RATE, STEPS, N = 0.2, 6, 11


def targets():
    return np.random.default_rng(5).normal(size=(N, 1))


def two_inputs():
    """Return a network of two inputs, and its loss and gradient by hand: tanh(a A), (tanh(b B)) side by side."""
    a, b = Input(3)(), Input(2)()
    joined = Concatenate()(Dense(4, activation="tanh")(a), Dense(2, activation="tanh")(b))
    network = Network(Dense(1)(joined), seed=0, dtype="float64")

    def by_hand(p, x, y):
        left, right = x[:, :3], x[:, 3:]
        h1 = np.tanh(left @ p["dense_1.weight"] + p["dense_1.bias"])
        h2 = np.tanh(right @ p["dense_2.weight"] + p["dense_2.bias"])
        h = np.hstack([h1, h2])
        error = h @ p["dense_3.weight"] + p["dense_3.bias"] - y
        d = error / len(x)
        d1, d2 = np.split(d @ p["dense_3.weight"].T * (1 - h**2), [4], axis=1)
        return (error**2).mean() / 2, {
            "dense_1.weight": left.T @ d1, "dense_1.bias": d1.sum(0), "dense_2.weight": right.T @ d2,
            "dense_2.bias": d2.sum(0), "dense_3.weight": h.T @ d, "dense_3.bias": d.sum(0),
        }  # fmt: skip

    return network, by_hand, np.random.default_rng(1).normal(size=(N, 5))


def residual():
    """x + tanh(x V) U, then a dense layer."""
    layers = [Input(3), Residual((Dense(4, activation="tanh"), Dense(3))), Dense(1)]
    network = Network(layers, seed=0, dtype="float64")

    def by_hand(p, x, y):
        h = np.tanh(x @ p["residual_1.dense_1.weight"] + p["residual_1.dense_1.bias"])
        r = x + h @ p["residual_1.dense_2.weight"] + p["residual_1.dense_2.bias"]
        error = r @ p["dense_1.weight"] + p["dense_1.bias"] - y
        d = error / len(x)
        dr = d @ p["dense_1.weight"].T
        dh = dr @ p["residual_1.dense_2.weight"].T * (1 - h**2)
        return (error**2).mean() / 2, {
            "residual_1.dense_1.weight": x.T @ dh, "residual_1.dense_1.bias": dh.sum(0),
            "residual_1.dense_2.weight": h.T @ dr, "residual_1.dense_2.bias": dr.sum(0),
            "dense_1.weight": r.T @ d, "dense_1.bias": d.sum(0),
        }  # fmt: skip

    return network, by_hand, np.random.default_rng(1).normal(size=(N, 3))


def skipping_to_the_first():
    """h + tanh(h V) with h = x W: the first layer gets the gradient by two ways."""
    x = Input(3)()
    h = Dense(4, bias=False)(x)
    network = Network(Dense(1, bias=False)(Add()(h, Tanh()(Dense(4, bias=False)(h)))), seed=0, dtype="float64")

    def by_hand(p, x, y):
        h = x @ p["dense_1.weight"]
        t = np.tanh(h @ p["dense_2.weight"])
        error = (h + t) @ p["dense_3.weight"] - y
        d = error / len(x)
        ds = d @ p["dense_3.weight"].T
        dt = ds * (1 - t**2)
        return (error**2).mean() / 2, {
            "dense_1.weight": x.T @ (ds + dt @ p["dense_2.weight"].T), "dense_2.weight": h.T @ dt,
            "dense_3.weight": (h + t).T @ d,
        }  # fmt: skip

    return network, by_hand, np.random.default_rng(1).normal(size=(N, 3))


def embedding():
    """Two columns of categories that share a table, and a column of numbers."""
    x = Input(3)()
    vectors = Flatten()(Embedding(5, 2, initialiser="glorot")(Columns(0, 2)(x)))
    network = Network(Dense(1)(Concatenate()(vectors, Columns(2, 1)(x))), seed=0, dtype="float64")

    def by_hand(p, x, y):
        rows = x[:, :2].astype(int)
        h = np.hstack([p["embedding_1.weight"][rows].reshape(len(x), 4), x[:, 2:]])
        error = h @ p["dense_1.weight"] + p["dense_1.bias"] - y
        d = error / len(x)
        table = np.zeros((5, 2))
        np.add.at(table, rows, (d @ p["dense_1.weight"].T)[:, :4].reshape(len(x), 2, 2))
        return (error**2).mean() / 2, {
            "embedding_1.weight": table, "dense_1.weight": h.T @ d, "dense_1.bias": d.sum(0)
        }  # fmt: skip

    rng = np.random.default_rng(1)
    return network, by_hand, np.hstack([rng.integers(0, 4, (N, 2)), rng.normal(size=(N, 1))])


@pytest.mark.parametrize("build", [two_inputs, residual, skipping_to_the_first, embedding])
def test_training_is_that_by_hand(build):
    network, by_hand, x = build()
    y = targets()
    p = {name: values.copy() for name, values in network.parameters.items()}
    start, losses = {name: values.copy() for name, values in p.items()}, []
    for _ in range(STEPS):
        loss, gradient = by_hand(p, x, y)
        assert gradient.keys() == p.keys()
        losses.append(loss)
        p = {name: p[name] - RATE * gradient[name] for name in p}
    history = network.fit(x, y, optimizer=SGD(RATE), epochs=STEPS, batch_size="all", progress=False)
    np.testing.assert_allclose(history.column("loss"), losses, rtol=1e-11)
    for name, values in network.parameters.items():
        np.testing.assert_allclose(values, p[name], rtol=1e-10, atol=1e-13, err_msg=name)
        assert np.abs(values - start[name]).max() > 1e-3, name
    assert losses[-1] < losses[0]


def test_categories_that_do_not_occur_keep_their_vectors():
    network, _, x = embedding()
    before = network.parameters["embedding_1.weight"].copy()
    network.fit(x, targets(), optimizer=SGD(RATE), epochs=3, batch_size="all", progress=False)
    moved = (network.parameters["embedding_1.weight"] != before).all(axis=1)
    np.testing.assert_array_equal(moved, np.isin(np.arange(5), x[:, :2]))
    assert not moved.all()


def test_inputs_apart_and_side_by_side_are_the_same():
    found = []
    for apart in (True, False):
        network, _, x = two_inputs()
        X = (x[:, :3], x[:, 3:]) if apart else x
        network.fit(X, targets(), epochs=3, batch_size=4, progress=False)
        found.append((network.theta.copy(), network.predict(X), network.evaluate(X, targets())["loss"]))
    for first, second in zip(*found, strict=True):
        np.testing.assert_array_equal(first, second)


def test_categories_are_learnt_each_for_itself():
    """A table of one number for each category, and no more: it learns the mean of each category."""
    rng = np.random.default_rng(0)
    categories = rng.integers(0, 4, 60)
    y = np.array([1.0, -2.0, 0.5, 3.0])[categories] + rng.normal(size=60)
    x = Input(1)()
    network = Network(Flatten()(Embedding(4, 1)(x)), seed=0, dtype="float64")
    network.fit(categories[:, None], y, optimizer="lbfgs", epochs=100, progress=False)
    means = [y[categories == category].mean() for category in range(4)]
    np.testing.assert_allclose(network.parameters["embedding_1.weight"].ravel(), means, atol=1e-5)
