"""Real samples: eight small networks of handwritten digits are better together, and calibrated are better still."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss

from netlet import Dense, Network, Softmax
from netlet.population.ensemble import Ensemble
from netlet.population.loading import load_networks

pytestmark = pytest.mark.compiled


@pytest.fixture(scope="module")
def trained():
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    places = np.random.default_rng(0).permutation(len(X))
    train, validation, test = np.split(places, [900, 1350])
    networks = []
    for seed in range(8):
        network = Network([Dense(24, activation="relu"), Dense(10), Softmax()], seed=seed)
        network.fit(X[train], y[train], learning_rate=5e-3, epochs=40, progress=False)
        networks.append(network)
    return networks, (X[validation], y[validation]), (X[test], y[test])


def test_together_they_are_better_than_one_of_them_is(trained):
    networks, _, (X, y) = trained
    alone = [network.evaluate(X, y) for network in networks]
    together = Ensemble(networks).evaluate(X, y)
    # The mean's loss is below the mean loss whatever the networks: the logarithm is concave. By how much is a finding.
    assert together["loss"] < 0.95 * np.mean([each["loss"] for each in alone])
    p = Ensemble(networks).predict(X).astype(np.float64)
    assert together["loss"] == pytest.approx(log_loss(y, p / p.sum(axis=1, keepdims=True)), rel=1e-5)


def test_selected_they_are_no_worse_than_the_best_on_the_validation_samples(trained, tmp_path):
    networks, validation, test = trained
    ensemble = Ensemble.select(networks, *validation, size=30)
    alone = [network.evaluate(*validation)["loss"] for network in networks]
    assert ensemble.selection.cost < min(alone)
    assert ensemble.evaluate(*validation)["loss"] <= ensemble.selection.cost * (1 + 1e-6)
    assert ensemble.evaluate(*test)["loss"] < np.mean([network.evaluate(*test)["loss"] for network in networks])
    ensemble.save(tmp_path / "digits.netlet")
    np.testing.assert_array_equal(load_networks(tmp_path / "digits.netlet").predict(test[0]), ensemble.predict(test[0]))


def test_they_disagree_where_they_are_wrong(trained):
    networks, _, (X, y) = trained
    ensemble = Ensemble(networks)
    spread, wrong = ensemble.spread(X).max(axis=1), ensemble.predict(X).argmax(axis=1) != y
    assert spread[wrong].mean() > 2 * spread[~wrong].mean()


def test_a_network_that_is_made_too_sure_is_calibrated_again(trained):
    networks, validation, test = trained
    network = Network([Dense(24, activation="relu"), Dense(10), Softmax()], seed=0).build(64)
    network.theta = networks[0].theta
    usual = Ensemble.select([network], *validation).temperature
    last = [name for name in network.parameters if name.startswith("dense_2")]
    for name in last:
        network.parameters[name][:] *= 3  # the logits
    sure, calibrated = Ensemble([network]), Ensemble.select([network], *validation)
    assert calibrated.temperature == pytest.approx(3 * usual, rel=1e-3)
    assert calibrated.evaluate(*test)["loss"] < sure.evaluate(*test)["loss"]
    assert calibrated.evaluate(*test)["accuracy"] == sure.evaluate(*test)["accuracy"]
