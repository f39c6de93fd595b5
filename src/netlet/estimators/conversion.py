"""Between scikit-learn's multi-layer perceptrons and netlet's, with every weight as it is.

The weights are copied, so they are equal to the last bit. The matrix products then are another library's, which adds up
in another order, so that outputs agree to rounding: a few units in the last place of the numbers that are added.

What comes along: the settings, classes, names of features, weights, and the figures of the training so far. The
optimizer's memory does not: a `partial_fit` that follows begins a new one.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.neural_network import MLPRegressor as SklearnRegressor
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from netlet.estimators.mlp import MLPClassifier, MLPRegressor
from netlet.estimators.targets import Classes, Numbers, class_loss, number_loss

_KINDS = {"binary": "classes", "multiclass": "classes", "multilabel-indicator": "multilabel"}
_ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}
_CLASS_LOSSES = ("cross_entropy", "binary_cross_entropy")
_NUMBER_LOSSES = ("squared_error", "poisson")
_FIGURES = ("loss_", "loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_", "n_iter_", "t_")
_NAMES = ("n_features_in_", "feature_names_in_")


def from_sklearn(estimator: Any) -> MLPClassifier | MLPRegressor:
    """Return a fitted multi-layer perceptron of scikit-learn as one of netlet.

    Parameters
    ----------
    estimator : sklearn.neural_network.MLPClassifier or MLPRegressor
        A fitted one. It is left as it is, and shares no memory with the result.

    Returns
    -------
    MLPClassifier or MLPRegressor
        With the same settings and weights; `predict_proba` and `predict` agree to rounding.

    Raises
    ------
    TypeError
        If it is another estimator.
    sklearn.exceptions.NotFittedError
        If it is not fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from netlet import from_sklearn
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.neural_network import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> theirs = MLPClassifier((8,), solver="lbfgs", alpha=0.1, max_iter=1000, random_state=0).fit(X, y)
    >>> bool(np.allclose(from_sklearn(theirs).predict_proba(X), theirs.predict_proba(X), rtol=1e-9, atol=0))
    True
    """
    if not isinstance(estimator, (SklearnClassifier, SklearnRegressor)):
        raise TypeError(
            f"estimator={type(estimator).__name__}(...) is not scikit-learn's MLPClassifier or MLPRegressor; of a "
            "pipeline take the last step, of a search best_estimator_"
        )
    check_is_fitted(estimator)
    settings = estimator.get_params(deep=False)
    coding: Classes | Numbers
    if isinstance(estimator, SklearnClassifier):
        model: Any = MLPClassifier(**settings)
        coding = _classes_of(estimator)
        model.classes_ = coding.public
    else:
        model = MLPRegressor(**settings)
        n_outputs = estimator.n_outputs_
        coding = Numbers(n_outputs, n_outputs == 1, number_loss(model.loss))
    n_features, dtype = len(estimator.coefs_[0]), estimator.coefs_[0].dtype
    # No number of chance is left in the result, so that the estimator's own source is not drawn from.
    model._build(np.empty((0, n_features), dtype=dtype), coding, fresh=True, random=check_random_state(0))
    for own, theirs in zip(model._views(), (estimator.coefs_, estimator.intercepts_), strict=True):
        for view, values in zip(own, theirs, strict=True):
            view[:] = values
    progress, figures = model._progress, _copies(estimator, (*_FIGURES, "_no_improvement_count"))
    progress.losses = figures.pop("loss_curve_", [])
    progress.scores = figures.pop("validation_scores_", None)
    progress.validation_losses = None if progress.scores is None else [np.nan] * len(progress.scores)
    progress.best_loss = figures.pop("best_loss_", np.inf)
    progress.best_score = figures.pop("best_validation_score_", None)
    progress.without_improvement = figures.pop("_no_improvement_count", 0)
    if progress.best_score is not None:
        progress.best = model.network_._built().copy()
    progress.publish(model)
    vars(model).update(figures | _copies(estimator, (*_NAMES, "_random_state")))
    model.stopped_ = None
    return model  # type: ignore[no-any-return]


def _classes_of(estimator: Any) -> Classes:
    kind, classes = _KINDS[estimator._label_binarizer.y_type_], np.array(estimator.classes_)
    return Classes(kind, (classes,), class_loss("log_loss", kind, [len(classes)], 0.0))


def to_sklearn(model: Any) -> Any:
    """Return a fitted `MLPClassifier` or `MLPRegressor` of netlet as scikit-learn's; see its method `to_sklearn`."""
    check_is_fitted(model)
    model._adopt_weights()
    activation = _check_network(model)
    is_classifier = isinstance(model, MLPClassifier)
    kind = SklearnClassifier if is_classifier else SklearnRegressor
    settings = model.get_params(deep=False)
    known = kind().get_params(deep=False)
    _check_settings(settings, known, type(model)().get_params(deep=False), model._coding.loss.rule)
    own = {name: settings[name] for name in known} | {"activation": activation}
    theirs = kind(**deepcopy(own))
    theirs.coefs_ = [each.copy() for each in model.coefs_]
    theirs.intercepts_ = [each.copy() for each in model.intercepts_]
    # Where early stopping goes on from, in a later fit with warm_start.
    theirs._best_coefs, theirs._best_intercepts = deepcopy(theirs.coefs_), deepcopy(theirs.intercepts_)
    theirs.n_layers_, theirs.n_outputs_, theirs.out_activation_ = (
        model.n_layers_,
        model.n_outputs_,
        model.out_activation_,
    )
    vars(theirs).update(_copies(model, (*_FIGURES, *_NAMES, "_no_improvement_count", "_random_state")))
    if is_classifier:
        classes = model.classes_
        is_multilabel = model._coding.kind == "multilabel"
        theirs._label_binarizer = LabelBinarizer().fit(np.eye(len(classes), dtype=int) if is_multilabel else classes)
        theirs.classes_ = theirs._label_binarizer.classes_
    return theirs


def _check_network(model: Any) -> str:
    """Return the hidden layers' activation; raise unless scikit-learn can compute what the network does."""
    following: list[list[str]] = []  # the operations after each dense one; dropout does nothing in a prediction
    for row in (each.row for each in model.network_._operations[1:] if each.row != "dropout"):
        if row == "dense":
            following.append([])
        else:
            following[-1].append(row)
    found = dict.fromkeys(tuple(rows) for rows in following[:-1])
    foreign = dict.fromkeys(row for rows in found for row in rows if row not in _ACTIVATIONS)
    reasons = [f"layer {row!r}" for row in foreign]
    if len(found) > 1 and not reasons:
        reasons.append("mixture of activations")
    coding = model._coding
    is_classifier = isinstance(coding, Classes)
    if is_classifier and coding.kind == "columns":
        reasons.append("y with several columns of classes")
    if coding.loss.rule not in (_CLASS_LOSSES if is_classifier else _NUMBER_LOSSES):
        reasons.append(f"loss {coding.loss.rule!r} for {'classes' if is_classifier else 'numbers'}")
    if reasons:
        raise ValueError(
            f"scikit-learn's perceptrons have no {', no '.join(reasons)}, which this model was fitted with; keep the "
            "model as it is, or fit one without"
        )
    if found and () not in found:
        return _ACTIVATIONS[next(iter(found))[0]]
    # Without hidden layers any name would do; linear ones are "identity".
    return model.activation if not found and model.activation in _ACTIVATIONS.values() else "identity"


def _check_settings(settings: dict[str, Any], known: dict[str, Any], defaults: dict[str, Any], rule: str) -> None:
    """Raise for settings that scikit-learn lacks: they concern the training alone, so the message tells the way out."""
    without = (
        "activation",
        "normalisation",
        "initialiser",
        "dtype",
        "n_threads",
        "health",
    )  # the network has been looked at
    lost = {
        name: defaults[name]
        for name, value in settings.items()
        if name not in known and name not in without and not _is_default(value, defaults[name])
    }
    if not isinstance(settings["solver"], str) or settings["solver"] not in ("lbfgs", "sgd", "adam"):
        lost["solver"] = "adam"
    if not isinstance(settings["loss"], str):
        lost["loss"] = rule if rule in _NUMBER_LOSSES else "log_loss"
    if lost:
        present = ", ".join(f"{name}={settings[name]!r}" for name in lost)
        instead = ", ".join(f"{name}={value!r}" for name, value in lost.items())
        raise ValueError(
            f"scikit-learn's perceptrons cannot hold {present}. It is for training only: "
            f"model.set_params({instead}).to_sklearn() predicts the same"
        )


def _is_default(value: Any, default: Any) -> bool:
    return value is default or (isinstance(value, (str, int, float)) and value == default)


def _copies(estimator: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: deepcopy(value) for name in names if (value := vars(estimator).get(name, names)) is not names}
