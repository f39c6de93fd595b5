"""A second fit goes on: it draws new orders and masks, which follow from the seed and the training so far."""

from __future__ import annotations

import numpy as np
import pytest
from problems import classes, classifier

from netlet import Dropout, Network
from netlet.training.stepper import Stepper

pytestmark = pytest.mark.plain
X, Y = classes(n=60)


def orders_of(monkeypatch, *fits):
    """Return the order of the samples in every epoch of some calls of fit."""
    orders, run = [], Stepper.run

    def spy(stepper, team, samples, order, *others):
        seconds = run(stepper, team, samples, order, *others)
        orders.append(tuple(order))
        return seconds

    monkeypatch.setattr(Stepper, "run", spy)
    network = classifier()
    for epochs in fits:  # a callback makes each epoch a run of its own
        network.fit(X, Y, epochs=epochs, batch_size=16, callbacks=[lambda end: False], progress=False)
    return orders


def test_every_epoch_of_every_fit_draws_another_order(monkeypatch):
    orders = orders_of(monkeypatch, 2, 3)
    assert len(set(orders)) == 5
    assert all(sorted(order) == list(range(60)) for order in orders)


def test_the_orders_are_those_of_one_longer_fit(monkeypatch):
    in_two = orders_of(monkeypatch, 2, 3)
    monkeypatch.undo()
    assert in_two == orders_of(monkeypatch, 5)


@pytest.mark.parametrize("how", [{}, {"validation_share": 0.1}], ids=["all rows", "some rows"])
def test_epochs_run_together_are_those_run_one_by_one(how):
    """Nothing has to be done between these epochs; a callback makes each a run of its own."""
    together, alone = classifier(dropout=0.2), classifier(dropout=0.2)
    how = {"epochs": 400, "batch_size": 16, "n_threads": 1, "progress": False} | how
    first = together.fit(X, Y, **how)
    second = alone.fit(X, Y, callbacks=[lambda end: False], **how)
    np.testing.assert_array_equal(together.theta, alone.theta)
    assert first.column("loss") == second.column("loss")
    assert first.column("seconds") == sorted(first.column("seconds"))
    assert (together._built().epochs, together._built().steps) == (alone._built().epochs, alone._built().steps)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_without_an_optimizers_memory_two_fits_are_one_longer_fit(dropout):
    """Plain gradient descent remembers nothing: orders and masks alone tell the two apart."""
    in_two, in_one = classifier(dropout=dropout), classifier(dropout=dropout)
    how = {"optimizer": "sgd", "batch_size": 16, "progress": False}
    for epochs in (2, 3):
        in_two.fit(X, Y, epochs=epochs, **how)
    in_one.fit(X, Y, epochs=5, **how)
    np.testing.assert_array_equal(in_two.theta, in_one.theta)


def test_every_step_of_every_fit_draws_another_mask():
    """A network that is a mask: a layer that is not trained, on ones, read by a loss whose gradient shows it."""
    network = classifier(dropout=0.5, n_hidden=64)
    ones = np.ones((4, 6), np.float32)
    losses = [
        network.fit(ones, [0, 1, 2, 0], epochs=1, batch_size="all", learning_rate=1e-30, progress=False).epochs[0][
            "loss"
        ]
        for _ in range(8)
    ]
    assert len(set(losses)) == 8


def test_a_network_that_is_saved_and_loaded_goes_on_with_the_same_orders(tmp_path):
    network = classifier(dropout=0.3)
    network.fit(X, Y, epochs=2, batch_size=16, progress=False)
    network.save(tmp_path / "model")
    loaded = Network.load(tmp_path / "model")
    assert any(isinstance(layer, Dropout) for layer in loaded.layers)
    for each in (network, loaded):
        each.fit(X, Y, epochs=2, batch_size=16, progress=False)
    np.testing.assert_array_equal(loaded.theta, network.theta)


def test_building_again_begins_the_count_anew():
    network, fresh = classifier(), classifier()
    network.fit(X, Y, epochs=2, batch_size=16, progress=False)
    network.build(6)
    for each in (network, fresh):
        each.fit(X, Y, epochs=2, batch_size=16, progress=False)
    np.testing.assert_array_equal(network.theta, fresh.theta)
