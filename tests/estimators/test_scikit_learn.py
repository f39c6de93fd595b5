"""Estimators among scikit-learn's: its checks, copies, frames, metadata, callbacks."""

from __future__ import annotations

import pickle
import threading

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import netlet
from netlet.estimators import MLPClassifier, MLPRegressor

X, Y = load_iris(return_X_y=True)
SMALL = {"hidden_layer_sizes": (6,), "max_iter": 8, "random_state": 0, "learning_rate_init": 0.01}
QUIET = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# Checks that are expected to fail, each with a reason.
EXPECTED_FAILURES: dict[str, str] = {}


@pytest.mark.filterwarnings("ignore")  # scikit-learn's checks decide themselves which warnings are wrong
@parametrize_with_checks(
    [MLPClassifier(max_iter=100), MLPRegressor(max_iter=100)],
    expected_failed_checks=lambda _: EXPECTED_FAILURES,
)
def test_its_checks(estimator, check):
    check(estimator)


@QUIET
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_a_copy_goes_on_where_the_original_would(estimator):
    """The optimizer's memory and the stream of chance travel along."""
    classes = {"classes": [0, 1, 2]} if estimator is MLPClassifier else {}
    model = estimator(**SMALL, batch_size=32)
    model.partial_fit(X, Y, **classes).partial_fit(X, Y)
    copy = pickle.loads(pickle.dumps(model))
    for _ in range(3):
        model.partial_fit(X, Y)
        copy.partial_fit(X, Y)
    np.testing.assert_array_equal(model.network_.theta, copy.network_.theta)
    np.testing.assert_array_equal(model.predict(X), copy.predict(X))
    copy.coefs_[0][:] = 0  # still views of its own network, and of no other
    assert not copy.network_.parameters["dense_1.weight"].any()
    assert model.coefs_[0].any()


@QUIET
def test_clone_keeps_every_setting():
    model = MLPClassifier(
        (5,),
        netlet.ELU(0.5),
        solver=netlet.AdamW(0.01),
        loss=netlet.Huber(0.2),
        schedule=netlet.CosineDecay(),
        max_iter=3,
    )
    copy = clone(model)
    assert repr(copy.get_params()) == repr(model.get_params())
    np.testing.assert_array_equal(
        model.set_params(random_state=0).fit(X, Y).coefs_[0], copy.set_params(random_state=0).fit(X, Y).coefs_[0]
    )


@QUIET
def test_searches_pipelines_and_calibration():
    pipe = make_pipeline(StandardScaler(), MLPClassifier(**SMALL))
    search = GridSearchCV(
        pipe, {"mlpclassifier__activation": ["relu", "gelu"], "mlpclassifier__alpha": [0.0, 0.1]}, cv=2, n_jobs=2
    ).fit(X, Y)
    assert search.best_score_ > 0.5
    assert len(cross_val_score(pipe, X, Y, cv=2)) == 2
    assert CalibratedClassifierCV(pipe, cv=2).fit(X, Y).predict_proba(X).shape == (150, 3)


@QUIET
def test_several_threads_fit_at_once():
    found: list[np.ndarray] = []

    def work():
        found.append(MLPClassifier(**SMALL).fit(X, Y).coefs_[0])

    threads = [threading.Thread(target=work) for _ in range(3)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


@QUIET
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames(library):
    frames = pytest.importorskip(library)
    names = ["a", "b", "c", "d"]
    frame = frames.DataFrame(dict(zip(names, X.T, strict=True)))
    model = MLPClassifier(**SMALL, early_stopping=True, scoring="f1_macro").fit(frame, Y)
    assert list(model.feature_names_in_) == names
    np.testing.assert_array_equal(model.predict(frame), model.fit(X, Y).predict(X))
    model.fit(frame, Y)
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[["b", "a", "c", "d"]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X)


@QUIET
def test_weights_are_routed():
    weights = np.random.default_rng(0).uniform(0, 2, 150)
    with sklearn.config_context(enable_metadata_routing=True):
        model = MLPClassifier(**SMALL).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        routed = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model).fit(
            X, Y, sample_weight=weights
        )
    scaled = StandardScaler().fit_transform(X)
    alone = MLPClassifier(**SMALL).fit(scaled, Y, sample_weight=weights)
    np.testing.assert_array_equal(routed[-1].coefs_[0], alone.coefs_[0])


@QUIET
def test_its_callbacks():
    pytest.importorskip("sklearn.callback")

    class Note:
        """What its protocol asks for."""

        def __init__(self):
            self.seen = []

        def setup(self, estimator, context):
            self.seen.append("setup")

        def teardown(self, estimator, context):
            self.seen.append("teardown")

        def on_fit_task_begin(self, estimator, context, *, X=None):
            self.seen.append(("begin", context.task_name, X.shape))

        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            self.seen.append(("end", context.task_name, fitted_estimator.score(X, Y)))
            return context.task_name == "epoch" and context.task_id == 3

    note = Note()
    scores = []
    model = MLPClassifier(**SMALL, callbacks=[lambda end: scores.append(end.estimator.score(X, Y))])
    model.set_callbacks(note).fit(X, Y)
    assert model.n_iter_ == 4
    assert model.stopped_ == "callback"
    assert [each for each in note.seen if each[0] == "end"] == [
        *(("end", "epoch", score) for score in scores), ("end", "fit", scores[-1])
    ]  # fmt: skip
    assert (note.seen[0], note.seen[-1]) == ("setup", "teardown")
    epochs = [each[:2] for each in note.seen if each[1] == "epoch"]
    assert epochs == [("begin", "epoch"), ("end", "epoch")] * 4
    assert note.seen[1] == ("begin", "fit", (150, 4))
    assert "_callback_fit_ctx" not in vars(model)


@QUIET
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_its_progress_bar(solver, capsys):
    callback = pytest.importorskip("sklearn.callback")
    MLPClassifier(**SMALL, solver=solver).set_callbacks(callback.ProgressBar()).fit(X, Y)
    assert "MLPClassifier" in capsys.readouterr().out
