"""Whole calls of `fit` of an estimator with scikit-learn's interface; an "epoch" of a measurement is one call."""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from peers import Run
from tasks import Task


def whole_fits(estimator: Any, task: Task, X: Any, y: Any, **settings: Any) -> Run:
    """Return a run that builds the estimator and fits it; it raises where fewer epochs were run than asked for."""

    def run(epochs: int) -> list[float]:
        for _ in range(epochs):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                model = estimator(**task.settings, **settings).fit(X, y)
            if model.n_iter_ != task.max_iter:
                raise RuntimeError(f"{model.n_iter_} epochs were run where {task.max_iter} were asked for")
        return []

    return run
