"""scikit-learn's GridSearchCV over `MLPClassifier`, by joblib on all cores, one candidate for each configuration.

joblib starts its processes in the first search and keeps them for the next ones; it gives each as many threads of
OpenBLAS as leave the cores to all. One fixed split, no refit, every rule that ends a fit early switched off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from sklearn.neural_network import MLPClassifier

from configurations import BATCH_SIZE, Configuration, digits


def scored(model: MLPClassifier, X: Any, y: Any) -> float:
    """Return the accuracy; raise where fewer epochs were run than asked for."""
    if model.n_iter_ != model.max_iter:
        raise RuntimeError(f"{model.n_iter_} epochs were run where {model.max_iter} were asked for")
    return float(model.score(X, y))


def searches(configurations: Sequence[Configuration], epochs: int) -> Callable[[], list[float]]:
    """Return the search; it gives the validation accuracies."""
    data = digits()
    X = np.concatenate([data.X, data.X_validation])
    y = np.concatenate([data.y, data.y_validation])
    fold = np.repeat([-1, 0], [len(data.X), len(data.X_validation)])
    candidates = [
        {"hidden_layer_sizes": [one.hidden], "learning_rate_init": [one.learning_rate], "random_state": [one.seed]}
        for one in configurations
    ]
    model = MLPClassifier(
        batch_size=BATCH_SIZE, max_iter=epochs, alpha=0.0, tol=0.0, n_iter_no_change=epochs + 1
    )  # ReLU and Adam are its defaults

    def search() -> list[float]:
        grid = GridSearchCV(
            model, candidates, scoring=scored, cv=PredefinedSplit(fold), refit=False, n_jobs=-1, error_score="raise"
        )
        grid.fit(X, y)
        return [float(score) for score in grid.cv_results_["mean_test_score"]]

    return search
