"""netlet's estimator as anybody asks it: `MLPClassifier.predict_proba`, with its checks."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from netlet import MLPClassifier
from peers import Run, row_by_row
from shapes import Shape


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:  # noqa: ARG001
    """Return the ordinary call."""
    model = MLPClassifier(shape.hidden, activation=shape.activation, max_iter=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    return {"(1, n) float32": row_by_row(model.predict_proba, X)}
