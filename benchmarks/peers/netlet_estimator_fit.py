"""netlet's MLPClassifier and MLPRegressor, as anybody calls them, with a number of threads."""

from __future__ import annotations

from typing import Any

from netlet import MLPClassifier, MLPRegressor
from peers import Run
from peers.fitting import whole_fits
from tasks import Task


def forms(task: Task, X: Any, y: Any, n_threads: int) -> dict[str, Run]:
    """Return the one form there is."""
    return {"fit": whole_fits(MLPClassifier if task.classifies else MLPRegressor, task, X, y, n_threads=n_threads)}
