"""PopulationSearchCV with successive halving: survivors go on, and end where one long training would."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.stats import loguniform, randint
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from netlet.estimators import MLPClassifier
from netlet.scales import LogUniform, Sizes
from netlet.searching.population_search import PopulationSearchCV
from netlet.searching.strategies.halving import Halving

pytestmark = [pytest.mark.plain, pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")]

_ROWS = np.random.default_rng(0).permutation(150)[:60]
X, Y = (part[_ROWS] for part in load_iris(return_X_y=True))
MODEL = MLPClassifier((4,), max_iter=4, learning_rate_init=0.05, batch_size=20, random_state=0)
SPACE = {
    "hidden_layer_sizes": [(3,), (6,), (4, 3)],
    "learning_rate_init": loguniform(1e-3, 1e-1),
    "solver": ["adam", "sgd"],
}


def halve(model=MODEL, space=SPACE, **options):
    options = {"n_iter": 9, "cv": 2, "random_state": 0, "strategy": "halving", "n_threads": 2} | options
    return PopulationSearchCV(model, space, **options).fit(X, Y)


def test_halving_has_a_row_for_each_rung():
    results = halve(max_resources=9).cv_results_
    assert list(results["n_resources"]) == [1] * 9 + [3] * 3 + [9]
    assert list(results["iter"]) == [0] * 9 + [1] * 3 + [2]
    assert list(results["param_max_iter"]) == list(results["n_resources"])
    assert {each["max_iter"] for each in results["params"][:9]} == {1}
    best = np.argsort(-results["mean_test_score"][:9], kind="stable")[:3]
    assert results["params"][9:12] == [{**results["params"][place], "max_iter": 3} for place in sorted(best)]


def test_the_best_is_of_the_last_rung():
    def scorer(model, X, y):
        return -float(len(model.loss_curve_))

    search = halve(max_resources=9, scoring=scorer)
    assert list(search.cv_results_["mean_test_score"]) == [-1] * 9 + [-3] * 3 + [-9]
    assert search.best_index_ == 12
    assert search.best_score_ == -9
    assert search.best_estimator_.n_iter_ == 9


@pytest.mark.parametrize(
    "settings",
    [
        {"solver": "adam"},
        {"solver": "sgd", "learning_rate": "invscaling"},
        {"solver": "adam", "schedule": "cosine"},
        {"solver": "adam", "dropout": 0.3, "normalisation": "batch"},
    ],
)
def test_survivors_go_on_as_if_never_paused(settings):
    """Without a drawn order the last rung is one long training, to the last bit; a schedule too."""
    model = clone(MODEL).set_params(shuffle=False, max_iter=9, **settings)
    results = halve(model, {"alpha": loguniform(1e-5, 1.0)}, scoring="neg_log_loss").cv_results_
    assert results["n_resources"][-1] == 9
    alone = clone(model).set_params(alpha=results["params"][-1]["alpha"])
    expected = cross_val_score(alone, X, Y, cv=2, scoring="neg_log_loss")
    np.testing.assert_array_equal([results["split0_test_score"][-1], results["split1_test_score"][-1]], expected)


def test_survivors_are_not_trained_anew():
    epochs = []

    class Counting(MLPClassifier):
        def fit(self, X, y):
            super().fit(X, y)
            epochs.append(self.n_iter_)
            return self

    model = Counting((3,), random_state=0, max_iter=9)
    PopulationSearchCV(
        make_pipeline(StandardScaler(), model), {"counting__alpha": loguniform(1e-5, 1)}, n_iter=9, cv=2,
        strategy="halving", refit=False, random_state=0,
    ).fit(X, Y)  # fmt: skip
    assert sorted(epochs) == [1] * 18 + [2] * 6 + [6] * 2


def test_what_has_converged_is_left_alone():
    model = MLPClassifier((3,), max_iter=90, tol=10.0, n_iter_no_change=2, random_state=0)
    fits = []

    def scorer(estimator, X, y):
        fits.append(len(estimator.loss_curve_))
        return 0.0

    search = halve(model, {"alpha": loguniform(1e-5, 1)}, scoring=scorer, refit=False)
    assert list(search.cv_results_["n_resources"]) == [10] * 9 + [30] * 3 + [90]
    assert fits == [4] * 18
    assert list(search.cv_results_["mean_fit_time"][9:]) == [0.0] * 4


def test_early_stopping_is_trained_anew():
    model = clone(MODEL).set_params(early_stopping=True, max_iter=9)
    results = halve(model, {"alpha": loguniform(1e-5, 1)}).cv_results_
    alone = clone(model).set_params(**results["params"][-1])
    np.testing.assert_array_equal(
        cross_val_score(alone, X, Y, cv=2), [results["split0_test_score"][-1], results["split1_test_score"][-1]]
    )


def test_ensembles_go_on_with_members_and_others_anew():
    forest = RandomForestClassifier(n_estimators=9, random_state=0)
    results = halve(forest, {"max_depth": [1, 2, 3, 4, 5]}, resource="n_estimators").cv_results_
    alone = clone(forest).set_params(**results["params"][-1])
    np.testing.assert_array_equal(cross_val_score(alone, X, Y, cv=2).mean(), results["mean_test_score"][-1])
    search = halve(LogisticRegression(max_iter=90), {"C": [0.1, 1.0, 10.0]})
    assert search.best_params_["max_iter"] == 90


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy, where nothing is compiled
def test_a_failing_candidate_does_not_go_on():
    model = MLPClassifier((3,), solver="sgd", max_iter=9, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", FitFailedWarning)
        search = PopulationSearchCV(model, {"learning_rate_init": [1e300, 0.01, 0.02]}, strategy="halving", cv=2).fit(
            X * 1e10, Y
        )
    assert search.cv_results_["params"][-1]["learning_rate_init"] < 1


@pytest.mark.parametrize("strategy", ["random", "coarse_to_fine", "tpe", "hyperband", Halving(factor=2)])
def test_scales_and_strategies(strategy):
    if strategy == "tpe":
        pytest.importorskip("optuna")
    space = {
        "hidden_layer_sizes": Sizes((1, 2), (2, 6)),
        "learning_rate_init": LogUniform(1e-3, 1e-1),
        "alpha": loguniform(1e-5, 1.0),
        "n_iter_no_change": randint(5, 9),
        "activation": ["relu", "tanh"],
    }
    found = [halve(space=space, n_iter=10, strategy=strategy, n_threads=n) for n in (1, 3)]
    results = found[0].cv_results_
    assert results["params"] == found[1].cv_results_["params"]
    np.testing.assert_array_equal(results["mean_test_score"], found[1].cv_results_["mean_test_score"])
    names = [tuple(each.items())[:5] for each in results["params"]]
    assert len(set(names)) == 10
    for each in results["params"]:
        assert all(2 <= size <= 6 for size in each["hidden_layer_sizes"])
        assert 1e-3 <= each["learning_rate_init"] <= 1e-1
        assert 1e-5 <= each["alpha"] <= 1.0
        assert each["n_iter_no_change"] in (5, 6, 7, 8)
    if strategy == "hyperband" or isinstance(strategy, Halving):
        assert found[0].best_params_["max_iter"] == max(results["n_resources"]) == 4
    else:
        assert "n_resources" not in results
        assert len(names) == 10


def test_a_strategy_that_does_not_fit():
    with pytest.raises(ValueError, match="space has 2 dicts, but strategy='halving' searches one"):
        halve(space=[SPACE, SPACE])

    class OnlyDrawn:
        def rvs(self, random_state=None):
            return 1e-3

    with pytest.raises(TypeError, match=r"space\['alpha'\]=.* has rvs, but no quantiles"):
        halve(space={"alpha": OnlyDrawn()})
    assert halve(space={"alpha": OnlyDrawn()}, n_iter=1, strategy="random").best_params_ == {"alpha": 1e-3}
