"""The learning-rate range test: its suggestion trains well, and nothing is changed by it."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from problems import classes, classifier
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

from netlet import BatchNorm, Dense, Dropout, Network, Sigmoid, Softmax, TrainingFailed

quiet = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning", "ignore:invalid value:RuntimeWarning")


def scaled(values):
    return ((values - values.mean(axis=0)) / values.std(axis=0)).astype(np.float32)


def digits():
    x, y = load_digits(return_X_y=True)
    return (x / 16).astype(np.float32), y, [Dense(64, activation="relu"), Dense(10), Softmax()]


def cancer():
    x, y = load_breast_cancer(return_X_y=True)
    return scaled(x), y, [Dense(32, activation="tanh"), Dense(1), Sigmoid()]


def diabetes():
    x, y = load_diabetes(return_X_y=True)
    return scaled(x), scaled(y), [Dense(32, activation="relu"), Dense(1)]


@pytest.mark.slow
@pytest.mark.compiled
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "momentum"])
@pytest.mark.parametrize("problem", [digits, cancer, diabetes])
def test_the_suggestion_trains_nearly_as_well_as_the_best_rate_of_a_grid(problem, optimizer):
    """After three epochs; most rates of the grid are three times as bad, or ten."""
    x, y, layers = problem()

    def loss_at(rate):
        network = Network(layers, seed=1)
        try:
            network.fit(x, y, optimizer=optimizer, learning_rate=float(rate), epochs=3, progress=False)
        except TrainingFailed:
            return np.inf
        return network.evaluate(x, y)["loss"]

    found = Network(layers, seed=1).find_learning_rate(x, y, optimizer=optimizer)
    losses = [loss_at(rate) for rate in np.geomspace(1e-5, 10, 13)]
    assert loss_at(found.suggestion) < 3 * min(losses)
    assert loss_at(found.suggestion) < np.median(losses)


@pytest.mark.plain
def test_nothing_of_the_network_is_changed():
    x, y = classes()
    network = Network([Dense(8), BatchNorm(), Dropout(0.2), Dense(3), Softmax()], seed=1)
    network.fit(x, y, epochs=1, progress=False)
    network.freeze("dense_1")
    other = copy.deepcopy(network)
    before = network.theta.copy(), network.state.copy()
    network.find_learning_rate(x, y, steps=20, sample_weight=np.ones(len(x)))
    np.testing.assert_array_equal(network.theta, before[0])
    np.testing.assert_array_equal(network.state, before[1])
    for each in (network, other):
        each.fit(x, y, epochs=1, progress=False)
    np.testing.assert_array_equal(network.theta, other.theta)


@pytest.mark.plain
def test_what_it_returns():
    x, y = classes()
    found = classifier().find_learning_rate(x, y, low=1e-4, high=1.0, steps=30)
    assert len(found.learning_rates) == len(found.losses) == len(found.smoothed) <= 30
    np.testing.assert_allclose(found.learning_rates, np.geomspace(1e-4, 1.0, 30)[: len(found.losses)])
    assert 1e-4 <= found.suggestion <= 1.0
    again = classifier().find_learning_rate(x, y, low=1e-4, high=1.0, steps=30)
    np.testing.assert_array_equal(again.losses, found.losses)
    # the running mean, corrected for where it began
    weights = 0.9 ** np.arange(5)[::-1]
    assert found.smoothed[4] == pytest.approx(np.average(found.losses[:5], weights=weights))


@quiet
@pytest.mark.plain
def test_rates_at_which_the_loss_is_not_finite_end_it():
    x, _ = classes()
    network = Network([Dense(8), Dense(1)], seed=0)
    found = network.find_learning_rate(x, x[:, 0], optimizer="sgd", high=1e8, steps=60)
    assert len(found.learning_rates) < 60
    assert np.isfinite(found.losses).all()
    assert np.isfinite(found.suggestion)
    assert found.suggestion < 1
    network.fit(x, x[:, 0], optimizer="sgd", learning_rate=found.suggestion, progress=False)


@quiet
@pytest.mark.plain
def test_a_loss_that_is_never_finite_is_said():
    x, _ = classes()
    network = Network([Dense(1)], seed=0)
    with pytest.raises(TrainingFailed, match="not finite at the first step already, .* 1e-06: scale the columns of X"):
        network.find_learning_rate(x * 1e30, x[:, 0])


@pytest.mark.plain
@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"low": 0}, ValueError, "low=0 is not > 0"),
        ({"low": 0.1, "high": 0.1}, ValueError, "high=0.1 is not > 0.1"),
        ({"steps": 9}, ValueError, "steps=9 is not >= 10"),
        ({"steps": 20.0}, TypeError, "steps=20.0 is not an int"),
        ({"batch_size": 0}, ValueError, "batch_size=0 is not >= 1"),
        ({"n_threads": 0}, ValueError, "n_threads=0 is not >= 1"),
        ({"optimizer": "adm"}, ValueError, "did you mean 'adam'"),
    ],
)
def test_settings_outside_their_range_are_refused(settings, error, message):
    x, y = classes()
    network = classifier()
    with pytest.raises(error, match=message):
        network.find_learning_rate(x, y, **settings)
    assert "not built" in repr(network)


@pytest.mark.plain
@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_picture(ending, begins, tmp_path):
    x, y = classes()
    classifier().find_learning_rate(x, y, steps=20, plot=tmp_path / f"range.{ending}")
    assert (tmp_path / f"range.{ending}").read_bytes().startswith(begins)


@pytest.mark.plain
def test_a_picture_of_an_unknown_kind_is_refused(tmp_path):
    x, y = classes()
    with pytest.raises(ValueError, match="xyz"):
        classifier().find_learning_rate(x, y, steps=20, plot=tmp_path / "range.xyz")
