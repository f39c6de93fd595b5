"""Networks with batch normalisation: their state, evaluation, and the same bits from any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from problems import classes

from netlet import BatchNorm, Dense, Input, Network, Softmax
from netlet.graph.joining import Residual


def network(dtype="float32"):
    inner = Residual((BatchNorm(), Dense(64, activation="relu"), BatchNorm(momentum=0.5)))
    return Network([Input(6), Dense(64), inner, Dense(3), Softmax()], seed=2, dtype=dtype)


@pytest.mark.compiled
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_number_of_threads_gives_the_same_bits(dtype):
    x, y = classes(600, dtype=dtype)
    results = []
    for n_threads in (1, 2, 3):
        trained = network(dtype)
        history = trained.fit(x, y, epochs=3, batch_size=256, n_threads=n_threads, progress=False)
        results.append((trained.theta, trained.state, history.column("loss"), trained.predict(x, n_threads=n_threads)))
    for result in results[1:]:
        for found, expected in zip(result, results[0], strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.plain
def test_the_state_follows_the_batches_of_training_and_is_what_evaluation_uses():
    rng = np.random.default_rng(0)
    x, y = rng.normal([1, -2], [3, 0.5], (12, 2)), rng.normal(size=(12, 2))
    trained = Network([Input(2), BatchNorm(momentum=0.25, eps=0.5)], seed=0, dtype="float64")
    np.testing.assert_array_equal(trained.state, [0, 0, 1, 1])
    np.testing.assert_allclose(trained.predict(x), x / np.sqrt(1.5), rtol=1e-14)
    trained.fit(x, y, epochs=1, batch_size=5, shuffle=False, progress=False)
    mean, variance = np.zeros(2), np.ones(2)
    for batch in (x[:5], x[5:10], x[10:]):
        mean = 0.75 * mean + 0.25 * batch.mean(axis=0)
        variance = 0.75 * variance + 0.25 * batch.var(axis=0, ddof=1)
    np.testing.assert_allclose(trained.state, [*mean, *variance], rtol=1e-13)
    state, (scale, shift) = trained.state.copy(), trained.theta.reshape(2, 2)
    np.testing.assert_allclose(trained.predict(x), scale * (x - mean) / np.sqrt(variance + 0.5) + shift, rtol=1e-13)
    one_by_one = np.concatenate([trained.predict(row.reshape(1, -1)) for row in x])
    np.testing.assert_array_equal(one_by_one, trained.predict(x))
    trained.evaluate(x, y)
    np.testing.assert_array_equal(trained.state, state)


@pytest.mark.plain
@pytest.mark.parametrize("last", [0, 1])
def test_a_last_batch_of_one_row_spoils_nothing(last):
    x, y = classes(8 + last)
    trained = network()
    trained.fit(x, y, epochs=2, batch_size=4, progress=False)
    assert np.isfinite(trained.theta).all()
    assert np.isfinite(trained.state).all()
    assert np.isfinite(trained.predict(x)).all()
