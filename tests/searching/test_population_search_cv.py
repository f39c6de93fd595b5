"""PopulationSearchCV: scikit-learn's own searches say what its candidates, scores and attributes must be."""

from __future__ import annotations

import contextlib
import pickle
import signal
import threading

import numpy as np
import pytest
import sklearn
from scipy import sparse
from scipy.stats import loguniform
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingClassifier
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    ParameterSampler,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import netlet
from netlet.estimators import MLPClassifier, MLPRegressor, NetworkClassifier
from netlet.searching.population_search import PopulationSearchCV

pytestmark = [pytest.mark.plain, pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")]

_ROWS = np.random.default_rng(0).permutation(150)[:60]
X, Y = (part[_ROWS] for part in load_iris(return_X_y=True))
MODEL = MLPClassifier((4,), max_iter=4, learning_rate_init=0.05, batch_size=20, random_state=0)
SPACE = {
    "hidden_layer_sizes": [(3,), (6,), (4, 3)],
    "learning_rate_init": loguniform(1e-3, 1e-1),
    "solver": ["adam", "sgd"],
}


def same_results(own, other):
    """Every column but those of times is equal to the last bit, and there is no other."""
    assert set(own) == set(other)
    for name, values in other.items():
        if name == "params":
            assert own[name] == values
        elif "time" not in name:
            np.testing.assert_array_equal(own[name], values, err_msg=name)
            assert own[name].dtype == values.dtype


@pytest.mark.parametrize("scoring", [None, "f1_macro", ["accuracy", "neg_log_loss"]])
def test_results_are_those_of_scikit_learns_search(scoring):
    refit = "accuracy" if isinstance(scoring, list) else True
    options = {"cv": StratifiedKFold(3, shuffle=True, random_state=1), "scoring": scoring, "refit": refit}
    options |= {"n_iter": 5, "random_state": 3, "return_train_score": True}
    own = PopulationSearchCV(MODEL, SPACE, n_threads=2, **options).fit(X, Y)
    other = RandomizedSearchCV(MODEL, SPACE, n_jobs=1, **options).fit(X, Y)
    same_results(own.cv_results_, other.cv_results_)
    assert own.cv_results_["params"] == list(ParameterSampler(SPACE, 5, random_state=3))
    for name in ("best_params_", "best_score_", "best_index_", "n_splits_", "multimetric_", "n_features_in_"):
        assert getattr(own, name) == getattr(other, name)
    np.testing.assert_array_equal(own.classes_, other.classes_)
    np.testing.assert_array_equal(own.predict_proba(X), other.predict_proba(X))
    assert own.score(X, Y) == other.score(X, Y)
    assert own.refit_time_ > 0


def test_a_grid_is_scikit_learns_grid():
    grid = [{"hidden_layer_sizes": [(3,), (6,)], "alpha": [0.0, 0.1]}, {"solver": ["sgd"]}]
    own = PopulationSearchCV(MODEL, grid, strategy="grid", cv=2).fit(X, Y)
    same_results(own.cv_results_, GridSearchCV(MODEL, grid, cv=2).fit(X, Y).cv_results_)


def test_the_number_of_threads_changes_nothing():
    found = [
        PopulationSearchCV(MODEL, SPACE, n_iter=5, cv=2, random_state=0, n_threads=n, strategy=strategy)
        .fit(X, Y)
        .cv_results_
        for strategy in ("random", "halving")
        for n in (1, 5)
    ]
    same_results(found[0], found[1])
    same_results(found[2], found[3])


def test_no_more_candidates_than_combinations_of_lists():
    search = PopulationSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}, cv=2, random_state=0).fit(X, Y)
    assert sorted(each["alpha"] for each in search.cv_results_["params"]) == [0.1, 1.0, 10.0]


@pytest.mark.parametrize(
    ("estimator", "space"),
    [
        (make_pipeline(StandardScaler(copy=False), MODEL), {"mlpclassifier__hidden_layer_sizes": [(3,), (5,)]}),
        (make_pipeline(StandardScaler(), MODEL), {"mlpclassifier": [MODEL, LogisticRegression()]}),
        (SVC(), {"C": [0.1, 1.0], "kernel": ["linear", "rbf"]}),
        (NetworkClassifier([netlet.Dense(3, "relu")], max_iter=3, random_state=0), {"layers__0__units": [2, 4]}),
    ],
)
def test_pipelines_and_any_estimator(estimator, space):
    own = PopulationSearchCV(estimator, space, strategy="grid", cv=2, n_threads=2).fit(X.copy(), Y)
    other = GridSearchCV(estimator, space, cv=2).fit(X.copy(), Y)  # StandardScaler(copy=False) writes into its input
    np.testing.assert_array_equal(own.cv_results_["mean_test_score"], other.cv_results_["mean_test_score"])
    np.testing.assert_array_equal(own.predict(X.copy()), other.predict(X.copy()))


def test_regression_frames_sparse_features_and_kernels():
    frames = pytest.importorskip("pandas")
    model = MLPRegressor(hidden_layer_sizes=(3,), max_iter=3, random_state=0)
    frame = frames.DataFrame(X, columns=["a", "b", "c", "d"])
    searches = [
        PopulationSearchCV(model, {"alpha": [0.0, 1.0]}, cv=2).fit(features, np.asarray(X[:, 0]))
        for features in (X, frame, sparse.csr_array(X))
    ]
    for search in searches[1:]:
        np.testing.assert_array_equal(search.cv_results_["mean_test_score"], searches[0].cv_results_["mean_test_score"])
    assert list(searches[1].feature_names_in_) == ["a", "b", "c", "d"]
    kernel = PopulationSearchCV(SVC(kernel="precomputed"), {"C": [0.1, 1.0]}, cv=2).fit(X @ X.T, Y)
    plain = PopulationSearchCV(SVC(kernel="linear"), {"C": [0.1, 1.0]}, cv=2).fit(X, Y)
    np.testing.assert_allclose(kernel.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"], rtol=1e-12)


class Watching(MLPClassifier):
    """Notes with how many threads, in which thread and on which array it is fitted."""

    seen: list = []  # noqa: RUF012

    def fit(self, X, y):
        self.seen.append((self.n_threads, threading.current_thread().name, X.base is None or id(X.base), X.flags))
        return super().fit(X, y)


def test_a_thread_each_while_searching_and_shared_arrays():
    Watching.seen.clear()
    model = Watching((3,), max_iter=2, random_state=0, n_threads=2)
    PopulationSearchCV(model, {"alpha": [0.0, 0.1, 0.2]}, cv=2, n_threads=2).fit(X, Y)
    *searched, refit = Watching.seen
    assert {each[0] for each in searched} == {1}
    assert all(each[1].startswith("netlet-search-") for each in searched)
    assert len({each[2] for each in searched}) == 2  # one array a fold
    assert not any(each[3].writeable for each in searched)
    assert refit[0] == 2
    assert refit[1] == "MainThread"
    Watching.seen.clear()
    PopulationSearchCV(model, {"n_threads": [3]}, cv=2).fit(X, Y)
    assert {each[0] for each in Watching.seen} == {3}


def test_the_best_estimator_carries_nothing_of_the_search():
    search = PopulationSearchCV(MODEL, {"alpha": [0.0, 0.1]}, cv=2, strategy="halving").fit(X, Y)
    plain = clone(MODEL).set_params(**search.best_params_)
    assert search.best_estimator_.get_params() == plain.get_params()
    np.testing.assert_array_equal(search.best_estimator_.network_.theta, plain.fit(X, Y).network_.theta)


def test_the_longest_first():
    order = []

    class Noting(MLPClassifier):
        def fit(self, X, y):
            order.append(self.hidden_layer_sizes)
            return super().fit(X, y)

    sizes = [(3,), (50,), (), (20, 20)]
    PopulationSearchCV(
        Noting(max_iter=1, random_state=0),
        {"hidden_layer_sizes": sizes},
        strategy="grid",
        cv=2,
        n_threads=1,
        refit=False,
    ).fit(X, Y)
    assert order == [size for size in ((20, 20), (50,), (3,), ()) for _ in range(2)]


# metadata


def test_groups_and_sample_weights():
    groups, weights = np.arange(60) % 4, np.random.default_rng(0).uniform(0.1, 2, 60)
    options = {"cv": GroupKFold(2), "scoring": make_scorer(accuracy_score)}
    own = PopulationSearchCV(MODEL, {"alpha": [0.0, 0.5]}, **options)
    other = GridSearchCV(MODEL, {"alpha": [0.0, 0.5]}, **options)
    for search in (own, other):
        search.set_params(strategy="grid") if search is own else None
        search.fit(X, Y, groups=groups, sample_weight=weights)
    same_results(own.cv_results_, other.cv_results_)
    np.testing.assert_array_equal(own.best_estimator_.network_.theta, other.best_estimator_.network_.theta)


def test_routed_metadata():
    weights = np.random.default_rng(0).uniform(0.1, 2, 60)
    with sklearn.config_context(enable_metadata_routing=True):
        model = clone(MODEL).set_fit_request(sample_weight=True)
        scorer = make_scorer(accuracy_score).set_score_request(sample_weight=True)
        grid = {"alpha": [0.0, 0.5]}
        own = PopulationSearchCV(model, grid, strategy="grid", cv=2, scoring=scorer).fit(X, Y, sample_weight=weights)
        other = GridSearchCV(model, grid, cv=2, scoring=scorer).fit(X, Y, sample_weight=weights)
    same_results(own.cv_results_, other.cv_results_)


def test_scikit_learns_configuration_reaches_the_threads():
    found = []

    def scorer(estimator, X, y):
        found.append(sklearn.get_config()["assume_finite"])
        return 0.0

    with sklearn.config_context(assume_finite=True):
        PopulationSearchCV(Ridge(), {"alpha": [1.0]}, cv=2, scoring=scorer).fit(X, Y)
    assert found == [True, True]


@pytest.mark.parametrize("propagates", [False, True])
def test_scikit_learns_callbacks_hear_what_its_search_tells(propagates):
    pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks from 1.9 on")
    told = []

    class Listening:
        def setup(self, estimator, context):
            told.append("setup")

        def on_fit_task_begin(self, estimator, context):
            told.append(("begin", context.estimator_name, context.task_name))

        def on_fit_task_end(self, estimator, context):
            told.append(("end", context.estimator_name, context.task_name))

        def teardown(self, estimator, context):
            told.append("teardown")

    if propagates:
        Listening.max_propagation_depth = None
    grid = {"alpha": [0.0, 0.1]}
    PopulationSearchCV(MODEL, grid, strategy="grid", cv=2, n_threads=2).set_callbacks(Listening()).fit(X, Y)
    own, told = told, []
    RandomizedSearchCV(MODEL, grid, n_iter=2, cv=2).set_callbacks(Listening()).fit(X, Y)
    assert sorted(str(each).replace("PopulationSearchCV", "RandomizedSearchCV") for each in own) == sorted(
        map(str, told)
    )
    assert len(told) > 10


# failures


class Failing(ClassifierMixin, BaseEstimator):
    """Fails as it is told to."""

    def __init__(self, how=None):
        self.how = how

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        if self.how == "fit":
            raise netlet.TrainingFailed("it diverged")
        return self

    def predict(self, X):
        if self.how == "predict":
            raise RuntimeError("no prediction")
        return np.full(len(X), self.classes_[0])


def test_a_failure_scores_the_error_score():
    with (
        pytest.warns(FitFailedWarning, match=r"2 fits failed out of a total of 4[\s\S]*it diverged"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = PopulationSearchCV(Failing(), {"how": ["fit", None]}, strategy="grid", cv=2).fit(X, Y)
    assert np.isnan(search.cv_results_["mean_test_score"][0])
    assert search.best_params_ == {"how": None}
    with pytest.warns(FitFailedWarning):
        scores = (
            PopulationSearchCV(
                Failing(), {"how": ["fit", None]}, strategy="grid", cv=2, error_score=-1.0, return_train_score=True,
                scoring=lambda model, X, y: {"one": 1.0, "two": 2.0}, refit="two",
            )
            .fit(X, Y)
            .cv_results_
        )  # fmt: skip
    assert list(scores["mean_test_two"]) == [-1.0, 2.0]
    assert list(scores["mean_train_one"]) == [-1.0, 1.0]


def test_a_failing_score():
    for scoring in ("accuracy", ["accuracy"]):
        refit = "accuracy" if isinstance(scoring, list) else True
        with pytest.warns(UserWarning, match=r"Scoring failed[\s\S]*no prediction"):
            search = PopulationSearchCV(
                Failing(),
                {"how": ["predict", None]},
                strategy="grid",
                cv=2,
                scoring=scoring,
                refit=refit,
                error_score=0,
            ).fit(X, Y)
        name = "mean_test_accuracy" if isinstance(scoring, list) else "mean_test_score"
        assert search.cv_results_[name][0] == 0


def test_all_fail_or_the_first_does():
    with pytest.raises(ValueError, match=r"All the 2 fits failed[\s\S]*it diverged"):
        PopulationSearchCV(Failing(), {"how": ["fit"]}, cv=2).fit(X, Y)
    for how, error in (("fit", netlet.TrainingFailed), ("predict", RuntimeError)):
        with pytest.raises(error):
            PopulationSearchCV(Failing(), {"how": [None, how]}, strategy="grid", cv=2, error_score="raise").fit(X, Y)
    assert not [each for each in threading.enumerate() if each.name.startswith("netlet-search")]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy, where nothing is compiled
def test_a_diverging_network_fails_alone():
    model = MLPClassifier((3,), "relu", solver="sgd", max_iter=3, random_state=0)
    with pytest.warns(FitFailedWarning, match="non-finite"), pytest.warns(UserWarning, match="non-finite"):
        search = PopulationSearchCV(
            model, {"learning_rate_init": [1e300, 0.01]}, strategy="grid", cv=2, n_threads=2
        ).fit(X * 1e10, Y)
    assert search.best_params_["learning_rate_init"] == 0.01


@pytest.mark.parametrize(
    ("space", "options", "message"),
    [
        ({"alpha": []}, {}, r"space\['alpha'\] is empty"),
        ([], {}, r"space=\[\] has no dict"),
        ({"alpha": 0.1}, {}, r"space\['alpha'\]=0.1 is no list, .* write \[0.1\]"),
        ({"solver": "adam"}, {}, r"space\['solver'\]='adam' is no list"),
        ([3], {}, "space=3 is not a dict"),
        ({"alpha": loguniform(0.1, 1)}, {"strategy": "grid"}, r"space\['alpha'\]=.* is not a list"),
        ({"beta": [1]}, {}, "Invalid parameter 'beta'"),
        ({"max_iter": [1]}, {"strategy": "halving"}, "space has 'max_iter', which strategy='halving' sets"),
        (SPACE, {"strategy": "halving", "resource": "epochs"}, "resource='epochs' is no parameter of MLPClassifier"),
        (SPACE, {"strategy": "halving", "resource": "alpha"}, "alpha=0.0001 of the estimator is not an int >= 1"),
        ({}, {"strategy": "halving"}, "space={} is empty"),
        (SPACE, {"strategy": "halving", "scoring": ["accuracy"], "refit": False}, "refit=False names no metric"),
        ({}, {"scoring": ["accuracy"]}, "refit must be set to a scorer key"),
        ({}, {"strategy": "best"}, "The 'strategy' parameter"),
        ({}, {"max_resources": 0}, "The 'max_resources' parameter"),
        ({}, {"scoring": lambda model, X, y: "good"}, "scoring must return a number, got good"),
    ],
)
def test_bad_input(space, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        PopulationSearchCV(MODEL, space, cv=2, **options).fit(X, Y)


# life


def test_parameters_are_scikit_learns_kind():
    search = PopulationSearchCV(MODEL, SPACE, n_iter=3, strategy="halving")
    copy = clone(search)
    assert copy.get_params()["estimator__max_iter"] == 4
    copy.set_params(estimator__max_iter=7, n_iter=5)
    assert (copy.estimator.max_iter, search.estimator.max_iter) == (7, 4)
    assert sklearn.base.is_classifier(search)
    assert sklearn.base.is_regressor(PopulationSearchCV(MLPRegressor(), {}))


def test_without_refit_there_is_no_prediction():
    search = PopulationSearchCV(MODEL, {"alpha": [0.0, 0.1]}, cv=2, refit=False).fit(X, Y)
    assert not hasattr(search, "predict")
    assert not hasattr(search, "best_estimator_")
    assert set(search.best_params_) == {"alpha"}
    chosen = PopulationSearchCV(MODEL, {"alpha": [0.0, 0.1]}, cv=2, refit=lambda results: 1).fit(X, Y)
    assert chosen.best_index_ == 1
    assert chosen.best_estimator_.alpha == chosen.cv_results_["params"][1]["alpha"]


def test_the_line_shows_the_best_so_far(capsys):
    search = PopulationSearchCV(MODEL, {"alpha": [0.0, 0.1]}, cv=2, verbose=2, refit=False).fit(X, Y)
    shown = capsys.readouterr().out
    assert "4/4" in shown
    assert f"{search.best_score_:.4f}" in shown
    assert "alpha=0.1" in shown
    PopulationSearchCV(MODEL, {"alpha": [0.0, 0.1]}, cv=2, refit=False).fit(X, Y)
    assert capsys.readouterr().out == ""


def test_ctrl_c_ends_the_search_and_leaves_no_thread():
    """The trainings under way would take minutes; they end at their next epoch."""
    model = MLPClassifier((3,), max_iter=10**7, tol=0.0, n_iter_no_change=np.inf, random_state=0)
    search = PopulationSearchCV(model, {"alpha": [0.0, 0.1, 0.2]}, cv=2, n_threads=2)
    timer = threading.Timer(0.7, signal.raise_signal, (signal.SIGINT,))
    timer.start()
    with contextlib.suppress(ConvergenceWarning), pytest.raises(KeyboardInterrupt):
        search.fit(X, Y)
    timer.join()
    assert not [each for each in threading.enumerate() if each.name.startswith("netlet-search")]
    assert not hasattr(search, "cv_results_")


@pytest.mark.slow  # processes are started
def test_within_and_around_other_meta_estimators():
    """What the search gives its networks can be copied and sent to processes."""
    model = clone(MODEL).set_params(batch_size=8)
    bags = BaggingClassifier(model, n_estimators=2, random_state=0, n_jobs=2)
    grid = {"estimator__alpha": [0.0, 0.5]}
    own = PopulationSearchCV(bags, grid, strategy="grid", cv=2).fit(X, Y)
    same_results(own.cv_results_, GridSearchCV(bags, grid, cv=2).fit(X, Y).cv_results_)
    search = PopulationSearchCV(model, {"alpha": [0.0, 0.5]}, strategy="grid", cv=2)
    other = GridSearchCV(model, {"alpha": [0.0, 0.5]}, cv=2)
    np.testing.assert_array_equal(cross_val_score(search, X, Y, cv=2, n_jobs=2), cross_val_score(other, X, Y, cv=2))
    copy = pickle.loads(pickle.dumps(search.fit(X, Y)))
    np.testing.assert_array_equal(copy.predict_proba(X), search.predict_proba(X))
