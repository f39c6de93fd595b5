"""What a sample weight means: a sample of weight 2 stands twice, one of weight 0 is not there."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import SGD, Dense, Network, Sigmoid, Softmax

pytestmark = pytest.mark.plain
OUTPUTS = {
    "squared_error": [Dense(2)],
    "binary_cross_entropy": [Dense(2), Sigmoid()],
    "cross_entropy": [Dense(2), Softmax()],
}


def problem(loss):
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(9, 3)), np.arange(9) % 2
    return x, labels if loss == "cross_entropy" else np.column_stack([labels, rng.permutation(labels)])


def trained(loss, x, y, weights, **settings):
    network = Network([Dense(4, activation="tanh"), *OUTPUTS[loss]], seed=0, dtype="float64")
    history = network.fit(
        x, y, sample_weight=weights, optimizer=SGD(0.5), epochs=5, progress=False,
        **({"batch_size": "all"} | settings),
    )  # fmt: skip
    return network, history


@pytest.mark.parametrize("loss", OUTPUTS)
def test_a_weight_of_two_is_a_sample_that_stands_twice(loss):
    x, y = problem(loss)
    twice = np.concatenate([np.arange(9), [2, 5]])
    weights = np.bincount(twice).astype(float)
    weighted, weighted_history = trained(loss, x, y, weights)
    doubled, doubled_history = trained(loss, x[twice], y[twice], None)
    np.testing.assert_allclose(weighted.theta, doubled.theta, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(weighted_history.column("loss"), doubled_history.column("loss"), rtol=1e-13)
    assert weighted.evaluate(x, y, sample_weight=weights) == pytest.approx(doubled.evaluate(x[twice], y[twice]))


@pytest.mark.parametrize("loss", OUTPUTS)
def test_a_weight_of_zero_is_no_sample(loss):
    x, y = problem(loss)
    weights = np.ones(9)
    weights[[1, 6]] = 0
    kept = weights > 0
    weighted, history = trained(loss, x, y, weights)
    absent, absent_history = trained(loss, x[kept], y[kept], None)
    np.testing.assert_allclose(weighted.theta, absent.theta, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(history.column("loss"), absent_history.column("loss"), rtol=1e-13)
    assert weighted.evaluate(x, y, sample_weight=weights) == pytest.approx(absent.evaluate(x[kept], y[kept]))


@pytest.mark.parametrize("shuffle", [True, False])
def test_the_scale_of_the_weights_does_not_matter(shuffle):
    x, y = problem("squared_error")
    weights = np.random.default_rng(1).uniform(0.1, 2, 9)
    one, ten = (trained("squared_error", x, y, k * weights, batch_size=4, shuffle=shuffle)[0] for k in (1, 10))
    np.testing.assert_allclose(one.theta, ten.theta, rtol=1e-12, atol=1e-14)


def test_a_batch_of_no_weight_moves_nothing():
    x, y = problem("squared_error")
    weights = np.ones(9)
    weights[4:8] = 0  # the second batch of four
    network, history = trained("squared_error", x, y, weights, batch_size=4, shuffle=False)
    rows = [0, 1, 2, 3, 8]
    other = Network([Dense(4, activation="tanh"), Dense(2)], seed=0, dtype="float64")
    other.fit(x[rows], y[rows], optimizer=SGD(0.5), epochs=5, batch_size=4, shuffle=False, progress=False)
    np.testing.assert_allclose(network.theta, other.theta, rtol=1e-12, atol=1e-14)
    assert np.isfinite(history.column("loss")).all()


def test_validation_samples_carry_weights_too():
    x, y = problem("cross_entropy")
    weights = np.arange(9.0)
    network, history = trained("cross_entropy", x, y, weights, validation_data=(x, y, weights))
    expected = network.evaluate(x, y, sample_weight=weights)
    assert history.epochs[-1]["validation_loss"] == pytest.approx(expected["loss"], rel=1e-13)
    assert history.epochs[-1]["validation_accuracy"] == expected["accuracy"]


def test_weights_of_held_out_rows_stay_with_their_rows():
    """Rows of weight 0 are of a class that cannot be learnt: with weights mixed up the loss would not fall to 0."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 1))
    y = 3 * x[:, 0]
    weights = rng.integers(0, 2, 60).astype(float)
    y[weights == 0] = 1e3
    network = Network([Dense(1)], seed=0, dtype="float64")
    history = network.fit(
        x, y, sample_weight=weights, validation_share=0.3, optimizer=SGD(0.1), epochs=60, batch_size=8, progress=False
    )
    assert history.epochs[-1]["loss"] < 1e-6
    assert history.epochs[-1]["validation_loss"] < 1e-6
