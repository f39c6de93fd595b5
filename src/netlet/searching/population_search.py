"""Hyper-parameter search with scikit-learn's interface, which trains all candidates and folds as one population."""

from __future__ import annotations

import time
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.metrics import get_scorer_names
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import indexable
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import _check_method_params

from netlet.searching.cross_validation.callbacks import Tasks, arguments_of
from netlet.searching.cross_validation.candidates import all_of, check_space, some_of
from netlet.searching.cross_validation.course import OneRound, course_of, trains_in_parts
from netlet.searching.cross_validation.folds import Fold
from netlet.searching.cross_validation.progress_line import ProgressLine
from netlet.searching.cross_validation.resource import Resource
from netlet.searching.cross_validation.rounds import Rounds
from netlet.searching.cross_validation.scoring import Scoring
from netlet.searching.strategies.names import STRATEGIES
from netlet.searching.strategies.specification import StrategySpecification
from netlet.searching.trial import Strategy
from netlet.training.team import available_threads

_AT_LEAST_1 = Interval(Integral, 1, None, closed="left")


class PopulationSearchCV(BaseSearchCV):
    """Search for the best settings of an estimator: candidates and folds are trained as one population.

    It stands in for scikit-learn's `RandomizedSearchCV` and `GridSearchCV`: the same candidates for the same
    `random_state`, the same scores to the last bit, the same attributes; and for `HalvingRandomSearchCV`, with further
    rungs. Where these start processes, it trains one network a thread in this process: the longest first, BLAS kept to
    one thread, each fold sliced once and read by all candidates. netlet's training does not hold Python's lock, so that
    threads train at once; an estimator written in Python gains nothing from them. The results do not depend on the
    number of threads.

    Parameters
    ----------
    estimator : estimator
        Any of scikit-learn's kind, a `Pipeline` too. netlet's within it train on one thread each while the search is
        on, unless the space sets ``n_threads``; the refit has them as they were given.
    space : dict, or list of dicts
        For each name of a parameter, as `set_params` knows it, a list of values, a distribution with ``rvs`` (of
        `scipy.stats`), or one of netlet's scales. Of several dicts one is drawn for each candidate.
    n_iter : int, >= 1, default 64
        The number of candidates; without meaning for "grid". Never more than there are combinations of lists.
    strategy : str or strategy, default "random"
        "random": `n_iter` drawn candidates, trained to their end: those of scikit-learn's `ParameterSampler`. "grid":
        every combination of lists. "coarse_to_fine", "tpe" (with Optuna), "halving", "hyperband", or an object such as
        ``Halving(factor=4)``: those of `netlet.searching.strategies`. For these a space is one dict, and distributions
        have quantiles (``ppf``). The last two train candidates a little and go on with the best; see Notes.
    scoring : str, callable, list, tuple, dict or None
        As scikit-learn has it; default: the estimator's own score.
    cv : int, splitter, iterable of (train, test), or None
        As scikit-learn has it; default: 5 folds. It is asked for its splits once.
    refit : bool, str or callable, default True
        Whether to fit the best one on all samples in the end. With several metrics the name of the one that counts; a
        callable is given `cv_results_` and returns `best_index_`.
    n_threads : int, >= 1, optional
        Default: as many as there are processors to use.
    random_state : int, RandomState or None
        Decides the candidates. The trainings' chance is decided by the estimator's own `random_state`.
    error_score : float or "raise", default nan
        The score of a training that fails, of which a `FitFailedWarning` tells. If all fail, it is an error.
    return_train_score : bool, default False
    verbose : int, default 0
        1: a line with what is done and the best so far; 2: one more line for each candidate.
    resource : str, default "auto"
        For "halving" and "hyperband": the parameter that says how long a candidate trains; "auto": ``max_iter`` of the
        estimator, of a pipeline's last step.
    max_resources : int >= 1, or "auto", default "auto"
        What those get of it that are trained to their end; "auto": what the estimator is set to.

    Attributes
    ----------
    cv_results_ : dict of str to array
        As scikit-learn has it. With "halving" and "hyperband" a candidate has a row for each rung that it came to, and
        there are the columns ``iter``, the round, and ``n_resources``; its ``fit_time`` is that of the rung alone.
    best_estimator_ : estimator
        Fitted on all samples, if `refit`.
    best_score_ : float
        The mean of the folds' scores; with "halving" and "hyperband" of those trained longest.
    best_params_ : dict
    best_index_ : int
    scorer_ : callable, or dict of them
    n_splits_ : int
    refit_time_ : float
    multimetric_ : bool
    classes_, n_features_in_, feature_names_in_
        Of the best estimator.

    Raises
    ------
    ValueError
        If the space is empty, a name is no parameter of the estimator, or all trainings fail.
    KeyboardInterrupt
        Ctrl-C ends the running trainings of netlet at their next epoch, and the search with them.

    Notes
    -----
    With "halving" or "hyperband" and one of netlet's estimators, alone or as a pipeline's last step, the candidates
    that stay go on where they are: their estimators are kept, for each fold, and get only the further epochs, while
    scikit-learn fits anew. They are trained as if each had `max_resources` epochs and were paused: a schedule of the
    learning rate stretches over all of them, the optimizer's memory goes on, and with ``shuffle=False`` the result
    equals that of one long training to the last bit. With ``shuffle=True`` it does not, because the order of the
    samples is drawn from the identity again after a pause, as ``warm_start`` has it. Full-batch methods keep the
    weights and begin a new estimate of the curvature. Ensembles with ``warm_start`` go on with further members for
    ``resource="n_estimators"``. All others, and those with ``early_stopping=True``, whose held-out samples would
    change, are trained anew on each rung.

    The refit is a training from the beginning with `best_params_`.

    The slices of all folds are held at once: `n_splits_` times the memory of X. Arrays are read-only to the estimators.

    Examples
    --------
    >>> from netlet.estimators import MLPClassifier
    >>> from netlet.searching.population_search import PopulationSearchCV
    >>> from scipy.stats import loguniform
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier(solver="lbfgs", tol=1e-2, random_state=0)
    >>> space = {"hidden_layer_sizes": [(4,), (8,)], "alpha": loguniform(0.01, 1.0)}
    >>> search = PopulationSearchCV(model, space, n_iter=4, cv=3, random_state=0).fit(X, y)
    >>> bool(search.best_score_ > 0.9)
    True
    """

    _parameter_constraints: dict[str, Any] = {  # noqa: RUF012
        "estimator": [HasMethods(["fit"])],
        "space": [dict, list, tuple],
        "n_iter": [_AT_LEAST_1],
        "strategy": [StrOptions({"random", "grid", *STRATEGIES}), StrategySpecification],
        "scoring": [StrOptions(set(get_scorer_names())), callable, list, tuple, dict, None],
        "cv": ["cv_object"],
        "refit": ["boolean", str, callable],
        "n_threads": [_AT_LEAST_1, None],
        "random_state": ["random_state"],
        "error_score": [StrOptions({"raise"}), Real],
        "return_train_score": ["boolean"],
        "verbose": ["verbose"],
        "resource": [str],
        "max_resources": [StrOptions({"auto"}), _AT_LEAST_1],
    }

    def __init__(
        self,
        estimator: Any,
        space: Any,
        *,
        n_iter: int = 64,
        strategy: Any = "random",
        scoring: Any = None,
        cv: Any = None,
        refit: Any = True,
        n_threads: int | None = None,
        random_state: Any = None,
        error_score: Any = np.nan,
        return_train_score: bool = False,
        verbose: int = 0,
        resource: str = "auto",
        max_resources: Any = "auto",
    ) -> None:
        self.estimator = estimator
        self.space = space
        self.n_iter = n_iter
        self.strategy = strategy
        self.scoring = scoring
        self.cv = cv
        self.refit = refit
        self.n_threads = n_threads
        self.random_state = random_state
        self.error_score = error_score
        self.return_train_score = return_train_score
        self.verbose = verbose
        self.resource = resource
        self.max_resources = max_resources

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, **params: Any) -> PopulationSearchCV:
        """Train all candidates in all folds, and the best one on all samples.

        Parameters
        ----------
        X : array-like or sparse matrix, (n_samples, n_features)
        y : array-like, (n_samples,) or (n_samples, n_outputs), optional
        **params
            ``groups`` for the splitter; what else goes with the samples, such as ``sample_weight``, is sliced with
            them and given to the estimators' `fit`. With scikit-learn's metadata routing as that decides.

        Returns
        -------
        PopulationSearchCV
            Itself.

        Raises
        ------
        ValueError
            See the class.
        """
        scorers, metric = self._get_scorers()
        X, y = indexable(X, y)
        routed = self._get_routed_params_for_fit(_check_method_params(X, params=params))
        space = check_space(self.space)
        resource = self._resource(space)
        strategy = self._course(space, resource)

        base = clone(self.estimator)
        folds = self._folds(base, X, y, routed)
        names = getattr(scorers, "_scorers", None)
        scoring = Scoring(scorers, None if names is None else tuple(names), self.error_score, self.return_train_score)
        tasks = Tasks(self, arguments_of(X, y, params))
        n_threads = self.n_threads or available_threads()
        with ProgressLine(int(self.verbose), len(folds)) as line:
            rounds = Rounds(base, folds, scoring, resource, n_threads, line, tasks, self.refit)
            rounds.run(strategy)
        results = self._format_results(rounds.settings, len(folds), rounds.outcomes, rounds.more)
        first = rounds.outcomes[0]["test_scores"]
        self.multimetric_ = isinstance(first, dict)
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(first)
            metric = self.refit
        self._choose(results, metric)
        if self.refit:
            self._refit(base, X, y, routed.estimator.fit, tasks)
        self.scorer_ = scorers if names is None else names
        self.cv_results_ = results
        tasks.end()
        return self

    def _folds(self, base: Any, X: Any, y: Any, routed: Any) -> list[Fold]:
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        self.n_splits_ = cv.get_n_splits(X, y, **routed.splitter.split)
        splits = list(cv.split(X, y, **routed.splitter.split))
        if len(splits) != self.n_splits_:
            raise ValueError(
                f"cv.split and cv.get_n_splits return inconsistent results. Expected {self.n_splits_} splits, got "
                f"{len(splits)}"
            )
        return [Fold.of(base, X, y, each, routed.estimator.fit, routed.scorer.score) for each in splits]

    def _course(self, space: list[dict[str, Any]], resource: Resource | None) -> Strategy:
        if self.strategy == "grid":
            return OneRound(all_of(space))
        if self.strategy == "random":
            return OneRound(some_of(space, self.n_iter, self.random_state))
        if not isinstance(self.refit, str) and isinstance(self.scoring, (list, tuple, dict)):
            raise ValueError(
                f"refit={self.refit!r} names no metric, and strategy={self.strategy!r} goes by one; give refit one of "
                "the names in scoring"
            )
        return course_of(self.strategy, space, self.n_iter, 1 if resource is None else resource.most, self.random_state)

    def _resource(self, space: list[dict[str, Any]]) -> Resource | None:
        """Return what the strategy trains candidates with in parts; None where it trains each to its end."""
        if self.strategy == "grid" or not trains_in_parts(self.strategy):
            return None
        resource = Resource.of(self.estimator, self.resource, self.max_resources)
        if any(resource.name in each for each in space):
            raise ValueError(
                f"space has {resource.name!r}, which strategy={self.strategy!r} sets itself as the resource; leave it "
                "out, or name another resource"
            )
        return resource

    def _choose(self, results: dict[str, Any], metric: Any) -> None:
        if not self.refit and self.multimetric_:
            return
        if "n_resources" in results and not callable(self.refit):
            longest = np.flatnonzero(results["n_resources"] == results["n_resources"].max())
            self.best_index_ = longest[results[f"rank_test_{metric}"][longest].argmin()]
        else:
            self.best_index_ = self._select_best_index(self.refit, metric, results)
        if not callable(self.refit):
            self.best_score_ = results[f"mean_test_{metric}"][self.best_index_]
        self.best_params_ = results["params"][self.best_index_]

    def _refit(self, base: Any, X: Any, y: Any, fit_params: dict[str, Any], tasks: Tasks) -> None:
        self.best_estimator_ = clone(base).set_params(**clone(self.best_params_, safe=False))
        started = time.perf_counter()
        with tasks.refitting(self.best_estimator_):
            self.best_estimator_.fit(X, *(() if y is None else (y,)), **fit_params)
        self.refit_time_ = time.perf_counter() - started
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_

    def _run_search(self, _evaluate_candidates: Callable[..., Any]) -> None:
        """Stand for what `fit` does itself; scikit-learn's base asks for it."""
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.array_api_support = False
        return tags
