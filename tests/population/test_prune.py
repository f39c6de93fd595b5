"""Pruning ends with as few units as the task needs, within the tolerance."""

from __future__ import annotations

import signal

import numpy as np
import pytest
from sklearn.datasets import load_digits

from netlet import Dense, Dropout, Network, Softmax
from netlet.population.sizing import Sizing, contributions, prune, remove_units


def teacher(n_samples: int, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Samples of a network with 3 tanh units, and noise."""
    random = np.random.default_rng(0)
    weight, bias = random.normal(size=(4, 3)), random.normal(size=3)
    X = random.normal(size=(n_samples, 4))
    return X, np.tanh(X @ weight + bias) @ [1.0, -1.5, 2.0] + noise * random.normal(size=n_samples)


def small_task() -> tuple[Network, np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    X, y = teacher(200)
    network = Network([Dense(6, activation="tanh"), Dense(1)], seed=1)
    network.fit(X[:120], y[:120], epochs=20, learning_rate=0.02, progress=False)
    return network, X[:120], y[:120], (X[120:], y[120:])


def digits() -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    X, y = load_digits(return_X_y=True)
    X = X / 16
    return X[:1000], y[:1000], (X[1000:1400], y[1000:1400]), (X[1400:], y[1400:])


@pytest.mark.compiled
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_student_shrinks_to_its_teacher(seed: int) -> None:
    X, y = teacher(1500)
    X, y, validation = X[:1000], y[:1000], (X[1000:], y[1000:])
    options = {"learning_rate": 5e-3, "epochs": 100, "patience": 20}
    student = Network([Dense(32, activation="tanh"), Dense(1)], seed=seed)
    student.fit(X, y, validation_data=validation, progress=False, **options | {"epochs": 300})
    found = prune(student, X, y, validation_data=validation, tolerance=0.05, fit=options, progress=False)
    # The teacher has 3; one or two more may stay where training ends beside it.
    assert 3 <= found.size.units[0] <= 5
    assert found.stopped == "tolerance"
    loss = found.network.evaluate(*validation)["loss"]
    assert loss == found.size.loss <= 1.05 * student.evaluate(*validation)["loss"]
    assert loss < 0.007  # the noise alone is 0.005


@pytest.mark.compiled
def test_digits_within_the_tolerance() -> None:
    X, y, validation, test = digits()
    network = Network([Dense(64, activation="relu"), Dropout(0.1), Dense(32, activation="relu"), Dense(10), Softmax()])
    network.seed = 0
    network.fit(X, y, epochs=30, progress=False)
    before = network.evaluate(*validation)["accuracy"]
    found = prune(network, X, y, validation_data=validation, tolerance=0.02, metric="accuracy", progress=False)
    assert found.network.evaluate(*validation)["accuracy"] >= before - 0.02
    assert found.size.n_parameters == found.network.theta.size < 0.6 * network.theta.size
    # Of 397 samples: two per cent, and as much again for what validation cannot see.
    assert found.network.evaluate(*test)["accuracy"] > network.evaluate(*test)["accuracy"] - 0.04


@pytest.mark.plain
def test_what_is_returned() -> None:
    network, X, y, validation = small_task()
    theta = network.theta.copy()
    found = prune(network, X, y, validation_data=validation, tolerance=0.2, fit={"epochs": 5}, progress=False)
    assert (network.theta == theta).all()
    assert network.layers[1].units == 6
    first, limit = found.curve[0], 1.2 * network.evaluate(*validation)["loss"]
    assert first.units == (6,)
    assert (first.loss, first.epochs, first.kept) == (network.evaluate(*validation)["loss"], 0, True)
    assert [size.kept for size in found.curve] == [size.loss <= limit for size in found.curve]
    # The chosen one is the smallest that was kept, and its figures are those of the network.
    assert found.size.n_parameters == min(size.n_parameters for size in found.curve if size.kept)
    assert found.network.theta.size == found.size.n_parameters
    assert found.network.evaluate(*validation)["loss"] == found.size.loss
    assert found.network.layers[1].units == found.size.units[0]
    if found.stopped == "tolerance":  # one unit less was tried, and was too few
        assert any(size.units == (found.size.units[0] - 1,) and not size.kept for size in found.curve)


@pytest.mark.plain
def test_everything_may_go_but_one_unit_of_each_layer() -> None:
    X, y = teacher(60)
    network = Network([Dense(5, activation="tanh"), Dense(4, activation="relu"), Dense(1)], seed=1)
    network.fit(X, y, epochs=1, progress=False)
    found = prune(network, X, y, validation_data=(X, y), tolerance=1e3, fit={"epochs": 1}, progress=False)
    assert found.size.units == (1, 1)
    assert found.stopped == "smallest"
    assert found.network.layers[1].units == found.network.layers[2].units == 1


@pytest.mark.plain
def test_nothing_goes_where_nothing_can() -> None:
    network, X, y, validation = small_task()
    # Without training, at a tolerance of 0, a network in which every unit is needed stays whole.
    found = prune(network, X, y, validation_data=validation, tolerance=0, fit={"epochs": 0}, progress=False)
    assert found.chosen == 0
    assert (found.network.theta == network.theta).all()
    assert found.network is not network


@pytest.mark.plain
def test_frozen_layers_keep_their_units() -> None:
    X, y = teacher(60)
    network = Network([Dense(5, activation="tanh"), Dense(4, activation="relu"), Dense(1)], seed=1)
    network.fit(X, y, epochs=1, progress=False)
    network.freeze("dense_1")
    found = prune(network, X, y, validation_data=(X, y), tolerance=1e3, fit={"epochs": 1}, progress=False)
    assert found.size.units == (5, 1)
    assert (found.network.parameters["dense_1.weight"] == network.parameters["dense_1.weight"]).all()


@pytest.mark.plain
def test_the_seed_decides() -> None:
    network, X, y, validation = small_task()

    def run(**given: int) -> Sizing:
        return prune(network, X, y, validation_data=validation, fit={"epochs": 3}, progress=False, **given)

    first, again, other = (
        run(seed=1),
        run(
            seed=1,
        ),
        run(seed=2),
    )
    assert first.curve == again.curve == run().curve  # 1 is the network's own
    assert (first.network.theta == again.network.theta).all()
    assert first.curve != other.curve
    several = prune(
        network, X, y, validation_data=validation, fit={"epochs": 3, "n_threads": 2}, progress=False, seed=1
    )
    assert several.curve == first.curve


@pytest.mark.plain
def test_contributions_are_measured_on_some_rows_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    from netlet.population.sizing import pruning

    network, X, y, validation = small_task()
    monkeypatch.setattr(pruning, "_MOST_ROWS", 50)
    options = {"epochs": 1, "sample_weight": np.linspace(0.5, 1.5, len(X))}
    first, again = (
        prune(network, X, y, validation_data=validation, fit=options, progress=False).curve for _ in range(2)
    )
    assert first == again


@pytest.mark.compiled
def test_a_training_that_fails_counts_as_out_of_tolerance() -> None:
    network, X, y, validation = small_task()
    options = {"optimizer": "sgd", "learning_rate": 1e30, "epochs": 3}
    found = prune(network, X, y, validation_data=validation, tolerance=1e-6, fit=options, progress=False)
    assert np.isfinite(found.network.theta).all()
    assert found.size.loss <= (1 + 1e-6) * found.curve[0].loss


@pytest.mark.plain
def test_ctrl_c_returns_what_is_there() -> None:
    network, X, y, validation = small_task()
    seen = []

    def press(end: object) -> None:
        seen.append(end)
        if len(seen) == 4:
            signal.raise_signal(signal.SIGINT)

    found = prune(
        network,
        X,
        y,
        validation_data=validation,
        tolerance=1e3,
        fit={"epochs": 3, "callbacks": [press]},
        progress=False,
    )
    assert found.stopped == "interrupted"
    assert [size.epochs for size in found.curve] == [0, 3, 1]
    assert found.network.evaluate(*validation)["loss"] == found.size.loss


@pytest.mark.plain
def test_ctrl_c_between_two_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    from netlet.population.sizing import pruning

    network, X, y, validation = small_task()
    calls = []

    def measured(*given: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(*given, **options)

    original = pruning.contributions
    monkeypatch.setattr(pruning, "contributions", measured)
    found = prune(network, X, y, validation_data=validation, tolerance=1e3, fit={"epochs": 1}, progress=False)
    assert (found.stopped, len(found.curve)) == ("interrupted", 2)


@pytest.mark.plain
def test_a_line_for_each_size(capsys: pytest.CaptureFixture[str]) -> None:
    network, X, y, validation = small_task()
    found = prune(network, X, y, validation_data=validation, fit={"epochs": 1}, progress="lines")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(found.curve)
    assert lines[0].startswith("netlet: 6 units, 37 parameters: validation ")
    assert lines[0].endswith(", as given")
    prune(network, X, y, validation_data=validation, fit={"epochs": 1}, progress=False)
    assert capsys.readouterr().err == ""


@pytest.mark.plain
def test_the_table_and_the_picture(tmp_path) -> None:
    network, X, y, validation = small_task()
    found = prune(network, X, y, validation_data=validation, tolerance=0.5, fit={"epochs": 1}, progress=False)
    lines = found.table().splitlines()
    assert lines[0].split() == ["hidden", "units", "parameters", "loss", "epochs"]
    assert lines[2].split()[:3] == ["6", "37", f"{found.curve[0].loss:.4g}"]
    assert len(lines) == 2 + len(found.curve)
    assert [line.endswith("<- chosen") for line in lines[2:]].index(True) == found.chosen
    assert repr(found).startswith(f"Sizing({found.size.units[0]} hidden units, ")
    found.plot(tmp_path / "curve.svg")
    assert (tmp_path / "curve.svg").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.plain
def test_halved_after_each_cut_that_is_too_deep_down_to_one_unit() -> None:
    X, y = teacher(200)
    network = Network([Dense(16, activation="tanh"), Dense(1)], seed=1, dtype="float64")
    network.fit(X, y, epochs=10, learning_rate=0.02, progress=False)
    found = prune(network, X, y, validation_data=(X, y), tolerance=0.5, share=0.5, fit={"epochs": 0}, progress=False)
    units, most, halved = 16, 16, 0
    for size in found.curve[1:]:
        count = min(max(1, units // 2), most)
        assert size.units == (units - count,)
        if size.kept:
            units = size.units[0]
        elif count > 1:
            most, halved = count // 2, halved + 1
    assert halved > 1
    assert found.stopped == "tolerance"
    assert found.size.units == (units,)
    assert found.curve[-1].units == (units - 1,)  # the last try is one unit, and one too many
    assert not found.curve[-1].kept


@pytest.mark.plain
def test_those_that_contribute_least_go_first_whatever_their_layer() -> None:
    X, y = teacher(200)
    network = Network([Dense(7, activation="tanh"), Dense(5, activation="tanh"), Dense(1)], seed=1, dtype="float64")
    network.fit(X, y, epochs=10, learning_rate=0.02, progress=False)
    found = prune(network, X, y, validation_data=(X, y), tolerance=1e6, share=0.3, fit={"epochs": 0}, progress=False)
    measured = contributions(network, X, y)
    every = sorted((value, layer, unit) for layer, values in measured.items() for unit, value in enumerate(values))
    smaller = network
    for layer in measured:
        smaller = remove_units(smaller, layer, [unit for _, name, unit in every[:3] if name == layer], X=X)
    assert found.curve[1].units == tuple(smaller.layers[place].units for place in (1, 2))
    assert found.curve[1].loss == pytest.approx(smaller.evaluate(X, y)["loss"], rel=1e-12)


@pytest.mark.plain
def test_weights_that_training_made_worse_are_put_back() -> None:
    network, X, y, validation = small_task()
    options = {"optimizer": "sgd", "learning_rate": 3.0, "epochs": 1, "patience": None}
    spoilt = remove_units(network, "dense_1", 0, X=X)
    before = spoilt.evaluate(*validation)["loss"]
    spoilt.fit(X, y, progress=False, **options)
    assert spoilt.evaluate(*validation)["loss"] > 2 * before
    trained, untrained = (
        prune(network, X, y, validation_data=validation, tolerance=1e3, fit=each, progress=False)
        for each in (options, {"epochs": 0})
    )
    assert [size.loss for size in trained.curve] == [size.loss for size in untrained.curve]
