"""Growing stops where more units do not help."""

from __future__ import annotations

import signal

import numpy as np
import pytest

from netlet import Dense, Input, Network, Sigmoid
from netlet.errors import TrainingFailed
from netlet.population.sizing import grow


def xor(n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Points in the four quadrants: two of them are the one class, two the other."""
    X = np.random.default_rng(0).uniform(-1, 1, size=(n_samples, 2))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def spirals(n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Two spirals of one turn and a half."""
    random, y = np.random.default_rng(0), np.arange(n_samples) % 2
    angle = 3 * np.pi * np.sqrt(random.uniform(0.02, 1, size=n_samples))
    X = np.stack([np.cos(angle + np.pi * y), np.sin(angle + np.pi * y)], axis=1) * angle[:, None] / (3 * np.pi)
    return X + 0.01 * random.normal(size=X.shape), y


def halves(samples: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    X, y = samples
    middle = len(X) // 2
    return X[:middle], y[:middle], (X[middle:], y[middle:])


def make(units: int) -> Network:
    return Network([Dense(units, activation="tanh"), Dense(1), Sigmoid()], seed=3)


@pytest.mark.compiled
@pytest.mark.parametrize("keeps", [False, True], ids=["made anew", "widened"])
def test_xor(keeps: bool) -> None:
    X, y, validation = halves(xor(1200))
    options = {"epochs": 200, "learning_rate": 0.02, "patience": 30}
    found = grow(
        make(1) if keeps else make, X, y, validation_data=validation, start=1, metric="accuracy", fit=options,
        progress=False,
    )  # fmt: skip
    assert found.stopped == "no better"
    # A line cannot tell them apart, two to four units can.
    assert found.curve[0].accuracy < 0.8
    assert 2 <= found.size.units[0] <= 8
    assert found.network.evaluate(*validation)["accuracy"] == found.size.accuracy > 0.97


@pytest.mark.compiled
@pytest.mark.parametrize("keeps", [False, True], ids=["made anew", "widened"])
def test_two_spirals(keeps: bool) -> None:
    X, y, validation = halves(spirals(1600))

    def two_layers(units: int) -> Network:
        return Network([Dense(units, activation="tanh"), Dense(units, activation="tanh"), Dense(1), Sigmoid()], seed=0)

    options = {"epochs": 300, "learning_rate": 0.01, "patience": 40}
    found = grow(
        two_layers(2) if keeps else two_layers, X, y, validation_data=validation, start=2, metric="accuracy",
        fit=options, progress=False,
    )  # fmt: skip
    assert found.stopped == "no better"
    assert found.curve[0].accuracy < 0.85
    assert 4 <= found.size.units[0] <= 32
    assert found.size.accuracy > 0.98


@pytest.mark.plain
def test_what_is_returned() -> None:
    X, y, validation = halves(xor(120))
    found = grow(
        make, X, y, validation_data=validation, start=1, factor=3, most=9, patience=3, fit={"epochs": 4}, progress=False
    )
    assert [size.units for size in found.curve] == [(1,), (3,), (9,)]
    assert [size.n_parameters for size in found.curve] == [5, 13, 37]
    assert found.stopped == "largest"
    best, kept = np.inf, []
    for size in found.curve:
        kept.append(size.loss < best - 0.01 * abs(best) if np.isfinite(best) else True)
        best = size.loss if kept[-1] else best
    assert [size.kept for size in found.curve] == kept
    assert found.chosen == max(place for place, is_kept in enumerate(kept) if is_kept)
    assert found.network.evaluate(*validation)["loss"] == found.size.loss
    alone = make(found.size.units[0])
    alone.fit(X, y, validation_data=validation, epochs=4, patience=10, progress=False)
    assert (alone.theta == found.network.theta).all()


@pytest.mark.plain
def test_patience_and_least_gain() -> None:
    X, y, validation = halves(xor(60))
    options = {"validation_data": validation, "start": 1, "fit": {"epochs": 1}, "progress": False}
    found = grow(make, X, y, least_gain=10.0, patience=2, **options)
    assert [size.kept for size in found.curve] == [True, False, False]
    assert (found.chosen, found.stopped) == (0, "no better")


@pytest.mark.plain
def test_a_network_is_widened_and_left_as_it_is() -> None:
    X, y, validation = halves(xor(120))
    network = Network([Input(2), Dense(2, activation="tanh"), Dense(3, activation="relu"), Dense(1), Sigmoid()], seed=1)
    network.fit(X, y, epochs=2, progress=False)
    theta = network.theta.copy()
    options = {"validation_data": validation, "most": 5, "patience": 9, "progress": False}
    found = grow(network, X, y, fit={"epochs": 0}, **options)
    assert [size.units for size in found.curve] == [(2, 3), (4, 5), (5, 5)]
    # Without training all sizes are one function.
    assert [size.loss for size in found.curve] == pytest.approx([found.curve[0].loss] * 3, rel=1e-6)
    assert (network.theta == theta).all()
    first, again, other = (grow(network, X, y, seed=seed, fit={"epochs": 3}, **options) for seed in (1, 1, 2))
    assert first.curve == again.curve
    assert (first.network.theta == again.network.theta).all()
    assert first.curve != other.curve


@pytest.mark.compiled
def test_copies_stay_where_the_small_network_ended_and_fresh_units_do_not() -> None:
    """Why growing adds fresh units: a copied minimum is a place without gradient, for all of the copies."""
    X, y, validation = halves(xor(1200))
    options = {"epochs": 200, "learning_rate": 0.02, "patience": 30}

    def largest_accuracy(new: str) -> float:
        found = grow(
            make(1), X, y, validation_data=validation, most=4, patience=9, metric="accuracy", fit=options, new=new,
            progress=False,
        )  # fmt: skip
        assert found.curve[-1].units == (4,)
        return found.size.accuracy

    assert largest_accuracy("copies") < 0.9 < 0.97 < largest_accuracy("fresh")


@pytest.mark.plain
def test_frozen_layers_keep_their_units() -> None:
    X, y, validation = halves(xor(60))
    network = Network([Input(2), Dense(2, activation="tanh"), Dense(3, activation="relu"), Dense(1), Sigmoid()], seed=1)
    network.freeze("dense_1")
    found = grow(network, X, y, validation_data=validation, most=6, patience=9, fit={"epochs": 1}, progress=False)
    assert [size.units for size in found.curve] == [(2, 3), (2, 6)]


@pytest.mark.plain
def test_ctrl_c_returns_what_is_there() -> None:
    X, y, validation = halves(xor(60))
    seen = []

    def press(end: object) -> None:
        seen.append(end)
        if len(seen) == 3:
            signal.raise_signal(signal.SIGINT)

    options = {"epochs": 2, "callbacks": [press]}
    found = grow(make, X, y, validation_data=validation, patience=9, fit=options, progress=False)
    assert (found.stopped, len(found.curve)) == ("interrupted", 2)


@pytest.mark.compiled
def test_a_training_that_fails() -> None:
    X, y, validation = halves(xor(60))
    y, validation = y * 1.0, (validation[0], validation[1] * 1.0)

    def breaks(units: int) -> Network:
        network = Network([Input(2), Dense(units), Dense(1)], seed=0)
        if units >= 4:
            network.theta = np.full(network.theta.size, 1e30)
        return network

    found = grow(breaks, X, y, validation_data=validation, start=2, fit={"epochs": 1}, progress=False)
    assert found.size.units == (2,)
    assert found.curve[1].loss == np.inf
    with pytest.raises(TrainingFailed):
        grow(breaks, X, y, validation_data=validation, start=4, fit={"epochs": 1}, progress=False)
