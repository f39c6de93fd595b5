"""A member of the population: one candidate in one fold, which is trained and scored, and may go on."""

from __future__ import annotations

import time
from traceback import format_exc
from typing import Any

from sklearn.base import clone

from netlet.searching.cross_validation.callbacks import Tasks, arguments_of
from netlet.searching.cross_validation.folds import Fold
from netlet.searching.cross_validation.resource import Resource
from netlet.searching.cross_validation.scoring import Scoring
from netlet.searching.cross_validation.stopping import Stop

Outcome = dict[str, Any]


class Member:
    """One candidate in one fold.

    Parameters
    ----------
    estimator : estimator
        With the candidate's settings; it is copied.
    fold : Fold
    scoring : Scoring
    stop : Stop
    """

    def __init__(self, estimator: Any, fold: Fold, scoring: Scoring, stop: Stop) -> None:
        self.estimator, self.fold, self.scoring, self.stop = estimator, fold, scoring, stop
        self.fitted: Any = None
        self.done = 0
        self.outcome: Outcome = {}

    def train(self, tasks: Tasks, task: Any) -> Outcome:
        """Train it once and for all; return its times and scores."""
        return self._train(clone(self.estimator), tasks, task)

    def train_to(self, amount: int, resource: Resource, tasks: Tasks, task: Any) -> Outcome:
        """Train it until it has had so much of a resource in all: it goes on from where it is, if it can.

        Parameters
        ----------
        amount : int
        resource : Resource
        tasks : Tasks
        task : object
            Its own among them.
        """
        if self.fitted is not None and resource.is_over(self.fitted):
            return self.outcome | {"fit_time": 0.0, "score_time": 0.0}
        if self.fitted is None:
            self.fitted, self.done = clone(self.estimator), 0
        estimator = self.fitted
        resource.allow(estimator, amount, self.done)
        outcome = self._train(estimator, tasks, task)
        failed = outcome["fit_error"] is not None
        self.fitted, self.done = (None, 0) if failed or resource.way(estimator) is None else (estimator, amount)
        return outcome

    def _train(self, estimator: Any, tasks: Tasks, task: Any) -> Outcome:
        scoring, fold = self.scoring, self.fold
        labels = () if fold.y_train is None else (fold.y_train,)
        started = time.perf_counter()
        error: str | None = None
        try:
            with tasks.training(task, estimator, arguments_of(fold.X_train, fold.y_train, fold.fit_params)):
                estimator.fit(fold.X_train, *labels, **fold.fit_params)
        except Exception:
            if scoring.raises:
                raise
            found, error = scoring.of_failed(), format_exc()
            fitted = scored = time.perf_counter()
            train_found = scoring.of_failed()
        else:
            fitted = time.perf_counter()
            # Nobody reads the scores of a search that was broken off.
            found = scoring.of_failed() if self.stop.asked else scoring.test(estimator, fold)
            scored = time.perf_counter()
            if scoring.train_too:
                train_found = scoring.of_failed() if self.stop.asked else scoring.train(estimator, fold)
        self.outcome = {
            "fit_error": error,
            "fit_time": fitted - started,
            "score_time": scored - fitted,
            "test_scores": found,
        }
        if scoring.train_too:
            self.outcome["train_scores"] = train_found
        return self.outcome
