"""What scikit-learn's perceptrons refuse: each setting does what it says."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.metrics import check_scoring, log_loss, make_scorer, recall_score
from sklearn.utils.class_weight import compute_sample_weight

import netlet
from netlet.estimators import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
PEOPLE, DISEASE = load_diabetes(return_X_y=True)
DISEASE = DISEASE / DISEASE.std()
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 40, "random_state": 0, "learning_rate_init": 0.02}
COLUMNS = np.column_stack([np.array(["low", "high"])[(X[:, 0] > 0).astype(int)], np.array(["a", "b", "c"])[Y]])


def layers_of(model):
    return [type(layer).__name__ for layer in model.network_.layers]


def test_activations():
    settings = SMALL | {"hidden_layer_sizes": (8, 6)}
    model = MLPClassifier(activation=["gelu", netlet.LeakyReLU(0.2)], **settings).fit(X, Y)
    activations = [each.activation for each in model.network_.layers[1:3]]
    assert activations == [netlet.GELU(), netlet.LeakyReLU(0.2)]
    assert model.score(X, Y) > 0.9
    with pytest.raises(ValueError, match="names 1 activations for 2 hidden layers; give one for each of them"):
        MLPClassifier((8, 6), ["relu"]).fit(X, Y)
    with pytest.raises(ValueError, match="did you mean 'gelu'"):
        MLPClassifier((8, 6), ["relu", "gelus"]).fit(X, Y)


def test_dropout_and_normalisation():
    model = MLPClassifier((8, 6), dropout=[0.1, 0.0], normalisation="batch", max_iter=3).fit(X, Y)
    assert layers_of(model)[1:] == [
        "Dense", "BatchNorm", "ReLU", "Dropout", "Dense", "BatchNorm", "ReLU", "Dense", "Softmax"
    ]  # fmt: skip
    assert [each.shape for each in model.coefs_] == [(4, 8), (8, 6), (6, 3)]
    assert "LayerNorm" in layers_of(MLPClassifier((8,), normalisation="layer", max_iter=3).fit(X, Y))
    with pytest.raises(ValueError, match=r"rate=1.0 of Dropout"):
        MLPClassifier((8,), dropout=[1.0]).fit(X, Y)
    with pytest.raises(ValueError, match="has 2 rates for 1 hidden layers"):
        MLPClassifier((8,), dropout=[0.1, 0.2]).fit(X, Y)


def test_dropout_follows_from_random_state():
    found = [MLPClassifier(**SMALL, dropout=0.3).fit(X, Y).coefs_[0] for _ in range(2)]
    np.testing.assert_array_equal(*found)
    assert not np.array_equal(found[0], MLPClassifier(**SMALL).fit(X, Y).coefs_[0])


@pytest.mark.parametrize("class_weight", ["balanced", {0: 1.0, 1: 5.0, 2: 0.5}])
def test_class_weight_is_a_sample_weight(class_weight):
    few = np.r_[:50, 50:60, 100:150]
    ours = MLPClassifier(**SMALL, class_weight=class_weight).fit(X[few], Y[few])
    weights = compute_sample_weight(class_weight, Y[few])
    same = MLPClassifier(**SMALL).fit(X[few], Y[few], sample_weight=weights)
    np.testing.assert_allclose(ours.coefs_[0], same.coefs_[0])
    both = MLPClassifier(**SMALL, class_weight=class_weight).fit(X[few], Y[few], sample_weight=weights)
    squared = MLPClassifier(**SMALL).fit(X[few], Y[few], sample_weight=weights**2)
    np.testing.assert_allclose(both.coefs_[0], squared.coefs_[0])


def test_partial_fit_takes_weights_of_classes_but_cannot_count_them():
    model = MLPClassifier(**SMALL, class_weight={0: 1, 1: 2, 2: 3}).partial_fit(X, Y, classes=[0, 1, 2])
    same = MLPClassifier(**SMALL).partial_fit(X, Y, sample_weight=1.0 + Y, classes=[0, 1, 2])
    np.testing.assert_allclose(model.coefs_[0], same.coefs_[0])
    with pytest.raises(ValueError, match="give a dict of class to weight"):
        MLPClassifier(class_weight="balanced").partial_fit(X, Y, classes=[0, 1, 2])


@pytest.mark.parametrize("y", [Y, Y == 1, np.eye(3, dtype=int)[Y]], ids=["many", "two", "labels"])
@pytest.mark.parametrize("loss", ["hinge", "squared_error", "binary_cross_entropy", netlet.Huber(0.3)])
def test_losses_of_classes(loss, y):
    model = MLPClassifier(**SMALL | {"max_iter": 150}, loss=loss).fit(X, y)
    assert model.score(X, y) > (0.85 if y.ndim == 2 else 0.9)
    has_probabilities = loss != "hinge"
    assert hasattr(model, "predict_proba") == has_probabilities != hasattr(model, "decision_function")
    if has_probabilities and y.ndim == 1:
        np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
        np.testing.assert_array_equal(model.classes_[model.predict_proba(X).argmax(axis=1)], model.predict(X))


def test_two_classes_with_an_output_for_each():
    model = MLPClassifier(**SMALL, loss="cross_entropy").fit(X, Y == 1)
    assert model.n_outputs_ == 2
    assert model.out_activation_ == "softmax"
    assert model.score(X, Y == 1) > 0.9


def test_label_smoothing_draws_probabilities_in():
    sharp = MLPClassifier(**SMALL).fit(X, Y).predict_proba(X).max(axis=1).mean()
    smooth = MLPClassifier(**SMALL, label_smoothing=0.3).fit(X, Y).predict_proba(X).max(axis=1).mean()
    assert smooth < sharp - 0.05
    yes = MLPClassifier((), solver="lbfgs", alpha=0, label_smoothing=0.2, tol=1e-8, random_state=0)
    yes.fit(np.zeros((9, 1)), [1] * 6 + [0] * 3)
    np.testing.assert_allclose(yes.predict_proba([[0.0]])[0, 1], 0.8 * 6 / 9 + 0.1, rtol=1e-4)
    with pytest.raises(ValueError, match="has no meaning for loss='hinge'"):
        MLPClassifier(loss="hinge", label_smoothing=0.1).fit(X, Y)


def test_one_constant_per_loss():
    """Without features the best constant is known: mean, median, quantiles, and the rate of counts."""
    y = np.random.default_rng(0).gamma(2.0, size=401)
    ones = np.zeros((401, 1))
    settings = {"hidden_layer_sizes": (), "solver": "lbfgs", "max_iter": 2000, "tol": 1e-9, "alpha": 0.0}
    for loss, expected in (("squared_error", y.mean()), ("poisson", y.mean())):
        np.testing.assert_allclose(MLPRegressor(loss, **settings).fit(ones, y).predict(ones[:1]), expected, rtol=1e-5)
    descent = settings | {"solver": "adam", "learning_rate_init": 0.02, "n_iter_no_change": np.inf}
    descent |= {"batch_size": 401, "schedule": "cosine"}
    model = MLPRegressor("absolute_error", **descent).fit(ones, y)
    np.testing.assert_allclose(model.predict(ones[:1]), np.median(y), atol=0.02)
    quantiles = (0.1, 0.5, 0.9)
    model = MLPRegressor(netlet.Quantile(quantiles), **descent).fit(ones, y)
    assert model.predict(ones).shape == (401, 3)
    np.testing.assert_allclose(model.predict(ones[:1])[0], np.quantile(y, quantiles), atol=0.03)
    assert abs(model.score(ones, y)) < 1e-3  # D^2: no better than the constants


@pytest.mark.parametrize(
    "solver", ["adamw", "nadam", "rprop", "cg", "newton_cg", "tnc", netlet.Lion(0.01), netlet.LBFGS(1e-3)], ids=str
)
def test_solvers(solver):
    model = MLPClassifier(**SMALL | {"max_iter": 100}, solver=solver).fit(X, Y)
    assert model.score(X, Y) > 0.9
    assert np.isfinite(model.loss_curve_).all()
    assert len(model.loss_curve_) == model.n_iter_


def test_an_optimizer_by_name_takes_the_settings():
    model = MLPClassifier(solver="nadam", learning_rate_init=0.02, beta_1=0.7, max_iter=1).fit(X, Y)
    assert model._optimizer.rule == netlet.NAdam(0.02, beta1=0.7)


def test_schedule():
    """A rate that halves each epoch, against a hand-made one."""
    settings = SMALL | {"solver": "sgd", "momentum": 0, "batch_size": 150, "learning_rate_init": 0.4, "max_iter": 3}
    model = MLPClassifier(**settings, schedule=netlet.StepDecay(0.5, every=1)).fit(X, Y)
    by_hand = MLPClassifier(**settings)
    for rate in (0.4, 0.2, 0.1):
        by_hand.set_params(learning_rate_init=rate).partial_fit(X, Y, classes=[0, 1, 2])
    np.testing.assert_allclose(model.coefs_[0], by_hand.coefs_[0])


def test_clipping():
    settings = SMALL | {"solver": "sgd", "momentum": 0, "batch_size": 150, "learning_rate_init": 1.0, "max_iter": 1}
    begin = MLPClassifier(**settings | {"learning_rate_init": 1e-12}).fit(X, Y).network_.theta
    for limit in ({"clip_norm": 0.01}, {"clip_value": 0.001}):
        moved = MLPClassifier(**settings, **limit).fit(X, Y).network_.theta - begin
        if "clip_norm" in limit:
            np.testing.assert_allclose(np.linalg.norm(moved), 0.01, rtol=1e-6)
        else:
            np.testing.assert_allclose(np.abs(moved).max(), 0.001, rtol=1e-6)


def test_validation_data_is_recorded():
    train, out = slice(0, 150, 2), slice(1, 150, 2)
    model = MLPClassifier(**SMALL).fit(X[train], Y[train], validation_data=(X[out], Y[out]))
    assert len(model.validation_scores_) == len(model.validation_loss_curve_) == model.n_iter_
    assert model.validation_scores_[-1] == model.score(X[out], Y[out])
    np.testing.assert_allclose(model.validation_loss_curve_[-1], log_loss(Y[out], model.predict_proba(X[out])))
    assert model.best_loss_ is not None
    same = MLPClassifier(**SMALL).fit(X[train], Y[train])
    np.testing.assert_array_equal(model.coefs_[0], same.coefs_[0])


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_validation_weights_count(solver):
    weights = np.where(Y == 0, 1.0, 0.0)
    model = MLPClassifier(**SMALL | {"max_iter": 3}, solver=solver).fit(X, Y, validation_data=(X, Y, weights))
    assert model.validation_scores_[-1] == model.score(X, Y, sample_weight=weights)


def test_early_stopping_on_data_of_ones_own_puts_the_best_weights_back():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(60, 20))
    labels = rng.integers(0, 2, 60)
    data = noise[40:], labels[40:]
    model = MLPClassifier((50,), early_stopping=True, scoring="loss", random_state=0, learning_rate_init=0.01)
    model.fit(noise[:40], labels[:40], validation_data=data)
    assert model.stopped_ == "converged"
    assert -min(model.validation_loss_curve_) == model.best_validation_score_ == max(model.validation_scores_)
    np.testing.assert_allclose(log_loss(data[1], model.predict_proba(data[0])), -model.best_validation_score_)
    assert model.validation_loss_curve_[-1] > min(model.validation_loss_curve_)


def test_scorers():
    digits, digit = load_digits(return_X_y=True)
    for scoring in ("f1_macro", make_scorer(recall_score, average="macro"), "neg_log_loss"):
        model = MLPClassifier(**SMALL | {"max_iter": 3}, scoring=scoring)
        model.fit(digits[:200], digit[:200], validation_data=(digits[200:300], digit[200:300]))
        expected = check_scoring(model, scoring=scoring)(model, digits[200:300], digit[200:300])
        np.testing.assert_allclose(model.validation_scores_[-1], expected)


def test_early_stopping_in_partial_fit():
    rng = np.random.default_rng(0)
    noise, labels = rng.normal(size=(60, 20)), rng.integers(0, 2, 60)
    held_out = noise[40:], labels[40:]
    model = MLPClassifier((50,), early_stopping=True, scoring="loss", random_state=0, learning_rate_init=0.01)
    calls = 0
    model.partial_fit(noise[:40], labels[:40], classes=[0, 1], validation_data=held_out)
    while model.stopped_ is None:
        model.partial_fit(noise[:40], labels[:40], validation_data=held_out)
        calls += 1
        assert calls < 200
    assert len(model.validation_scores_) == calls + 1
    np.testing.assert_allclose(log_loss(held_out[1], model.predict_proba(held_out[0])), -model.best_validation_score_)
    # So many calls are one fit of so many epochs.
    whole = MLPClassifier((50,), early_stopping=True, scoring="loss", random_state=0, learning_rate_init=0.01)
    whole.fit(noise[:40], labels[:40], validation_data=held_out)
    np.testing.assert_array_equal(whole.coefs_[0], model.coefs_[0])
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True without"):
        model.partial_fit(noise[:40], labels[:40])


def test_callbacks_see_every_epoch_and_may_stop():
    seen = []

    def note(end):
        seen.append((end.epoch, end.loss, end.validation_score, end.estimator.score(X, Y)))
        return end.epoch == 5

    model = MLPClassifier(**SMALL, callbacks=[note]).fit(X, Y, validation_data=(X, Y))
    assert model.stopped_ == "callback"
    assert [each[0] for each in seen] == [1, 2, 3, 4, 5]
    assert model.n_iter_ == 5
    assert [each[1] for each in seen] == model.loss_curve_
    assert [each[2] for each in seen] == [each[3] for each in seen] == model.validation_scores_
    counted = []
    third = [lambda end: counted.append(end.loss) or len(counted) == 3]
    MLPClassifier(**SMALL, solver="lbfgs", callbacks=third).fit(X, Y)
    assert len(counted) == 3


def test_time_limit():
    started = time.perf_counter()
    model = MLPClassifier((8,), max_iter=10**7, n_iter_no_change=np.inf, time_limit=0.2, random_state=0).fit(X, Y)
    assert model.stopped_ == "time"
    assert time.perf_counter() - started >= 0.2
    counted = []
    settings = {"solver": "lbfgs", "max_iter": 10**6, "max_fun": 10**8, "tol": 0, "time_limit": 0.1}
    slow = MLPRegressor(callbacks=[lambda end: counted.append(time.sleep(0.05))], **settings).fit(PEOPLE, DISEASE)
    assert slow.stopped_ == "time"
    assert 1 <= len(counted) <= 3


@pytest.mark.parametrize("initialiser", ["he", "orthogonal", netlet.Normal(0.02)], ids=str)
def test_initialiser(initialiser):
    settings = {"solver": "sgd", "learning_rate_init": 1e-12, "max_iter": 1, "initialiser": initialiser}
    first, second = (MLPClassifier((200,), random_state=seed, **settings).fit(X, Y) for seed in (0, 1))
    assert not first.intercepts_[0].any() or np.abs(first.intercepts_[0]).max() < 1e-9
    assert not np.array_equal(first.coefs_[0], second.coefs_[0])
    spread = {"he": np.sqrt(2 / 4), "orthogonal": None}.get(initialiser if isinstance(initialiser, str) else "", 0.02)
    if spread is not None:
        np.testing.assert_allclose(first.coefs_[0].std(), spread, rtol=0.1)


def test_verbose(capsys):
    model = MLPClassifier(**SMALL | {"max_iter": 60}, solver="sgd", learning_rate="adaptive", tol=0.5, verbose=True)
    model.set_params(n_iter_no_change=2).fit(X, Y, validation_data=(X, Y))
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"Iteration 1, loss = {model.loss_curve_[0]:.8f}"
    assert told[1] == f"Validation score: {model.validation_scores_[0]:f}"
    assert "Training loss did not improve more than tol=0.500000 for 2 consecutive epochs. Setting" in "\n".join(told)


def test_threads_do_not_change_a_bit():
    found = [MLPClassifier((30,), n_threads=n, max_iter=5, random_state=0).fit(X, Y).coefs_[0] for n in (1, 2)]
    np.testing.assert_array_equal(*found)


def test_dtype():
    assert MLPClassifier((8,), dtype="float32", max_iter=2).fit(X, Y).predict_proba(X).dtype == np.float32
    model = MLPClassifier((8,), max_iter=2).fit(X.astype(np.float32), Y)
    assert model.predict_proba(X).dtype == np.float32


def test_columns_of_classes():
    model = MLPClassifier(**SMALL | {"max_iter": 200}).fit(X, COLUMNS)
    assert [list(each) for each in model.classes_] == [["high", "low"], ["a", "b", "c"]]
    assert model.n_outputs_ == 4  # one for two classes, three for three
    predicted = model.predict(X)
    assert predicted.shape == COLUMNS.shape
    assert model.score(X, COLUMNS) == (predicted == COLUMNS).all(axis=1).mean() > 0.9
    first, second = model.predict_proba(X)
    assert (first.shape, second.shape) == ((150, 2), (150, 3))
    np.testing.assert_allclose(second.sum(axis=1), 1)
    np.testing.assert_array_equal(model.classes_[1][second.argmax(axis=1)], predicted[:, 1])
    parts = MLPClassifier(**SMALL).partial_fit(X[:50], COLUMNS[:50], classes=[["low", "high"], ["a", "b", "c"]])
    parts.partial_fit(X, COLUMNS)
    with pytest.raises(ValueError, match="has classes not in"):
        parts.partial_fit(X[:1], [["low", "d"]])


def test_warm_start_really_continues():
    """Momentum, Adam's averages and the draws of orders go on: two fits are one."""
    settings = {"hidden_layer_sizes": (8,), "batch_size": 32, "random_state": 0, "shuffle": False}
    for solver in ("adam", "sgd"):
        once = MLPClassifier(**settings, solver=solver, max_iter=10).fit(X, Y)
        twice = MLPClassifier(**settings, solver=solver, max_iter=5, warm_start=True).fit(X, Y).fit(X, Y)
        np.testing.assert_array_equal(once.coefs_[0], twice.coefs_[0])
        assert once.loss_curve_ == twice.loss_curve_
        assert twice.n_iter_ == 5
        assert once.t_ == twice.t_ == 1500
    with pytest.raises(ValueError, match="are not those of the model"):
        twice.set_params(hidden_layer_sizes=(9,)).fit(X, Y)


def test_assigned_weights_count():
    model = MLPClassifier(**SMALL).fit(X, Y)
    model.coefs_[0] = np.zeros((4, 8))
    model.intercepts_ = [np.zeros(8), np.array([0.0, 5.0, 0.0])]
    assert (model.predict(X) == 1).all()
    model.coefs_ = [np.zeros((4, 7)), np.zeros((7, 3))]
    with pytest.raises(ValueError, match=r"coefs_ has the shapes .*\(4, 7\)"):
        model.predict(X)
