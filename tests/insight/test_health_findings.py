"""Each way to break a network is named as the first finding."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import GRU, LSTM, SGD, Conv2D, Dense, Flatten, Input, Network, Softmax, TrainingFailed
from netlet.training.schedules import Schedule

pytestmark = pytest.mark.plain


def blobs(n=120, n_features=4, n_classes=3, seed=0):
    """Return samples of classes that are easy to tell apart."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    return rng.normal(size=(n_classes, n_features))[y] * 2 + rng.normal(size=(n, n_features)), y


def network(*hidden, n_out=3, activation="relu", n_in=4, **settings):
    layers = [Dense(size, activation, **settings) for size in hidden]
    return Network([Input(n_in), *layers, Dense(n_out), *([Softmax()] if n_out > 1 else [])], seed=0)


def examined(broken, X, y, **settings):
    settings = {"epochs": 10, "batch_size": 20, "progress": False, "health": True, "n_threads": 1} | settings
    return broken.fit(X, y, **settings).health


def unscaled():
    X, y = blobs()
    X[:, 1] = 1000 + 300 * X[:, 1]
    return examined(network(8), X, y)


def same_rows():
    X, y = blobs()
    return examined(network(8), (X > 1000).astype(float), y)


def symmetric():
    broken = network(8, activation="tanh")
    for name in ("dense_1.weight", "dense_2.weight"):
        broken.parameters[name][:] = 0.1
    return examined(broken, *blobs())


def symmetric_zeros():
    broken = network(8, 8, activation="tanh")
    for each in broken.parameters.values():
        each[:] = 0
    return examined(broken, *blobs())


def symmetric_filters():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4, 4, 1)), np.arange(60) % 2
    X[y == 1] += 1
    broken = Network([Input((4, 4, 1)), Conv2D(3, 2, activation="tanh"), Flatten(), Dense(2), Softmax()], seed=0)
    for name in ("conv2d_1.weight", "dense_1.weight"):
        broken.parameters[name][:] = 0.1
    return examined(broken, X, y)


def symmetric_cells(kind):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3, 2)), np.arange(60) % 2
    X[y == 1] += 1
    broken = Network([Input((3, 2)), kind(4), Dense(2), Softmax()], seed=0)
    weights = [name for name in broken.parameters if name.endswith("weight")]
    assert len(weights) == 3
    for name in weights:
        broken.parameters[name][:] = 0.1
    return examined(broken, X, y)


class OneJump(Schedule):
    """A rate that is far too high in one epoch."""

    def at(self, steps, steps_per_epoch, total_steps):
        return np.where(steps // steps_per_epoch == 14, 35.0, 1.0)


def one_spike():
    return examined(network(8, activation="tanh"), *blobs(), optimizer=SGD(0.1), schedule=OneJump(), epochs=20)


def exploding():
    broken = network(16, 16, 16, 16, 16)
    for name, each in broken.parameters.items():
        if name.endswith("weight"):
            each *= 5
    return examined(broken, *blobs(), optimizer=SGD(1e-12))


def vanishing():
    return examined(network(8, 8, 8, 8, 8, 8, activation="sigmoid"), *blobs(), optimizer=SGD(0.1))


def dead():
    broken = network(8, 8)
    broken.parameters["dense_2.bias"][:] = -50
    return examined(broken, *blobs())


def saturated(activation):
    broken = network(8, 8, activation=activation)
    broken.parameters["dense_1.weight"] *= 50
    return examined(broken, *blobs())


def high_leaps():
    return examined(network(8, activation="tanh"), *blobs(), optimizer=SGD(60.0))


def high_not_finite():
    X, _ = blobs()
    with pytest.raises(TrainingFailed) as failure, np.errstate(all="ignore"):
        examined(network(8, n_out=1), X, X[:, 0] + X[:, 1], optimizer=SGD(100.0))
    return failure.value.history.health


def low():
    return examined(network(8), *blobs(), optimizer=SGD(1e-7))


def small_batch():
    X, _ = blobs(64)
    y = X[:, 0] + 3 * np.random.default_rng(1).normal(size=64)
    return examined(network(8, n_out=1, activation="tanh"), X / 3, y, batch_size=1, optimizer=SGD(0.1), epochs=15)


def large_batch():
    return examined(network(8), *blobs(200), batch_size="all", epochs=15)


def constant():
    return examined(network(8), *blobs(), l2=3.0, epochs=20, optimizer=SGD(0.1))


def random_labels():
    X, y = blobs(400)
    return examined(network(4), X, np.random.default_rng(1).permutation(y), epochs=12, learning_rate=0.01)


def random_labels_held_out():
    X, y = blobs(200)
    y = np.random.default_rng(1).permutation(y)
    return examined(network(16), X / 2, y, epochs=15, learning_rate=0.01, validation_share=0.3)


def overfitted():
    X, y = blobs(60, n_features=4)
    X = X / 2
    y = np.where(np.random.default_rng(1).random(60) < 0.3, (y + 1) % 3, y)
    return examined(network(64), X, y, learning_rate=0.02, epochs=40, batch_size=16, validation_share=0.4)


def underfitted():
    X = np.random.default_rng(0).normal(size=(160, 2))
    return examined(network(n_out=2, n_in=2), X, (X[:, 0] * X[:, 1] > 0).astype(int), learning_rate=0.03, epochs=15)


BROKEN = {
    "unscaled": (unscaled, "unscaled inputs"),
    "same rows": (same_rows, "constant inputs"),
    "symmetric": (symmetric, "symmetric weights"),
    "zeros": (symmetric_zeros, "symmetric weights"),
    "filters": (symmetric_filters, "symmetric weights"),
    "cells of an LSTM": (lambda: symmetric_cells(LSTM), "symmetric weights"),
    "cells of a GRU": (lambda: symmetric_cells(GRU), "symmetric weights"),
    "one spike": (one_spike, "loss spikes"),
    "exploding": (exploding, "exploding gradient"),
    "vanishing": (vanishing, "vanishing gradient"),
    "dead": (dead, "dead ReLUs"),
    "tanh": (lambda: saturated("tanh"), "saturated tanh"),
    "sigmoid": (lambda: saturated("sigmoid"), "saturated sigmoid"),
    "leaps": (high_leaps, "learning rate too high"),
    "not finite": (high_not_finite, "learning rate too high"),
    "low": (low, "learning rate too low"),
    "small batch": (small_batch, "batch too small"),
    "large batch": (large_batch, "batch too large"),
    "constant": (constant, "constant prediction"),
    "random labels": (random_labels, "labels do not match"),
    "random labels, held out": (random_labels_held_out, "labels do not match"),
    "overfitted": (overfitted, "overfitting"),
    "underfitted": (underfitted, "underfitting"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_it_is_the_first_finding(case):
    broken, name = BROKEN[case]
    found = broken().findings
    assert [each.name for each in found][:1] == [name], [str(each) for each in found]
    assert all(each.evidence and each.cause and each.remedy for each in found)
