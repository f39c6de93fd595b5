"""A loss or gradient that is not finite: the training says where and why, and keeps the last good weights."""

from __future__ import annotations

import re

import numpy as np
import pytest
from problems import classes, classifier

from netlet import SGD, Adam, Dense, Network, Softmax, TrainingFailed

# Without Numba NumPy warns of the overflows that are the subject here.
pytestmark = [
    pytest.mark.plain,
    pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning"),
]


def line(n=40):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    return x, x @ np.array([1.0, -2.0, 3.0], np.float32)


def diverge(network, x, y, **settings):
    """Train until it fails; return the message, and the weights at the start and after each epoch."""
    thetas = [network.theta.copy()]
    with pytest.raises(TrainingFailed) as caught:
        network.fit(
            x, y, callbacks=[lambda state: thetas.append(state.network.theta.copy())], progress=False, **settings
        )
    return str(caught.value), thetas


def epoch_and_kept(message):
    epoch, step = map(int, re.match(r"training stopped in epoch (\d+), step (\d+): ", message).groups())
    return epoch, step, int(re.search(r"The weights kept are those after (\d+) epoch", message).group(1))


@pytest.mark.parametrize("batch_size", ["all", 10])
def test_epochs_that_run_together_fail_as_they_do_one_by_one(batch_size):
    x, y = line()
    how = {"optimizer": SGD(3.0, weight_decay=1e-3), "batch_size": batch_size, "epochs": 10_000, "n_threads": 1}
    alone, together = (Network([Dense(1)], seed=0).build(3) for _ in range(2))
    message, _ = diverge(alone, x, y, **how)
    with pytest.raises(TrainingFailed) as caught:
        together.fit(x, y, progress=False, **how)
    assert str(caught.value) == message
    assert len(caught.value.history) == epoch_and_kept(message)[0] - 1
    assert np.isfinite(together.theta).all()
    np.testing.assert_array_equal(together.theta, alone.theta)


@pytest.mark.parametrize("batch_size", ["all", 10])
def test_a_learning_rate_that_is_too_high(batch_size):
    """The weights grow a little each step, until they are too large for float32."""
    x, y = line()
    network = Network([Dense(1)], seed=0).build(3)
    message, thetas = diverge(network, x, y, optimizer=SGD(3.0), batch_size=batch_size, epochs=10_000)
    assert "The learning rate 3 is likely too high: try 0.3." in message
    assert re.search(
        "first numbers that are not are in (the loss itself|the output of dense_1|the weights of dense_1)", message
    )
    epoch, _, kept = epoch_and_kept(message)
    assert epoch > 2
    assert 0 < kept < epoch
    np.testing.assert_array_equal(network.theta, thetas[kept])
    assert np.isfinite(network.theta).all()
    with np.errstate(over="ignore"):
        assert np.isfinite(network.predict(x)).all()


def test_a_failure_in_the_first_step_changes_nothing():
    x, y = line()
    network = Network([Dense(4, activation="relu"), Dense(1)], seed=0).build(3)
    message, thetas = diverge(network, x * np.float32(1e25), y)
    assert epoch_and_kept(message) == (1, 1, 0)
    assert "The inputs are as large as" in message
    assert "scale each column to about -1 to 1" in message
    np.testing.assert_array_equal(network.theta, thetas[0])


def test_a_failure_after_one_wild_step_goes_back_to_the_start():
    x, y = line()
    network = Network([Dense(1)], seed=0).build(3)
    message, thetas = diverge(network, x, y, optimizer=SGD(1e30), batch_size=10)
    assert epoch_and_kept(message) == (1, 2, 0)
    np.testing.assert_array_equal(network.theta, thetas[0])


def test_a_gradient_can_fail_where_the_loss_is_finite():
    x, y = line()
    network = Network([Dense(1, bias=False)], seed=0).build(3)
    network.theta = [1e-8, 0, 0]
    message, thetas = diverge(network, x * np.float32(1e25), y)
    assert "a gradient is not finite" in message
    np.testing.assert_array_equal(network.theta, thetas[0])


def test_the_layer_is_named_where_the_numbers_break():
    x, y = classes()
    network = Network([Dense(8, activation="relu"), Dense(8, activation="relu"), Dense(3), Softmax()], seed=0).build(6)
    theta = network.theta.copy()
    theta[6 * 8 + 8 :][: 8 * 8] = 3e38  # the second layer's weight: its output overflows
    network.theta = theta
    assert "the output of dense_2" in diverge(network, x, y)[0]


def test_the_best_weights_are_kept_where_there_are_any():
    x, y = line()
    network = Network([Dense(1)], seed=0).build(3)
    message, thetas = diverge(
        network, x, y, optimizer=SGD(3.0), batch_size="all", epochs=10_000, validation_data=(x, y), patience=9_999
    )
    assert "The weights kept are those at the best epoch." in message
    losses = []
    for theta in thetas[1:]:
        network_theta, network.theta = network.theta.copy(), theta
        with np.errstate(over="ignore"):
            losses.append(network.evaluate(x, y)["loss"])
        network.theta = network_theta
    np.testing.assert_array_equal(network.theta, thetas[1 + int(np.nanargmin(losses))])


def test_a_failed_network_can_be_trained_again():
    x, y = classes()
    network = classifier().build(6)
    diverge(network, x, y, optimizer=Adam(1e38), batch_size=20)
    history = network.fit(x, y, epochs=100, progress=False)
    assert history.epochs[-1]["loss"] < 0.5 * history.epochs[0]["loss"]


@pytest.mark.plain
def test_the_failure_carries_the_history_of_the_epochs_before():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    network = Network([Dense(8, activation="relu"), Dense(1)], seed=0, dtype="float64")
    with pytest.raises(TrainingFailed) as failure:
        network.fit(X, X[:, 0], optimizer=SGD(30.0), epochs=500, batch_size="all", progress=False)
    history = failure.value.history
    assert history.stopped == "failed"
    assert 0 < len(history) < 500
    assert np.isfinite(history.column("loss")).all()
