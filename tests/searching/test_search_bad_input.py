"""What a search refuses, in which words, and what it merely records."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from search_samples import SPACE, numbers, three_classes

from netlet import Dense, Input, Network, scales
from netlet.errors import TrainingFailed
from netlet.searching.search import search
from netlet.training.optimizers import Adam

pytestmark = pytest.mark.plain
X, Y = three_classes()
RATE = scales.LogUniform(1e-3, 1e-1)


def quiet(*arguments, **options):
    return search(*arguments, **({"progress": False, "epochs": 2} | options))


def refused(error, message, *arguments, **options):
    seen = []
    with pytest.raises(error) as caught:
        quiet(*arguments, callbacks=[seen.append], **options)
    assert message in str(caught.value)
    assert type(caught.value) is error
    assert seen == []  # before anything was trained


@pytest.mark.parametrize(
    ("space", "error", "message"),
    [
        ({}, ValueError, "space={} is empty"),
        (None, TypeError, "is not a dict"),
        ({"learning_rate": []}, ValueError, "empty"),
        ({"lerning_rate": RATE}, ValueError, "did you mean 'learning_rate'"),
        ({"hiden": [(3,)]}, ValueError, "did you mean 'hidden'"),
        ({"n_inputs": [4]}, ValueError, "the name in the space='n_inputs' is not one of"),
        ({"epochs": [4]}, ValueError, "space has 'epochs', which the search decides by epochs=..."),
        ({"patience": [4]}, ValueError, "decides by patience=..."),
        ({"validation_share": [0.1]}, ValueError, "decides by validation_share=..."),
        ({"checkpoint": "here"}, ValueError, "decides by folder=..."),
        ({"checkpoint_epochs": 3}, ValueError, "decides by folder=..."),
        ({"time_limit": [3]}, ValueError, "the name in the space='time_limit' is not one of"),
        ({"momentum": RATE}, ValueError, "momentum in the space is no setting of optimizer='adam', which has"),
        ({"beta1": RATE, "optimizer": "sgd"}, ValueError, "no setting of optimizer='sgd'"),
        ({"hidden": (3,), "units": [4]}, ValueError, "give hidden, or the other two"),
        ({"hidden": [(0,), (-1,)]}, ValueError, "of Dense is not an int >= 1"),
        ({"hidden": scales.LogUniform(1, 9)}, TypeError, "is no size and no sizes"),
        ({"optimizer": ["adm"]}, ValueError, "did you mean 'adam'"),
        ({"activation": ["rellu"]}, ValueError, "did you mean"),
        ({"normalisation": "btch"}, ValueError, "did you mean 'batch'"),
        ({"n_layers": [-1]}, ValueError, "n_layers=-1"),
    ],
)
def test_spaces(space, error, message):
    refused(error, message, X, Y, space)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"learning_rate": 0.1}, ValueError, "learning_rate is in the space and given to the search as well"),
        ({"lerning_rate": 0.1}, TypeError, "did you mean 'learning_rate'"),
        ({"time_limit": 3}, TypeError, "give budget=Seconds(...)"),
        ({"health": True}, TypeError, "health is not for a search; train its best once more"),
        ({"checkpoint": "here"}, TypeError, "checkpoint is decided by folder=..."),
        ({"epochs": 0}, ValueError, "epochs=0 is not >= 1"),
        ({"patience": 0}, ValueError, "patience=0 is not >= 1"),
        ({"keep": 0}, ValueError, "keep=0 is not >= 1"),
        ({"seed": -1}, ValueError, "seed=-1 is not >= 0"),
        ({"seed": None}, TypeError, "seed=None is not an int"),
        ({"n_threads": 0}, ValueError, "n_threads=0 is not >= 1"),
        ({"strategy": "randm"}, ValueError, "did you mean 'random'"),
        ({"strategy": 3}, TypeError, "strategy=3"),
        ({"progress": "loud"}, ValueError, "progress='loud' is not one of"),
        ({"validation_share": 1.0}, ValueError, "validation_share=1.0 is not > 0 and < 1"),
        ({"validation_share": 0.001}, ValueError, "leaves 60 to train and 0 to validate"),
        ({"build": "mlp"}, TypeError, "build='mlp' is not callable"),
        ({"first": {"learning_rate": 0.1}}, TypeError, "put it in brackets"),
        ({"first": [{"learning_rate": 9.0, "hidden": (3,)}]}, ValueError, "learning_rate=9.0 is not in the space"),
        ({"first": [{"rate": 9.0}]}, ValueError, "rate"),
        ({"optimizer": "adm"}, ValueError, "did you mean 'adam'"),
        ({"loss": "hubr"}, ValueError, "did you mean 'huber'"),
        ({"sample_weight": np.ones(50)}, ValueError, "sample_weight has 50 rows, X has 60"),
        ({"sample_weight": np.ones(70)}, ValueError, "sample_weight has 70 rows, X has 60"),
        ({"sample_weight": -np.ones(60)}, ValueError, "sample_weight"),
        ({"validation_data": X}, TypeError, "validation_data is not a tuple (X, y)"),
        ({"validation_data": (X[:, :3], Y)}, ValueError, "validation X has 3 features"),
        ({"validation_data": (X, Y[:9])}, ValueError, "validation y has 9 rows, validation X has 60"),
        ({"validation_data": (X[:0], Y[:0])}, ValueError, "validation"),
        ({"validation_data": (X, Y - 1)}, ValueError, "validation y"),
    ],
)
def test_parameters(options, error, message):
    refused(error, message, X, Y, SPACE, 2, **options)


def holed(array, value=np.nan):
    array = np.array(array, dtype=float)
    array[3] = value
    return array


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        (holed(X), Y, ValueError, "X holds nan in row 3, column 0; fill in or drop missing values"),
        (X[:, 0], Y, ValueError, "X.reshape(-1, 1)"),
        (X, Y[:50], ValueError, "y has 50 rows, X has 60"),
        (X, 3, ValueError, "y has shape ()"),
        (X, np.array(["a", "b", "c"])[Y], TypeError, "classes, y = numpy.unique(y, return_inverse=True)"),
        (X, np.array(["a", "b", "c"], dtype=object)[Y], TypeError, "numpy.unique"),
        (X, np.zeros(60, int), ValueError, "y holds only class 0"),
        (X, Y - 1, ValueError, "y holds the label -1"),
        (X, holed(Y), ValueError, "y holds nan in row 3"),
        (X, holed(Y, np.inf), ValueError, "y holds inf in row 3"),
        (X, np.stack([Y, Y], axis=1), ValueError, "y holds ints in 2 columns"),
        (X[:1], Y[:1], ValueError, "leaves 1 to train and 0 to validate"),
        (np.array([["a"] * 4] * 60), Y, TypeError, "X holds text"),
        (X[:0], Y[:0], ValueError, ""),
    ],
)
def test_samples(x, y, error, message):
    refused(error, message, x, y, SPACE, 2)


@pytest.mark.compiled  # NumPy's own arithmetic would warn of what overflows
def test_trials_that_fail_are_recorded_and_the_others_go_on():
    # One that cannot be made, one that overflows, and two that are all right; whichever is first.
    space = {"hidden": [(0,), (3,)], "learning_rate": [1e6, 0.01], "optimizer": "sgd"}
    x, y = numbers()
    for seed in range(3):
        found = quiet(x, y, space, 4, seed=seed, epochs=5, metric="rmse")
        by_settings = {(t.settings["hidden"], t.settings["learning_rate"]): t for t in found.trials}
        assert len(by_settings) == 4
        for rate in (1e6, 0.01):
            trial = by_settings[(0,), rate]
            assert (trial.status, trial.score, trial.cost) == ("failed", None, np.inf)
            assert "units=0" in trial.reason
        diverged = by_settings[(3,), 1e6]
        assert diverged.status == "failed"
        assert "not finite" in diverged.reason
        assert diverged.n_parameters == 19
        assert by_settings[(3,), 0.01].status == "done"
        assert found.best is by_settings[(3,), 0.01]
        assert list(found.networks) == [found.best.number]
        assert "3 failed" in repr(found)
        assert found.table()["reason"].to_list() == [t.reason for t in found.trials]


@pytest.mark.compiled  # NumPy's own arithmetic would warn of what overflows
def test_halving_goes_on_where_trials_fail():
    x, y = numbers()
    space = {"hidden": scales.Sizes((1, 2), (2, 6)), "learning_rate": scales.LogUniform(1e-3, 1e7)}
    found = quiet(x * 100, y, space, 12, strategy="halving", optimizer="sgd", epochs=9, metric="mae")
    assert any(t.status == "failed" for t in found.trials)
    assert found.best.status == "done"


@pytest.mark.compiled  # NumPy's own arithmetic would warn of what overflows
def test_all_trials_fail():
    x, y = numbers()
    with pytest.raises(TrainingFailed, match="all 3 trials failed; the first: .*learning rate"):
        quiet(x * 100, y, {"hidden": scales.Sizes((1, 1), (2, 9)), "learning_rate": 1e9}, 3, optimizer="sgd", epochs=9)


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyError, MemoryError, RuntimeError])
def test_a_build_that_fails_for_some_settings(error):
    def build(units, seed):
        if units == 3:
            raise error("of units")
        return Network([Input(4), Dense(units), Dense(1)], seed=seed)

    x, y = numbers()
    found = quiet(x, y, {"units": [2, 3, 4]}, build=build)
    failed = [t for t in found.trials if t.status == "failed"]
    assert [t.settings["units"] for t in failed] == [3]
    assert failed[0].reason.startswith(f"{error.__name__}: ")
    assert "of units" in failed[0].reason


def test_a_build_that_fails_for_all_raises_its_own_error():
    def build(units):
        raise ZeroDivisionError("of units")

    refused(ZeroDivisionError, "of units", X, Y, {"units": [2, 3]}, build=build)


def test_a_build_that_returns_no_network():
    refused(TypeError, "build returned [2], which is no Network", X, Y, {"units": [2]}, build=lambda units: [units])


def test_a_build_that_does_not_know_a_name():
    def build(units, seed):
        raise AssertionError

    refused(ValueError, "did you mean 'units'", X, Y, {"unit": [2]}, build=build)
    refused(ValueError, "is not one of", X, Y, {"hidden": [(2,)]}, build=build)


def test_a_learning_rate_of_zero_is_refused_not_replaced():
    refused(ValueError, "learning_rate=0", X, Y, {"learning_rate": 0, "beta1": [0.5, 0.9]})


def test_a_learning_rate_beside_an_optimizer_that_has_one():
    refused(ValueError, "learning_rate=0.1 is given beside an optimizer", X, Y, {"hidden": [(2,)]},
            optimizer=Adam(0.1), learning_rate=0.1)  # fmt: skip


@pytest.mark.compiled
def test_no_warning_escapes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x, y = three_classes()
        quiet(x, y, SPACE | {"learning_rate": [1e6, 0.01]}, 4, metric="f1_macro")
        quiet(x, y, SPACE, 2, metric="roc_auc", validation_data=(x[:5], np.array([0, 1, 1, 0, 1])))
        with pytest.raises(TrainingFailed):
            quiet(x, y, SPACE, 2, metric="roc_auc", validation_data=(x[:5], np.zeros(5, int)))
        values = numbers()
        quiet(*values, SPACE, 2, metric="r2", validation_data=(values[0][:3], np.ones(3)))
