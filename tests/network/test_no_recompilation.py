"""After warming up nothing is compiled: not for other shapes, types, memory orders, layers, losses or settings."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Add, Dense, Dropout, Input, Network, Sigmoid, Softmax
from netlet.kernels import compiling
from netlet.kernels.compiling import compile_all, when_compiling

pytestmark = pytest.mark.compiled


@pytest.fixture(scope="module", autouse=True)
def _warm():
    compile_all()


def trained(layers, X, y, dtype="float32", **settings):
    network = Network(layers, seed=0, dtype=dtype)
    network.fit(X, y, progress=False, **({"epochs": 1} | settings))
    network.predict(X)
    network.evaluate(X, y)


def residual(n):
    x = Input(n)()
    return Softmax()(Dense(3)(Add()(x, Dense(n, activation="tanh")(x))))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nothing_is_compiled_after_warming_up(dtype):
    rng, compiled = np.random.default_rng(0), []
    with when_compiling(lambda: compiled.append(1)):
        for n, n_features in [(1, 1), (7, 3), (300, 40)]:
            X, y = rng.normal(size=(n, n_features)), np.arange(n) % 3
            many = n > 1
            for values in (X, X.astype(np.float32), np.asfortranarray(X), X[::-1], X.tolist()):
                trained([Dense(3)], values, X[:, :1] @ np.ones((1, 3)), dtype, batch_size=5)
            if many:
                trained([Dense(5, activation="relu"), Dropout(0.2), Dense(3), Softmax()], X, y, dtype, batch_size="all")
                trained([Dense(2), Sigmoid()], X, np.eye(3)[y][:, :2], dtype, optimizer="momentum", shuffle=False)
                trained(residual(n_features), X, y, dtype, optimizer="sgd", sample_weight=np.ones(n), n_threads=2)
                trained([Dense(4, activation="leaky_relu"), Dense(3), Softmax()], X, y, dtype, validation_share=0.3)
    assert not compiled


def test_every_kernel_has_the_signatures_of_its_family_alone():
    for name, (dispatcher, rule) in compiling.kernels.items():
        allowed = {rule(real).args for real in compiling._REALS.values()}
        assert set(dispatcher.signatures) <= allowed, name
