"""What is refused, with words; and what a person's own functions that fail leave behind."""

from __future__ import annotations

import signal

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

import netlet
from netlet.estimators import MLPClassifier, MLPRegressor

pytestmark = [pytest.mark.plain, pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")]

X, Y = load_iris(return_X_y=True)
SMALL = {"hidden_layer_sizes": (6,), "max_iter": 6, "random_state": 0}
ONES = np.ones(150)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.where(np.arange(150) == 7, -1.0, 1.0), "Negative values in sample_weight: -1 in row 7"),
        (np.zeros(150), "Sample weights must contain at least one non-zero number"),
        (np.ones(149), r"sample_weight.shape == \(149,\), expected \(150,\)"),
        (np.ones((150, 2)), "Sample weights must be 1D"),
        (np.where(np.arange(150) == 7, np.nan, 1.0), "sample_weight contains NaN"),
    ],
)
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_weights(estimator, weights, message):
    with pytest.raises(ValueError, match=message):
        estimator(**SMALL).fit(X, Y, sample_weight=weights)
    with pytest.raises(ValueError, match=message):
        estimator(**SMALL).fit(X, Y, validation_data=(X, Y, weights))


def test_weights_of_samples_and_classes_that_leave_nothing():
    with pytest.raises(ValueError, match="sample_weight times class_weight"):
        MLPClassifier(**SMALL, class_weight={0: 0, 1: 1, 2: 1}).fit(X, Y, sample_weight=Y == 0)


def test_unseen_classes():
    model = MLPClassifier(**SMALL).partial_fit(X[:100], Y[:100], classes=[0, 1])
    before = model.network_.theta.copy()
    with pytest.raises(ValueError, match=r"`y` has classes not in `self.classes_`.*\[0 1\].*\[0 1 2\]"):
        model.partial_fit(X, Y)
    with pytest.raises(ValueError, match="is not the same as on last call to partial_fit"):
        model.partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="has classes not in"):
        model.partial_fit(X[:100], Y[:100], validation_data=(X, Y))
    np.testing.assert_array_equal(model.network_.theta, before)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        MLPClassifier().partial_fit(X, Y)


def test_other_shapes_in_a_later_part():
    model = MLPRegressor(**SMALL).partial_fit(X, Y)
    with pytest.raises(ValueError, match="y has 2 columns, the model was fitted on 1"):
        model.partial_fit(X, np.column_stack([Y, Y]))
    with pytest.raises(ValueError, match="X has 3 features, but MLPRegressor is expecting 4"):
        model.partial_fit(X[:, :3], Y)
    labels = MLPClassifier(**SMALL).partial_fit(X, np.eye(3, dtype=int)[Y], classes=[0, 1, 2])
    with pytest.raises(ValueError, match="y has 2 labels, the model was fitted on 3"):
        labels.partial_fit(X, np.eye(3, dtype=int)[Y][:, :2])


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ((X[:, :3], Y), ValueError, "X has 3 features, but MLPClassifier is expecting 4"),
        ((X[:9], Y), ValueError, "inconsistent numbers of samples"),
        ((X, Y + 1), ValueError, "has classes not in"),
        (X, TypeError, r"validation_data is not a tuple \(X, y\)"),
        ((X[:0], Y[:0]), ValueError, r"0 sample\(s\)"),
    ],
)
def test_validation_data(given, error, message):
    with pytest.raises(error, match=message):
        MLPClassifier(**SMALL).fit(X, Y, validation_data=given)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"solver": "adan"}, "'solver' parameter of MLPClassifier must be"),
        ({"alpha": -1}, "'alpha' parameter of MLPClassifier must be"),
        ({"dropout": 1.5}, "'dropout' parameter of MLPClassifier must be"),
        ({"normalisation": "group"}, "'normalisation' parameter of MLPClassifier must be"),
        ({"loss": "poisson"}, "'loss' parameter of MLPClassifier must be"),
        ({"loss": netlet.Poisson()}, "is for numbers, not for classes; use 'log_loss', or a regressor"),
        ({"loss": netlet.CrossEntropy(0.1), "label_smoothing": 0.2}, "which has its own; give one of them"),
        ({"schedule": "cosin"}, "'schedule' parameter of MLPClassifier must be"),
        ({"clip_norm": 0}, "'clip_norm' parameter of MLPClassifier must be"),
        ({"time_limit": 0}, "'time_limit' parameter of MLPClassifier must be"),
        ({"hidden_layer_sizes": (5, 0)}, r"hidden_layer_sizes must be > 0, got \[5, 0\]"),
        ({"scoring": "precission", "early_stopping": True}, "precission"),
    ],
    ids=str,
)
def test_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**SMALL | settings).fit(X, Y)


def test_losses_of_a_regressor():
    with pytest.raises(ValueError, match="is for classes; use 'squared_error', or a classifier"):
        MLPRegressor(netlet.Hinge()).fit(X, Y)
    with pytest.raises(ValueError, match="needs targets >= 0"):
        MLPRegressor("poisson").fit(X, Y - 1.0)
    with pytest.raises(ValueError, match="needs one class for each sample, y has several columns"):
        MLPClassifier(loss="cross_entropy").fit(X, np.eye(3, dtype=int)[Y])


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("who", ["The scorer", "A callback"])
def test_a_function_that_raises_leaves_the_last_weights(who, solver):
    calls, kept = [], {}

    def fail(*arguments):
        calls.append(1)
        if len(calls) == 3:
            kept["theta"] = model.network_.theta.copy()
            raise ZeroDivisionError("mine")
        return 0.5 if who == "The scorer" else False

    mine = {"scoring": fail} if who == "The scorer" else {"callbacks": [fail]}
    model = MLPClassifier(**SMALL, solver=solver, **mine)
    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        model.fit(X, Y, validation_data=(X, Y))
    assert caught.value.__notes__ == [f"{who} raised this after epoch 3; the model keeps the weights that it had then."]
    np.testing.assert_array_equal(model.network_.theta, kept["theta"])
    assert model.n_iter_ == 3
    assert len(model.predict(X)) == 150
    assert not hasattr(model, "_trusts")


def test_ctrl_c_keeps_the_weights():
    model = MLPClassifier(**SMALL, callbacks=[lambda end: end.epoch == 3 and signal.raise_signal(signal.SIGINT)])
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(X, Y)
    assert (model.stopped_, model.n_iter_) == ("interrupted", 3)
    assert len(model.predict(X)) == 150


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")  # NumPy's, where the kernels are not compiled
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_training_that_diverges_keeps_the_last_good_weights():
    model = MLPRegressor("squared_error", (6,), solver="sgd", learning_rate_init=1e6, random_state=0, max_iter=50)
    with pytest.raises(ValueError, match=r"non-finite parameter weights.*The weights kept are those after \d+ epoch"):
        model.fit(X, Y)
    assert np.isfinite(model.network_.theta).all()
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        MLPRegressor(hidden_layer_sizes=(6,), solver="lbfgs").fit(X * 1e300, Y)


def test_the_end_of_max_iter_is_told_once_with_what_to_do():
    with pytest.warns(ConvergenceWarning, match="Increase max_iter") as caught:
        MLPClassifier(**SMALL).fit(X, Y)
    assert len(caught) == 1
    text = str(caught[0].message)
    assert "Maximum iterations (6) reached" in text
    assert caught[0].filename == __file__
