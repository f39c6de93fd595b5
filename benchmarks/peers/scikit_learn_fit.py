"""scikit-learn's MLPClassifier and MLPRegressor, as anybody calls them."""

from __future__ import annotations

from typing import Any

from sklearn.neural_network import MLPClassifier, MLPRegressor

from peers import Run
from peers.fitting import whole_fits
from tasks import Task


def forms(task: Task, X: Any, y: Any, n_threads: int) -> dict[str, Run]:  # noqa: ARG001
    """Return the one form there is; OpenBLAS takes its threads from the environment of the process."""
    return {"fit": whole_fits(MLPClassifier if task.classifies else MLPRegressor, task, X, y)}
