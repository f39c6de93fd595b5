"""What is found in an estimator's training: a warning, and `health_`."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler

from netlet import Dense, Flatten, MLPClassifier, MLPRegressor, NetworkClassifier, NetworkRegressor
from netlet.errors import HealthWarning
from netlet.pictures import ImageClassifier
from netlet.sequences import Forecaster
from netlet.text import TextClassifier

pytestmark = pytest.mark.plain

SHORT = {"max_iter": 15, "tol": 0.0, "n_iter_no_change": np.inf, "batch_size": 20, "random_state": 0, "n_threads": 1}
QUIET = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def iris():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def large(X):
    X = X.copy()
    X[:, 1] = 1000 + 300 * X[:, 1]
    return X


KINDS = {
    "MLPClassifier": lambda **own: MLPClassifier((8,), **SHORT | own),
    "MLPRegressor": lambda **own: MLPRegressor(hidden_layer_sizes=(8,), **SHORT | own),
    "NetworkClassifier": lambda **own: NetworkClassifier([Dense(8, "relu")], **SHORT | own),
    "NetworkRegressor": lambda **own: NetworkRegressor([Dense(8, "relu")], **SHORT | own),
}


@QUIET
@pytest.mark.parametrize("kind", KINDS)
def test_a_finding_is_a_warning_and_kept(kind):
    X, y = iris()
    model = KINDS[kind](health=True)
    with pytest.warns(HealthWarning, match="unscaled inputs") as caught:
        model.fit(large(X), y)
    assert any(each.filename == __file__ for each in caught if each.category is HealthWarning)
    assert model.health_.findings[0].name == "unscaled inputs"
    assert pickle.loads(pickle.dumps(model)).health_.findings == model.health_.findings
    assert clone(model).get_params()["health"] is True


@QUIET
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_healthy_training_is_silent_and_the_same(solver):
    X, y = iris()
    settings = {"solver": solver, "learning_rate_init": 0.02, "alpha": 0.1}
    seen, unseen = (
        KINDS["MLPClassifier"](health=True, **settings).fit(X, y),
        KINDS["MLPClassifier"](**settings).fit(X, y),
    )
    assert seen.health_.findings == ()
    assert not hasattr(unseen, "health_")
    np.testing.assert_array_equal(seen.network_.theta, unseen.network_.theta)
    assert seen.loss_curve_ == unseen.loss_curve_


@QUIET
@pytest.mark.filterwarnings("ignore::netlet.errors.HealthWarning")  # that it has few steps
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_its_losses_are_those_without_the_penalty(solver):
    X, y = iris()
    own = {"solver": solver, "alpha": 50.0, "batch_size": len(X), "learning_rate_init": 0.1}
    model = KINDS["MLPClassifier"](health=True, **own).fit(X, y)
    figures = model.health_.figures
    total = sum(float((each.astype(float) ** 2).sum()) for each in model.coefs_)
    if solver == "lbfgs":  # of Adam's last step the loss is that before it
        assert figures.losses[-1] == pytest.approx(model.loss_curve_[-1] - 50 / 2 / len(X) * total)
    assert figures.losses[-1] < model.loss_curve_[-1]
    assert figures.losses[0] == pytest.approx(figures.start, rel=1e-6) or solver == "lbfgs"


@QUIET
@pytest.mark.compiled  # uncompiled it takes seconds
def test_large_sparse_features_are_looked_at_too():
    rng = np.random.default_rng(0)
    X = sparse.random(700, 6000, 0.002, format="csr", rng=rng)
    y = (np.asarray(X.sum(axis=1))[:, 0] > 6).astype(int)
    model = KINDS["MLPClassifier"](health=True, max_iter=2).fit(X, y)
    assert model.health_.figures.epochs.tolist() == [0, 2]
    assert model.health_.figures.spreads.shape == (6000,)


@QUIET
def test_validation_that_rises_is_overfitting_unless_the_best_weights_are_put_back():
    X, y = iris()
    rng = np.random.default_rng(0)
    y = np.where(rng.random(len(y)) < 0.4, rng.integers(0, 3, len(y)), y)
    own = {"learning_rate_init": 0.02, "max_iter": 60, "scoring": "loss", "health": True}
    layers = [Dense(64, "relu")]
    order = rng.permutation(len(X))
    X, y = X[order], y[order]
    held = X[100:], y[100:]
    with pytest.warns(HealthWarning, match="overfitting"):
        NetworkClassifier(layers, **SHORT | own).fit(X[:100], y[:100], validation_data=held)
    NetworkClassifier(layers, early_stopping=True, **SHORT | own).fit(X[:100], y[:100], validation_data=held)


@QUIET
def test_a_training_that_breaks_off_has_its_findings():
    X, y = iris()
    model = KINDS["MLPRegressor"](health=True, solver="sgd", learning_rate_init=1e6)
    with pytest.raises(ValueError, match="non-finite"), np.errstate(all="ignore"):
        model.fit(X, y)
    assert model.health_.findings[0].name == "learning rate too high"


@QUIET
def test_one_epoch_at_a_time_is_not_looked_at():
    model = KINDS["MLPClassifier"](health=True).partial_fit(*iris(), classes=[0, 1, 2])
    assert not hasattr(model, "health_")


def test_it_is_a_yes_or_no():
    X, y = iris()
    with pytest.raises(ValueError, match="'health' parameter"):
        MLPClassifier(health="yes").fit(X, y)
    with pytest.raises(TypeError, match="health='yes' is not a bool"):
        ImageClassifier(health="yes").fit(np.zeros((4, 4, 4)), [0, 1, 0, 1])


def test_estimators_of_pictures_texts_and_series_have_it():
    rng = np.random.default_rng(0)
    pictures = ImageClassifier(
        [Flatten()], epochs=6, learning_rate=1e-9, health=True, random_state=0, n_threads=1, augment=None
    )
    with pytest.warns(HealthWarning, match="learning rate too low"):
        pictures.fit(rng.integers(0, 255, (400, 4, 4), dtype=np.uint8), np.arange(400) % 2)
    assert pictures.health_.findings[0].name == "learning rate too low"
    assert pictures.history_.health is pictures.health_

    texts = ["win a prize now", "see you at noon", "claim your prize", "home at noon then"] * 5
    reader = TextClassifier(health=True, random_state=0, n_threads=1).fit(texts, ["spam", "ham"] * 10)
    assert reader.health_.findings == ()
    assert TextClassifier(random_state=0, n_threads=1).fit(texts, ["spam", "ham"] * 10).health_ is None

    series = np.sin(np.arange(90) * np.pi / 6) + 0.01 * np.arange(90)
    assert Forecaster(3, epochs=3, health=True, random_state=0, n_threads=1).fit(series).health_ is not None
