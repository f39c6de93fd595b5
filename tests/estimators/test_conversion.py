"""From scikit-learn's fitted perceptrons to netlet's and back: the same weights, the same answers."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import neural_network as sklearn
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from netlet import (
    AdamW,
    Huber,
    LeakyReLU,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    ReLU,
    SquaredError,
    from_sklearn,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

_random = np.random.default_rng(0)
X = _random.normal(size=(50, 4))
Y = np.array(["no", "yes", "maybe"])[np.arange(50) % 3]
LABELS = (X[:, :3] > 0).astype(int)
FEW: dict[str, Any] = {"max_iter": 4, "random_state": 1}

CASES = [
    *((sklearn.MLPClassifier((7, 5), name, **FEW), X, Y) for name in ("identity", "logistic", "tanh", "relu")),
    (sklearn.MLPClassifier((), solver="lbfgs", **FEW), X, Y),
    (sklearn.MLPClassifier(7, solver="sgd", learning_rate="adaptive", **FEW), X, Y == "no"),
    (sklearn.MLPClassifier((7,), **FEW), X, LABELS),
    (sklearn.MLPClassifier((7,), early_stopping=True, **FEW), X, Y),
    (sklearn.MLPClassifier((7,), **FEW), pd.DataFrame(X, columns=list("abcd")), Y),
    (sklearn.MLPRegressor(hidden_layer_sizes=(7,), **FEW), X, X[:, 0]),
    (sklearn.MLPRegressor(hidden_layer_sizes=(7,), **FEW), X, X[:, :2]),
    (sklearn.MLPRegressor("poisson", hidden_layer_sizes=(7,), **FEW), X, X[:, 0] ** 2),
]
each_case = pytest.mark.parametrize(("theirs", "x", "y"), CASES)


def weights(model: Any) -> list[np.ndarray]:
    return [*model.coefs_, *model.intercepts_]


@each_case
def test_weights_are_the_same_and_answers_agree_to_rounding(theirs: Any, x: Any, y: np.ndarray) -> None:
    theirs.fit(x, y)
    ours = from_sklearn(theirs)
    assert type(ours).__name__ == type(theirs).__name__
    for own, other in zip(weights(ours), weights(theirs), strict=True):
        np.testing.assert_array_equal(own, other)
        assert own.dtype == other.dtype
        assert not np.shares_memory(own, other)
    if hasattr(theirs, "predict_proba"):
        np.testing.assert_allclose(ours.predict_proba(x), theirs.predict_proba(x), rtol=1e-13)
        np.testing.assert_array_equal(ours.predict(x), theirs.predict(x))
    else:
        np.testing.assert_allclose(ours.predict(x), theirs.predict(x), rtol=1e-12, atol=1e-14)
    assert ours.predict(x).dtype == theirs.predict(x).dtype


@each_case
def test_settings_and_figures_come_along(theirs: Any, x: Any, y: np.ndarray) -> None:
    theirs.fit(x, y)
    ours = from_sklearn(theirs)
    settings = theirs.get_params()
    assert {name: ours.get_params()[name] for name in settings} == settings
    names = {name for name in vars(theirs) if name.endswith("_") and name not in ("coefs_", "intercepts_")}
    assert {"n_iter_", "t_", "loss_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"} <= names
    for name in names:
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)


@each_case
def test_back_again_nothing_has_changed(theirs: Any, x: Any, y: np.ndarray) -> None:
    theirs.fit(x, y)
    back = from_sklearn(theirs).to_sklearn()
    assert type(back) is type(theirs)
    other = ("_optimizer", "_label_binarizer", "_random_state", "_coef_indptr", "_intercept_indptr")
    for name, value in vars(theirs).items():
        # Without early stopping scikit-learn leaves the first weights among the best.
        if name not in other and (theirs.early_stopping or not name.startswith("_best")):
            given = vars(back)[name]
            pairs = zip(given, value, strict=True) if isinstance(value, list) else [(given, value)]
            for own, wanted in pairs:
                np.testing.assert_array_equal(own, wanted, err_msg=name)
    method = "predict_proba" if hasattr(theirs, "predict_proba") else "predict"
    np.testing.assert_array_equal(getattr(back, method)(x), getattr(theirs, method)(x))
    np.testing.assert_array_equal(back.predict(x), theirs.predict(x))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(back)).predict(x), theirs.predict(x))


def test_a_single_class() -> None:
    theirs = sklearn.MLPClassifier((7,), **FEW).fit(X, np.full(50, "only"))
    ours = from_sklearn(theirs)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    # Scikit-learn's has two columns here, for one class.
    np.testing.assert_array_equal(ours.predict_proba(X), np.ones((50, 1)))
    np.testing.assert_array_equal(ours.to_sklearn().predict_proba(X), theirs.predict_proba(X))


def test_float32() -> None:
    theirs = sklearn.MLPClassifier((7,), **FEW).fit(X.astype(np.float32), Y)
    ours = from_sklearn(theirs)
    assert ours.coefs_[0].dtype == np.float32
    found, wanted = (model.predict_proba(X.astype(np.float32)) for model in (ours, theirs))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    assert found.dtype == wanted.dtype


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_both_can_be_trained_on(solver: str) -> None:
    theirs = sklearn.MLPClassifier((7,), solver=solver, warm_start=True, **FEW).fit(X, Y)
    ours = from_sklearn(theirs)
    back = ours.to_sklearn()
    before = theirs.coefs_[0].copy()
    for model in (ours, back):
        model.fit(X, Y)
        assert not np.array_equal(model.coefs_[0], before)
    np.testing.assert_array_equal(theirs.coefs_[0], before)
    # The optimizers begin anew; sgd in the order that the same random_state draws.
    if solver == "lbfgs":
        np.testing.assert_allclose(ours.loss_, back.loss_, rtol=1e-6)


def test_a_network_of_ours_goes_there() -> None:
    ours = MLPClassifier((7, 7), [ReLU(), "relu"], clip_norm=1.0, dropout=0.3, **FEW).fit(X, Y)
    theirs = ours.set_params(clip_norm=None, dropout=0).to_sklearn()
    assert theirs.activation == "relu"
    np.testing.assert_allclose(theirs.predict_proba(X), ours.predict_proba(X), rtol=1e-13)
    np.testing.assert_array_equal(theirs.predict(X), ours.predict(X))


def test_assigned_weights_go_along() -> None:
    ours = MLPRegressor(hidden_layer_sizes=(7,), **FEW).fit(X, X[:, 0])
    ours.coefs_ = [np.ones_like(each) for each in ours.coefs_]
    np.testing.assert_array_equal(ours.to_sklearn().coefs_[0], 1)


@pytest.mark.parametrize(
    ("model", "y", "message"),
    [
        (MLPClassifier((4,), "gelu"), Y, "have no layer 'gelu', which this model was fitted with"),
        (MLPClassifier((4,), LeakyReLU(0.3)), Y, "no layer 'leaky_relu'"),
        (MLPClassifier((4,), normalisation="batch"), Y, "no layer 'batch_normalisation'"),
        (MLPClassifier((4, 4), ["relu", "tanh"]), Y, "no mixture of activations"),
        (MLPClassifier((4,), loss="hinge"), Y, "no loss 'hinge' for classes"),
        (MLPClassifier((4,), loss="squared_error"), Y, "no loss 'squared_error' for classes"),
        (MLPClassifier((4,)), np.column_stack([Y, Y]), "no y with several columns of classes"),
        (MLPRegressor(Huber(1.0), (4,)), X[:, 0], "no loss 'huber' for numbers"),
    ],
)
def test_networks_that_scikit_learn_cannot_compute_are_refused(model: Any, y: np.ndarray, message: str) -> None:
    model.set_params(**FEW).fit(X, y)
    with pytest.raises(ValueError, match=message):
        model.to_sklearn()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (MLPClassifier((4,), dropout=0.2), r"cannot hold dropout=0.2.*set_params\(dropout=0.0\).to_sklearn\(\)"),
        (MLPClassifier((4,), dropout=[0.2]), r"set_params\(dropout=0.0\)"),
        (MLPClassifier((4,), solver=AdamW(0.1), schedule="cosine"), r"set_params\(schedule=None, solver='adam'\)"),
        (MLPClassifier((4,), class_weight="balanced", label_smoothing=0.1), "class_weight=None, label_smoothing=0.0"),
        (MLPClassifier((4,), loss="cross_entropy"), r"set_params\(loss='log_loss'\)"),
        (MLPRegressor(SquaredError(), (4,)), r"set_params\(loss='squared_error'\)"),
    ],
)
def test_settings_that_scikit_learn_cannot_hold_are_refused_with_the_way_out(model: Any, message: str) -> None:
    y = Y if isinstance(model, MLPClassifier) else X[:, 0]
    model.set_params(**FEW).fit(X, y)
    with pytest.raises(ValueError, match=message) as refusal:
        model.to_sklearn()
    # The call that the message names does what it says.
    theirs = eval(str(refusal.value).split("only: ")[1].split(" predicts")[0], {"model": model})
    method = "predict_proba" if y is Y else "predict"
    np.testing.assert_allclose(getattr(theirs, method)(X), getattr(model, method)(X), rtol=1e-10)


@pytest.mark.parametrize("other", [MLPClassifier(), make_pipeline(sklearn.MLPClassifier()), "MLPClassifier"])
def test_other_estimators_are_refused(other: Any) -> None:
    with pytest.raises(TypeError, match="is not scikit-learn's MLPClassifier or MLPRegressor"):
        from_sklearn(other)


def test_unfitted_estimators_are_refused() -> None:
    for call in (lambda: from_sklearn(sklearn.MLPClassifier()), MLPClassifier().to_sklearn):
        with pytest.raises(NotFittedError):
            call()


def test_there_is_nothing_to_go_to_for_other_networks() -> None:
    assert not hasattr(NetworkClassifier([]), "to_sklearn")
