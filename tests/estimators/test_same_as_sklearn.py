"""The same settings and the same `random_state` give the weights, losses and scores of scikit-learn's perceptrons."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import sklearn.neural_network as peer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from netlet.estimators import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
DIGITS, DIGIT = load_digits(return_X_y=True)
DIGITS, DIGIT = DIGITS[:300] / 16, DIGIT[:300]
PEOPLE, DISEASE = load_diabetes(return_X_y=True)
DISEASE = (DISEASE - DISEASE.min()) / 50
WEIGHTS = RNG.uniform(0, 2, 442)
BASE = {"hidden_layer_sizes": (12,), "batch_size": 32, "max_iter": 6, "random_state": 3}

CLASSIFIERS = {
    "adam": {},
    "large alpha": {"alpha": 1.0},
    "large epsilon": {"epsilon": 1e-3, "beta_1": 0.8, "beta_2": 0.9},
    "nesterov": {"solver": "sgd", "learning_rate_init": 0.05},
    "momentum": {"solver": "sgd", "learning_rate_init": 0.05, "nesterovs_momentum": False},
    "plain descent": {"solver": "sgd", "learning_rate_init": 0.1, "momentum": 0},
    "momentum of 1": {"solver": "sgd", "learning_rate_init": 0.001, "momentum": 1.0},
    "invscaling": {"solver": "sgd", "learning_rate_init": 0.1, "learning_rate": "invscaling", "power_t": 0.3},
    "adaptive": {
        "solver": "sgd", "learning_rate_init": 0.5, "learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 1,
        "max_iter": 40,
    },
    "early stopping": {"early_stopping": True, "max_iter": 40, "tol": 1e-2, "n_iter_no_change": 2},
    "three layers": {"hidden_layer_sizes": (9, 8, 7), "activation": "tanh"},
    "no hidden layer": {"hidden_layer_sizes": ()},
    "logistic": {"activation": "logistic"},
    "identity": {"activation": "identity"},
    "as they lie": {"shuffle": False},
    "default batch": {"batch_size": "auto"},
    "one batch": {"batch_size": 300},
    "lbfgs": {"solver": "lbfgs", "max_iter": 15, "alpha": 0.1},
}  # fmt: skip
TARGETS = {
    "many classes": DIGIT,
    "two classes": DIGIT % 2,
    "names": np.array([f"digit {digit}" for digit in DIGIT], dtype=object),
    "several labels": np.column_stack([DIGIT % 2, DIGIT > 4, DIGIT == 3]).astype(int),
}


def check(ours, theirs, X, y, rtol=1e-9, **weights):
    ours.fit(X, y, **weights)
    theirs.fit(X, y, **weights)
    assert ours.n_iter_ == theirs.n_iter_
    for own, other in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True):
        np.testing.assert_allclose(own, other, rtol=rtol, atol=rtol)
    np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=rtol, atol=1e-12)
    for name in ("loss_curve_", "validation_scores_"):
        if getattr(theirs, name, None) is not None:
            np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=rtol, atol=1e-12)
    for name in ("n_layers_", "n_outputs_", "out_activation_", "t_", "n_features_in_"):
        assert getattr(ours, name) == getattr(theirs, name)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X)) if hasattr(ours, "classes_") else None
    np.testing.assert_allclose(ours.score(X, y), theirs.score(X, y), rtol=rtol)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifier(name):
    settings = BASE | CLASSIFIERS[name]
    # scikit-learn's t_ counts no samples of L-BFGS.
    ours, theirs = MLPClassifier(**settings), peer.MLPClassifier(**settings)
    if name == "lbfgs":
        ours.fit(DIGITS, DIGIT), theirs.fit(DIGITS, DIGIT)
        np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=1e-9)
        assert ours.n_iter_ == theirs.n_iter_
    else:
        check(ours, theirs, DIGITS, DIGIT)
        np.testing.assert_allclose(ours.predict_proba(DIGITS), theirs.predict_proba(DIGITS), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("weighted", [False, True])
def test_targets(name, weighted):
    y = TARGETS[name]
    weights = {"sample_weight": WEIGHTS[:300]} if weighted else {}
    ours, theirs = MLPClassifier(**BASE), peer.MLPClassifier(**BASE)
    check(ours, theirs, DIGITS, y, **weights)
    assert type(ours.classes_) is type(theirs.classes_)
    np.testing.assert_array_equal(ours.classes_, theirs.classes_)


@pytest.mark.parametrize("settings", [{}, {"loss": "poisson"}, {"early_stopping": True}, {"solver": "sgd"}])
@pytest.mark.parametrize("weighted", [False, True])
def test_regressor(settings, weighted):
    if weighted and settings.get("loss") == "poisson":
        pytest.skip("the constant of the Poisson loss is taken over all samples, not batch by batch")
    weights = {"sample_weight": WEIGHTS} if weighted else {}
    check(MLPRegressor(**BASE | settings), peer.MLPRegressor(**BASE | settings), PEOPLE, DISEASE, **weights)


def test_several_targets_differ_by_the_size_of_the_gradient_alone():
    """Scikit-learn's gradient is k times too large for k targets (its issue 8349): so is a learning rate k times ours."""
    y = np.column_stack([DISEASE, -DISEASE])
    settings = BASE | {"solver": "sgd", "momentum": 0, "alpha": 0.0}
    ours = MLPRegressor(**settings, learning_rate_init=0.02).fit(PEOPLE, y)
    theirs = peer.MLPRegressor(**settings, learning_rate_init=0.01).fit(PEOPLE, y)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-9)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)


def test_float32():
    X = DIGITS.astype(np.float32)
    ours, theirs = MLPClassifier(**BASE).fit(X, DIGIT), peer.MLPClassifier(**BASE).fit(X, DIGIT)
    assert ours.coefs_[0].dtype == ours.predict_proba(X).dtype == np.float32
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], atol=1e-5)


def test_parameters_and_their_defaults():
    for ours, theirs in ((MLPClassifier(), peer.MLPClassifier()), (MLPRegressor(), peer.MLPRegressor())):
        own = ours.get_params()
        assert {name: own[name] for name in theirs.get_params()} == theirs.get_params()


DATA = {
    "iris": (MLPClassifier, peer.MLPClassifier, load_iris),
    "wine": (MLPClassifier, peer.MLPClassifier, load_wine),
    "breast cancer": (MLPClassifier, peer.MLPClassifier, load_breast_cancer),
    "digits": (MLPClassifier, peer.MLPClassifier, load_digits),
    "diabetes": (MLPRegressor, peer.MLPRegressor, load_diabetes),
}


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("name", DATA)
def test_scores_on_its_data_sets(name, solver):
    """Not the weights of a long training, which rounding carries apart, but how well they predict."""
    ours, theirs, load = DATA[name]
    X, y = load(return_X_y=True)
    found = []
    for seed in range(5):
        X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
        scaler = StandardScaler().fit(X_train)
        settings = {"solver": solver, "random_state": seed, "max_iter": 100}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            scores = [
                each(**settings).fit(scaler.transform(X_train), y_train).score(scaler.transform(X_test), y_test)
                for each in (ours, theirs)
            ]
        found.append(scores)
    mean, other = np.mean(found, axis=0)
    spread = np.std(found, axis=0).max()
    assert abs(mean - other) <= max(0.01, spread), found
