"""scikit-learn's `MLPClassifier.predict_proba`, with its checks and with `assume_finite`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from peers import Run, row_by_row
from shapes import Shape


def fitted(shape: Shape, X: NDArray[np.float32], y: NDArray[Any]) -> MLPClassifier:
    """Return a model that has seen the data once: how good it is does not matter here."""
    model = MLPClassifier(shape.hidden, activation=shape.activation, max_iter=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y)


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:  # noqa: ARG001
    """Return both ways."""
    checked = row_by_row(fitted(shape, X, y).predict_proba, X)

    def unchecked(epochs: int) -> list[float]:
        with sklearn.config_context(assume_finite=True):
            return checked(epochs)

    return {"predict_proba": checked, "predict_proba, assume_finite": unchecked}
