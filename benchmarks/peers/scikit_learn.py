"""scikit-learn's MLPClassifier and MLPRegressor.

`fit` with the epochs as `max_iter` and every stopping rule off: one check of the data for many epochs. `partial_fit`
called once an epoch took the same time when it was tried. scikit-learn always computes the loss it prints.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from peers import Run
from shapes import Shape


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:  # noqa: ARG001
    """Return the one form there is; OpenBLAS takes its threads from the environment of the process."""
    estimator = MLPClassifier if shape.classifies else MLPRegressor

    def run(epochs: int) -> list[float]:
        model = estimator(
            hidden_layer_sizes=shape.hidden,
            activation=shape.activation,
            solver="adam",
            alpha=0.0,
            batch_size=shape.batch_size,
            learning_rate_init=1e-3,
            max_iter=epochs,
            shuffle=True,
            tol=0.0,
            n_iter_no_change=epochs + 1,
            random_state=0,
        )
        with sklearn.config_context(assume_finite=True), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y)
        if model.n_iter_ != epochs:
            raise RuntimeError(f"{model.n_iter_} epochs were run where {epochs} were asked for")
        return []

    return {"fit": run}
